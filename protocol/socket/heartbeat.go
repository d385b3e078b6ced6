package socket

import (
	"encoding/binary"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Heartbeat keeps a connection honest where no game traffic does: in the hall
// and in lobby rooms. It pings every Config.PingEvery and ends a connection
// whose pong has not come within Config.PongTimeout: Silent. now is the
// beat's own time. It returns [Conn.Ended].
func (c *Conn) Heartbeat(now time.Time) error {
	return c.heartbeat(now, c.up.cfg.PingEvery, c.up.cfg.PongTimeout)
}

func (c *Conn) heartbeat(now time.Time, every, timeout time.Duration) error {
	switch {
	case c.ended != nil:
	case c.waits && now.Sub(c.pingAt) >= timeout:
		c.Goodbye(protocol.Silent)
	case !c.waits && now.Sub(c.pingAt) >= every:
		c.ping(now)
	}
	return c.ended
}

// ping queues a ping numbered so that its own pong is known, not an old one.
func (c *Conn) ping(now time.Time) {
	if len(c.control)+maxHeader+8 > c.up.cfg.ControlQueue {
		return
	}
	c.pings++
	c.pingAt, c.waits = now, true
	c.control = appendHeader(c.control, opPing, 8)
	c.control = binary.BigEndian.AppendUint64(c.control, c.pings)
}

// ponged takes the answer to the last ping. Other pongs mean nothing.
func (c *Conn) ponged(payload []byte) {
	if c.waits && len(payload) == 8 && binary.BigEndian.Uint64(payload) == c.pings {
		c.waits, c.rtt = false, time.Since(c.pingAt)
	}
}

// RTT is the round trip of the last ping that was answered, zero before the
// first. Sockets are read on beats, so it is up to two beats too long.
func (c *Conn) RTT() time.Duration { return c.rtt }
