package match

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// sides is a game in which every tick tells each of two teams of itself.
var sidesSchema = &game.Schema{
	Tables: []game.Table{{Name: "rows", Capacity: 4, Columns: []game.Column{{Name: "x"}}}},
	Events: []game.EventKind{{Name: "team tick", Args: []string{"team", "tick"}}},
}

type sides struct{ dots }

func (*sides) Join(*game.World, game.Seat)  {}
func (*sides) Leave(*game.World, game.Seat) {}
func (*sides) Step(w *game.World, _ []game.Input) {
	for team := range game.TeamID(2) {
		w.EmitTo(team+1, 0, int32(team+1), int32(w.Tick()))
	}
}

func mustSides(t *testing.T) (*frames, *game.Sim) {
	mode := mustMode(t, game.Mode{Name: "sides", New: func() game.Rules { return &sides{} }, Schema: sidesSchema, Hz: 30, Seats: 2})
	sim := game.NewSim(mode, 1)
	return newFrames(sim.Now().Layout(), epoch), sim
}

// told parses what the view is told after base.
func (f *frames) told(t *testing.T, view game.View, base game.Tick) (ticks []game.Tick, gap bool) {
	b, gap := f.eventsSince(nil, view, base)
	events, err := protocol.ParseEvents(b, f.now.Tick, sidesSchema, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Args[0] != int32(view) || e.Args[1] != int32(e.Tick) {
			t.Errorf("view %d is told of %v in tick %d", view, e.Args, e.Tick)
		}
		ticks = append(ticks, e.Tick)
	}
	return ticks, gap
}

func TestEventsAreKeptFor128Ticks(t *testing.T) {
	f, sim := mustSides(t)
	f.see(1)
	for range 300 {
		f.advance(sim, sim.Step(nil))
	}
	for _, c := range []struct {
		base game.Tick
		want int
		gap  bool
	}{{300, 0, false}, {299, 1, false}, {173, 127, false}, {172, 128, false}, {171, 128, true}, {0, 128, true}} {
		if got, gap := f.told(t, 1, c.base); len(got) != c.want || gap != c.gap {
			t.Errorf("since tick %d: %d events, gap %v; want %d, %v", c.base, len(got), gap, c.want, c.gap)
		}
	}
}

// TestANewViewIsToldOfThisTickOnAndOfTheGapBefore: nobody has looked through
// its eyes, so what it was told is not kept.
func TestANewViewIsToldOfThisTickOnAndOfTheGapBefore(t *testing.T) {
	f, sim := mustSides(t)
	f.see(1)
	for range 50 {
		f.advance(sim, sim.Step(nil))
	}
	f.see(2) // a seat changes sides in the tick that is about to be written
	if got, gap := f.told(t, 2, 49); len(got) != 1 || got[0] != 50 || gap {
		t.Errorf("told of ticks %v, gap %v; want 50, without a gap", got, gap)
	}
	if got, gap := f.told(t, 2, 40); len(got) != 1 || !gap {
		t.Errorf("since tick 40: told of ticks %v, gap %v; want 50, and the gap", got, gap)
	}
	f.see(2)
	f.advance(sim, sim.Step(nil))
	if got, gap := f.told(t, 2, 49); len(got) != 2 || gap {
		t.Errorf("a tick later: told of ticks %v, gap %v; want 50 and 51", got, gap)
	}
}

func TestABodyIsMadeOnceForAllWhoShareIt(t *testing.T) {
	f, sim := mustSides(t)
	f.see(0)
	for range 10 {
		f.advance(sim, sim.Step(nil))
	}
	for range 16 {
		f.key(0)
		f.body(0, 0, 9, false)
		f.body(0, 8, 9, true)
		f.body(0, 0, 7, false)
	}
	if f.encoded != 4 {
		t.Errorf("%d bodies were made, want 4", f.encoded)
	}
	if f.body(0, 0, 1, false) != nil || f.body(0, 0, 10, false) != nil {
		t.Error("a body against a base that is too old, or none")
	}
}
