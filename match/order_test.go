package match

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// order has the host do something, as the lobby does.
func (n *node) order(o protocol.Order) (l protocol.Looked) {
	n.tb.Helper()
	answer, err := n.bus.Request(context.Background(), protocol.SubjectOrder+n.host.id, protocol.Marshal(o))
	if err == nil {
		err = protocol.Unmarshal(answer, &l)
	}
	if err != nil {
		n.tb.Error(err)
	}
	return l
}

// overs are why a peer was told that it is over.
func (p *peer) overs() (whys []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.control {
		if o, ok := m.(protocol.Over); ok {
			whys = append(whys, o.Why)
		}
	}
	return whys
}

// seated says who has a seat: players by id, bots by their status.
func seated(l protocol.Looked) (all []string) {
	for _, s := range l.Seats {
		who := string(s.Player)
		if s.Status == protocol.SeatBot {
			who = "bot"
		}
		all = append(all, fmt.Sprint(s.Seat, " ", who))
	}
	return all
}

func TestLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 2)
		if l := n.order(protocol.Order{Match: "m1"}); l.Running || l.Refuse != "" || l.Tick != 0 {
			t.Errorf("before anybody is here: %+v", l)
		}
		began := time.Now()
		for i := range 2 {
			n.connect(i, protocol.Join{Match: "m1", Pass: passes[i]})
		}
		play(2 * time.Second)
		l := n.order(protocol.Order{Match: "m1"})
		if !l.Running || l.Tick < 55 || l.Tick > 65 || l.Hz != 30 || l.Permille != 1000 || l.Slips != 0 || time.UnixMilli(l.Began).Sub(began).Abs() > time.Second {
			t.Errorf("%+v", l)
		}
		if got, want := seated(l), []string{"0 p0", "1 p1", "2 bot", "3 bot"}; !slices.Equal(got, want) {
			t.Errorf("seats %q, want %q", got, want)
		}
		if l.Seats[1].Name != "Player 1" || l.Seats[1].Status != protocol.SeatPlayer {
			t.Errorf("%+v", l.Seats[1])
		}
		for what, o := range map[string]protocol.Order{"none": {}, "another": {Match: "m2"}} {
			if l := n.order(o); l.Refuse != "over" {
				t.Errorf("%s: %+v", what, l)
			}
		}
		n.stop()
	})
}

// TestKicking takes a seat away for good, and tells the player so, whose
// connection stands in the hall then; the others play on.
func TestKicking(t *testing.T) {
	for name, bots := range map[string]bool{"bots": true, "empty": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mode := dotsMode(endless)
				if !bots {
					mode.Bot = nil
				}
				n := mustNode(t, mustMode(t, mode))
				passes := n.lease("m1", "dots", 3)
				here := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
				kicked := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
				play(12 * time.Second) // p2 does not come
				want := []string{"0 p0", "1 bot", "2 p2", "3 bot"}
				if !bots {
					want = []string{"0 p0", "2 p2"}
				}
				if got := seated(n.order(protocol.Order{Match: "m1", Kick: "p1"})); !slices.Equal(got, want) {
					t.Errorf("seats %q, want %q", got, want)
				}
				play(time.Second)
				if got := kicked.overs(); !slices.Equal(got, []string{"kicked"}) || n.inHall() != 1 {
					t.Errorf("told %q, %d in the hall", got, n.inHall())
				}
				for what, join := range map[string]protocol.Join{"resume": {Match: "m1"}, "pass": {Match: "m1", Pass: passes[1]}} {
					again := n.connect(1, join)
					play(time.Second)
					if r := again.refusals(); !slices.Equal(r, []string{protocol.SeatNotYours.Code}) {
						t.Errorf("%s: %q", what, r)
					}
				}
				if l := n.order(protocol.Order{Match: "m1", Kick: "p2"}); l.Refuse != "" {
					t.Errorf("one who is not connected: %+v", l)
				}
				for _, nobody := range []protocol.PlayerID{"p1", "p2", "p9"} {
					if l := n.order(protocol.Order{Match: "m1", Kick: nobody}); l.Refuse != "not_here" {
						t.Errorf("%s: %+v", nobody, l)
					}
				}
				if here.overs() != nil {
					t.Error("the match has ended for the others")
				}
				n.stop()
				n.accounted()
				i := slices.IndexFunc(n.ended[0].Seats, func(s protocol.EndedSeat) bool { return s.Player.ID == "p1" })
				if i < 0 || !n.ended[0].Seats[i].Left {
					t.Errorf("the result says nothing of it: %+v", n.ended[0].Seats)
				}
			})
		})
	}
}

// refusals are the codes of those that a peer was sent.
func (p *peer) refusals() (codes []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.control {
		if r, ok := m.(protocol.Refused); ok {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// TestEnding tells everybody, and comes to no result.
func TestEnding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 2)
		var all []*peer
		for i := range 2 {
			all = append(all, n.connect(i, protocol.Join{Match: "m1", Pass: passes[i]}))
		}
		play(time.Second)
		if l := n.order(protocol.Order{Match: "m1", End: true}); l.Refuse != "" || !l.Running {
			t.Errorf("%+v", l)
		}
		play(time.Second)
		for i, p := range all {
			if got := p.overs(); !slices.Equal(got, []string{"ended"}) {
				t.Errorf("player %d is told %q", i, got)
			}
		}
		if got := n.outcomes(); !slices.Equal(got, []string{"ended"}) || len(n.ended[0].Result) > 0 || len(n.ended[0].Seats) != 2 {
			t.Errorf("the lobby is told %q: %+v", got, n.ended)
		}
		if l := n.order(protocol.Order{Match: "m1", End: true}); l.Refuse != "over" {
			t.Errorf("again: %+v", l)
		}
		n.stop()
		n.accounted()
	})
}

// TestOrdersAtOnce: each is answered, whatever the others do to the match.
func TestOrdersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 4)
		for i := range 4 {
			n.connect(i, protocol.Join{Match: "m1", Pass: passes[i]})
		}
		play(time.Second)
		done := make(map[string]int)
		var mu sync.Mutex
		var asking sync.WaitGroup
		for i := range 300 {
			asking.Go(func() {
				o := protocol.Order{Match: "m1"}
				if i%3 > 0 {
					o.Kick = playerN(i % 4).ID
				}
				l := n.order(o)
				mu.Lock()
				defer mu.Unlock()
				if o.Kick != "" && l.Refuse == "" {
					done[string(o.Kick)]++
				}
			})
		}
		asking.Wait()
		if len(done) != 4 || done["p0"]+done["p1"]+done["p2"]+done["p3"] != 4 {
			t.Errorf("kicked %v", done)
		}
		play(time.Second)
		if got := n.outcomes(); !slices.Equal(got, []string{"abandoned"}) {
			t.Errorf("a match without players is over: %q", got)
		}
		n.stop()
		n.accounted()
	})
}

// TestOrdersToAStuckMatch are answered all the same.
func TestOrdersToAStuckMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules {
			return &dots{hook: func(where string, w *game.World) {
				if where == "step" && w.Tick() == 20 {
					<-free
				}
			}}
		})))
		passes := n.lease("m1", "dots", 1)
		n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(2 * time.Second)
		began := time.Now()
		if l := n.order(protocol.Order{Match: "m1", End: true}); l.Refuse != "busy" || time.Since(began) > orderWait {
			t.Errorf("after %v: %+v", time.Since(began), l)
		}
		play(10 * time.Second)
		if l := n.order(protocol.Order{Match: "m1"}); l.Refuse != "over" {
			t.Errorf("once it was given up: %+v", l)
		}
		close(free)
		synctest.Wait() // for the match, which nobody else waits for, to let go of its connection
		n.stop()
	})
}
