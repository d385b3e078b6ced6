package match

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// seatAs returns a seat as p knows it from all rosters it was sent.
func seatAs(p *peer, seat int) (s protocol.RosterSeat) {
	p.see(func() {
		for _, c := range p.control {
			var seats []protocol.RosterSeat
			switch c := c.(type) {
			case protocol.Joined:
				seats = c.Roster
			case protocol.Roster:
				seats = c.Seats
			}
			for _, r := range seats {
				if int(r.Seat) == seat {
					s = r
				}
			}
		}
	})
	return s
}

// TestSeatsOfThoseWhoNeverCome go to bots, or stay empty, when the pass is no
// longer good, and everyone is told.
func TestSeatsOfThoseWhoNeverCome(t *testing.T) {
	for _, bots := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			mode, want := dotsMode(endless), protocol.SeatBot
			if !bots {
				mode.Bot, mode.MinPlayers, want = nil, 1, protocol.SeatEmpty
			}
			n := mustNode(t, mustMode(t, mode))
			passes := n.lease("m1", "dots", 2)
			a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
			play(29 * time.Second)
			if s := seatAs(a, 1); s.Status != protocol.SeatAway || s.Player != "p1" {
				t.Errorf("bots %v: while the pass is good the seat is %+v", bots, s)
			}
			a.see(func() {
				if live := a.mirror.Now().Live(0, 1); live != bots {
					t.Errorf("bots %v: the missing player's dot lives: %v", bots, live)
				}
			})
			play(3 * time.Second)
			if s := seatAs(a, 1); s.Status != want || s.Player != "" {
				t.Errorf("bots %v: afterwards the seat is %+v, want status %v", bots, s, want)
			}
			a.nc.Close()
			play(31 * time.Second)
			if got := n.outcomes(); !slices.Equal(got, []string{"abandoned"}) {
				t.Errorf("bots %v: the lobby was told %v", bots, got)
			}
			n.accounted()
			replays(t, n, 0)
		})
	}
}

func TestTooFewForAMatchWithoutBots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := dotsMode(endless)
		mode.Bot, mode.MinPlayers = nil, 2
		n := mustNode(t, mustMode(t, mode))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 2)[0]})
		play(9 * time.Second)
		if n.host.Matches() != 1 {
			t.Error("the second player was not waited for")
		}
		play(2 * time.Second)
		if over, _ := told[protocol.Over](a); over.Why != "abandoned" || n.inHall() != 1 {
			t.Errorf("told %+v, %d in the hall", over, n.inHall())
		}
		n.accounted()
	})
}

// TestWhoComesAsTheMatchEnds gets an answer, and goes back to the hall.
func TestWhoComesAsTheMatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n *node
		var late *peer
		mode := dotsMode(func() game.Rules {
			return &dots{end: 30, hook: func(at string, w *game.World) {
				if at == "step" && w.Tick() == 30 {
					late = n.connect(0, protocol.Join{Match: "m1", Epoch: epoch})
				}
			}}
		})
		n = mustNode(t, mustMode(t, mode))
		n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(3 * time.Second)
		if r, _ := told[protocol.Refused](late); r.Code != "match_not_found" || n.inHall() != 2 {
			t.Errorf("told %+v, %d in the hall", r, n.inHall())
		}
		n.accounted()
	})
}

// TestALateComerKnowsWhatTheOthersWereTold of the drain and of the pace.
func TestALateComerKnowsWhatTheOthersWereTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := dotsMode(func() game.Rules {
			return &dots{hook: func(at string, w *game.World) {
				if at == "step" && w.Tick() > 30 && w.Tick() < 250 {
					time.Sleep(time.Second / 15)
				}
			}}
		})
		n := mustNode(t, mustMode(t, mode))
		n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(8 * time.Second)
		for _, m := range n.host.running() {
			m.drain()
		}
		play(time.Second)
		b := n.connect(0, protocol.Join{Match: "m1", Epoch: epoch})
		play(time.Second)
		if p, ok := told[protocol.Pace](b); !ok || p.Permille < 400 || p.Permille > 600 {
			t.Errorf("told of the pace %+v", p)
		}
		if _, ok := told[protocol.Notice](b); !ok {
			t.Error("not told of the drain")
		}
		play(20 * time.Second)
		if p, _ := told[protocol.Pace](b); p.Permille != 1000 {
			t.Errorf("told of the pace %+v after the overload", p)
		}
		b.sound()
	})
}

// TestWhoLeftCannotComeBack, neither by the used pass nor as who resumes.
func TestWhoLeftCannotComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		a.send(protocol.Append(nil, protocol.Leave{}))
		play(time.Second)
		for _, join := range []protocol.Join{{Match: "m1", Pass: passes[0]}, {Match: "m1", Epoch: epoch, LastTick: 20}} {
			p := n.connect(0, join)
			play(time.Second)
			if r, _ := told[protocol.Refused](p); r.Code != "seat_not_yours" {
				t.Errorf("%+v: %+v", join, r)
			}
		}
		n.stop()
		n.accounted()
	})
}

// TestResumesThatKnowNothingOfThisMatch are told of the gap and of no event
// of before: another epoch, a tick to come, or nothing at all.
func TestResumesThatKnowNothingOfThisMatch(t *testing.T) {
	for _, join := range []protocol.Join{
		{Match: "m1", Epoch: epoch + 1, LastTick: 20},
		{Match: "m1", Epoch: epoch, LastTick: 1 << 31},
		{Match: "m1"},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := mustNode(t, mustMode(t, dotsMode(endless)))
			n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
			play(2 * time.Second)
			p := n.connect(0, join)
			play(time.Second)
			p.sound()
			p.see(func() {
				if p.gaps != 1 || len(p.events) == 0 {
					t.Errorf("%+v: %d gaps, %d events", join, p.gaps, len(p.events))
				}
			})
			wantEvents(t, p, int32(p.joined.Tick)+1, int32(p.mirror.Now().Tick))
		})
	}
}

// TestInputsOfANewConnection start their sequence afresh.
func TestInputsOfANewConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(time.Second)
		for range 40 {
			a.input(1)
			play(time.Second / 30)
		}
		b := n.connect(0, protocol.Join{Match: "m1", Epoch: epoch})
		play(time.Second)
		x := b.mirror.Now().Col(0, 0)[0]
		for range 40 { // the same numbers again
			b.input(1)
			play(time.Second / 30)
		}
		if got := b.mirror.Now().Col(0, 0)[0] - x; got < 38 {
			t.Errorf("40 inputs of 1 moved the dot by %d", got)
		}
		b.see(func() {
			if b.lastHead.Ack < 38 {
				t.Errorf("input %d is acked, want about 40", b.lastHead.Ack)
			}
		})
	})
}

// TestPressesBeforeTheFirstTickComeToNothing, and are acked.
func TestPressesBeforeTheFirstTickComeToNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(100 * time.Millisecond)
		for range 100 {
			a.input(5, 1)
			play(time.Second / 30)
		}
		n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		a.see(func() {
			if x, n := a.mirror.Now().Col(0, 0)[0], a.mirror.Now().Col(0, 2)[0]; x != 0 || n != 0 {
				t.Errorf("the dot is at %d after %d presses, want 0 and 0", x, n)
			}
			if a.lastHead.Ack != 100 {
				t.Errorf("input %d is acked, want 100", a.lastHead.Ack)
			}
		})
	})
}
