package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// This file writes and reads the few msgpack formats that hot messages use.
// Writers choose the shortest form; readers accept every form of an integer,
// so that any msgpack library may have written it.

func appendArray(dst []byte, n int) []byte {
	switch {
	case n < 16:
		return append(dst, 0x90|byte(n))
	case n <= 0xffff:
		return append(dst, 0xdc, byte(n>>8), byte(n))
	default:
		return binary.BigEndian.AppendUint32(append(dst, 0xdd), uint32(n))
	}
}

func appendUint(dst []byte, v uint64) []byte {
	switch {
	case v < 0x80:
		return append(dst, byte(v))
	case v <= 0xff:
		return append(dst, 0xcc, byte(v))
	case v <= 0xffff:
		return append(dst, 0xcd, byte(v>>8), byte(v))
	case v <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0xcf), v)
	}
}

func appendInt(dst []byte, v int64) []byte {
	switch {
	case v >= 0:
		return appendUint(dst, uint64(v))
	case v >= -32:
		return append(dst, byte(v))
	case v >= -0x80:
		return append(dst, 0xd0, byte(v))
	case v >= -0x8000:
		return append(dst, 0xd1, byte(v>>8), byte(v))
	case v >= -0x80000000:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(v))
	default:
		return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(v))
	}
}

// appendZigzag writes a signed value so that small ones of either sign take
// one byte: 0, -1, 1, -2 … become 0, 1, 2, 3 …
func appendZigzag(dst []byte, v int32) []byte {
	return appendUint(dst, uint64(uint32(v<<1)^uint32(v>>31)))
}

func unzigzag(u uint32) int32 { return int32(u>>1) ^ -int32(u&1) }

// appendBinHeader begins a byte string of n bytes, below 64 KiB.
func appendBinHeader(dst []byte, n int) []byte {
	if n <= 0xff {
		return append(dst, 0xc4, byte(n))
	}
	return append(dst, 0xc5, byte(n>>8), byte(n))
}

// ErrMalformed is wrapped by every error of a parser.
var ErrMalformed = errors.New("malformed message")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Errors of the hot path are made once: a flood of bad messages costs no
// allocation.
var (
	errShort  = malformed("cut short")
	errType   = malformed("wrong type")
	errRange  = malformed("number out of range")
	errCount  = malformed("wrong number of elements")
	errOrder  = malformed("rows or columns out of order")
	errBehind = malformed("bytes after the end")
)

// A cursor takes msgpack values off the front of b. After the first error it
// returns zeros and keeps the error. It allocates nothing.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.b = nil
}

// take returns the next n bytes, or nil after an error.
func (c *cursor) take(n int) []byte {
	if len(c.b) < n {
		c.fail(errShort)
		return nil
	}
	b := c.b[:n]
	c.b = c.b[n:]
	return b
}

func (c *cursor) peek() byte {
	if len(c.b) == 0 {
		c.fail(errShort)
		return 0
	}
	return c.b[0]
}

// array reads an array header. A count that the bytes that are left cannot
// hold is an error, so that nobody sizes anything by a lie.
func (c *cursor) array() int { return c.count(0x90, 0xdc, 1) }

// count reads the header of an array or a map: fix and wide are its tags for
// small and for 16-bit counts, and each is how many values one counts for.
func (c *cursor) count(fix, wide byte, each int) int {
	n := uint64(0)
	switch t := c.take(1); {
	case t == nil:
		return 0
	case t[0]&0xf0 == fix:
		n = uint64(t[0] & 0x0f)
	case t[0] == wide:
		n, _ = c.bigEndian(2)
	case t[0] == wide+1:
		n, _ = c.bigEndian(4)
	default:
		c.fail(errType)
	}
	if n*uint64(each) > uint64(len(c.b)) {
		c.fail(errShort)
		return 0
	}
	return int(n) * each
}

// int reads an integer in any of its forms, which must lie in [lo, hi].
func (c *cursor) int(lo, hi int64) int64 {
	v, ok := c.anyInt()
	if !ok {
		return 0
	}
	if v < lo || v > hi {
		c.fail(errRange)
		return 0
	}
	return v
}

func (c *cursor) anyInt() (int64, bool) {
	t := c.take(1)
	if t == nil {
		return 0, false
	}
	switch tag := t[0]; {
	case tag < 0x80:
		return int64(tag), true
	case tag >= 0xe0:
		return int64(int8(tag)), true
	case tag >= 0xcc && tag <= 0xcf:
		u, ok := c.bigEndian(1 << (tag - 0xcc))
		if ok && u > 1<<63-1 {
			c.fail(errRange)
			return 0, false
		}
		return int64(u), ok
	case tag >= 0xd0 && tag <= 0xd3:
		size := 1 << (tag - 0xd0)
		u, ok := c.bigEndian(size)
		shift := 64 - 8*size
		return int64(u<<shift) >> shift, ok
	}
	c.fail(errType)
	return 0, false
}

func (c *cursor) bigEndian(size int) (uint64, bool) {
	b := c.take(size)
	var u uint64
	for _, x := range b {
		u = u<<8 | uint64(x)
	}
	return u, b != nil
}

// mask reads an unsigned 64-bit integer.
func (c *cursor) mask() uint64 {
	if len(c.b) > 0 && c.b[0] == 0xcf {
		c.take(1)
		u, _ := c.bigEndian(8)
		return u
	}
	return uint64(c.int(0, 1<<63-1))
}

func (c *cursor) zigzag() int32 { return unzigzag(uint32(c.int(0, 1<<32-1))) }

// bin reads a byte string of at most most bytes.
func (c *cursor) bin(most int) []byte {
	n := -1
	switch t := c.take(1); {
	case t == nil:
		return nil
	case t[0] == 0xc4:
		if b := c.take(1); b != nil {
			n = int(b[0])
		}
	case t[0] == 0xc5:
		if b := c.take(2); b != nil {
			n = int(binary.BigEndian.Uint16(b))
		}
	default:
		c.fail(errType)
	}
	if n > most {
		c.fail(errRange)
	}
	if n < 0 || c.err != nil {
		return nil
	}
	return c.take(n)
}

// skip passes over n values of any type, without recursion. It is how
// tomorrow's extra elements are accepted.
func (c *cursor) skip(n int) {
	for ; n > 0 && c.err == nil; n-- {
		switch t := c.peek(); {
		case t&0xf0 == 0x90 || t == 0xdc || t == 0xdd:
			n += c.array()
		case t == 0xc4 || t == 0xc5:
			c.bin(0xffff)
		case t < 0x80 || t >= 0xe0 || t == 0xc0 || t == 0xc2 || t == 0xc3:
			c.take(1)
		case t >= 0xcc && t <= 0xd3: // integers of 1, 2, 4 and 8 bytes
			c.take(1 + 1<<(t&3))
		case t&0xe0 == 0xa0:
			c.take(1 + int(t&0x1f))
		case t == 0xd9:
			if b := c.take(2); b != nil {
				c.take(int(b[1]))
			}
		case t == 0xda:
			if b := c.take(3); b != nil {
				c.take(int(b[1])<<8 | int(b[2]))
			}
		case t == 0xca:
			c.take(5)
		case t == 0xcb:
			c.take(9)
		default:
			c.fail(errType)
		}
	}
}

// value passes over one value, in which arrays and maps may lie nested to the
// given depth, and whose counts the bytes that are left can hold.
func (c *cursor) value(depth int) {
	n := 0
	switch t := c.peek(); {
	case t&0xf0 == 0x80 || t == 0xde || t == 0xdf:
		n = c.count(0x80, 0xde, 2)
	case t&0xf0 == 0x90 || t == 0xdc || t == 0xdd:
		n = c.array()
	case t == 0xc6 || t == 0xdb: // bytes and text beyond 64 KiB
		c.take(1)
		size, _ := c.bigEndian(4)
		c.take(int(min(size, 1<<31-1)))
		return
	case t == 0xd6 || t == 0xd7: // times
		c.take(2 + 4<<(t&1))
		return
	case t == 0xc7:
		if b := c.take(2); b != nil {
			c.take(1 + int(b[1]))
		}
		return
	default:
		c.skip(1)
		return
	}
	if depth == 0 && n > 0 {
		c.fail(errRange)
	}
	for ; n > 0 && c.err == nil; n-- {
		c.value(depth - 1)
	}
}

// end fails where bytes are left.
func (c *cursor) end() error {
	if c.err == nil && len(c.b) > 0 {
		c.err = errBehind
	}
	return c.err
}
