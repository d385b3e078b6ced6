package socket

import (
	"bufio"
	"bytes"
	"io"
)

// What clients send on nearly every beat are a few short frames, whole. These
// are taken apart right here, and the parser is not woken for them: the whole
// server took 0.93 of the CPU at 50 matches of ten, by tools/bench. Its
// coroutine, and the coroutine's stack, most connections then never have. All
// else, and whatever is wrong, is gws's.

// maxShort is the most bytes of a short frame's payload.
const maxShort = 125

// newParsed returns the buffered reader that the parser reads from, and the
// memory inside it: short frames are read there, too, while the parser has
// nothing of its own in it.
func newParsed(w io.Reader) (r *bufio.Reader, room []byte) {
	var l lender
	r = bufio.NewReaderSize(&l, readBuffer)
	_, _ = r.Peek(1)
	r.Reset(w)
	return r, l.room
}

// A lender is read by a bufio.Reader, and so gets hold of its memory.
type lender struct{ room []byte }

func (l *lender) Read(p []byte) (int, error) {
	l.room = p
	return 0, io.EOF
}

// between says whether the parser stands between two messages, with nothing
// of the next.
func (c *Conn) between() bool {
	return c.sealed == nil && (c.next == nil || c.clean && c.link.want != nil)
}

// takeShort reads short frames. It reports whether that is all for this beat;
// otherwise what it has left in early is for the parser.
func (c *Conn) takeShort(in *intake) (done bool) {
	c.held = false
	if c.early = c.short(c.early); len(c.early) > 0 || c.parks() {
		return c.parks()
	}
	for in.more() {
		n := c.pull(in, c.room)
		if c.early = c.short(c.room[:n]); len(c.early) > 0 || c.parks() {
			return c.parks()
		}
	}
	return true
}

// parks says whether nothing more is to be handed on by this Read.
func (c *Conn) parks() bool { return c.held || c.ended != nil }

// short hands on the short frames that b begins with, and returns the rest. A
// panic of the handler ends the connection, as it does inside the parser.
func (c *Conn) short(b []byte) (rest []byte) {
	defer func() {
		if p := recover(); p != nil {
			c.fell(p)
		}
	}()
	for rest = b; !c.parks(); {
		op, payload, next := cutShort(rest, c.up.cfg.ReadLimit)
		if payload == nil {
			return rest
		}
		rest = next
		c.frame(op, payload)
	}
	return rest
}

// frame takes in one frame that the parser has not seen.
func (c *Conn) frame(op byte, payload []byte) {
	switch {
	case !c.take():
	case op == opPing:
		c.pong, c.pinged = bytes.Clone(payload), true
	case op == opPong:
		c.ponged(payload)
	default:
		c.message(payload)
	}
}

// cutShort takes the frame off that b begins with and unmasks it, or returns
// nil where that is not a short one, whole.
func cutShort(b []byte, limit int) (op byte, payload, rest []byte) {
	const head = 6 // opcode, length, mask
	if len(b) < head || b[1]&0x80 == 0 {
		return 0, nil, b
	}
	op, size := b[0]&^0x80, int(b[1]&0x7f)
	if b[0]&0x80 == 0 || op != opBinary && op != opPing && op != opPong || size > min(maxShort, limit) || len(b) < head+size {
		return 0, nil, b
	}
	mask, payload := b[2:head], b[head:head+size]
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
	return op, payload, b[head+size:]
}
