package arena

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// TestRoundIsExact plays a whole short round of 16 bots, two of whom leave and
// one comes back.
func TestRoundIsExact(t *testing.T) {
	round := gametest.Alike(t, func() string {
		p := newParty(t, Options{RoundSeconds: 60}, 42)
		return p.Round(30, func(now game.Tick) {
			switch now {
			case 500:
				p.Leave(3)
				p.Leave(9)
			case 800:
				p.Join(3)
			}
		})
	})
	gametest.Golden(t, "round.txt", []byte(round))
}

// TestSavedMatchGoesOnAlike has the bots see the others in the past, more or
// less far: that is part of the state.
func TestSavedMatchGoesOnAlike(t *testing.T) {
	p := newParty(t, Options{Seats: 8}, 5)
	p.Change = func(in *game.Input) { in.Lag = (int32(p.Now().Tick) + 3*int32(in.Seat)) % 49 }
	p.GoesOnAlike(t, 1020, 120, func(tick int) bool { return tick < 12 || tick%67 == 0 })
}

// TestRandomInputsKeepBounds plays at random, extremes and nonsense included,
// and wants everything within its bounds.
func TestRandomInputsKeepBounds(t *testing.T) {
	chance := game.Rand(11)
	for _, opt := range []Options{
		{Seats: 16}, {Seats: 40, Hz: 20}, {Seats: 2, Map: "pit", Hz: 60}, {Seats: 4, Hz: 128}, {Seats: 3, Hz: 1},
	} {
		m := mustMode(t, opt)
		sim := newParty(t, opt, chance.Next()).Sim
		across, down := sim.Now().Col(Match, MatchAcross)[0], sim.Now().Col(Match, MatchDown)[0]
		maze, err := ReadMap(MapsText, opt.withDefaults().Map, int(across), int(down))
		if err != nil {
			t.Fatal(err)
		}
		held := make([]game.Input, m.Seats)
		for range 1500 {
			for i := range held {
				if chance.N(8) == 0 {
					held[i] = gametest.RandomInput(&chance, m)
				}
				held[i].Seat = game.Seat(i)
			}
			checkBounds(t, sim.Step(held), maze, m)
			if t.Failed() {
				return
			}
		}
	}
}

func checkBounds(t *testing.T, s *game.Snapshot, m *Map, mode *game.Mode) {
	pace := PaceAt(int32(mode.Hz))
	for i := s.Next(Players, -1); i >= 0; i = s.Next(Players, i) {
		x, y, hp := s.Col(Players, PlayerX)[i], s.Col(Players, PlayerY)[i], s.Col(Players, PlayerHP)[i]
		vx, vy := s.Own(Own, OwnVX, game.Seat(i)), s.Own(Own, OwnVY, game.Seat(i))
		ammo := s.Own(Own, OwnAmmo, game.Seat(i))
		if !m.Free(x, y, PlayerRadius) || hp < 0 || hp > MaxHealth || ammo < 0 || ammo > MaxAmmo ||
			max(abs(vx), abs(vy)) > pace.Dash {
			t.Errorf("tick %d, seat %d: at %d,%d hp %d ammo %d speed %d,%d", s.Tick, i, x, y, hp, ammo, vx, vy)
		}
	}
	for i := s.Next(Shots, -1); i >= 0; i = s.Next(Shots, i) {
		if age := int32(s.Tick) - s.Col(Shots, ShotBorn)[i]; age < 0 || age > pace.BoltLife {
			t.Errorf("tick %d: shot of age %d", s.Tick, age)
		}
	}
}

// TestDeltasOfARunningGame wants from.Apply(Diff(from, to)) to equal to, plain
// and linear, for all ages.
func TestDeltasOfARunningGame(t *testing.T) {
	p := newParty(t, Options{}, 3)
	l := p.Now().Layout()
	got := game.NewSnapshot(l)
	var d game.Delta
	for range 600 {
		now := p.Play()
		want := now.Hash(game.Whole)
		for age := game.Tick(1); age <= 8 && 2*age <= now.Tick; age++ {
			base, prev := p.At(now.Tick-age), p.At(now.Tick-2*age)
			d.Diff(nil, base, now, 0)
			if got.Apply(&d, nil, base); got.Hash(game.Whole) != want {
				t.Fatalf("tick %d: plain delta of age %d", now.Tick, age)
			}
			d.Diff(prev, base, now, 0)
			if got.Apply(&d, prev, base); got.Hash(game.Whole) != want {
				t.Fatalf("tick %d: linear delta of age %d", now.Tick, age)
			}
		}
	}
}

// TestRandomInputsAreExact plays the same random inputs, seats coming and
// going, on one core and on eight.
func TestRandomInputsAreExact(t *testing.T) {
	for seed := range uint64(12) {
		gametest.Alike(t, func() uint64 { return randomRound(t, seed) })
	}
}

// randomRound returns a hash over the exact hashes of all ticks of a game at
// random.
func randomRound(t *testing.T, seed uint64) (sum uint64) {
	chance := game.Rand(seed + 1)
	m := mustMode(t, Options{Seats: int(chance.Between(1, 40)), Hz: int(chance.Between(1, 128))})
	sim := game.NewSim(m, seed)
	for range 600 {
		var inputs []game.Input
		for s := range game.Seat(m.Seats) {
			switch here := sim.Joined(s); {
			case here && chance.N(200) == 0:
				sim.Leave(s)
			case here:
				in := gametest.RandomInput(&chance, m)
				in.Seat = s
				inputs = append(inputs, in)
			case chance.N(20) == 0:
				sim.Join(s)
			}
		}
		sim.Step(inputs)
		h, _ := sim.Hash(nil)
		sum = (sum ^ h) * 0x9fb21c651e98df25
	}
	return sum
}
