package socket

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// What clients send on nearly every beat are a few short frames, whole: such as
// fit in the read buffer, head and all, as a Join with its pass does. These
// are taken apart right here, and the parser is not woken for them: the whole
// server took 0.93 of the CPU at 50 matches of ten, by tools/bench. Its
// coroutine, and the coroutine's stack, most connections then never have. All
// else, and whatever is wrong, is gws's.

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
	op, head, size := shortHead(b)
	end := head + size
	if head == 0 || size > limit || end > min(len(b), readBuffer) {
		return 0, nil, b
	}
	mask, payload := b[head-4:head], b[head:end]
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
	return op, payload, b[end:]
}

// shortHead reads how long the head of the frame is that b begins with, its
// mask included, and how long the payload. A head of 0 is not a short frame's.
func shortHead(b []byte) (op byte, head, size int) {
	const one, two = 2 + 4, 4 + 4 // bytes with the length in 7 bits, and in 16
	if len(b) < one || b[0]&0x80 == 0 || b[1]&0x80 == 0 {
		return 0, 0, 0
	}
	op, size = b[0]&^0x80, int(b[1]&^0x80)
	switch {
	case size < 126 && (op == opBinary || op == opPing || op == opPong):
		return op, one, size
	case size == 126 && op == opBinary:
		if size = int(binary.BigEndian.Uint16(b[2:])); size >= 126 {
			return op, two, size
		}
	}
	return 0, 0, 0
}
