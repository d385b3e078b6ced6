package socket

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

// A feed is a script to be continued.
type feed struct{ script }

func (f *feed) read(p []byte) (int, error) {
	if len(f.data) == 0 {
		return 0, errDry
	}
	return f.script.read(p)
}

// TestShortFramesNeedNoParser: a connection that is sent whole short frames
// never starts the parser's coroutine, and one that had to goes on without it
// once its message is complete.
func TestShortFramesNeedNoParser(t *testing.T) {
	up := NewUpgrader(Config{Log: quiet(), Linger: 1})
	near, far := net.Pipe()
	far.Close()
	c := up.fresh(near, join(binFrame("a"), frame(0x89, "ping")), alice, "")
	must(t, c.shake(""))
	line := &feed{}
	c.stream, c.link.line = &c.link, line
	var l log
	feed := func(wire []byte) {
		t.Helper()
		line.data, line.cut = wire, len(wire)+1
		must(t, c.Read(&l))
	}
	fits := long[:readBuffer-8] // with its head
	feed(join(binFrame("b"), frame(0x8a, "pong"), binFrame("")))
	feed(binFrame(fits))
	if got := strings.Join(l.got, "|"); got != "a|b||"+fits || !c.pinged || string(c.pong) != "ping" || c.next != nil {
		t.Fatalf("got %q, pinged %v %q, parser started %v", got, c.pinged, c.pong, c.next != nil)
	}
	feed(join(binFrame("c"), binFrame(long)[:100]))
	if c.next == nil || c.between() {
		t.Fatal("half a long message is not with the parser")
	}
	feed(binFrame(long)[100:])
	if !c.between() {
		t.Fatal("the parser has a whole message, and does not stand between two")
	}
	feed(binFrame("d"))
	if got := strings.Join(l.got, "|"); got != "a|b||"+fits+"|c|"+long+"|d" {
		t.Errorf("got %q", got)
	}
	c.Goodbye(lastWords)
}

// TestShortFramesInAnyPieces mixes what the parser is for with what it is not,
// cut anywhere, with handlers that yield now and then: all of it comes, in order.
func TestShortFramesInAnyPieces(t *testing.T) {
	up := NewUpgrader(Config{Log: quiet(), Linger: 1, MessagesPerSecond: 1e6, BytesPerSecond: 1 << 30})
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var wire []byte
		var want []string
		for i := range 300 {
			text := fmt.Sprint(i, strings.Repeat("x", rng.IntN(20)))
			switch rng.IntN(12) {
			case 0:
				text = long[:rng.IntN(len(long))]
				wire = append(wire, binFrame(text)...)
			case 1:
				wire = append(wire, join(frame(0x02, text[:1]), frame(0x89, "p"), frame(0x80, text[1:]))...)
			case 2:
				wire = append(wire, join(frame(0x89, text), binFrame(text))...)
			default:
				wire = append(wire, binFrame(text)...)
			}
			want = append(want, text)
		}
		near, far := net.Pipe()
		far.Close()
		early := rng.IntN(40)
		c := up.fresh(near, wire[:early:early], alice, "")
		must(t, c.shake(""))
		c.stream, c.link.line = &c.link, &script{data: wire[early:], cut: 1 + rng.IntN(600)}
		l := log{onMsg: func(*Conn, string) Verdict { return Verdict(rng.IntN(3) == 0) }}
		for c.Read(&l) == nil {
		}
		if got := strings.Join(l.got, "|"); got != strings.Join(want, "|") {
			t.Fatalf("seed %d: got %d messages of %d", seed, len(l.got), len(want))
		}
	}
}
