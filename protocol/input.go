package protocol

import "github.com/musterhq/muster/game"

// Input is what a client says once a tick. On the wire: [seq&127, ack&127,
// hold, lag, value…], the values by field of the schema.
type Input struct {
	Seq uint8 // modulo 128, one up each tick of the client
	Ack uint8 // tick of the newest frame that came in, modulo 128
	// Hold is how long ago that was, in eighths of a tick, at most 127: what
	// the server takes off the round trip it measures.
	Hold uint8
	// Lag is how far behind that frame's tick the others are shown, in eighths
	// of a tick. The server adds the trip itself and clamps the sum.
	Lag    uint8
	Values [game.MaxInputs]int32
}

// inputHead is how many elements stand before the values.
const inputHead = 4

// AppendInput appends in.
func AppendInput(dst []byte, in *Input, fields []game.Field) []byte {
	dst = appendArray(dst, inputHead+len(fields))
	dst = append(dst, in.Seq&127, in.Ack&127, min(in.Hold, 127), min(in.Lag, 127))
	for i := range fields {
		dst = appendInt(dst, int64(in.Values[i]))
	}
	return dst
}

// ParseInput reads b, the whole of a message, into in. A value outside its
// field's bounds is an error.
func ParseInput(b []byte, fields []game.Field, in *Input) error {
	c := cursor{b: b}
	n := c.array()
	in.Seq = uint8(c.int(0, 127))
	in.Ack = uint8(c.int(0, 127))
	in.Hold = uint8(c.int(0, 127))
	in.Lag = uint8(c.int(0, 127))
	for i, f := range fields {
		in.Values[i] = int32(c.int(int64(f.Min), int64(f.Max)))
	}
	if c.err == nil && n < inputHead+len(fields) {
		c.fail(errCount)
	}
	c.skip(n - inputHead - len(fields))
	return c.end()
}

// IsInput reports whether a message could be an input of some schema. Outside
// of a match nobody knows which, and inputs may still be under way when one
// has ended.
func IsInput(b []byte) bool { return ParseInput(b, nil, new(Input)) == nil }

// IsControl reports whether a message is a control message: an array whose
// first element is negative. What is neither control nor well-formed, the
// parser of hot messages will say.
func IsControl(b []byte) bool {
	c := cursor{b: b}
	if c.array() == 0 {
		return false
	}
	v, ok := c.anyInt()
	return ok && v < 0
}
