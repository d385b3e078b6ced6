package client

import (
	"slices"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// Rooms are those that players make, as a client hears of them: the one that it
// is in, and the list that it watches. Give [Rooms.Take] what Options.Control is
// told. The zero value is in none. It is safe for concurrent use.
type Rooms struct {
	mu    sync.Mutex
	room  protocol.RoomMirror     // under mu
	list  protocol.RoomListMirror // under mu
	stamp uint32                  // under mu: the last that was used
}

// Take takes in a control message. It reports whether that was about rooms and
// has changed something.
func (r *Rooms) Take(m protocol.Control) (changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch m := m.(type) {
	case protocol.RoomState:
		return r.room.Apply(m)
	case protocol.RoomList:
		return r.list.Apply(m)
	case protocol.RoomLeft:
		if changed = m.Code == r.room.Code; changed {
			r.room = protocol.RoomMirror{}
		}
	}
	return changed
}

// Room is the one that the client is in; its Code is empty where it is in none.
func (r *Rooms) Room() protocol.RoomMirror {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.room
	m.Seats = slices.Clone(m.Seats)
	return m
}

// List is the list that is watched, and whether there is more than it shows.
func (r *Rooms) List() (rows []protocol.RoomRow, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list.Rows), r.list.More
}

// Watch returns the message that subscribes to the list, which begins anew.
func (r *Rooms) Watch(filter protocol.RoomWatch) protocol.RoomWatch {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stamp++
	r.list = protocol.RoomListMirror{Stamp: r.stamp}
	filter.On, filter.Stamp = true, r.stamp
	return filter
}
