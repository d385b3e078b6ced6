package protocol

import "github.com/musterhq/muster/game"

// This file holds the control messages that a client sends.

// Join asks for a seat in a match: the first time with the pass of an
// Assignment, and after a lost connection with the epoch and tick last seen,
// on a connection of the same player: [-1, match, pass, epoch, tick].
type Join struct {
	Match    MatchID
	Pass     string // empty to resume
	Epoch    uint32 // of the match as it was last seen
	LastTick game.Tick
}

// Leave gives the seat back: [-2].
type Leave struct{}

// Ack says that the connection lives where there is no input to say it:
// [-3, tick&127, hold], as in an Input.
type Ack struct{ Tick, Hold uint8 }

// Ping asks for a Pong with the same stamp: [-4, stamp].
type Ping struct{ Stamp uint32 }

// Follow has who watches look at a plane from where a seat does; from the middle
// where that is NoSeat: [-14, seat].
type Follow struct{ Seat game.Seat }

func (m Join) encode(e *encoder) {
	e.open(TypeJoin, 4)
	e.str(string(m.Match))
	e.str(m.Pass)
	e.uint(uint64(m.Epoch))
	e.uint(uint64(m.LastTick))
}

func (Leave) encode(e *encoder) { e.open(TypeLeave, 0) }

func (m Ack) encode(e *encoder) {
	e.open(TypeAck, 2)
	e.uint(uint64(m.Tick & 127))
	e.uint(uint64(min(m.Hold, 127)))
}

func (m Ping) encode(e *encoder) {
	e.open(TypePing, 1)
	e.uint(uint64(m.Stamp))
}

func (m Follow) encode(e *encoder) {
	e.open(TypeFollow, 1)
	e.int(int64(m.Seat.Index()))
}

// ParseClient reads a control message that a client has sent: a Join, Leave,
// Ack, Ping, MailAck, Say, Accept, Follow or one of the Rooms.
func ParseClient(b []byte) (Control, error) {
	d := newDecoder(b)
	n := d.array(1, 16)
	var m Control
	known := 1
	switch Type(d.int(-32, -1)) {
	case TypeJoin:
		m, known = Join{MatchID(d.str(maxID)), d.str(maxPass), uint32(d.int(0, 1<<32-1)), game.Tick(d.int(0, 1<<32-1))}, 5
	case TypeLeave:
		m = Leave{}
	case TypeAck:
		m, known = Ack{uint8(d.int(0, 127)), uint8(d.int(0, 127))}, 3
	case TypePing:
		m, known = Ping{uint32(d.int(0, 1<<32-1))}, 2
	case TypeMailAck:
		m, known = MailAck{d.mailID()}, 2
	case TypeSay:
		m, known = d.say(), 5
	case TypeRoomCreate:
		m, known = d.roomCreate(), 8
	case TypeRoomJoin:
		m, known = d.roomJoin(), 4
	case TypeRoomDo:
		m, known = d.roomDo(), 7
	case TypeRoomWatch:
		m, known = d.roomWatch(), 7
	case TypeAccept:
		m, known = d.accept(), 3
	case TypeFollow:
		m, known = Follow{d.seat()}, 2
	default:
		d.fail(ErrUnknown)
	}
	return finish(d, m, n, known)
}

// finish checks that the message's array held what was read of it, skips
// tomorrow's elements, and refuses bytes behind it.
func finish(d *decoder, m Control, n, known int) (Control, error) {
	if d.err == nil && n < known {
		d.fail(errCount)
	}
	d.rest(n, known)
	if err := d.end(); err != nil {
		return nil, err
	}
	return m, nil
}
