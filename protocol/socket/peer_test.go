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
	"github.com/musterhq/muster/protocol/socket/sockettest"
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

// frame is what a client sends, from its first byte on.
var frame = sockettest.Frame[string]

func binFrame(payload string) []byte { return sockettest.Frame(sockettest.Binary, payload) }

// killer is the frame that ends a process which runs gws bare.
func killer() []byte {
	return append([]byte{0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, 0, 0, 0, 0)
}

// read returns the next frame the server has sent, and keeps a goodbye's
// message to itself.
func (p *peer) read() (first byte, payload string, err error) {
	for {
		first, b, err := sockettest.Read(p.br)
		m, _ := protocol.ParseServer(b)
		bye, ok := m.(protocol.Goodbye)
		if first != sockettest.Binary || !ok {
			return first, string(b), err
		}
		p.told = bye.Reason
	}
}

// goodbye reads on until the close frame and says what is in it.
func (p *peer) goodbye() (string, error) {
	for {
		first, body, err := p.read()
		if err != nil {
			return "", err
		}
		if first == sockettest.Close && len(body) < 2 {
			return body, nil
		}
		if first == sockettest.Close {
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

// patience bounds what a test waits for. It says nothing about speed.
const patience = 2 * time.Minute

// until beats c until done says so.
func until(tb testing.TB, c *Conn, h Handler, done func() bool) {
	tb.Helper()
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		c.Read(h)
		c.Flush()
		if done() {
			return
		}
		<-beat.C
	}
	tb.Fatal("it did not happen")
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
