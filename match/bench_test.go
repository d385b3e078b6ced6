package match

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// discard is the far end of a connection that sends nothing and takes all.
type discard struct {
	net.Conn
	gone chan struct{}
}

func (d discard) Read([]byte) (int, error)         { <-d.gone; return 0, io.EOF }
func (d discard) Write(b []byte) (int, error)      { return len(b), nil }
func (d discard) Close() error                     { return nil }
func (d discard) SetDeadline(time.Time) error      { return nil }
func (d discard) SetReadDeadline(time.Time) error  { return nil }
func (d discard) SetWriteDeadline(time.Time) error { return nil }
func (d discard) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (d discard) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// steady is a match in which every seat has a client that acks every frame and
// is played by the mode's bot, without the network.
type steady struct {
	m    *Match
	bots []game.Bot
	now  time.Time
	raw  []byte
	in   game.Input
	seq  uint8
	sit  func(i int) *socket.Conn // of player i, that takes all
}

// newSteady seats clients players; the other seats are the server's bots'.
func newSteady(tb testing.TB, mode *game.Mode, clients int) *steady {
	gone := make(chan struct{})
	up := socket.NewUpgrader(socket.Config{Pump: true, Linger: time.Millisecond})
	h := &Host{cfg: Config{PassKey: passKey, Bots: true, Hall: func(*socket.Conn, any) {}}, log: slog.New(slog.DiscardHandler), news: newSeatNews()}
	start := &protocol.Start{Match: "bench", Mode: mode.Name, Seed: 1}
	for i := range clients {
		start.Seats = append(start.Seats, protocol.StartSeat{Seat: game.Seat(i), Player: playerN(i)})
	}
	s := &steady{m: newMatch(h, mode, start), now: time.Now()}
	s.m.begun, s.m.now, s.m.pace = s.now, s.now, newPace(mode.Hz, s.now, 0)
	tb.Cleanup(func() {
		close(gone)
		for len(s.m.clients) > 0 {
			s.m.clients[0].conn.Goodbye(protocol.Normal)
			s.m.drop(s.m.clients[0])
		}
		for _, c := range slices.Clone(s.m.spectators) {
			c.conn.Goodbye(protocol.Normal)
			s.m.drop(c)
		}
		up.Close()
	})
	s.sit = func(i int) *socket.Conn {
		conn, err := up.Adopt(discard{gone: gone}, nil, playerN(i))
		if err != nil {
			tb.Fatal(err)
		}
		return conn
	}
	for i := range clients {
		s.m.sit(&s.m.seats[i], s.sit(i), &protocol.Join{})
		s.bots = append(s.bots, mode.Bot(game.Seat(i), uint64(i)))
	}
	return s
}

// fill has so many watch, who ack every frame.
func (s *steady) fill(tb testing.TB, spectators int) {
	for i := range spectators {
		if refused := s.m.spectate(s.sit(1000+i), &protocol.Join{}); refused.Code != "" {
			tb.Fatal(refused)
		}
	}
}

// beat has every client send its input, and then the match its tick.
func (s *steady) beat(think bool) {
	s.send(think)
	s.m.beat(s.now)
}

// send has every client ack what it was sent, and send its input.
func (s *steady) send(think bool) {
	s.now = s.now.Add(time.Second / time.Duration(s.m.mode.Hz))
	s.seq++
	for _, c := range s.m.spectators {
		s.ack(c)
	}
	for i, c := range s.m.clients {
		s.ack(c)
		s.in = c.seat.applied
		if think {
			s.bots[i].Think(s.m.sim.Now(), &s.in)
		}
		s.raw = protocol.AppendInput(s.raw[:0], &protocol.Input{Seq: s.seq, Ack: uint8(c.sent & 127), Values: s.in.Values}, s.m.fields)
		c.Message(c.conn, s.raw)
	}
}

// ack has a client ack what it was sent.
func (s *steady) ack(c *client) {
	for c.conn.Pending() > 0 { // ticks come as fast as they can, faster than the pump at times
		runtime.Gosched()
		_ = c.conn.Flush()
	}
	if c.sentAny {
		c.acked, c.ackedAt = c.sent, s.now
	}
}

// show replays a record to the clients, in place of the match's own rules. The
// inputs that they send all the while are taken and come to nothing.
func (s *steady) show(tb testing.TB, r *Record) {
	_, err := r.replay(s.m.mode, func(sim *game.Sim) {
		s.send(false)
		s.m.now, s.m.sim, s.m.tick, s.m.running = s.now, sim, sim.Now().Tick, true
		for _, c := range s.m.clients {
			c.refill(s.now)
			c.seat.inputs.take(s.m.fields)
		}
		s.m.frames.advance(sim, sim.Now())
		s.m.write()
		s.m.report(0)
	})
	if err != nil {
		tb.Fatal(err)
	}
	s.sound(tb)
}

func (s *steady) sound(tb testing.TB) {
	if s.m.why != "" || len(s.m.clients) != len(s.bots) {
		tb.Fatalf("the match ended (%s) or lost clients: %d of %d", s.m.why, len(s.m.clients), len(s.bots))
	}
}

// BenchmarkTick is one beat of a full match in steady state: decode every
// seat's input, step, freeze, diff, encode, record, and hand every client its
// frame. Thinking up the inputs is part of it too, where the bots are cheap.
func BenchmarkTick(b *testing.B) {
	for _, mode := range benchModes(b) {
		b.Run(mode.Name, func(b *testing.B) {
			s := newSteady(b, mode, mode.Seats)
			for range 300 {
				s.beat(true)
			}
			b.ReportAllocs()
			before := s.m.tick
			for b.Loop() {
				s.beat(true)
			}
			s.sound(b)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(s.m.tick-before)/float64(mode.Seats), "µs/client")
		})
	}
}

func benchModes(tb testing.TB) []*game.Mode {
	m := dotsMode(func() game.Rules { return &dots{} })
	m.Seats = 16
	full := arena.NewMode(arena.Options{Name: "arena-16", Seats: 16, Hz: 30, RoundSeconds: 100_000})
	return []*game.Mode{mustMode(tb, m), mustMode(tb, full)}
}

// BenchmarkPayload prints what an update weighs, head, body and events, on a
// recorded trace that is replayed to one client and to all: four minutes of a
// full arena-ffa. The weight must not grow with their number.
func BenchmarkPayload(b *testing.B) {
	mode := mustMode(b, arena.Modes()[0])
	trace := mustTrace(b, mode)
	for _, clients := range []int{1, mode.Seats} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			for b.Loop() {
				s := newSteady(b, mode, clients)
				meter := &payload{}
				s.m.host.cfg.Meter = meter
				s.show(b, trace)
				if meter.frames != clients*int(trace.End) {
					b.Fatalf("%d frames of %d ticks for %d", meter.frames, trace.End, clients)
				}
				b.ReportMetric(float64(meter.bytes)/float64(meter.frames), "B/update")
			}
		})
	}
}

// mustTrace records a match of a full mode's bots from seed 1. It does so anew
// for each benchmark run, and comes to the same match each time, as rules do;
// as a file it would be half a megabyte.
func mustTrace(tb testing.TB, mode *game.Mode) *Record {
	tb.Helper()
	s := newSteady(tb, mode, mode.Seats)
	for range 4 * 60 * mode.Hz {
		s.beat(true)
	}
	s.sound(tb)
	return s.m.finish()
}

// payload is a Meter that weighs frames.
type payload struct {
	frames, bytes int
}

func (p *payload) Tick(string, time.Duration, time.Duration) {}
func (p *payload) Matches(int)                               {}
func (p *payload) Ended(string, string)                      {}
func (p *payload) Traffic(t Traffic) {
	p.frames, p.bytes = p.frames+t.Frames, p.bytes+t.Bytes
}

// TestSteadyTickAllocatesNothing holds the beat to its promise.
func TestSteadyTickAllocatesNothing(t *testing.T) {
	for _, mode := range benchModes(t) {
		s := newSteady(t, mode, mode.Seats)
		for range 600 {
			s.beat(true)
		}
		// The record grows and events come in bursts: over many ticks, that is
		// less than one allocation in a hundred.
		if n := testing.AllocsPerRun(500, func() { s.beat(true) }); n > 0 && !raceEnabled { // sync.Pool drops at random under it
			t.Errorf("%s: %v allocations a tick, want none", mode.Name, n)
		}
		s.sound(t)
	}
}

// TestWhoStandsOnAStepSharesItsBodies: of sixteen clients on all four steps, a
// tick makes a body for each step at the most, and none twice.
func TestWhoStandsOnAStepSharesItsBodies(t *testing.T) {
	mode := benchModes(t)[0]
	s := newSteady(t, mode, mode.Seats)
	for range 60 {
		s.beat(true)
	}
	for i, c := range s.m.clients {
		c.ladder.step, c.ladder.patience = Step(i%Steps), 1<<30
		c.ladder.calm = s.m.tick
	}
	for range 30 {
		s.beat(true) // until all have come to the bases of their steps
	}
	meter := &payload{}
	s.m.host.cfg.Meter = meter
	for range 30 * 10 {
		before, at := s.m.frames.encoded, meter.frames
		s.beat(true)
		want, frames := 1, 4
		for _, stride := range []game.Tick{2, 3, 15} {
			if s.m.tick%stride == 0 {
				want, frames = want+1, frames+4
			}
		}
		if made, wrote := s.m.frames.encoded-before, meter.frames-at; made != want || wrote != frames {
			t.Fatalf("tick %d: %d bodies for %d frames, want %d for %d", s.m.tick, made, wrote, want, frames)
		}
	}
	s.sound(t)
}
