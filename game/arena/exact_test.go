package arena

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/musterhq/muster/game"
)

// round plays a whole short round of 16 bots, two of whom leave and one comes
// back, and returns the exact hash every second and at the end.
func round(t *testing.T) string {
	p := newParty(t, Options{RoundSeconds: 60}, 42)
	text, scratch := "", []byte(nil)
	for {
		if now := p.sim.Now().Tick; now == 500 {
			p.sim.Leave(3)
			p.sim.Leave(9)
		} else if now == 800 {
			p.sim.Join(3)
		}
		now := p.stepJoined()
		var h uint64
		h, scratch = p.sim.Hash(scratch)
		result, over := p.sim.Result()
		if now.Tick%30 == 0 || over {
			text += fmt.Sprintf("%d %016x\n", now.Tick, h)
		}
		if over {
			return text + fmt.Sprintln(result)
		}
	}
}

// stepJoined is step for the seats that are taken.
func (p *party) stepJoined() *game.Snapshot {
	view, inputs := p.sim.Now(), p.inputs[:0]
	for i, b := range p.bots {
		if seat := game.Seat(i); p.sim.Joined(seat) {
			in := game.Input{Seat: seat}
			b.Think(view, &in)
			inputs = append(inputs, in)
		}
	}
	return p.sim.Step(inputs)
}

// TestRoundIsExact wants the same round, bit for bit, on one core, on eight,
// and as it was when the golden file was written.
func TestRoundIsExact(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := round(t)
	runtime.GOMAXPROCS(8)
	if eight := round(t); eight != one {
		t.Error("the round differs with GOMAXPROCS 8")
	}
	golden(t, "round.txt", []byte(one))
}

// script plays a round of bots and keeps the inputs of all ticks.
func script(t *testing.T, opt Options, ticks int) [][]game.Input {
	p := newParty(t, opt, 5)
	inputs := make([][]game.Input, ticks)
	for i := range inputs {
		p.step()
		for j := range p.inputs {
			p.inputs[j].Lag = int32((i + 3*j) % 49)
		}
		inputs[i] = append([]game.Input(nil), p.inputs...)
	}
	return inputs
}

// TestSavedMatchGoesOnAlike saves a match at many ticks and wants every copy
// to go on as the match itself does.
func TestSavedMatchGoesOnAlike(t *testing.T) {
	const ticks, rest = 900, 120
	opt := Options{Seats: 8}
	inputs := script(t, opt, ticks+rest)
	m := mustMode(t, opt)
	sim := newParty(t, opt, 5).sim
	var hashes [ticks + rest]uint64
	saved := map[int][]byte{}
	for i := range inputs {
		if i < 12 || i%67 == 0 {
			saved[i] = sim.Save(nil)
		}
		sim.Step(inputs[i])
		hashes[i], _ = sim.Hash(nil)
	}
	for at, state := range saved {
		loaded, err := game.LoadSim(m, state)
		if err != nil {
			t.Fatalf("tick %d: %v", at, err)
		}
		for i := at; i < min(at+rest, len(inputs)); i++ {
			loaded.Step(inputs[i])
			if h, _ := loaded.Hash(nil); h != hashes[i] {
				t.Fatalf("saved at %d: differs at %d", at, i)
			}
		}
	}
	if state := saved[67]; func() error { _, err := game.LoadSim(m, append(state, 0)); return err }() == nil {
		t.Error("accepts state that it did not write")
	}
}

// TestRandomInputsKeepBounds plays at random, extremes and nonsense included,
// and wants everything within its bounds.
func TestRandomInputsKeepBounds(t *testing.T) {
	chance := game.Rand(11)
	for _, opt := range []Options{
		{Seats: 16}, {Seats: 40, Hz: 20}, {Seats: 2, Map: "pit", Hz: 60}, {Seats: 4, Hz: 128}, {Seats: 3, Hz: 1},
	} {
		m := mustMode(t, opt)
		sim := newParty(t, opt, chance.Next()).sim
		across, down := sim.Now().Col(Match, MatchAcross)[0], sim.Now().Col(Match, MatchDown)[0]
		maze, err := ReadMap(MapsText, opt.withDefaults().Map, int(across), int(down))
		if err != nil {
			t.Fatal(err)
		}
		held := make([]game.Input, m.Seats)
		for range 1500 {
			for i := range held {
				if chance.N(8) == 0 {
					held[i] = randomInput(&chance, m)
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

func randomInput(chance *game.Rand, m *game.Mode) (in game.Input) {
	in.Lag = chance.Between(0, int32(8*m.Lag))
	for f, field := range m.Schema.Inputs {
		switch chance.N(12) {
		case 0:
			in.Values[f] = field.Min
		case 1:
			in.Values[f] = field.Max
		case 2: // what a match would never pass on
			in.Values[f] = chance.Between(-1<<31, 1<<31-1)
			in.Lag = chance.Between(-1<<31, 1<<31-1)
		default:
			in.Values[f] = chance.Between(field.Min, field.Max)
		}
	}
	return in
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
	l := p.sim.Now().Layout()
	got := game.NewSnapshot(l)
	var d game.Delta
	for range 600 {
		now := p.step()
		want := now.Hash(game.Whole)
		for age := game.Tick(1); age <= 8 && 2*age <= now.Tick; age++ {
			base, prev := p.sim.At(now.Tick-age), p.sim.At(now.Tick-2*age)
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

// TestRandomInputsAreExact plays the same random inputs twice, on one core and
// on eight, seats coming and going: the exact hash must be the same each tick.
func TestRandomInputsAreExact(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for seed := range uint64(12) {
		runtime.GOMAXPROCS(1)
		one := randomRound(t, seed)
		runtime.GOMAXPROCS(8)
		eight := randomRound(t, seed)
		for tick := range one {
			if one[tick] != eight[tick] {
				t.Fatalf("seed %d: differs at tick %d", seed, tick)
			}
		}
	}
}

// randomRound returns the exact hash after each tick of a game at random.
func randomRound(t *testing.T, seed uint64) (hashes []uint64) {
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
				in := randomInput(&chance, m)
				in.Seat = s
				inputs = append(inputs, in)
			case chance.N(20) == 0:
				sim.Join(s)
			}
		}
		sim.Step(inputs)
		h, _ := sim.Hash(nil)
		hashes = append(hashes, h)
	}
	return hashes
}
