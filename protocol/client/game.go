package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lxzan/gws"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// Options say how to play a match.
type Options struct {
	// Bot makes the policy that plays, once the seat and what it will be shown
	// are known. Nil acks and does nothing, as does who watches.
	Bot func(joined *protocol.Joined) game.Bot
	// Watch is told of every frame, on the goroutine that reads. Optional.
	Watch func(m *protocol.Mirror, size int, at time.Time)
	// Control is told of every control message, likewise. Optional.
	Control func(m protocol.Control)
	// Company takes in what others say and do, and answers mail. Without one,
	// mail is left unread.
	Company *Company
	// Resume takes up a seat that was lost instead of using the pass, or watches on.
	Resume *Resume
	// Dial opens the connection below the socket; nil dials TCP.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
}

// Resume is what a client knows of the match it lost.
type Resume struct {
	Epoch   uint32
	Tick    game.Tick
	Watches bool // it has no seat, and comes back with a new pass
}

// A Game is a seat in a match over one connection. Its methods may be called
// by any goroutine.
type Game struct {
	opts  Options
	stays bool // the connection outlives the match
	conn  *gws.Conn
	done  chan struct{} // closed when reading ended

	mu      sync.Mutex // guards what follows
	joined  *protocol.Joined
	started chan struct{} // closed with joined set
	ended   chan struct{} // closed with over set
	mirror  *protocol.Mirror
	at      time.Time // when the newest frame came in
	sent    time.Time // when something was last written
	seq     uint8
	slack   int8
	rtt     roundTrips
	over    *protocol.Over
	goodbye *protocol.Reason
	err     error
}

// Join opens a socket and takes the seat of an assignment.
func (s *Session) Join(ctx context.Context, a Assignment, opts Options) (*Game, error) {
	g := newGame(opts)
	if err := g.connect(ctx, s, a.URL); err != nil {
		return nil, err
	}
	join := protocol.Join{Match: a.Match, Pass: a.Pass}
	if r := opts.Resume; r != nil {
		if join.Epoch, join.LastTick = r.Epoch, r.Tick; !r.Watches {
			join.Pass = ""
		}
	}
	g.write(protocol.Append(nil, join))
	go g.read()
	return g.await(ctx)
}

func newGame(opts Options) *Game {
	g := &Game{opts: opts, done: make(chan struct{})}
	g.begin()
	return g
}

// begin makes ready for a match.
func (g *Game) begin() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.joined, g.over, g.seq, g.rtt = nil, nil, 0, roundTrips{}
	g.started, g.ended = make(chan struct{}), make(chan struct{})
}

// await waits until the seat is ours, and plays.
func (g *Game) await(ctx context.Context) (*Game, error) {
	g.mu.Lock()
	started := g.started
	g.mu.Unlock()
	select {
	case <-started:
		go g.play()
		return g, nil
	case <-g.done:
		return nil, g.failure()
	case <-ctx.Done():
		g.Cut()
		<-g.done
		return nil, ctx.Err()
	}
}

// open opens the socket; that it is refused is a *Problem.
func (g *Game) open(ctx context.Context, s *Session, url string) error {
	token, err := s.token(ctx)
	if err != nil {
		return err
	}
	header := http.Header{}
	header.Set("Authorization", "Bearer "+token)
	header.Set("Sec-WebSocket-Protocol", "muster.v1")
	s.api.say(header)
	options := &gws.ClientOption{
		Addr: url, RequestHeader: header, HandshakeTimeout: 10 * time.Second,
		ReadMaxPayloadSize: 1 << 20, ReadBufferSize: 1024,
		TlsConfig: s.api.tls.Clone(), // gws writes the server's name into it
		NewDialer: func() (gws.Dialer, error) { return dialer{ctx, g.opts.Dial}, nil },
	}
	conn, resp, err := gws.NewClient(handler{g}, options)
	if resp != nil && resp.StatusCode >= 400 {
		return refusedUpgrade(resp)
	}
	g.conn = conn
	if g.opts.Company != nil {
		g.opts.Company.connected()
	}
	return err
}

// dialer lets gws dial under a context, by the caller's own means.
type dialer struct {
	ctx  context.Context
	dial func(ctx context.Context, addr string) (net.Conn, error)
}

func (d dialer) Dial(network, addr string) (net.Conn, error) {
	if d.dial != nil {
		return d.dial(d.ctx, addr)
	}
	return new(net.Dialer).DialContext(d.ctx, network, addr)
}

// read runs gws's loop. A hostile frame panics it (see the socket package);
// here that ends the connection.
func (g *Game) read() {
	defer close(g.done)
	defer func() {
		if p := recover(); p != nil {
			g.fail(fmt.Errorf("read: %v", p))
			_ = g.conn.NetConn().Close()
		}
	}()
	g.conn.ReadLoop()
}

// handler keeps gws's callbacks off the Game's own methods.
type handler struct{ g *Game }

func (h handler) OnOpen(*gws.Conn) {}
func (h handler) OnClose(_ *gws.Conn, err error) {
	var closed *gws.CloseError
	if errors.As(err, &closed) && closed.Code >= 1000 {
		h.g.told(protocol.Reason{Code: closed.Code, Text: string(closed.Reason)})
	}
	h.g.fail(err)
}
func (h handler) OnPing(c *gws.Conn, payload []byte) { _ = c.WritePong(payload) }
func (h handler) OnPong(*gws.Conn, []byte)           {}

func (h handler) OnMessage(_ *gws.Conn, msg *gws.Message) {
	defer msg.Close()
	if err := h.g.message(msg.Bytes()); err != nil {
		h.g.fail(err)
		_ = h.g.conn.NetConn().Close()
	}
}

func (g *Game) message(b []byte) error {
	if protocol.IsControl(b) {
		m, err := protocol.ParseServer(b)
		if errors.Is(err, protocol.ErrUnknown) {
			return nil // a message of tomorrow
		}
		if err != nil {
			return err
		}
		if g.opts.Control != nil {
			g.opts.Control(m)
		}
		if g.opts.Company != nil {
			if answer := g.opts.Company.take(m); answer != nil {
				g.Send(answer)
			}
		}
		return g.control(m)
	}
	now := time.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.mirror == nil {
		return errors.New("a frame before Joined")
	}
	if err := g.mirror.Frame(b); err != nil {
		return err
	}
	g.at, g.slack = now, g.mirror.Head().Slack
	g.rtt.acked(g.mirror.Head().Ack, now)
	if now.Sub(g.sent) > g.ackEvery() {
		g.writeLocked(protocol.Append(nil, protocol.Ack{Tick: uint8(g.mirror.Now().Tick & 127)}))
	}
	if g.opts.Watch != nil {
		g.opts.Watch(g.mirror, len(b), now)
	}
	return nil
}

// ackEvery is how long nothing may have been sent before a frame is acked by
// itself: two ticks. Whom the server hears less often it takes for slow, until
// it knows that client.
func (g *Game) ackEvery() time.Duration {
	return min(400*time.Millisecond, 2*time.Second/time.Duration(g.joined.Hz))
}

func (g *Game) control(m protocol.Control) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch m := m.(type) {
	case protocol.Joined:
		mirror, err := protocol.NewMirror(m.Schema, m.Seat.Index())
		if err != nil {
			return err
		}
		g.mirror = mirror
		if g.joined == nil {
			g.joined = &m
			close(g.started)
		}
	case protocol.Over:
		if g.over == nil {
			g.over = &m
			close(g.ended)
		}
		if !g.stays {
			_ = g.conn.WriteClose(1000, nil)
		}
	case protocol.Goodbye:
		g.goodbye = &m.Reason
	case protocol.Refused:
		return m
	}
	return nil
}

// play sends one input a tick, its clock steered by the server's slack.
func (g *Game) play() {
	joined, ended := g.Joined(), g.isOver()
	if g.opts.Bot == nil || joined.Seat == game.NoSeat {
		return
	}
	bot := g.opts.Bot(joined)
	interval := time.Second / time.Duration(joined.Hz)
	next := time.Now().Add(interval)
	timer := time.NewTimer(interval)
	defer timer.Stop()
	for {
		select {
		case <-g.done:
			return
		case <-ended:
			return
		case now := <-timer.C:
			g.think(bot)
			next = next.Add(g.steer(interval))
			if next.Before(now.Add(-5 * interval)) {
				next = now // this machine stood still
			}
			timer.Reset(time.Until(next))
		}
	}
}

// steer returns the time to the next input: up to 5 % shorter when inputs
// come late, or longer when they wait.
func (g *Game) steer(interval time.Duration) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	permille := max(-50, min(50, int(g.slack)*20/8))
	return interval + interval*time.Duration(permille)/1000
}

// shownBehind is the interpolation delay that a bot claims, in eighths of a
// tick: it acts on the newest frame, as no person can.
const shownBehind = 0

func (g *Game) think(bot game.Bot) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.at.IsZero() || g.over != nil {
		return
	}
	var in game.Input
	in.Seat = g.joined.Seat
	bot.Think(g.mirror.Now(), &in)
	now := time.Now()
	tick := time.Second / time.Duration(g.joined.Hz)
	g.seq = (g.seq + 1) & 127
	g.rtt.sent(g.seq, now)
	g.writeLocked(protocol.AppendInput(nil, &protocol.Input{
		Seq: g.seq, Ack: uint8(g.mirror.Now().Tick & 127), Hold: uint8(min(127, 8*now.Sub(g.at)/tick)),
		Lag: shownBehind, Values: in.Values,
	}, g.joined.Schema.Inputs))
}

func (g *Game) write(b []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writeLocked(b)
}

func (g *Game) writeLocked(b []byte) {
	g.sent = time.Now()
	_ = g.conn.WriteMessage(gws.OpcodeBinary, b) // what went wrong, reading will say
}

// Send writes any control message.
func (g *Game) Send(m protocol.Control) { g.write(protocol.Append(nil, m)) }

// Leave gives the seat back; the match goes on without.
func (g *Game) Leave() { g.Send(protocol.Leave{}) }

// Cut breaks the connection off, as a lost network would.
func (g *Game) Cut() { _ = g.conn.NetConn().Close() }

// Joined is how the server let us in.
func (g *Game) Joined() *protocol.Joined {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.joined
}

// isOver is closed when the match is over for us.
func (g *Game) isOver() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// With calls f with the newest state, which does not change meanwhile.
func (g *Game) With(f func(m *protocol.Mirror)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(g.mirror)
}

// Resume is what to know for taking up this seat again.
func (g *Game) Resume() *Resume {
	g.mu.Lock()
	defer g.mu.Unlock()
	return &Resume{Epoch: g.mirror.Epoch(), Tick: g.mirror.Now().Tick, Watches: g.joined.Seat == game.NoSeat}
}

// RTT is the latest round trip, from an input to the frame that says it was
// taken; up to a tick of it is waiting.
func (g *Game) RTT() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.rtt.last
}

// Done is closed when the connection has ended.
func (g *Game) Done() <-chan struct{} { return g.done }

// Wait returns how the match ended, or the error or goodbye that ended the
// connection before.
func (g *Game) Wait(ctx context.Context) (*protocol.Over, error) {
	var over <-chan struct{}
	if g.stays {
		over = g.isOver()
	}
	select {
	case <-g.done:
	case <-over:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	g.mu.Lock()
	how := g.over
	g.mu.Unlock()
	if how != nil {
		return how, nil
	}
	return nil, g.failure()
}

// Goodbye is the reason the server gave, nil where it gave none.
func (g *Game) Goodbye() *protocol.Reason {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.goodbye
}

// told keeps the close frame's reason, unless a goodbye said more already.
func (g *Game) told(r protocol.Reason) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.goodbye == nil {
		g.goodbye = &r
	}
}

func (g *Game) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		g.err = err
	}
}

func (g *Game) failure() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.goodbye != nil:
		return *g.goodbye
	case g.err != nil:
		return g.err
	}
	return errors.New("connection lost")
}

// roundTrips measures from inputs to their acks.
type roundTrips struct {
	at   [128]time.Time
	last time.Duration
}

func (r *roundTrips) sent(seq uint8, now time.Time) { r.at[seq&127] = now }

func (r *roundTrips) acked(seq uint8, now time.Time) {
	if at := r.at[seq&127]; !at.IsZero() {
		r.last = now.Sub(at)
		r.at[seq&127] = time.Time{}
	}
}
