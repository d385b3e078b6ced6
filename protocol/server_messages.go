package protocol

import "github.com/musterhq/muster/game"

// This file holds the control messages that the server sends.

// Welcome is the first message on a connection: [-1, version, player, name].
type Welcome struct {
	Version int
	Player  Player
}

// Refused answers a Join that was not granted; the connection stands where it
// stood: [-2, code, text].
type Refused struct {
	Code string // stable, see MatchNotFound and the others
	Text string // for people
}

// Goodbye says why the connection is about to be closed, for clients that do
// not see close frames: [-3, code, text, come back].
type Goodbye struct{ Reason Reason }

// Pong answers a Ping: [-4, stamp].
type Pong struct{ Stamp uint32 }

// Room shows the lobby room a player stands in, whole (Base 0) or as the
// change since Base: [-5, room, base, revision, mode, starts, [[index, player,
// name, here]…]]. Seats lists what changed.
type Room struct {
	ID             string
	Base, Revision uint32
	Mode           string
	Starts         int // tenths of a second until the match is made; -1: not counting
	Seats          []RoomSeat
}

// A RoomSeat is one person in a room. An empty Player is a bot or nobody, as
// Name says.
type RoomSeat struct {
	Index  int
	Player PlayerID
	Name   string
	Here   bool // connected
}

// Assignment tells a player where to play: [-6, url, match, pass, mode].
type Assignment struct {
	URL   string // of the socket; "" means on this connection or its server
	Match MatchID
	Pass  string
	Mode  string
}

// Joined answers a Join that was granted; a keyframe follows: [-7, match,
// epoch, seat, team, mode, hz, tick, schema, roster], and to who watches, whose
// seat is -1, with the delay behind it.
type Joined struct {
	Match  MatchID
	Epoch  uint32
	Seat   game.Seat // game.NoSeat: it watches
	Team   game.TeamID
	Mode   string
	Hz     int
	Tick   game.Tick
	Schema *game.Schema
	Roster []RosterSeat
	Delay  game.Tick // after the players, that who watches is shown a tick
}

// Watching says how many watch the match: [-21, people]. It comes when that has
// changed, at most once a second.
type Watching struct{ People int }

// Roster changes who sits where: [-8, [[seat, status, player, name]…]].
type Roster struct{ Seats []RosterSeat }

// A RosterSeat is one seat of a match.
type RosterSeat struct {
	Seat   game.Seat
	Status SeatStatus
	Player PlayerID // empty for a bot
	Name   string
}

// SeatStatus says who plays a seat.
type SeatStatus uint8

// The states of a seat.
const (
	SeatEmpty SeatStatus = iota
	SeatBot
	SeatPlayer
	SeatAway // its player's connection is gone or stalled; a bot may play meanwhile
)

// Over ends a match for the client, which stands in the hall again: [-9,
// match, why, [[seat, rank, score]…]].
type Over struct {
	Match  MatchID
	Why    string // stable: finished, left, failed, drained, abandoned
	Result game.Result
}

// Pace says that game time is stretched because the server is overloaded:
// [-10, permille]; 1000 is normal.
type Pace struct{ Permille int }

// Notice tells of something that concerns everyone here: [-11, code, text].
type Notice struct {
	Code string // stable: draining
	Text string // for people
}

func (m Welcome) encode(e *encoder) {
	e.open(TypeWelcome, 3)
	e.int(int64(m.Version))
	e.str(string(m.Player.ID))
	e.str(m.Player.Name)
}

func (m Refused) encode(e *encoder) {
	e.open(TypeRefused, 2)
	e.str(m.Code)
	e.str(m.Text)
}

func (m Goodbye) encode(e *encoder) {
	e.open(TypeGoodbye, 3)
	e.int(int64(m.Reason.Code))
	e.str(m.Reason.Text)
	e.bool(m.Reason.ComeBack)
}

func (m Pong) encode(e *encoder) {
	e.open(TypePong, 1)
	e.uint(uint64(m.Stamp))
}

func (m Room) encode(e *encoder) {
	e.open(TypeRoom, 6)
	e.str(m.ID)
	e.uint(uint64(m.Base))
	e.uint(uint64(m.Revision))
	e.str(m.Mode)
	e.int(int64(m.Starts))
	e.array(len(m.Seats))
	for _, s := range m.Seats {
		e.array(4)
		e.int(int64(s.Index))
		e.str(string(s.Player))
		e.str(s.Name)
		e.bool(s.Here)
	}
}

func (m Assignment) encode(e *encoder) {
	e.open(TypeAssignment, 4)
	e.str(m.URL)
	e.str(string(m.Match))
	e.str(m.Pass)
	e.str(m.Mode)
}

func (m Joined) encode(e *encoder) {
	if m.Seat == game.NoSeat {
		e.open(TypeJoined, 10)
	} else {
		e.open(TypeJoined, 9)
	}
	e.str(string(m.Match))
	e.uint(uint64(m.Epoch))
	e.int(int64(m.Seat.Index()))
	e.uint(uint64(m.Team))
	e.str(m.Mode)
	e.int(int64(m.Hz))
	e.uint(uint64(m.Tick))
	encodeSchema(e, m.Schema)
	encodeRoster(e, m.Roster)
	if m.Seat == game.NoSeat {
		e.uint(uint64(m.Delay))
	}
}

func (m Watching) encode(e *encoder) {
	e.open(TypeWatching, 1)
	e.uint(uint64(m.People))
}

func (m Roster) encode(e *encoder) {
	e.open(TypeRoster, 1)
	encodeRoster(e, m.Seats)
}

func encodeRoster(e *encoder, seats []RosterSeat) {
	e.array(len(seats))
	for _, s := range seats {
		e.array(4)
		e.uint(uint64(s.Seat))
		e.uint(uint64(s.Status))
		e.str(string(s.Player))
		e.str(s.Name)
	}
}

func (m Over) encode(e *encoder) {
	e.open(TypeOver, 3)
	e.str(string(m.Match))
	e.str(m.Why)
	e.array(len(m.Result))
	for _, p := range m.Result {
		e.array(3)
		e.uint(uint64(p.Seat))
		e.int(int64(p.Rank))
		e.int(int64(p.Score))
	}
}

func (m Pace) encode(e *encoder) {
	e.open(TypePace, 1)
	e.int(int64(m.Permille))
}

func (m Notice) encode(e *encoder) {
	e.open(TypeNotice, 2)
	e.str(m.Code)
	e.str(m.Text)
}

// ParseServer reads a control message that the server has sent.
func ParseServer(b []byte) (Control, error) {
	d := newDecoder(b)
	n := d.array(1, 32)
	var m Control
	known := 1
	switch Type(d.int(-32, -1)) {
	case TypeWelcome:
		m, known = Welcome{int(d.int(0, 1<<15)), Player{ID: PlayerID(d.str(maxID)), Name: d.str(maxName)}}, 4
	case TypeRefused:
		m, known = Refused{d.str(maxID), d.str(maxText)}, 3
	case TypeGoodbye:
		m, known = Goodbye{Reason{uint16(d.int(0, 1<<16-1)), d.str(maxText), d.bool()}}, 4
	case TypePong:
		m, known = Pong{uint32(d.int(0, 1<<32-1))}, 2
	case TypeRoom:
		m, known = d.room(), 7
	case TypeAssignment:
		m, known = Assignment{d.str(maxPass), MatchID(d.str(maxID)), d.str(maxPass), d.str(maxID)}, 5
	case TypeJoined:
		m, known = d.joined()
	case TypeRoster:
		m, known = Roster{d.roster()}, 2
	case TypeOver:
		m, known = Over{MatchID(d.str(maxID)), d.str(maxID), d.result()}, 4
	case TypePace:
		m, known = Pace{int(d.int(0, 1<<15))}, 2
	case TypeNotice:
		m, known = Notice{d.str(maxID), d.str(maxText)}, 3
	case TypeWatching:
		m, known = Watching{int(d.int(0, 1<<20))}, 2
	case TypeTicket:
		m, known = d.ticket(n)
	case TypeMail:
		m, known = d.mail(), 3
	case TypeParty:
		m, known = d.party(), 10
	case TypePresence:
		m, known = d.presence(), 3
	case TypeChat:
		m, known = d.chat(), 10
	case TypeOffer:
		m, known = d.offer(), 7
	case TypeRoomState:
		m, known = d.roomState(), 6
	case TypeRoomReply:
		m, known = d.roomReply(), 4
	case TypeRoomLeft:
		m, known = RoomLeft{d.str(maxID), d.str(maxID)}, 3
	case TypeRoomList:
		m, known = d.roomList(), 6
	default:
		d.fail(ErrUnknown)
	}
	return finish(d, m, n, known)
}

func (d *decoder) room() Room {
	m := Room{ID: d.str(maxID), Base: uint32(d.int(0, 1<<32-1)), Revision: uint32(d.int(0, 1<<32-1)),
		Mode: d.str(maxID), Starts: int(d.int(-1, 1<<20))}
	for range d.array(0, maxPeople) {
		n := d.array(4, 16)
		m.Seats = append(m.Seats, RoomSeat{int(d.int(0, maxPeople)), PlayerID(d.str(maxID)), d.str(maxName), d.bool()})
		d.rest(n, 4)
	}
	return m
}

// joined says how many elements it knows.
func (d *decoder) joined() (m Joined, known int) {
	m = Joined{MatchID(d.str(maxID)), uint32(d.int(0, 1<<32-1)), d.seat(), game.TeamID(d.int(0, 255)),
		d.str(maxID), int(d.int(1, 1000)), game.Tick(d.int(0, 1<<32-1)), d.schema(), d.roster(), 0}
	if m.Seat != game.NoSeat {
		return m, 10
	}
	m.Delay = game.Tick(d.int(0, 1<<32-1))
	return m, 11
}

// seat reads one, or -1 for none.
func (d *decoder) seat() game.Seat {
	if s := d.int(-1, game.MaxSeats-1); s >= 0 {
		return game.Seat(s)
	}
	return game.NoSeat
}

func (d *decoder) roster() (seats []RosterSeat) {
	for range d.array(0, maxPeople) {
		n := d.array(4, 16)
		seats = append(seats, RosterSeat{game.Seat(d.int(0, game.MaxSeats-1)), SeatStatus(d.int(0, int64(SeatAway))),
			PlayerID(d.str(maxID)), d.str(maxName)})
		d.rest(n, 4)
	}
	return seats
}

func (d *decoder) result() (r game.Result) {
	for range d.array(0, maxPeople) {
		n := d.array(3, 16)
		r = append(r, game.Placing{Seat: game.Seat(d.int(0, game.MaxSeats-1)),
			Rank: int32(d.int(-1<<31, 1<<31-1)), Score: int32(d.int(-1<<31, 1<<31-1))})
		d.rest(n, 3)
	}
	return r
}
