package socket

import (
	"net"
	"syscall"
)

// spare is how many of the descriptors that the process may have are kept for
// what is not a client: files of the log, requests to other servers.
func spare(limit int) int { return max(16, min(limit/32, 256)) }

// shed says whether nc came when the descriptors are almost used up. The
// system gives out the lowest that is free, so the number of the newest tells
// how many are in use.
func shed(nc net.Conn, limit int) bool {
	sc, ok := nc.(syscall.Conn)
	if !ok || limit <= 0 {
		return false
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	crowded := false
	_ = rc.Control(func(fd uintptr) { crowded = int(fd) >= limit-spare(limit) })
	return crowded
}

// hangUp closes a connection that nothing was read from or written to, with a
// reset: nobody waits for what the other side still sends.
func hangUp(nc net.Conn) {
	if tcp, ok := nc.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = nc.Close()
}
