package socket

import (
	"encoding/binary"

	"github.com/musterhq/muster/protocol"
)

// The opcodes of the frames we write, RFC 6455, section 5.2.
const (
	opBinary = 0x2
	opClose  = 0x8
	opPing   = 0x9
	opPong   = 0xA
)

// controlPerBeat is how many bytes of control messages, counted in whole
// messages, are put before a beat's frame, so that a long lane cannot hold up
// the state behind it.
const controlPerBeat = 8 << 10

// Frame gathers this beat's state: the parts, one after the other, are one
// binary message. Control messages that wait go before it. State is never
// queued: where the last flush left a remainder, Frame does nothing and
// returns false, and the owner keeps its base. It keeps no part.
func (c *Conn) Frame(parts ...[]byte) bool {
	if c.ended != nil || c.remainder > 0 {
		return false
	}
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	c.gather(controlPerBeat)
	c.begin(opBinary, size)
	for _, p := range parts {
		c.put(p)
	}
	return true
}

// Send queues one control message behind those that wait. Where they pile up
// beyond Config.ControlQueue it ends the connection: Overflow.
func (c *Conn) Send(msg []byte) {
	if c.ended != nil {
		return
	}
	if len(c.control)+len(msg)+maxHeader > c.up.cfg.ControlQueue {
		c.Goodbye(protocol.Overflow)
		return
	}
	c.control = append(appendHeader(c.control, opBinary, len(msg)), msg...)
}

// Flush writes what has been gathered, a remainder first, with one system
// call; the owner calls it once a beat. It returns [Conn.Ended].
func (c *Conn) Flush() error {
	if c.ended != nil {
		return c.ended
	}
	if c.remainder < controlPerBeat {
		c.gather(controlPerBeat)
	}
	c.seal()
	if len(c.link.out) == 0 {
		return nil
	}
	n, err := c.link.flush()
	c.sent += uint64(n)
	c.up.cfg.Meter.Wrote(n)
	c.remainder = len(c.link.out)
	if err != nil {
		c.lose(err)
	} else if c.remainder > 0 {
		c.slow(n > 0)
	} else {
		c.moved = 0
	}
	return c.ended
}

// slow watches a remainder. It may stand for a round trip, or for as long as
// a radio is away, but not for ever.
func (c *Conn) slow(moved bool) {
	now := c.up.now()
	if moved || c.moved == 0 {
		c.moved = now
	}
	patience := c.up.cfg.Stuck
	if c.remainder > c.up.cfg.MaxPending {
		patience /= 10
	}
	if now-c.moved >= patience {
		c.Goodbye(protocol.TooSlow)
	}
}

// Pending is how many bytes the last Flush could not write: not zero means
// that the client, or the way to it, is slow.
func (c *Conn) Pending() int { return c.remainder }

// Queued is how many bytes of control messages wait for a flush to take them.
func (c *Conn) Queued() int { return len(c.control) }

// Unsent is how many bytes the kernel has taken and not yet sent: not zero for
// longer than a moment means that the way to the client is slow, before its
// buffer is full. It costs a system call.
func (c *Conn) Unsent() int {
	if c.ended != nil {
		return 0
	}
	return c.link.line.unsent()
}

// Holds is how much memory the connection keeps for what it writes, in bytes.
func (c *Conn) Holds() int { return cap(c.link.out) + cap(c.plain) + cap(c.control) + cap(c.pong) }

// gather moves the owed pong and at most limit bytes of control messages, but
// at least one, to what goes out next. While a remainder stands, pongs
// coalesce: only the last ping is answered.
func (c *Conn) gather(limit int) {
	if c.pinged && c.remainder == 0 {
		c.begin(opPong, len(c.pong))
		c.put(c.pong)
		c.pong, c.pinged = nil, false
	}
	n := 0
	for n < len(c.control) {
		next := frameLen(c.control[n:])
		if n > 0 && n+next > limit {
			break
		}
		n += next
	}
	if n == 0 {
		return
	}
	c.put(c.control[:n])
	if c.control = c.control[:copy(c.control, c.control[n:])]; len(c.control) == 0 {
		c.control = emptied(c.control)
	}
}

// begin starts a frame of size bytes, which are put next.
func (c *Conn) begin(op byte, size int) {
	if c.sealed != nil {
		c.plain = appendHeader(c.plain, op, size)
	} else {
		c.link.out = appendHeader(c.link.out, op, size)
	}
}

// put adds bytes to what goes out, to be sealed first under TLS.
func (c *Conn) put(b []byte) {
	if c.sealed != nil {
		c.plain = append(c.plain, b...)
	} else {
		c.link.out = append(c.link.out, b...)
	}
}

// seal encrypts what has been gathered. It cannot fail: the link takes all.
func (c *Conn) seal() {
	if len(c.plain) > 0 {
		c.sealed.Write(c.plain)
		c.plain = emptied(c.plain)
	}
}

const maxHeader = 10 // bytes of the longest frame header we write

// appendHeader appends the header of a whole, unmasked frame.
func appendHeader(b []byte, op byte, size int) []byte {
	b = append(b, 0x80|op)
	switch {
	case size < 126:
		return append(b, byte(size))
	case size < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, 126), uint16(size))
	default:
		return binary.BigEndian.AppendUint64(append(b, 127), uint64(size))
	}
}

// frameLen is the length of the frame, made by appendHeader, that b begins with.
func frameLen(b []byte) int {
	switch b[1] {
	case 126:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		return 10 + int(binary.BigEndian.Uint64(b[2:]))
	default:
		return 2 + int(b[1])
	}
}

// closePayload is what a goodbye says in its close frame.
func closePayload(r protocol.Reason) []byte {
	b := binary.BigEndian.AppendUint16(nil, r.Code)
	return append(b, r.Text[:min(len(r.Text), 123)]...)
}
