package arena

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// A scene is a match on a small map of its own, played by hand.
type scene struct {
	*game.Sim
	tb     testing.TB
	inputs []game.Input
}

// newScene seats players on the map, whose spawns must be as many, until each
// stands at its own in reading order, and waits for their protection to end.
func newScene(tb testing.TB, rows string, opt Options) *scene {
	tb.Helper()
	opt.Name, opt.Map = "scene", "scene"
	mode, err := newMode(opt, "= scene\n"+rows).WithDefaults()
	if err != nil {
		tb.Fatal(err)
	}
	m, _ := ReadMap("= scene\n"+rows, "scene", 1, 1)
	for seed := range uint64(10000) {
		c := &scene{game.NewSim(mode, seed), tb, make([]game.Input, mode.Seats)}
		for i := range c.inputs {
			c.inputs[i].Seat = game.Seat(i)
			c.Join(game.Seat(i))
		}
		if c.run(50); c.inOrder(m) {
			return c
		}
	}
	tb.Fatal("no seed puts the players where they should be")
	return nil
}

func (c *scene) inOrder(m *Map) bool {
	for i := range c.inputs {
		if c.at(i) != m.Spawns[i] {
			return false
		}
	}
	return true
}

// run plays ticks with the inputs as they are.
func (c *scene) run(ticks int) {
	for range ticks {
		c.Step(c.inputs)
	}
}

func (c *scene) press(seat int, move, aim, buttons int32) {
	c.inputs[seat].Values = [game.MaxInputs]int32{InMove: move, InAim: aim, InButtons: buttons}
}

func (c *scene) col(column, seat int) int32 { return c.Now().Col(Players, column)[seat] }
func (c *scene) own(column, seat int) int32 { return c.Now().Own(Own, column, game.Seat(seat)) }
func (c *scene) at(seat int) Point          { return Point{c.col(PlayerX, seat), c.col(PlayerY, seat)} }

// until plays until the condition holds and returns the ticks that took.
func (c *scene) until(most int, holds func() bool) int {
	c.tb.Helper()
	for n := range most {
		if holds() {
			return n
		}
		c.run(1)
	}
	c.tb.Fatalf("not within %d ticks", most)
	return 0
}

// aimAt is the direction from a seat to a point.
func (c *scene) aimAt(seat int, p Point) int32 {
	from := c.at(seat)
	return heading(p.X-from.X, p.Y-from.Y)
}
