package match

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// clientAt is a client that was sent the frame of a tick and has acked another.
func clientAt(hz int, sent, acked game.Tick) *client {
	m := &Match{mode: &game.Mode{Hz: hz}, tick: sent, running: true, now: time.Unix(1, 0)}
	return &client{m: m, frames: &frames{now: &game.Snapshot{Tick: sent}}, sent: sent, acked: acked, sentAny: true}
}

func TestAcks(t *testing.T) {
	for _, c := range []struct {
		name        string
		sent, acked game.Tick
		ack         game.Tick
		want        game.Tick
		taken       bool
	}{
		{"the newest", 300, 295, 300, 300, true},
		{"one between", 300, 295, 297, 297, true},
		{"the same again", 300, 297, 297, 297, true},
		{"older than acked", 300, 297, 296, 297, false},
		{"ahead of all", 300, 297, 301, 297, false},
		{"far ahead", 300, 297, 350, 297, false},
		{"around the wrap", 258, 250, 257, 257, true},
		{"a long line at 128 Hz", 400, 300, 301, 301, true},
		{"before the first 128", 5, 0, 3, 3, true},
		{"a tick before the match", 5, 0, 100, 0, false},
		{"after a long silence, the newest that fits", 500, 200, 490, 490, true},
	} {
		cl := clientAt(30, c.sent, c.acked)
		cl.ack(uint8(c.ack&127), 0)
		if taken := !cl.ackedAt.IsZero(); cl.acked != c.want || taken != c.taken {
			t.Errorf("%s: acked %d, taken %v; want %d, %v", c.name, cl.acked, taken, c.want, c.taken)
		}
	}
}

// TestRoundTripsThatSayNothing: a hold at its end may be any longer one, and
// while others are waited for no ticks pass.
func TestRoundTripsThatSayNothing(t *testing.T) {
	cl := clientAt(30, 300, 290)
	cl.ack(300&127, longHold)
	cl.m.running = false
	cl.ack(300&127, 90)
	if cl.rtt.any {
		t.Errorf("a round trip of %d eighths", cl.rtt.value())
	}
	cl.m.running = true
	cl.ack(300&127, 3)
	if got := cl.rtt.value(); got != 5 {
		t.Errorf("a round trip of %d eighths, want 5", got)
	}
}

func TestMinimumForgetsWhatIsLongAgo(t *testing.T) {
	var m minimum
	m.add(8, 10, 60)
	m.add(80, 500, 60) // nothing in between
	if m.value() != 80 {
		t.Errorf("minimum %d of the last window, want 80", m.value())
	}
}

// TestAClaimOfThePastIsBoundByTheRoundTrip in a mode that would allow more.
func TestAClaimOfThePastIsBoundByTheRoundTrip(t *testing.T) {
	m := &Match{mode: &game.Mode{Hz: 30, Lag: 12}, fields: queueFields, tick: 300, running: true}
	s := &seat{inputs: inputQueue{target: targetMin}}
	c := &client{m: m, seat: s, frames: &frames{now: &game.Snapshot{Tick: 300}}, sent: 300, acked: 290, sentAny: true, tokens: 100}
	c.Message(nil, protocol.AppendInput(nil, &protocol.Input{Seq: 1, Ack: 299 & 127, Lag: 127}, queueFields))
	x, _ := s.inputs.take(queueFields)
	if got, want := m.lag(x, 300), int32(16+interpolation); got != want {
		t.Errorf("applied a lag of %d eighths, want the round trip of 16 and %d", got, interpolation)
	}
	if got, want := m.lag(x, 302), int32(16+interpolation+16); got != want {
		t.Errorf("after two ticks in the queue: %d eighths, want %d", got, want)
	}
}

// TestAStalledClientComesBack: a bot plays for it meanwhile, and once it is
// heard again it plays and is sent every tick.
func TestAStalledClientComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(2 * time.Second)
		statuses := func() (s []protocol.SeatStatus) {
			b.see(func() {
				for _, c := range b.control {
					if r, ok := c.(protocol.Roster); ok && r.Seats[0].Seat == 0 {
						s = append(s, r.Seats[0].Status)
					}
				}
			})
			return s
		}
		a.see(func() { a.mute = true })
		play(3 * time.Second)
		before := presses(b)
		play(3 * time.Second)
		if presses(b) == before {
			t.Error("no bot plays for who is silent")
		}
		a.see(func() { a.mute = false })
		a.send(protocol.Append(nil, protocol.Ack{Tick: uint8(a.now() & 127)}))
		play(time.Second)
		frames := 0
		a.see(func() { frames = a.frames })
		before = presses(b)
		play(2 * time.Second)
		if presses(b) > before+repeatTicks {
			t.Error("the bot plays on")
		}
		a.see(func() {
			if got := a.frames - frames; got < 58 {
				t.Errorf("%d frames in 2 s after the silence", got)
			}
		})
		if got := statuses(); !slices.Equal(got, []protocol.SeatStatus{protocol.SeatAway, protocol.SeatPlayer}) {
			t.Errorf("the others were told of %v", got)
		}
		for _, p := range []*peer{a, b} {
			p.sound()
			wantEvents(t, p, 1, int32(p.mirror.Now().Tick))
		}
	})
}

// presses is how often seat 0 has pressed, as p sees it.
func presses(p *peer) (n int32) {
	p.see(func() { n = p.mirror.Now().Col(0, 2)[0] })
	return n
}

// TestTheEndIsSeenByAll: who lags is not left out of the last tick.
func TestTheEndIsSeenByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{end: 150} })))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(4 * time.Second)
		a.see(func() { a.mute = true })
		play(2 * time.Second)
		a.sound()
		wantEvents(t, a, 1, 150)
		if a.frames > 148 {
			t.Errorf("%d frames: nothing was skipped, so nothing is tested", a.frames)
		}
	})
}

// TestViewHashesComeTogether: one is computed a second, for all who keep up.
func TestViewHashesComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 3)
		hashed := map[game.Tick]int{}
		for i := range passes {
			n.connect(i, protocol.Join{Match: "m1", Pass: passes[i]}, func(p *peer) {
				p.watch = func() {
					if p.lastHead.Kind&(protocol.Hashed|protocol.Keyframe) == protocol.Hashed {
						n.mu.Lock()
						hashed[p.mirror.Now().Tick]++
						n.mu.Unlock()
					}
				}
			})
			play(time.Second / 3)
		}
		play(10 * time.Second)
		n.mu.Lock()
		defer n.mu.Unlock()
		if len(hashed) < 9 || len(hashed) > 10 {
			t.Errorf("hashes in %d ticks of 10 s", len(hashed))
		}
		for tick, clients := range hashed {
			if clients != 3 {
				t.Errorf("tick %d: %d clients were sent a hash, want all", tick, clients)
			}
		}
	})
}

// TestAtTheSlowestAndTheFastest rate there are.
func TestAtTheSlowestAndTheFastest(t *testing.T) {
	for _, hz := range []int{1, 128} {
		synctest.Test(t, func(t *testing.T) {
			mode := dotsMode(endless)
			mode.Hz = hz
			n := mustNode(t, mustMode(t, mode))
			a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
			play(2500 * time.Millisecond)
			var tick game.Tick
			a.see(func() { tick = a.mirror.Now().Tick })
			for range 10 * hz {
				a.input(1)
				play(time.Second / time.Duration(hz))
			}
			a.sound()
			a.see(func() {
				if got := int(a.mirror.Now().Tick - tick); got < 10*hz-1 || got > 10*hz+1 {
					t.Errorf("%d Hz: %d ticks in 10 s", hz, got)
				}
				if x := int(a.mirror.Now().Col(0, 0)[0]); x < 10*hz-3 || x > 10*hz+repeatTicks {
					t.Errorf("%d Hz: %d inputs of 1 moved the dot by %d", hz, 10*hz, x)
				}
				if a.frames < int(a.mirror.Now().Tick) {
					t.Errorf("%d Hz: %d frames in %d ticks", hz, a.frames, a.mirror.Now().Tick)
				}
			})
			wantEvents(t, a, 1, int32(a.mirror.Now().Tick))
		})
	}
}
