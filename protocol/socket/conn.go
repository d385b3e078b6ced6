package socket

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/lxzan/gws"

	"github.com/musterhq/muster/protocol"
)

// Lost is how a connection counts that ended without a goodbye from either
// side. It is never sent; [Conn.Ended] gives it together with the I/O error.
var Lost = protocol.Reason{Code: 1006, Text: "connection lost", ComeBack: true}

// A Conn is one player's connection. One goroutine owns it at a time, and
// every method is for that owner unless it says otherwise. None blocks.
type Conn struct {
	// set by the Upgrader and never changed
	up      *Upgrader
	id      uint64
	player  protocol.Player
	session string    // the login behind it, "" if nobody said
	ws      *gws.Conn // parses; it writes nothing
	stream  io.Reader // where the parser reads: the link, or TLS over it
	sealed  *tls.Conn // nil without TLS over the link

	word word // from those who do not own it, see reach.go

	shaking net.Conn // where gws writes while open runs, nil afterwards

	link link

	// the coroutine, see read.go
	early   []byte        // comes before anything in the link: what was read with the handshake, or beside the parser
	parsed  *bufio.Reader // what the parser has read and not looked at
	room    []byte        // the memory of parsed, where short frames are read
	clean   bool          // the parser has nothing of a message that is not whole, see short.go
	next    func() (struct{}, bool)
	stop    func()
	handler Handler // while Read runs
	reading bool    // Read runs: the coroutine is not ended before it returns
	serving bool    // the handler runs inside the coroutine
	held    bool    // it is parked behind a message whose handler said Yield
	failed  error   // what the stream told the parser
	answer  []byte  // the close frame's payload gws wanted to write
	goodbye []byte  // the reason in the peer's close frame
	byPeer  bool    // the peer has sent a close frame

	beat     time.Duration // when Read began, since Upgrader.born
	bytes    budget
	messages budget

	// what waits to be written, see write.go
	plain     []byte        // gathered on this beat for TLS to seal
	control   []byte        // frames of control messages, oldest first
	pong      []byte        // payload of the last ping unanswered
	pinged    bool          // whether pong is owed; an empty payload is one, too
	remainder int           // bytes the last flush left over
	moved     time.Duration // when a flush last got something out, or nothing was left; since Upgrader.born

	// the heartbeat, see heartbeat.go
	pings  uint64
	pingAt time.Time
	waits  bool // the last ping is unanswered
	rtt    time.Duration

	in, sent uint64
	ended    error
}

var conns atomic.Uint64

// Player is who stands behind the connection.
func (c *Conn) Player() protocol.Player { return c.player }

// ID is unique in this process, for logs.
func (c *Conn) ID() uint64 { return c.id }

// RemoteAddr is the peer's address, as the listener saw it. From any goroutine.
func (c *Conn) RemoteAddr() net.Addr { return c.link.far }

// BytesIn counts what was read, TLS included.
func (c *Conn) BytesIn() uint64 { return c.in }

// BytesOut counts what the kernel has taken, TLS included.
func (c *Conn) BytesOut() uint64 { return c.sent }

// Ended is why the connection ended, or nil while it lives. errors.As finds
// the [protocol.Reason], which is [Lost] where an I/O error ended it.
func (c *Conn) Ended() error { return c.ended }

// Goodbye ends the connection in order: what has been gathered, the control
// messages that wait, the reason as the last of them and a close frame with it
// go out, and a linger owner reads on until the client has hung up or
// Config.Linger has passed; closing at once would make the kernel drop the
// frame. The message says what a close frame has no room for: whether to come
// back. Only the first goodbye counts.
func (c *Conn) Goodbye(r protocol.Reason) {
	c.end(r, protocol.Append(nil, protocol.Goodbye{Reason: r}), closePayload(r))
}

// end says goodbye with a last message, if any, and a close frame of this
// payload.
func (c *Conn) end(r protocol.Reason, last, payload []byte) {
	if c.ended != nil {
		return
	}
	if r == protocol.TooSlow || r == protocol.Overflow {
		c.control = nil // it cannot be delivered, and would only delay the frame that says so
	}
	c.gather(len(c.control))
	c.ended = r
	if len(last) > 0 {
		c.begin(opBinary, len(last))
		c.put(last)
	}
	c.begin(opClose, len(payload))
	c.put(payload)
	c.seal()
	if c.sealed != nil {
		c.sealed.CloseWrite()
	}
	if !c.reading {
		c.release()
	}
}

// lose ends the connection without a goodbye: there is nobody to say it to.
func (c *Conn) lose(err error) {
	if c.ended != nil {
		return
	}
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	c.ended = fmt.Errorf("%w: %w", Lost, err)
	c.link.out = nil
	if !c.reading {
		c.release()
	}
}

// release gives up everything an ended connection holds. It runs once, never
// inside the coroutine.
func (c *Conn) release() {
	if c.stop != nil {
		c.link.over = true
		c.stop()
	}
	c.up.reach.remove(c)
	c.gone()
	c.early, c.plain, c.control, c.pong, c.handler = nil, nil, nil, nil, nil
	var why protocol.Reason
	errors.As(c.ended, &why)
	c.up.cfg.Meter.Closed(why)
	if why == Lost {
		c.link.line.close()
		return
	}
	c.up.linger.take(c.link.line, c.link.out)
	c.link.out = nil
}

// Shut cuts the connection from any goroutine, for an owner that no longer
// answers. It never closes the descriptor: the owner does, when it next reads.
func (c *Conn) Shut() { c.link.line.shut() }
