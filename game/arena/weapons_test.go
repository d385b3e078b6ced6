package arena

import (
	"testing"

	"github.com/musterhq/muster/game"
)

const duelLane = `
############
#.S....S...#
#..........#
#.........h#
############
`

func TestBlasterKillsInAboutASecond(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2})
	c.press(0, 0, 0, ButtonFire)
	shots := c.own(OwnAmmo, 0)
	took := c.until(60, func() bool { return c.col(PlayerHP, 1) == 0 })
	if took < 24 || took > 45 {
		t.Errorf("a blaster kills in %d ticks, want 0.8 to 1.5 s", took)
	}
	if used := shots - c.own(OwnAmmo, 0); used < 5 || used > 7 {
		t.Errorf("used %d bolts", used)
	}
	if c.col(PlayerFrags, 0) != 1 || c.col(PlayerDeaths, 1) != 1 {
		t.Error("the kill was not scored")
	}
}

func TestRailKillsWithTwo(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2})
	c.press(0, 0, 0, ButtonRail)
	c.run(1)
	if hp := c.col(PlayerHP, 1); hp != FullHealth-RailDamage {
		t.Fatalf("hp %d after one rail shot", hp)
	}
	if took := c.until(90, func() bool { return c.col(PlayerHP, 1) == 0 }); took != 60 {
		t.Errorf("the second came after %d ticks, want 2 s", took)
	}
}

func TestDeathReturnAndProtection(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2})
	c.press(0, 0, 0, ButtonFire|ButtonRail)
	c.until(90, func() bool { return c.col(PlayerHP, 1) == 0 })
	c.press(0, 0, 0, 0)
	c.press(1, 9, 0, ButtonFire)
	grave := c.at(1)
	if c.run(20); c.at(1) != grave || c.own(OwnAmmo, 1) != 0 {
		t.Error("the dead move or shoot")
	}
	c.press(1, 0, 0, 0)
	if took := c.until(60, func() bool { return c.col(PlayerHP, 1) > 0 }); took+20 != 45 {
		t.Errorf("back after %d ticks, want 1.5 s", took+20)
	}
	now := int32(c.Now().Tick)
	if c.col(PlayerUntil, 1) != now+45 || c.own(OwnAmmo, 1) != StartAmmo {
		t.Error("comes back without protection or ammo")
	}
	c.press(0, 0, c.aimAt(0, c.at(1)), ButtonRail|ButtonFire)
	if c.run(30); c.col(PlayerHP, 1) != FullHealth {
		t.Error("protection does not protect")
	}
	c.press(1, 0, 128, ButtonFire)
	if c.run(1); c.col(PlayerUntil, 1) > int32(c.Now().Tick) {
		t.Error("who attacks keeps its protection")
	}
}

func TestTwoCanKillEachOther(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2})
	c.press(0, 0, 0, ButtonRail)
	c.press(1, 0, 128, ButtonRail)
	c.run(61)
	if c.col(PlayerHP, 0) != 0 || c.col(PlayerHP, 1) != 0 || c.col(PlayerFrags, 0) != 1 || c.col(PlayerFrags, 1) != 1 {
		t.Error("of two who shoot in one tick only one dies")
	}
}

func TestWallsStopShots(t *testing.T) {
	c := newScene(t, `
############
#.S..#.S...#
#..........#
#.........h#
############
`, Options{Seats: 2})
	c.press(0, 0, 0, ButtonRail|ButtonFire)
	for range 90 {
		for _, e := range c.Step(c.inputs).Events {
			if e.Kind == EventRail && e.Args[3] != (5*Cell-c.at(0).X)<<8 {
				t.Errorf("the beam ends after %d", e.Args[3]>>8)
			}
		}
	}
	if c.col(PlayerHP, 1) != FullHealth {
		t.Error("shot through a wall")
	}
}

func TestRailGoesThroughPlayers(t *testing.T) {
	c := newScene(t, `
############
#.S..S..S..#
#.........h#
############
`, Options{Seats: 3})
	c.press(0, 0, 0, ButtonRail)
	c.run(1)
	if c.col(PlayerHP, 1) == FullHealth || c.col(PlayerHP, 2) == FullHealth {
		t.Error("the rail stops at the first")
	}
}

// TestRailHitsWhatItsShooterSaw lets one run across another's sight. Aimed at
// where the runner was some time ago the rail hits if its lag says so, and
// misses otherwise, for whole ticks of lag and for parts.
func TestRailHitsWhatItsShooterSaw(t *testing.T) {
	c := newScene(t, `
####################
#..............S...#
#..................#
#..................#
#..................#
#..................#
#.S................#
#..................#
#..................#
#..................#
#..................#
#.................h#
####################
`, Options{Seats: 2})
	c.inputs[0], c.inputs[1] = c.inputs[1], c.inputs[0] // spawns are in reading order: seat 0 is the runner
	c.inputs[0].Seat, c.inputs[1].Seat = 0, 1
	c.press(0, 5, 0, 0)
	c.run(20)
	mode, state := c.Mode(), c.Save(nil)
	shoot := func(seen Point, lag int32) int32 {
		sim, err := game.LoadSim(mode, state)
		if err != nil {
			t.Fatal(err)
		}
		c.Sim = sim
		c.press(1, 0, c.aimAt(1, seen), ButtonRail)
		c.inputs[1].Lag = lag
		c.run(1)
		return FullHealth - c.col(PlayerHP, 0)
	}
	for lag := int32(0); lag <= int32(8*mode.Lag); lag++ {
		now := c.Now().Tick + 1
		if lag > 0 { // c.Sim was stepped
			now--
		}
		seen := seenAt(c, now, lag)
		if shoot(seen, lag) != RailDamage {
			t.Errorf("lag %d eighths: misses what was seen at %v", lag, seen)
		}
		if hit := shoot(seen, 0) != 0; lag >= 24 && hit || lag < 8 && !hit {
			t.Errorf("aimed %d eighths of a tick late without lag: hit %v", lag, hit)
		}
	}
}

// seenAt is where the runner was shown so many eighths before a tick.
func seenAt(c *scene, now game.Tick, lag int32) Point {
	x := func(t game.Tick) int32 {
		if s := c.At(t); s != nil {
			return s.Col(Players, PlayerY)[0]
		}
		return c.Now().Col(Players, PlayerY)[0] + 34 // runs steadily
	}
	after, before := x(now-game.Tick(lag>>3)), x(now-game.Tick(lag>>3)-1)
	return Point{c.col(PlayerX, 0), after + (before-after)*(lag&7)/8}
}

// TestRailLeavesFormerLivesAlone rewinds past a return from death.
func TestRailLeavesFormerLivesAlone(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2})
	c.press(1, 5, 0, 0)
	c.run(12)
	c.press(1, 0, 0, 0)
	c.run(12)
	grave := c.at(1)
	c.press(0, 0, c.aimAt(0, grave), ButtonRail)
	c.until(90, func() bool { return c.col(PlayerHP, 1) == 0 })
	c.press(0, 0, 0, 0)
	c.until(60, func() bool { return c.col(PlayerHP, 1) > 0 })
	c.press(1, 0, 0, ButtonFire) // gives up its protection
	c.run(1)
	c.press(0, 0, c.aimAt(0, grave), ButtonRail)
	c.inputs[0].Lag = 48
	if at := c.at(1); at == grave {
		t.Fatal("came back to its grave")
	}
	if c.run(1); c.col(PlayerHP, 1) != FullHealth || c.own(OwnRail, 0) < int32(c.Now().Tick) {
		t.Error("hit in a life that is over")
	}
}

// TestLagBringsBoltsForward compares a laggy player's bolt with a prompt one's.
func TestLagBringsBoltsForward(t *testing.T) {
	for _, v := range []struct{ lag, head int32 }{{0, 0}, {15, 0}, {16, 1}, {40, 2}, {48, 3}, {1 << 20, 3}} {
		c := newScene(t, duelLane, Options{Seats: 2})
		c.press(0, 0, 10, ButtonFire)
		c.inputs[0].Lag = v.lag
		c.run(1)
		if born := c.Now().Col(Shots, ShotBorn)[0]; int32(c.Now().Tick)-born != v.head {
			t.Errorf("lag %d: born at %d in tick %d", v.lag, born, c.Now().Tick)
		}
	}
}
