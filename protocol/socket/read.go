package socket

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/lxzan/gws"

	"github.com/musterhq/muster/protocol"
)

// A Handler takes the messages of a connection, on its owner's goroutine and
// while the owner is in [Conn.Read].
type Handler interface {
	// Message takes one binary message; msg is valid during the call only.
	// It may use c, except for Read. To end c it calls Goodbye.
	Message(c *Conn, msg []byte) Verdict
}

// A Verdict is what a handler wants after a message.
type Verdict bool

const (
	Continue Verdict = false // go on with what has come
	Yield    Verdict = true  // end this Read; what came behind this message is kept for the next, by whoever owns it then
)

// Read takes in what has come since the last beat and hands each binary
// message to h, in order. It reads a bounded amount, and once where little
// came. Before that it carries out what others have left by [Upgrader.Tell] and
// [Upgrader.End]. It returns why the connection ended, as [Conn.Ended] does from
// then on.
func (c *Conn) Read(h Handler) error {
	if c.Heed() != nil {
		return c.ended
	}
	c.handler, c.reading, c.beat = h, true, c.up.now()
	c.takeIn()
	c.handler, c.reading = nil, false
	if c.ended != nil {
		c.release()
	}
	return c.ended
}

// takeIn resumes the coroutine as long as it asks for bytes and there are
// some, where there is more than short frames. A short read has drained the
// kernel: asking again would be a wasted system call.
func (c *Conn) takeIn() {
	var in intake
	if c.between() && c.takeShort(&in) {
		return
	}
	if c.link.want == nil {
		c.resume() // it has not started, or is parked behind a message
	} else if n := copy(c.link.want, c.early); n > 0 {
		c.early = c.early[n:]
		c.fill(n)
	}
	for c.wants() && in.more() {
		if n := c.pull(&in, c.link.want); n > 0 {
			c.fill(n)
		}
	}
}

// fill tells the parser, which waits for bytes, how many it has been given.
func (c *Conn) fill(n int) {
	c.link.got = n
	c.resume()
}

// An intake is what one Read has read.
type intake struct {
	reads, bytes int
	drained      bool // there is nothing more now
}

func (in *intake) more() bool {
	return !in.drained && in.reads < readsPerBeat && in.bytes < bytesPerBeat
}

// pull makes one read into p and returns how much there is to look at.
func (c *Conn) pull(in *intake, p []byte) int {
	p = p[:min(len(p), bytesPerBeat-in.bytes)]
	n, err := c.link.line.read(p)
	in.reads, in.bytes, in.drained = in.reads+1, in.bytes+n, n < len(p)
	if err != nil && err != errDry {
		c.lose(err)
	}
	if n == 0 || !c.accept(n) {
		return 0
	}
	return n
}

// wants says whether the parser waits for bytes.
func (c *Conn) wants() bool { return c.ended == nil && !c.held && c.link.want != nil }

// accept counts n bytes from below the parser, where pings and empty
// fragments show, too.
func (c *Conn) accept(n int) bool {
	c.in += uint64(n)
	c.up.cfg.Meter.Read(n)
	return c.bill(&c.bytes, n, c.up.bytePrice)
}

// bill charges a budget and ends the connection that overdraws it.
func (c *Conn) bill(b *budget, n int, price time.Duration) bool {
	if b.spend(c.beat, n, price, c.up.cfg.Burst) {
		return true
	}
	c.Goodbye(protocol.Flood)
	return false
}

// resume runs the coroutine until it wants bytes, yields behind a message or
// ends.
func (c *Conn) resume() {
	if c.next == nil {
		c.next, c.stop = iter.Pull(c.parse)
	}
	c.held, c.clean = false, false
	if _, parked := c.next(); !parked {
		c.conclude()
	}
}

// parse is the coroutine. A panic below it ends this one connection: gws
// 1.8.9 and 1.9.1 panic on a frame whose 64-bit length has its top bit set.
func (c *Conn) parse(yield func(struct{}) bool) {
	c.link.yield = yield
	defer func() {
		if p := recover(); p != nil {
			c.fell(p)
		}
	}()
	c.ws.ReadLoop()
}

// fell ends a connection whose parser or handler has panicked.
func (c *Conn) fell(p any) {
	// What a peer can cause at will is no warning: it would fill the log.
	why, level := protocol.BadFrame, slog.LevelDebug
	if c.serving {
		why, level = protocol.Internal, slog.LevelError
	}
	c.serving = false
	c.report(level, why, p)
	c.Goodbye(why)
}

// report logs what has ended a connection. From a deferred function, for its
// stack to be the panic's.
func (c *Conn) report(level slog.Level, why protocol.Reason, p any) {
	c.up.cfg.Log.Log(context.Background(), level, "connection ended by a panic", "conn", c.id, "player", c.player.ID,
		"reason", why.Text, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// conclude ends the connection whose parser has returned by itself, with the
// close code gws found fit.
func (c *Conn) conclude() {
	if c.ended != nil {
		return
	}
	if c.failed != nil {
		c.lose(c.failed)
		return
	}
	if len(c.answer) < 2 {
		c.end(protocol.Normal, nil, nil) // the peer's close frame was empty, so is its answer
		return
	}
	switch code := binary.BigEndian.Uint16(c.answer); {
	case c.byPeer && !utf8.Valid(c.goodbye):
		c.Goodbye(protocol.BadFrame)
	case code == protocol.BadFrame.Code:
		c.Goodbye(protocol.BadFrame)
	case code == protocol.TooBig.Code:
		c.Goodbye(protocol.TooBig)
	default:
		c.end(protocol.Normal, nil, c.answer[:2]) // the peer's own code comes back
	}
}

// wire is the Conn as gws sees it: a net.Conn that is read, and whose writes
// are only noted once the handshake is over.
type wire Conn

func (w *wire) Read(p []byte) (int, error) {
	if len(w.early) == 0 {
		n, err := w.stream.Read(p)
		if err != nil {
			w.failed = err
		}
		return n, err
	}
	n := copy(p, w.early)
	if w.early = w.early[n:]; len(w.early) == 0 {
		w.early = nil
	}
	return n, nil
}

// Write takes a close frame, which is all that gws writes from its ReadLoop.
func (w *wire) Write(p []byte) (int, error) {
	if w.shaking != nil {
		return w.shaking.Write(p)
	}
	if len(p) >= 2 && p[0] == 0x80|opClose {
		w.answer = append([]byte(nil), p[2:]...)
	}
	return len(p), nil
}

func (w *wire) SetDeadline(t time.Time) error {
	if w.shaking != nil {
		return w.shaking.SetDeadline(t)
	}
	return nil
}

func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() net.Addr              { return w.link.near }
func (w *wire) RemoteAddr() net.Addr             { return w.link.far }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// events is what gws calls, all of it inside the coroutine.
type events struct{ gws.BuiltinEventHandler }

func owner(s *gws.Conn) *Conn { return (*Conn)(s.NetConn().(*wire)) }

func (events) OnMessage(s *gws.Conn, m *gws.Message) {
	defer m.Close() // its buffer is pooled: nothing may keep it
	c := owner(s)
	if !c.take() {
		c.link.park()
		return
	}
	if m.Opcode != gws.OpcodeBinary {
		c.Goodbye(protocol.TextFrame)
		c.link.park()
		return
	}
	if c.message(m.Bytes()); c.held {
		c.link.park()
	}
	c.clean = len(c.early) == 0 && c.parsed.Buffered() == 0
}

// message hands one to the handler.
func (c *Conn) message(msg []byte) {
	c.serving = true
	v := c.handler.Message(c, msg)
	c.serving = false
	c.held = v == Yield || c.ended != nil
}

// OnPing remembers the last ping; the next flush answers it.
func (events) OnPing(s *gws.Conn, payload []byte) {
	if c := owner(s); c.take() {
		c.pong, c.pinged = payload, true
	} else {
		c.link.park()
	}
}

func (events) OnPong(s *gws.Conn, payload []byte) {
	if c := owner(s); c.take() {
		c.ponged(payload)
	} else {
		c.link.park()
	}
}

func (events) OnClose(s *gws.Conn, err error) {
	var sent *gws.CloseError
	if errors.As(err, &sent) {
		c := owner(s)
		c.byPeer, c.goodbye = true, sent.Reason
	}
}

// take counts a message, ping or pong. It reports whether the connection
// still wants it; inside the coroutine, one that does not parks.
func (c *Conn) take() bool {
	return !c.link.over && c.ended == nil && c.bill(&c.messages, 1, c.up.messagePrice)
}
