package cmd

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// smallDisk mounts a disk of so many MiB for a test; that needs root.
func smallDisk(t *testing.T, mib int) string {
	t.Helper()
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

// fillTo writes a file so long that so many bytes are left on its disk.
func fillTo(file, disk string, left int64) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(disk, &s); err != nil {
		return err
	}
	return os.WriteFile(file, make([]byte, int64(s.Bavail)*s.Bsize-left), 0o600)
}
