package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/musterhq/muster/cmd"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/game/swarm"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// until ends a run when what it has come to will do.
type until struct {
	enough func(*Progress) bool
	end    context.CancelFunc
}

func (u until) show(p *Progress) {
	if u.enough(p) {
		u.end()
	}
}

// mustRun runs until enough, for two minutes at most.
func mustRun(t *testing.T, ctx context.Context, cfg Config, enough func(*Progress) bool) *Report {
	t.Helper()
	cfg.For = 2 * time.Minute
	if err := cfg.complete(0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	met := false
	r := Run(ctx, cfg, until{func(p *Progress) bool { met = enough(p); return met }, cancel})
	if !met {
		t.Fatalf("it does not come to that: %+v", r)
	}
	return r
}

// TestPlayersComeAndGo: those who are cut off come back to their seats, those
// who leave queue again, and none of it is an error or a wrong picture.
func TestPlayersComeAndGo(t *testing.T) {
	t.Parallel()
	ctx, s := mustServe(t, cmd.Config{}, arena.NewMode(arena.Options{Name: "long", Seats: 4, FillAfter: time.Millisecond}))
	cfg := Config{Server: s.URL(), Mode: "long", Clients: 4, Churn: Churn{Leave: time.Second, Cut: 200 * time.Millisecond, Back: 20 * time.Millisecond, Away: 20 * time.Millisecond}}
	r := mustRun(t, ctx, cfg, func(p *Progress) bool { return p.Resumes > 3 && p.Walkouts > 1 })
	if r.Errors != 0 || r.Desyncs != 0 || r.Lost != 0 || r.Cuts < r.Resumes || r.Joined != 4 {
		t.Errorf("%+v", r)
	}
	var cuts, walkouts int64
	for _, p := range r.Series {
		if p.Playing > 4 {
			t.Errorf("%d of 4 play", p.Playing)
		}
		cuts, walkouts = cuts+p.Cuts, walkouts+p.Walkouts
	}
	if cuts == 0 || walkouts == 0 || cuts > r.Cuts || walkouts > r.Walkouts {
		t.Errorf("by second %d cut off and %d left, in all %d and %d", cuts, walkouts, r.Cuts, r.Walkouts)
	}
}

// TestAMixIsPlayed by players each of whom plays its own mode, on addresses of
// which one does not answer: all get into matches by the other.
func TestAMixIsPlayed(t *testing.T) {
	t.Parallel()
	ctx, s := mustServe(t, cmd.Config{}, arena.NewMode(arena.Options{Name: "arena-teams", Map: "twin", Seats: 8, Teams: 2, FillAfter: time.Millisecond}))
	cfg := Config{Server: "http://127.0.0.1:1," + s.URL(), Mode: "arena-ffa=2,arena-teams", Clients: 6}
	r := mustRun(t, ctx, cfg, func(p *Progress) bool { return p.Joined == 6 && p.Updates > 100 })
	if r.Failovers < 3 || r.Errors < 3 || r.Desyncs != 0 {
		t.Errorf("%+v", r)
	}
	for i, want := range []ModeReport{{Mode: "arena-ffa", Players: 4}, {Mode: "arena-teams", Players: 2}} {
		if got := r.Modes[i]; got.Mode != want.Mode || got.Players != want.Players || got.Joins < int64(want.Players) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if sum := r.Modes[0].Updates + r.Modes[1].Updates; sum != r.Updates {
		t.Errorf("%d updates by mode, %d in all", sum, r.Updates)
	}
}

// TestSomeWatch: matches of the arena as they are played, and later, and a plane
// from the seats of its players; those who are cut off come back, all that they
// are shown is right, and none of it counts among those who play.
func TestSomeWatch(t *testing.T) {
	t.Parallel()
	later := arena.NewMode(arena.Options{Name: "later", Seats: 4, FillAfter: time.Millisecond})
	later.Spectators.Delay = 200 * time.Millisecond
	plane := swarm.NewMode(swarm.Options{Name: "plane", Seats: 20, Bots: 10, FillAfter: time.Millisecond})
	ctx, s := mustServe(t, cmd.Config{}, later, plane)
	cfg := Config{Server: s.URL(), Mode: "later,plane", Clients: 8, Watch: 4, Churn: Churn{Cut: 500 * time.Millisecond, Back: 20 * time.Millisecond}}
	r := mustRun(t, ctx, cfg, func(p *Progress) bool {
		return p.Joined == 4 && p.Watch.Joined == 4 && p.Watch.Joins > 6 && p.Watch.Updates > 40
	})
	w := r.Watchers
	if r.Errors != 0 || r.Desyncs != 0 || r.Lost != 0 || r.Clients != 4 || r.Joined != 4 {
		t.Errorf("%+v", r)
	}
	if w.Clients != 4 || w.Joined != 4 || w.Joins <= 6 || w.Updates <= 40 || w.Gap.P50 == 0 || w.BytesPerClientS == 0 || w.Missed != 0 || len(w.Goodbyes) != 0 {
		t.Errorf("%+v", w)
	}
	for _, m := range r.Modes {
		if m.Players != 2 {
			t.Errorf("%d play %s", m.Players, m.Mode)
		}
	}
}

// TestWatchersAreSpread over all who are simulated, and are of every mode.
func TestWatchersAreSpread(t *testing.T) {
	for _, c := range []struct{ of, n int }{{1, 0}, {1, 1}, {7, 3}, {100, 20}, {50, 50}} {
		cfg := Config{Clients: c.of, Watch: c.n}
		n := 0
		for i := range c.of {
			if cfg.watches(i) {
				n++
			}
			if ahead := n*c.of - c.n*(i+1); ahead > 0 || ahead <= -c.of {
				t.Errorf("%d of the first %d of %d watch, %d in all", n, i+1, c.of, c.n)
			}
		}
	}
}

func TestOnlyTheWordOfAHealthyServerIsFinal(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&client.Problem{Status: 429}, true},
		{fmt.Errorf("ticket: %w", &client.Problem{Status: 404}), true},
		{&client.Problem{Status: 503}, false},
		{fmt.Errorf("play: %w", protocol.Kicked), true},
		{protocol.Draining, false},
		{protocol.Refused{}, true},
		{io.EOF, false},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, false},
	} {
		if got := answered(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

// TestOneCauseIsCountedOnce: whatever the ticket and the port were.
func TestOneCauseIsCountedOnce(t *testing.T) {
	dial := func(port int) error {
		at := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 8080}
		return &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: port}, Addr: at, Err: syscall.ECONNRESET}
	}
	cfg := Config{Server: "http://x", Clients: 1, For: time.Second}
	if err := cfg.complete(0); err != nil {
		t.Fatal(err)
	}
	s := newStats(&cfg)
	for i := range 3 {
		s.failed(fmt.Errorf("queue: %w", &url.Error{Op: "Get", URL: fmt.Sprint("http://x/v1/tickets/", i), Err: dial(1000 + i)}))
	}
	s.failed(errors.New("another"))
	if _, got := s.told(); len(got) != 2 || got["queue: read 10.0.0.1:8080: connection reset by peer"] != 3 {
		t.Errorf("got %v", got)
	}
}
