package socket

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Listen listens on a TCP address for an http.Server's Serve. Its connections
// can be read on the beat, under TLS too, which is spoken where certFile and
// keyFile (PEM) are not empty. Changed files are noticed within a second and
// serve new connections; files that cannot be read leave the old certificate
// in place.
func Listen(addr, certFile, keyFile string) (net.Listener, error) {
	var conf *tls.Config
	if certFile != "" || keyFile != "" {
		certs := &certificates{certFile: certFile, keyFile: keyFile}
		if err := certs.load(); err != nil {
			return nil, fmt.Errorf("socket: certificate: %w", err)
		}
		conf = &tls.Config{GetCertificate: certs.get}
	}
	inner, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return NewListener(inner, conf), nil
}

// NewListener makes inner's connections fit for the beat. With conf it speaks
// TLS, HTTP/1.1 only: a WebSocket cannot be taken out of HTTP/2. Who accepts
// has each connection read, adopted or closed without waiting for the next one.
func NewListener(inner net.Listener, conf *tls.Config) net.Listener {
	l := listener{Listener: inner, limit: descriptors(), ahead: make(ahead, 2*runtime.GOMAXPROCS(0))}
	if conf == nil {
		return l
	}
	conf = conf.Clone()
	conf.NextProtos = []string{"http/1.1"}
	conf.MinVersion = max(conf.MinVersion, tls.VersionTLS12)
	return tls.NewListener(l, conf)
}

// A listener hands out switchable connections. It hangs up on those who come
// when the process is about to run out of descriptors: those who are there play
// on, and the log can be written. Without that, Accept itself would fail, and
// clients would wait in the kernel's queue for nothing.
type listener struct {
	net.Listener
	limit int // descriptors the process may have; 0: not known
	ahead ahead
}

func (l listener) Accept() (net.Conn, error) {
	l.ahead <- struct{}{}
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			<-l.ahead
			return nil, err
		}
		if !shed(nc, l.limit) {
			return &switchable{Conn: nc, ahead: l.ahead}, nil
		}
		hangUp(nc)
	}
}

// ahead holds a place for each connection that is accepted and that nobody has
// begun to read yet. There are few; who comes meanwhile waits in the kernel's
// queue, where that costs nobody anything.
//
// Go runs goroutines in the order in which they became ready, and a match whose
// tick is due stands in the same line as newcomers: when 5,000 came at once up
// to 1,700 of them were in it, and ticks began 39 ms late. With this the line sets
// its own pace: the longer it is, the later newcomers begin and the fewer are
// accepted; where it is short nobody waits. Who sends nothing holds no place: a
// read that finds nothing has begun. While 5,000 came back, the p99 gap of those
// who play was 48 to 61 ms without this, 40 with it, and 39 before; they were
// in as soon (tools/bench -storm 5000).
type ahead chan struct{}

// A switchable is an ordinary net.Conn until a link takes its place, below a
// tls.Conn that stays what it is. The switch is made while nobody else uses
// it: after the hijack, before the first Read of its new owner.
type switchable struct {
	net.Conn
	link  *link
	ahead ahead
	begun atomic.Bool // and so ahead is left
}

// begin tells that somebody sees to the connection. Any call but the first does
// nothing.
func (s *switchable) begin() {
	if !s.begun.Swap(true) {
		<-s.ahead
	}
}

func (s *switchable) Read(p []byte) (int, error) {
	if s.link != nil {
		return s.link.Read(p)
	}
	s.begin()
	return s.Conn.Read(p)
}

// Close may come without a Read before it.
func (s *switchable) Close() error {
	s.begin()
	return s.Conn.Close()
}

func (s *switchable) Write(p []byte) (int, error) {
	if s.link != nil {
		return s.link.Write(p)
	}
	return s.Conn.Write(p)
}

// SetWriteDeadline is what tls.Conn calls before its goodbye.
func (s *switchable) SetWriteDeadline(t time.Time) error {
	if s.link != nil {
		return nil
	}
	return s.Conn.SetWriteDeadline(t)
}

// CloseWrite lets the pump say that nothing more will come.
func (s *switchable) CloseWrite() error {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// certificates serves a key pair from files that may change under it.
type certificates struct {
	certFile, keyFile string

	mu     sync.Mutex
	pair   *tls.Certificate
	of     [2]time.Time // when the files of pair were written
	looked time.Time
}

// get is called for each handshake; it looks at the files once a second.
func (c *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= time.Second {
		c.looked = time.Now()
		if written, err := c.written(); err == nil && written != c.of {
			c.reload(written)
		}
	}
	return c.pair, nil
}

func (c *certificates) load() error {
	written, err := c.written()
	if err != nil {
		return err
	}
	return c.reload(written)
}

// reload replaces the pair if the files make one. Half-written files do not,
// and are tried again.
func (c *certificates) reload(written [2]time.Time) error {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err == nil {
		c.pair, c.of = &pair, written
	}
	return err
}

func (c *certificates) written() (at [2]time.Time, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return at, err
		}
		at[i] = info.ModTime()
	}
	return at, nil
}
