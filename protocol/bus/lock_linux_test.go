package bus

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// TestALockIsGoneWhenReleased, though a child that was forked meanwhile has its
// descriptor, too.
func TestALockIsGoneWhenReleased(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Close(inherited(t, filepath.Join(dir, "lock"))); err != nil { // a child that has gone
		t.Fatal(err)
	}
	if _, err := lockDir(dir); err == nil {
		t.Error("locked twice")
	}
	child := inherited(t, filepath.Join(dir, "lock"))
	defer syscall.Close(child)
	if err := unlock(); err != nil {
		t.Error(err)
	}
	again, err := lockDir(dir)
	if err != nil {
		t.Fatal("it stays locked: ", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

// inherited is the descriptor of an open file as a child has it.
func inherited(t *testing.T, path string) int {
	t.Helper()
	const all = "/proc/self/fd"
	list, err := os.ReadDir(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if to, _ := os.Readlink(filepath.Join(all, e.Name())); to == path {
			fd, _ := strconv.Atoi(e.Name())
			if fd, err = syscall.Dup(fd); err != nil {
				t.Fatal(err)
			}
			return fd
		}
	}
	t.Fatalf("%s is not open", path)
	return 0
}
