package socket

import (
	"testing"

	"github.com/musterhq/muster/protocol"
)

// What goes up is read, what goes down is written, and a goodbye is the last.
func TestThereAndBack(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		p.Write(append(binFrame("one"), binFrame(long)...))
		var l log
		until(t, c, &l, func() bool { return len(l.got) == 2 })
		equal(t, "first", l.got[0], "one")
		equal(t, "second", l.got[1], long)

		c.Send([]byte("control"))
		if !c.Frame([]byte("head "), []byte("body")) {
			t.Fatal("Frame refused with nothing pending")
		}
		must(t, c.Flush())
		for _, want := range []string{"control", "head body"} {
			op, got, err := p.read()
			must(t, err)
			equal(t, "opcode", op, 0x82)
			equal(t, "message", got, want)
		}
		c.Goodbye(protocol.Kicked)
		got, err := p.goodbye()
		must(t, err)
		equal(t, "goodbye", got, "4002 kicked")
		equal(t, "ended", c.Ended(), error(protocol.Kicked))
	})
}
