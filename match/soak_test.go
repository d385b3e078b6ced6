package match

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
)

// A rover plays a seat of the arena by the protocol, over a line that has
// every kind of trouble, and writes down all that it is told.
type rover struct {
	n    *node
	i    int
	rng  *rand.Rand
	bot  game.Bot
	way  time.Duration // from its hands to the server
	peer *peer
	seq  uint8
	came time.Time // the newest frame

	calls   []*call
	trouble [4]int
	wire    func(*peer, []byte) // looks at each frame as it came; may be nil
}

// A call is what a rover was told on one connection.
type call struct {
	from    game.Tick // events up to here were told before
	resumed bool
	frames  []seen
	events  []protocol.TickEvent
}

// seen is one frame as it left the rover.
type seen struct {
	tick   game.Tick
	team   game.TeamID
	hash   uint32 // of all it sees
	own    uint32
	gap    bool
	events int // told up to here on this call
}

func newRover(n *node, i int, seed uint64, mode *game.Mode) *rover {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	return &rover{n: n, i: i, rng: rng, bot: mode.Bot(game.Seat(i), seed), way: time.Duration(rng.IntN(200)) * time.Millisecond}
}

// connect joins, or comes back, and listens.
func (r *rover) connect(join protocol.Join) {
	c := &call{from: join.LastTick, resumed: join.Pass == ""}
	r.calls = append(r.calls, c)
	r.peer = r.n.connect(r.i, join, func(p *peer) {
		p.ackEvery = 400 * time.Millisecond
		p.watch = func() { r.listen(p, c) }
		if r.wire != nil {
			p.wire = func(b []byte) { r.wire(p, b) }
		}
	})
}

func (r *rover) listen(p *peer, c *call) {
	if len(c.frames) == 0 && !c.resumed {
		c.from = p.joined.Tick
	}
	now := p.mirror.Now()
	c.events = append(c.events, p.mirror.Events()...)
	c.frames = append(c.frames, seen{now.Tick, p.joined.Team, now.Hash(game.Whole), ownHash(now, game.Seat(r.i)), p.lastHead.Kind&protocol.Gap != 0, len(c.events)})
	p.events = p.events[:0]
	r.came = time.Now()
}

func ownHash(s *game.Snapshot, seat game.Seat) (h uint32) {
	for c := range s.Layout().OwnColumns() {
		h = h*31 + uint32(s.Own(arena.Own, c, seat))
	}
	return h
}

// resume comes back on a new connection, as far as the old one came.
func (r *rover) resume() {
	join := protocol.Join{Match: "m1", Epoch: epoch}
	r.peer.see(func() { join.LastTick = r.peer.mirror.Now().Tick })
	r.connect(join)
}

// play lives until the match is over; trouble ends some time before.
func (r *rover) play(over, calm <-chan struct{}) {
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
			select {
			case <-calm:
			default:
				r.suffer()
			}
			r.act()
		}
	}
}

// act sends one input.
func (r *rover) act() {
	p := r.peer
	var msg []byte
	p.see(func() {
		if p.frames == 0 || p.code != 0 {
			return
		}
		in := game.Input{Seat: game.Seat(r.i)}
		r.bot.Think(p.mirror.Now(), &in)
		r.seq = (r.seq + 1) & 127
		hold := min(127, time.Since(r.came)*8*30/time.Second)
		msg = protocol.AppendInput(nil, &protocol.Input{
			Seq: r.seq, Ack: uint8(p.mirror.Now().Tick & 127), Hold: uint8(hold), Lag: uint8(r.rng.IntN(40)), Values: in.Values,
		}, p.joined.Schema.Inputs)
	})
	if msg != nil {
		time.AfterFunc(r.way, func() { p.send(msg) })
	}
}

// suffer is, now and then, some trouble; who has seen nothing yet cannot come
// back.
func (r *rover) suffer() {
	seen := false
	r.peer.see(func() { seen = r.peer.frames > 0 })
	if r.rng.IntN(250) > 0 || !seen {
		return
	}
	while := time.Duration(r.rng.ExpFloat64() * float64(3*time.Second))
	kind := r.rng.IntN(len(r.trouble))
	r.trouble[kind]++
	p := r.peer
	switch kind {
	case 0: // the network is gone
		p.nc.Close()
		<-time.After(min(while, 25*time.Second))
		r.resume()
	case 1: // it comes back before the server has noticed
		r.resume()
		<-time.After(100 * time.Millisecond)
	case 2: // it says nothing, as a hidden page
		p.see(func() { p.mute = true })
		<-time.After(min(while, 9*time.Second))
		p.see(func() { p.mute = false })
	case 3: // it does not read
		p.gate <- struct{}{}
		<-time.After(min(while, 9*time.Second))
		<-p.gate
	}
	if p := r.peer; p.ended() {
		r.resume()
	}
}

func (p *peer) ended() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

// TestARoundOfTheArenaWithTrouble plays a whole round with sixteen clients,
// each of which is cut off, comes back, falls silent and stops reading again
// and again. Every frame that any of them was sent is then held against the
// record of the match, run again: the same state, its own columns included,
// and each event once.
func TestARoundOfTheArenaWithTrouble(t *testing.T) {
	const players = 16
	seconds, seeds := 300, []uint64{1, 2}
	if raceEnabled || testing.Short() {
		seconds, seeds = 60, []uint64{3}
	}
	for _, seed := range seeds {
		synctest.Test(t, func(t *testing.T) {
			mode := mustMode(t, arena.NewMode(arena.Options{Name: "arena", Seats: players, RoundSeconds: seconds}))
			mustSurviveTrouble(t, mode, seed, seconds, nil)
		})
	}
}

// mustSurviveTrouble plays a round of the mode with a rover on every seat, and
// holds what they were told against the record. It returns what the lobby was
// told.
func mustSurviveTrouble(t *testing.T, mode *game.Mode, seed uint64, seconds int, wire func(*peer, []byte)) protocol.Ended {
	n := mustNode(t, mode)
	passes := n.lease("m1", mode.Name, mode.Seats)
	over, calm := make(chan struct{}), make(chan struct{})
	var playing sync.WaitGroup
	rovers := make([]*rover, mode.Seats)
	for i := range rovers {
		rovers[i] = newRover(n, i, seed, mode)
		rovers[i].wire = wire
		rovers[i].connect(protocol.Join{Match: "m1", Pass: passes[i]})
	}
	play(time.Second)
	for _, r := range rovers {
		playing.Go(func() { r.play(over, calm) })
	}
	play(time.Duration(seconds-27) * time.Second)
	close(calm)
	play(30 * time.Second)
	close(over)
	playing.Wait()
	synctest.Wait()
	if got := n.outcomes(); !slices.Equal(got, []string{"finished"}) {
		t.Fatalf("seed %d: the lobby was told %v", seed, got)
	}
	n.accounted()
	w := witness(t, n.host.Records()[0], mode)
	var trouble [4]int
	calls, gaps := 0, 0
	for _, r := range rovers {
		for k := range trouble {
			trouble[k] += r.trouble[k]
		}
		calls += len(r.calls)
		gaps += r.check(t, w)
	}
	t.Logf("seed %d: %d connections; %v cut, replaced, silent, deaf; %d gaps told", seed, calls, trouble, gaps)
	return n.ended[0]
}

// truth is what a tick of the match was.
type truth struct {
	hash   [3]uint32 // by team
	own    [16]uint32
	events []game.Event
}

// witness runs the record again and writes down every tick.
func witness(t *testing.T, r *Record, mode *game.Mode) []truth {
	w := []truth{{}}
	_, err := r.replay(mode, func(s *game.Sim) {
		now := s.Now()
		tr := truth{events: slices.Clone(now.Events)}
		for team := range tr.hash {
			tr.hash[team] = now.Hash(game.View(team))
		}
		for seat := range mode.Seats {
			tr.own[seat] = ownHash(now, game.Seat(seat))
		}
		w = append(w, tr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// check holds what a rover was told against the truth and returns how many
// gaps it was told of.
func (r *rover) check(t *testing.T, w []truth) (gaps int) {
	t.Helper()
	r.peer.sound()
	for i, c := range r.calls {
		from, told := c.from, 0
		for _, f := range c.frames {
			if f.tick == 0 {
				continue // before the first step there is no record
			}
			if f.hash != w[f.tick].hash[f.team] || f.own != w[f.tick].own[r.i] {
				t.Fatalf("rover %d, connection %d, tick %d: another state than the server's", r.i, i, f.tick)
			}
			if f.gap {
				gaps++
				if f.tick-from <= eventRing {
					t.Fatalf("rover %d, connection %d: a gap between ticks %d and %d", r.i, i, from, f.tick)
				}
				from = f.tick - eventRing
			}
			var want []protocol.TickEvent
			for tick := from + 1; tick <= f.tick; tick++ {
				for _, e := range w[tick].events {
					want = append(want, protocol.TickEvent{Tick: tick, Event: e})
				}
			}
			if got := c.events[told:f.events]; !slices.Equal(got, want) {
				t.Fatalf("rover %d, connection %d: told of %d events in ticks %d to %d, want %d", r.i, i, len(got), from+1, f.tick, len(want))
			}
			from, told = f.tick, f.events
		}
	}
	last := r.calls[len(r.calls)-1].frames
	if len(last) == 0 || int(last[len(last)-1].tick) != len(w)-1 {
		t.Errorf("rover %d did not see the end", r.i)
	}
	return gaps
}
