// Package link is a bad network in user space, between a client and a real
// server: delay, jitter, loss, a narrow line, stalls and cuts, for load tests
// and for tests. It carries streams, so what it does to them is what TCP makes
// of such a network: all that is written arrives, once and in order, but late;
// behind a lost segment everything waits for its repetition; and who writes
// more than the line carries is held up, as by a full window.
//
//	client ───► line: a window, due times ───► server
//	       ◄─────────────── line ◄────────────
//
// A line takes a segment as long as less than a window is under way, decides
// when it is due at the other end, and delivers it then.
package link

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"
)

// What a stream is cut into, and how much of it may be under way each way. A
// window as large as a desktop's would hide from a server that its client is slow.
const (
	segment = 1400 // bytes
	window  = 24   // segments
)

// A Link is one client's network. Its methods may be called by any goroutine;
// they concern all its connections, those to come included.
type Link struct {
	mu       sync.Mutex
	now      Conditions
	chance   *rand.Rand
	stalled  chan struct{} // closed when it goes on; nil while nothing is stalled
	carriers map[*carrier]struct{}
}

// New returns a link under conditions, whose chances come from a seed.
func New(c Conditions, seed uint64) *Link {
	return &Link{now: c, chance: rand.New(rand.NewPCG(seed, 0)), carriers: map[*carrier]struct{}{}}
}

// Dial opens a TCP connection that runs over the link.
func (l *Link) Dial(ctx context.Context, addr string) (net.Conn, error) {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return l.Over(nc), nil
}

// Over returns the client's end of a link that leads on over far. When one end
// is closed the other is, behind what is under way to it.
func (l *Link) Over(far net.Conn) net.Conn {
	client, near := net.Pipe()
	c := &carrier{link: l, near: near, far: far, done: make(chan struct{})}
	l.mu.Lock()
	l.carriers[c] = struct{}{}
	l.mu.Unlock()
	go c.carry(near, far)
	go c.carry(far, near)
	return &end{Conn: client, far: far}
}

// Change replaces the conditions. What is under way arrives as it was due.
func (l *Link) Change(c Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = c
}

// Stall stops everything, both ways, until Resume: nothing is lost, and neither
// end is told, not even that the other has closed. Without Resume it is what a
// peer leaves that has vanished; Reset then lets go of it.
func (l *Link) Stall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled == nil {
		l.stalled = make(chan struct{})
	}
}

// Resume ends a stall.
func (l *Link) Resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled != nil {
		close(l.stalled)
		l.stalled = nil
	}
}

// Reset tears all connections down where they are, in the middle of a message
// too; the server sees a reset, not an end.
func (l *Link) Reset() {
	l.mu.Lock()
	all := slices.Collect(maps.Keys(l.carriers))
	l.mu.Unlock()
	for _, c := range all {
		if tcp, ok := c.far.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		c.close()
	}
}

// stall returns what to wait for, nil for nothing.
func (l *Link) stall() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stalled
}

// forget drops a carrier that has ended.
func (l *Link) forget(c *carrier) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.carriers, c)
}

// An end is the client's.
type end struct {
	net.Conn
	far net.Conn
}

func (e *end) LocalAddr() net.Addr  { return e.far.LocalAddr() }
func (e *end) RemoteAddr() net.Addr { return e.far.RemoteAddr() }

// A carrier is one connection over the link.
type carrier struct {
	link      *Link
	near, far net.Conn
	once      sync.Once
	done      chan struct{} // closed with both
}

func (c *carrier) close() {
	c.once.Do(func() {
		close(c.done)
		_, _ = c.near.Close(), c.far.Close()
		c.link.forget(c)
	})
}

// A parcel is a segment under way.
type parcel struct {
	b    []byte
	due  time.Time
	last bool // its sender has closed
}

// carry takes the segments of one direction in, as they are sent.
func (c *carrier) carry(from, to net.Conn) {
	road := make(chan parcel, window)
	defer close(road)
	go c.deliver(road, to)
	var line line
	buf := make([]byte, segment)
	for {
		n, err := from.Read(buf)
		p := parcel{bytes.Clone(buf[:n]), c.link.due(&line, n), err != nil}
		select {
		case road <- p:
		case <-c.done:
			return
		}
		if err != nil {
			return
		}
	}
}

// deliver hands each segment over when it is due. What nobody takes any more is
// thrown away: that the receiver has closed shows in the other direction.
func (c *carrier) deliver(road <-chan parcel, to net.Conn) {
	for p := range road {
		if !c.wait(p.due) {
			return
		}
		_, _ = to.Write(p.b)
		if p.last {
			c.close()
		}
	}
}

// wait returns at a time, later while the link is stalled, and false when the
// connection is gone.
func (c *carrier) wait(due time.Time) bool {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.done:
		return false
	}
	for stalled := c.link.stall(); stalled != nil; stalled = c.link.stall() {
		select {
		case <-stalled:
		case <-c.done:
			return false
		}
	}
	return true
}
