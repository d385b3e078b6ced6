//go:build unix

package cmd

import (
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestDescriptorsRunOut: far more connect than the process may have
// descriptors. Those who play play on, the operator can look, some descriptors
// are left, and when the crowd has gone others are let in.
func TestDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	const limit = 200
	few := filepath.Join(t.TempDir(), "few")
	// Another process writes it: where this one had it open, a test that starts
	// a process meanwhile would hand the descriptor on, and what is open for
	// writing cannot be run.
	write := exec.Command("sh", "-c", `cat >"$0" && chmod 700 "$0"`, few)
	write.Stdin = strings.NewReader("#!/bin/sh\nulimit -n 200 && exec " + mustBinary(t) + ` "$@"` + "\n")
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := mustRun(t, few, nil, "-hidden", "-log", "error", "-countdown", "100ms")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.url)
	defer api.Close()
	healthy := mustPlay(ctx, t, mustGuests(ctx, t, api, 1)[0])
	api.Close()

	var crowd []net.Conn
	leave := func() {
		for _, nc := range crowd {
			_ = nc.Close()
		}
		crowd = nil
	}
	defer leave()
	for range 3 * limit {
		if nc, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")); err == nil { // else hung up on already
			crowd = append(crowd, nc)
		}
	}
	full := s.settled(ctx, t, func(m gauges) bool { return m["process_open_fds"] > limit/2 })
	if full["process_max_fds"] != limit || full["process_open_fds"] >= limit {
		t.Errorf("%v of %v descriptors", full["process_open_fds"], full["process_max_fds"])
	}
	awaitTicks(ctx, t, healthy, 10)
	leave()
	other := mustPlay(ctx, t, mustGuests(ctx, t, api, 1)[0])
	awaitTicks(ctx, t, other, 3)
	healthy.With(func(m *protocol.Mirror) {
		if m.Desyncs > 0 {
			t.Errorf("%d desyncs", m.Desyncs)
		}
	})
}
