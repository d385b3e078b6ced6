package socket

import (
	"testing"

	"github.com/musterhq/muster/protocol"
)

// What goes up is read, what goes down is written, and a goodbye is the last.
func TestThereAndBack(t *testing.T) {
	overEach(t, Config{}, thereAndBack)
}

// TLS that did not come through our listener goes over the pump by itself.
func TestForeignTLS(t *testing.T) {
	thereAndBack(t, newWorld(t, "foreign tls", Config{}))
}

func thereAndBack(t *testing.T, w *world) {
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
}

// Which line a connection gets, and that none takes a dead one.
func TestLines(t *testing.T) {
	near, far := socketPair(t)
	defer far.Close()
	taken, canRaw := takeLine(near, 1<<10)
	for way, raw := range map[string]bool{"beat": canRaw, "tls": canRaw, "pump": false, "tlspump": false, "foreign tls": false} {
		w := newWorld(t, way, Config{})
		c, _ := w.join("alice")
		_, pumped := c.link.line.(*pump)
		equal(t, way+" is raw", !pumped, raw)
		c.Goodbye(lastWords)
	}
	if canRaw {
		taken.close()
	}
	near.Close()
	_, ok := takeLine(near, 1<<10)
	equal(t, "a closed one taken", ok, false)
}
