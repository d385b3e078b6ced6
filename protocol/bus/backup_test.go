package bus

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	dir := filepath.Join(t.TempDir(), "new")
	if err := Restore(t.Context(), dir, bytes.NewReader(out.Bytes())); err != nil {
		t.Fatal(err)
	}
	r := mustOpen(t, dir)
	b := mustBucket(t, r, "things")
	count := 0
	if err := b.All(t.Context(), func(Entry[thing]) error { count++; return nil }); err != nil || count != 599 {
		t.Errorf("%d entries, %v", count, err)
	}
	if e, err := b.Get(t.Context(), "7"); err != nil || e.Value.Count != -7 {
		t.Errorf("got %+v, %v", e, err)
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
		if err := Restore(t.Context(), dir, strings.NewReader(bad)); err == nil {
			t.Errorf("%s: restored", name)
		}
		if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
	full := t.TempDir()
	os.WriteFile(filepath.Join(full, "f"), nil, 0o600)
	if err := Restore(t.Context(), full, strings.NewReader(good)); err == nil {
		t.Error("a folder with something in it was taken")
	}
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
