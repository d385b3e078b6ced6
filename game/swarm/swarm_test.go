package swarm

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// mustMode returns the mode that opt describes, ready for NewSim.
func mustMode(tb testing.TB, opt Options) *game.Mode {
	tb.Helper()
	if opt.Name == "" {
		opt.Name = "test"
	}
	m, err := NewMode(opt).WithDefaults()
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func TestModes(t *testing.T) {
	for _, m := range Modes() {
		mode, err := m.WithDefaults()
		if err != nil {
			t.Fatal(err)
		}
		sim := game.NewSim(mode, 1)
		if sim.Now().Count(Pellets) == 0 || sim.Now().Count(Zone) != 1 || mode.Seats != 1000 {
			t.Errorf("%s: starts without its tables", mode.Name)
		}
	}
}

// A party is a sim all of whose seats bots play.
type party struct {
	sim    *game.Sim
	bots   []game.Bot
	inputs []game.Input
}

func newParty(tb testing.TB, opt Options, seed uint64) *party {
	m := mustMode(tb, opt)
	p := &party{sim: game.NewSim(m, seed), inputs: make([]game.Input, m.Seats)}
	for seat := range m.Seats {
		p.sim.Join(game.Seat(seat))
		p.bots = append(p.bots, m.Bot(game.Seat(seat), seed))
	}
	return p
}

// step lets all bots think and plays a tick.
func (p *party) step() *game.Snapshot {
	view := p.sim.Now()
	for i, b := range p.bots {
		p.inputs[i] = game.Input{Seat: game.Seat(i)}
		b.Think(view, &p.inputs[i])
	}
	return p.sim.Step(p.inputs)
}
