package protocol_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// goldenInputs are inputs and their bytes.
type goldenInputs struct {
	About  string        `json:"about"`
	Inputs []goldenInput `json:"inputs"`
}

type goldenInput struct {
	Fields []goldenField `json:"fields"`
	Hex    string        `json:"hex"`
	Seq    uint8         `json:"seq"`
	Ack    uint8         `json:"ack"`
	Hold   uint8         `json:"hold"`
	Lag    uint8         `json:"lag"`
	Values []int32       `json:"values"`
}

// fullFields has a field of each width that msgpack knows.
func fullFields() []game.Field {
	return []game.Field{{Name: "bit", Max: 1, Bits: true}, {Name: "small", Min: -32, Max: 127}, {Name: "byte", Min: -128, Max: 255},
		{Name: "short", Min: -1 << 15, Max: 1<<16 - 1}, {Name: "int", Min: math.MinInt32, Max: math.MaxInt32, Keep: true}}
}

func TestGoldenInputs(t *testing.T) {
	g := goldenInputs{About: "Inputs, in their shortest form."}
	add := func(fields []game.Field, in protocol.Input) {
		b := protocol.AppendInput(nil, &in, fields)
		var got protocol.Input
		if err := protocol.ParseInput(b, fields, &got); err != nil || got != in {
			t.Errorf("%x: got %+v, %v, want %+v", b, got, err, in)
		}
		if protocol.IsControl(b) {
			t.Errorf("%x is taken for a control message", b)
		}
		g.Inputs = append(g.Inputs, goldenInput{fieldsJSON(fields), hex.EncodeToString(b), in.Seq, in.Ack, in.Hold, in.Lag,
			append([]int32{}, in.Values[:len(fields)]...)})
	}
	add(nil, protocol.Input{})
	add(nil, protocol.Input{Seq: 127, Ack: 127, Hold: 127, Lag: 127})
	for _, v := range [][5]int32{{}, {1, 127, 127, 127, 127}, {0, -32, -32, -32, -32}, {1, -1, -128, -128, -128},
		{0, 0, 255, 255, 255}, {0, 0, -33, -129, -129}, {0, 0, 128, 1<<16 - 1, 1 << 16}, {0, 0, 0, -1 << 15, -1<<15 - 1},
		{0, 0, 0, 1 << 15, math.MaxInt32}, {0, 0, 0, 256, math.MinInt32}} {
		in := protocol.Input{Seq: 3, Ack: 126, Hold: 5, Lag: 18}
		copy(in.Values[:], v[:])
		add(fullFields(), in)
	}
	compareGolden(t, "inputs", g)
}

// goldenControl are control messages and their bytes.
type goldenControl struct {
	About   string          `json:"about"`
	Control []goldenMessage `json:"messages"`
}

type goldenMessage struct {
	From   string         `json:"from"`
	Type   string         `json:"type"`
	Hex    string         `json:"hex"`
	Fields map[string]any `json:"fields"`
}

// clientMessages and serverMessages have each message at least once, and the
// largest and smallest values that they may hold.
func clientMessages() []protocol.Control {
	return []protocol.Control{
		protocol.Join{Match: "mmmmmmmmmmmmmmmmmmmmmmmmmm", Pass: "m.p.3.1700000000.c2VhbA"},
		protocol.Join{Match: "m", Epoch: math.MaxUint32, LastTick: math.MaxUint32},
		protocol.Join{Match: protocol.MatchID(strings.Repeat("m", 64)), Pass: strings.Repeat("p", 512)},
		protocol.Leave{},
		protocol.Ack{},
		protocol.Ack{Tick: 127, Hold: 127},
		protocol.Ping{Stamp: 0},
		protocol.Ping{Stamp: math.MaxUint32},
		protocol.MailAck{},
		protocol.MailAck{ID: protocol.MaxMailID},
		protocol.Accept{Ticket: "t", Yes: true},
		protocol.Accept{Ticket: strings.Repeat("t", 64)},
		protocol.Follow{Seat: game.NoSeat},
		protocol.Follow{},
		protocol.Follow{Seat: game.MaxSeats - 1},
	}
}

func serverMessages() []protocol.Control {
	long := strings.Repeat("ä", 128)
	ada := protocol.Player{ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Name: "Ada"}
	return []protocol.Control{
		protocol.Welcome{Version: protocol.Version, Player: ada},
		protocol.Welcome{Version: protocol.Version, Player: protocol.Player{ID: "b", Name: strings.Repeat("𝄞", 24)}},
		protocol.Refused{Code: "pass_expired", Text: "This pass has expired."},
		protocol.Refused{Code: "match_not_found", Text: long},
		protocol.Goodbye{Reason: protocol.Draining},
		protocol.Goodbye{Reason: protocol.Replaced},
		protocol.Pong{Stamp: 1 << 31},
		protocol.Room{ID: "r", Revision: 1, Mode: "arena", Starts: -1, Seats: []protocol.RoomSeat{
			{Index: 0, Player: ada.ID, Name: ada.Name, Here: true}, {Index: 1, Name: "Bot"}}},
		protocol.Room{ID: "r", Base: 1, Revision: 2, Mode: "arena", Starts: 30},
		protocol.Room{ID: "r", Base: math.MaxUint32 - 1, Revision: math.MaxUint32, Mode: "arena", Starts: 1 << 20,
			Seats: []protocol.RoomSeat{{Index: 1024, Here: true}}},
		protocol.Assignment{Match: "m", Pass: "p", Mode: "arena"},
		protocol.Assignment{URL: "wss://eu1.example.org/v1/socket", Match: "m", Pass: strings.Repeat("p", 512), Mode: "arena"},
		protocol.Joined{Match: "m", Seat: 0, Mode: "empty", Hz: 1, Schema: &game.Schema{}},
		protocol.Joined{Match: "m", Epoch: math.MaxUint32, Seat: 1023, Team: 254, Mode: "arena", Hz: 128, Tick: math.MaxUint32,
			Schema: fullSchema(), Roster: []protocol.RosterSeat{{Seat: 0, Status: protocol.SeatPlayer, Player: ada.ID, Name: ada.Name},
				{Seat: 1023, Status: protocol.SeatBot, Name: "Bot 1023"}}},
		protocol.Joined{Match: "m", Epoch: 1, Seat: game.NoSeat, Mode: "arena", Hz: 30, Tick: 7, Schema: &game.Schema{}},
		protocol.Joined{Match: "m", Epoch: 1, Seat: game.NoSeat, Mode: "arena", Hz: 30, Tick: 7, Schema: &game.Schema{}, Delay: math.MaxUint32},
		protocol.Watching{},
		protocol.Watching{People: 200},
		protocol.Roster{Seats: []protocol.RosterSeat{{Seat: 2, Status: protocol.SeatAway, Player: ada.ID, Name: ada.Name}, {Seat: 3}}},
		protocol.Over{Match: "m", Why: "finished", Result: game.Result{{Seat: 1, Rank: 1, Score: math.MaxInt32},
			{Seat: 0, Rank: 2, Score: math.MinInt32}}},
		protocol.Over{Match: "m", Why: "left"},
		protocol.Pace{Permille: 1000},
		protocol.Pace{Permille: 100},
		protocol.Notice{Code: "draining", Text: "The server restarts in a minute."},
		protocol.Ticket{ID: "t", Mode: "arena-ffa", State: "waiting"},
		protocol.Ticket{ID: "t", Mode: "arena-ffa", State: "waiting", Wait: protocol.Wait{Waited: 12345 * time.Millisecond,
			Gap: 200, Ping: 90, InRange: 7, Estimate: 20 * time.Second, Why: "alone"}},
		protocol.Ticket{ID: "t", Mode: "arena-ffa", State: "waiting", Wait: protocol.Wait{Waited: math.MaxInt32 * time.Millisecond,
			Gap: math.MaxInt32, Ping: math.MaxInt32, InRange: math.MaxInt32, Estimate: math.MaxInt32 * time.Millisecond, Why: "held"}},
		protocol.Ticket{ID: "t", Mode: "arena-ffa", State: "failed", Reason: "no_host"},
		protocol.Mail{After: 1, Notices: []protocol.MailNotice{{ID: 1700000000000, Kind: "invite", At: 1700000000, Text: "Ada invites you.", Data: `{"party":"p"}`},
			{ID: protocol.MaxMailID, Kind: "x.gift", At: protocol.MaxMailID, Text: strings.Repeat("ä", 512), Data: strings.Repeat("d", 1024)}}},
		protocol.Mail{},
		protocol.Offer{Ticket: "t", Mode: "arena-ffa", Left: 20 * time.Second, Players: 8},
		protocol.Offer{Ticket: "t", Mode: "arena-ffa", Players: 1024, Accepted: 1024, You: true},
	}
}

// fullSchema has every flag and audience, as a client is told of them.
func fullSchema() *game.Schema {
	return &game.Schema{
		Tables: []game.Table{
			{Name: "all", Capacity: 1, Audience: game.All, Columns: []game.Column{{Name: "plain"}, {Name: "linear", Linear: true},
				{Name: "tick", Tick: true}, {Name: "both", Linear: true, Tick: true}}},
			{Name: "team", Capacity: game.MaxSlots, Audience: game.Team},
			{Name: "private", Capacity: game.MaxSeats, Audience: game.Private, Columns: []game.Column{{Name: "ammo"}}},
			{Name: "hidden3", Capacity: 1, Audience: game.Nobody},
		},
		Inputs: fullFields(),
		Events: []game.EventKind{{Name: "go"}, {Name: "hit", Args: []string{"a", "b", "c", "d"}}},
	}
}

func TestGoldenControl(t *testing.T) {
	g := goldenControl{About: "Every control message. Fields are named as in PROTOCOL.md, in their order on the wire."}
	add := func(from string, parse func([]byte) (protocol.Control, error), all []protocol.Control) {
		for _, m := range all {
			b := protocol.Append(nil, m)
			got, err := parse(b)
			if err != nil || !reflect.DeepEqual(got, m) {
				t.Errorf("%x: got %+v, %v, want %+v", b, got, err, m)
			}
			if !protocol.IsControl(b) {
				t.Errorf("%x is not taken for a control message", b)
			}
			name := strings.ToLower(reflect.TypeOf(m).Name())
			g.Control = append(g.Control, goldenMessage{from, name, hex.EncodeToString(b), controlJSON(m)})
		}
	}
	add("client", protocol.ParseClient, clientMessages())
	add("server", protocol.ParseServer, serverMessages())
	compareGolden(t, "control", g)
}

type fields = map[string]any

// controlJSON names a message's fields as PROTOCOL.md does.
func controlJSON(m protocol.Control) fields {
	switch m := m.(type) {
	case protocol.Join:
		return fields{"match": m.Match, "pass": m.Pass, "epoch": m.Epoch, "tick": m.LastTick}
	case protocol.Ack:
		return fields{"tick": m.Tick, "hold": m.Hold}
	case protocol.Ping:
		return fields{"stamp": m.Stamp}
	case protocol.Pong:
		return fields{"stamp": m.Stamp}
	case protocol.Welcome:
		return fields{"version": m.Version, "player": m.Player.ID, "name": m.Player.Name}
	case protocol.Refused:
		return fields{"code": m.Code, "text": m.Text}
	case protocol.Ticket:
		f := fields{"id": m.ID, "mode": m.Mode, "state": m.State, "reason": m.Reason}
		if m.State == "waiting" {
			f["wait"] = fields{"waited": m.Wait.Waited.Milliseconds(), "gap": m.Wait.Gap, "ping": m.Wait.Ping,
				"inRange": m.Wait.InRange, "estimate": m.Wait.Estimate.Milliseconds(), "why": m.Wait.Why}
		}
		return f
	case protocol.Offer:
		return fields{"ticket": m.Ticket, "mode": m.Mode, "left": m.Left.Milliseconds(), "players": m.Players,
			"accepted": m.Accepted, "you": m.You}
	case protocol.Accept:
		return fields{"ticket": m.Ticket, "yes": m.Yes}
	case protocol.Follow:
		return fields{"seat": m.Seat.Index()}
	case protocol.MailAck:
		return fields{"id": m.ID}
	case protocol.Mail:
		return fields{"after": m.After, "notices": each(m.Notices, func(n protocol.MailNotice) fields {
			return fields{"id": n.ID, "kind": n.Kind, "at": n.At, "text": n.Text, "data": n.Data}
		})}
	case protocol.Notice:
		return fields{"code": m.Code, "text": m.Text}
	case protocol.Goodbye:
		return fields{"code": m.Reason.Code, "text": m.Reason.Text, "comeBack": m.Reason.ComeBack}
	case protocol.Room:
		return fields{"room": m.ID, "base": m.Base, "revision": m.Revision, "mode": m.Mode, "starts": m.Starts,
			"seats": each(m.Seats, func(s protocol.RoomSeat) fields {
				return fields{"index": s.Index, "player": s.Player, "name": s.Name, "here": s.Here}
			})}
	case protocol.Assignment:
		return fields{"url": m.URL, "match": m.Match, "pass": m.Pass, "mode": m.Mode}
	case protocol.Joined:
		f := fields{"match": m.Match, "epoch": m.Epoch, "seat": m.Seat.Index(), "team": m.Team, "mode": m.Mode, "hz": m.Hz,
			"tick": m.Tick, "schema": schemaJSON(m.Schema), "roster": each(m.Roster, rosterJSON)}
		if m.Seat == game.NoSeat {
			f["delay"] = m.Delay
		}
		return f
	case protocol.Watching:
		return fields{"people": m.People}
	case protocol.Roster:
		return fields{"seats": each(m.Seats, rosterJSON)}
	case protocol.Over:
		return fields{"match": m.Match, "why": m.Why, "result": each(m.Result, func(p game.Placing) fields {
			return fields{"seat": p.Seat, "rank": p.Rank, "score": p.Score}
		})}
	case protocol.Pace:
		return fields{"permille": m.Permille}
	}
	return fields{}
}

func rosterJSON(s protocol.RosterSeat) fields {
	return fields{"seat": s.Seat, "status": s.Status, "player": s.Player, "name": s.Name}
}

func each[T any](all []T, f func(T) fields) []fields {
	out := []fields{}
	for _, x := range all {
		out = append(out, f(x))
	}
	return out
}

// goldenLenient are messages that no writer of today makes and every reader
// takes: other forms of a number, and tomorrow's elements.
type goldenLenient struct {
	About    string        `json:"about"`
	Messages []goldenAlias `json:"messages"`
}

type goldenAlias struct {
	What string `json:"what"` // client, server, frame or input
	Note string `json:"note"`
	Hex  string `json:"hex"`
	Like string `json:"like"` // the message that says the same
}

// tomorrow are elements of every kind that a reader must be able to skip:
// nil, booleans, numbers, text, bytes and nested arrays of them.
const tomorrow = "c0 c2 c3 cb3ff0000000000000 ca3f800000 cfffffffffffffffff d3ffffffffffffffff a161 d90161 da000161 c40100 c5000100 93019102a162 dc0000"

func TestGoldenLenient(t *testing.T) {
	g := goldenLenient{About: "Messages that readers take for the same as like; frames and inputs are of the schema of Joined in frames_basics.json."}
	for _, m := range []goldenAlias{
		{"client", "a ping in wider forms", "92 d0fc cf0000000000000007", "92fc07"},
		{"client", "a ping with more elements", "9f fc 07" + tomorrow[:len(tomorrow)-len(" dc0000")], "92fc07"},
		{"client", "an array header of 32 bits", "dd00000002 fc 07", "92fc07"},
		{"server", "a pong with more elements", "dc0010 fc 07" + tomorrow, "92fc07"},
		{"server", "a ticket that waits and does not say why", "95 f4 a174 a161 a777616974696e67 a0", "9b f4 a174 a161 a777616974696e67 a0 00 00 00 00 00 a0"},
		{"server", "a roster seat with more elements", "92 f8 91 95 00 02 a161 a141 93010203", "92f8919400 02a161a141"},
		{"input", "more elements", "99 01 02 03 04 ff 05 c0 a161 92cb3ff000000000000001", "96 01 02 03 04 ff 05"},
		{"input", "wider forms", "dc0006 cc01 cd0002 ce00000003 cf0000000000000004 d3ffffffffffffffff d10005", "96 01 02 03 04 ff 05"},
		{"frame", "a head and a body with more elements", "98 01 05 00 00 00 92010c c0 a161" + "97 05 01 90 9a 0000ccc8ccc7ccc8 0001cd0190cd018fccc8 90 c3 9101",
			"96010500000092010c95050190" + "9a0000ccc8ccc7ccc80001cd0190cd018fccc890"},
	} {
		m.Hex, m.Like = strings.ReplaceAll(m.Hex, " ", ""), strings.ReplaceAll(m.Like, " ", "")
		got, want := read(t, m.What, m.Hex), read(t, m.What, m.Like)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", m.Note, got, want)
		}
		g.Messages = append(g.Messages, m)
	}
	compareGolden(t, "lenient", g)
}

// goldenRefused are messages that every reader must refuse.
type goldenRefused struct {
	About    string      `json:"about"`
	Messages []goldenBad `json:"messages"`
}

type goldenBad struct {
	What   string   `json:"what"`
	Note   string   `json:"note"`
	Before []string `json:"before,omitempty"` // frames that come first and are fine
	Hex    string   `json:"hex"`
}

func TestGoldenRefused(t *testing.T) {
	const key = "96010500000092010c95050190" + "9a0000ccc8ccc7ccc80001cd0190cd018fccc890"
	const next = "960006010000c0" + "93909090"
	g := goldenRefused{About: "Messages that readers must refuse; frames and inputs are of the schema of Joined in frames_basics.json, and frames come after those in before."}
	const again = "96010700000092010c95070190" + "9a0000ccc8ccc7ccc80001cd0190cd018fccc890"
	none, one, two, three := []string{}, []string{key}, []string{key, next}, []string{key, next, again}
	for _, m := range []goldenBad{
		{"client", "empty", none, ""},
		{"client", "not an array", none, "07"},
		{"client", "a type there is not", none, "91e0"},
		{"client", "a server's message", none, "91f4"},
		{"client", "bytes behind", none, "92fc0700"},
		{"client", "too few elements", none, "91fc"},
		{"client", "a float for an integer", none, "92fcca3f800000"},
		{"client", "nil for an integer", none, "92fcc0"},
		{"client", "beyond 32 bits", none, "92fccf0000000100000000"},
		{"client", "beyond 63 bits", none, "92fccfffffffffffffffff"},
		{"client", "negative", none, "92fcff"},
		{"client", "an ack of tick 128", none, "93fdcc8000"},
		{"client", "a match of 65 bytes", none, "95ffd941" + strings.Repeat("6d", 65) + "a00000"},
		{"client", "bytes for text", none, "95ffc4016da00000"},
		{"client", "text cut short", none, "95ffd9406d"},
		{"client", "more elements than bytes", none, "ddfffffffffc07"},
		{"client", "a follow of nobody in particular", none, "91f2"},
		{"client", "a follow of seat -2", none, "92f2fe"},
		{"client", "a follow of seat 1024", none, "92f2cd0400"},
		{"client", "a mail's id beyond 53 bits", none, "92fbcf0020000000000000"},
		{"server", "a notice without its data", none, "93f3009194 01a17800a0"},
		{"server", "a boolean that is nil", none, "94fdcd03e8a0c0"},
		{"server", "a seat of 1024", none, "92f89194cd04000 0a0a0"},
		{"server", "a status there is not", none, "92f891940004a0a0"},
		{"server", "a score of 2^64-1", none, "94f7a16da16691930001cfffffffffffffffff"},
		{"server", "a hidden table with columns", none, "9af9a16d010000a16d1e05" + "93" + "9194a16801 03 9192a16300" + "9090" + "90"},
		{"input", "empty", none, ""},
		{"input", "too few elements", none, "9501020304ff"},
		{"input", "fewer elements than values", none, "9501020304ff05"},
		{"input", "2^64-1, which is not -1", none, "9601020304cfffffffffffffffff05"},
		{"input", "below the field's bounds", none, "9601020304fe05"},
		{"input", "above the field's bounds", none, "9601020304ff08"},
		{"input", "a sequence of 128", none, "96cc80020304ff05"},
		{"input", "bytes behind", none, "9601020304ff0500"},
		{"frame", "a delta before a keyframe", none, next},
		{"frame", "a delta of another base", one, "960007010000c093909090"},
		{"frame", "a delta of age 0", one, "960005000000c093909090"},
		{"frame", "linear right after a keyframe", one, "960206010000c093909090"},
		{"frame", "linear right after a keyframe among others", three, "960208010000c093909090"},
		{"frame", "linear with an uneven stride", two, "960208020000c093909090"},
		{"frame", "a linear keyframe", none, "960305000000c09505019090 90"},
		{"frame", "a kind there is not", one, "964006010000c093909090"},
		{"frame", "cells without a space", one, "962006010000c09390909091c0"},
		{"frame", "a keyframe with columns", none, "960105000000c0950501 93010102 9090"},
		{"frame", "a body of two elements", one, "960006010000c0929090"},
		{"frame", "cut short", one, "960006010000c0939090"},
		{"frame", "a column beyond the schema", one, "960006010000c09393cd010001029090"},
		{"frame", "a slot beyond the table", one, "960006010000c0939301100 29090"},
		{"frame", "fewer residuals than slots", one, "960006010000c09393010302 9090"},
		{"frame", "more residuals than slots", one, "960006010000c0939401010202 9090"},
		{"frame", "an own column beyond the schema", one, "96000601000092040293909090"},
		{"frame", "own columns without a value", one, "960006010000910193909090"},
		{"frame", "a spawn in a private table", one, "960006010000c093909403000202 90"},
		{"frame", "a spawn in a hidden table", one, "960006010000c0939092010090"},
		{"frame", "a spawn without all values", one, "960006010000c09390940000020290"},
		{"frame", "spawns out of order", one, "960006010000c093909a0001020202000002020290"},
		{"frame", "a despawn twice", one, "960006010000c09390909400000000"},
		{"frame", "half a despawn", one, "960006010000c09390909100"},
		{"frame", "events without the flag", one, "960006010000c0939090909 20601"},
		{"frame", "an event there is not", one, "960806010000c093909090920603"},
		{"frame", "an event without all values", one, "960806010000c093909090930600 01"},
		{"frame", "events of the base's tick", one, "960806010000c093909090920501"},
		{"frame", "events before tick 0", one, "960806010000c093909090920701"},
		{"frame", "event segments out of order", two, "960808020000c093909090920801920701"},
		{"frame", "two event segments of one tick", one, "960806010000c093909090920601920601"},
		{"frame", "an event segment without a tick", one, "960806010000c09390909090"},
	} {
		m.Hex = strings.ReplaceAll(m.Hex, " ", "")
		err := refuse(t, m)
		if !errors.Is(err, protocol.ErrMalformed) {
			t.Errorf("%s, %s: got %v, want malformed", m.What, m.Note, err)
		}
		g.Messages = append(g.Messages, m)
	}
	compareGolden(t, "refused", g)
}

func refuse(t *testing.T, m goldenBad) (err error) {
	switch b := unhex(t, m.Hex); m.What {
	case "client":
		_, err = protocol.ParseClient(b)
	case "server":
		_, err = protocol.ParseServer(b)
	case "input":
		err = protocol.ParseInput(b, duel().Inputs, new(protocol.Input))
	case "frame":
		mirror := mustMirror(t)
		for _, before := range m.Before {
			if err := mirror.Frame(unhex(t, before)); err != nil {
				t.Errorf("%s: what comes before: %v", m.Note, err)
			}
		}
		err = mirror.Frame(b)
	}
	return err
}

// read reads a message to something that can be compared.
func read(t *testing.T, what, text string) (v any) {
	t.Helper()
	var err error
	switch b := unhex(t, text); what {
	case "client":
		v, err = protocol.ParseClient(b)
	case "server":
		v, err = protocol.ParseServer(b)
	case "input":
		var in protocol.Input
		err = protocol.ParseInput(b, duel().Inputs, &in)
		v = in
	case "frame":
		m := mustMirror(t)
		err = m.Frame(b)
		v = fmt.Sprint(m.Now().Tick, rows(m.Now()), own(m.Now(), 1), *m.Head())
	}
	if err != nil {
		t.Errorf("%s %s: %v", what, text, err)
	}
	return v
}

func mustMirror(t *testing.T) *protocol.Mirror {
	t.Helper()
	m, err := protocol.NewMirror(duel(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}
