package lobby

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// TestALobbyInAnyOrder does everything that can be done to a lobby, in any order
// and much of it at the same moment, and drains it or the hall amid that: no
// connection is lost, nobody hears two goodbyes nor is left without any, and
// nothing is left behind.
func TestALobbyInAnyOrder(t *testing.T) {
	for seed := range uint64(60) { // the same each time: a failure has a name to run it by
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var log strings.Builder
			inLobby(t, func(c *Config) {
				c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
				asking(c)
				filled(c)
				c.LeaseTimeout = time.Second
			}, func(w *world) {
				r := &riot{world: w, rnd: rand.New(rand.NewPCG(seed, 0)), torn: map[*peer]bool{}}
				w.t.Cleanup(r.settle) // when the world is no more
				r.run()
			})
			if log.Len() > 0 {
				t.Error(log.String()) // nothing of this is an error, least of all one that was survived
			}
		})
	}
}

// A riot is a world in which anything happens.
type riot struct {
	*world
	rnd    *rand.Rand // of the test's own goroutine
	people []protocol.Player
	peers  []*peer
	of     []protocol.Player // who each peer is
	torn   map[*peer]bool    // hung up: there is nobody to say goodbye to
	asking sync.WaitGroup    // what may block
}

func (r *riot) run() {
	for i := range 8 {
		r.people = append(r.people, r.guest(fmt.Sprint("Player ", i)))
	}
	for range 50 {
		for range r.rnd.IntN(8) {
			r.do()
		}
		switch r.rnd.IntN(5) {
		case 0: // goes on in the same moment
		case 1:
			r.pass(time.Duration(r.rnd.IntN(4000)) * time.Millisecond)
		default:
			r.pass(100 * time.Millisecond)
		}
	}
	switch r.rnd.IntN(4) {
	case 0:
		r.Drain()
	case 1:
		r.hall.Drain(protocol.Draining)
	case 2:
		r.Drain()
		r.hall.Drain(protocol.Draining)
	}
	r.do() // beside it
	r.asking.Wait()
}

// do does one thing, to somebody.
func (r *riot) do() {
	who := r.people[r.rnd.IntN(len(r.people))]
	switch r.rnd.IntN(12) {
	case 0, 1:
		r.peers, r.of = append(r.peers, r.connect(who)), append(r.of, who)
	case 2, 3:
		r.queues(who)
	case 4:
		if x, err := r.store.TicketOf(who.ID); err == nil {
			_ = r.Cancel(who.ID, x.ID)
		}
	case 5, 6:
		if x, err := r.store.TicketOf(who.ID); err == nil {
			_ = r.Accept(who.ID, x.ID, r.rnd.IntN(6) > 0)
		}
	case 7:
		r.up.End(who.ID, "", protocol.Kicked)
	case 8:
		r.launches(who)
	case 9:
		r.hosts()
	default:
		if len(r.peers) > 0 {
			r.says(r.peers[len(r.peers)-1-r.rnd.IntN(min(len(r.peers), 8))])
		}
	}
}

func (r *riot) says(p *peer) {
	switch r.rnd.IntN(4) {
	case 0:
		r.torn[p] = true
		p.nc.Close()
	case 1:
		go p.say(protocol.Join{Match: "none"})
	default:
		go p.say(protocol.Leave{})
	}
}

// queues has a player wait, or two of them.
func (r *riot) queues(who protocol.Player) {
	modes := []string{"ffa", "duel", "trio", "pairs", "asking", "filled"}
	mode := modes[r.rnd.IntN(len(modes))]
	var others []protocol.Player
	if friend := r.people[r.rnd.IntN(len(r.people))]; friend.ID != who.ID && r.rnd.IntN(3) == 0 {
		others = append(others, friend)
	}
	r.asking.Go(func() { _, _ = r.enqueue(who, mode, others...) })
}

// launches makes a match of a player who may wait for another.
func (r *riot) launches(who protocol.Player) {
	plan := Plan{Mode: "ffa", Seats: []protocol.StartSeat{{Seat: game.Seat(r.rnd.IntN(4)), Player: who}}}
	r.asking.Go(func() { _, _ = r.Launch(r.t.Context(), plan) })
}

// hosts changes what hosts say, ends matches, and has seats come free in others.
func (r *riot) hosts() {
	answers := []func(context.Context, protocol.Start) protocol.Placed{host, host, refusing,
		func(ctx context.Context, _ protocol.Start) protocol.Placed { <-ctx.Done(); return protocol.Placed{} }}
	r.hostAnswers(answers[r.rnd.IntN(len(answers))])
	for _, m := range r.store.RunningMatches("", 100, func(*store.Match) bool { return true }) {
		switch r.rnd.IntN(3) {
		case 0:
			r.end(protocol.Ended{Match: m.ID, Mode: m.Mode, Why: "finished"})
		case 1:
			_ = r.bus.Publish(protocol.SubjectSeats, protocol.Marshal(protocol.Seats{Match: m.ID, Revision: uint32(r.rnd.IntN(9)), Free: []game.Seat{1, 2, 3}}))
		}
	}
}

// settle looks at what is left when all has ended.
func (r *riot) settle() {
	r.pass(3 * time.Second)
	for i, p := range r.peers {
		byes := 0
		p.mu.Lock()
		for _, m := range p.heard {
			if _, bye := m.(protocol.Goodbye); bye {
				byes++
			}
		}
		p.mu.Unlock()
		if byes > 1 || byes == 0 && !r.torn[p] {
			r.t.Errorf("peer %d heard %d goodbyes", i, byes)
		}
		if r.up.Connected(r.of[i].ID) {
			r.t.Errorf("a connection of %s is left", r.of[i].Name)
		}
	}
}
