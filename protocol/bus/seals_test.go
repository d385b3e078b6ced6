package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

const eventsBlock = "log/jetstream/$G/streams/log-events/msgs/1.blk"

// aSealedFolder was opened with so many events in it, and has as many behind
// them that no start has read.
func aSealedFolder(tb testing.TB, events int) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	for _, from := range []int{0, events} {
		n, err := Open(Config{Dir: dir, NoSync: true})
		if err != nil {
			tb.Fatal(err)
		}
		write(tb, n, from, from+events)
		if err := n.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func write(tb testing.TB, n *Node, from, to int) {
	tb.Helper()
	s, err := OpenStream[thing](n, "events")
	for i := from; i < to && err == nil; i++ {
		_, err = s.Append(context.Background(), strconv.Itoa(i), thing{"n", i})
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// TestASealIsBelieved where all before it is as it was, and not where anything
// has changed.
func TestASealIsBelieved(t *testing.T) {
	const events = 300
	sealed := aSealedFolder(t, events)
	if got := readSeals(filepath.Join(sealed, logName))["log-events"]; got.First != 1 || got.Last != events || len(got.Blocks) != 1 {
		t.Fatalf("sealed is %+v", got)
	}
	at := func(dir string) string { return filepath.Join(dir, eventsBlock) }
	size := func(dir string) int64 {
		return readSeals(filepath.Join(dir, logName))["log-events"].Blocks["1.blk"].Size
	}
	for name, c := range map[string]struct {
		damage func(dir string)
		want   error
	}{
		"nothing":               {func(string) {}, nil},
		"a bit before the seal": {func(dir string) { flipAt(t, at(dir), size(dir)/2) }, ErrDamaged},
		"the first bit":         {func(dir string) { flipAt(t, at(dir), 0) }, ErrDamaged},
		"a bit behind it":       {func(dir string) { flipAt(t, at(dir), size(dir)+size(dir)/2) }, ErrDamaged},
		"cut at the seal":       {func(dir string) { os.Truncate(at(dir), size(dir)) }, ErrDamaged},
		"cut before it":         {func(dir string) { os.Truncate(at(dir), size(dir)/2) }, ErrDamaged},
		"no block":              {func(dir string) { os.Remove(at(dir)) }, ErrDamaged},
		"no seals":              {func(dir string) { os.Remove(filepath.Join(dir, logName, sealsName)) }, nil},
		"a bit of the seals":    {func(dir string) { flip(t, filepath.Join(dir, logName, sealsName)) }, nil},
		"half of the seals":     {func(dir string) { os.Truncate(filepath.Join(dir, logName, sealsName), 40) }, nil},
		"seals of another, and a bit": {func(dir string) {
			(seals{"log-events": {1, 2 * events, map[string]block{"1.blk": {1, 0}}}}).write(filepath.Join(dir, logName))
			flipAt(t, at(dir), size(dir)/2+1000)
		}, ErrDamaged},
	} {
		for _, index := range []string{"with index", "without index"} {
			t.Run(name+" "+index, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "data")
				if err := os.CopyFS(dir, os.DirFS(sealed)); err != nil {
					t.Fatal(err)
				}
				if index == "without index" {
					os.Remove(filepath.Join(filepath.Dir(at(dir)), "index.db"))
				}
				c.damage(dir)
				n, err := Open(Config{Dir: dir})
				if !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
				if err != nil {
					return
				}
				if got := readSeals(filepath.Join(dir, logName))["log-events"].Last; got != 2*events {
					t.Errorf("sealed up to %d of %d", got, 2*events)
				}
				n.Close()
			})
		}
	}
}

// TestASealAfterAKill is good as well: what is behind it is read.
func TestASealAfterAKill(t *testing.T) {
	const events = 300
	open := aSealedFolder(t, events)
	n := mustOpen(t, open)
	write(t, n, 2*events, 3*events)
	killed := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(killed, os.DirFS(open)); err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(damaged, os.DirFS(killed)); err != nil {
		t.Fatal(err)
	}
	before := readSeals(filepath.Join(killed, logName))["log-events"]
	dir := filepath.Dir(filepath.Join(killed, eventsBlock))
	if before.Last != 2*events || !before.holds(dir, mark{1, 3 * events, 3 * events}) {
		t.Errorf("the seal %+v is not believed", before)
	}
	again := mustOpen(t, killed)
	if got := readSeals(filepath.Join(killed, logName))["log-events"].Last; got != 3*events {
		t.Errorf("sealed up to %d of %d", got, 3*events)
	}
	again.Close()
	flipAt(t, filepath.Join(damaged, eventsBlock), before.Blocks["1.blk"].Size/2)
	if n, err := Open(Config{Dir: damaged}); !errors.Is(err, ErrDamaged) {
		t.Errorf("opened: %v", err)
		n.Close()
	}
}

func flipAt(t *testing.T, path string, at int64) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 4
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkOpen is how long a node takes to open with so many events that it
// reads, or that are sealed.
func BenchmarkOpen(b *testing.B) {
	for _, events := range []int{10_000, 200_000} {
		dir := aSealedFolder(b, events/2)
		for _, way := range []string{"read", "sealed"} {
			b.Run(fmt.Sprintf("%s/%d", way, events), func(b *testing.B) {
				for range b.N {
					if way == "read" {
						os.Remove(filepath.Join(dir, logName, sealsName))
					}
					n, err := Open(Config{Dir: dir, NoSync: true})
					if err != nil {
						b.Fatal(err)
					}
					b.StopTimer()
					n.Close()
					b.StartTimer()
				}
			})
		}
	}
}
