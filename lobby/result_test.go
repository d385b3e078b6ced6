package lobby

import (
	"errors"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// TestAResultIsAnsweredWhenKept: while the disk is full it stays with its host,
// which asks again; then it counts once, under the mode that was placed.
func TestAResultIsAnsweredWhenKept(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		now, _ := w.await(w.queue("duel", "Ada", "Bob")[0], store.Placed)
		forged := protocol.Ended{Match: now.Assignments[0].Match, Game: "other", Mode: "ffa", Why: "finished"}
		w.disk(bus.ErrNoSpace)
		for range 3 {
			equal(t, "while the disk is full", w.end(forged), bus.ErrNoSpace.Error())
		}
		equal(t, "running", w.Counts().Matches, 1)
		w.disk(nil)
		equal(t, "then", w.end(forged), "")
		equal(t, "again", w.end(forged), "")
		equal(t, "never placed", w.end(protocol.Ended{Match: "forged", Mode: "duel"}), "")
		equal(t, "running", w.Counts().Matches, 0)
		kept := w.results()
		if len(kept) != 1 || kept[0].Mode != "duel" || kept[0].Game != game.DefaultGame {
			t.Errorf("kept %+v", kept)
		}
	})
}

// TestNoMatchBeginsThatCannotBeKept: tickets wait as long as results could not
// be kept, new ones are refused, and play goes on by itself.
func TestNoMatchBeginsThatCannotBeKept(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		early := w.queue("duel", "Ada", "Bob") // their room counts down when the disk fills
		w.pass(time.Second)
		equal(t, "before", w.state(early[0]), store.Forming)
		alone := w.queue("duel", "Cy")
		w.disk(bus.ErrNoSpace)
		if _, err := w.enqueue(w.guest("Dee"), "duel"); !errors.Is(err, bus.ErrNoSpace) {
			t.Errorf("a new ticket: %v", err)
		}
		w.pass(time.Minute / 2)
		for _, x := range append(early, alone...) {
			equal(t, x.Owner().Name, w.state(x), store.Waiting)
		}
		equal(t, "matches started", len(w.started()), 0)
		w.disk(nil)
		for _, x := range early {
			w.await(x, store.Placed)
		}
		w.Cancel(alone[0].Owner().ID, alone[0].ID)
	})
}
