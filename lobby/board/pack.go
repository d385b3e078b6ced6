package board

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A snapshot is a head of eight bytes, "MUSTERB" and the version, then blocks:
//
//	length uint32 · sum uint32 · payload
//
// little-endian, the sum being the CRC-32C of the block's number (uint32, from
// 0) and its payload. A block without payload is the last. Payloads hold
// varints and texts (a length and bytes); none goes over a block's end.
const (
	head      = "MUSTERB\x01"
	fullBlock = 32 << 10
	maxBlock  = fullBlock + 4<<10 // full, and one more value
)

// Errors of [Restore]. After either the log has to be folded from its start.
var (
	ErrDamaged = errors.New("the snapshot of the boards is damaged")
	ErrForeign = errors.New("the snapshot of the boards is of another version or configuration")
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(number uint32, payload []byte) uint32 {
	var n [4]byte
	binary.LittleEndian.PutUint32(n[:], number)
	return crc32.Update(crc32.Checksum(n[:], castagnoli), castagnoli, payload)
}

// A packer writes blocks. Its first error stays.
type packer struct {
	w      io.Writer
	block  []byte
	number uint32
	err    error
}

func newPacker(w io.Writer) *packer {
	p := &packer{w: w, block: make([]byte, 0, maxBlock)}
	p.write([]byte(head))
	return p
}

func (p *packer) uint(n uint64) {
	p.room()
	p.block = binary.AppendUvarint(p.block, n)
}

func (p *packer) int(n int64) {
	p.room()
	p.block = binary.AppendVarint(p.block, n)
}

func (p *packer) flag(f bool) {
	if f {
		p.uint(1)
	} else {
		p.uint(0)
	}
}

func packText[S ~string](p *packer, s S) {
	p.uint(uint64(len(s)))
	p.room()
	p.block = append(p.block, s...)
}

// room ends a block that is full.
func (p *packer) room() {
	if len(p.block) >= fullBlock {
		p.flush()
	}
}

func (p *packer) flush() {
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:], uint32(len(p.block)))
	binary.LittleEndian.PutUint32(b[4:], sum(p.number, p.block))
	p.write(b[:])
	p.write(p.block)
	p.block, p.number = p.block[:0], p.number+1
}

func (p *packer) write(b []byte) {
	if p.err == nil && len(b) > 0 {
		_, p.err = p.w.Write(b)
	}
}

// end writes what is left, and the last block.
func (p *packer) end() error {
	if len(p.block) > 0 {
		p.flush()
	}
	p.flush()
	return p.err
}

// An unpacker reads what a packer wrote. Its first error stays, and what is
// read after it is zero.
type unpacker struct {
	r      io.Reader
	buf    []byte
	block  []byte // what is left of it
	number uint32
	err    error
}

func newUnpacker(r io.Reader) *unpacker {
	u := &unpacker{r: r, buf: make([]byte, maxBlock)}
	first := u.buf[:len(head)]
	u.read(first)
	switch {
	case u.err != nil:
	case string(first[:7]) != head[:7]:
		u.fail("it does not begin like one")
	case string(first) != head:
		u.err = fmt.Errorf("%w: version %d", ErrForeign, first[7])
	}
	return u
}

func (u *unpacker) fail(why string) {
	if u.err == nil {
		u.err = fmt.Errorf("%w: %s", ErrDamaged, why)
	}
}

func (u *unpacker) uint(most uint64) uint64 {
	u.fill()
	n, size := binary.Uvarint(u.block)
	return valid(u, n, size, n <= most)
}

func (u *unpacker) int() int64 {
	u.fill()
	n, size := binary.Varint(u.block)
	return valid(u, n, size, true)
}

// valid takes size bytes and returns n, if both are as they should be.
func valid[N uint64 | int64](u *unpacker, n N, size int, ok bool) N {
	if u.err != nil || size <= 0 || !ok {
		u.fail("a number out of range")
		return 0
	}
	u.block = u.block[size:]
	return n
}

func (u *unpacker) flag() bool { return u.uint(1) == 1 }

func unpackText[S ~string](u *unpacker, most uint64) S {
	n := u.uint(most)
	if n == 0 {
		return ""
	}
	u.fill()
	if u.err != nil || n > uint64(len(u.block)) {
		u.fail("a text goes over its block")
		return ""
	}
	s := S(u.block[:n])
	u.block = u.block[n:]
	return s
}

// fill reads the next block once this one is used up.
func (u *unpacker) fill() {
	if u.err != nil || len(u.block) > 0 {
		return
	}
	if u.next(); u.err == nil && len(u.block) == 0 {
		u.fail("it ends too soon")
	}
}

func (u *unpacker) next() {
	var b [8]byte
	u.read(b[:])
	n := binary.LittleEndian.Uint32(b[:])
	if n > maxBlock {
		u.fail("a block is too long")
	}
	if u.err != nil {
		return
	}
	u.read(u.buf[:n])
	if u.err == nil && sum(u.number, u.buf[:n]) != binary.LittleEndian.Uint32(b[4:]) {
		u.fail("a sum is wrong")
	}
	if u.err == nil {
		u.block, u.number = u.buf[:n], u.number+1
	}
}

func (u *unpacker) read(b []byte) {
	if u.err != nil {
		return
	}
	switch _, err := io.ReadFull(u.r, b); err {
	case nil:
	case io.EOF, io.ErrUnexpectedEOF:
		u.fail("it ends too soon")
	default:
		u.err = fmt.Errorf("read the snapshot of the boards: %w", err)
	}
}

// end reads the last block and returns what went wrong, if anything.
func (u *unpacker) end() error {
	if u.err == nil && len(u.block) == 0 {
		u.next()
	}
	if len(u.block) > 0 {
		u.fail("there is too much of it")
	}
	return u.err
}
