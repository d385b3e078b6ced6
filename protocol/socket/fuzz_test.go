package socket

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol"
)

// A script is a line that plays back bytes, cut in pieces, and then ends.
type script struct {
	data []byte
	cut  int
	room int // the most that was asked for at once
}

func (s *script) read(p []byte) (int, error) {
	s.room = max(s.room, len(p))
	if len(s.data) == 0 {
		return 0, net.ErrClosed
	}
	n := copy(p[:min(len(p), s.cut)], s.data)
	s.data = s.data[n:]
	return n, nil
}

func (s *script) write(p []byte) (int, error) { return len(p), nil }
func (s *script) unsent() int                 { return 0 }
func (s *script) shutWrite()                  {}
func (s *script) shut()                       {}
func (s *script) close()                      {}

// FuzzFrames plays any bytes, in pieces of any size, to a connection: it
// ends, by a name, and never makes room for more than one message. One whose
// every byte goes through the parser is handed the same messages.
func FuzzFrames(f *testing.F) {
	for _, tc := range conformanceTable() {
		f.Add(tc.send, uint16(1))
		f.Add(tc.send, uint16(4096))
	}
	up := NewUpgrader(Config{Log: quiet(), BytesPerSecond: 1 << 20, MessagesPerSecond: 1e6, Linger: 1})
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		short := playFrames(t, up, data, int(cut)+1, false)
		parsed := playFrames(t, up, data, int(cut)+1, true)
		if short.got != parsed.got || short.pong != parsed.pong || short.why != parsed.why {
			t.Errorf("%+v, and with the parser alone %+v", short, parsed)
		}
	})
}

// played is what came of some bytes: the messages, the pongs that would have
// been sent, and the end.
type played struct {
	got, pong string
	why       protocol.Reason
}

// playFrames plays data; parser says that all of it goes through the parser.
func playFrames(t *testing.T, up *Upgrader, data []byte, cut int, parser bool) (p played) {
	near, far := net.Pipe()
	far.Close()
	c := up.fresh(near, nil, alice, "")
	must(t, c.shake(""))
	line := &script{data: bytes.Clone(data), cut: cut}
	c.stream, c.link.line = &c.link, line
	if parser {
		neverClean(c)
	}
	total := 0
	h := keeper(func(msg []byte) {
		total += len(msg)
		p.got += fmt.Sprintf("%x,", msg)
	})
	for beats := 0; c.Ended() == nil; beats++ {
		if beats > len(data)+10 {
			t.Fatalf("still there after %d beats", beats)
		}
		c.Read(&h)
		p.pong += fmt.Sprintf("%v %x,", c.pinged, c.pong)
		c.pong, c.pinged = nil, false
	}
	if line.room > up.cfg.ReadLimit {
		t.Errorf("room made for %d bytes", line.room)
	}
	if total > len(data) {
		t.Errorf("%d bytes handed on of %d", total, len(data))
	}
	if !errors.As(c.Ended(), &p.why) {
		t.Errorf("ended without a reason: %v", c.Ended())
	}
	return p
}

// neverClean has every frame go through the parser: it seems to have bytes of
// the next one always.
func neverClean(c *Conn) {
	c.resume()
	c.parsed = bufio.NewReader(strings.NewReader("x"))
	c.parsed.Peek(1)
}
