package socket

import (
	"errors"
	"net"
	"time"
)

// A line carries bytes. Its owner reads and writes it without ever blocking;
// only shut may be called by others.
type line interface {
	read(p []byte) (int, error)  // errDry when nothing is there now, io.EOF when nothing will be
	write(p []byte) (int, error) // what is taken now, which may be nothing
	unsent() int                 // bytes that write has taken and the network has not
	shutWrite()                  // tells the other side that nothing more will come
	shut()                       // ends both directions; from any goroutine
	close()
}

var errDry = errors.New("socket: nothing to read now")

// A link is what the parser, or TLS below it, takes for its network
// connection. Reads park the coroutine until the owner has bytes for it;
// writes gather, and always take everything: a tls.Conn does not survive a
// short write.
type link struct {
	line  line
	yield func(struct{}) bool // parks the coroutine; false when it shall end
	want  []byte              // where the parser, parked, waits for bytes
	got   int                 // how many of them the owner has put there
	over  bool                // the coroutine is being ended: it reads and hands on nothing more
	out   []byte              // gathered or left over, in the order it goes out
	near  net.Addr
	far   net.Addr
}

// Read parks until the owner has filled want.
func (l *link) Read(p []byte) (int, error) {
	if l.over || len(p) == 0 {
		return 0, net.ErrClosed
	}
	l.want = p
	l.park()
	l.want = nil
	if l.over {
		return 0, net.ErrClosed
	}
	return l.got, nil
}

// park gives control back to the owner until it resumes the coroutine.
func (l *link) park() {
	if !l.yield(struct{}{}) {
		l.over = true
	}
}

// Write gathers p for the next flush.
func (l *link) Write(p []byte) (int, error) {
	l.out = append(l.out, p...)
	return len(p), nil
}

// flush writes what has been gathered with one system call and keeps the
// remainder. It returns how much went out.
func (l *link) flush() (int, error) {
	n, err := l.line.write(l.out)
	if n == len(l.out) {
		l.out = emptied(l.out)
	} else if n > 0 {
		l.out = l.out[:copy(l.out, l.out[n:])]
	}
	return n, err
}

// emptied returns b without content, and without its memory where a burst
// has left it far larger than a frame needs.
func emptied(b []byte) []byte {
	const usual = 2 << 10
	if cap(b) > usual {
		return nil
	}
	return b[:0]
}

// The rest of net.Conn. The Conn ends a link, deadlines never do.

func (l *link) Close() error                     { return nil }
func (l *link) LocalAddr() net.Addr              { return l.near }
func (l *link) RemoteAddr() net.Addr             { return l.far }
func (l *link) SetDeadline(time.Time) error      { return nil }
func (l *link) SetReadDeadline(time.Time) error  { return nil }
func (l *link) SetWriteDeadline(time.Time) error { return nil }
