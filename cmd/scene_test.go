package cmd

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// A scene is a server on which healthy players are in the middle of a match,
// some seats of which belong to villains. Whatever a test has the villains do,
// check says whether it has cost the others anything.
type scene struct {
	*Server
	ctx      context.Context
	trust    *tls.Config // of clients; nil without TLS
	api      *client.API
	match    protocol.MatchID
	players  []*player
	villains []*client.Session
	log      *journal
	began    time.Time
}

const (
	healthy = 3
	evil    = 5
)

// crowd takes as many as come, and all at once, so that the healthy and the
// evil meet.
func crowd() game.Mode {
	return arena.NewMode(arena.Options{Name: "crowd", Seats: healthy + evil, MinPlayers: healthy + evil, RoundSeconds: 3600})
}

// alone puts a player in a match of its own, with a bot.
func alone() game.Mode {
	return arena.NewMode(arena.Options{Name: "alone", Seats: 2, RoundSeconds: 3600, FillAfter: time.Millisecond})
}

// mustScene starts a server, under TLS if cfg has a certificate of ca's. It is
// patient with requests, for a hundred clients begin at once on shared cores.
func mustScene(t *testing.T, cfg Config, ca *authority) *scene {
	t.Helper()
	sc := &scene{log: &journal{}}
	cfg.Log, cfg.logTo = "warn", sc.log
	cfg.headWait, cfg.pongWait = cmp.Or(cfg.headWait, patience), patience
	sc.Server = mustServer(t, cfg, crowd(), alone(), tally())
	t.Cleanup(func() { sc.log.empty(t) }) // before the server drains, which is worth a line
	var reach []client.Option
	if ca != nil {
		sc.trust = ca.trust()
		reach = append(reach, client.WithTLS(sc.trust))
	}
	sc.api = client.New(sc.URL(), reach...)
	t.Cleanup(sc.api.Close)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	sc.ctx = ctx
	sc.begin(t)
	return sc
}

// begin seats everyone. The villains then cut their connections; their seats
// are kept long enough for what they are up to.
func (sc *scene) begin(t *testing.T) {
	t.Helper()
	sessions, tickets := sc.place(t, "crowd", healthy+evil)
	sc.match = tickets[0].Assignment.Match
	sc.players = make([]*player, healthy)
	peers := make([]*peer, len(sessions))
	var joining sync.WaitGroup
	for i := range sessions {
		joining.Go(func() {
			if i < healthy {
				sc.players[i] = sc.play(t, sessions[i], tickets[i].Assignment)
				return
			}
			peers[i] = sc.enter(t, sessions[i])
			peers[i].send(protocol.Join{Match: sc.match, Pass: tickets[i].Assignment.Pass})
			peers[i].awaitFrame(t)
		})
	}
	joining.Wait()
	if t.Failed() {
		t.FailNow()
	}
	sc.villains, sc.began = sessions[healthy:], time.Now()
	sc.check(t)
	for _, p := range peers[healthy:] {
		p.Close()
	}
}

// place logs in n players and has them placed together.
func (sc *scene) place(t *testing.T, mode string, n int) ([]*client.Session, []client.Ticket) {
	t.Helper()
	sessions, tickets := make([]*client.Session, n), make([]client.Ticket, n)
	var placing sync.WaitGroup
	for i := range n {
		placing.Go(func() {
			var err error
			if sessions[i], err = sc.api.LoginGuest(sc.ctx, fmt.Sprint("player ", i)); err == nil {
				tickets[i], err = sessions[i].CreateTicket(sc.ctx, mode)
			}
			if err == nil {
				tickets[i], err = sessions[i].AwaitPlaced(sc.ctx, tickets[i].ID)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	placing.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return sessions, tickets
}

// A player is a healthy one, and what reached it. Its fields are the Game's,
// to be looked at in With.
type player struct {
	*client.Game
	frames int
	first  game.Tick
}

func (sc *scene) play(t *testing.T, s *client.Session, a client.Assignment) *player {
	p := &player{}
	g, err := s.Join(sc.ctx, a, client.Options{
		Bot:   func(j *protocol.Joined) game.Bot { return game.RandomBot(j.Schema)(j.Seat, 1) },
		Watch: func(m *protocol.Mirror, _ int, _ time.Time) { p.saw(m) },
	})
	if err != nil {
		t.Error(err)
		return nil
	}
	p.Game = g
	t.Cleanup(func() { g.Cut(); <-g.Done() })
	return p
}

func (p *player) saw(m *protocol.Mirror) {
	if p.frames++; p.frames == 1 {
		p.first = m.Now().Tick
	}
}

// check says whether the healthy players have lost anything so far: their
// match goes on, over the same connections, and they hold what the server
// holds. At what pace is logged and no more: the attackers, the server and these
// players share slow cores with other tests.
func (sc *scene) check(t *testing.T) {
	t.Helper()
	for _, p := range sc.players {
		awaitTicks(sc.ctx, t, p.Game, 3)
		p.With(func(m *protocol.Mirror) {
			ticks := int(m.Now().Tick-p.first) + 1
			if m.Desyncs > 0 {
				t.Errorf("a healthy player has %d desyncs", m.Desyncs)
			}
			due := int(time.Since(sc.began).Seconds() * 30)
			t.Logf("a healthy player has %d frames of %d ticks, %d were due", p.frames, ticks, due)
		})
	}
}

// A journal is a log that a test looks into. Safe for concurrent use.
type journal struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.all.String()
}

// empty fails the test where something was logged: what anybody can cause at
// will must not fill the log. That a tick took long is the machine's doing.
func (j *journal) empty(t *testing.T) {
	t.Helper()
	for line := range strings.Lines(j.String()) {
		if !strings.Contains(line, `msg="rules do not return"`) {
			t.Errorf("logged %s", line)
		}
	}
}
