package socket

import (
	"errors"
	"io"
	"net"
	"sync"
)

// A pump is a line over an ordinary net.Conn: one goroutine fills a small
// buffer for the owner to read, another empties the one it writes. Both end
// with the connection.
type pump struct {
	conn net.Conn

	mu   sync.Mutex // held for a copy, never while the network is used
	in   pipeEnd
	out  pipeEnd
	last bool // nothing is written after what out holds
}

// A pipeEnd is a bounded buffer between the owner and one of the pump's
// goroutines. Guarded by the pump's mu.
type pipeEnd struct {
	data []byte
	cap  int
	err  error         // why nothing more will come or go
	wake chan struct{} // told when the goroutine has something to do; holds one
}

// pumpReads is how many bytes are read ahead of the owner: what one beat takes
// of a raw line, so that a flood lasts no longer.
const pumpReads = readsPerBeat * readBuffer

// newPump starts the goroutines of a line over conn that takes sendBuffer
// bytes before it says that it is full.
func newPump(conn net.Conn, sendBuffer int) *pump {
	p := &pump{
		conn: conn,
		in:   pipeEnd{cap: pumpReads, wake: make(chan struct{}, 1)},
		out:  pipeEnd{cap: sendBuffer, wake: make(chan struct{}, 1)},
	}
	go p.fill()
	go p.drain()
	return p
}

func (p *pump) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.in.data) == 0 {
		if p.in.err != nil {
			return 0, p.in.err
		}
		return 0, errDry
	}
	n := copy(b, p.in.data)
	p.in.data = p.in.data[:copy(p.in.data, p.in.data[n:])]
	p.in.tell()
	return n, nil
}

func (p *pump) write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out.err != nil {
		return 0, p.out.err
	}
	n := min(len(b), p.out.cap-len(p.out.data))
	p.out.data = append(p.out.data, b[:n]...)
	p.out.tell()
	return n, nil
}

// unsent is what waits for the goroutine, or is in its hands.
func (p *pump) unsent() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.out.data)
}

func (p *pump) shutWrite() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = true
	p.out.tell()
}

func (p *pump) shut() { p.conn.Close() }

// close ends both goroutines: the one that waits for the network and the one
// that waits for the owner.
func (p *pump) close() {
	p.conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in.end(net.ErrClosed)
	p.out.end(net.ErrClosed)
}

// fill reads ahead, at most as far as in has room.
func (p *pump) fill() {
	chunk := make([]byte, pumpReads)
	for room := pumpReads; room > 0; room = p.room() {
		n, err := p.conn.Read(chunk[:room])
		p.mu.Lock()
		p.in.data = append(p.in.data, chunk[:n]...)
		if err != nil {
			p.in.end(eof(err))
		}
		p.mu.Unlock()
	}
}

// room waits until the owner has read, and returns zero when it never will.
func (p *pump) room() int {
	for {
		p.mu.Lock()
		room, err := p.in.cap-len(p.in.data), p.in.err
		p.mu.Unlock()
		if err != nil {
			return 0
		}
		if room > 0 {
			return room
		}
		<-p.in.wake
	}
}

// drain writes what the owner has written. What is on its way still counts
// as held, so that a full network fills the buffer.
func (p *pump) drain() {
	chunk := make([]byte, 0, 512)
	for range p.out.wake {
		var last bool
		for chunk, last = p.held(chunk); len(chunk) > 0; chunk, last = p.held(chunk) {
			n, err := p.conn.Write(chunk)
			p.sent(n, err)
		}
		if last {
			break
		}
	}
	if half, ok := p.conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite() // fails, harmlessly, where the whole connection has been closed
	}
}

// held copies what waits to be written; last says that nothing will follow it.
func (p *pump) held(chunk []byte) (_ []byte, last bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out.err != nil {
		return nil, true
	}
	return append(chunk[:0], p.out.data...), p.last
}

func (p *pump) sent(n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.data = p.out.data[:copy(p.out.data, p.out.data[n:])]
	if err != nil {
		p.out.end(err)
	}
}

// tell wakes the goroutine at the other end.
func (e *pipeEnd) tell() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// end keeps the first reason why nothing more comes or goes.
func (e *pipeEnd) end(err error) {
	if e.err == nil {
		e.err = err
	}
	e.tell()
}

// eof makes an ordinary end look the same on every kind of net.Conn.
func eof(err error) error {
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}
