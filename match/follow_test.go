package match

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// showings are all the ways in which those who watch are shown a match.
var showings = []game.Spectators{{}, {Delay: 100 * time.Millisecond}, {Delay: 2 * time.Second, Teams: true}, {Teams: true}}

// watchers lets n people watch, as the mode has it.
func (p *pasture) watchers(n int) []*animal {
	for range n {
		p.join(nil)
	}
	return p.animals[len(p.animals)-n:]
}

// wander has some look from another seat, or from the middle.
func (p *pasture) wander(r *rand.Rand, crowd []*animal) {
	for _, a := range crowd {
		if r.IntN(15) == 0 {
			a.follow(game.Seat(r.IntN(p.size.seats)))
		} else if r.IntN(60) == 0 {
			a.follow(game.NoSeat)
		}
	}
}

// TestFollowersSeeWhatTheirSeatDoes has a crowd follow one seat and another, at
// once and later, each at a pace of its own, and checks all that each was ever
// sent: no cell but those near that seat's eye, as they were in that tick, and
// nothing that is private or another team's.
func TestFollowersSeeWhatTheirSeatDoes(t *testing.T) {
	for name, size := range map[string]herdSize{
		"wide":  {seats: 5, roaming: 40, marks: 30, grass: 40, side: 1600, cell: 200, reach: 250, speed: 20},
		"fast":  {seats: 4, roaming: 30, marks: 20, grass: 10, side: 600, cell: 70, reach: 100, speed: 60},
		"poor":  {seats: 4, roaming: 60, marks: 30, grass: 60, side: 900, cell: 100, reach: 300, speed: 30, rate: 700},
		"swing": {seats: 4, roaming: 20, side: 400, cell: 40, reach: 200, swing: true},
	} {
		for _, size.watched = range showings {
			t.Run(fmt.Sprintf("%s %+v", name, size.watched), func(t *testing.T) {
				t.Parallel()
				r := seeded(t)
				p := newPasture(t, size, r.Uint64())
				crowd := p.watchers(6)
				for tick := range 150 {
					p.wander(r, crowd)
					for i, a := range crowd {
						if a.frames.now != nil && (!a.sentAny || tick%20 == 0 || r.IntN(1+2*i) == 0) {
							p.send(a)
						}
					}
					p.step()
				}
				for i, a := range crowd {
					if a.count < 5 || a.mirror.Now().Tick == 0 {
						t.Errorf("watcher %d was sent %d frames, tick %d last", i, a.count, a.mirror.Now().Tick)
					}
				}
			})
		}
	}
}

// TestFollowersAreSentTheRateAtMost, whether they follow one seat of a crowd or
// turn from one to another all the time.
func TestFollowersAreSentTheRateAtMost(t *testing.T) {
	const seconds, rate = 15, 1000
	for _, s := range showings {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			t.Parallel()
			r := seeded(t)
			p := newPasture(t, herdSize{seats: 5, roaming: 120, side: 600, cell: 100, reach: 250, speed: 20, rate: rate, watched: s}, r.Uint64())
			crowd := p.watchers(3)
			crowd[0].follow(2)
			for range seconds * p.m.mode.Hz {
				p.wander(r, crowd[1:])
				for _, a := range crowd {
					if a.frames.now != nil {
						p.send(a)
					}
				}
				p.step()
			}
			for i, a := range crowd {
				// 8 B are an event and what cells begin with; 2 a cell that it is told to forget when it turns away.
				if most := seconds*rate + credit*rate + a.most + 8*a.count + 2*a.drops; a.bytes > most || a.bytes < seconds*rate/4 {
					t.Errorf("watcher %d was sent %d B in %d s, want %d at most", i, a.bytes, seconds, most)
				}
			}
		})
	}
}

// TestACrowdThatFollowsCostsNoMoreEncoding: 200 who follow a seat have as many
// bodies and segments made as one, and a steady tick allocates nothing.
func TestACrowdThatFollowsCostsNoMoreEncoding(t *testing.T) {
	for _, s := range showings {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			size := grazing
			size.watched = s
			made := map[int]int{}
			for _, crowd := range []int{1, 200} {
				m := newSteady(t, mustMode(t, size.mode()), size.seats)
				m.fill(t, crowd)
				for _, c := range m.m.spectators {
					c.Message(c.conn, protocol.Append(nil, protocol.Follow{Seat: 1}))
				}
				for range 100 {
					m.beat(false)
				}
				before := m.encoded() + m.segments()
				for range 100 {
					m.beat(false)
				}
				made[crowd] = m.encoded() + m.segments() - before
				allocs := 1.0
				for i := 0; i < 50 && allocs > 0 && !raceEnabled; i++ { // buffers grow for a while
					allocs = testing.AllocsPerRun(20, func() { m.beat(false) })
				}
				if allocs > 0 && !raceEnabled {
					t.Errorf("%v allocations a tick with %d who follow", allocs, crowd)
				}
				m.sound(t)
				for _, c := range m.m.spectators {
					if c.sent != c.frames.tick() || len(c.window.held) == 0 {
						t.Errorf("who watches was sent tick %d last, of %d", c.sent, c.frames.tick())
					}
				}
			}
			if made[200] != made[1] {
				t.Errorf("bodies and segments made by how many follow: %v", made)
			}
		})
	}
}

// segments is how many were made for frames.
func (s *steady) segments() int {
	n := s.m.frames.interest.made
	if s.m.stands != nil {
		n += s.m.stands.frames.interest.made
	}
	return n
}

// followsSeat has each frame checked: the animal of the seat that is followed is
// shown as it is or was, once the plane is seen from there.
func (p *peer) followsSeat(n *node, seat int) (seen *int) {
	seen = new(int)
	p.watch = func() {
		now := p.mirror.Now()
		then := n.host.match("m1").sim.At(now.Tick)
		if then == nil {
			p.tb.Errorf("tick %d is shown in tick %d", now.Tick, n.host.match("m1").tick)
			return
		}
		for axis := range 2 {
			if now.Live(herdAnimals, seat) && now.Col(herdAnimals, axis)[seat] == then.Col(herdAnimals, axis)[seat] {
				*seen++
			}
		}
	}
	return seen
}

// TestASeatIsFollowed over the wire: at once and later, to another seat, across
// a lost connection, and back to the middle.
func TestASeatIsFollowed(t *testing.T) {
	for _, s := range []game.Spectators{{}, {Delay: time.Second}} {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				size := grazing
				size.watched = s
				n := mustNode(t, mustMode(t, size.mode()))
				n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "herd", 1)[0]})
				p := n.watch("m1", 5)
				play(joinWait + 3*time.Second)
				follow := func(seat game.Seat) (part float64) {
					t.Helper()
					p.send(protocol.Append(nil, protocol.Follow{Seat: seat}))
					play(time.Second)
					var seen *int
					first := 0
					p.see(func() { seen, first = p.followsSeat(n, seat.Index()), p.frames })
					play(3 * time.Second)
					p.see(func() { part = float64(*seen) / float64(2*(p.frames-first)) })
					p.sound()
					return part
				}
				for _, seat := range []game.Seat{0, 3, 1} {
					if part := follow(seat); part < 1 {
						t.Errorf("seat %d is followed, and its animal is shown as it was in %.2f of frames", seat, part)
					}
				}
				p.see(func() {
					if j := p.joined; j.Schema.Space == nil || j.Delay != game.Tick(20*s.Delay/time.Second) {
						t.Errorf("joined %+v", j)
					}
					p.watch = nil
				})
				p.nc.Close()
				last := p.now()
				p = n.connect(5, protocol.Join{Match: "m1", Pass: n.watchPass("m1", 5), Epoch: epoch, LastTick: last})
				play(time.Second)
				if part := follow(2); part < 1 {
					t.Errorf("after a lost connection the animal is shown in %.2f of frames", part)
				}
				p.see(func() { p.watch = nil })
				p.send(protocol.Append(nil, protocol.Follow{Seat: game.NoSeat}))
				play(3 * time.Second)
				p.see(func() {
					if held := p.mirror.Sight().Cell(game.CellID(5*10 + 5)); held == nil || p.mirror.Sight().Held() > 16 {
						t.Errorf("from the middle %d cells are held, that of the middle: %v", p.mirror.Sight().Held(), held != nil)
					}
				})
				p.sound()
			})
		})
	}
}

// TestWhoMayFollow: nobody who plays, no seat that there is not; and it says
// nothing in a match without a plane.
func TestWhoMayFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, watchedMode(t, 0, game.Spectators{}))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		far, fine := n.watch("m1", 5), n.watch("m1", 6)
		play(time.Second)
		b.send(protocol.Append(nil, protocol.Follow{Seat: 0}))
		far.send(protocol.Append(nil, protocol.Follow{Seat: 4}))
		fine.send(protocol.Append(nil, protocol.Follow{Seat: 3}))
		play(time.Second)
		for who, want := range map[*peer]uint16{a: 0, b: protocol.BadSequence.Code, far: protocol.BadMessage.Code, fine: 0} {
			if got := who.goodbye(); got != want {
				t.Errorf("told goodbye with %d, want %d", got, want)
			}
		}
		fine.sound()
		if fine.now() < 30 {
			t.Errorf("who follows was shown tick %d last", fine.now())
		}
	})
}
