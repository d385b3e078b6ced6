package cmd

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol/client"
)

// TestSignals: the first of either kind is an orderly end with exit code 0,
// and says what a second does.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		s := mustProcess(t, nil, "-drain", "1m")
		if err := s.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		err := <-s.ended
		s.ended <- nil
		if log := s.said.String(); err != nil || !strings.Contains(log, "draining; a second signal ends at once") {
			t.Errorf("%v: %v; said %s", signal, err, log)
		}
	}
}

// TestASecondSignal does not wait for the match that the first waits for.
func TestASecondSignal(t *testing.T) {
	t.Parallel()
	s := mustProcess(t, nil, "-hidden", "-drain", "10m", "-countdown", "1ms")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.url)
	defer api.Close()
	awaitTicks(ctx, t, mustPlay(ctx, t, mustGuests(ctx, t, api, 1)[0]), 3)
	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(s.said.String(), "draining") {
		select {
		case err := <-s.ended:
			t.Fatalf("ended with a match running: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	for { // the very first may still count as of the first
		_ = s.Process.Signal(os.Interrupt)
		select {
		case err := <-s.ended:
			s.ended <- nil
			if err == nil {
				t.Error("what was cut short ended with code 0")
			}
			return
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			t.Fatal("the second signal was not heeded")
		}
	}
}
