package client

import (
	"testing"

	"github.com/musterhq/muster/protocol"
)

func TestRoomsAddUp(t *testing.T) {
	var r Rooms
	head := &protocol.RoomHead{Title: "Fun", Size: 2}
	place := func(i int, who protocol.PlayerID) protocol.RoomPlaceState {
		return protocol.RoomPlaceState{Index: i, Kind: protocol.RoomPlayers, Player: who}
	}
	watch := r.Watch(protocol.RoomWatch{Mode: "ffa"})
	for _, c := range []struct {
		what    string
		m       protocol.Control
		changed bool
	}{
		{"a change of nothing", protocol.RoomState{Code: "A", Base: 1, Revision: 2}, false},
		{"whole", protocol.RoomState{Code: "A", Revision: 1, Head: head, Seats: []protocol.RoomPlaceState{place(0, "a"), place(2, "c")}}, true},
		{"a change", protocol.RoomState{Code: "A", Base: 1, Revision: 3, Seats: []protocol.RoomPlaceState{place(1, "b")}}, true},
		{"of an older one", protocol.RoomState{Code: "A", Base: 1, Revision: 4}, false},
		{"of another room", protocol.RoomState{Code: "B", Base: 3, Revision: 4}, false},
		{"out of another", protocol.RoomLeft{Code: "B"}, false},
		{"the list", protocol.RoomList{Stamp: watch.Stamp, Whole: true, Rows: []protocol.RoomRow{{Code: "A"}, {Code: "B"}}}, true},
		{"a list of before", protocol.RoomList{Stamp: watch.Stamp - 1, Whole: true}, false},
		{"its change", protocol.RoomList{Stamp: watch.Stamp, More: true, Rows: []protocol.RoomRow{{Code: "B", Players: 2}, {Code: "C"}}, Gone: []string{"A"}}, true},
		{"something else", protocol.Pong{}, false},
	} {
		if got := r.Take(c.m); got != c.changed {
			t.Errorf("%s: changed %v, want %v", c.what, got, c.changed)
		}
	}
	room := r.Room()
	if len(room.Seats) != 3 || room.Seats[1].Player != "b" || room.Seats[2].Player != "c" || room.Head.Title != "Fun" {
		t.Errorf("the room is %+v", room)
	}
	if rows, more := r.List(); len(rows) != 2 || rows[0].Players != 2 || rows[1].Code != "C" || !more || watch.Mode != "ffa" || !watch.On {
		t.Errorf("the list is %+v, %v", rows, more)
	}
	if !r.Take(protocol.RoomLeft{Code: "A"}) || r.Room().Code != "" {
		t.Error("who has left is still there")
	}
}
