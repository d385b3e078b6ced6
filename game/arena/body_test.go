package arena

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// A moveFile is testdata/move.json: runs of Move for clients in other
// languages to compare with.
type moveFile struct {
	About string
	Sine  []int32 // Sin of 0..255
	Runs  []moveRun
}

// A moveRun is one body on its way. Every stays constant for the ticks that
// its push lasts; States has the body after each so many ticks.
type moveRun struct {
	Map          string
	Across, Down int
	Hz           int32
	Pace         Pace
	Start        [5]int32   // x, y, vx, vy, dash at tick 0
	Pushes       [][4]int32 // move, aim, dash, for how many ticks
	Every        int
	States       [][5]int32
}

const moveAbout = "Bodies as [x, y, vx, vy, dash]. Tick 1 is the first that moves one. Pushes are " +
	"[move, aim, dash, ticks]; States are after ticks Every, 2*Every and so on."

func runMoves(t *testing.T, name string, across, down int, hz int32, spawn, ticks int) moveRun {
	m, err := ReadMap(MapsText, name, across, down)
	if err != nil {
		t.Fatal(err)
	}
	at := m.Spawns[spawn%len(m.Spawns)]
	b := Body{X: at.X, Y: at.Y}
	r := moveRun{Map: name, Across: across, Down: down, Hz: hz, Pace: PaceAt(hz), Every: 4,
		Start: [5]int32{b.X, b.Y}}
	chance := game.Rand(spawn)
	for tick := int32(0); tick < int32(ticks); {
		p := [4]int32{chance.Between(0, 16), chance.Between(0, 255), chance.Between(0, 9) / 8, chance.Between(1, hz/2)}
		r.Pushes = append(r.Pushes, p)
		for range p[3] {
			tick++
			b = Move(b, Push{Tick: tick, Move: p[0], Aim: p[1], Dash: p[2] == 1}, &r.Pace, m)
			if !m.Free(b.X, b.Y, PlayerRadius) {
				t.Fatalf("%s at %d Hz, tick %d: in a wall at %d,%d", name, hz, tick, b.X, b.Y)
			}
			if tick%int32(r.Every) == 0 {
				r.States = append(r.States, [5]int32{b.X, b.Y, b.VX, b.VY, b.Dash})
			}
		}
	}
	return r
}

// TestMoveVectors keeps Move as clients know it.
func TestMoveVectors(t *testing.T) {
	f := moveFile{About: moveAbout}
	for a := range int32(256) {
		f.Sine = append(f.Sine, Sin(a))
	}
	for spawn := range 8 {
		f.Runs = append(f.Runs, runMoves(t, "forge", 1, 1, 30, 3*spawn, 400))
	}
	f.Runs = append(f.Runs,
		runMoves(t, "pit", 1, 1, 30, 1, 400), runMoves(t, "forge", 2, 1, 30, 9, 300),
		runMoves(t, "forge", 1, 1, 60, 2, 300), runMoves(t, "forge", 1, 1, 20, 5, 300), runMoves(t, "pit", 1, 1, 10, 3, 200))
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte(`{"Map"`), []byte("\n{\"Map\""))
	gametest.Golden(t, "move.json", append(raw, '\n'))
}

// TestMoveHoldsInvariants pushes bodies about at random, at every rate, and
// wants them inside, outside of walls, and no faster than a dash.
func TestMoveHoldsInvariants(t *testing.T) {
	m, err := ReadMap(MapsText, "forge", 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	chance := game.Rand(3)
	for _, hz := range []int32{1, 5, 10, 15, 20, 30, 50, 60, 64, 100, 128} {
		p := PaceAt(hz)
		at := m.Spawns[chance.N(int32(len(m.Spawns)))]
		b := Body{X: at.X, Y: at.Y}
		for tick := int32(1); tick < 4000; tick++ {
			b = Move(b, Push{tick, chance.Between(0, 16), chance.Between(0, 255), chance.N(9) == 0}, &p, m)
			if !m.Free(b.X, b.Y, PlayerRadius) || max(abs(b.VX), abs(b.VY)) > p.Dash {
				t.Fatalf("%d Hz, tick %d: %+v", hz, tick, b)
			}
		}
	}
}

// TestMoveFeel wants full speed within a fifth of a second, no residual when
// running steadily, and sliding along walls and round corners.
func TestMoveFeel(t *testing.T) {
	m, err := ReadMap(MapsText, "forge", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := PaceAt(30)
	b := Body{X: 3 * Cell, Y: 15*Cell + 64}
	for range 6 {
		b = Move(b, Push{Move: 1}, &p, m)
	}
	if b.VX != p.Top {
		t.Errorf("speed %d after 0.2 s, want %d", b.VX, p.Top)
	}
	for range 20 {
		next := Move(b, Push{Move: 1}, &p, m)
		if next.X-b.X != p.Top || next.Y != b.Y {
			t.Fatalf("steady run is not steady: %+v %+v", b, next)
		}
		b = next
	}
	b = Body{X: 3 * Cell, Y: Cell + PlayerRadius} // below the top wall, running up and right
	for range 6 {
		b = Move(b, Push{Move: 15}, &p, m)
	}
	if b.Y != Cell+PlayerRadius || b.VX < p.Top*2/3 || b.VY != 0 {
		t.Errorf("does not slide along a wall: %+v", b)
	}
	b = Body{X: 3 * Cell, Y: 15*Cell + 64, VX: p.Top}
	for range 12 {
		b = Move(b, Push{}, &p, m)
	}
	if b.VX != 0 {
		t.Errorf("friction leaves %d", b.VX)
	}
}

// TestCornersLetGo runs straight past a corner that sticks out by less than a
// radius: the body must get round it.
func TestCornersLetGo(t *testing.T) {
	text := "= c\n##########\n#........#\n#........#\n#....##..#\n#....##..#\n#..S.##h.#\n#........#\n##########\n"
	m, err := ReadMap(text, "c", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := PaceAt(30)
	for sticks := int32(1); sticks < PlayerRadius; sticks += 3 {
		b := Body{X: 2 * Cell, Y: 3*Cell - PlayerRadius + sticks}
		for range 40 {
			b = Move(b, Push{Move: 1}, &p, m)
		}
		if b.X < 7*Cell && sticks < PlayerRadius*2/3 {
			t.Errorf("a corner %d units in the way stops the body at %d,%d", sticks, b.X, b.Y)
		}
	}
}
