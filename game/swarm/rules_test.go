package swarm

import (
	"reflect"
	"testing"

	"github.com/musterhq/muster/game"
)

func TestWhoEatsWhom(t *testing.T) {
	for _, v := range []struct {
		name        string
		mass, other int32
		apart       int32
		eaten       bool
	}{
		{"a quarter more", 1250, 1000, 50, true},
		{"not quite a quarter", 1249, 1000, 50, false},
		{"covered but for a third", 4000, 400, 225, true}, // 252 - 80/3
		{"only touched", 4000, 400, 227, false},
		{"equal", 1000, 1000, 0, false},
	} {
		c := newScene(t, blob{0, middle, middle, v.mass}, blob{1, middle + v.apart, middle, v.other})
		c.run(1)
		if c.live(Parts) == v.eaten || !c.live(0) {
			t.Errorf("%s: %d eats %d at %d: %v", v.name, v.mass, v.other, v.apart, !c.live(Parts))
		}
		if v.eaten && c.mass(0) != v.mass+v.other {
			t.Errorf("%s: %d after eating %d with %d", v.name, c.mass(0), v.other, v.mass)
		}
	}
}

func TestTheEatenComeBack(t *testing.T) {
	c := newScene(t, blob{0, middle, middle, 5000}, blob{1, middle + 150, middle, 300})
	c.press(0, 192, FullThrottle, 0) // not to be where it comes back
	c.run(1)
	if c.parts(1) != 0 || c.own(OwnKiller, 1) != 1 || c.own(OwnBack, 1) != 1+2*20 {
		t.Fatalf("blobs %d, killer %d, back at %d", c.parts(1), c.own(OwnKiller, 1), c.own(OwnBack, 1))
	}
	if back := c.until(60, func() bool { return c.parts(1) > 0 }); back != 40 || c.total(1) != StartMass || c.own(OwnKiller, 1) != 0 {
		t.Errorf("back after %d ticks with %d", back, c.total(1))
	}
	x, y := c.Now().Eye(1)
	if c.col(BlobX, Parts) != x || c.col(BlobY, Parts) != y {
		t.Error("its eye is elsewhere")
	}
}

func TestNewcomersAreSpared(t *testing.T) {
	r := &staging{blobs: []blob{{0, middle, middle, 5000}, {1, middle + 100, middle, 300}}}
	c := newScenery(t, r)
	r.lay = func(s *stage) { s.shield[1] = 10 }
	c.run(9)
	if !c.live(Parts) {
		t.Fatal("eaten in its shield")
	}
	if c.run(1); c.live(Parts) {
		t.Error("spared after its shield")
	}
}

func TestLeadersFall(t *testing.T) {
	c := newScene(t, blob{0, middle, middle, 5000}, blob{1, middle + 900, middle, 400})
	c.run(40) // they are ranked
	if c.own(OwnRank, 0) != 1 || c.own(OwnRank, 1) != 2 {
		t.Fatalf("ranks %d, %d", c.own(OwnRank, 0), c.own(OwnRank, 1))
	}
	board := c.Now()
	if n := board.Count(Leaders); n != 2 || board.Col(Leaders, LeaderSeat)[0] != 0 || board.Col(Leaders, LeaderMass)[1] != c.total(1) {
		t.Errorf("%d on the board: %v %v", n, board.Col(Leaders, LeaderSeat)[:2], board.Col(Leaders, LeaderMass)[:2])
	}
	c.press(0, 0, FullThrottle, 0)
	c.until(100, func() bool { return c.parts(1) == 0 })
	if e := c.Now().Events; len(e) != 1 || e[0].Kind != EventFell || e[0].Args[0] != 0 || e[0].Args[1] != 1 {
		t.Errorf("events %v", e)
	}
}

func TestSplitAndMerge(t *testing.T) {
	c := newScene(t, blob{0, middle, middle, 440})
	c.press(0, 0, 0, ButtonSplit)
	if c.run(2); c.parts(0) != 1 {
		t.Fatal("too small a blob was split")
	}
	c = newScene(t, blob{0, middle, middle, 450})
	c.press(0, 0, 0, ButtonSplit)
	c.run(20) // the button is held: it splits once
	if c.parts(0) != 2 || c.total(0) != 450 || c.mass(0) != 225 || c.mass(1) != 225 {
		t.Fatalf("%d blobs of %d in all", c.parts(0), c.total(0))
	}
	if ahead := c.col(BlobX, 1) - c.col(BlobX, 0); ahead < 200 || c.col(BlobY, 1) != c.col(BlobY, 0) {
		t.Errorf("shot %d ahead", ahead)
	}
	ticks := 20 + c.until(500, func() bool { return c.parts(0) == 1 })
	if ticks < 12*20 || ticks > 16*20 || c.total(0) != 450 {
		t.Errorf("one again after %d ticks, of %d", ticks, c.total(0))
	}
}

// TestPartsOfOneKeepApart splits as often as can be and wants parts that do not
// lie upon each other until they may merge.
func TestPartsOfOneKeepApart(t *testing.T) {
	c := newScene(t, blob{0, middle, middle, 4000})
	for range 3 {
		c.press(0, 32, FullThrottle/2, ButtonSplit)
		c.run(1)
		c.press(0, 32, FullThrottle/2, 0)
		c.run(1)
	}
	if c.parts(0) != Parts {
		t.Fatalf("%d blobs", c.parts(0))
	}
	c.run(100)
	for a := range Parts {
		for b := range a {
			dx, dy := c.col(BlobX, a)-c.col(BlobX, b), c.col(BlobY, a)-c.col(BlobY, b)
			far, near := game.Root(dx*dx+dy*dy), c.col(BlobR, a)+c.col(BlobR, b)
			if far < near*2/3 || far > near*3 {
				t.Errorf("blobs %d and %d are %d apart, their radii %d", a, b, far, near)
			}
		}
	}
}

func TestSpeedFallsWithMass(t *testing.T) {
	before := int32(1 << 30)
	for _, v := range []struct{ mass, want int32 }{{225, 30}, {900, 25}, {3600, 19}, {14400, 12}} {
		c := newScene(t, blob{0, middle, middle, v.mass})
		c.press(0, 0, FullThrottle, 0)
		c.run(1)
		moved := c.col(BlobX, 0) - middle
		c.press(0, 64, FullThrottle/2, 0)
		c.run(1)
		if half := c.col(BlobY, 0) - middle; half != moved/2 {
			t.Errorf("mass %d: %d at half throttle", v.mass, half)
		}
		if moved != v.want || moved >= before {
			t.Errorf("mass %d moves %d, want %d", v.mass, moved, v.want)
		}
		before = moved
	}
}

func TestBoostCostsMass(t *testing.T) {
	c := newScene(t, blob{0, middle, middle, 225})
	c.press(0, 0, FullThrottle, ButtonBoost)
	c.run(1)
	if moved := c.col(BlobX, 0) - middle; moved != 52 || c.mass(0) != 224 {
		t.Errorf("moved %d, mass %d", moved, c.mass(0))
	}
	c.run(200)
	if c.mass(0) != BoostLeast || c.col(BlobR, 0) != Radius(BoostLeast) {
		t.Errorf("boosted down to %d", c.mass(0))
	}
	c = newScene(t, blob{0, middle, middle, 225})
	c.press(0, 0, 0, ButtonBoost)
	if c.run(20); c.mass(0) != 225 {
		t.Error("who stands pays for a boost")
	}
}

func TestSpikesBurstTheLarge(t *testing.T) {
	r := &staging{blobs: []blob{{0, middle, middle, 4000}, {1, middle + 3000, middle, 4000}}, spike: [2]int32{middle + 50, middle}}
	c := newScenery(t, r)
	c.run(1)
	if c.parts(0) != Parts || c.total(0) != 4000+SpikeMass || c.Now().Live(Spikes, 0) && c.Now().Col(Spikes, FoodX)[0] == middle+50 {
		t.Errorf("%d blobs of %d in all; the spike is there: %v", c.parts(0), c.total(0), c.Now().Live(Spikes, 0))
	}
	if c.parts(1) != 1 {
		t.Error("who was elsewhere burst")
	}
	c = newScenery(t, &staging{blobs: []blob{{0, middle, middle, 999}}, spike: [2]int32{middle, middle}})
	if c.run(20); c.parts(0) != 1 {
		t.Error("a small blob burst")
	}
}

func TestTheLargeWither(t *testing.T) {
	lost := func(mass int32) int32 {
		c := newScene(t, blob{0, middle, middle, mass})
		c.run(200)
		return mass - c.mass(0)
	}
	if lost(StartMass) != 0 {
		t.Error("the smallest wither")
	}
	if small, large := lost(1000)*1000/1000, lost(16000)*1000/16000; small < 40 || large < 3*small {
		t.Errorf("in 10 s 1000 loses %d permille, 16000 %d", small, large)
	}
}

// TestPelletsComeBack has a crowd graze and wants no fewer pellets for it.
func TestPelletsComeBack(t *testing.T) {
	p := newParty(t, Options{Seats: 40}, 3)
	full := p.Now().Count(Pellets)
	moved := 0
	for range 600 {
		before := p.Now()
		now := p.Play()
		for i := now.Next(Pellets, -1); i >= 0; i = now.Next(Pellets, i) {
			if now.Gen(Pellets, i) != before.Gen(Pellets, i) {
				moved++
			}
		}
	}
	if n := p.Now().Count(Pellets); n < full/3 || moved < 2*full {
		t.Errorf("%d pellets of %d, %d were eaten and came back", n, full, moved)
	}
}

// TestZoneBreathes has many come and go, and wants a zone that has room for
// them, with everything in it.
func TestZoneBreathes(t *testing.T) {
	m := mustMode(t, Options{Seats: 120})
	sim := game.NewSim(m, 1)
	side := func() int32 { return sim.Now().Col(Zone, ZoneSide)[0] }
	if side() != leastSide {
		t.Errorf("it begins %d wide", side())
	}
	var inputs []game.Input
	for i := range m.Seats {
		sim.Join(game.Seat(i))
		inputs = append(inputs, game.Input{Seat: game.Seat(i)})
	}
	sim.Step(inputs)
	if area := int64(side()) * int64(side()); area < 120*perPlayer || area > 120*perPlayer+leastSide*slackSide*4 {
		t.Errorf("%d wide for 120", side())
	}
	for i := 10; i < m.Seats; i++ {
		sim.Leave(game.Seat(i))
	}
	for range 1200 {
		before := side()
		sim.Step(inputs[:10])
		if by := before - side(); by != 0 && by != 2*wallStep {
			t.Fatalf("the walls came closer by %d", by)
		}
		if sim.Now().Tick%20 == 0 {
			checkWorld(t, sim.Now(), m)
		}
	}
	if side() < leastSide || side() > leastSide+slackSide {
		t.Errorf("%d wide for 10", side())
	}
	if n, want := sim.Now().Count(Pellets), int(int64(side())*int64(side())*mostPellets/(World*World)); n < want-1 {
		t.Errorf("%d pellets, want %d or more", n, want)
	}
}

func TestRoundEnds(t *testing.T) {
	p := newParty(t, Options{Seats: 12, RoundSeconds: 20}, 9)
	p.Leave(11)
	for range 399 {
		p.Play()
		if _, over := p.Result(); over {
			t.Fatalf("over at tick %d", p.Now().Tick)
		}
	}
	p.Play()
	result, over := p.Result()
	if !over || len(result) != 11 {
		t.Fatalf("not over after 20 s: %v", result)
	}
	for i, place := range result {
		best := p.Now().Col(Players, PlayerBest)[place.Seat]
		if place.Score != best || best < sumOf(p.Now(), int(place.Seat)) {
			t.Errorf("seat %d: score %d, best %d, now %d", place.Seat, place.Score, best, sumOf(p.Now(), int(place.Seat)))
		}
		if i > 0 && result[i-1].Score < place.Score {
			t.Errorf("ranks: %v", result)
		}
	}
	before := p.Now().Hash(game.Whole)
	if p.Play(); p.Now().Hash(game.Whole) != before {
		t.Error("something happens after the end")
	}
}

// TestWhoLeavesCounts wants the result to name those who left.
func TestWhoLeavesCounts(t *testing.T) {
	c := newScene(t, blob{0, middle, middle, 5000}, blob{1, middle + 900, middle, 400})
	c.run(40)
	first, second := c.total(0), c.total(1)
	c.Leave(0)
	c.Step(c.inputs[1:])
	if c.parts(0) != 0 || c.own(OwnRank, 0) != 0 {
		t.Error("somebody who left is still there")
	}
	for c.Now().Tick < 30*20 {
		c.Step(c.inputs[1:])
	}
	result, _ := c.Result()
	if want := (game.Result{{Seat: 0, Rank: 1, Score: first}, {Seat: 1, Rank: 2, Score: second}}); !reflect.DeepEqual(result, want) {
		t.Errorf("got %v, want %v", result, want)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	p := newParty(t, Options{Seats: 300}, 1)
	for range 60 {
		p.Play()
	}
	if n := testing.AllocsPerRun(60, func() { p.Play() }); n > 0.1 {
		t.Errorf("%.2f allocations in a step with 300 bots", n)
	}
}
