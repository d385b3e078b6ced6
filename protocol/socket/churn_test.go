package socket

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Connections are opened, handed to and fro among four owners, cut, reset,
// said goodbye to and killed, at random, over all ways at once. Nothing is
// left of them.
func TestChurn(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	fds := openFiles(t)
	t.Run("all", func(t *testing.T) {
		for i, way := range ways {
			t.Run(way, func(t *testing.T) {
				t.Parallel()
				churn(t, way, rand.New(rand.NewPCG(uint64(seed), uint64(i))))
			})
		}
	})
	if !eventually(func() bool { return openFiles(t) <= fds+2 }) {
		t.Errorf("%d files are open, there were %d", openFiles(t), fds)
	}
}

func churn(t *testing.T, way string, rnd *rand.Rand) {
	const conns = 200
	meter := &tally{}
	w := newWorld(t, way, Config{Log: quiet(), Meter: meter})
	var inboxes []*Inbox
	for range 4 {
		inboxes = append(inboxes, NewInbox(conns))
	}
	var owners, clients sync.WaitGroup
	var left atomic.Int64
	left.Store(conns)
	for i := range inboxes {
		o := &juggler{in: inboxes[i], others: inboxes, left: &left, rnd: rand.New(rand.NewPCG(rnd.Uint64(), 0))}
		owners.Go(o.run)
	}
	for range conns {
		c, p := w.join("somebody")
		inboxes[rnd.IntN(4)].Hand(c, nil)
		mine := rand.New(rand.NewPCG(rnd.Uint64(), 0))
		clients.Go(func() { misbehave(p, mine) })
	}
	owners.Wait()
	clients.Wait()
	equal(t, "closed", meter.closed.Load(), conns)
}

// A juggler is an owner that gives most of what it has away.
type juggler struct {
	in     *Inbox
	others []*Inbox
	left   *atomic.Int64 // connections of the world that live
	rnd    *rand.Rand
	mine   []*Conn
}

func (o *juggler) run() {
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for o.left.Load() > 0 {
		for len(o.in.Arrivals()) > 0 {
			o.mine = append(o.mine, (<-o.in.Arrivals()).Conn)
		}
		kept := o.mine[:0]
		for _, c := range o.mine {
			if o.keeps(c) {
				kept = append(kept, c)
			}
		}
		o.mine = kept
		<-beat.C
	}
}

func (o *juggler) keeps(c *Conn) bool {
	c.Read(o)
	c.Frame([]byte("state of the world"))
	c.Heartbeat(time.Now())
	if o.rnd.IntN(500) == 0 {
		go c.Shut()
	}
	if c.Flush() != nil {
		o.left.Add(-1)
		return false
	}
	return !(o.rnd.IntN(4) == 0 && o.others[o.rnd.IntN(len(o.others))].Hand(c, nil))
}

func (o *juggler) Message(c *Conn, msg []byte) Verdict {
	if o.rnd.IntN(50) == 0 {
		c.Goodbye(protocol.Kicked)
	}
	return Verdict(o.rnd.IntN(2) == 0)
}

// misbehave plays for a while and then ends, seldom well.
func misbehave(p *peer, rnd *rand.Rand) {
	defer p.Close()
	ended := make(chan struct{})
	go func() {
		for _, _, err := p.read(); err == nil; _, _, err = p.read() {
		}
		close(ended)
	}()
	for range rnd.IntN(40) {
		if _, err := p.Write(join(binFrame("input"), binFrame("input"))); err != nil {
			return
		}
		<-time.After(time.Duration(rnd.IntN(3)) * time.Millisecond)
	}
	switch rnd.IntN(5) {
	case 0:
		p.Write(killer())
		<-ended
	case 1:
		if tcp, ok := p.Conn.(*net.TCPConn); ok {
			tcp.SetLinger(0)
		}
	case 2:
		p.Write(binFrame("cut")[:7])
	case 3:
		p.Write(frame(0x88, "\x03\xe8"))
	}
}

// openFiles counts this process's descriptors, where it can.
func openFiles(t *testing.T) int {
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(fmt.Sprint("descriptors cannot be counted: ", err))
	}
	return len(list)
}

// eventually polls, at most until patience has an end.
func eventually(done func() bool) bool {
	beat := time.NewTicker(5 * time.Millisecond)
	defer beat.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if done() {
			return true
		}
		<-beat.C
	}
	return false
}
