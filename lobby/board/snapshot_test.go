package board

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"reflect"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/musterhq/muster/lobby/pack"
)

func mustRestore(tb testing.TB, cfg Config, data []byte) *Boards {
	tb.Helper()
	b, err := Restore(cfg, bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestRoundTrip: at any point of any log, what is restored is what was
// written, and goes on like the one that was never stopped.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(10) {
		log := random(seed, 300)
		b := mustOpen(t, small())
		for n := 0; n < len(log); n += 30 {
			data := snapshot(t, b)
			again := mustRestore(t, small(), data)
			if got := snapshot(t, again); !bytes.Equal(got, data) {
				t.Fatalf("seed %d at %d: restored to something else", seed, n)
			}
			feed(b, log[n:n+30])
			feed(again, log[n:n+30])
			if !bytes.Equal(snapshot(t, again), snapshot(t, b)) {
				t.Fatalf("seed %d at %d: goes on differently", seed, n)
			}
			if v, _, ok := b.Current(duel); ok {
				w, _, _ := again.Current(duel)
				if !reflect.DeepEqual(v.Top(50, 0), w.Top(50, 0)) {
					t.Fatalf("seed %d at %d: another board", seed, n)
				}
			}
			if p, q := mustPage(t, b, player(4), 0, 9), mustPage(t, again, player(4), 0, 9); !reflect.DeepEqual(p, q) {
				t.Fatalf("seed %d at %d: history %v, want %v", seed, n, q, p)
			}
		}
	}
}

// TestDamage: each byte that is changed or missing is an error, and reads
// that come in dribs are none.
func TestDamage(t *testing.T) {
	b := mustOpen(t, small())
	feed(b, random(1, 60))
	data := snapshot(t, b)
	for i := range data {
		if _, err := Restore(small(), bytes.NewReader(data[:i])); !errors.Is(err, pack.ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		if _, err := Restore(small(), bytes.NewReader(bad)); !errors.Is(err, pack.ErrDamaged) && (i != 7 || !errors.Is(err, pack.ErrForeign)) {
			t.Fatalf("changed at %d: %v", i, err)
		}
	}
	if _, err := Restore(small(), iotest.OneByteReader(bytes.NewReader(data))); err != nil {
		t.Errorf("byte by byte: %v", err)
	}
	rest := bytes.NewReader(append(bytes.Clone(data), "rest"...))
	if _, err := Restore(small(), rest); err != nil || rest.Len() != 4 {
		t.Errorf("%v, and %d bytes left, want 4", err, rest.Len())
	}
	if _, err := Restore(small(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(data)))); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a reader's error became %v", err)
	}
}

// TestForeign: what was written under another configuration is refused.
func TestForeign(t *testing.T) {
	b := mustOpen(t, small())
	feed(b, random(1, 60))
	data := snapshot(t, b)
	for name, change := range map[string]func(*Config){
		"kept":     func(c *Config) { c.Kept = -1 },
		"each":     func(c *Config) { c.HistoryEach = 6 },
		"total":    func(c *Config) { c.HistoryTotal = 61 },
		"revision": func(c *Config) { c.Revision = 1 },
		"length":   func(c *Config) { c.Seasons.Length = time.Hour },
		"start":    func(c *Config) { c.Seasons.Start = epoch.Add(time.Second) },
		"calendar": func(c *Config) { c.Calendars = nil },
	} {
		cfg := small()
		change(&cfg)
		if _, err := Restore(cfg, bytes.NewReader(data)); !errors.Is(err, pack.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Restore(Config{HistoryEach: -1}, bytes.NewReader(data)); err == nil {
		t.Error("a bad configuration is taken")
	}
}

// A full is a writer that takes so many bytes.
type full int

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestFull(t *testing.T) {
	b := mustOpen(t, small())
	feed(b, random(1, 60))
	for room := range full(len(snapshot(t, b))) {
		if err := b.Freeze().Write(&room); !errors.Is(err, io.ErrShortWrite) {
			t.Fatalf("no error at a full disk: %v", err)
		}
	}
}

// FuzzRestore: whatever is read, as it is or as the payload of a block with
// the right sum, is an error or boards that can be written, read and fed.
func FuzzRestore(f *testing.F) {
	for seed, n := range []int{0, 3, 60} {
		b := mustOpen(f, small())
		feed(b, random(uint64(seed), n))
		data := snapshot(f, b)
		f.Add(data)
		f.Add(data[len(head)+8 : len(data)-8]) // small enough for one block
	}
	log := random(9, 40)
	f.Fuzz(func(t *testing.T, data []byte) {
		restoreAny(t, data, log)
		if len(data) > 0 && len(data) < 32<<10 {
			restoreAny(t, slices.Concat([]byte(head), block(0, data), block(1, nil)), log)
		}
	})
}

// block is one as package pack has it.
func block(number uint32, payload []byte) []byte {
	sum := crc32.Checksum(binary.LittleEndian.AppendUint32(nil, number), crc32.MakeTable(crc32.Castagnoli))
	sum = crc32.Update(sum, crc32.MakeTable(crc32.Castagnoli), payload)
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	return append(binary.LittleEndian.AppendUint32(b, sum), payload...)
}

func restoreAny(t *testing.T, data []byte, log []Entry) {
	b, err := Restore(small(), bytes.NewReader(data))
	if err != nil {
		if !errors.Is(err, pack.ErrDamaged) && !errors.Is(err, pack.ErrForeign) {
			t.Fatalf("an error of another kind: %v", err)
		}
		return
	}
	again := mustRestore(t, small(), snapshot(t, b))
	feed(b, log)
	feed(again, log)
	if !bytes.Equal(snapshot(t, again), snapshot(t, b)) {
		t.Fatal("restored to something else")
	}
}
