//go:build linux

package bus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a disk of so many MiB for a test; that needs root, which CI
// has.
func smallDisk(t *testing.T, mib int) string {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mib)); err != nil {
		t.Skipf("NOT TESTED: no disk can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until so many bytes are left on the disk, or it is full.
func fill(t *testing.T, dir string, left int64) (file string) {
	free, err := freeBytes(dir)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "filler")
	if err := os.WriteFile(file, make([]byte, free-left), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// eventually waits for what a node finds out by itself, sooner or later.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	look, end := time.NewTicker(20*time.Millisecond), time.After(2*time.Minute)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-end:
			t.Fatalf("%s: never", what)
		}
	}
}

func TestWritingStopsBeforeTheDiskIsFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 48)
	dir := filepath.Join(disk, "data")
	open := func() (*Node, error) { return Open(Config{Dir: dir, MinFree: 8 << 20}) }
	n, err := open()
	if err != nil {
		t.Fatal(err)
	}
	b := mustBucket(t, n, "things")
	b.Create(t.Context(), "before", thing{"b", 1})
	filler := fill(t, disk, 7<<20)
	eventually(t, "the folder counts as full", func() bool { return errors.Is(n.Err(), ErrNoSpace) })
	if _, err := b.Create(t.Context(), "on a full disk", thing{}); !errors.Is(err, ErrNoSpace) {
		t.Errorf("written: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(); !errors.Is(err, ErrNoSpace) {
		t.Errorf("opened on a full disk: %v", err)
	}
	os.Remove(filler)
	if n, err = open(); err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	b = mustBucket(t, n, "things")
	if _, err := b.Get(t.Context(), "before"); err != nil {
		t.Error(err)
	}
	filler = fill(t, disk, 7<<20)
	eventually(t, "full again", func() bool { return n.Err() != nil })
	os.Remove(filler)
	eventually(t, "writable again", func() bool { return n.Err() == nil })
	if _, err := b.Create(t.Context(), "after", thing{}); err != nil {
		t.Error(err)
	}
}

// TestADiskThatFailsAtOnce fills the disk between two looks at it.
func TestADiskThatFailsAtOnce(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 32)
	dir := filepath.Join(disk, "data")
	n, err := Open(Config{Dir: dir, MinFree: 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStream[[]byte](n, "events")
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := 0
	for i := 0; ; i++ {
		if _, err := s.Append(t.Context(), fmt.Sprint(i), make([]byte, 1<<19)); err != nil {
			t.Logf("after %d writes: %v", acknowledged, err)
			break
		}
		acknowledged++
	}
	eventually(t, "the node is down, or knows that it is full", func() bool { return n.Err() != nil })
	n.Close()
	if n, err = Open(Config{Dir: dir, MinFree: 1}); err != nil && !errors.Is(err, ErrNoSpace) {
		t.Fatal(err)
	}
	if err != nil {
		return // refuses to start
	}
	defer n.Close()
	s, err = OpenStream[[]byte](n, "events")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	if err := s.Read(t.Context(), 0, func(Record[[]byte]) error { count++; return nil }); err != nil || count < acknowledged {
		t.Errorf("%d of %d acknowledged writes are left, %v", count, acknowledged, err)
	}
}
