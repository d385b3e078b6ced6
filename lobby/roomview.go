package lobby

import (
	"time"

	"github.com/musterhq/muster/protocol"
)

// maxShown bounds the seats a room shows, the first ones, so that the whole of
// it fits well into a connection's control lane.
const maxShown = 128

// notCounting is protocol.Room's Starts when no match is about to be made.
const notCounting = -1

// A roomView is what the people in a lobby room see: who is there, and when it
// starts. Each change has a revision; a client that holds one gets what has
// changed since.
type roomView struct {
	id       string
	mode     string
	seats    []protocol.RoomSeat
	changed  []uint32 // revision in which a seat last changed
	revision uint32
	starts   int // tenths of a second, or notCounting

	encoded map[uint32][]byte // of this revision's messages, by base
}

func newRoomView(id, mode string, seats []protocol.RoomSeat) roomView {
	seats = seats[:min(len(seats), maxShown)]
	v := roomView{id: id, mode: mode, seats: seats, changed: make([]uint32, len(seats)), revision: 1,
		starts: notCounting, encoded: make(map[uint32][]byte)}
	for i := range v.seats {
		v.seats[i].Index = i
		v.changed[i] = 1
	}
	return v
}

// seat changes who sits at an index, if that is a change.
func (v *roomView) seat(i int, s protocol.RoomSeat) {
	s.Index = i
	if i >= len(v.seats) || v.seats[i] == s {
		return
	}
	v.revise()
	v.seats[i], v.changed[i] = s, v.revision
}

func (v *roomView) revise() {
	v.revision++
	clear(v.encoded)
}

// count sets the time until the start. It is news once a second; who needs it
// finer counts along.
func (v *roomView) count(left time.Duration) {
	tenths := int((max(left, 0) + 99*time.Millisecond) / (100 * time.Millisecond))
	switch {
	case tenths == v.starts:
		return
	case (tenths+9)/10 != (v.starts+9)/10 || v.starts == notCounting:
		v.revise()
	default:
		clear(v.encoded) // who is told now gets it exactly
	}
	v.starts = tenths
}

// stop says that no match will come of this room.
func (v *roomView) stop() {
	if v.starts != notCounting {
		v.starts = notCounting
		v.revise()
	}
}

// since is the message that brings a client from revision base, or from
// nothing at 0, to now.
func (v *roomView) since(base uint32) protocol.Room {
	m := protocol.Room{ID: v.id, Base: base, Revision: v.revision, Mode: v.mode, Starts: v.starts}
	for i, s := range v.seats {
		if v.changed[i] > base {
			m.Seats = append(m.Seats, s)
		}
	}
	return m
}

// news is since, in bytes that nobody may change.
func (v *roomView) news(base uint32) []byte {
	b, ok := v.encoded[base]
	if !ok {
		b = protocol.Append(nil, v.since(base))
		v.encoded[base] = b
	}
	return b
}
