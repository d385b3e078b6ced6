//go:build unix

package cmd

import (
	"fmt"
	"os"
	"syscall"
)

// owned says whether a folder is ours: what we write into another user's, as
// root may, that one cannot read.
func owned(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to user %d: do this as that user", dir, s.Uid)
	}
	return nil
}
