package pack

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

const head = "TESTING\x01"

// write writes n values of all kinds, the same for a seed.
func write(t *testing.T, w io.Writer, seed uint64, n int) {
	t.Helper()
	p, rnd := NewWriter(w, head), rand.New(rand.NewPCG(seed, 1))
	for range n {
		p.Uint(rnd.Uint64() >> rnd.IntN(64))
		p.Int(int64(rnd.Uint64()) >> rnd.IntN(64))
		p.Flag(rnd.IntN(2) == 0)
		Text(p, strings.Repeat("x", rnd.IntN(100)))
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
}

// read reads them again, and compares.
func read(t *testing.T, r io.Reader, seed uint64, n int) error {
	t.Helper()
	u, rnd := NewReader(r, head), rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		a, b, c, d := u.Uint(math.MaxUint64), u.Int(), u.Flag(), TextOf[string](u, 100)
		if u.Err() != nil {
			return u.Err()
		}
		if a != rnd.Uint64()>>rnd.IntN(64) || b != int64(rnd.Uint64())>>rnd.IntN(64) || c != (rnd.IntN(2) == 0) || d != strings.Repeat("x", rnd.IntN(100)) {
			t.Fatalf("value %d is another", i)
		}
	}
	return u.End()
}

// TestRoundTrip: what is read is what was written, whole or in dribs, and
// nothing behind it.
func TestRoundTrip(t *testing.T) {
	for seed, n := range []int{0, 1, 100, 3000} {
		var out bytes.Buffer
		write(t, &out, uint64(seed), n)
		data := out.Bytes()
		if err := read(t, iotest.HalfReader(bytes.NewReader(data)), uint64(seed), n); err != nil {
			t.Errorf("%d in dribs: %v", n, err)
		}
		rest := bytes.NewReader(append(bytes.Clone(data), "rest"...))
		if err := read(t, rest, uint64(seed), n); err != nil || rest.Len() != 4 {
			t.Errorf("%d: %v, and %d bytes left, want 4", n, err, rest.Len())
		}
	}
}

// TestDamage: each byte that is changed or missing is an error.
func TestDamage(t *testing.T) {
	var out bytes.Buffer
	write(t, &out, 1, 20)
	data := out.Bytes()
	for i := range data {
		if err := read(t, bytes.NewReader(data[:i]), 1, 20); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		if err := read(t, bytes.NewReader(bad), 1, 20); !errors.Is(err, ErrDamaged) && (i != headSize-1 || !errors.Is(err, ErrForeign)) {
			t.Fatalf("changed at %d: %v", i, err)
		}
	}
	if err := read(t, iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(data))), 1, 20); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a reader's error became %v", err)
	}
}

// TestBlocks: blocks are known by their place, too.
func TestBlocks(t *testing.T) {
	var out bytes.Buffer
	p := NewWriter(&out, head)
	for i := range uint64(3 * fullBlock / 2) {
		p.Uint(i % 100)
	}
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	data, size := out.Bytes(), 8+fullBlock
	first, second := data[headSize:headSize+size], data[headSize+size:]
	swapped := append(append(bytes.Clone(data[:headSize]), second...), first...)
	u := NewReader(bytes.NewReader(swapped), head)
	if u.Uint(100); !errors.Is(u.Err(), ErrDamaged) {
		t.Errorf("blocks in another order: %v", u.Err())
	}
}

// TestBounds: what is larger than the reader allows is damage.
func TestBounds(t *testing.T) {
	for name, ask := range map[string]func(*Reader){
		"a number": func(u *Reader) { u.Uint(4) },
		"a flag":   func(u *Reader) { u.Flag() },
		"a text":   func(u *Reader) { TextOf[string](u, 4) },
	} {
		var out bytes.Buffer
		p := NewWriter(&out, head)
		Text(p, "hello")
		if err := p.End(); err != nil {
			t.Fatal(err)
		}
		u := NewReader(&out, head)
		if ask(u); !errors.Is(u.Err(), ErrDamaged) {
			t.Errorf("%s: %v", name, u.Err())
		}
	}
	var out bytes.Buffer
	write(t, &out, 1, 1)
	if err := NewReader(&out, head).End(); !errors.Is(err, ErrDamaged) {
		t.Errorf("what is not read: %v", err)
	}
}
