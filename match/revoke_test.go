package match

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// TestEndedByTheNextBeat: whoever is to go has heard the goodbye by the next
// beat of the match, be it the slowest there can be, while others are waited for
// and while it is played. The seat is kept as for anybody who is gone, and the
// others play on.
func TestEndedByTheNextBeat(t *testing.T) {
	for _, hz := range []int{1, 30, 128} {
		for where, players := range map[string]int{"others are waited for": 3, "played": 2} {
			synctest.Test(t, func(t *testing.T) {
				mode := dotsMode(func() game.Rules { return &dots{} })
				mode.Hz = hz
				n := mustNode(t, mustMode(t, mode))
				passes := n.lease("m1", "dots", players)
				a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
				b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
				beat := time.Second / time.Duration(hz)
				play(3*time.Second + beat/3)
				if ended := n.up.End("p0", "", protocol.Banned); ended != 1 {
					t.Errorf("%d connections are to end", ended)
				}
				began := time.Now()
				for a.goodbye() == 0 && time.Since(began) < time.Minute {
					play(time.Millisecond)
				}
				if took := time.Since(began); took > beat+time.Millisecond || a.goodbye() != protocol.Banned.Code {
					t.Errorf("%d Hz, %s: %d after %v", hz, where, a.goodbye(), took)
				}
				play(2 * beat)
				if r, _ := told[protocol.Roster](b); len(r.Seats) == 0 || r.Seats[0].Status != protocol.SeatAway || b.goodbye() != 0 {
					t.Errorf("%d Hz, %s: the others are told %+v", hz, where, r)
				}
				n.stop()
			})
		}
	}
}

// muteBus never answers that a match is over.
type muteBus struct{ *bus.Local }

func (b muteBus) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	if subject == protocol.SubjectOver {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return b.Local.Request(ctx, subject, data)
}

// TestEndedWhileNothingCanBeKept: who is to go when the match is over is with the
// hall, which says goodbye on its next beat, before a second has passed.
func TestEndedWhileNothingCanBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := muteBus{bus.NewLocal()}
		n := mustNodeOn(t, b, b.Local, mustMode(t, dotsMode(func() game.Rules { return &dots{end: 30} })))
		n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		over := func() bool { _, known := n.board.Find("m1"); return !known }
		for !over() {
			play(time.Millisecond)
		}
		n.up.End("p0", "", protocol.Banned)
		began := time.Now()
		for n.inHall() == 0 && time.Since(began) < time.Minute {
			play(time.Millisecond)
		}
		if took := time.Since(began); took > 900*time.Millisecond {
			t.Errorf("it is held for %v", took)
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		if err := n.hall[0].Heed(); err != error(protocol.Banned) {
			t.Errorf("ended with %v", err)
		}
	})
}

// goodbye is the code of the close frame, or 0.
func (p *peer) goodbye() (code uint16) {
	p.see(func() { code = p.code })
	return code
}
