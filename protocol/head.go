package protocol

import "math/bits"

// Kind tells how to read the rest of a frame: bit flags.
type Kind uint8

// The flags of a frame.
const (
	Keyframe  Kind = 1 << iota // the body is against the empty world and opens with tick and epoch
	Linear                     // the body is against the extrapolated base
	Hashed                     // the head ends with the view hash at this tick
	HasEvents                  // event segments follow the body
	Gap                        // events older than the segments were lost to this client
	HasCells                   // cells follow the body
	kindEnd
)

// Head opens every frame and is its only part made for one client. On the
// wire: [kind, tick&127, age, ack&127, slack, own, hash?].
type Head struct {
	Kind Kind
	Tick uint8 // of the frame, modulo 128
	Age  uint8 // ticks since the base; 0 in a keyframe
	Ack  uint8 // sequence of the last input taken, modulo 128
	// Slack is how many inputs wait on the server after one was taken, a mean
	// less the target, in eighths of a tick: negative means the client is late
	// and should tick faster.
	Slack int8
	// OwnMask and Own change the seat's own columns: the mask of changed
	// columns and what to add to each, in order. On the wire nil, or [mask, by…].
	OwnMask uint64
	Own     []int32
	Hash    uint32 // where Kind has Hashed
}

// AppendHead appends h.
func AppendHead(dst []byte, h *Head) []byte {
	n := 6
	if h.Kind&Hashed != 0 {
		n = 7
	}
	dst = append(dst, 0x90|byte(n), byte(h.Kind), h.Tick&127, h.Age, h.Ack&127)
	dst = appendInt(dst, int64(h.Slack))
	if h.OwnMask == 0 {
		dst = append(dst, 0xc0)
	} else {
		dst = appendArray(dst, 1+len(h.Own))
		dst = appendUint(dst, h.OwnMask)
		for _, by := range h.Own {
			dst = appendZigzag(dst, by)
		}
	}
	if h.Kind&Hashed != 0 {
		dst = appendUint(dst, uint64(h.Hash))
	}
	return dst
}

// ParseHead reads a head off b and returns what follows it. It appends to
// h.Own, whose memory it uses again.
func ParseHead(b []byte, ownColumns int, h *Head) (rest []byte, err error) {
	c := cursor{b: b}
	n := c.array()
	h.Kind = Kind(c.int(0, int64(kindEnd-1)))
	h.Tick = uint8(c.int(0, 127))
	h.Age = uint8(c.int(0, 127))
	h.Ack = uint8(c.int(0, 127))
	h.Slack = int8(c.int(-128, 127))
	h.parseOwn(&c, ownColumns)
	used := 6
	if h.Kind&Hashed != 0 {
		h.Hash = uint32(c.int(0, 1<<32-1))
		used = 7
	}
	if c.err == nil && n < used {
		c.fail(errCount)
	}
	c.skip(n - used)
	return c.b, c.err
}

func (h *Head) parseOwn(c *cursor, ownColumns int) {
	h.OwnMask, h.Own = 0, h.Own[:0]
	if c.peek() == 0xc0 {
		c.take(1)
		return
	}
	n := c.array()
	h.OwnMask = c.mask()
	if bits.Len64(h.OwnMask) > ownColumns || bits.OnesCount64(h.OwnMask) != n-1 {
		c.fail(errCount)
		return
	}
	for range n - 1 {
		h.Own = append(h.Own, c.zigzag())
	}
}
