package socket

import (
	"net"
	"testing"
)

// A still line has an input to read when it is given one, and takes whatever
// is written.
type still struct{ input []byte }

func (s *still) read(p []byte) (int, error) {
	if s.input == nil {
		return 0, errDry
	}
	n := copy(p, s.input)
	s.input = nil
	return n, nil
}

func (s *still) write(p []byte) (int, error) { return len(p), nil }
func (s *still) unsent() int                 { return 0 }
func (s *still) shutWrite()                  {}
func (s *still) shut()                       {}
func (s *still) close()                      {}

// BenchmarkBeat is what a beat costs without its system calls.
func BenchmarkBeat(b *testing.B) {
	near, far := net.Pipe()
	far.Close()
	up := NewUpgrader(Config{BytesPerSecond: 1e9, MessagesPerSecond: 1e9})
	c := up.fresh(near, nil, alice, "")
	must(b, c.shake(""))
	line := &still{}
	c.stream, c.link.line = &c.link, line
	h := keeper(func([]byte) {})
	input := binFrame(long[:150])
	head, body := make([]byte, 10), make([]byte, 140)
	c.Read(&h)

	b.Run("quiet", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Read(&h)
			c.Flush()
		}
	})
	b.Run("input", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			line.input = input
			c.Read(&h)
		}
	})
	b.Run("frame", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Frame(head, body)
			c.Flush()
		}
	})
	if c.Ended() != nil {
		b.Fatal(c.Ended())
	}
	c.lose(net.ErrClosed)
}
