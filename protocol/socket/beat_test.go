package socket

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A counted line counts what would be system calls.
type counted struct {
	line
	reads, writes int
	bytes         int
}

func (l *counted) read(p []byte) (int, error) {
	l.reads++
	n, err := l.line.read(p)
	l.bytes += max(n, 0)
	return n, err
}

func (l *counted) write(p []byte) (int, error) {
	l.writes++
	return l.line.write(p)
}

func count(c *Conn) *counted {
	l := &counted{line: c.link.line}
	c.link.line = l
	return l
}

// The price of a beat: one read when nothing has come, one when something
// has, one write however much is gathered, and none for nothing.
func TestSystemCalls(t *testing.T) {
	for _, way := range []string{"beat", "tls"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, way, Config{})
			c, p := w.join("alice")
			defer c.Goodbye(lastWords)
			var l log
			c.Read(&l)
			calls := count(c)
			for range 10 {
				c.Read(&l)
				c.Flush()
			}
			equal(t, "reads of 10 quiet beats", calls.reads, 10)
			equal(t, "writes of 10 quiet beats", calls.writes, 0)

			for i := range 10 {
				calls.reads = 0
				p.Write(binFrame("input"))
				until(t, c, &l, func() bool { return len(l.got) > i })
				equal(t, "reads not dry", calls.reads-dry(calls), 1)
			}
			p.Write(frame(0x89, "ping"))
			until(t, c, &l, func() bool { return calls.writes > 0 })
			calls.writes = 0
			p.Write(frame(0x89, "ping"))
			for !c.pinged {
				c.Read(&l)
			}
			c.Send([]byte("control"))
			c.Frame([]byte("head"), []byte("body"))
			c.Flush()
			equal(t, "writes of pong, control and frame", calls.writes, 1)
		})
	}
}

// dry is how many of the reads since reads was last reset came back empty.
func dry(l *counted) int { return max(0, l.reads-1) }

// A beat takes in a bounded amount of whatever a client sends.
func TestReadIsBounded(t *testing.T) {
	overEach(t, Config{BytesPerSecond: 10 << 20, MessagesPerSecond: 1e6}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		calls := count(c)
		flood := bytes.Repeat(binFrame(strings.Repeat("x", 100)), 4000)
		go p.Write(flood)
		var l log
		until(t, c, &l, func() bool {
			if calls.reads > readsPerBeat || calls.bytes > bytesPerBeat {
				t.Fatalf("one beat made %d reads of %d bytes", calls.reads, calls.bytes)
			}
			calls.reads, calls.bytes = 0, 0
			return len(l.got) == 4000
		})
		c.Goodbye(lastWords)
	})
}

// Neither a quiet beat nor a frame allocates. Beats are counted one by one, and
// most have to allocate nothing: under the race detector the pools of TLS drop a
// quarter of what they are given, and whatever else runs is counted, too.
func TestBeatAllocatesNothing(t *testing.T) {
	for _, way := range []string{"beat", "tls"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, way, Config{})
			c, p := w.join("alice")
			far := p.Conn
			if sealed, ok := far.(*tls.Conn); ok {
				far = sealed.NetConn() // to open what was sealed allocates, and all is counted
			}
			go io.Copy(io.Discard, far)
			head, body := make([]byte, 10), make([]byte, 140)
			var l log
			beat := func() {
				c.Read(&l)
				c.Frame(head, body)
				c.Flush()
			}
			beat()
			free := 0
			for range 200 {
				if testing.AllocsPerRun(1, beat) == 0 {
					free++
				}
			}
			if free < 100 {
				t.Errorf("%d of 200 beats allocate nothing", free)
			}
			c.Goodbye(lastWords)
		})
	}
}

// The message that changes the owner is the last its old owner sees, even
// where the inputs behind it have come in the same segment; the new owner gets
// them without anything new having come.
func TestJoinAndTwoInputsInOneSegment(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		p.Write(join(binFrame("join"), binFrame("input 1"), binFrame("input 2")))
		hall := log{onMsg: func(c *Conn, msg string) Verdict { return Yield }}
		until(t, c, &hall, func() bool { return len(hall.got) > 0 })
		equal(t, "the hall got", fmt.Sprint(hall.got), "[join]")

		in := NewInbox(1)
		if !in.Hand(c, "seat 3") {
			t.Fatal("the inbox refused")
		}
		done := make(chan []string)
		go func() { // the match
			a := <-in.Arrivals()
			var l log
			until(t, a.Conn, &l, func() bool { return len(l.got) == 2 })
			a.Conn.Goodbye(lastWords)
			done <- append(l.got, a.Note.(string))
		}()
		equal(t, "the match got", fmt.Sprint(<-done), "[input 1 input 2 seat 3]")
	})
}

// A connection may change hands on every message, between goroutines.
func TestEveryMessageAnotherOwner(t *testing.T) {
	overEach(t, Config{MessagesPerSecond: 1e4}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		const n = 200
		go func() {
			for i := range n {
				p.Write(binFrame(fmt.Sprint(i)))
			}
		}()
		for i := range n {
			done := make(chan string)
			go func() {
				l := log{onMsg: func(*Conn, string) Verdict { return Yield }}
				until(t, c, &l, func() bool { return len(l.got) > 0 })
				done <- strings.Join(l.got, ",")
			}()
			equal(t, "message", <-done, fmt.Sprint(i))
		}
		c.Goodbye(lastWords)
	})
}

// What comes with the handshake, in one segment, is not lost.
func TestPipelinedBehindHandshake(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, _ := w.join("alice", join(binFrame("early"), binFrame(long), binFrame("bird"))...)
		var l log
		until(t, c, &l, func() bool { return len(l.got) == 3 })
		equal(t, "messages", strings.Join(l.got, "|"), "early|"+long+"|bird")
		c.Goodbye(lastWords)
	})
}

// A handler may end the connection from inside a message; nothing follows.
func TestGoodbyeFromInside(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		p.Write(join(binFrame("bad"), binFrame("more")))
		l := log{onMsg: func(c *Conn, msg string) Verdict {
			c.Send([]byte("why"))
			c.Goodbye(protocol.BadMessage)
			return Continue // ended is ended, whatever it says
		}}
		until(t, c, &l, func() bool { return c.Ended() != nil })
		equal(t, "messages", strings.Join(l.got, "|"), "bad")
		_, got, err := p.read()
		must(t, err)
		equal(t, "control message before the goodbye", got, "why")
		end, err := p.goodbye()
		must(t, err)
		equal(t, "goodbye", end, "4003 malformed message")
		equal(t, "Read afterwards", c.Read(&l), error(protocol.BadMessage))
		equal(t, "Flush afterwards", c.Flush(), error(protocol.BadMessage))
		equal(t, "Frame afterwards", c.Frame([]byte("x")), false)
	})
}

// A panic in a handler ends its connection and no other.
func TestHandlerPanics(t *testing.T) {
	w := newWorld(t, "beat", Config{Log: quiet()})
	c, p := w.join("alice")
	p.Write(binFrame("boom"))
	l := log{onMsg: func(*Conn, string) Verdict { panic("a bug of ours") }}
	until(t, c, &l, func() bool { return c.Ended() != nil })
	end, err := p.goodbye()
	must(t, err)
	equal(t, "goodbye", end, "1011 internal error")
}

// Handing over from inside a message would run the parser on two stacks.
func TestHandInsideRead(t *testing.T) {
	w := newWorld(t, "beat", Config{Log: quiet()})
	c, p := w.join("alice")
	in := NewInbox(1)
	p.Write(binFrame("join"))
	l := log{onMsg: func(c *Conn, _ string) Verdict { in.Hand(c, nil); return Yield }}
	until(t, c, &l, func() bool { return c.Ended() != nil })
	equal(t, "ended", c.Ended(), error(protocol.Internal))
	equal(t, "handed over", len(in.Close()), 0)
}

// A connection that was never read has no coroutine to end.
func TestEndedBeforeFirstRead(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, p := w.join("alice", binFrame("never read")...)
		c.Goodbye(protocol.ServerFull)
		c.Goodbye(protocol.Kicked)
		end, err := p.goodbye()
		must(t, err)
		equal(t, "goodbye", end, "4015 server full")
	})
}

// Control messages precede the frame they were sent before, and follow the
// one they were sent after.
func TestOrder(t *testing.T) {
	w := newWorld(t, "beat", Config{})
	c, p := w.join("alice")
	c.Send([]byte("1"))
	c.Frame([]byte("2"))
	c.Send([]byte("3"))
	c.Flush()
	c.Frame([]byte("4"))
	c.Goodbye(lastWords)
	for _, want := range []string{"1", "2", "3", "4"} {
		_, got, err := p.read()
		must(t, err)
		equal(t, "message", got, want)
	}
}

// The heartbeat measures the round trip and ends who does not answer.
func TestHeartbeat(t *testing.T) {
	overEach(t, Config{PingEvery: time.Minute, PongTimeout: time.Minute}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		now := time.Now()
		must(t, c.Heartbeat(now))
		must(t, c.Flush())
		op, payload, err := p.read()
		must(t, err)
		equal(t, "opcode", op, 0x89)
		p.Write(frame(0x8a, "not it"))
		p.Write(frame(0x8a, payload))
		var l log
		until(t, c, &l, func() bool { return c.RTT() > 0 })

		must(t, c.Heartbeat(now.Add(59*time.Second)))
		equal(t, "a ping before its time", c.waits, false)
		must(t, c.Heartbeat(now.Add(60*time.Second)))
		must(t, c.Heartbeat(now.Add(119*time.Second)))
		equal(t, "unanswered", c.Heartbeat(now.Add(120*time.Second)), error(protocol.Silent))
	})
}

// Pings are answered with what was in them, the last one only where several
// came on one beat.
func TestPongs(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		p.Write(join(frame(0x89, "a"), frame(0x89, "b"), frame(0x89, ""), binFrame("end")))
		var l log
		for len(l.got) == 0 {
			c.Read(&l)
		}
		c.Flush()
		op, got, err := p.read()
		must(t, err)
		equal(t, "opcode", op, 0x8a)
		equal(t, "pong", got, "")
		c.Goodbye(lastWords)
	})
}
