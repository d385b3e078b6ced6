package match

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/link"
)

// over puts a peer behind a network.
func over(l *link.Link) func(*peer) { return func(p *peer) { p.nc = l.Over(p.nc) } }

// farOff starts a match of two, of whom b plays over a network, which is good
// until it is changed, and lets it go on for a second.
func farOff(t *testing.T, test func(n *node, l *link.Link, a, b *peer)) { farOffAt(t, 30, test) }

func farOffAt(t *testing.T, hz int, test func(n *node, l *link.Link, a, b *peer)) {
	mode := dotsMode(func() game.Rules { return &dots{} })
	mode.Hz = hz
	farOffIn(t, mode, test)
}

func farOffIn(t *testing.T, mode game.Mode, test func(n *node, l *link.Link, a, b *peer)) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, mode))
		l := link.New(link.Conditions{}, 1)
		defer l.Reset()
		passes := n.lease("m1", mode.Name, 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]}, over(l))
		play(time.Second)
		test(n, l, a, b)
		a.sound()
		b.sound()
	})
}

func (p *peer) now() (tick game.Tick) {
	p.see(func() {
		if p.mirror != nil {
			tick = p.mirror.Now().Tick
		}
	})
	return tick
}

// unhurt fails the test unless a was sent each tick as a frame of its own.
func unhurt(t *testing.T, a *peer) {
	t.Helper()
	wantEvents(t, a, 1, int32(a.now()))
	a.see(func() {
		if missing := int(a.mirror.Now().Tick) - a.frames; missing > 1 {
			t.Errorf("the other was sent %d frames less than there were ticks", missing)
		}
	})
}

// TestBadNetworks: on a bad network a client sees less often and later what it
// sees, and never anything wrong; each event once and in its place; and once the
// network is good again and all has come, no less than two frames a second. Nobody else notices.
func TestBadNetworks(t *testing.T) {
	for name, conditions := range map[string]string{
		"far":       "rtt=300ms",
		"uneven":    "rtt=60ms,jitter=150ms",
		"lossy":     "rtt=100ms,jitter=30ms,loss=5%,burst=3",
		"narrow":    "rate=2KB",
		"all of it": "rtt=200ms,jitter=100ms,loss=3%,rate=4KB",
	} {
		t.Run(name, func(t *testing.T) {
			farOff(t, func(n *node, l *link.Link, a, b *peer) {
				c, err := link.Parse(conditions)
				if err != nil {
					t.Fatal(err)
				}
				l.Change(c)
				play(15 * time.Second)
				l.Change(link.Conditions{})
				play(12 * time.Second) // what was lost again and again is on its way for so long
				unhurt(t, a)
				if behind := a.now() - b.now(); behind > 15 {
					t.Errorf("%d ticks behind, long after the network got well", behind)
				}
				wantEvents(t, b, 1, int32(b.now()))
			})
		})
	}
}

// TestAStall is made up for by one frame, and no event is lost.
func TestAStall(t *testing.T) {
	for stall, hz := range map[time.Duration]int{time.Second: 30, 3 * time.Second: 30, 5 * time.Second: 30, 6 * time.Second: 60, 7 * time.Second: 128} {
		farOffAt(t, hz, func(n *node, l *link.Link, a, b *peer) {
			l.Stall()
			play(stall)
			before := b.now()
			l.Resume()
			play(100 * time.Millisecond)
			if behind := a.now() - b.now(); behind > 1 {
				t.Errorf("%v: %d ticks behind", stall, behind)
			}
			if passed := b.now() - before; passed < game.Tick(stall.Seconds()*float64(hz)) {
				t.Errorf("%v: only %d ticks have passed", stall, passed)
			}
			unhurt(t, a)
			wantEvents(t, b, 1, int32(b.now()))
		})
	}
}

// TestAPeerThatVanishes costs the others nothing; its seat is kept, and its
// connection let go of.
func TestAPeerThatVanishes(t *testing.T) {
	farOff(t, func(n *node, l *link.Link, a, b *peer) {
		l.Stall()
		play(25 * time.Second)
		unhurt(t, a)
		if r, _ := told[protocol.Roster](a); r.Seats[0].Seat != 1 || r.Seats[0].Status != protocol.SeatAway {
			t.Errorf("the other is told %+v, want that seat 1 is away", r)
		}
	})
}

// TestAResetInTheMiddle of whatever was being sent: the seat is taken up again,
// and the events go on behind the last that arrived.
func TestAResetInTheMiddle(t *testing.T) {
	farOff(t, func(n *node, l *link.Link, a, b *peer) {
		l.Change(link.Conditions{RTT: 100 * time.Millisecond, Rate: 1000}) // it is in the middle of a frame nearly always
		play(1717 * time.Millisecond)
		l.Reset()
		<-b.closed
		b.sound()
		last := b.now()
		l.Change(link.Conditions{})
		again := n.connect(1, protocol.Join{Match: "m1", Epoch: epoch, LastTick: last}, over(l))
		play(time.Second)
		again.sound()
		wantEvents(t, again, int32(last)+1, int32(again.now()))
		unhurt(t, a)
	})
}

// TestANarrowLineIsSentWhatItCarries: a client on a line that is too narrow for
// every tick comes to stand on a step, near to the present; and when the line is
// wide again, it is sent every tick again.
func TestANarrowLineIsSentWhatItCarries(t *testing.T) {
	for _, c := range []struct {
		share float64   // of what every tick takes
		most  game.Tick // ticks between two frames, for most of the time; 0: steps take turns
	}{{1.2, 1}, {.8, 2}, {.57, 0}, {.45, 0}} {
		farOff(t, func(n *node, l *link.Link, a, b *peer) {
			before := b.written()
			play(time.Second)
			l.Change(link.Conditions{RTT: 60 * time.Millisecond, Rate: int(c.share * float64(b.written()-before))})
			play(20 * time.Second)
			strides, delay := follow(a, b, 20*time.Second)
			if got := strides[c.most] * int(c.most); c.most > 0 && got < 300 {
				t.Errorf("%v of the rate: for %d of 600 ticks there were frames %d apart: %v", c.share, got, c.most, strides)
			}
			if c.most == 0 && strides[1] > 200 {
				t.Errorf("%v of the rate: %d frames 1 apart in 20 s", c.share, strides[1])
			}
			if delay > 4*30 {
				t.Errorf("%v of the rate: up to %d ticks behind", c.share, delay)
			}
			if c.share < .5 {
				l.Change(link.Conditions{})
				play(3 * longestClimb * time.Second)
				if strides, _ := follow(a, b, time.Second); strides[1] < 29 {
					t.Errorf("frames %v ticks apart, long after the line got wide", strides)
				}
			}
			unhurt(t, a)
			wantEvents(t, b, 1, int32(b.now()))
		})
	}
}

func (p *peer) written() (n int) {
	p.see(func() { n = p.bytes })
	return n
}

// follow plays on and returns how often frames that b was sent were so many
// ticks apart, and how far they were behind a's at the most.
func follow(a, b *peer, d time.Duration) (strides map[game.Tick]int, behind game.Tick) {
	last, strides := b.now(), map[game.Tick]int{}
	b.see(func() {
		b.watch = func() {
			now := b.mirror.Now().Tick
			strides[now-last]++
			last, behind = now, max(behind, a.now()-now)
		}
	})
	play(d)
	b.see(func() { b.watch = nil })
	return strides, behind
}
