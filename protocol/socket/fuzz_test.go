package socket

import (
	"bufio"
	"bytes"
	"encoding/binary"
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
	for _, wire := range aroundShort() {
		f.Add(wire, uint16(4096))
	}
	whole := join(masked(126, 143), binFrame("b")) // as long as a Join with its pass
	for cut := range whole {
		f.Add(whole, uint16(cut))
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

// aroundShort are frames at the bounds of what is taken apart beside the parser,
// each with one behind it, and with lengths that could be encoded in less.
func aroundShort() (all [][]byte) {
	for _, size := range []int{126, 127, 128, 255, 256, 300, 500, readBuffer - 9, readBuffer - 8, readBuffer - 7, readBuffer} {
		all = append(all, join(masked(126, size), binFrame("b")), join(masked(127, size), binFrame("b")))
	}
	for _, size := range []int{0, 1, 125} {
		all = append(all, join(masked(126, size), binFrame("b")), join(masked(127, size), binFrame("b")))
	}
	return append(all, frame(0x89, long[:126]), frame(0x8a, long[:143]), frame(0x02, long[:143]), frame(0x81, long[:143]))
}

// masked is a binary message whose length has the encoding given: 126 for 16
// bits, 127 for 64.
func masked(encoding byte, size int) []byte {
	b := []byte{0x82, 0x80 | encoding}
	if encoding == 126 {
		b = binary.BigEndian.AppendUint16(b, uint16(size))
	} else {
		b = binary.BigEndian.AppendUint64(b, uint64(size))
	}
	mask := [4]byte{1, 2, 3, 4}
	b = append(b, mask[:]...)
	for i := range size {
		b = append(b, long[i]^mask[i&3])
	}
	return b
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
