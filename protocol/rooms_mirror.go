package protocol

import "slices"

// A RoomMirror is a room as the RoomStates about it add up. The zero value is
// in no room.
type RoomMirror struct {
	Code     string
	Revision uint32
	Head     RoomHead
	Seats    []RoomPlaceState // by index
}

// Apply takes in a message. It returns false where that is not about what the
// mirror holds, which then stays as it was.
func (r *RoomMirror) Apply(m RoomState) bool {
	if m.Base != 0 && (m.Code != r.Code || m.Base != r.Revision) {
		return false
	}
	if m.Base == 0 {
		*r = RoomMirror{Code: m.Code}
	}
	if m.Head != nil {
		r.Head = *m.Head
	}
	for _, s := range m.Seats {
		for len(r.Seats) <= s.Index {
			r.Seats = append(r.Seats, RoomPlaceState{Index: len(r.Seats)})
		}
		r.Seats[s.Index] = s
	}
	r.Revision = m.Revision
	return true
}

// A RoomListMirror is the list of rooms as the RoomLists add up, in the order in
// which they came. The zero value is empty.
type RoomListMirror struct {
	Stamp uint32 // of the RoomWatch that it is of; messages of others are passed over
	More  bool
	Rows  []RoomRow
}

// Apply takes in a message, or returns false where it is of another watch.
func (l *RoomListMirror) Apply(m RoomList) bool {
	if m.Stamp != l.Stamp {
		return false
	}
	if m.Whole {
		l.Rows = nil
	}
	l.More = m.More
	l.Rows = slices.DeleteFunc(l.Rows, func(r RoomRow) bool { return slices.Contains(m.Gone, r.Code) })
	for _, r := range m.Rows {
		if i := slices.IndexFunc(l.Rows, func(o RoomRow) bool { return o.Code == r.Code }); i >= 0 {
			l.Rows[i] = r
		} else {
			l.Rows = append(l.Rows, r)
		}
	}
	return true
}
