package bus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

type thing struct {
	Name  string
	Count int
}

func mustOpen(t testing.TB, dir string) *Node {
	t.Helper()
	n, err := Open(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func mustBucket(t testing.TB, n *Node, name string) *Bucket[thing] {
	t.Helper()
	b, err := OpenBucket[thing](n, name, Kept)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBucket(t *testing.T) {
	for _, dir := range []string{Memory, t.TempDir()} {
		t.Run(filepath.Base(dir), func(t *testing.T) { testBucket(t, mustBucket(t, mustOpen(t, dir), "things")) })
	}
}

func testBucket(t *testing.T, b *Bucket[thing]) {
	ctx := t.Context()
	if _, err := b.Get(ctx, "ä key of. any * >"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nothing: %v", err)
	}
	rev, err := b.Create(ctx, "ä key of. any * >", thing{"x", 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Create(ctx, "ä key of. any * >", thing{}); !errors.Is(err, ErrExists) {
		t.Errorf("again: %v", err)
	}
	if _, err := b.Update(ctx, "ä key of. any * >", thing{}, rev+1); !errors.Is(err, ErrConflict) {
		t.Errorf("another revision: %v", err)
	}
	e, err := b.Change(ctx, "ä key of. any * >", func(v *thing) error { v.Count++; return nil })
	if err != nil || e.Value != (thing{"x", 2}) || e.Revision <= rev {
		t.Errorf("changed to %+v, %v", e, err)
	}
	b.Create(ctx, "second", thing{"y", 5})
	n := 0
	if err := b.All(ctx, func(e Entry[thing]) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("all: %d, %v", n, err)
	}
	if err := b.Delete(ctx, "second", "never"); err != nil {
		t.Error(err)
	}
	if _, err := b.Get(ctx, "second"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	if _, err := b.Create(ctx, "second", thing{"z", 6}); err != nil {
		t.Errorf("created again: %v", err)
	}
}

func TestAFolderOutlivesItsNode(t *testing.T) {
	dir := t.TempDir()
	n := mustOpen(t, dir)
	b := mustBucket(t, n, "things")
	s, err := OpenStream[thing](n, "events")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		b.Create(t.Context(), fmt.Sprint(i), thing{"n", i})
		s.Append(t.Context(), fmt.Sprint(i), thing{"n", i})
		s.Append(t.Context(), fmt.Sprint(i), thing{"n", i})
	}
	if _, err := Open(Config{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	n = mustOpen(t, dir)
	b = mustBucket(t, n, "things")
	s, _ = OpenStream[thing](n, "events")
	if e, err := b.Get(t.Context(), "42"); err != nil || e.Value.Count != 42 {
		t.Errorf("got %+v, %v", e, err)
	}
	var got []int
	err = s.Read(t.Context(), 11, func(r Record[thing]) error { got = append(got, r.Value.Count); return nil })
	if err != nil || len(got) != 90 || got[0] != 10 {
		t.Errorf("got %v, %v", got, err)
	}
	if r, err := s.Get(t.Context(), 43); err != nil || r.Seq != 43 || r.ID != "42" || r.Value.Count != 42 || r.At.IsZero() {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, none := range []uint64{0, 101} {
		if _, err := s.Get(t.Context(), none); !errors.Is(err, ErrNotFound) {
			t.Errorf("record %d: %v", none, err)
		}
	}
}

func TestADamagedFolderIsRefused(t *testing.T) {
	damages := map[string]func(t *testing.T, block string){
		"a bit in the middle": func(t *testing.T, block string) { flip(t, block) },
		"cut in half": func(t *testing.T, block string) {
			info, _ := os.Stat(block)
			os.Truncate(block, info.Size()/2)
		},
		"no meta": func(t *testing.T, block string) {
			os.Remove(filepath.Join(filepath.Dir(filepath.Dir(block)), "meta.inf"))
		},
		"no block":  func(t *testing.T, block string) { os.Remove(block) },
		"no stream": func(t *testing.T, block string) { os.RemoveAll(filepath.Dir(filepath.Dir(block))) },
	}
	whole := aClosedFolder(t, 1000)
	for name, damage := range damages {
		for _, index := range []string{"with index", "without index", "zero index"} {
			t.Run(name+" "+index, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "data")
				if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
					t.Fatal(err)
				}
				block := filepath.Join(dir, "log/jetstream/$G/streams/kv-things/msgs/1.blk")
				if _, err := os.Stat(block); err != nil {
					t.Fatal(err)
				}
				damage(t, block)
				at := filepath.Join(filepath.Dir(block), "index.db")
				switch index {
				case "without index":
					os.Remove(at)
				case "zero index":
					if data, err := os.ReadFile(at); err == nil {
						os.WriteFile(at, make([]byte, len(data)), 0o600)
					}
				}
				n, err := Open(Config{Dir: dir})
				if !errors.Is(err, ErrDamaged) {
					t.Errorf("opened: %v", err)
				}
				if err == nil {
					n.Close()
				}
				t.Log(err)
			})
		}
	}
	dir := filepath.Join(t.TempDir(), "data") // it is the damage, not the copying
	if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
		t.Fatal(err)
	}
	mustOpen(t, dir)
}

// aClosedFolder holds a bucket of so many things.
func aClosedFolder(t *testing.T, things int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	n := mustOpen(t, dir)
	b := mustBucket(t, n, "things")
	for i := range things {
		b.Create(t.Context(), fmt.Sprint(i), thing{"n", i})
	}
	n.Close()
	return dir
}

func flip(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 4
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// headerLength is what follows a subject in a block: the length of a header with
// an expected revision of one digit.
var headerLength = binary.LittleEndian.AppendUint32(nil, uint32(len("NATS/1.0\r\nNats-Expected-Last-Subject-Sequence: 0\r\n\r\n")))

// flipValue damages what a subject holds: a bit in the middle of the block may be
// one of what was deleted.
func flipValue(t *testing.T, path, subject string) {
	t.Helper()
	data, err := os.ReadFile(path)
	at := bytes.Index(data, []byte(subject+string(headerLength)))
	if err != nil || at < 0 {
		t.Fatalf("%s is not in %s of %d bytes: %v", subject, path, len(data), err)
	}
	data[at+len(subject)+10] ^= 4
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkCreate(b *testing.B) {
	for name, cfg := range map[string]Config{"memory": {Dir: Memory}, "sync": {}, "nosync": {NoSync: true}} {
		b.Run(name, func(b *testing.B) {
			cfg := cfg
			if cfg.Dir == "" {
				cfg.Dir = b.TempDir() // a new one for each b.N
			}
			n, err := Open(cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer n.Close()
			bucket, _ := OpenBucket[thing](n, "things", Kept)
			for i := range b.N {
				if _, err := bucket.Create(context.Background(), fmt.Sprint(i), thing{"x", i}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestReadsLeaveNothingBehind: a stream has 1,000 readers at most, and one that
// has read enough is none any more.
func TestReadsLeaveNothingBehind(t *testing.T) {
	n := mustOpen(t, t.TempDir())
	b := mustBucket(t, n, "things")
	for i := range 3 {
		if _, err := b.Create(t.Context(), fmt.Sprint(i), thing{"x", i}); err != nil {
			t.Fatal(err)
		}
	}
	enough := errors.New("enough")
	for i := range 1100 {
		want := error(nil)
		if i%2 == 1 {
			want = enough
		}
		if err := b.All(t.Context(), func(Entry[thing]) error { return want }); err != want {
			t.Fatalf("read %d: %v, want %v", i, err, want)
		}
	}
	info, err := b.stream.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.State.Consumers != 0 {
		t.Errorf("%d readers are left", info.State.Consumers)
	}
}
