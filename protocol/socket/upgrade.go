package socket

import (
	"cmp"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/lxzan/gws"

	"github.com/musterhq/muster/protocol"
)

// Subprotocol is the WebSocket subprotocol a client must offer.
const Subprotocol = "muster.v1"

// ErrHandshake is wrapped by the errors of [Upgrader.Upgrade] after which
// nothing has been written yet: the caller answers 400.
var ErrHandshake = errors.New("socket: not a WebSocket handshake of muster.v1")

const (
	handshakeTimeout = 5 * time.Second // for writing the answer
	readBuffer       = 512             // bytes the parser reads at once: some inputs, or the head of something larger
)

// An Upgrader makes connections of HTTP requests, all under one Config. It is
// safe for concurrent use.
type Upgrader struct {
	cfg          Config
	gws          *gws.Upgrader
	linger       *linger
	reach        reach
	born         time.Time // what now counts from
	bytePrice    time.Duration
	messagePrice time.Duration
}

// NewUpgrader returns an Upgrader. It panics if a limit in cfg is negative.
func NewUpgrader(cfg Config) *Upgrader {
	if err := cfg.validate(); err != nil {
		panic(err)
	}
	return &Upgrader{
		cfg: cfg,
		gws: gws.NewUpgrader(events{}, &gws.ServerOption{
			ReadMaxPayloadSize: cfg.ReadLimit,
			HandshakeTimeout:   handshakeTimeout,
			SubProtocols:       []string{Subprotocol},
			NewSession:         func() gws.SessionStorage { return nil },
		}),
		linger:       newLinger(cfg.Linger),
		reach:        reach{of: make(map[protocol.PlayerID][]*Conn)},
		born:         time.Now(),
		bytePrice:    time.Second / time.Duration(cfg.BytesPerSecond),
		messagePrice: time.Second / time.Duration(cfg.MessagesPerSecond),
	}
}

// now is monotonic time, cheaper to keep and compare than a time.Time.
func (u *Upgrader) now() time.Duration { return time.Since(u.born) }

// Close waits until every goodbye under way has ended, at most Config.Linger.
// Its owner calls it when the last connection has been ended.
func (u *Upgrader) Close() { u.linger.wait() }

// Upgrade answers r's handshake and returns the connection of who, owned by
// the caller. session names the login behind it, for [Upgrader.End]. Who may
// connect, from which origin and how often, has been settled before. An error that wraps [ErrHandshake] is the caller's to
// answer; after any other the network connection is gone.
func (u *Upgrader) Upgrade(w http.ResponseWriter, r *http.Request, who protocol.Player, session string) (*Conn, error) {
	if err := check(r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("socket: hijack: %w", err)
	}
	early := make([]byte, rw.Reader.Buffered())
	io.ReadFull(rw.Reader, early) // cannot fail: it is buffered
	return u.open(nc, early, r.Header.Get("Sec-WebSocket-Key"), who, session)
}

// Adopt is Upgrade for a network connection on which no handshake shall be
// answered: both sides send frames at once. early is what has been read from
// it already. It works with net.Pipe, inside testing/synctest, too.
func (u *Upgrader) Adopt(nc net.Conn, early []byte, who protocol.Player) (*Conn, error) {
	return u.open(nc, early, "", who, "")
}

// open makes the connection, answers the handshake with key unless that is
// empty, and takes the descriptor out of the hands of the Go runtime.
func (u *Upgrader) open(nc net.Conn, early []byte, key string, who protocol.Player, session string) (*Conn, error) {
	c := u.fresh(nc, early, who, session)
	if key != "" {
		c.shaking = nc
	}
	if err := c.shake(key); err != nil {
		nc.Close()
		return nil, fmt.Errorf("socket: handshake: %w", err)
	}
	c.shaking = nil
	c.attach(nc)
	u.reach.add(c)
	u.cfg.Meter.Opened()
	return c, nil
}

func (u *Upgrader) fresh(nc net.Conn, early []byte, who protocol.Player, session string) *Conn {
	c := &Conn{up: u, id: conns.Add(1), player: who, session: session, early: early}
	c.link.near, c.link.far = nc.LocalAddr(), nc.RemoteAddr()
	return c
}

// shake has gws make its connection over c's wire, and write its answer
// there. What gws reads of a request has been checked already, more strictly;
// extensions it is not shown.
func (c *Conn) shake(key string) (err error) {
	r := &http.Request{Method: http.MethodGet, Header: http.Header{
		"Connection":             {"Upgrade"},
		"Upgrade":                {"websocket"},
		"Sec-Websocket-Version":  {"13"},
		"Sec-Websocket-Key":      {cmp.Or(key, "none")},
		"Sec-Websocket-Protocol": {Subprotocol},
	}}
	w := (*wire)(c)
	c.parsed, c.room = newParsed(w)
	c.ws, err = c.up.gws.UpgradeFromConn(w, c.parsed, r)
	return err
}

// attach puts the fastest line that nc allows under the connection.
func (c *Conn) attach(nc net.Conn) {
	c.stream = &c.link
	if !c.up.cfg.Pump && c.attachRaw(nc) {
		return
	}
	c.link.line = newPump(nc, c.up.cfg.SendBuffer)
}

func (c *Conn) attachRaw(nc net.Conn) (ok bool) {
	size := c.up.cfg.SendBuffer
	sealed, isTLS := nc.(*tls.Conn)
	if isTLS {
		nc = sealed.NetConn()
	}
	s, ours := nc.(*switchable)
	if ours {
		s.begin() // if it was adopted, nobody has read it yet
		nc = s.Conn
	}
	if isTLS && !ours {
		return false // what is below this tls.Conn cannot be changed
	}
	if c.link.line, ok = takeLine(nc, size); ok && isTLS {
		s.link = &c.link
		c.sealed, c.stream = sealed, sealed
	}
	return ok
}

// check refuses what gws would refuse after the hijack, and what it lets pass.
func check(r *http.Request) error {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	switch {
	case r.Method != http.MethodGet:
		return errors.New("method is not GET")
	case !listed(r.Header, "Connection", "upgrade"):
		return errors.New("no Connection: Upgrade")
	case !listed(r.Header, "Upgrade", "websocket"):
		return errors.New("no Upgrade: websocket")
	case r.Header.Get("Sec-WebSocket-Version") != "13":
		return errors.New("version is not 13")
	case err != nil || len(key) != 16:
		return errors.New("key is not 16 bytes of base64")
	case !listed(r.Header, "Sec-WebSocket-Protocol", Subprotocol):
		return errors.New("subprotocol " + Subprotocol + " is not offered")
	}
	return nil
}

// listed says whether a header's comma-separated values hold word.
func listed(h http.Header, name, word string) bool {
	for _, line := range h.Values(name) {
		for v := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(v), word) {
				return true
			}
		}
	}
	return false
}
