package protocol

import "github.com/vmihailenco/msgpack/v5"

// This file holds the messages of the rooms that players make: the client's
// RoomCreate, RoomJoin, RoomDo and RoomWatch, and the server's RoomState,
// RoomReply, RoomLeft and RoomList.

// Limits of rooms.
const (
	MaxRoomText    = 256 // bytes of a title or a search as they are sent; a title that is kept is shorter
	MaxRoomOptions = 16
	MaxRoomRows    = 128 // rooms in one RoomList
	MaxRoomBanned  = 64
)

// RoomPrivacy says who finds a room.
type RoomPrivacy uint8

// The privacies.
const (
	RoomPublic   RoomPrivacy = iota // in the list
	RoomUnlisted                    // who has the code
	RoomFriends                     // who has the code and is a friend of the host
)

// RoomCreate makes a room, of which the player is the host: [-7, stamp, title,
// mode, size, privacy, password, [option…]]. It is answered by a RoomReply.
type RoomCreate struct {
	Stamp    uint32 // the client's own, to know the answer by
	Title    string // empty: one is made of the player's name
	Mode     string
	Size     int // seats in use; 0: all of the mode
	Privacy  RoomPrivacy
	Password string  // empty: none
	Options  []int32 // of the mode, in its order; the last ones may be left out
}

// RoomJoin comes into a room: [-8, stamp, code, password]. It is answered by a
// RoomReply.
type RoomJoin struct {
	Stamp    uint32
	Code     string // upper or lower case
	Password string // empty where the room has none
}

// RoomVerb is what a member does in a room. From RoomMode on it is for the host.
type RoomVerb uint8

// The verbs, with what they take of a RoomDo.
const (
	RoomReady    RoomVerb = 1  // Number 1 ready, 0 not
	RoomSit      RoomVerb = 2  // Number is the seat, an open one
	RoomSwap     RoomVerb = 3  // with Player, who must ask the same; none: not any more
	RoomMode     RoomVerb = 10 // Text is the mode, Values its options
	RoomOptions  RoomVerb = 11 // Values
	RoomSize     RoomVerb = 12 // Number
	RoomPrivate  RoomVerb = 13 // Number is a RoomPrivacy
	RoomPassword RoomVerb = 14 // Text, empty: none
	RoomTitle    RoomVerb = 15 // Text
	RoomBot      RoomVerb = 16 // Number is the seat: an open one gets a bot, a bot's is opened
	RoomPlace    RoomVerb = 17 // Player takes seat Number; who sits there takes the other
	RoomKick     RoomVerb = 18 // Player
	RoomBan      RoomVerb = 19 // Player, until RoomUnban or for as long as there is the room
	RoomHost     RoomVerb = 20 // Player is the host from now on
	RoomStart    RoomVerb = 21 // Number 1 counts down, 0 stops that
	RoomUnban    RoomVerb = 22 // Player may come again
)

// RoomDo does something in the room: [-9, stamp, verb, player, number, text,
// [value…]]. It is answered by a RoomReply.
type RoomDo struct {
	Stamp  uint32
	Verb   RoomVerb
	Player PlayerID
	Number int
	Text   string
	Values []int32
}

// RoomWatch subscribes to the list of rooms, with a filter, or ends that: [-10,
// stamp, on, mode, open, free, text]. It is answered by RoomLists.
type RoomWatch struct {
	Stamp uint32
	On    bool
	Mode  string // empty: any
	Open  bool   // only with an open seat
	Free  bool   // only without a password
	Text  string // in the title or the host's name, in any case; empty: any
}

// RoomState shows the room a player is in, whole (Base 0) or as the change
// since Base: [-17, code, base, revision, [title, mode, [option…], size,
// privacy, locked, host, phase, starts, [[player, name]…]], [[index, kind, player, name, here,
// ready, playing, swap]…]]. An empty array in the place of the head says that
// it has not changed. Seats lists what changed; those that a change of mode has
// taken away are closed.
type RoomState struct {
	Code           string
	Base, Revision uint32
	Head           *RoomHead // nil: as it was
	Seats          []RoomPlaceState
}

// RoomHead is what concerns a whole room.
type RoomHead struct {
	Title   string
	Mode    string
	Options []int32 // all of the mode's
	Size    int
	Privacy RoomPrivacy
	Locked  bool // has a password
	Host    PlayerID
	Phase   RoomPhase
	Starts  int // tenths of a second until the match is made, -1: not counting
	Banned  []RoomBanned
}

// A RoomBanned is a player who may not come into a room.
type RoomBanned struct {
	Player PlayerID
	Name   string
}

// RoomPhase is how far a room is.
type RoomPhase uint8

// The phases.
const (
	RoomGathers RoomPhase = iota
	RoomCounts
	RoomStarts // a host is being asked for
	RoomPlays  // a match of the room runs
)

// A RoomPlaceState is one seat of a room.
type RoomPlaceState struct {
	Index   int
	Kind    RoomSeatKind
	Player  PlayerID // whose it is, as the next
	Name    string
	Here    bool     // connected to the room
	Ready   bool     // for a match
	Playing bool     // in one
	Swap    PlayerID // with whom the player would change seats
}

// RoomSeatKind is what a seat is.
type RoomSeatKind uint8

// The kinds.
const (
	RoomClosed RoomSeatKind = iota // not in use
	RoomOpen
	RoomBots // a bot's
	RoomPlayers
)

// RoomReply answers what a client asked for: [-18, stamp, refused, code].
type RoomReply struct {
	Stamp   uint32
	Refused string // stable, empty: it is done
	Code    string // of the room that a RoomCreate or RoomJoin has led into
}

// RoomLeft says that the player is out of a room: [-19, code, why].
type RoomLeft struct {
	Code string
	Why  string // stable: left, kicked, banned, away, idle, draining
}

// RoomList brings rooms of the list, whole or what changed: [-20, stamp, whole,
// more, [[code, title, mode, [option…], host, players, bots, size, locked,
// playing]…], [code…]].
type RoomList struct {
	Stamp uint32 // of the RoomWatch
	Whole bool   // forget what there was
	More  bool   // others match too, and are not shown
	Rows  []RoomRow
	Gone  []string
}

// A RoomRow is a room as the list shows it.
type RoomRow struct {
	Code    string
	Title   string
	Mode    string
	Options []int32
	Host    string // name
	Players int
	Bots    int
	Size    int
	Locked  bool
	Playing bool
}

func (e *encoder) int32s(all []int32) {
	e.array(len(all))
	for _, v := range all {
		e.int(int64(v))
	}
}

func (d *decoder) int32s(most int) (all []int32) {
	for range d.array(0, most) {
		all = append(all, int32(d.int(-1<<31, 1<<31-1)))
	}
	return all
}

func (m RoomCreate) encode(e *encoder) {
	e.open(TypeRoomCreate, 7)
	e.uint(uint64(m.Stamp))
	e.str(m.Title)
	e.str(m.Mode)
	e.int(int64(m.Size))
	e.uint(uint64(m.Privacy))
	e.str(m.Password)
	e.int32s(m.Options)
}

func (d *decoder) roomCreate() RoomCreate {
	return RoomCreate{d.u32(), d.str(MaxRoomText), d.str(maxID), int(d.int(0, maxPeople)),
		RoomPrivacy(d.int(0, int64(RoomFriends))), d.str(maxID), d.int32s(MaxRoomOptions)}
}

func (m RoomJoin) encode(e *encoder) {
	e.open(TypeRoomJoin, 3)
	e.uint(uint64(m.Stamp))
	e.str(m.Code)
	e.str(m.Password)
}

func (d *decoder) roomJoin() RoomJoin { return RoomJoin{d.u32(), d.str(maxID), d.str(maxID)} }

func (m RoomDo) encode(e *encoder) {
	e.open(TypeRoomDo, 6)
	e.uint(uint64(m.Stamp))
	e.uint(uint64(m.Verb))
	e.str(string(m.Player))
	e.int(int64(m.Number))
	e.str(m.Text)
	e.int32s(m.Values)
}

func (d *decoder) roomDo() RoomDo {
	return RoomDo{d.u32(), RoomVerb(d.int(0, 255)), PlayerID(d.str(maxID)), int(d.int(0, maxPeople)),
		d.str(MaxRoomText), d.int32s(MaxRoomOptions)}
}

func (m RoomWatch) encode(e *encoder) {
	e.open(TypeRoomWatch, 6)
	e.uint(uint64(m.Stamp))
	e.bool(m.On)
	e.str(m.Mode)
	e.bool(m.Open)
	e.bool(m.Free)
	e.str(m.Text)
}

func (d *decoder) roomWatch() RoomWatch {
	return RoomWatch{d.u32(), d.bool(), d.str(maxID), d.bool(), d.bool(), d.str(MaxRoomText)}
}

func (m RoomState) encode(e *encoder) {
	e.open(TypeRoomState, 5)
	e.str(m.Code)
	e.uint(uint64(m.Base))
	e.uint(uint64(m.Revision))
	m.Head.encode(e)
	e.array(len(m.Seats))
	for _, s := range m.Seats {
		e.array(8)
		e.int(int64(s.Index))
		e.uint(uint64(s.Kind))
		e.str(string(s.Player))
		e.str(s.Name)
		e.bool(s.Here)
		e.bool(s.Ready)
		e.bool(s.Playing)
		e.str(string(s.Swap))
	}
}

func (h *RoomHead) encode(e *encoder) {
	if h == nil {
		e.array(0)
		return
	}
	e.array(10)
	e.str(h.Title)
	e.str(h.Mode)
	e.int32s(h.Options)
	e.int(int64(h.Size))
	e.uint(uint64(h.Privacy))
	e.bool(h.Locked)
	e.str(string(h.Host))
	e.uint(uint64(h.Phase))
	e.int(int64(h.Starts))
	e.array(len(h.Banned))
	for _, b := range h.Banned {
		e.array(2)
		e.str(string(b.Player))
		e.str(b.Name)
	}
}

func (d *decoder) roomState() RoomState {
	m := RoomState{Code: d.str(maxID), Base: d.u32(), Revision: d.u32(), Head: d.roomHead()}
	for range d.array(0, maxPeople) {
		n := d.array(8, 16)
		m.Seats = append(m.Seats, RoomPlaceState{int(d.int(0, maxPeople-1)), RoomSeatKind(d.int(0, int64(RoomPlayers))),
			PlayerID(d.str(maxID)), d.str(maxName), d.bool(), d.bool(), d.bool(), PlayerID(d.str(maxID))})
		d.rest(n, 8)
	}
	if m.Base == 0 && m.Head == nil {
		d.fail(errCount)
	}
	return m
}

func (d *decoder) roomHead() *RoomHead {
	n := d.array(0, 16)
	if n == 0 {
		return nil
	}
	if n < 10 {
		d.fail(errCount)
	}
	h := &RoomHead{d.str(maxName), d.str(maxID), d.int32s(MaxRoomOptions), int(d.int(1, maxPeople)),
		RoomPrivacy(d.int(0, int64(RoomFriends))), d.bool(), PlayerID(d.str(maxID)), RoomPhase(d.int(0, int64(RoomPlays))), int(d.int(-1, 1<<20)), d.roomBanned()}
	d.rest(n, 10)
	return h
}

func (d *decoder) roomBanned() (all []RoomBanned) {
	for range d.array(0, MaxRoomBanned) {
		n := d.array(2, 16)
		all = append(all, RoomBanned{PlayerID(d.str(maxID)), d.str(maxName)})
		d.rest(n, 2)
	}
	return all
}

func (m RoomReply) encode(e *encoder) {
	e.open(TypeRoomReply, 3)
	e.uint(uint64(m.Stamp))
	e.str(m.Refused)
	e.str(m.Code)
}

func (d *decoder) roomReply() RoomReply { return RoomReply{d.u32(), d.str(maxID), d.str(maxID)} }

func (m RoomLeft) encode(e *encoder) {
	e.open(TypeRoomLeft, 2)
	e.str(m.Code)
	e.str(m.Why)
}

func (m RoomList) encode(e *encoder) {
	rows := make([][]byte, len(m.Rows))
	for i := range m.Rows {
		rows[i] = AppendRoomRow(nil, m.Rows[i])
	}
	m.encodeRows(e, rows)
}

func (m RoomList) encodeRows(e *encoder, rows [][]byte) {
	e.open(TypeRoomList, 5)
	e.uint(uint64(m.Stamp))
	e.bool(m.Whole)
	e.bool(m.More)
	e.array(len(rows))
	for _, row := range rows {
		_ = e.e.Encode(msgpack.RawMessage(row)) // in memory
	}
	e.array(len(m.Gone))
	for _, code := range m.Gone {
		e.str(code)
	}
}

// A RoomRows is a RoomList whose rows are bytes already, made by AppendRoomRow
// once for all who are sent them; its own are not looked at.
type RoomRows struct {
	RoomList
	Raw [][]byte
}

func (m RoomRows) encode(e *encoder) { m.encodeRows(e, m.Raw) }

// AppendRoomRow appends a row's bytes to dst.
func AppendRoomRow(dst []byte, r RoomRow) []byte { return Append(dst, r) }

func (r RoomRow) encode(e *encoder) {
	e.array(10)
	e.str(r.Code)
	e.str(r.Title)
	e.str(r.Mode)
	e.int32s(r.Options)
	e.str(r.Host)
	e.int(int64(r.Players))
	e.int(int64(r.Bots))
	e.int(int64(r.Size))
	e.bool(r.Locked)
	e.bool(r.Playing)
}

func (d *decoder) roomList() RoomList {
	m := RoomList{Stamp: d.u32(), Whole: d.bool(), More: d.bool()}
	for range d.array(0, MaxRoomRows) {
		n := d.array(10, 16)
		m.Rows = append(m.Rows, RoomRow{d.str(maxID), d.str(maxName), d.str(maxID), d.int32s(MaxRoomOptions), d.str(maxName),
			int(d.int(0, maxPeople)), int(d.int(0, maxPeople)), int(d.int(0, maxPeople)), d.bool(), d.bool()})
		d.rest(n, 10)
	}
	for range d.array(0, MaxRoomRows) {
		m.Gone = append(m.Gone, d.str(maxID))
	}
	return m
}
