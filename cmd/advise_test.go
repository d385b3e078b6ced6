package cmd

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

// Advice about files is given for files alone: a port that the user may not
// open has nothing to do with whom a folder belongs to.
func TestAdviceFitsWhatIsForbidden(t *testing.T) {
	const owner = "must belong to the user"
	file := fmt.Errorf("data folder x: %w", &fs.PathError{Op: "mkdir", Path: "x", Err: syscall.EACCES})
	if got := advise(file); !strings.Contains(got, owner) {
		t.Errorf("of a folder: %s", got)
	}
	port := fmt.Errorf("cannot serve: %w", &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", syscall.EACCES)})
	if got := advise(port); strings.Contains(got, owner) {
		t.Errorf("of a port: %s", got)
	}
	missing := fmt.Errorf("data folder x: %w", &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT})
	if got := advise(missing); strings.Contains(got, owner) {
		t.Errorf("of a file that is not there: %s", got)
	}
}
