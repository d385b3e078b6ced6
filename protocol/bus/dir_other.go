//go:build !unix

package bus

import (
	"errors"
	"os"
	"path/filepath"
)

// lockDir makes the folder where it is missing, and keeps other processes from
// it until unlock: such systems do not remove a file that is open.
func lockDir(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "lock")
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, ErrInUse
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, ErrInUse
	}
	return f.Close, nil
}

// freeBytes is not known here.
func freeBytes(string) (int64, error) { return 0, errors.ErrUnsupported }
