//go:build unix

package socket

import (
	"math"
	"syscall"
)

// descriptors is how many the process may have: all that the system allows, for
// Go raises the soft limit to the hard one when a program starts.
func descriptors() int {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil {
		return 0
	}
	return int(min(uint64(r.Cur), math.MaxInt32))
}
