package lobby

import (
	"testing"
	"time"

	"github.com/musterhq/muster/lobby/store"
)

// TestAPanicEndsOneRoom: what the room had done stands, its people are in the
// hall, and the lobby goes on.
func TestAPanicEndsOneRoom(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		party := w.party("duel", "Ada", "Bob")
		ada := w.connect(party.Members[0].Player)
		w.fatal.Store(true)
		w.await(party, store.Placed)
		w.pass(time.Second)
		w.fatal.Store(false)
		equal(t, "rooms", w.Counts().Rooms, 0)
		equal(t, "in the hall", w.hall.Count(), 1)
		equal(t, "goodbye", ada.goodbye(), 0)
		for _, x := range w.queue("duel", "Cleo", "Dora") {
			w.await(x, store.Placed)
		}
	})
}

// TestAPanicInMatchmakingHoldsOneMode, and no other.
func TestAPanicInMatchmakingHoldsOneMode(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		w.queues["duel"].rules.Regions = -1 // there is no such number
		duel := w.queue("duel", "Ada", "Bob")
		w.pass(2 * panicPause)
		for _, x := range w.queue("ffa", "Cleo") {
			w.await(x, store.Placed)
		}
		equal(t, "the duel", w.state(duel[0]), store.Waiting)
	})
}
