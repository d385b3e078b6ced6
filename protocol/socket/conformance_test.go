package socket

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A case of RFC 6455: what a client sends, and how the server ends it. An
// empty end means that the messages in got came through and it lives.
type conformance struct {
	name string
	send []byte
	got  string // messages, joined by |
	end  string
}

const badFrame, tooBig, textFrame, normal = "1002 protocol error", "1009 message too big", "1003 binary messages only", "1000 "

func join(frames ...[]byte) (all []byte) {
	for _, f := range frames {
		all = append(all, f...)
	}
	return all
}

// unmasked is what only a server may send.
func unmasked(payload string) []byte { return append([]byte{0x82, byte(len(payload))}, payload...) }

func conformanceTable() []conformance {
	cases := []conformance{
		// 1, 2: messages and pings of each length encoding
		{"empty message", binFrame(""), "", ""},
		{"125", binFrame(long[:125]), long[:125], ""},
		{"126", binFrame(long[:126]), long[:126], ""},
		{"127", binFrame(long[:127]), long[:127], ""},
		{"511", binFrame(long[:511]), long[:511], ""},
		{"512", binFrame(long[:512]), long[:512], ""},
		{"513", binFrame(long[:513]), long[:513], ""},
		{"limit", binFrame(strings.Repeat("x", 4096)), strings.Repeat("x", 4096), ""},
		{"limit+1", binFrame(strings.Repeat("x", 4097)), "", tooBig},
		{"65536", binFrame(strings.Repeat("x", 65536)), "", tooBig},
		{"declared 2^31", []byte{0x82, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}, "", tooBig},
		{"declared 2^62", []byte{0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "", tooBig},
		{"length with its top bit set", killer(), "", badFrame},
		{"length 2^64-1", []byte{0x82, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0}, "", badFrame},
		{"length over-long in 16 bits", []byte{0x82, 0xfe, 0, 1, 0, 0, 0, 0, 'a'}, "a", ""},
		{"length over-long in 64 bits", []byte{0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 'a'}, "a", ""},
		{"mask applied", []byte{0x82, 0x83, 1, 2, 3, 4, 'a' ^ 1, 'b' ^ 2, 'c' ^ 3}, "abc", ""},
		{"not masked", unmasked("a"), "", badFrame},
		{"text", frame(0x81, "a"), "", textFrame},
		{"text, not UTF-8", frame(0x81, "\xff"), "", textFrame},
		{"text in fragments", join(frame(0x01, "a"), frame(0x80, "b")), "", textFrame},
		{"message then text", join(binFrame("a"), frame(0x81, "b")), "a", textFrame},

		// 2: control frames
		{"ping 125", join(frame(0x89, long[:125]), binFrame("a")), "a", ""},
		{"ping 126", frame(0x89, long[:126]), "", badFrame},
		{"ping in a fragment", frame(0x09, "a"), "", badFrame},
		{"pong in a fragment", frame(0x0a, "a"), "", badFrame},
		{"pong nobody asked for", join(frame(0x8a, "a"), binFrame("a")), "a", ""},
		{"pong 126", frame(0x8a, long[:126]), "", badFrame},

		// 5: fragments
		{"two fragments", join(frame(0x02, "a"), frame(0x80, "b")), "ab", ""},
		{"ping between fragments", join(frame(0x02, "a"), frame(0x89, "p"), frame(0x00, "b"), frame(0x80, "c")), "abc", ""},
		{"empty fragments", join(frame(0x02, ""), frame(0x00, ""), frame(0x80, "")), "", ""},
		{"continuation of nothing", frame(0x80, "a"), "", badFrame},
		{"first of nothing, not final", frame(0x00, "a"), "", badFrame},
		{"new message inside another", join(frame(0x02, "a"), binFrame("b")), "", badFrame},
		{"new fragment inside another", join(frame(0x02, "a"), frame(0x02, "b")), "", badFrame},
		{"fragments over the limit", join(frame(0x02, long), frame(0x00, long), frame(0x80, long)), "", tooBig},

		// 7: closing
		{"close", frame(0x88, ""), "", ""},
		{"close of one byte", frame(0x88, "\x03"), "", badFrame},
		{"close with a reason", frame(0x88, "\x03\xe8bye"), "", normal},
		{"close, reason of 123", frame(0x88, "\x03\xe8"+long[:123]), "", normal},
		{"close, reason of 124", frame(0x88, "\x03\xe8"+long[:124]), "", badFrame},
		{"close, reason not UTF-8", frame(0x88, "\x03\xe8\xff"), "", badFrame},
		{"close in a fragment", frame(0x08, "\x03\xe8"), "", badFrame},
		{"message after close", join(frame(0x88, "\x03\xe8"), binFrame("a")), "", normal},
		{"message before close", join(binFrame("a"), frame(0x88, "\x03\xe8")), "a", normal},
	}
	// 3, 4: reserved bits and opcodes, on data and control frames
	for _, rsv := range []byte{0x40, 0x20, 0x10, 0x70} {
		for _, op := range []byte{0x82, 0x02, 0x89, 0x88} {
			cases = append(cases, conformance{fmt.Sprintf("rsv %#x on %#x", rsv, op), frame(op|rsv, "\x03\xe8"), "", badFrame})
		}
	}
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, fin := range []byte{0x80, 0} {
			for _, body := range []string{"", "a", long[:126]} {
				cases = append(cases, conformance{fmt.Sprintf("opcode %d fin %#x %d B", op, fin, len(body)), frame(fin|op, body), "", badFrame})
			}
		}
	}
	// 7.7, 7.9: close codes
	code := func(n int, end string) {
		cases = append(cases, conformance{fmt.Sprintf("close %d", n), frame(0x88, string([]byte{byte(n >> 8), byte(n)})), "", end})
	}
	for _, n := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011} {
		code(n, normal)
	}
	for _, n := range []int{3000, 3999, 4000, 4999} {
		code(n, fmt.Sprintf("%d ", n))
	}
	for _, n := range []int{0, 999, 1004, 1005, 1006, 1014, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		code(n, badFrame)
	}
	return cases
}

// RFC 6455 by Autobahn's categories 1 to 7, each case in one piece and byte
// by byte.
func TestWSConformance(t *testing.T) {
	up := NewUpgrader(Config{BytesPerSecond: 1 << 20, MessagesPerSecond: 1e4, Log: quiet()})
	t.Cleanup(up.Close)
	for _, tc := range conformanceTable() {
		t.Run(tc.name, func(t *testing.T) {
			conform(t, up, tc, len(tc.send))
			if len(tc.send) < 300 {
				conform(t, up, tc, 1)
			}
		})
	}
}

func conform(t *testing.T, up *Upgrader, tc conformance, step int) {
	near, far := socketPair(t)
	c, err := up.Adopt(near, nil, alice)
	must(t, err)
	p := newPeer(far)
	defer p.Close()
	go func() {
		for b := tc.send; len(b) > 0; b = b[min(step, len(b)):] {
			if _, err := p.Write(b[:min(step, len(b))]); err != nil {
				return
			}
		}
		p.Write(binFrame("end of case"))
	}()
	var l log
	until(t, c, &l, func() bool { return c.Ended() != nil || len(l.got) > 0 && l.got[len(l.got)-1] == "end of case" })
	got := strings.TrimPrefix(strings.Trim(strings.Join(l.got, "|")+"|", "|"), "")
	if c.Ended() == nil {
		c.Goodbye(lastWords)
		got = strings.TrimSuffix(strings.TrimSuffix(got, "end of case"), "|")
	}
	equal(t, "messages", got, tc.got)
	p.SetReadDeadline(time.Now().Add(patience))
	end, err := p.goodbye()
	if err != nil && err != io.EOF {
		t.Errorf("no close frame: %v", err)
	}
	if end == lastWordsText {
		end = ""
	}
	equal(t, "end", end, tc.end)
}

// socketPair is two ends of a TCP connection.
func socketPair(tb testing.TB) (near, far net.Conn) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	defer ln.Close()
	far, err = net.Dial("tcp", ln.Addr().String())
	must(tb, err)
	near, err = ln.Accept()
	must(tb, err)
	return near, far
}
