package swarm

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/musterhq/muster/game"
)

var update = flag.Bool("update", false, "write testdata anew")

// round plays a short round of 40 bots, some of whom leave and one comes back,
// and returns the exact hash every second and at the end.
func round(t *testing.T) string {
	p := newParty(t, Options{Seats: 40, RoundSeconds: 30}, 42)
	text, scratch := "", []byte(nil)
	for {
		switch p.sim.Now().Tick {
		case 300:
			p.sim.Leave(3)
			p.sim.Leave(9)
		case 400:
			p.sim.Join(3)
		}
		now := p.stepJoined()
		var h uint64
		h, scratch = p.sim.Hash(scratch)
		result, over := p.sim.Result()
		if now.Tick%20 == 0 || over {
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
	const file = "testdata/round.txt"
	if *update {
		if err := os.WriteFile(file, []byte(one), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal([]byte(one), want) {
		t.Errorf("%s differs; after a change that is meant, run go test ./game/swarm -update", file)
	}
}

// TestSavedMatchGoesOnAlike saves a match at many ticks and wants every copy
// to go on as the match itself does.
func TestSavedMatchGoesOnAlike(t *testing.T) {
	const ticks, rest = 210, 30
	p := newParty(t, Options{Seats: 30}, 5)
	var inputs [ticks + rest][]game.Input
	var hashes [ticks + rest]uint64
	saved := map[int][]byte{}
	for i := range inputs {
		if i < 3 || i%67 == 0 {
			saved[i] = p.sim.Save(nil)
		}
		p.step()
		inputs[i] = append([]game.Input(nil), p.inputs...)
		hashes[i], _ = p.sim.Hash(nil)
	}
	for at, state := range saved {
		loaded, err := game.LoadSim(p.sim.Mode(), state)
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
	if _, err := game.LoadSim(p.sim.Mode(), append(saved[67], 0)); err == nil {
		t.Error("accepts state that it did not write")
	}
}

// TestRandomInputsKeepBounds plays at random, extremes and nonsense included,
// seats coming and going, and wants everything within its bounds and the same
// on one core and on eight.
func TestRandomInputsKeepBounds(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i, opt := range []Options{{Seats: 60}, {Seats: 3, Hz: 1}, {Seats: 20, Hz: 128}, {Seats: 1, Hz: 60}, {Seats: 50}} {
		runtime.GOMAXPROCS(1)
		one := randomRound(t, opt, uint64(i))
		runtime.GOMAXPROCS(8)
		if eight := randomRound(t, opt, uint64(i)); eight != one {
			t.Errorf("%+v: the round differs with GOMAXPROCS 8", opt)
		}
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
					held[i] = randomInput(&chance, m)
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

func randomInput(chance *game.Rand, m *game.Mode) (in game.Input) {
	for f, field := range m.Schema.Inputs {
		switch chance.N(12) {
		case 0:
			in.Values[f] = field.Min
		case 1:
			in.Values[f] = field.Max
		case 2: // what a match would never pass on
			in.Values[f] = chance.Between(-1<<31, 1<<31-1)
		default:
			in.Values[f] = chance.Between(field.Min, field.Max)
		}
	}
	return in
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
