package swarm

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// TestRoundIsExact plays a short round of 40 bots, two of whom leave and one
// comes back.
func TestRoundIsExact(t *testing.T) {
	round := gametest.Alike(t, func() string {
		p := newParty(t, Options{Seats: 40, RoundSeconds: 30}, 42)
		return p.Round(20, func(now game.Tick) {
			switch now {
			case 300:
				p.Leave(3)
				p.Leave(9)
			case 400:
				p.Join(3)
			}
		})
	})
	gametest.Golden(t, "round.txt", []byte(round))
}

func TestSavedMatchGoesOnAlike(t *testing.T) {
	newParty(t, Options{Seats: 30}, 5).GoesOnAlike(t, 240, 30, func(tick int) bool { return tick < 3 || tick%67 == 0 })
}

// TestRandomInputsKeepBounds plays at random, extremes and nonsense included,
// seats coming and going, and wants everything within its bounds and the same
// on one core and on eight.
func TestRandomInputsKeepBounds(t *testing.T) {
	for i, opt := range []Options{{Seats: 60}, {Seats: 3, Hz: 1}, {Seats: 20, Hz: 128}, {Seats: 1, Hz: 60}, {Seats: 50}} {
		gametest.Alike(t, func() uint64 { return randomRound(t, opt, uint64(i)) })
	}
}

// randomRound returns a hash over the exact hashes of a game at random, looked
// at each ten ticks.
func randomRound(t *testing.T, opt Options, seed uint64) (sum uint64) {
	chance := game.Rand(seed + 1)
	m := mustMode(t, opt)
	sim := game.NewSim(m, seed)
	held := make([]game.Input, m.Seats)
	var inputs []game.Input
	for range 200 {
		inputs = inputs[:0]
		for i := range held {
			seat := game.Seat(i)
			switch here := sim.Joined(seat); {
			case here && chance.N(300) == 0:
				sim.Leave(seat)
			case here:
				if chance.N(8) == 0 {
					held[i] = gametest.RandomInput(&chance, m)
				}
				held[i].Seat = seat
				inputs = append(inputs, held[i])
			case chance.N(10) == 0:
				sim.Join(seat)
				held[i] = game.Input{Seat: seat}
				inputs = append(inputs, held[i])
			}
		}
		before := sim.Now()
		now := sim.Step(inputs)
		checkMoves(t, before, now, m)
		if now.Tick%10 != 0 {
			continue
		}
		checkWorld(t, now, m)
		if t.Failed() {
			return 0
		}
		h, _ := sim.Hash(nil)
		sum = (sum ^ h) * 0x9fb21c651e98df25
	}
	return sum
}

// checkWorld wants all that lives to lie in the zone, blobs to be as large as
// they are heavy, and players to be as many blobs as they have.
func checkWorld(t *testing.T, s *game.Snapshot, m *game.Mode) {
	t.Helper()
	side := s.Col(Zone, ZoneSide)[0]
	low, high := (World-side)/2, (World-side)/2+side-1
	for _, table := range []int{Blobs, Pellets, Spikes} {
		x, y := s.Col(table, 0), s.Col(table, 1)
		for i := s.Next(table, -1); i >= 0; i = s.Next(table, i) {
			// A wall takes along what moves; it moves at the tick's begin.
			if min(x[i], y[i]) < low || max(x[i], y[i]) > high {
				t.Errorf("tick %d: row %d of table %d at %d,%d, beyond %d..%d", s.Tick, i, table, x[i], y[i], low, high)
			}
		}
	}
	mass, r := s.Col(Bodies, BodyMass), s.Col(Blobs, BlobR)
	for i := range mass {
		if s.Live(Blobs, i) != (mass[i] > 0) || mass[i] > MaxMass || s.Live(Blobs, i) && r[i] != Radius(mass[i]) {
			t.Errorf("tick %d: blob %d of mass %d has radius %d", s.Tick, i, mass[i], r[i])
		}
	}
	for seat := range m.Seats {
		if n := partsIn(s, seat); int32(n) != s.Col(Players, PlayerParts)[seat] || n > 0 && !s.Live(Players, seat) {
			t.Errorf("tick %d: seat %d has %d blobs", s.Tick, seat, n)
		}
	}
}

// checkMoves wants no blob that goes on to move farther than fits a byte at 20
// ticks a second.
func checkMoves(t *testing.T, before, now *game.Snapshot, m *game.Mode) {
	t.Helper()
	most := PaceAt(int32(m.Hz)).Top
	if m.Hz >= 20 && most > 63 {
		t.Fatalf("%d units a tick", most)
	}
	for i := now.Next(Blobs, -1); i >= 0; i = now.Next(Blobs, i) {
		if !before.Live(Blobs, i) || before.Gen(Blobs, i) != now.Gen(Blobs, i) {
			continue
		}
		for c := range 2 {
			if by := abs(now.Col(Blobs, c)[i] - before.Col(Blobs, c)[i]); by > most {
				t.Errorf("tick %d: blob %d moved by %d", now.Tick, i, by)
			}
		}
	}
}
