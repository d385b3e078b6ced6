package career

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/pack"
	"github.com/musterhq/muster/lobby/rating"
)

// months has seasons turn and histories run over.
var months = Config{
	Model: rating.Default, Seasons: board.Seasons{Start: epoch, Length: 30 * 24 * time.Hour}, HistoryEach: 5, HistoryTotal: 60,
}

func mustWrite(tb testing.TB, c *cut) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := c.write(&out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func mustThaw(tb testing.TB, data []byte) *fold {
	tb.Helper()
	f, err := thaw(months, "this", nil, bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// TestTheFoldGoesOnFromASnapshot of any moment, and from one of that, as if it
// had never been written; what is counted while it is written is not in it.
func TestTheFoldGoesOnFromASnapshot(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for seed := range uint64(5) {
		all := random(seed, 300)
		whole := mustFold(t, months, all...)
		f, at := mustFold(t, months), 0
		for at < len(all) {
			next := at + 1 + rnd.IntN(len(all)-at)
			for _, r := range all[at:next] {
				f.apply(r)
			}
			c, before := f.freeze("this"), f
			for _, r := range all[next:] {
				before.apply(r)
			}
			alike(t, before, whole)
			f, at = mustThaw(t, mustWrite(t, c)), next
			alike(t, f, mustFold(t, months, all[:next]...))
		}
		alike(t, f, whole)
	}
}

// TestSnapshotsAreWholeOrNothing: each byte that is changed or missing is an
// error, and so is another fold.
func TestSnapshotsAreWholeOrNothing(t *testing.T) {
	data := mustWrite(t, mustFold(t, months, random(1, 20)...).freeze("this"))
	refused := func(what string, data []byte, of string) {
		_, err := thaw(months, of, nil, bytes.NewReader(data))
		if !errors.Is(err, pack.ErrDamaged) && !errors.Is(err, pack.ErrForeign) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for i := range data {
		refused(fmt.Sprint("cut at ", i), data[:i], "this")
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		refused(fmt.Sprint("changed at ", i), bad, "this")
	}
	refused("another fold's", data, "that")
	other := mustWrite(t, mustFold(t, months, random(1, 21)...).freeze("this"))
	i := bytes.Index(data, []byte("MUSTERB"))
	refused("the boards of another moment", append(bytes.Clone(data[:i]), other[bytes.Index(other, []byte("MUSTERB")):]...), "this")
}

// TestFingerprints differ with whatever changes how results count.
func TestFingerprints(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*Config){
		"as it is": func(*Config) {},
		"seasons":  func(c *Config) { c.Seasons.Length *= 2 },
		"start":    func(c *Config) { c.Seasons.Start = epoch.Add(24 * time.Hour) },
		"endless":  func(c *Config) { c.Seasons = board.Seasons{} },
		"history":  func(c *Config) { c.HistoryEach = 6 },
		"beta":     func(c *Config) { c.Model = mustModel(t, rating.Config{Beta: 4.17}) },
		"tau":      func(c *Config) { c.Model = mustModel(t, rating.Config{Tau: 0.0834}) },
		"keep":     func(c *Config) { c.Model = mustModel(t, rating.Config{Keep: 0.501}) },
		"forget":   func(c *Config) { c.Model = mustModel(t, rating.Config{Forget: 366 * 24 * time.Hour}) },
	} {
		cfg := months
		change(&cfg)
		got, err := fingerprint(cfg)
		again, _ := fingerprint(cfg)
		if err != nil || got != again || seen[got] != "" {
			t.Errorf("%s: %v, again %t, as with %q", name, err, got == again, seen[got])
		}
		seen[got] = name
	}
}

func mustModel(t *testing.T, cfg rating.Config) *rating.Model {
	t.Helper()
	m, err := rating.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// kept gives a world a snapshot's file.
func kept(tb testing.TB, every int) func(*Config) {
	path := filepath.Join(tb.TempDir(), "snapshot")
	return func(c *Config) { c.Snapshot, c.SnapshotEvery = path, every }
}

// asRead fails the test unless the fold is that of all results.
func (w *world) asRead() {
	w.Helper()
	cfg := w.cfg
	cfg.Snapshot = ""
	whole, err := Open(w.Context(), cfg, w.node)
	if err != nil {
		w.Fatal(err)
	}
	alike(w, w.fold, whole.fold)
}

// TestAStartReadsWhatCameAfter the snapshot, which is written every so many
// results and at the end.
func TestAStartReadsWhatCameAfter(t *testing.T) {
	w := mustWorld(t, kept(t, 10))
	n := 0
	finish := func(more int) {
		for range more {
			w.mustFinish(played(fmt.Sprint("m", n), 1, 2, 3))
			n++
		}
	}
	for _, more := range []int{3, 12, 30, 1} {
		finish(more)
		w.open()
		equal(t, "results in the snapshot", int(w.keeper.covers()), n)
		w.asRead()
		w.run()
	}
	w.open()
	for range 25 {
		if _, err := w.stream.Append(t.Context(), fmt.Sprint("m", n), resultOf(played(fmt.Sprint("m", n), 1, 2, 3), epoch)); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if err := w.stream.Read(t.Context(), w.fold.last()+1, w.take); err != nil {
		t.Fatal(err)
	}
	w.keeper.writing.Wait() // and the process ends without an end
	w.open()
	if at := int(w.keeper.covers()); at < n-25+10 || at > n {
		t.Errorf("%d results in the snapshot, of %d", at, n)
	}
	w.asRead()
	equal(t, "in a history", len(w.history(id(0), 100)), n)
}

// TestSnapshotsThatAreNotTrusted: all results are read, and one line says why.
func TestSnapshotsThatAreNotTrusted(t *testing.T) {
	change := func(f func([]byte) []byte) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			data, err := os.ReadFile(w.cfg.Snapshot)
			if err == nil {
				err = os.WriteFile(w.cfg.Snapshot, f(data), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// elsewhere has another server write it, of other results.
	elsewhere := func(n int) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			other := mustWorld(t, func(c *Config) { c.Snapshot = w.cfg.Snapshot })
			for i := range n {
				other.mustFinish(played(fmt.Sprint("other", i), 2, 1))
			}
			other.stop()
		}
	}
	for name, spoil := range map[string]func(*testing.T, *world){
		"a changed byte":         change(func(b []byte) []byte { b[len(b)/2] ^= 4; return b }),
		"half of it":             change(func(b []byte) []byte { return b[:len(b)/2] }),
		"nothing":                change(func([]byte) []byte { return nil }),
		"something else":         change(func([]byte) []byte { return []byte("once upon a time") }),
		"a version of later":     change(func(b []byte) []byte { b[7]++; return b }),
		"newer than the results": elsewhere(9),
		"of other results":       elsewhere(5),
		"other seasons":          func(_ *testing.T, w *world) { w.cfg.Seasons = months.Seasons },
		"another history":        func(_ *testing.T, w *world) { w.cfg.HistoryEach = 7 },
		"another model":          func(t *testing.T, w *world) { w.cfg.Model = mustModel(t, rating.Config{Beta: 5}) },
		"a folder": func(t *testing.T, w *world) {
			if err := errors.Join(os.Remove(w.cfg.Snapshot), os.Mkdir(w.cfg.Snapshot, 0o700)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := mustWorld(t, kept(t, 100))
			for i := range 8 {
				w.mustFinish(played(fmt.Sprint("m", i), 1, 2))
			}
			w.stop()
			w.stop = func() {}
			spoil(t, w)
			var said bytes.Buffer
			w.cfg.Log = slog.New(slog.NewTextHandler(&said, nil))
			w.open()
			if lines := strings.Count(said.String(), "\n"); lines != 1 || !strings.Contains(said.String(), "all results are read") {
				t.Errorf("it said %q", said.String())
			}
			equal(t, "trusted up to", w.keeper.covers(), 0)
			w.asRead()
		})
	}
}

// TestNothingIsSaidOfTheFirstSnapshot, which is not there.
func TestNothingIsSaidOfTheFirstSnapshot(t *testing.T) {
	var said bytes.Buffer
	w := mustWorld(t, kept(t, 0), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&said, nil)) })
	w.stop()
	w.restart()
	w.stop()
	if _, err := os.Stat(w.cfg.Snapshot); err == nil || said.Len() > 0 {
		t.Errorf("a snapshot of nothing; it said %q", said.String())
	}
}

// TestResultsCountWhereNoSnapshotCanBeWritten, and what was begun is removed.
func TestResultsCountWhereNoSnapshotCanBeWritten(t *testing.T) {
	w := mustWorld(t, kept(t, 2), func(c *Config) { c.Snapshot += "/in/no/folder" })
	for i := range 10 {
		w.mustFinish(played(fmt.Sprint("m", i), 1, 2))
	}
	w.restart()
	w.asRead()
	equal(t, "in the history", len(w.history(id(0), 100)), 10)
}

// TestASnapshotIsTriedAgain soon where it was not to be written, but not with
// each result; and at the end at once.
func TestASnapshotIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		dir := filepath.Join(t.TempDir(), "later")
		w := mustWorld(t, func(c *Config) {
			c.Snapshot, c.SnapshotEvery, c.Log = filepath.Join(dir, "snapshot"), 2, slog.New(slog.NewTextHandler(&said, nil))
		})
		finish := func(from, to int) {
			for i := from; i < to; i++ {
				w.mustFinish(played(fmt.Sprint("m", i), 1, 2))
				synctest.Wait()
			}
		}
		finish(0, 10)
		if n := strings.Count(said.String(), "not written"); n != 1 {
			t.Errorf("tried %d times at once", n)
		}
		time.Sleep(retryAfter)
		finish(10, 11)
		if n := strings.Count(said.String(), "not written"); n != 2 {
			t.Errorf("tried %d times in a minute", n)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		time.Sleep(retryAfter)
		finish(11, 12)
		equal(t, "a minute later", w.keeper.covers(), 12)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		finish(12, 14)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		w.stop()
		equal(t, "at the end", w.keeper.covers(), 14)
	})
}

// TestForgottenPlayersStayForgotten by a snapshot.
func TestForgottenPlayersStayForgotten(t *testing.T) {
	w := mustWorld(t, kept(t, 0))
	w.mustFinish(played("m1", 1, 2))
	if err := w.Forget(t.Context(), duel.Game, id(0)); err != nil {
		t.Fatal(err)
	}
	w.restart()
	equal(t, "from the snapshot", w.keeper.covers(), 2)
	w.mustFinish(played("m2", 1, 2)) // which ran meanwhile
	equal(t, "in the history", len(w.history(id(0), 10)), 0)
	if v, _, _ := w.Boards().Current(duel); v.Len() != 1 {
		t.Errorf("%d on the board", v.Len())
	}
	w.restart()
	w.asRead()
}
