package socket

import (
	"errors"
	"net"
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
// ends, by a name, and never makes room for more than one message.
func FuzzFrames(f *testing.F) {
	for _, tc := range conformanceTable() {
		f.Add(tc.send, uint16(1))
		f.Add(tc.send, uint16(4096))
	}
	up := NewUpgrader(Config{Log: quiet(), BytesPerSecond: 1 << 20, MessagesPerSecond: 1e6, Linger: 1})
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		near, far := net.Pipe()
		far.Close()
		c := up.fresh(near, nil, alice, "")
		must(t, c.shake(""))
		line := &script{data: data, cut: int(cut) + 1}
		c.stream, c.link.line = &c.link, line
		var total int
		h := keeper(func(msg []byte) { total += len(msg) })
		for beats := 0; c.Ended() == nil; beats++ {
			if beats > len(data)+10 {
				t.Fatalf("still there after %d beats", beats)
			}
			c.Read(&h)
			c.Flush()
		}
		if line.room > up.cfg.ReadLimit {
			t.Errorf("room made for %d bytes", line.room)
		}
		if total > len(data) {
			t.Errorf("%d bytes handed on of %d", total, len(data))
		}
		var why protocol.Reason
		if !errors.As(c.Ended(), &why) {
			t.Errorf("ended without a reason: %v", c.Ended())
		}
	})
}
