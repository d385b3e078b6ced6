package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// starts of what a silent client never finishes, or says instead of a pong.
var silences = map[string][]byte{
	"nothing":         nil,
	"half a header":   {0x82},
	"half a frame":    frame(0x82, "half a message, and no more")[:20],
	"half a message":  frame(0x02, "the first fragment"),
	"another's pong":  frame(0x8a, "\x00\x00\x00\x00\x00\x00\x00\x63"),
	"half a close":    {0x88, 0x82, 0},
	"a long announce": {0x82, 0xfe, 0x10, 0x00, 0, 0, 0, 0},
}

// TestSilentSockets opens 500 sockets that never answer, on the real binary,
// whose own metrics say what they cost. All are closed by name soon after the
// first ping was due, and leave nothing behind; a match beside them goes on.
func TestSilentSockets(t *testing.T) {
	t.Parallel()
	const n = 500
	s := mustProcess(t, nil, "-hidden", "-log", "error", "-countdown", "100ms")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.url)
	t.Cleanup(api.Close)
	sessions := mustGuests(ctx, t, api, n+2)
	healthy := mustPlay(ctx, t, sessions[n])
	api.Close()
	before := s.settled(ctx, t, func(m gauges) bool { return m["muster_connections"] == 1 })

	var waiting sync.WaitGroup
	waiting.Go(func() { silentInTheMatch(ctx, t, s, sessions[n+1]) })
	waiting.Go(func() { halfBodies(t, s) })
	names := make([]string, 0, len(silences))
	for name := range silences {
		names = append(names, name)
	}
	for i := range n {
		p, err := s.socket(sessions[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = p.Write(silences[names[i%len(names)]])
		waiting.Go(func() {
			defer p.Close()
			if got := p.goodbye(); got != error(protocol.Silent) {
				t.Errorf("%s: %v, want %v", names[i%len(names)], got, protocol.Silent)
			}
		})
	}
	during := s.settled(ctx, t, func(m gauges) bool { return m["muster_connections"] > 1 }) // the first may be gone by the time the last has come
	kib := (during["process_resident_memory_bytes"] - before["process_resident_memory_bytes"]) / n / 1024
	if t.Logf("a silent socket takes %.0f KiB", kib); kib > 100 {
		t.Error("that is too much")
	}
	waiting.Wait()
	s.settled(ctx, t, func(m gauges) bool {
		return m["muster_connections"] == 1 && m["go_goroutines"] <= before["go_goroutines"]+3 &&
			m["process_open_fds"] <= before["process_open_fds"]+3
	})
	awaitTicks(ctx, t, healthy, 3)
	healthy.With(func(m *protocol.Mirror) {
		if m.Desyncs > 0 {
			t.Errorf("%d desyncs", m.Desyncs)
		}
	})
}

// mustGuests logs in n players, a few at a time.
func mustGuests(ctx context.Context, t *testing.T, api *client.API, n int) []*client.Session {
	t.Helper()
	sessions := make([]*client.Session, n)
	var logins sync.WaitGroup
	for worker := range 8 {
		logins.Go(func() {
			for i := worker; i < n; i += 8 {
				var err error
				if sessions[i], err = api.LoginGuest(ctx, fmt.Sprint("guest ", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	logins.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return sessions
}

// mustPlay takes a session the whole way into a match.
func mustPlay(ctx context.Context, t *testing.T, s *client.Session) *client.Game {
	t.Helper()
	ticket, err := s.CreateTicket(ctx, "bench-10")
	if err == nil {
		ticket, err = s.AwaitPlaced(ctx, ticket.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Join(ctx, ticket.Assignment, client.Options{
		Bot: func(j *protocol.Joined) game.Bot { return game.RandomBot(j.Schema)(j.Seat, 1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Cut(); <-g.Done() })
	return g
}

// silentInTheMatch takes a seat and says nothing any more: the seat is played
// for it at first, then the connection ends.
func silentInTheMatch(ctx context.Context, t *testing.T, s *process, who *client.Session) {
	ticket, err := who.CreateTicket(ctx, "bench-10")
	if err == nil {
		ticket, err = who.AwaitPlaced(ctx, ticket.ID)
	}
	var p *peer
	if err == nil {
		p, err = s.socket(who)
	}
	if err != nil {
		t.Error(err)
		return
	}
	defer p.Close()
	p.send(protocol.Join{Match: ticket.Assignment.Match, Pass: ticket.Assignment.Pass})
	p.awaitFrame(t)
	_, _ = p.Write(message(protocol.AppendInput(nil, &protocol.Input{}, make([]game.Field, 3)))[:9])
	if got := p.goodbye(); got != error(protocol.Silent) {
		t.Errorf("silent in the match: %v, want %v", got, protocol.Silent)
	}
}

// halfBodies announce a body and do not send it.
func halfBodies(t *testing.T, s *process) {
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			p, err := dial(strings.TrimPrefix(s.url, "http://"), nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer p.Close()
			_, _ = io.WriteString(p, "POST /v1/login/guest HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"name\":")
			if _, err := io.Copy(io.Discard, p); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("half a body is waited for without end")
			}
		})
	}
	waiting.Wait()
}

// socket opens one that stands in the hall.
func (s *process) socket(who *client.Session) (*peer, error) {
	p, err := dial(strings.TrimPrefix(s.url, "http://"), nil)
	if err != nil {
		return nil, err
	}
	if err := p.upgrade(who); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// gauges are a process's metrics that have no labels.
type gauges map[string]float64

// settled reads the metrics until they are as wanted.
func (s *process) settled(ctx context.Context, t *testing.T, wanted func(gauges) bool) gauges {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	for {
		_, text := get(t, s.admin+"/metrics")
		now := gauges{}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
			if v, err := strconv.ParseFloat(value, 64); err == nil {
				now[name] = v
			}
		}
		if wanted(now) {
			return now
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the process does not settle: %v connections, %v goroutines, %v fds",
				now["muster_connections"], now["go_goroutines"], now["process_open_fds"])
		case <-time.After(50 * time.Millisecond):
		}
	}
}
