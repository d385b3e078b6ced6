package swarm

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// A blob of a scene.
type blob struct {
	seat       int
	x, y, mass int32
}

// A staging is rules whose world holds nothing but what a scene has put there.
type staging struct {
	rules
	blobs []blob
	spike [2]int32       // where one stands; 0,0 nowhere
	lay   func(s *stage) // what else is so at each step, or nil
}

func (r *staging) Join(w *game.World, seat game.Seat) {
	s := r.open(w)
	s.players.SpawnAt(int(seat))
	slot := int(seat) * Parts
	for _, b := range r.blobs {
		if b.seat == int(seat) {
			s.spawn(slot, b.x, b.y, b.mass)
			slot++
		}
	}
}

func (r *staging) Step(w *game.World, inputs []game.Input) {
	s := r.open(w)
	for _, f := range []food{s.pellets, s.spikes} {
		for i := f.Next(-1); i >= 0; i = f.Next(i) {
			f.Despawn(i)
		}
	}
	if r.spike != [2]int32{} {
		s.spikes.SpawnAt(0)
		s.spikes.x[0], s.spikes.y[0] = r.spike[0], r.spike[1]
	}
	if r.lay != nil {
		r.lay(&s)
	}
	r.rules.Step(w, inputs)
}

// A scene is a match of two seats that is played by hand.
type scene struct {
	*game.Sim
	tb     testing.TB
	inputs []game.Input
}

// middle of the plane, around which scenes are laid.
const middle = World / 2

func newScene(tb testing.TB, blobs ...blob) *scene { return newScenery(tb, &staging{blobs: blobs}) }

func newScenery(tb testing.TB, r *staging) *scene {
	m := mustMode(tb, Options{Seats: 2, RoundSeconds: 30})
	r.pace = PaceAt(int32(m.Hz))
	m.New = func() game.Rules { return r }
	c := &scene{game.NewSim(m, 1), tb, make([]game.Input, m.Seats)}
	for i := range c.inputs {
		c.inputs[i].Seat = game.Seat(i)
		c.Join(game.Seat(i))
	}
	return c
}

// run plays ticks with the inputs as they are.
func (c *scene) run(ticks int) {
	for range ticks {
		c.Step(c.inputs)
	}
}

func (c *scene) press(seat int, aim, throttle, buttons int32) {
	c.inputs[seat].Values = [game.MaxInputs]int32{InAim: aim, InThrottle: throttle, InButtons: buttons}
}

func (c *scene) col(column, slot int) int32 { return c.Now().Col(Blobs, column)[slot] }
func (c *scene) mass(slot int) int32        { return c.Now().Col(Bodies, BodyMass)[slot] }
func (c *scene) live(slot int) bool         { return c.Now().Live(Blobs, slot) }
func (c *scene) own(column, seat int) int32 { return c.Now().Own(Own, column, game.Seat(seat)) }
func (c *scene) total(seat int) (sum int32) { return sumOf(c.Now(), seat) }
func (c *scene) parts(seat int) (n int)     { return partsIn(c.Now(), seat) }

func sumOf(s *game.Snapshot, seat int) (sum int32) {
	for slot := seat * Parts; slot < seat*Parts+Parts; slot++ {
		sum += s.Col(Bodies, BodyMass)[slot]
	}
	return sum
}

func partsIn(s *game.Snapshot, seat int) (n int) {
	for slot := seat * Parts; slot < seat*Parts+Parts; slot++ {
		if s.Live(Blobs, slot) {
			n++
		}
	}
	return n
}

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
