package match

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dots is the game of these tests: each seat moves a dot. Every tick tells of
// itself in an event, so that a lost or doubled one shows.
type dots struct {
	end  game.Tick
	hook func(where string, w *game.World) // may panic or block
}

var dotsSchema = &game.Schema{
	Tables: []game.Table{
		{Name: "dots", Capacity: 16, Columns: []game.Column{{Name: "x", Linear: true}, {Name: "y", Linear: true}, {Name: "presses"}}},
		{Name: "own", Capacity: 16, Audience: game.Private, Columns: []game.Column{{Name: "secret"}}},
	},
	Inputs: []game.Field{{Name: "dx", Min: -5, Max: 5}, {Name: "press", Min: 0, Max: 1, Bits: true}, {Name: "aim", Min: 0, Max: 255, Keep: true}},
	Events: []game.EventKind{{Name: "tick", Args: []string{"tick"}}},
}

func (d *dots) at(where string, w *game.World) {
	if d.hook != nil {
		d.hook(where, w)
	}
}

func (d *dots) Start(w *game.World) { d.at("start", w) }

func (d *dots) Join(w *game.World, seat game.Seat) {
	d.at("join", w)
	w.Table(0).SpawnAt(int(seat))
}

func (d *dots) Leave(w *game.World, seat game.Seat) {
	d.at("leave", w)
	w.Table(0).Despawn(int(seat))
}

func (d *dots) Step(w *game.World, inputs []game.Input) {
	d.at("step", w)
	t, secret := w.Table(0), w.Table(1).Col(0)
	for _, in := range inputs {
		t.Col(0)[in.Seat] += in.Values[0]
		t.Col(1)[in.Seat] += w.Rand.Between(-1, 1)
		t.Col(2)[in.Seat] += in.Values[1]
		secret[in.Seat] = in.Lag
	}
	w.Emit(0, int32(w.Tick()))
}

func (d *dots) Result(w *game.World) (game.Result, bool) {
	d.at("result", w)
	if d.end == 0 || w.Tick() < d.end {
		return nil, false
	}
	return game.Result{{Seat: 0, Rank: 1, Score: 7}}, true
}

func (d *dots) Save(b []byte) []byte { d.at("save", nil); return b }
func (d *dots) Load([]byte) error    { return nil }

func mustMode(tb testing.TB, m game.Mode) *game.Mode {
	tb.Helper()
	mode, err := m.WithDefaults()
	if err != nil {
		tb.Fatal(err)
	}
	return mode
}

// dotsMode is a mode of dots; change what a test is about.
func dotsMode(rules func() game.Rules) game.Mode {
	return game.Mode{Name: "dots", New: rules, Schema: dotsSchema, Hz: 30, Seats: 4, Lag: 6, Bot: game.RandomBot(dotsSchema)}
}

// node is a host with what surrounds it.
type node struct {
	tb    testing.TB
	bus   *bus.Local
	board *socket.Switchboard
	up    *socket.Upgrader
	meter *census
	host  *Host
	cfg   Config
	stop  func() // ends Run and waits for it

	mu    sync.Mutex
	hall  []*socket.Conn
	ended []protocol.Ended
}

// census counts connections.
type census struct{ opened, closed atomic.Int32 }

func (c *census) Opened()                { c.opened.Add(1) }
func (c *census) Closed(protocol.Reason) { c.closed.Add(1) }
func (c *census) Read(int)               {}
func (c *census) Wrote(int)              {}

// accounted fails the test unless every connection has ended or was given back
// to the hall, once.
func (n *node) accounted() {
	n.tb.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	once, left := map[*socket.Conn]bool{}, int32(0)
	for _, c := range n.hall {
		if once[c] {
			n.tb.Errorf("connection %d was given back twice", c.ID())
		}
		once[c] = true
		if c.Ended() == nil {
			left++
		}
	}
	if opened, closed := n.meter.opened.Load(), n.meter.closed.Load(); opened != closed+left {
		n.tb.Errorf("%d connections were opened, %d have ended, %d are in the hall", opened, closed, left)
	}
}

var passKey = []byte("0123456789abcdef")

// mustNode starts a host that ends with the test.
func mustNode(tb testing.TB, modes ...*game.Mode) *node {
	tb.Helper()
	b := bus.NewLocal()
	return mustNodeOn(tb, b, b, modes...)
}

// mustNodeOn is mustNode whose host has a bus that may fail; the test itself
// uses local.
func mustNodeOn(tb testing.TB, hosts bus.Bus, local *bus.Local, modes ...*game.Mode) *node {
	tb.Helper()
	n := &node{tb: tb, bus: local, board: socket.NewSwitchboard(),
		meter: &census{}}
	n.up = socket.NewUpgrader(socket.Config{Meter: n.meter, Pump: true, Linger: 10 * time.Millisecond, MessagesPerSecond: 10000, BytesPerSecond: 1 << 20})
	n.cfg = Config{Modes: modes, PassKey: passKey, Hall: n.take, Bots: true, Log: slog.New(slog.DiscardHandler)}
	host, err := NewHost(n.cfg, hosts, n.board)
	if err != nil {
		tb.Fatal(err)
	}
	n.host = host
	cancelOver, _ := n.bus.Serve(protocol.SubjectOver, n.over)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = host.Run(ctx) }()
	for _, err := n.bus.Request(ctx, protocol.SubjectStart, nil); errors.Is(err, bus.ErrNobody); {
		_, err = n.bus.Request(ctx, protocol.SubjectStart, nil)
	}
	n.stop = func() { cancel(); <-done }
	tb.Cleanup(func() {
		n.stop()
		cancelOver()
		n.mu.Lock()
		defer n.mu.Unlock()
		for _, c := range n.hall {
			c.Goodbye(protocol.Draining)
		}
		n.up.Close()
	})
	return n
}

func (n *node) take(c *socket.Conn, _ any) {
	_ = c.Flush()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hall = append(n.hall, c)
}

func (n *node) over(_ context.Context, data []byte) []byte {
	var e protocol.Ended
	_ = protocol.Unmarshal(data, &e)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ended = append(n.ended, e)
	return nil
}

// outcomes returns why matches ended so far.
func (n *node) outcomes() (whys []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, e := range n.ended {
		whys = append(whys, e.Why)
	}
	return whys
}

func (n *node) inHall() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.hall)
}

// lease starts a match for players named p0, p1 … and returns their passes.
func (n *node) lease(id protocol.MatchID, mode string, players int) []string {
	n.tb.Helper()
	answer, err := n.bus.Request(context.Background(), protocol.SubjectStart, protocol.Marshal(startOf(id, mode, players)))
	if err != nil {
		n.tb.Fatal(err)
	}
	var placed protocol.Placed
	if err := protocol.Unmarshal(answer, &placed); err != nil || placed.Refuse != "" {
		n.tb.Fatalf("lease: %v, refused %q", err, placed.Refuse)
	}
	return placed.Passes
}

// startOf is the lease of a match for players p0, p1 … on the first seats.
func startOf(id protocol.MatchID, mode string, players int) *protocol.Start {
	start := &protocol.Start{Match: id, Mode: mode, Seed: 7}
	for i := range players {
		start.Seats = append(start.Seats, protocol.StartSeat{Seat: game.Seat(i), Player: playerN(i)})
	}
	return start
}

func playerN(i int) protocol.Player {
	return protocol.Player{ID: protocol.PlayerID(fmt.Sprintf("p%d", i)), Name: fmt.Sprintf("Player %d", i)}
}

// A peer is the other end of a connection: it plays by the protocol, as far
// as its test lets it.
type peer struct {
	tb     testing.TB
	nc     net.Conn
	conn   *socket.Conn // the other end; only what is safe from any goroutine
	closed chan struct{}
	gate   chan struct{} // who holds its one token keeps the peer from reading on
	watch  func()        // called after each frame, under mu
	wire   func([]byte)  // called with each frame before it is taken in, under mu; may be nil

	mu       sync.Mutex // guards what follows
	mute     bool       // sends no acks
	ackEvery time.Duration
	ackedAt  time.Time
	joined   *protocol.Joined
	mirror   *protocol.Mirror
	frames   int
	keys     int
	bytes    int // of all messages, as they are framed
	control  []protocol.Control
	events   []protocol.TickEvent
	bad      error
	seq      uint8
	code     uint16 // of the close frame
	gaps     int
	lastHead protocol.Head
}

// connect opens a connection as player i and asks to join. Each of as is
// called with the peer before it reads.
func (n *node) connect(i int, join protocol.Join, as ...func(*peer)) *peer {
	n.tb.Helper()
	ours, theirs := net.Pipe()
	conn, err := n.up.Adopt(theirs, nil, playerN(i))
	if err != nil {
		n.tb.Fatal(err)
	}
	p := &peer{tb: n.tb, nc: ours, conn: conn, closed: make(chan struct{}), gate: make(chan struct{}, 1)}
	for _, f := range as {
		f(p)
	}
	go p.read()
	if ok, _ := n.board.Hand(join.Match, conn, join); !ok {
		n.take(conn, nil)
	}
	n.tb.Cleanup(func() { ours.Close(); <-p.closed })
	return p
}

// read takes in frames and acks them, as a client's message handler does.
func (p *peer) read() {
	defer close(p.closed)
	r := bufio.NewReader(p.nc)
	for {
		first, payload, err := sockettest.Read(r)
		if err != nil {
			return
		}
		p.gate <- struct{}{}
		<-p.gate
		p.mu.Lock()
		p.bytes += len(payload) + 2
		switch first {
		case sockettest.Close:
			p.code = binary.BigEndian.Uint16(payload)
		case sockettest.Ping:
			if !p.mute {
				go func() { _, _ = p.nc.Write(sockettest.Frame(sockettest.Pong, payload)) }()
			}
		case sockettest.Binary:
			if err := p.message(payload); err != nil && p.bad == nil {
				p.bad = err
			}
		}
		p.mu.Unlock()
	}
}

func (p *peer) message(b []byte) (err error) {
	if protocol.IsControl(b) {
		m, err := protocol.ParseServer(b)
		if j, ok := m.(protocol.Joined); ok {
			p.joined = &j
			p.mirror, err = protocol.NewMirror(j.Schema, j.Seat.Index())
		}
		p.control = append(p.control, m)
		return err
	}
	if p.wire != nil {
		p.wire(b)
	}
	if err := p.mirror.Frame(b); err != nil {
		return err
	}
	p.frames++
	p.lastHead = *p.mirror.Head()
	if p.lastHead.Kind&protocol.Keyframe != 0 {
		p.keys++
	}
	if p.lastHead.Kind&protocol.Gap != 0 {
		p.gaps++
	}
	p.events = append(p.events, p.mirror.Events()...)
	if p.watch != nil {
		p.watch()
	}
	if now := time.Now(); !p.mute && now.Sub(p.ackedAt) >= p.ackEvery {
		p.ackedAt = now
		go p.send(protocol.Append(nil, protocol.Ack{Tick: uint8(p.mirror.Now().Tick & 127)}))
	}
	return nil
}

// send writes one masked binary message.
func (p *peer) send(b []byte) { _, _ = p.nc.Write(sockettest.Frame(sockettest.Binary, b)) }

// input says what to do in the next tick.
func (p *peer) input(values ...int32) {
	p.mu.Lock()
	p.seq++
	in := protocol.Input{Seq: p.seq, Ack: uint8(p.mirror.Now().Tick & 127)}
	copy(in.Values[:], values)
	p.mu.Unlock()
	p.send(protocol.AppendInput(nil, &in, dotsSchema.Inputs))
}

// see calls f while nothing changes.
func (p *peer) see(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// sound fails the test if the peer was sent anything wrong.
func (p *peer) sound() {
	p.tb.Helper()
	p.see(func() {
		if p.bad != nil {
			p.tb.Errorf("a message could not be taken: %v", p.bad)
		}
		if p.mirror != nil && p.mirror.Desyncs > 0 {
			p.tb.Errorf("%d desyncs", p.mirror.Desyncs)
		}
	})
}

// told returns the last control message of m's type.
func told[T protocol.Control](p *peer) (m T, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.control {
		if t, is := c.(T); is {
			m, ok = t, true
		}
	}
	return m, ok
}
