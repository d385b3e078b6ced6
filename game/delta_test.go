package game

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// seedFlag repeats a failed property test.
var seedFlag = flag.Uint64("seed", 0, "seed of the property tests; 0 is a new one")

// seeded returns chance whose seed is told if the test fails.
func seeded(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with -seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

func mustLayout(t testing.TB, s *Schema) *Layout {
	t.Helper()
	l, err := s.Layout()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func randomLayout(t testing.TB, r *rand.Rand) *Layout {
	s := &Schema{}
	for i := range 1 + r.IntN(4) {
		table := Table{Name: "t", Capacity: 1 + r.IntN(150), Audience: Audience(r.IntN(4))}
		for range r.IntN(5) {
			table.Columns = append(table.Columns, Column{Name: fmt.Sprint(i), Linear: r.IntN(2) == 0})
		}
		s.Tables = append(s.Tables, table)
	}
	return mustLayout(t, s)
}

// next returns what may come after s: rows come, go, jump and change.
func next(r *rand.Rand, s *Snapshot) *Snapshot {
	n := NewSnapshot(s.layout)
	n.CopyFrom(s)
	for i := range n.layout.tables {
		t := &n.layout.tables[i]
		rows := Rows{n, t}
		for range r.IntN(8) {
			slot := r.IntN(t.Capacity)
			switch r.IntN(6) {
			case 0:
				rows.SpawnAt(slot)
			case 1:
				rows.SpawnFor(TeamID(r.IntN(3)))
			case 2:
				rows.Despawn(slot)
			case 3:
				rows.Teleport(slot)
			}
		}
		for slot := rows.Next(-1); slot >= 0; slot = rows.Next(slot) {
			for c := range t.Columns {
				rows.Col(c)[slot] += int32(r.Uint32()) >> (8 * r.IntN(4)) * int32(r.IntN(2))
			}
		}
	}
	return n
}

// shown is what a view sees of s, table by table.
func shown(s *Snapshot, view View) (all [][]int32) {
	for i := range s.layout.tables {
		t := &s.layout.tables[i]
		for slot := range t.Capacity {
			if t.Audience > Team || s.sees(t, slot>>6, view)>>(slot&63)&1 == 0 {
				continue
			}
			row := []int32{int32(i), int32(slot)}
			for c := range t.Columns {
				row = append(row, s.Col(i, c)[slot])
			}
			all = append(all, row)
		}
	}
	return all
}

// TestApplyUndoesDiff: base.Apply(Diff(base, now)) == now, for what a view
// sees of random worlds, from nothing, plain, and linear.
func TestApplyUndoesDiff(t *testing.T) {
	r := seeded(t)
	for range 60 {
		world := []*Snapshot{next(r, NewSnapshot(randomLayout(t, r)))}
		layout := world[0].layout
		for range 12 {
			world = append(world, next(r, world[len(world)-1]))
		}
		for _, view := range []View{0, 1, 2, Whole} {
			checkChain(t, layout, world, view)
		}
	}
}

// checkChain has a client follow the world: first from nothing, then plain,
// then linear.
func checkChain(t *testing.T, layout *Layout, world []*Snapshot, view View) {
	t.Helper()
	var d Delta
	held := make([]*Snapshot, len(world))
	for i, now := range world {
		held[i] = NewSnapshot(layout)
		switch i {
		case 0:
			d.Diff(nil, nil, now, view)
			held[i].Apply(&d, nil, nil)
		case 1:
			d.Diff(nil, world[0], now, view)
			held[i].Apply(&d, nil, held[0])
		default:
			d.Diff(world[i-2], world[i-1], now, view)
			held[i].Apply(&d, held[i-2], held[i-1])
		}
		if got, want := shown(held[i], Whole), shown(now, view); !reflect.DeepEqual(got, want) {
			t.Fatalf("step %d: got %v, want %v", i, got, want)
		}
		if got, want := held[i].Hash(Whole), now.Hash(view); got != want {
			t.Fatalf("step %d: hash %d, want %d", i, got, want)
		}
		if !ascends(&d) {
			t.Fatalf("step %d: not sorted: %v", i, d)
		}
	}
}

func ascends(d *Delta) bool {
	for i := range d.Changes {
		c := d.Changes[i]
		if c.By == 0 || i > 0 && uint32(d.Changes[i-1].Column)<<16+uint32(d.Changes[i-1].Slot) >= uint32(c.Column)<<16+uint32(c.Slot) {
			return false
		}
	}
	for _, refs := range [][]Ref{d.Spawns, d.Despawns} {
		for i := 1; i < len(refs); i++ {
			if uint32(refs[i-1].Table)<<16+uint32(refs[i-1].Slot) >= uint32(refs[i].Table)<<16+uint32(refs[i].Slot) {
				return false
			}
		}
	}
	return true
}

// TestTheFewThatChangeAreFound: in tables of any length, nearly full, of which
// little or nothing changes in a tick, Diff lists exactly what a comparison value
// by value finds, plain and linear.
func TestTheFewThatChangeAreFound(t *testing.T) {
	r := seeded(t)
	for range 60 {
		table := Table{Name: "t", Capacity: 1 + r.IntN(200), Columns: []Column{{Name: "a"}, {Name: "b", Linear: r.IntN(2) == 0}, {Name: "c"}}}
		world := []*Snapshot{NewSnapshot(mustLayout(t, &Schema{Tables: []Table{table}}))}
		for slot := range table.Capacity {
			if r.IntN(8) > 0 {
				Rows{world[0], &world[0].layout.tables[0]}.SpawnAt(slot)
			}
		}
		for range 5 {
			world = append(world, nudged(r, world[len(world)-1]))
		}
		var d Delta
		for i, now := range world[2:] {
			prev, base := world[i], world[i+1]
			d.Diff(nil, base, now, Whole)
			mustList(t, d.Changes, changesOf(base, base, now))
			d.Diff(prev, base, now, Whole)
			mustList(t, d.Changes, changesOf(prev, base, now))
		}
	}
}

// nudged is what comes after s where at most three values change, and a row may be
// another.
func nudged(r *rand.Rand, s *Snapshot) *Snapshot {
	n := NewSnapshot(s.layout)
	n.CopyFrom(s)
	rows := Rows{n, &n.layout.tables[0]}
	for range r.IntN(4) {
		rows.Col(r.IntN(3))[r.IntN(rows.t.Capacity)] += []int32{1, -1, 1 << 30, -1 << 31}[r.IntN(4)]
	}
	if slot := r.IntN(rows.t.Capacity); r.IntN(2) == 0 && rows.Live(slot) {
		rows.Teleport(slot)
	}
	return n
}

// changesOf compares the rows of table 0 value by value. With prev the base itself
// nothing has moved before.
func changesOf(prev, base, now *Snapshot) (all []Change) {
	for c, column := range now.layout.Schema.Tables[0].Columns {
		for slot := now.Next(0, -1); slot >= 0; slot = now.Next(0, slot) {
			if base.Gen(0, slot) != now.Gen(0, slot) {
				continue
			}
			by := now.Col(0, c)[slot] - base.Col(0, c)[slot]
			if column.Linear && prev.Gen(0, slot) == base.Gen(0, slot) {
				by -= base.Col(0, c)[slot] - prev.Col(0, c)[slot]
			}
			if by != 0 {
				all = append(all, Change{uint16(c), uint16(slot), by})
			}
		}
	}
	return all
}

func mustList(t *testing.T, got, want []Change) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// TestDirectAndInSteps: to go from a to c at once is to go by b.
func TestDirectAndInSteps(t *testing.T) {
	r := seeded(t)
	var d Delta
	for range 60 {
		a := next(r, NewSnapshot(randomLayout(t, r)))
		b := next(r, a)
		c := next(r, b)
		atOnce, byB, there := NewSnapshot(a.layout), NewSnapshot(a.layout), NewSnapshot(a.layout)
		d.Diff(nil, a, c, Whole)
		atOnce.Apply(&d, nil, a)
		d.Diff(nil, a, b, Whole)
		byB.Apply(&d, nil, a)
		d.Diff(nil, b, c, Whole)
		there.Apply(&d, nil, byB)
		if got, want := shown(atOnce, Whole), shown(there, Whole); !reflect.DeepEqual(got, want) {
			t.Fatalf("at once %v, in steps %v", got, want)
		}
	}
}

func TestNoDeltaIsEmpty(t *testing.T) {
	r := seeded(t)
	var d Delta
	for range 100 {
		a := next(r, NewSnapshot(randomLayout(t, r)))
		if d.Diff(nil, a, a, Whole); len(d.Changes)+len(d.Spawns)+len(d.Values)+len(d.Despawns) != 0 {
			t.Fatalf("from a to a is %+v", d)
		}
		if d.Diff(a, a, a, Whole); !d.Linear || len(d.Changes)+len(d.Spawns)+len(d.Values)+len(d.Despawns) != 0 {
			t.Fatalf("from a to a is %+v", d)
		}
	}
}

func TestOwn(t *testing.T) {
	l := mustLayout(t, &Schema{Tables: []Table{
		{Name: "a", Capacity: 3, Audience: Private, Columns: []Column{{Name: "x"}, {Name: "y"}}},
		{Name: "b", Capacity: 5, Audience: Private, Columns: []Column{{Name: "z"}}},
	}})
	base, now, held := NewSnapshot(l), NewSnapshot(l), NewSnapshot(l)
	now.Col(0, 1)[2], now.Col(1, 0)[2], now.Col(1, 0)[1] = 7, -8, 9
	by, mask := DiffOwn(nil, base, now, 2)
	if mask != 0b110 || !reflect.DeepEqual(by, []int32{7, -8}) {
		t.Errorf("got %v, mask %b", by, mask)
	}
	held.ApplyOwn(mask, by, 2)
	if held.Own(0, 1, 2) != 7 || held.Own(1, 0, 2) != -8 || held.Own(1, 0, 1) != 0 {
		t.Error("what was applied is not what was found")
	}
	if by, mask = DiffOwn(by[:0], now, now, 2); mask != 0 || len(by) != 0 {
		t.Errorf("nothing changed, got %v", by)
	}
	if by, mask = DiffOwn(by[:0], nil, now, 1); mask != 0b100 || by[0] != 9 {
		t.Errorf("against nothing, got %v, mask %b", by, mask)
	}
}

// fight is a world of the size that is common: 16 who move, and some shots.
func fight(tb testing.TB) [3]*Snapshot {
	l := mustLayout(tb, &Schema{Tables: []Table{
		{Name: "players", Capacity: 16, Columns: []Column{{Name: "x", Linear: true}, {Name: "y", Linear: true}, {Name: "aim"}, {Name: "hp"}}},
		{Name: "shots", Capacity: 128, Columns: []Column{{Name: "x"}, {Name: "y"}, {Name: "dx"}, {Name: "dy"}, {Name: "born", Tick: true}}},
		{Name: "mines", Capacity: 64, Audience: Team, Columns: []Column{{Name: "x"}, {Name: "y"}}},
	}})
	var s [3]*Snapshot
	s[0] = NewSnapshot(l)
	for i := range 16 {
		Rows{s[0], &l.tables[0]}.SpawnAt(i)
		Rows{s[0], &l.tables[1]}.SpawnAt(i * 7)
		Rows{s[0], &l.tables[2]}.SpawnFor(TeamID(i % 2))
	}
	for i := 1; i < 3; i++ {
		s[i] = NewSnapshot(l)
		s[i].CopyFrom(s[i-1])
		s[i].Tick++
		for p := range 16 {
			s[i].Col(0, 0)[p] += int32(30 + p%3*i)
			s[i].Col(0, 1)[p] -= int32(20 + p%2*i)
			s[i].Col(0, 2)[p] += int32(p)
		}
		Rows{s[i], &l.tables[1]}.SpawnAt(i)
		Rows{s[i], &l.tables[1]}.Despawn(i * 7)
	}
	return s
}

func TestDeltasDoNotAllocate(t *testing.T) {
	s := fight(t)
	held := NewSnapshot(s[0].layout)
	var d Delta
	work := func() {
		d.Diff(s[0], s[1], s[2], 1)
		held.Apply(&d, s[0], s[1])
		held.Hash(Whole)
	}
	if n := testing.AllocsPerRun(100, work); n != 0 {
		t.Errorf("a delta allocates %v times", n)
	}
}

func BenchmarkDiff(b *testing.B) {
	s := fight(b)
	var d Delta
	for _, linear := range []bool{false, true} {
		b.Run(map[bool]string{false: "plain", true: "linear"}[linear], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if linear {
					d.Diff(s[0], s[1], s[2], 1)
				} else {
					d.Diff(nil, s[1], s[2], 1)
				}
			}
		})
	}
}

func BenchmarkApply(b *testing.B) {
	s := fight(b)
	held := NewSnapshot(s[0].layout)
	var d Delta
	d.Diff(s[0], s[1], s[2], 1)
	b.ReportAllocs()
	for b.Loop() {
		held.Apply(&d, s[0], s[1])
	}
}

func BenchmarkHash(b *testing.B) {
	s := fight(b)
	b.ReportAllocs()
	for b.Loop() {
		s[2].Hash(1)
	}
}
