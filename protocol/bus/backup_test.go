package bus

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/musterhq/muster/protocol"
)

// filled is a node with a bucket, a log and something derived.
func filled(t *testing.T, dir string) *Node {
	n := mustOpen(t, dir)
	b := mustBucket(t, n, "things")
	s, err := OpenStream[thing](n, "events")
	if err != nil {
		t.Fatal(err)
	}
	d, err := OpenBucket[thing](n, "derived", Derived)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		b.Create(t.Context(), fmt.Sprint(i), thing{"n", i})
		s.Append(t.Context(), fmt.Sprint("id", i), thing{"n", i})
	}
	b.Change(t.Context(), "7", func(v *thing) error { v.Count = -7; return nil })
	b.Delete(t.Context(), "8")
	d.Create(t.Context(), "x", thing{})
	return n
}

func TestABackupBecomesAFolder(t *testing.T) {
	n := filled(t, t.TempDir())
	var out bytes.Buffer
	if err := n.Backup(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	dir, before := filepath.Join(t.TempDir(), "new"), time.Now()
	mustRestore(t, dir, out.Bytes())
	r := mustOpen(t, dir)
	b := mustBucket(t, r, "things")
	count := 0
	if err := b.All(t.Context(), func(Entry[thing]) error { count++; return nil }); err != nil || count != 599 {
		t.Errorf("%d entries, %v", count, err)
	}
	if e, err := b.Get(t.Context(), "7"); err != nil || e.Value.Count != -7 || !e.At.Before(before) || e.Here.Before(before) {
		t.Errorf("got %+v, %v, restored after %v", e, err, before)
	}
	s, _ := OpenStream[thing](r, "events")
	if seq, err := s.Append(t.Context(), "id5", thing{}); err != nil || seq != 6 {
		t.Errorf("an id of before the backup was written at %d, %v", seq, err)
	}
	d, _ := OpenBucket[thing](r, "derived", Derived)
	if _, err := d.Get(t.Context(), "x"); err == nil {
		t.Error("what can be derived was backed up")
	}
}

func TestABackupThatIsNotWhole(t *testing.T) {
	n := filled(t, t.TempDir())
	var out bytes.Buffer
	if err := n.Backup(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	good := out.String()
	lines := strings.SplitAfter(good, "\n")
	for name, bad := range map[string]string{
		"empty":          "",
		"cut":            good[:len(good)/2],
		"no tail":        strings.Join(lines[:len(lines)-2], ""),
		"a line missing": strings.Join(lines[:9], "") + strings.Join(lines[10:], ""),
		"a byte changed": strings.Replace(good, "kv.things.", "kv.thinks.", 1),
		"other version":  strings.Replace(good, `"muster_backup":1`, `"muster_backup":2`, 1),
		"no backup":      "hello\nworld\n",
		"an endless one": strings.Repeat("x", maxLine+1<<20),
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if _, err := Stage(t.Context(), dir, strings.NewReader(bad)); !errors.Is(err, errNoBackup) {
			t.Errorf("%s: staged, %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
		if err := Check(strings.NewReader(bad)); !errors.Is(err, errNoBackup) {
			t.Errorf("%s: checked, %v", name, err)
		}
	}
	if err := Check(strings.NewReader(good)); err != nil {
		t.Error(err)
	}
}

func mustRestore(t *testing.T, dir string, backup []byte) (before string) {
	t.Helper()
	staged, err := Stage(t.Context(), dir, bytes.NewReader(backup))
	if err == nil {
		before, err = Replace(dir, staged)
	}
	if err != nil {
		t.Fatal(err)
	}
	return before
}

func TestABackupOfAFolderNobodyOpened(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir).Close()
	n := mustOpen(t, dir) // no bucket is opened
	var out bytes.Buffer
	if err := n.Backup(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got < 1200 {
		t.Errorf("%d lines", got)
	}
}

// TestABackupWhileAllIsRewritten: of what was there before the call nothing is
// missing, though every value is replaced or deleted while it is read, and what
// one writer does in order in two streams is never there without what it did
// before.
func TestABackupWhileAllIsRewritten(t *testing.T) {
	t.Parallel()
	n := mustOpen(t, t.TempDir())
	first, second := mustBucket(t, n, "a-first"), mustBucket(t, n, "b-second")
	const before = 3000
	for i := range before {
		first.Create(t.Context(), fmt.Sprint(i), thing{"old", i})
	}
	begun, done := make(chan struct{}), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			key := fmt.Sprint(i % before)
			first.Change(ctx, key, func(v *thing) error { v.Name = "new"; return nil })
			first.Create(ctx, fmt.Sprint("pair", i), thing{"x", i})
			second.Create(ctx, fmt.Sprint("pair", i), thing{"x", i})
			if i%7 == 0 {
				second.Delete(ctx, fmt.Sprint("pair", i))
				first.Delete(ctx, fmt.Sprint("pair", i))
			}
			if i == 20 {
				close(begun)
			}
		}
	}()
	<-begun
	var out bytes.Buffer
	err := n.Backup(t.Context(), slowly{&out})
	stop()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	mustRestore(t, dir, out.Bytes())
	r := mustOpen(t, dir)
	rFirst, rSecond := mustBucket(t, r, "a-first"), mustBucket(t, r, "b-second")
	for i := range before {
		if _, err := rFirst.Get(t.Context(), fmt.Sprint(i)); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if err := rSecond.All(t.Context(), func(e Entry[thing]) error {
		_, err := rFirst.Get(t.Context(), e.Key)
		return err
	}); err != nil {
		t.Errorf("the second write is there without the first: %v", err)
	}
}

// slowly writes so slowly that others come between.
type slowly struct{ to io.Writer }

func (w slowly) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		some := min(len(b), 512)
		runtime.Gosched()
		var m int
		m, err = w.to.Write(b[:some])
		n, b = n+m, b[some:]
	}
	return n, err
}

// TestAReplacementThatEndsAnywhere: whichever step is the last one, the folder
// is the old or the new one at the next start, secret and all, and what was
// there before lies in one piece beside it.
func TestAReplacementThatEndsAnywhere(t *testing.T) {
	backup := bytes.Buffer{}
	if err := folderOf(t, t.TempDir(), "new").Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	for steps := 0; ; steps++ {
		dir := t.TempDir()
		folderOf(t, dir, "old").Close()
		staged, err := Stage(t.Context(), dir, bytes.NewReader(backup.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(staged, SecretName), []byte("new"), 0o600)
		_, err = endingAfter(steps, func() (string, error) { return Replace(dir, staged) })
		want := "new"
		if steps == 0 {
			want = "old"
		}
		if got := whatIsIn(t, dir); got != want {
			t.Errorf("ended after %d steps: %s, want %s", steps, got, want)
		}
		before, _ := filepath.Glob(filepath.Join(dir, beforePrefix+"*"))
		if want == "new" && (len(before) != 1 || whatIsIn(t, before[0]) != "old") {
			t.Errorf("ended after %d steps: before is in %q", steps, before)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
			t.Errorf("ended after %d steps: %q are left", steps, left)
		}
		if err == nil {
			return
		}
	}
}

// endingAfter is a process that ends after so many steps.
func endingAfter(steps int, replace func() (string, error)) (string, error) {
	defer func(was func(string, string) error) { rename = was }(rename)
	real := rename
	rename = func(from, to string) error {
		if steps--; steps < 0 {
			return errors.New("the end")
		}
		return real(from, to)
	}
	return replace()
}

// folderOf is a node whose folder holds one name wherever one looks.
func folderOf(t *testing.T, dir, name string) *Node {
	t.Helper()
	n := mustOpen(t, dir)
	if _, err := mustBucket(t, n, "things").Create(t.Context(), "it", thing{Name: name}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, SecretName), []byte(name), 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}

func whatIsIn(t *testing.T, dir string) string {
	t.Helper()
	n := mustOpen(t, dir)
	defer n.Close()
	e, err := mustBucket(t, n, "things").Get(t.Context(), "it")
	secret, errS := os.ReadFile(filepath.Join(dir, SecretName))
	if err != nil || errS != nil || string(secret) != e.Value.Name {
		return fmt.Sprintf("%q under secret %q, %v", e.Value.Name, secret, errors.Join(err, errS))
	}
	return e.Value.Name
}

// TestTimesAndIdsOutliveABackup: a record was written when it was, and ids that
// came again later than a stream knows them are there twice.
func TestTimesAndIdsOutliveABackup(t *testing.T) {
	long := time.Now().Add(-100 * 24 * time.Hour).UTC()
	var text bytes.Buffer
	n := mustOpen(t, t.TempDir())
	s, err := OpenStream[thing](n, "events")
	if err != nil {
		t.Fatal(err)
	}
	s.Append(t.Context(), "id", thing{"n", 1})
	b := &backup{out: bufio.NewWriter(&text), sum: sha256.New()}
	now := time.Now()
	b.line(backupLine{Version: 1, At: &now})
	cfg := s.stream.CachedInfo().Config
	b.line(backupLine{Stream: &cfg})
	for _, at := range []time.Time{long, long.Add(2 * time.Hour), now} {
		b.line(backupLine{At: &at, Subject: "log.events", Header: nats.Header{"Nats-Msg-Id": {"id"}}, Data: protocol.Marshal(thing{"n", 1})})
	}
	b.line(backupLine{SHA256: b.sum.Sum(nil)})
	b.out.Flush()
	dir := t.TempDir()
	mustRestore(t, dir, text.Bytes())
	for range 2 { // and again, of what was restored
		r := mustOpen(t, dir)
		s, _ := OpenStream[thing](r, "events")
		var all []Record[thing]
		if err := s.Read(t.Context(), 0, func(r Record[thing]) error { all = append(all, r); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(all) != 3 || all[0].ID != "id" || all[2].ID != "id" || !all[0].At.Equal(long) || !all[2].At.Equal(now) {
			t.Fatalf("got %+v", all)
		}
		text.Reset()
		if err := r.Backup(t.Context(), &text); err != nil {
			t.Fatal(err)
		}
		dir = t.TempDir()
		mustRestore(t, dir, text.Bytes())
	}
}

// TestAllWhileEverythingIsDeleted ends, though what it still waits for is gone.
func TestAllWhileEverythingIsDeleted(t *testing.T) {
	b := mustBucket(t, mustOpen(t, Memory), "things")
	for i := range 2000 {
		b.Create(t.Context(), fmt.Sprint(i), thing{"n", i})
	}
	seen := 0
	err := b.All(t.Context(), func(Entry[thing]) error {
		if seen++; seen == 1 {
			for i := range 2000 {
				b.Delete(t.Context(), fmt.Sprint(i))
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("saw %d, %v", seen, err)
	}
}

// TestCloseWhileWritesAreUnderWay: a folder is as its marks say, whatever comes
// while it is closed.
func TestCloseWhileWritesAreUnderWay(t *testing.T) {
	dir := t.TempDir()
	for range 5 {
		n := mustOpen(t, dir)
		b := mustBucket(t, n, "things")
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() {
				for i := 0; ; i++ {
					key := fmt.Sprint(w, "/", i)
					_, err := b.Create(context.Background(), key, thing{"n", i})
					if err == nil || errors.Is(err, ErrExists) {
						err = b.Delete(context.Background(), key)
					}
					if err != nil {
						if !errors.Is(err, ErrDown) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		mustBucket(t, n, "another").Create(t.Context(), "x", thing{})
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		writers.Wait()
	}
}
