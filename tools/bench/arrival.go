//go:build linux

package main

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stamped has the kernel note when each segment comes to a descriptor. A player
// sees a frame when it has come; how soon this process is let on a core to read
// it, beside those whom it plays and those who serve them, is not the server's
// doing.
func stamped(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
}

// A receiver reads from stamped descriptors.
type receiver struct{ control [64]byte }

// read tells when the last of what it has read came. Without a stamp, as when
// nothing came or the other side has closed, that is now.
func (r *receiver) read(fd int, p []byte) (n int, came time.Time, err error) {
	n, size, _, _, err := unix.Recvmsg(fd, p, r.control[:], 0)
	if err != nil || size < unix.SizeofCmsghdr {
		return n, time.Now(), err
	}
	head := (*unix.Cmsghdr)(unsafe.Pointer(&r.control[0]))
	if head.Level != unix.SOL_SOCKET || head.Type != unix.SCM_TIMESTAMPNS {
		return n, time.Now(), nil
	}
	stamp := (*unix.Timespec)(unsafe.Pointer(&r.control[unix.CmsgLen(0)]))
	return n, time.Unix(stamp.Unix()), nil
}
