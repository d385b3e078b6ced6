package swarm

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// mustMode returns the mode that opt describes, ready for NewSim.
func mustMode(tb testing.TB, opt Options) *game.Mode {
	tb.Helper()
	if opt.Name == "" {
		opt.Name = "test"
	}
	return gametest.MustMode(tb, NewMode(opt))
}

func newParty(tb testing.TB, opt Options, seed uint64) *gametest.Party {
	tb.Helper()
	return gametest.NewParty(mustMode(tb, opt), seed)
}

func TestModes(t *testing.T) {
	for _, m := range Modes() {
		mode := gametest.MustMode(t, m)
		sim := game.NewSim(mode, 1)
		if sim.Now().Count(Pellets) == 0 || sim.Now().Count(Zone) != 1 || mode.Seats != 1000 {
			t.Errorf("%s: starts without its tables", mode.Name)
		}
		if mode.About == "" && !mode.Hidden {
			t.Errorf("%s does not say what it is", mode.Name)
		}
	}
}
