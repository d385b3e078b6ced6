package protocol

import (
	"bytes"

	"github.com/vmihailenco/msgpack/v5"
)

// Type is the first element of a control message. It is negative, and means
// one thing from a client and another from the server.
type Type int8

// What a client says.
const (
	TypeJoin  Type = -1
	TypeLeave Type = -2
	TypeAck   Type = -3
	TypePing  Type = -4

	TypeMailAck Type = -5
	TypeSay     Type = -6
	TypeAccept  Type = -13
	TypeFollow  Type = -14

	TypeRoomCreate Type = -7
	TypeRoomJoin   Type = -8
	TypeRoomDo     Type = -9
	TypeRoomWatch  Type = -10
)

// What the server says.
const (
	TypeWelcome    Type = -1
	TypeRefused    Type = -2
	TypeGoodbye    Type = -3
	TypePong       Type = -4
	TypeRoom       Type = -5
	TypeAssignment Type = -6
	TypeJoined     Type = -7
	TypeRoster     Type = -8
	TypeOver       Type = -9
	TypePace       Type = -10
	TypeNotice     Type = -11
	TypeTicket     Type = -12
	TypeMail       Type = -13
	TypeParty      Type = -14
	TypePresence   Type = -15
	TypeChat       Type = -16
	TypeRoomState  Type = -17
	TypeRoomReply  Type = -18
	TypeRoomLeft   Type = -19
	TypeRoomList   Type = -20
	TypeWatching   Type = -21
	TypeOffer      Type = -25
)

// Limits of what control messages hold.
const (
	maxID     = 64   // bytes of an id
	maxName   = 96   // bytes of a name: 24 characters
	maxText   = 256  // bytes of a text for people
	maxPass   = 512  // bytes of a pass or an address
	maxPeople = 1024 // of a room, a roster or a result
)

// Version is of this protocol. A Welcome carries it.
const Version = 1

// ErrUnknown is the error for a control message of a type that there is not
// today. A client passes over it; it is an [ErrMalformed] too.
var ErrUnknown = malformed("unknown type")

// A Control is a control message: it can be appended to a buffer.
type Control interface{ encode(e *encoder) }

// Append appends the message's bytes to dst.
func Append(dst []byte, m Control) []byte {
	var buf bytes.Buffer
	m.encode(&encoder{msgpack.NewEncoder(&buf)})
	return append(dst, buf.Bytes()...)
}

// encoder is msgpack's with the few verbs we need; writing to memory, it
// cannot fail.
type encoder struct{ e *msgpack.Encoder }

func (e *encoder) open(t Type, more int) { e.array(1 + more); e.int(int64(t)) }
func (e *encoder) array(n int)           { _ = e.e.EncodeArrayLen(n) }
func (e *encoder) int(v int64)           { _ = e.e.EncodeInt(v) }
func (e *encoder) uint(v uint64)         { _ = e.e.EncodeUint(v) }
func (e *encoder) str(s string)          { _ = e.e.EncodeString(s) }
func (e *encoder) bool(b bool)           { _ = e.e.EncodeBool(b) }

// decoder is msgpack's over one whole message, with every count and length
// checked against a limit and against the bytes that are left before anything
// is made of that size: msgpack's own limits do not hold (see its issues 376
// and 401). After the first error it returns zeros.
type decoder struct {
	r   *bytes.Reader
	d   *msgpack.Decoder
	err error
}

func newDecoder(b []byte) *decoder {
	r := bytes.NewReader(b)
	return &decoder{r: r, d: msgpack.NewDecoder(r)}
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// array enters an array of at least need and at most most elements.
func (d *decoder) array(need, most int) int {
	if d.err != nil {
		return 0
	}
	n, err := d.d.DecodeArrayLen()
	if err != nil || n < need || n > most || n > d.r.Len() {
		d.fail(errCount)
		return 0
	}
	return n
}

// rest skips the elements of an array beyond those we know.
func (d *decoder) rest(n, known int) {
	if d.err != nil || n <= known {
		return
	}
	at := d.r.Size() - int64(d.r.Len())
	left := make([]byte, d.r.Len())
	_, _ = d.r.ReadAt(left, at)
	c := cursor{b: left}
	c.skip(n - known)
	if c.err != nil {
		d.fail(c.err)
		return
	}
	_, _ = d.r.Seek(-int64(len(c.b)), 2)
}

func (d *decoder) int(lo, hi int64) int64 {
	if d.err != nil {
		return 0
	}
	code, err := d.d.PeekCode()
	if err == nil && (code == 0xca || code == 0xcb || code == 0xc0) {
		d.fail(errType) // the library would turn floats and nil into integers
		return 0
	}
	var v int64
	if code == 0xcf { // and wrap what is beyond int64
		var u uint64
		u, err = d.d.DecodeUint64()
		if v = int64(u); u > 1<<63-1 {
			err = errRange
		}
	} else {
		v, err = d.d.DecodeInt64()
	}
	if err != nil || v < lo || v > hi {
		d.fail(errRange)
		return 0
	}
	return v
}

func (d *decoder) u32() uint32 { return uint32(d.int(0, 1<<32-1)) }

func (d *decoder) bool() bool {
	if d.err != nil {
		return false
	}
	code, err := d.r.ReadByte() // the library would turn nil into false
	if err != nil || code != 0xc2 && code != 0xc3 {
		d.fail(errType)
	}
	return code == 0xc3
}

func (d *decoder) str(most int) string {
	if d.err != nil {
		return ""
	}
	code, err := d.d.PeekCode()
	if err != nil || code&0xe0 != 0xa0 && code != 0xd9 && code != 0xda {
		d.fail(errType)
		return ""
	}
	n, err := d.d.DecodeBytesLen()
	if err != nil || n < 0 || n > most || n > d.r.Len() {
		d.fail(errRange)
		return ""
	}
	b := make([]byte, n)
	if err := d.d.ReadFull(b); err != nil {
		d.fail(errShort)
	}
	return string(b)
}

// end says whether the message was well-formed and nothing came behind it.
func (d *decoder) end() error {
	if d.err == nil && d.r.Len() > 0 {
		d.err = errBehind
	}
	return d.err
}
