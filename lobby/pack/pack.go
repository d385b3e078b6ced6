// Package pack writes numbers and texts in blocks with checksums, for what a
// start can read in place of the log it was made of: whatever of it is damaged
// is an error, and never another number.
//
//	head, 8 bytes: what it is, in 7, and the version of its form
//	blocks:        length uint32 · sum uint32 · payload
//
// Little-endian, the sum being the CRC-32C of the block's number (uint32, from
// 0) and its payload. A block without payload is the last. Payloads hold
// varints and texts (a length and bytes); none goes over a block's end.
package pack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	headSize  = 8
	fullBlock = 32 << 10
	maxBlock  = fullBlock + 4<<10 // full, and one more value
)

// Errors of a [Reader]. After either the log has to be read from its start.
var (
	ErrDamaged = errors.New("the snapshot is damaged")
	ErrForeign = errors.New("the snapshot is of another version or configuration")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(number uint32, payload []byte) uint32 {
	var n [4]byte
	binary.LittleEndian.PutUint32(n[:], number)
	return crc32.Update(crc32.Checksum(n[:], castagnoli), castagnoli, payload)
}

// A Writer writes blocks. Its first error stays, and is that of End.
type Writer struct {
	w      io.Writer
	block  []byte
	number uint32
	err    error
}

// NewWriter begins with a head of 8 bytes.
func NewWriter(w io.Writer, head string) *Writer {
	p := &Writer{w: w, block: make([]byte, 0, maxBlock)}
	p.write([]byte(head))
	return p
}

// Uint writes a number.
func (p *Writer) Uint(n uint64) {
	p.room()
	p.block = binary.AppendUvarint(p.block, n)
}

// Int writes a number that may be negative.
func (p *Writer) Int(n int64) {
	p.room()
	p.block = binary.AppendVarint(p.block, n)
}

// Flag writes a yes or no.
func (p *Writer) Flag(f bool) {
	if f {
		p.Uint(1)
	} else {
		p.Uint(0)
	}
}

// Text writes a text of up to 4 KiB.
func Text[S ~string](p *Writer, s S) {
	p.Uint(uint64(len(s)))
	p.room()
	p.block = append(p.block, s...)
}

// room ends a block that is full.
func (p *Writer) room() {
	if len(p.block) >= fullBlock {
		p.flush()
	}
}

func (p *Writer) flush() {
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:], uint32(len(p.block)))
	binary.LittleEndian.PutUint32(b[4:], sum(p.number, p.block))
	p.write(b[:])
	p.write(p.block)
	p.block, p.number = p.block[:0], p.number+1
}

func (p *Writer) write(b []byte) {
	if p.err == nil && len(b) > 0 {
		_, p.err = p.w.Write(b)
	}
}

// End writes what is left, and the last block.
func (p *Writer) End() error {
	if len(p.block) > 0 {
		p.flush()
	}
	p.flush()
	return p.err
}

// A Reader reads what a Writer wrote, and no further, in pieces of 8 bytes to 36
// KiB. It believes no length that it has not read. Its first error stays, and
// what is read after it is zero.
type Reader struct {
	r      io.Reader
	buf    []byte
	block  []byte // what is left of it
	number uint32
	err    error
}

// NewReader reads what has to begin with a head.
func NewReader(r io.Reader, head string) *Reader {
	u := &Reader{r: r, buf: make([]byte, maxBlock)}
	first := u.buf[:headSize]
	u.read(first)
	switch {
	case u.err != nil:
	case string(first[:headSize-1]) != head[:headSize-1]:
		u.Fail("it does not begin like one")
	case string(first) != head:
		u.err = fmt.Errorf("%w: version %d", ErrForeign, first[headSize-1])
	}
	return u
}

// Err is the first error.
func (u *Reader) Err() error { return u.err }

// Fail says that what was read cannot be.
func (u *Reader) Fail(why string) {
	if u.err == nil {
		u.err = fmt.Errorf("%w: %s", ErrDamaged, why)
	}
}

// Uint reads a number that is at most so large.
func (u *Reader) Uint(most uint64) uint64 {
	u.fill()
	n, size := binary.Uvarint(u.block)
	return valid(u, n, size, n <= most)
}

// Int reads a number.
func (u *Reader) Int() int64 {
	u.fill()
	n, size := binary.Varint(u.block)
	return valid(u, n, size, true)
}

// valid takes size bytes and returns n, if both are as they should be.
func valid[N uint64 | int64](u *Reader, n N, size int, ok bool) N {
	if u.err != nil || size <= 0 || !ok {
		u.Fail("a number out of range")
		return 0
	}
	u.block = u.block[size:]
	return n
}

// Flag reads a yes or no.
func (u *Reader) Flag() bool { return u.Uint(1) == 1 }

// TextOf reads a text of at most so many bytes.
func TextOf[S ~string](u *Reader, most uint64) S {
	n := u.Uint(most)
	if n == 0 {
		return ""
	}
	u.fill()
	if u.err != nil || n > uint64(len(u.block)) {
		u.Fail("a text goes over its block")
		return ""
	}
	s := S(u.block[:n])
	u.block = u.block[n:]
	return s
}

// fill reads the next block once this one is used up.
func (u *Reader) fill() {
	if u.err != nil || len(u.block) > 0 {
		return
	}
	if u.next(); u.err == nil && len(u.block) == 0 {
		u.Fail("it ends too soon")
	}
}

func (u *Reader) next() {
	var b [8]byte
	u.read(b[:])
	n := binary.LittleEndian.Uint32(b[:])
	if n > maxBlock {
		u.Fail("a block is too long")
	}
	if u.err != nil {
		return
	}
	u.read(u.buf[:n])
	if u.err == nil && sum(u.number, u.buf[:n]) != binary.LittleEndian.Uint32(b[4:]) {
		u.Fail("a sum is wrong")
	}
	if u.err == nil {
		u.block, u.number = u.buf[:n], u.number+1
	}
}

func (u *Reader) read(b []byte) {
	if u.err != nil {
		return
	}
	switch _, err := io.ReadFull(u.r, b); err {
	case nil:
	case io.EOF, io.ErrUnexpectedEOF:
		u.Fail("it ends too soon")
	default:
		u.err = fmt.Errorf("read the snapshot: %w", err)
	}
}

// End reads the last block and returns what went wrong, if anything.
func (u *Reader) End() error {
	if u.err == nil && len(u.block) == 0 {
		u.next()
	}
	if len(u.block) > 0 {
		u.Fail("there is too much of it")
	}
	return u.err
}
