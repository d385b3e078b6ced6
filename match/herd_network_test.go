package match

import (
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/link"
)

// grazing is a herd whose seats see a part of the plane, which moves with them.
var grazing = herdSize{seats: 4, roaming: 40, marks: 12, grass: 40, side: 2000, cell: 200, reach: 250, speed: 30}

// follows has each frame checked: a seat's own animal, which stands where its eye is,
// is shown there, however many frames were skipped and whatever cell it came to.
func (p *peer) follows(t *testing.T) {
	p.watch = func() {
		now, seat := p.mirror.Now(), int(p.joined.Seat)
		x, y := now.Own(herdEyes, 0, game.Seat(seat)), now.Own(herdEyes, 1, game.Seat(seat))
		if !now.Live(herdAnimals, seat) || now.Col(herdAnimals, 0)[seat] != x || now.Col(herdAnimals, 1)[seat] != y {
			t.Errorf("tick %d: seat %d looks from %d, %d, and its animal is not shown there", now.Tick, seat, x, y)
		}
	}
}

// TestBadNetworksOnAPlane: on a plane, too, what is seen on a bad network is late
// and never wrong, down to keyframes alone and back.
func TestBadNetworksOnAPlane(t *testing.T) {
	for name, c := range map[string]struct {
		conditions string
		keys       int // keyframes, at least
	}{
		"late":      {"rtt=100ms,jitter=600ms", 1},
		"lossy":     {"rtt=100ms,jitter=30ms,loss=5%,burst=3", 1},
		"narrow":    {"rate=500B", 5},
		"all of it": {"rtt=200ms,jitter=100ms,loss=3%,rate=1KB", 3},
	} {
		t.Run(name, func(t *testing.T) {
			farOffIn(t, grazing.mode(), func(n *node, l *link.Link, a, b *peer) {
				conditions, err := link.Parse(c.conditions)
				if err != nil {
					t.Fatal(err)
				}
				a.see(func() { a.follows(t) })
				b.see(func() { b.follows(t) })
				l.Change(conditions)
				play(15 * time.Second)
				l.Change(link.Conditions{})
				play(12 * time.Second)
				unhurt(t, a)
				wantEvents(t, b, 1, int32(b.now()))
				if behind := a.now() - b.now(); behind > 10 {
					t.Errorf("%d ticks behind, long after the network got well", behind)
				}
				b.see(func() {
					t.Logf("%d frames, %d of them keyframes", b.frames, b.keys)
					if b.keys < c.keys || b.frames == int(b.mirror.Now().Tick) {
						t.Errorf("%d frames, %d of them keyframes: the test says little", b.frames, b.keys)
					}
				})
			})
		})
	}
}

// TestAResumeOnAPlane, after a cut in the middle of whatever was being sent:
// who comes back is shown its surroundings again.
func TestAResumeOnAPlane(t *testing.T) {
	for _, pause := range []time.Duration{0, 700 * time.Millisecond, 3 * time.Second} {
		farOffIn(t, grazing.mode(), func(n *node, l *link.Link, a, b *peer) {
			a.see(func() { a.follows(t) })
			b.see(func() { b.follows(t) })
			l.Change(link.Conditions{RTT: 100 * time.Millisecond, Rate: 3000})
			play(1717 * time.Millisecond)
			l.Reset()
			<-b.closed
			b.sound()
			last := b.now()
			l.Change(link.Conditions{})
			play(pause)
			again := n.connect(1, protocol.Join{Match: "m1", Epoch: epoch, LastTick: last}, over(l), func(p *peer) { p.follows(t) })
			play(2 * time.Second)
			again.sound()
			wantEvents(t, again, int32(last)+1, int32(again.now()))
			unhurt(t, a)
		})
	}
}
