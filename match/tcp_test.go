//go:build unix

package match

import (
	"errors"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/link"
	"github.com/musterhq/muster/protocol/socket"
)

// A stage is a match over real TCP whose beats the test makes, one as soon as
// the well client a has acked the last: so nothing depends on how fast the machine is,
// and ten seconds of ticks pass in a moment. It owns the match.
type stage struct {
	tb   testing.TB
	m    *Match
	up   *socket.Upgrader
	door net.Listener
	now  time.Time
	a    *peer
	most int // bytes that a connection kept for writing
}

// patience bounds what a test waits for. It says nothing about speed.
const patience = 2 * time.Minute

// mustStage has a well client sit on seat 0 of a match of sixteen, and the
// others wait for some players.
func mustStage(tb testing.TB, players int, hook func(string, *game.World)) *stage {
	mode := dotsMode(func() game.Rules { return &dots{hook: hook} })
	mode.Seats = 16
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	h := &Host{cfg: Config{PassKey: passKey, Bots: true, Hall: func(*socket.Conn, any) {}}, log: slog.New(slog.DiscardHandler), news: newSeatNews()}
	s := &stage{tb: tb, door: door, now: time.Now(), up: socket.NewUpgrader(socket.Config{Linger: time.Millisecond, BytesPerSecond: 1 << 30, MessagesPerSecond: 1 << 20})}
	s.m = newMatch(h, mustMode(tb, mode), startOf("m1", mode.Name, players))
	s.m.begun, s.m.now, s.m.pace = s.now, s.now, newPace(mode.Hz, s.now, 0)
	tb.Cleanup(s.close)
	s.a = s.join(0, s.dial(), &protocol.Join{}, func(p *peer) { p.mute, p.watch = true, p.ackNow })
	return s
}

// stir makes frames of some 200 bytes, 6 KB a second.
func stir(where string, w *game.World) {
	if where != "step" {
		return
	}
	for col := range 3 {
		for slot := range 16 {
			w.Table(0).Col(col)[slot] += w.Rand.Between(-5000, 5000)
		}
	}
}

func (s *stage) close() {
	for len(s.m.clients) > 0 {
		s.m.clients[0].conn.Goodbye(protocol.Normal)
		s.m.drop(s.m.clients[0])
	}
	s.up.Close()
	s.door.Close()
}

func (s *stage) dial() *net.TCPConn {
	s.tb.Helper()
	nc, err := net.Dial("tcp", s.door.Addr().String())
	if err != nil {
		s.tb.Fatal(err)
	}
	return nc.(*net.TCPConn)
}

// join seats a connection that was dialled last; nc is the client's end of it.
func (s *stage) join(seat int, nc net.Conn, join *protocol.Join, as ...func(*peer)) *peer {
	s.tb.Helper()
	far, err := s.door.Accept()
	if err != nil {
		s.tb.Fatal(err)
	}
	conn, err := s.up.Adopt(far, nil, playerN(seat))
	if err != nil {
		s.tb.Fatal(err)
	}
	s.m.sit(&s.m.seats[seat], conn, join)
	p := &peer{tb: s.tb, nc: nc, closed: make(chan struct{}), gate: make(chan struct{}, 1)}
	for _, f := range as {
		f(p)
	}
	go p.read()
	s.tb.Cleanup(func() { nc.Close(); <-p.closed })
	return p
}

// ackNow acks the newest frame, before the next is read.
func (p *peer) ackNow() {
	p.send(protocol.Append(nil, protocol.Ack{Tick: uint8(p.mirror.Now().Tick & 127)}))
}

// beat makes one, and sees to it that a gets its frame and acks it.
func (s *stage) beat() {
	s.tb.Helper()
	s.now = s.now.Add(s.m.pace.interval)
	s.m.beat(s.now)
	c := s.m.seats[0].client
	if s.m.why != "" || c == nil || s.m.running && c.sent != s.m.tick {
		s.tb.Fatalf("tick %d: a was not sent it; the match is over: %q", s.m.tick, s.m.why)
	}
	s.until("a acks", func() bool { _ = c.conn.Read(c); return c.acked == s.m.tick })
	for _, c := range s.m.clients {
		s.most = max(s.most, c.conn.Holds())
	}
}

func (s *stage) beats(n int) {
	for range n {
		s.beat()
	}
}

// until waits.
func (s *stage) until(what string, done func() bool) {
	s.tb.Helper()
	again, end := time.NewTicker(50*time.Microsecond), time.NewTimer(patience)
	defer again.Stop()
	defer end.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-end.C:
			s.tb.Fatalf("it did not happen that %s", what)
		}
	}
}

// beatsUntil makes beats until something has happened.
func (s *stage) beatsUntil(what string, done func() bool) {
	s.tb.Helper()
	s.until(what, func() bool { s.beat(); return done() })
}

// right fails the test unless the next frame to b, who has caught up with all
// that was under way, makes it see what the match is now.
func (s *stage) right(b *peer) {
	s.tb.Helper()
	c := s.m.seats[1].client
	s.beatsUntil("b is sent the present", func() bool { return !c.ladder.behind && c.sent == s.m.tick })
	now := s.m.sim.Now()
	s.until("b sees it", func() bool { return b.now() == now.Tick })
	b.see(func() {
		if b.mirror.Now().Hash(c.view) != now.Hash(c.view) {
			s.tb.Errorf("tick %d: b sees another state", now.Tick)
		}
	})
}

// sound fails the test unless both were told of each event once and in order, a
// in as many frames as there were ticks, and nobody's connection kept more than
// a frame and what may go before it.
func (s *stage) sound(b *peer) {
	s.tb.Helper()
	s.a.sound()
	b.sound()
	wantEvents(s.tb, s.a, 1, int32(s.m.tick))
	s.a.see(func() {
		if s.a.frames != int(s.m.tick) {
			s.tb.Errorf("a was sent %d frames in %d ticks", s.a.frames, s.m.tick)
		}
	})
	if s.most > 8<<10 {
		s.tb.Errorf("a connection kept %d bytes", s.most)
	}
}

// TestOverTCP: what a bad network, or a bad client, does to a match over real
// sockets. The well client is sent each tick all the while; the other sees
// the present with the first frame after, and each event once.
func TestOverTCP(t *testing.T) {
	for name, test := range map[string]func(t *testing.T, s *stage){
		"a reader at 2 KB/s":     slowReader,
		"a stop of 5 s":          stop,
		"a half-open peer":       halfOpen,
		"a reset in mid frame":   resets,
		"acks of what is unread": liar,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, mustStage(t, 2, stir))
		})
	}
}

// A sipper is a client that reads as much as the test lets it.
type sipper struct {
	*net.TCPConn
	raw   syscall.RawConn
	mouth net.Conn // the test writes here what it has sipped
	in    net.Conn
}

func sip(nc *net.TCPConn) *sipper {
	raw, err := nc.SyscallConn()
	if err != nil {
		panic(err) // of a socket that was just made
	}
	s := &sipper{TCPConn: nc, raw: raw}
	s.mouth, s.in = net.Pipe()
	return s
}

func (s *sipper) Read(b []byte) (int, error) { return s.in.Read(b) }
func (s *sipper) Close() error               { return errors.Join(s.in.Close(), s.TCPConn.Close()) }

// sip reads up to n bytes of those that are there.
func (s *sipper) sip(n int) {
	b := make([]byte, n)
	_ = s.raw.Read(func(fd uintptr) bool { n, _ = syscall.Read(int(fd), b); return true })
	if n > 0 {
		_, _ = s.mouth.Write(b[:n])
	}
}

// slowReader reads what 2 KB/s come to in a tick, a third of what every tick takes.
func slowReader(t *testing.T, s *stage) {
	nc := sip(s.dial())
	b := s.join(1, nc, &protocol.Join{})
	c := s.m.seats[1].client
	var lowest Step
	for range 900 {
		s.beat()
		nc.sip(2000 / 30)
		lowest = max(lowest, c.ladder.step)
	}
	if s.m.seats[1].client == nil || lowest == StepFull || c.conn.BytesOut() < 10_000 {
		t.Fatalf("b stood on step %v at the lowest, and was sent %d bytes", lowest, c.conn.BytesOut())
	}
	s.beatsUntil("b catches up", func() bool { nc.sip(1 << 20); return !c.ladder.behind && c.empty() })
	go func() {
		for !b.ended() {
			nc.sip(1 << 20)
		}
	}()
	s.right(b)
	wantEvents(t, b, 1, int32(b.now()))
	s.sound(b)
}

func stop(t *testing.T, s *stage) {
	l := link.New(link.Conditions{}, 1)
	b := s.join(1, l.Over(s.dial()), &protocol.Join{})
	s.beats(60)
	l.Stall()
	s.beats(5 * 30)
	if c := s.m.seats[1].client; !c.stalled || c.sent > s.m.tick-30 {
		t.Fatalf("b was sent tick %d of %d", c.sent, s.m.tick)
	}
	l.Resume()
	s.right(b)
	wantEvents(t, b, 1, int32(b.now()))
	s.sound(b)
}

func halfOpen(t *testing.T, s *stage) {
	l := link.New(link.Conditions{}, 1)
	defer l.Reset()
	b := s.join(1, l.Over(s.dial()), &protocol.Join{})
	s.beats(60)
	l.Stall()
	c := s.m.seats[1].client
	sent := c.conn.BytesOut()
	s.beats(11 * 30)
	if s.m.seats[1].client != nil || !errors.Is(c.conn.Ended(), protocol.Silent) {
		t.Errorf("10 s without an ack: %v", c.conn.Ended())
	}
	if wrote := c.conn.BytesOut() - sent; wrote > 16<<10 { // 11 s of every frame are 60 KB
		t.Errorf("%d bytes were written to a peer that was gone", wrote)
	}
	s.sound(b)
}

// A cutter is a client's end of a link that tears it down after some bytes.
type cutter struct {
	net.Conn
	link *link.Link
	left int
}

func (c *cutter) Read(b []byte) (int, error) {
	if c.left == 0 {
		c.link.Reset()
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

// resets cuts the connection at each of many places in the stream, most of
// them within a frame, and takes the seat up again.
func resets(t *testing.T, s *stage) {
	join, next := &protocol.Join{}, int32(1)
	whole := 0
	for cut := range 40 {
		l := link.New(link.Conditions{}, 1)
		nc := &cutter{l.Over(s.dial()), l, 2000 + 7*cut}
		b := s.join(1, nc, join)
		c := s.m.seats[1].client
		for !b.ended() {
			s.beat()
			s.until("b has the frame, or was cut", func() bool { return b.ended() || c.sent != s.m.tick || b.now() == s.m.tick })
		}
		s.until("the reset is noticed", func() bool { return c.conn.Read(c) != nil })
		s.beat()
		b.sound()
		join = &protocol.Join{Match: "m1", Epoch: epoch, LastTick: max(b.now(), join.LastTick)}
		wantEvents(t, b, next, int32(join.LastTick))
		next = int32(join.LastTick) + 1
		whole += b.frames
	}
	if whole == 0 {
		t.Fatal("no frame came through, so nothing was tested")
	}
	l := link.New(link.Conditions{}, 1)
	b := s.join(1, l.Over(s.dial()), join)
	s.right(b)
	wantEvents(t, b, next, int32(b.now()))
	s.sound(b)
}

// liar acks each tick and reads nothing: all that the kernel takes is what it
// gets, and one frame that stands.
func liar(t *testing.T, s *stage) {
	nc := s.dial()
	if err := nc.SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	hold := sip(nc)
	b := s.join(1, hold, &protocol.Join{})
	c := s.m.seats[1].client
	var at game.Tick
	stood := 0
	s.beatsUntil("a frame stands for a second, and nothing is written behind it", func() bool {
		c.ack(uint8(c.sent&127), 0) // as if it had come: with its buffer full, the client's kernel is slow to send
		if stood++; c.conn.Pending() == 0 || c.sent != at {
			stood, at = 0, c.sent
		}
		return stood == 30
	})
	s.until("the kernel keeps some", func() bool { return c.conn.Unsent() > 0 })
	if wrote := c.conn.BytesOut(); wrote > 256<<10 {
		t.Errorf("the kernel took %d bytes", wrote)
	}
	s.sound(b)
}
