//go:build linux && (amd64 || arm64)

package socket

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"unsafe"
)

// A raw line is a socket's descriptor of its own, out of the runtime's
// poller: nobody is woken when bytes come, the owner asks once a beat.
//
// A descriptor's number is used again as soon as it is closed, so that every
// access goes through here. read and write need no lock: they are the owner's,
// and so is close.
type raw struct {
	fd int // never changed

	mu     sync.Mutex // keeps shut, from another goroutine, off a closed fd
	closed bool
}

// takeLine takes the socket out of nc, which is closed, if it has one.
func takeLine(nc net.Conn, sendBuffer int) (line, bool) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil, false
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return nil, false
	}
	fd, err := duplicate(rc)
	if err != nil {
		return nil, false
	}
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, sendBuffer) // a hint
	nc.Close()
	return &raw{fd: fd}, true
}

// duplicate is dup with close-on-exec, which child processes started in
// between would otherwise inherit. The copy keeps the socket open, non-blocking
// and unknown to the poller.
func duplicate(rc syscall.RawConn) (fd int, err error) {
	ctlErr := rc.Control(func(old uintptr) {
		n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0)
		if fd = int(n); errno != 0 {
			err = os.NewSyscallError("fcntl", errno)
		}
	})
	if ctlErr != nil {
		return -1, ctlErr
	}
	return fd, err
}

func (r *raw) read(p []byte) (int, error) {
	n, errno := r.call(syscall.SYS_RECVFROM, p, syscall.MSG_DONTWAIT)
	switch {
	case errno == syscall.EAGAIN:
		return 0, errDry
	case errno != 0:
		return 0, os.NewSyscallError("recv", errno)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// write returns how much the kernel has taken. MSG_NOSIGNAL: a peer that is
// gone shall not raise SIGPIPE.
func (r *raw) write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, errno := r.call(syscall.SYS_SENDTO, p, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
	switch {
	case errno == syscall.EAGAIN || errno == syscall.ENOBUFS:
		return 0, nil
	case errno != 0:
		return 0, os.NewSyscallError("send", errno)
	}
	return n, nil
}

// call makes one system call on the socket, again where a signal has cut it
// short. It never blocks, so the scheduler need not hear of it.
func (r *raw) call(trap uintptr, p []byte, flags uintptr) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall6(trap, uintptr(r.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
		if errno == 0 {
			return int(n), 0
		}
		if errno != syscall.EINTR {
			return 0, errno
		}
	}
}

const siocOutqNSD = 0x894b // linux/sockios.h; package syscall lacks it

// unsent asks the kernel for what it keeps beyond the receiver's window and its
// own guess of what the network carries: what was sent and is not acknowledged
// is not in it.
func (r *raw) unsent() int {
	var n int32
	_, _, errno := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(r.fd), siocOutqNSD, uintptr(unsafe.Pointer(&n)))
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (r *raw) shutWrite() { r.shutdown(syscall.SHUT_WR) }
func (r *raw) shut()      { r.shutdown(syscall.SHUT_RDWR) }

func (r *raw) shutdown(how int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		syscall.Shutdown(r.fd, how)
	}
}

func (r *raw) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		syscall.Close(r.fd)
	}
}
