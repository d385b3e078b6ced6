package socket

import (
	"errors"
	"log/slog"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Config says what a connection may cost. A zero field means its default.
type Config struct {
	ReadLimit         int           // bytes in one message, default 4096; beyond it TooBig
	BytesPerSecond    int           // taken in, as on the wire below TLS; default 32 KiB; beyond it Flood
	MessagesPerSecond int           // messages, pings and pongs; default 120; beyond it Flood
	Burst             time.Duration // how much of both may come at once after a stall; default 4 s

	SendBuffer   int           // bytes the kernel is asked to keep, default 16 KiB: beyond them a client is slow
	MaxPending   int           // bytes that may stand unmoved for Stuck/10, default 8 KiB; beyond it TooSlow
	Stuck        time.Duration // how long any remainder may stand unmoved, default 10 s; beyond it TooSlow
	ControlQueue int           // bytes of control messages waiting, default 64 KiB; beyond it Overflow

	Linger      time.Duration // how long a client may take to answer a goodbye, default 2 s
	PingEvery   time.Duration // see [Conn.Heartbeat]; default 10 s
	PongTimeout time.Duration // from a ping to its pong, default 10 s; beyond it Silent

	Pump     bool         // read and write ordinary net.Conns with goroutines, even where raw descriptors are to be had
	Meter    Meter        // nil counts nothing
	Follower Follower     // nil follows nobody
	Log      *slog.Logger // for what a panic left; nil is slog.Default
}

// A Meter counts what connections do. It is called on the beat, so it must be
// cheap and must not block; it is called from many goroutines.
type Meter interface {
	Opened()
	Closed(why protocol.Reason) // once for each Opened
	Read(bytes int)
	Wrote(bytes int)
}

// The bytes read at most on one beat: of a flood the rest waits in the kernel,
// so that one client cannot hold its owner.
const (
	readsPerBeat = 16
	bytesPerBeat = 16 << 10
)

// validate fills in defaults and refuses what cannot work.
func (c *Config) validate() error {
	whole(&c.ReadLimit, 4096)
	whole(&c.BytesPerSecond, 32<<10)
	whole(&c.MessagesPerSecond, 120)
	whole(&c.SendBuffer, 16<<10)
	whole(&c.MaxPending, 8<<10)
	whole(&c.ControlQueue, 64<<10)
	whole(&c.Burst, 4*time.Second)
	whole(&c.Stuck, 10*time.Second)
	whole(&c.Linger, 2*time.Second)
	whole(&c.PingEvery, 10*time.Second)
	whole(&c.PongTimeout, 10*time.Second)
	if c.Meter == nil {
		c.Meter = noMeter{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if min(c.ReadLimit, c.BytesPerSecond, c.MessagesPerSecond, c.SendBuffer, c.MaxPending, c.ControlQueue) < 0 ||
		min(c.Burst, c.Stuck, c.Linger, c.PingEvery, c.PongTimeout) < 0 {
		return errors.New("socket: a limit in Config is negative")
	}
	return nil
}

// whole gives a field its default where it was left zero.
func whole[T int | time.Duration](field *T, byDefault T) {
	if *field == 0 {
		*field = byDefault
	}
}

type noMeter struct{}

func (noMeter) Opened()                {}
func (noMeter) Closed(protocol.Reason) {}
func (noMeter) Read(int)               {}
func (noMeter) Wrote(int)              {}
