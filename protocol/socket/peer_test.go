package socket

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	nolog "log"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var alice = protocol.Player{ID: "alice", Name: "Alice"}

// A peer is a client's end, down to single bytes.
type peer struct {
	net.Conn
	br   *bufio.Reader
	told protocol.Reason // by the message that goes before a close frame
}

func newPeer(nc net.Conn) *peer { return &peer{Conn: nc, br: bufio.NewReader(nc)} }

// frame is a client's frame with a mask that changes nothing.
func frame(b0 byte, payload string) []byte {
	b := []byte{b0}
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

func binFrame(payload string) []byte { return frame(0x82, payload) }

// killer is the frame that ends a process which runs gws bare.
func killer() []byte {
	return append([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, 0, 0, 0, 0)
}

// read returns the next frame the server has sent, and keeps a goodbye's
// message to itself.
func (p *peer) read() (op byte, payload string, err error) {
	for {
		op, payload, err = p.readAny()
		m, _ := protocol.ParseServer([]byte(payload))
		bye, ok := m.(protocol.Goodbye)
		if op != 0x82 || !ok {
			return op, payload, err
		}
		p.told = bye.Reason
	}
}

func (p *peer) readAny() (op byte, payload string, err error) {
	var h [2]byte
	if _, err = io.ReadFull(p.br, h[:]); err != nil {
		return 0, "", err
	}
	n := uint64(h[1])
	if n >= 126 {
		long := make([]byte, 2+6*(n-126))
		if _, err = io.ReadFull(p.br, long); err != nil {
			return 0, "", err
		}
		n = binary.BigEndian.Uint64(append(make([]byte, 8-len(long)), long...))
	}
	body := make([]byte, n)
	_, err = io.ReadFull(p.br, body)
	return h[0], string(body), err
}

// goodbye reads on until the close frame and says what is in it.
func (p *peer) goodbye() (string, error) {
	for {
		op, body, err := p.read()
		if err != nil {
			return "", err
		}
		if op == 0x88 && len(body) < 2 {
			return body, nil
		}
		if op == 0x88 {
			return fmt.Sprintf("%d %s", binary.BigEndian.Uint16([]byte(body)), body[2:]), nil
		}
	}
}

// A log is a handler that keeps what it was told.
type log struct {
	got   []string
	onMsg func(c *Conn, msg string) Verdict
}

func (l *log) Message(c *Conn, msg []byte) Verdict {
	l.got = append(l.got, string(msg))
	if l.onMsg != nil {
		return l.onMsg(c, string(msg))
	}
	return Continue
}

// A world is a server with one way of carrying bytes.
type world struct {
	tb   testing.TB
	up   *Upgrader
	dial func() net.Conn // a network connection to the server
	come chan *Conn
}

// ways names the transports every test of behaviour runs over.
var ways = []string{"beat", "pump", "tls", "tlspump"}

func overEach(t *testing.T, cfg Config, test func(t *testing.T, w *world)) {
	for _, way := range ways {
		t.Run(way, func(t *testing.T) { test(t, newWorld(t, way, cfg)) })
	}
}

// newWorld starts an http.Server whose only verb is the upgrade.
func newWorld(tb testing.TB, way string, cfg Config) *world {
	cfg.Pump = way == "pump" || way == "tlspump"
	w := &world{tb: tb, up: NewUpgrader(cfg), come: make(chan *Conn, 1024)}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	addr := inner.Addr().String()
	w.dial = func() net.Conn {
		nc, err := net.Dial("tcp", addr)
		must(tb, err)
		return nc
	}
	ln := NewListener(inner, nil)
	if way != "beat" && way != "pump" {
		server, client := certificate(tb)
		if ln = NewListener(inner, server); way == "foreign tls" {
			ln = tls.NewListener(inner, server)
		}
		plain := w.dial
		w.dial = func() net.Conn { return tlsClient(plain(), client) }
	}
	srv := &http.Server{Handler: http.HandlerFunc(w.upgrade), ErrorLog: nolog.New(io.Discard, "", 0)}
	go srv.Serve(ln)
	tb.Cleanup(func() { srv.Close(); w.up.Close() })
	return w
}

func (w *world) upgrade(rw http.ResponseWriter, r *http.Request) {
	c, err := w.up.Upgrade(rw, r, protocol.Player{ID: protocol.PlayerID(r.Header.Get("Player"))}, r.Header.Get("Session"))
	if errors.Is(err, ErrHandshake) {
		http.Error(rw, err.Error(), http.StatusBadRequest)
	}
	if err == nil {
		w.come <- c
	}
}

const handshakeHead = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Protocol: other, muster.v1\r\n"

// join connects a player; early is written in one segment with the handshake.
func (w *world) join(id protocol.PlayerID, early ...byte) (*Conn, *peer) {
	w.tb.Helper()
	p := newPeer(w.dial())
	w.tb.Cleanup(func() { p.Close() })
	_, err := p.Write(append([]byte(handshakeHead+"Player: "+string(id)+"\r\n\r\n"), early...))
	must(w.tb, err)
	res, err := http.ReadResponse(p.br, nil)
	must(w.tb, err)
	if res.StatusCode != http.StatusSwitchingProtocols {
		w.tb.Fatalf("handshake answered %s", res.Status)
	}
	return <-w.come, p
}

// until beats c until done says so or it takes too long.
func until(tb testing.TB, c *Conn, h Handler, done func() bool) {
	tb.Helper()
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for range 5000 {
		c.Read(h)
		c.Flush()
		if done() {
			return
		}
		<-beat.C
	}
	tb.Fatal("it did not happen within 5 s")
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func equal[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// long needs more than one read of 512 bytes.
var long = string(bytes.Repeat([]byte("muster"), 300))

// lastWords is how a test tells its own goodbye from the server's.
var lastWords = protocol.Reason{Code: 4999, Text: "test over"}

const lastWordsText = "4999 test over"

// quiet logs nothing.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
