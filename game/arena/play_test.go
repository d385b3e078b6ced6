package arena

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// A tally counts what happens in a match, by which its fun is judged.
type tally struct {
	ticks            int
	kills, railKills int
	bolts, boltHits  int
	rails, railHits  int
	pickups, dashes  int
	lived, fought    int // ticks of lives that ended, and of them since the first hit
	alive, moving    int // player-ticks
	entered, hurtAt  [game.MaxSeats]game.Tick
	lastX, lastY     [game.MaxSeats]int32
	shots            map[int]uint16
	visited          map[int32]bool // cells
}

func (c *tally) see(s *game.Snapshot) {
	c.ticks++
	for i := range s.Events {
		c.count(&s.Events[i], s.Tick)
	}
	for i := s.Next(Shots, -1); i >= 0; i = s.Next(Shots, i) {
		if g := s.Gen(Shots, i); c.shots[i] != g {
			c.shots[i] = g
			c.bolts++
		}
	}
	x, y, hp := s.Col(Players, PlayerX), s.Col(Players, PlayerY), s.Col(Players, PlayerHP)
	for i := s.Next(Players, -1); i >= 0; i = s.Next(Players, i) {
		if hp[i] > 0 {
			c.alive++
			if x[i] != c.lastX[i] || y[i] != c.lastY[i] {
				c.moving++
			}
			c.visited[y[i]>>7<<16+x[i]>>7] = true
		}
		c.lastX[i], c.lastY[i] = x[i], y[i]
	}
}

func (c *tally) count(e *game.Event, tick game.Tick) {
	by, on, what := e.Args[0], e.Args[1], e.Args[2]
	switch e.Kind {
	case EventHit:
		if c.hurtAt[on] == 0 {
			c.hurtAt[on] = tick
		}
		if what == RailDamage {
			c.railHits++
		} else {
			c.boltHits++
		}
	case EventKill:
		c.kills++
		if what == WeaponRail {
			c.railKills++
		}
		c.lived += int(tick - c.entered[on])
		c.fought += int(tick - c.hurtAt[on])
	case EventRail:
		c.rails++
	case EventPickup:
		c.pickups++
	case EventDash:
		c.dashes++
	case EventSpawn:
		c.entered[by], c.hurtAt[by] = tick, 0
	}
}

func (c *tally) report(tb testing.TB, seats, hz int) {
	rate := func(n int) float64 { return float64(n) * 60 * float64(hz) / float64(c.ticks*seats) }
	share := func(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }
	seconds := func(n int) float64 { return float64(n) / float64(max(1, c.kills)*hz) }
	tb.Logf("%d players at %d Hz, each a minute: %.1f frags, %.0f bolts, %.1f rail shots, %.1f pickups, %.1f dashes",
		seats, hz, rate(c.kills), rate(c.bolts), rate(c.rails), rate(c.pickups), rate(c.dashes))
	tb.Logf("    hits: blaster %.0f%%, rail %.0f%%; kills by rail %.0f%%; a life %.1f s, from its first hit %.1f s",
		share(c.boltHits, c.bolts), share(c.railHits, c.rails), share(c.railKills, c.kills),
		seconds(c.lived), seconds(c.fought))
	tb.Logf("    moving %.0f%% of the time alive; %d cells seen", share(c.moving, c.alive), len(c.visited))
}

// TestBotsFight lets bots play and wants a fight worth watching: quick, with
// both weapons, all over the map, and nobody standing about.
func TestBotsFight(t *testing.T) {
	for _, opt := range []Options{
		{Seats: 16}, {Seats: 8}, {Seats: 2, Map: "pit"}, {Seats: 8, Teams: 2, Map: "twin"}, {Seats: 16, Hz: 60}, {Seats: 16, Hz: 20}, {Seats: 40},
	} {
		p, n := newParty(t, opt, 7), &tally{shots: map[int]uint16{}, visited: map[int32]bool{}}
		hz := p.Mode().Hz
		for range 60 * hz {
			n.see(p.Play())
		}
		n.report(t, opt.Seats, hz)
		perSeat := 10 * n.kills / opt.Seats // tenths of a frag a minute
		if perSeat < 25 || perSeat > 150 || n.moving < n.alive*9/10 || n.railKills < n.kills/5 || n.railKills > n.kills*4/5 {
			t.Errorf("%+v: %d frags, %d by rail; moving %d of %d", opt, n.kills, n.railKills, n.moving, n.alive)
		}
	}
}

// TestBotsKnowWhatTheirClientKnows has each bot play from a snapshot that was
// put together as its client's is, and wants the same inputs.
func TestBotsKnowWhatTheirClientKnows(t *testing.T) {
	for _, opt := range []Options{{Seats: 6}, {Seats: 6, Teams: 2, Map: "twin"}} {
		botsKnowWhatTheirClientKnows(t, opt)
	}
}

func botsKnowWhatTheirClientKnows(t *testing.T, opt Options) {
	const seed = 3
	p := newParty(t, opt, seed)
	m := p.Mode()
	l := p.Now().Layout()
	inputs := make([]game.Input, opt.Seats)
	var twins []game.Bot
	var views [2][6]*game.Snapshot
	for i := range 6 {
		twins = append(twins, m.Bot(game.Seat(i), seed))
		views[0][i], views[1][i] = game.NewSnapshot(l), game.NewSnapshot(l)
	}
	var d game.Delta
	var own []int32
	var before *game.Snapshot
	for tick := range 1200 {
		now := p.Now()
		old, view := &views[tick&1], &views[1-tick&1]
		for i, twin := range twins {
			var mask uint64
			d.Diff(nil, before, now, game.View(p.Team(game.Seat(i))))
			if before == nil {
				view[i].Apply(&d, nil, nil)
			} else {
				view[i].Apply(&d, nil, old[i])
			}
			own, mask = game.DiffOwn(own[:0], before, now, game.Seat(i))
			view[i].ApplyOwn(mask, own, game.Seat(i))
			view[i].Tick = now.Tick
			got, want := game.Input{Seat: game.Seat(i)}, game.Input{Seat: game.Seat(i)}
			twin.Think(view[i], &got)
			if p.Bots[i].Think(now, &want); got != want {
				t.Fatalf("tick %d, seat %d: %v from the client's view, %v from the server's", tick, i, got.Values, want.Values)
			}
			inputs[i] = want
		}
		before = now
		p.Step(inputs)
	}
}
