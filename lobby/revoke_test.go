package lobby

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// TestEndedByTheNextBeat: whoever is to go has heard the goodbye by the next
// beat of the room, or of the hall before it, wherever the group is on its way to
// a match. The others stay.
func TestEndedByTheNextBeat(t *testing.T) {
	stuck := func(ctx context.Context, _ protocol.Start) protocol.Placed { <-ctx.Done(); return protocol.Placed{} }
	for where, c := range map[string]struct {
		mode  string
		after time.Duration // the ticket
		state store.State
	}{
		"a match is offered":     {"asking", time.Second, store.Offered},
		"on the way to the room": {"duel", 0, store.Forming},
		"the room counts down":   {"duel", time.Second, store.Forming},
		"no host answers":        {"duel", 3200 * time.Millisecond, store.Forming},
	} {
		t.Run(where, func(t *testing.T) {
			for phase := time.Duration(0); phase < 100*time.Millisecond; phase += 33 * time.Millisecond {
				inLobby(t, func(cfg *Config) { asking(cfg); cfg.Countdown = 3 * time.Second }, func(w *world) {
					w.hostAnswers(stuck)
					names := []string{"Ada", "Bob", "Cleo", "Dan"}
					if c.mode == "duel" {
						names = names[:2]
					}
					var peers []*peer
					tickets := w.queue(c.mode, names...)
					for _, x := range tickets {
						peers = append(peers, w.connect(x.Owner()))
					}
					for w.state(tickets[0]) != c.state {
						w.pass(time.Millisecond)
					}
					w.pass(c.after + phase)
					equal(t, "state", w.state(tickets[0]), c.state)
					equal(t, "ended", w.up.End(tickets[0].Owner().ID, "", protocol.Banned), 1)
					began := time.Now()
					for peers[0].goodbye() == 0 && time.Since(began) < time.Minute {
						w.pass(time.Millisecond)
					}
					beats := w.cfg.RoomBeat + 100*time.Millisecond // and the hall's, where it goes from one to the other
					if took := time.Since(began); took > beats || peers[0].goodbye() != protocol.Banned.Code {
						t.Errorf("%v after a beat: %d after %v", phase, peers[0].goodbye(), took)
					}
					equal(t, "the other's goodbye", peers[1].goodbye(), 0)
					synctest.Wait()
				})
			}
		})
	}
}
