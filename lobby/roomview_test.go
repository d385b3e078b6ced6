package lobby

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// apply is what a client does with a room message.
func apply(room *protocol.Room, m protocol.Room) bool {
	if m.Base == 0 {
		*room = m
		return true
	}
	if m.Base != room.Revision {
		return false
	}
	for _, s := range m.Seats {
		room.Seats[s.Index] = s
	}
	room.Revision, room.Starts = m.Revision, m.Starts
	return true
}

// TestRoomDeltas: clients that are told at random times all see the same.
func TestRoomDeltas(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		v := newRoomView("room", "ffa", make([]protocol.RoomSeat, 1+r.IntN(20)))
		rooms := make([]protocol.Room, 5)
		for range 60 {
			switch r.IntN(3) {
			case 0:
				v.seat(r.IntN(len(v.seats)+3), protocol.RoomSeat{Name: string(rune('a' + r.IntN(3))), Here: r.IntN(2) == 0})
			case 1:
				v.count(time.Duration(r.IntN(5000)) * time.Millisecond)
			case 2:
				room := &rooms[r.IntN(len(rooms))]
				m := parseRoom(t, v.news(room.Revision))
				if !apply(room, m) {
					t.Fatalf("seed %d: a delta since %d for one who knows %d", seed, m.Base, room.Revision)
				}
				if whole := v.since(0).(protocol.Room); !reflect.DeepEqual(room.Seats, whole.Seats) || m.Starts != whole.Starts {
					t.Fatalf("seed %d: a client sees %+v, the room is %+v", seed, room, whole)
				}
			}
		}
	}
}

func parseRoom(t *testing.T, b []byte) protocol.Room {
	t.Helper()
	m, err := protocol.ParseServer(b)
	if err != nil {
		t.Fatal(err)
	}
	return m.(protocol.Room)
}

func TestTheCountIsNewsOnceASecond(t *testing.T) {
	v := newRoomView("room", "ffa", make([]protocol.RoomSeat, 2))
	var news []int
	for left := 3 * time.Second; left >= -200*time.Millisecond; left -= 100 * time.Millisecond {
		before := v.changes.Revision()
		if v.count(left); v.changes.Revision() != before {
			news = append(news, v.starts)
		}
	}
	if want := []int{30, 20, 10, 0}; !reflect.DeepEqual(news, want) {
		t.Errorf("told at %v tenths, want %v", news, want)
	}
	v.stop()
	if m := v.since(v.changes.Revision() - 1).(protocol.Room); m.Starts != notCounting || len(m.Seats) != 0 {
		t.Errorf("after stop: %+v", m)
	}
}

// TestALargeRoomFitsTheLane: as many people as a mode may have, with the
// longest names there are.
func TestALargeRoomFitsTheLane(t *testing.T) {
	seats := make([]protocol.RoomSeat, 1000)
	for i := range seats {
		seats[i] = protocol.RoomSeat{Player: protocol.NewID[protocol.PlayerID](), Name: "𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬𝕬"}
	}
	v := newRoomView("room", "swarm", seats)
	if n := len(v.news(0)); n > 32<<10 {
		t.Errorf("the whole room takes %d bytes", n)
	}
}
