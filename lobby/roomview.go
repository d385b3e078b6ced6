package lobby

import (
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
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
	id      string
	mode    string
	seats   []protocol.RoomSeat
	starts  int         // tenths of a second, or notCounting
	changes socket.News // part 0 is the time until the start, then the seats
}

func newRoomView(id, mode string, seats []protocol.RoomSeat) roomView {
	seats = seats[:min(len(seats), maxShown)]
	v := roomView{id: id, mode: mode, seats: seats, starts: notCounting, changes: socket.NewNews(1 + len(seats))}
	for i := range v.seats {
		v.seats[i].Index = i
	}
	return v
}

// seat changes who sits at an index, if that is a change.
func (v *roomView) seat(i int, s protocol.RoomSeat) {
	s.Index = i
	if i >= len(v.seats) || v.seats[i] == s {
		return
	}
	v.seats[i] = s
	v.changes.Touch(1 + i)
}

// count sets the time until the start. It is news once a second; who needs it
// finer counts along.
func (v *roomView) count(left time.Duration) {
	tenths := int((max(left, 0) + 99*time.Millisecond) / (100 * time.Millisecond))
	switch {
	case tenths == v.starts:
		return
	case (tenths+9)/10 != (v.starts+9)/10 || v.starts == notCounting:
		v.changes.Touch(0)
	default:
		v.changes.Forget() // who is told now gets it exactly
	}
	v.starts = tenths
}

// stop says that no match will come of this room.
func (v *roomView) stop() {
	if v.starts != notCounting {
		v.starts = notCounting
		v.changes.Touch(0)
	}
}

// since is the message that brings a client from revision base, or from
// nothing at 0, to now.
func (v *roomView) since(base uint32) protocol.Control {
	m := protocol.Room{ID: v.id, Base: base, Revision: v.changes.Revision(), Mode: v.mode, Starts: v.starts}
	for i, s := range v.seats {
		if v.changes.Since(1+i, base) {
			m.Seats = append(m.Seats, s)
		}
	}
	return m
}

// news is since, in bytes that nobody may change.
func (v *roomView) news(base uint32) []byte { return v.changes.Message(base, v.since) }
