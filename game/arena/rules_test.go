package arena

import (
	"reflect"
	"testing"

	"github.com/musterhq/muster/game"
)

func TestPickups(t *testing.T) {
	c := newScene(t, `
############
#.S........#
#......a...#
#.........h#
############
`, Options{Seats: 1})
	back := func(slot int) int32 { return c.Now().Col(Pickups, PickupBack)[slot] }
	c.press(0, 1, 192, ButtonFire)
	c.until(200, func() bool { return c.own(OwnAmmo, 0) < 30 })
	c.press(0, 0, 0, 0)
	c.run(10)
	ammo := c.own(OwnAmmo, 0)
	box, pack := Point{7*Cell + 64, 2*Cell + 64}, Point{10*Cell + 64, 3*Cell + 64}
	c.until(200, func() bool { c.press(0, c.towards(box), 0, 0); return c.own(OwnAmmo, 0) > ammo })
	if got := c.own(OwnAmmo, 0); got != ammo+AmmoBox {
		t.Errorf("ammo %d after %d and a box", got, ammo)
	}
	if back(0) != int32(c.Now().Tick)+300 {
		t.Errorf("back at %d in tick %d, want 10 s", back(0), c.Now().Tick)
	}
	c.until(200, func() bool { c.press(0, c.towards(pack), 0, 0); return c.at(0).X > 10*Cell })
	if c.run(20); back(1) != 0 {
		t.Error("a healthy player took a health pack")
	}
}

// towards is the Move of seat 0 to a point.
func (c *scene) towards(p Point) int32 { return toMove(c.aimAt(0, p)) }

func TestRaiseTo(t *testing.T) {
	for _, v := range []struct {
		from, by, bound, want int32
		used                  bool
	}{{50, 35, 100, 85, true}, {90, 35, 100, 100, true}, {100, 35, 100, 100, false}, {120, 35, 100, 120, false}} {
		got := v.from
		if used := raiseTo(&got, v.by, v.bound); got != v.want || used != v.used {
			t.Errorf("%+v: got %d %v", v, got, used)
		}
	}
}

func TestRoundEnds(t *testing.T) {
	p := newParty(t, Options{Seats: 4, RoundSeconds: 20}, 9)
	for range 599 {
		p.Play()
		if _, over := p.Result(); over {
			t.Fatalf("over at tick %d", p.Now().Tick)
		}
	}
	p.Play()
	result, over := p.Result()
	if !over || len(result) != 4 {
		t.Fatalf("not over after 20 s: %v", result)
	}
	for i := 1; i < len(result); i++ {
		a, b := result[i-1], result[i]
		if a.Score < b.Score || (a.Score == b.Score) != (a.Rank == b.Rank) {
			t.Errorf("ranks: %v", result)
		}
	}
	before := p.Now().Hash(game.Whole)
	if p.Play(); p.Now().Hash(game.Whole) != before {
		t.Error("something happens after the end")
	}
}

func TestFragLimitEndsTheRound(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2, FragLimit: 1})
	c.press(0, 0, 0, ButtonRail|ButtonFire)
	c.until(90, func() bool { _, over := c.Result(); return over })
	result, _ := c.Result()
	if want := (game.Result{{Seat: 0, Rank: 1, Score: 1}, {Seat: 1, Rank: 2}}); !reflect.DeepEqual(result, want) {
		t.Errorf("got %v, want %v", result, want)
	}
}

func TestScoreOutlivesLeaving(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2, RoundSeconds: 10})
	c.press(0, 0, 0, ButtonRail|ButtonFire)
	c.until(90, func() bool { return c.col(PlayerFrags, 0) == 1 })
	c.Leave(0)
	c.Step(c.inputs[1:])
	if c.Now().Live(Players, 0) || c.own(OwnAmmo, 0) != 0 {
		t.Error("someone who left is still there")
	}
	c.Join(0)
	c.Step(c.inputs)
	if c.col(PlayerFrags, 0) != 1 || c.col(PlayerHP, 0) != FullHealth {
		t.Error("who comes back has another score")
	}
	c.Leave(0)
	for {
		if result, over := c.Result(); over {
			if len(result) != 2 || result[0] != (game.Placing{Seat: 0, Rank: 1, Score: 1}) {
				t.Errorf("got %v", result)
			}
			return
		}
		c.Step(c.inputs[1:])
	}
}

func TestDashWaits(t *testing.T) {
	c := newScene(t, duelLane, Options{Seats: 2})
	c.press(0, 0, 0, ButtonDash)
	dashes := 0
	for range 150 {
		for _, e := range c.Step(c.inputs).Events {
			if e.Kind == EventDash {
				dashes++
			}
		}
	}
	if dashes != 2 {
		t.Errorf("%d dashes in 5 s, want one each 2.5 s", dashes)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, opt := range []Options{{}, {Seats: 8, Teams: 2, Map: "twin"}} {
		p := newParty(t, opt, 1)
		for range 900 {
			p.Play()
		}
		if n := testing.AllocsPerRun(600, func() { p.Play() }); n > 0.1 {
			t.Errorf("%+v: %.2f allocations in a step of bots", opt, n)
		}
	}
}
