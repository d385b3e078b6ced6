package rooms

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
)

// TestEndedByTheNextBeat: whoever is to go has heard the goodbye by the next
// beat of the room, whatever the room is doing, also one who waits at its door
// for somebody to look into who is whose friend. The others stay.
func TestEndedByTheNextBeat(t *testing.T) {
	for where, enter := range map[string]func(w *world, ada, bob *peer, code string){
		"a member": func(w *world, _, bob *peer, code string) { bob.must(protocol.RoomJoin{Code: code}) },
		"while it counts down": func(w *world, ada, bob *peer, code string) {
			bob.must(protocol.RoomJoin{Code: code})
			bob.must(ready(1))
			ada.must(ready(1))
			ada.must(protocol.RoomDo{Verb: protocol.RoomStart})
		},
		"at the door": func(w *world, ada, bob *peer, code string) {
			ada.must(number(protocol.RoomPrivate, int(protocol.RoomFriends)))
			w.settle(func() { w.looks = time.Minute })
			bob.say(protocol.RoomJoin{Stamp: 1000, Code: code})
			pass(300 * time.Millisecond)
		},
	} {
		t.Run(where, func(t *testing.T) {
			for phase := time.Duration(0); phase < 100*time.Millisecond; phase += 33 * time.Millisecond {
				inWorld(t, nil, func(w *world) {
					ada, bob := w.come("ada"), w.come("bob")
					enter(w, ada, bob, ada.must(protocol.RoomCreate{Mode: "ffa"}).Code)
					pass(phase)
					equal(t, "ended", w.up.End("bob", "", protocol.Banned), 1)
					began := time.Now()
					for bob.goodbye() == 0 && time.Since(began) < time.Minute {
						pass(time.Millisecond)
						synctest.Wait()
					}
					if took := time.Since(began); took > 101*time.Millisecond || bob.goodbye() != protocol.Banned.Code {
						t.Errorf("%v after a beat: %d after %v", phase, bob.goodbye(), took)
					}
					equal(t, "the other's goodbye", ada.goodbye(), 0)
				})
			}
		})
	}
}
