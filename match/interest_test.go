package match

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A pasture is a match of herd without the network, whose clients skip ticks as
// they like. It reads all that each was ever sent, and holds it against the
// world.
type pasture struct {
	tb      testing.TB
	size    herdSize
	m       *Match
	space   *game.Space
	past    []*game.Snapshot // by tick
	seen    map[glimpse]map[game.CellID][][]int32
	animals []*animal
}

// An animal is a client, and what it has come to know.
type animal struct {
	*client
	mirror *protocol.Mirror
	shown  map[[2]int]bool // table and slot of the rows of the last frame
	ticks  game.Tick       // told of by events
	bytes  int             // sent, of cells and events
	most   int             // of one frame
	drops  int             // of cells
	count  int             // of frames
	stale  game.Tick       // most ticks that a cell was held without being told of
}

func newPasture(tb testing.TB, size herdSize, seed uint64) *pasture {
	mode := mustMode(tb, size.mode())
	h := &Host{cfg: Config{}, log: slog.New(slog.DiscardHandler)}
	p := &pasture{tb: tb, size: size, space: mode.Schema.Space, seen: map[glimpse]map[game.CellID][][]int32{}, m: newMatch(h, mode, &protocol.Start{Match: "m", Mode: mode.Name, Seed: seed})}
	for seat := range size.seats {
		p.m.sim.Join(game.Seat(seat))
		p.join(&p.m.seats[seat])
	}
	p.join(nil)
	p.m.frames.advance(p.m.sim, p.m.sim.Now())
	p.keep()
	return p
}

// join lets somebody look: from a seat, or from none.
func (p *pasture) join(s *seat) {
	number := -1
	if s != nil {
		number = int(s.number)
	}
	mirror, err := protocol.NewMirror(p.m.mode.Schema, number)
	if err != nil {
		p.tb.Fatal(err)
	}
	a := &animal{client: &client{seat: s, from: s, m: p.m, frames: p.m.frames}, mirror: mirror, shown: map[[2]int]bool{}}
	if s == nil && p.m.apart() {
		a.frames = p.m.seated().frames
	}
	a.look(a.sees())
	p.animals = append(p.animals, a)
}

func (p *pasture) keep() {
	s := game.NewSnapshot(p.m.frames.layout)
	s.CopyFrom(p.m.sim.Now())
	p.past = append(p.past, s)
}

func (p *pasture) step() {
	p.m.frames.advance(p.m.sim, p.m.sim.Step(nil))
	p.m.tick = p.m.sim.Now().Tick
	p.keep()
	if s := p.m.stands; s != nil {
		s.keep(p.m.sim.At(p.m.tick-1), p.m.sim.Now())
	}
}

// send writes this tick's frame to one, who checks it.
func (p *pasture) send(a *animal) {
	p.tb.Helper()
	if view := a.sees(); view != a.view {
		a.look(view)
	}
	head, body, behind := a.compose()
	frame := append(append(append([]byte{}, head...), body...), behind...)
	if err := a.mirror.Frame(frame); err != nil {
		p.tb.Fatalf("tick %d: %v", a.now(), err)
	}
	a.drops += len(a.frames.interest.plan.drops)
	a.wrote(len(frame))
	a.count++
	a.bytes, a.most = a.bytes+len(behind), max(a.most, len(behind))
	p.check(a)
}

func (p *pasture) check(a *animal) {
	p.tb.Helper()
	if a.mirror.Desyncs > 0 {
		p.tb.Fatalf("tick %d: a hash does not match", a.now())
	}
	p.checkEvents(a)
	p.checkCells(a)
	p.checkRows(a)
	p.checkOwn(a)
}

// now is the tick that the client was shown last.
func (a *animal) now() game.Tick { return a.frames.tick() }

// checkOwn: nothing private is told to who has no seat.
func (p *pasture) checkOwn(a *animal) {
	if a.seat != nil {
		return
	}
	if len(a.mirror.Head().Own) > 0 {
		p.tb.Fatalf("tick %d: who watches is told %v", a.now(), a.mirror.Head().Own)
	}
}

// sight is whose eyes a client's frames are made for.
func (p *pasture) sight(a *animal) game.View {
	if s := p.m.stands; s != nil && a.frames == s.frames {
		return s.view
	}
	return a.view
}

// checkEvents: each tick tells of itself, once.
func (p *pasture) checkEvents(a *animal) {
	for _, e := range a.mirror.Events() {
		if a.ticks++; e.Tick != a.ticks || e.Args[0] != int32(a.ticks) {
			p.tb.Fatalf("tick %d: told of tick %d (%d), want %d", a.now(), e.Tick, e.Args[0], a.ticks)
		}
	}
	if a.ticks != a.now() {
		p.tb.Fatalf("tick %d: told of %d", a.now(), a.ticks)
	}
}

// eye is where a client looks from.
func (p *pasture) eye(a *animal) (x, y int32) {
	if a.from == nil {
		return p.space.Width / 2, p.space.Height / 2
	}
	return p.past[a.now()].Own(herdEyes, 0, a.from.number), p.past[a.now()].Own(herdEyes, 1, a.from.number)
}

// checkCells: no cell is held that is outside the window; each is as it was at
// the tick as of which the server takes it to be.
func (p *pasture) checkCells(a *animal) {
	p.tb.Helper()
	x, y := p.eye(a)
	held := 0
	for i, h := range a.window.held {
		cx, cy := a.window.place(i)
		cell := game.CellID(cy*p.space.Columns() + cx)
		rows := a.mirror.Sight().Cell(cell)
		if (rows != nil) != (h.base != untold) {
			p.tb.Fatalf("tick %d: cell %d is held: %v", a.now(), cell, rows != nil)
		}
		if rows == nil {
			continue
		}
		held++
		if far := p.space.Distance(cell, x, y); far > p.space.Reach+p.space.Cell/4 {
			p.tb.Fatalf("tick %d: cell %d is %d from the eye", a.now(), cell, far)
		}
		a.stale = max(a.stale, a.now()-h.base)
		if want := p.lying(h.base, cell, p.sight(a)); !holds(rows, want, a.frames == p.m.frames) {
			p.tb.Fatalf("tick %d: cell %d is held as\n%v, at tick %d it was\n%v", a.now(), cell, rows.Rows(), h.base, want)
		}
	}
	if held != a.mirror.Sight().Held() {
		p.tb.Fatalf("tick %d: %d cells are held, of which the window has %d", a.now(), a.mirror.Sight().Held(), held)
	}
}

// holds says whether a client's copy of a cell is of these rows; what is seen
// later has generations of its own.
func holds(c *game.CellRows, want [][]int32, gens bool) bool {
	if len(c.Rows()) != len(want) {
		return false
	}
	for i, r := range c.Rows() {
		if w := want[i]; w[0] != int32(r.Table) || w[1] != int32(r.Slot) || gens && w[2] != int32(r.Gen) || !slices.Equal(w[3:], c.Values(i)) {
			return false
		}
	}
	return true
}

// glimpse is what a view saw at a tick.
type glimpse struct {
	tick game.Tick
	view game.View
}

// lying lists what a view sees of a cell at a tick, by looking at every row,
// once for all cells.
func (p *pasture) lying(tick game.Tick, cell game.CellID, view game.View) [][]int32 {
	key := glimpse{tick, view}
	all, ok := p.seen[key]
	if !ok {
		all = p.look(p.past[tick], view)
		p.seen[key] = all
	}
	return all[cell]
}

// look lists by cell what a view sees: marks carry the number of their team.
func (p *pasture) look(s *game.Snapshot, view game.View) map[game.CellID][][]int32 {
	all := map[game.CellID][][]int32{}
	for t := herdAnimals; t <= herdGrass; t++ {
		for slot := s.Next(t, -1); slot >= 0; slot = s.Next(t, slot) {
			if !p.sees(s, t, slot, view) {
				continue
			}
			row := []int32{int32(t), int32(slot), int32(s.Gen(t, slot) & 127)}
			for c := range s.Layout().Schema.Tables[t].Columns {
				row = append(row, s.Col(t, c)[slot])
			}
			cell := p.space.CellAt(s.Col(t, 0)[slot], s.Col(t, 1)[slot])
			all[cell] = append(all[cell], row)
		}
	}
	return all
}

func (p *pasture) sees(s *game.Snapshot, t, slot int, view game.View) bool {
	return t != herdMarks || p.size.marks == 0 || view == game.Whole || s.Col(t, 2)[slot] == int32(view)
}

// checkRows: what was shown and still lies in the window is shown, wherever it
// went; nothing is shown that no cell has.
func (p *pasture) checkRows(a *animal) {
	p.tb.Helper()
	s, now := p.past[a.now()], a.mirror.Now()
	if a.mirror.Head().Kind&protocol.Keyframe != 0 {
		clear(a.shown) // all begins anew
	}
	for row := range a.shown {
		t, slot := row[0], row[1]
		if now.Live(t, slot) || !s.Live(t, slot) || !p.sees(s, t, slot, p.sight(a)) {
			continue
		}
		cell := int(p.space.CellAt(s.Col(t, 0)[slot], s.Col(t, 1)[slot]))
		if a.window.index(cell%p.space.Columns(), cell/p.space.Columns()) >= 0 {
			p.tb.Fatalf("tick %d: row %d of table %d is gone, but lies in cell %d of the window", a.now(), slot, t, cell)
		}
	}
	clear(a.shown)
	for t := herdAnimals; t <= herdGrass; t++ {
		for slot := now.Next(t, -1); slot >= 0; slot = now.Next(t, slot) {
			a.shown[[2]int{t, slot}] = true
		}
	}
}

// graze lets a match go on in which each client skips some ticks: the i-th is
// written to once in 1+i%most, at random.
func (p *pasture) graze(r *rand.Rand, ticks, most int) {
	for range ticks {
		for i, a := range p.animals {
			if !a.sentAny || r.IntN(1+i%most) == 0 {
				p.send(a)
			}
		}
		p.step()
	}
}

// TestClientsSeeTheirWindow has many clients graze, each at a pace of its own,
// over planes of several kinds, and checks all that each was ever sent.
func TestClientsSeeTheirWindow(t *testing.T) {
	for name, size := range map[string]herdSize{
		"wide":        {seats: 8, roaming: 60, marks: 40, grass: 60, side: 2000, cell: 200, reach: 250, speed: 20},
		"fast":        {seats: 6, roaming: 30, marks: 20, grass: 10, side: 600, cell: 70, reach: 100, speed: 60},
		"poor":        {seats: 6, roaming: 90, marks: 30, grass: 90, side: 900, cell: 100, reach: 300, speed: 30, rate: 700},
		"crowd":       {seats: 9, roaming: 80, marks: 10, grass: 40, side: 900, cell: 60, reach: 100, speed: 20, crowd: true, rate: 2000},
		"small":       {seats: 4, roaming: 3, marks: 6, side: 100, cell: 100, reach: 0, speed: 4},
		"two cells":   {seats: 3, roaming: 2, side: 100, cell: 50, reach: 100, speed: 30},
		"few, slow":   {seats: 3, roaming: 1, side: 40, cell: 10, reach: 10, speed: 1},
		"swing":       {seats: 4, roaming: 20, marks: 8, side: 400, cell: 40, reach: 200, swing: true},
		"swing, poor": {seats: 4, roaming: 20, side: 400, cell: 40, reach: 200, swing: true, rate: 300},
		"many cells":  {seats: 4, roaming: 30, side: 640, cell: 10, reach: 25, speed: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := seeded(t)
			for _, most := range []int{1, 3, 12} {
				newPasture(t, size, r.Uint64()).graze(r, 80, most)
			}
		})
	}
}

// seedFlag is the same unless one asks for another: some of these tests bound what
// chance may do, and a change is not to blame for a rare draw.
var seedFlag = flag.Uint64("seed", 1, "seed of tests that are left to chance; 0 is a new one")

// seeded returns chance whose seed is told if the test fails.
func seeded(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with -seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// TestNoCellStarves: in a crowd, what is near is told of most often, and what is
// far not never; and nobody is sent more than the rate, in the long run.
func TestNoCellStarves(t *testing.T) {
	const seconds = 20
	for name, c := range map[string]struct {
		size  herdSize
		stale game.Tick // most ticks that a cell may wait
	}{
		"room for all": {herdSize{seats: 5, roaming: 40, side: 800, cell: 100, reach: 150, speed: 20}, 4},
		"a crowd":      {herdSize{seats: 5, roaming: 150, side: 600, cell: 100, reach: 300, speed: 4, rate: 1000}, 4 * game.CellAges},
		"in one spot":  {herdSize{seats: 5, roaming: 150, side: 900, cell: 30, reach: 100, speed: 20, crowd: true, rate: 800}, game.CellAges},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPasture(t, c.size, seeded(t).Uint64())
			rate := c.size.rate
			if rate == 0 {
				rate = game.DefaultRate
			}
			p.graze(seeded(t), 1, 1)
			waited := map[int]int{}
			for range seconds * p.m.mode.Hz {
				for _, a := range p.animals[:3] {
					p.send(a)
					p.tally(a, waited)
				}
				p.step()
			}
			for i, a := range p.animals[:3] {
				t.Log(a)
				if a.stale > c.stale {
					t.Errorf("client %d: a cell has waited for %d ticks, want %d at most", i, a.stale, c.stale)
				}
				// 8 B are an event and what cells begin with.
				if most := seconds*rate + credit*rate + a.most + 8*a.count; a.bytes > most {
					t.Errorf("client %d: sent %d B in %d s, want %d at most", i, a.bytes, seconds, most)
				}
			}
			if near, far := float64(waited[1])/float64(waited[-1]), float64(waited[4])/float64(waited[-4]); near > far {
				t.Errorf("what is near waits for %.1f ticks, what is far for %.1f", near, far)
			}
		})
	}
}

// tally adds up how long the cells of each tier have waited, and how many.
func (p *pasture) tally(a *animal, waited map[int]int) {
	x, y := p.eye(a)
	for i, h := range a.window.held {
		cx, cy := a.window.place(i)
		if h.base != untold {
			tier := p.m.frames.interest.period(int(p.space.Distance(game.CellID(cy*p.space.Columns()+cx), x, y)))
			waited[tier] += int(p.m.tick - h.base)
			waited[-tier]++
		}
	}
}

// TestCellsAreMadeOnce for all who hold them as of the same tick.
func TestCellsAreMadeOnce(t *testing.T) {
	size := herdSize{seats: 25, roaming: 50, side: 800, cell: 200, reach: 300, speed: 10}
	p := newPasture(t, size, 1)
	p.graze(seeded(t), 40, 1)
	x := p.m.frames.interest
	before, sent := x.made, 0
	for range 20 {
		for _, a := range p.animals {
			a.compose()
			sent += len(x.plan.told)
			p.send(a)
		}
		p.step()
	}
	// 16 cells, of at most 4 ages in each tick, of which 3 are linear or not.
	if made := x.made - before; made > 20*16*7 || sent < 4*made {
		t.Errorf("%d segments were made, and %d sent", made, sent)
	}
}

// TestWhoKeepsUpIsSentLinearSegments of each tier, also to those who are written
// to every second tick. Who is written to seldom is sent none.
func TestWhoKeepsUpIsSentLinearSegments(t *testing.T) {
	p := newPasture(t, herdSize{seats: 3, roaming: 150, side: 900, cell: 100, reach: 300, speed: 4}, 1)
	var told, linear [3][9]int // by client and age
	for tick := range 200 {
		for i, a := range p.animals[:3] {
			if tick%[]int{1, 2, 7}[i] > 0 {
				continue
			}
			p.send(a)
			for _, s := range p.m.frames.interest.plan.told {
				if age := p.ageOf(s); age > 0 {
					told[i][min(age, 8)]++
				} else if age < 0 {
					told[i][min(-age, 8)]++
					linear[i][min(-age, 8)]++
				}
			}
		}
		p.step()
	}
	for _, c := range []struct{ client, age int }{{0, 1}, {0, 2}, {0, 4}, {1, 2}, {1, 4}} {
		if of, n := told[c.client][c.age], linear[c.client][c.age]; 4*n < 3*of || of == 0 {
			t.Errorf("client %d: %d segments of age %d, of which %d are linear", c.client, of, c.age, n)
		}
	}
	if told[2][7] == 0 || linear[2][7] > 0 {
		t.Errorf("client 2: %v, of which %v are linear", told[2], linear[2])
	}
}

// ageOf is a segment's age, below 0 where it is linear.
func (p *pasture) ageOf(s *cellSegment) int {
	b := p.m.frames.interest.bytes[s.begin+1:]
	switch b[0] { // the cell
	case 0xcc:
		b = b[1:]
	case 0xcd:
		b = b[2:]
	}
	return int(int8(b[1]))
}

// TestAWindowFollowsItsEye: it holds what is within reach, and is slow to drop
// what is behind.
func TestAWindowFollowsItsEye(t *testing.T) {
	p := newPasture(t, herdSize{seats: 1, roaming: 1, side: 1000, cell: 100, reach: 150}, 1)
	x, w := p.m.frames.interest, &window{}
	for _, c := range []struct {
		eye  int
		want [2]int // columns: first, behind the last
	}{{500, [2]int{3, 7}}, {524, [2]int{3, 7}}, {549, [2]int{3, 7}}, {550, [2]int{3, 8}}, {574, [2]int{3, 8}}, {575, [2]int{4, 8}},
		{574, [2]int{4, 8}}, {549, [2]int{3, 8}}, {525, [2]int{3, 8}}, {524, [2]int{3, 7}}, {0, [2]int{0, 2}}, {999, [2]int{8, 10}}} {
		w.span = x.window(w, c.eye, 0)
		if got := [2]int{w.left, w.right}; got != c.want || w.top != 0 || w.bottom > 3 {
			t.Errorf("at %d: columns %v, want %v; rows %d to %d", c.eye, got, c.want, w.top, w.bottom)
		}
	}
}

// TestAPlaneAllocatesNothing in steady ticks, all clients included.
func TestAPlaneAllocatesNothing(t *testing.T) {
	for name, size := range map[string]herdSize{
		"wide":  {seats: 16, roaming: 60, marks: 40, grass: 100, side: 2000, cell: 200, reach: 250, speed: 20},
		"crowd": {seats: 16, roaming: 60, side: 900, cell: 60, reach: 100, speed: 20, crowd: true, rate: 2000},
	} {
		s := newSteady(t, mustMode(t, size.mode()), size.seats)
		for range 500 {
			s.beat(false)
		}
		if n := testing.AllocsPerRun(200, func() { s.beat(false) }); n > 0 && !raceEnabled {
			t.Errorf("%s: %v allocations a tick, want none", name, n)
		}
		s.sound(t)
	}
}

func (a *animal) String() string {
	return fmt.Sprintf("%d frames, %d B, %d at most, %d ticks stale", a.count, a.bytes, a.most, a.stale)
}
