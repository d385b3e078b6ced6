package protocol_test

import (
	"encoding/hex"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol"
)

func roomSays() []protocol.Control {
	id := strings.Repeat("p", 64)
	return []protocol.Control{
		protocol.RoomCreate{Stamp: 1, Mode: "ffa"},
		protocol.RoomCreate{Stamp: math.MaxUint32, Title: strings.Repeat("ä", 128), Mode: id, Size: 1024, Privacy: protocol.RoomFriends, Password: id, Options: []int32{-1 << 31, 0, 1<<31 - 1}},
		protocol.RoomJoin{Stamp: 2, Code: "AB23CD", Password: "sesame"},
		protocol.RoomDo{Stamp: 3, Verb: protocol.RoomReady, Number: 1},
		protocol.RoomDo{Verb: 255, Player: protocol.PlayerID(id), Number: 1024, Text: strings.Repeat("x", 256), Values: []int32{7}},
		protocol.RoomDo{Stamp: 5, Verb: protocol.RoomUnban, Player: "c"},
		protocol.RoomWatch{Stamp: 4, On: true, Mode: "ffa", Open: true, Free: true, Text: "fun"},
		protocol.RoomWatch{},
	}
}

func roomNews() []protocol.Control {
	name := strings.Repeat("𝄞", 24)
	head := protocol.RoomHead{Title: "Fun", Mode: "ffa", Options: []int32{1, 300}, Size: 8, Privacy: protocol.RoomUnlisted, Locked: true, Host: "a", Phase: protocol.RoomCounts, Starts: 50,
		Banned: []protocol.RoomBanned{{Player: "c", Name: "Cyd"}, {Player: protocol.PlayerID(strings.Repeat("p", 64)), Name: name}}}
	return []protocol.Control{
		protocol.RoomState{Code: "AB23CD", Revision: 1, Head: &head, Seats: []protocol.RoomPlaceState{
			{Kind: protocol.RoomPlayers, Player: "a", Name: "Ada", Here: true, Ready: true}, {Index: 1, Kind: protocol.RoomBots}, {Index: 2, Kind: protocol.RoomOpen}, {Index: 3}}},
		protocol.RoomState{Code: "AB23CD", Base: 1, Revision: math.MaxUint32, Seats: []protocol.RoomPlaceState{
			{Index: 1023, Kind: protocol.RoomPlayers, Player: "b", Name: name, Playing: true, Swap: "a"}}},
		protocol.RoomState{Code: "AB23CD", Base: 2, Revision: 3, Head: &protocol.RoomHead{Title: name, Mode: "duel", Size: 1024, Phase: protocol.RoomPlays, Starts: -1}},
		protocol.RoomReply{Stamp: 3, Code: "AB23CD"},
		protocol.RoomReply{Stamp: math.MaxUint32, Refused: "password_wrong"},
		protocol.RoomLeft{Code: "AB23CD", Why: "kicked"},
		protocol.RoomList{Stamp: 4, Whole: true},
		protocol.RoomList{Stamp: 4, More: true, Rows: []protocol.RoomRow{
			{Code: "AB23CD", Title: "Fun", Mode: "ffa", Options: []int32{1, 300}, Host: "Ada", Players: 3, Bots: 2, Size: 8, Locked: true, Playing: true},
			{Code: "X", Title: name, Mode: "duel", Host: name, Players: 1024, Bots: 1024, Size: 1024}}, Gone: []string{"Y", "Z"}},
	}
}

func TestGoldenRooms(t *testing.T) {
	g := goldenSocial{About: "The messages of the rooms that players make, and some that every reader must refuse. Fields are named as in PROTOCOL.md."}
	add := func(from string, parse func([]byte) (protocol.Control, error), all []protocol.Control) {
		for _, m := range all {
			b := protocol.Append(nil, m)
			if got, err := parse(b); err != nil || !reflect.DeepEqual(got, m) {
				t.Errorf("%x: got %+v, %v, want %+v", b, got, err, m)
			}
			g.Messages = append(g.Messages, goldenMessage{from, strings.ToLower(reflect.TypeOf(m).Name()), hex.EncodeToString(b), roomJSON(m)})
		}
	}
	add("client", protocol.ParseClient, roomSays())
	add("server", protocol.ParseServer, roomNews())
	for _, m := range []goldenBad{
		{"client", "a room without its options", nil, "97f901a0a0000 0a0"},
		{"client", "17 options", nil, "98f901a0a00000a0" + "dc0011" + strings.Repeat("00", 17)},
		{"client", "a privacy there is not", nil, "98f901a0a00003a090"},
		{"client", "a size of 1025", nil, "98f901a0a0cd040100a090"},
		{"client", "a code of 65 bytes", nil, "94f801d941" + strings.Repeat("61", 65) + "a0"},
		{"client", "a negative number", nil, "97f70101a0ffa090"},
		{"client", "an option beyond int32", nil, "97f70101a000a091ce80000000"},
		{"server", "a whole room without its head", nil, "96efa141000 19090"},
		{"server", "a head of nine", nil, "96efa1410001" + "99a0a0900100c2a000ff" + "90"},
		{"server", "a phase there is not", nil, "96efa1410001" + "9aa0a0900100c2a004ff90" + "90"},
		{"server", "65 who are banned", nil, "96efa1410001" + "9aa0a0900100c2a000ffdc0041" + strings.Repeat("92a161a0", 65) + "90"},
		{"server", "one who is banned without a name", nil, "96efa1410001" + "9aa0a0900100c2a000ff9191a161" + "90"},
		{"server", "a kind there is not", nil, "96efa1410102" + "90" + "91980004a0a0c2c2c2a0"},
		{"server", "seat 1024", nil, "96efa1410102" + "90" + "9198cd040001a0a0c2c2c2a0"},
		{"server", "129 rooms that are gone", nil, "96ec01c2c290dc0081" + strings.Repeat("a0", 129)},
	} {
		m.Hex = strings.ReplaceAll(m.Hex, " ", "")
		if err := refuse(t, m); !errors.Is(err, protocol.ErrMalformed) || errors.Is(err, protocol.ErrUnknown) {
			t.Errorf("%s, %s: got %v, want malformed", m.What, m.Note, err)
		}
		g.Refused = append(g.Refused, m)
	}
	compareGolden(t, "rooms", g)
}

func roomJSON(m protocol.Control) fields {
	ints := func(all []int32) []int32 { return append([]int32{}, all...) }
	switch m := m.(type) {
	case protocol.RoomCreate:
		return fields{"stamp": m.Stamp, "title": m.Title, "mode": m.Mode, "size": m.Size, "privacy": m.Privacy, "password": m.Password, "options": ints(m.Options)}
	case protocol.RoomJoin:
		return fields{"stamp": m.Stamp, "code": m.Code, "password": m.Password}
	case protocol.RoomDo:
		return fields{"stamp": m.Stamp, "verb": m.Verb, "player": m.Player, "number": m.Number, "text": m.Text, "values": ints(m.Values)}
	case protocol.RoomWatch:
		return fields{"stamp": m.Stamp, "on": m.On, "mode": m.Mode, "open": m.Open, "free": m.Free, "text": m.Text}
	case protocol.RoomReply:
		return fields{"stamp": m.Stamp, "refused": m.Refused, "code": m.Code}
	case protocol.RoomLeft:
		return fields{"code": m.Code, "why": m.Why}
	case protocol.RoomState:
		var head any
		if h := m.Head; h != nil {
			head = fields{"title": h.Title, "mode": h.Mode, "options": ints(h.Options), "size": h.Size, "privacy": h.Privacy,
				"locked": h.Locked, "host": h.Host, "phase": h.Phase, "starts": h.Starts, "banned": each(h.Banned, func(b protocol.RoomBanned) fields { return fields{"player": b.Player, "name": b.Name} })}
		}
		return fields{"code": m.Code, "base": m.Base, "revision": m.Revision, "head": head, "seats": each(m.Seats, func(s protocol.RoomPlaceState) fields {
			return fields{"index": s.Index, "kind": s.Kind, "player": s.Player, "name": s.Name, "here": s.Here, "ready": s.Ready, "playing": s.Playing, "swap": s.Swap}
		})}
	case protocol.RoomList:
		return fields{"stamp": m.Stamp, "whole": m.Whole, "more": m.More, "gone": append([]string{}, m.Gone...), "rows": each(m.Rows, func(r protocol.RoomRow) fields {
			return fields{"code": r.Code, "title": r.Title, "mode": r.Mode, "options": ints(r.Options), "host": r.Host, "players": r.Players,
				"bots": r.Bots, "size": r.Size, "locked": r.Locked, "playing": r.Playing}
		})}
	}
	return fields{}
}

// FuzzRooms: what is taken of these messages comes back as it was.
func FuzzRooms(f *testing.F) {
	addAll(f, "rooms.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, parse := range []func([]byte) (protocol.Control, error){protocol.ParseClient, protocol.ParseServer} {
			m, err := parse(b)
			if err != nil || len(roomJSON(m)) == 0 {
				continue
			}
			if again, err := parse(protocol.Append(nil, m)); err != nil || !reflect.DeepEqual(m, again) {
				t.Fatalf("%x is %+v, and again %+v, %v", b, m, again, err)
			}
		}
	})
}
