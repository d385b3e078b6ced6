package match

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
)

// TestAnOpenMatchWaitsForNobody: it goes on while those who shall play are on
// their way, and they have their seats when they come.
func TestAnOpenMatchWaitsForNobody(t *testing.T) {
	for _, bots := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			mode := dotsMode(endless)
			mode.Open, mode.Matchmaking.Backfill = true, true
			if !bots {
				mode.Bot, mode.MinPlayers = nil, 1
			}
			n := mustNode(t, mustMode(t, mode))
			passes := n.lease("m1", "dots", 3)
			play(time.Second)
			a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
			play(300 * time.Millisecond)
			a.see(func() {
				least := 5 // ticks since it came
				if bots {
					least += 30
				}
				if now := int(a.mirror.Now().Tick); now < least {
					t.Errorf("bots %v: at tick %d", bots, now)
				}
				if live := a.mirror.Now().Live(0, 1); live != bots {
					t.Errorf("bots %v: who is on the way has a dot: %v", bots, live)
				}
			})
			if s := seatAs(a, 1); s.Status != protocol.SeatAway || s.Player != "p1" {
				t.Errorf("bots %v: the seat of who is on the way is %+v", bots, s)
			}
			play(9 * time.Second)
			b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
			play(time.Second)
			if s := seatAs(a, 1); s.Status != protocol.SeatPlayer {
				t.Errorf("bots %v: then it is %+v", bots, s)
			}
			b.see(func() {
				if b.joined == nil || !b.mirror.Now().Live(0, 1) {
					t.Errorf("bots %v: who comes late does not play", bots)
				}
			})
			a.sound()
			b.sound()
		})
	}
}
