package arena

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// A tally counts what happens in a match, by which its fun is judged.
type tally struct {
	ticks                   int
	kills, railKills        int
	bolts, boltHits         int
	rails, railHits         int
	pickups, dashes         int
	lives, lived            int // ended lives and their ticks
	alive, moving, fighting int // player-ticks: alive, in motion, near enough to fight
	fights, fightTicks      int // first hit to death
	entered, hurtAt         map[int32]game.Tick
	lastX, lastY            [game.MaxSeats]int32
	seenShot                map[int]uint16
	visited                 map[int32]int
	damage                  int32
}

func newTally() *tally {
	return &tally{entered: map[int32]game.Tick{}, hurtAt: map[int32]game.Tick{}, seenShot: map[int]uint16{}, visited: map[int32]int{}}
}

func (c *tally) see(s *game.Snapshot) {
	c.ticks++
	for _, e := range s.Events {
		switch e.Kind {
		case EventHit:
			c.damage += e.Args[2]
			if _, ok := c.hurtAt[e.Args[1]]; !ok {
				c.hurtAt[e.Args[1]] = s.Tick
			}
			if e.Args[2] == RailDamage {
				c.railHits++
			} else {
				c.boltHits++
			}
		case EventKill:
			c.kills++
			if e.Args[2] == WeaponRail {
				c.railKills++
			}
			c.lives++
			c.lived += int(s.Tick - c.entered[e.Args[1]])
			c.fights++
			c.fightTicks += int(s.Tick - c.hurtAt[e.Args[1]])
			delete(c.hurtAt, e.Args[1])
		case EventRail:
			c.rails++
		case EventPickup:
			c.pickups++
		case EventDash:
			c.dashes++
		case EventSpawn:
			c.entered[e.Args[0]] = s.Tick
		}
	}
	for i := s.Next(Shots, -1); i >= 0; i = s.Next(Shots, i) {
		if g := s.Gen(Shots, i); c.seenShot[i] != g {
			c.seenShot[i] = g
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
			c.visited[y[i]>>7*1000+x[i]>>7]++
		}
		c.lastX[i], c.lastY[i] = x[i], y[i]
	}
}

func (c *tally) report(tb testing.TB, seats, hz int) {
	minutes := float64(c.ticks) / float64(hz) / 60
	tb.Logf("%d players, %.1f min: %.1f frags/min each, %.0f%% by rail; life %.1f s; first hit to death %.2f s",
		seats, minutes, float64(c.kills)/minutes/float64(seats), 100*float64(c.railKills)/float64(max(1, c.kills)),
		float64(c.lived)/float64(max(1, c.lives))/float64(hz), float64(c.fightTicks)/float64(max(1, c.fights))/float64(hz))
	tb.Logf("blaster %.0f/min each, %.0f%% hit; rail %.1f/min each, %.0f%% hit; pickups %.1f, dashes %.1f /min each; moving %.0f%% of alive; %d cells seen",
		float64(c.bolts)/minutes/float64(seats), 100*float64(c.boltHits)/float64(max(1, c.bolts)),
		float64(c.rails)/minutes/float64(seats), 100*float64(c.railHits)/float64(max(1, c.rails)),
		float64(c.pickups)/minutes/float64(seats), float64(c.dashes)/minutes/float64(seats),
		100*float64(c.moving)/float64(max(1, c.alive)), len(c.visited))
}

// TestBotsFight lets bots play rounds and wants a fight worth watching.
func TestBotsFight(t *testing.T) {
	for _, c := range []struct {
		opt Options
		hz  int
	}{
		{Options{Seats: 16}, 30}, {Options{Seats: 8}, 30}, {Options{Seats: 2, Map: "pit"}, 30},
		{Options{Seats: 16, Hz: 60}, 60}, {Options{Seats: 16, Hz: 20}, 20},
	} {
		p, n := newParty(t, c.opt, 7), newTally()
		for range 120 * c.hz {
			n.see(p.step())
		}
		t.Logf("%+v", c.opt)
		n.report(t, c.opt.Seats, c.hz)
	}
}
