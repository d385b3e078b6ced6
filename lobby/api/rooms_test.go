package api

import (
	"fmt"
	"sync"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// someRooms are those of a test, of the default game alone.
type someRooms []protocol.RoomRow

func (s someRooms) Rooms(of string, filter protocol.RoomWatch, most int) (all []protocol.RoomRow) {
	for _, r := range s {
		if of == game.DefaultGame && (filter.Mode == "" || filter.Mode == r.Mode) && (!filter.Free || !r.Locked) && len(all) < most {
			all = append(all, r)
		}
	}
	return all
}

func (s someRooms) Room(of, code string) (protocol.RoomRow, bool) {
	for _, r := range s {
		if r.Code == code && of == game.DefaultGame {
			return r, true
		}
	}
	return protocol.RoomRow{}, false
}

// Member implements Rooms: the test's insiders are members of every room.
func (s someRooms) Member(who protocol.PlayerID, code string) bool {
	_, in := insiders.Load(who)
	return in && code != ""
}

// insiders are players who are members of every room, by their ids.
var insiders sync.Map

var testRooms = someRooms{
	{Code: "AB23CD", Title: "Fun", Mode: "ffa", Options: []int32{1, 120}, Host: "Ada", Players: 2, Bots: 1, Size: 4},
	{Code: "EF45GH", Title: "Secret", Mode: "duel", Host: "Bob", Players: 1, Size: 2, Locked: true, Playing: true},
}

func TestRooms(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.people(1)[0]
		list := func(query string) string {
			var body struct{ Rooms []roomBody }
			ada.does("GET", "/v1/rooms"+query).is("list", 200, "").read(&body)
			codes := ""
			for _, r := range body.Rooms {
				codes += r.Code + " "
			}
			return codes
		}
		for _, query := range []string{"?free=yes", "?open=1", "?open=TRUE"} {
			ada.does("GET", "/v1/rooms"+query).is(query, 400, "query_invalid")
		}
		for query, want := range map[string]string{"": "AB23CD EF45GH ", "?mode=duel": "EF45GH ", "?free=true": "AB23CD ", "?free=false&open=": "AB23CD EF45GH ", "?mode=chess": ""} {
			if got := list(query); got != want {
				t.Errorf("%q: got %q, want %q", query, got, want)
			}
		}
		var room roomBody
		ada.does("GET", "/v1/rooms/AB23CD").is("room", 200, "").read(&room)
		if fmt.Sprint(room.Options) != "map[map:pit round:120]" || room.Host != "Ada" || room.Players != 2 {
			t.Errorf("got %+v", room)
		}
		ada.does("GET", "/v1/rooms/NOSUCH").is("no such room", 404, "room_not_found")
	})
}
