package game

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// planeSchema has a plane on which rows of three tables lie, one of them for
// teams and one larger than an integer's bits, between others that do not.
func planeSchema() *Schema {
	at := func(more ...Column) []Column {
		return append([]Column{{Name: "x", Axis: X, Linear: true}, {Name: "y", Axis: Y}}, more...)
	}
	return &Schema{Space: &Space{Width: 300, Height: 200, Cell: 70, Reach: 60}, Tables: []Table{
		{Name: "score", Capacity: 3, Columns: []Column{{Name: "n"}}},
		{Name: "movers", Capacity: 40, Columns: at(Column{Name: "mass"})},
		{Name: "eyes", Capacity: 4, Audience: Private, Columns: at()},
		{Name: "crumbs", Capacity: 300, Columns: at()},
		{Name: "marks", Capacity: 70, Audience: Team, Columns: append([]Column{{Name: "kind"}}, at(Column{Name: "born", Tick: true})...)},
	}}
}

// wander is what may come after s on the plane: most rows move a little, some
// jump, come, go, or are replaced.
func wander(r *rand.Rand, s *Snapshot) *Snapshot {
	n := NewSnapshot(s.layout)
	n.CopyFrom(s)
	n.Tick++
	for ti := range n.layout.tables {
		t := &n.layout.tables[ti]
		if !t.spatial() {
			continue
		}
		rows := Rows{n, t}
		x, y := rows.Col(t.place.x), rows.Col(t.place.y)
		for range r.IntN(4) {
			slot, ok := rows.SpawnFor(TeamID(r.IntN(3)))
			if ok {
				x[slot], y[slot] = r.Int32N(340)-20, r.Int32N(240)-20
			}
			switch slot = r.IntN(t.Capacity); {
			case r.IntN(2) == 0:
				rows.Despawn(slot)
			case rows.Live(slot):
				rows.Teleport(slot)
				x[slot] = r.Int32N(300)
			}
		}
		for slot := rows.Next(-1); slot >= 0; slot = rows.Next(slot) {
			if (slot+ti)%3 > 0 {
				x[slot] += r.Int32N(21) - 10
				y[slot] += r.Int32N(9) - 4
			}
		}
	}
	return n
}

func wandering(t testing.TB, r *rand.Rand, ticks int) []*Snapshot {
	world := []*Snapshot{NewSnapshot(mustLayout(t, planeSchema()))}
	for range ticks {
		world = append(world, wander(r, world[len(world)-1]))
	}
	return world
}

// lying lists what a view sees of a cell, by looking at every row.
func lying(s *Snapshot, cell CellID, view View) (all [][]int32) {
	for ti := range s.layout.tables {
		t := &s.layout.tables[ti]
		for slot := range t.Capacity {
			if !t.spatial() || s.sees(t, slot>>6, view)>>(slot&63)&1 == 0 ||
				s.layout.Space().CellAt(s.Col(ti, t.place.x)[slot], s.Col(ti, t.place.y)[slot]) != cell {
				continue
			}
			row := []int32{int32(ti), int32(slot), int32(s.Gen(ti, slot) & 127)}
			for c := range t.Columns {
				row = append(row, s.Col(ti, c)[slot])
			}
			all = append(all, row)
		}
	}
	return all
}

func (c *CellRows) list() (all [][]int32) {
	for i, r := range c.Rows() {
		all = append(all, append([]int32{int32(r.Table), int32(r.Slot), int32(r.Gen)}, c.Values(i)...))
	}
	return all
}

// TestCellsHoldWhatLiesInThem: the index agrees with a look at every row, at
// each tick that it keeps.
func TestCellsHoldWhatLiesInThem(t *testing.T) {
	r := seeded(t)
	world := wandering(t, r, 40)
	x := NewCellIndex(world[0].layout)
	for now, s := range world {
		x.Advance(s)
		for back := range CellAges + 2 {
			old := x.At(Tick(now - back))
			if kept := back <= CellAges && back <= now; (old != nil) != kept {
				t.Fatalf("tick %d, %d ago: kept %v", now, back, old != nil)
			}
			if old == nil || back%5 > 0 && back < CellAges {
				continue
			}
			for cell := range CellID(s.layout.Space().Cells()) {
				var got [][2]int
				old.Each(cell, 1, func(table, slot int) { got = append(got, [2]int{table, slot}) })
				want := lying(world[now-back], cell, 1)
				if len(got) != len(want) || old.Empty(cell) != (len(lying(world[now-back], cell, Whole)) == 0) {
					t.Fatalf("tick %d, %d ago, cell %d: %v, want %v", now, back, cell, got, want)
				}
				for i := range got {
					if int32(got[i][0]) != want[i][0] || int32(got[i][1]) != want[i][1] {
						t.Fatalf("tick %d, %d ago, cell %d: %v, want %v", now, back, cell, got, want)
					}
				}
			}
		}
	}
}

// TestChangedCells: a cell has changed when any of its rows has, for anyone;
// and the index knows where a row is, and since when.
func TestChangedCells(t *testing.T) {
	r := seeded(t)
	world := wandering(t, r, 40)
	x := NewCellIndex(world[0].layout)
	changed := make([]Tick, world[0].layout.Space().Cells())
	for now, s := range world {
		x.Advance(s)
		for cell := range changed {
			if now > 0 && !reflect.DeepEqual(lying(s, CellID(cell), Whole), lying(world[now-1], CellID(cell), Whole)) {
				changed[cell] = Tick(now)
			}
			if got := x.Changed(CellID(cell)); got != changed[cell] {
				t.Fatalf("tick %d: cell %d changed at %d, want %d", now, cell, got, changed[cell])
			}
			for _, row := range lying(s, CellID(cell), 2) {
				checkWhere(t, x, world[:now+1], CellID(cell), int(row[0]), int(row[1]))
			}
		}
	}
	if _, _, ok := x.Where(3, 299, Whole); ok {
		t.Error("a row that does not live lies somewhere")
	}
}

func checkWhere(t *testing.T, x *CellIndex, world []*Snapshot, want CellID, table, slot int) {
	t.Helper()
	cell, since, ok := x.Where(table, slot, 2)
	if !ok || cell != want {
		t.Fatalf("row %d of table %d is in cell %d, %v; want %d", slot, table, cell, ok, want)
	}
	begin := len(world) - 1
	here := func(s *Snapshot) bool {
		p := s.layout.tables[table].place
		return s.Live(table, slot) && s.Gen(table, slot) == world[len(world)-1].Gen(table, slot) &&
			s.layout.Space().CellAt(s.Col(table, p.x)[slot], s.Col(table, p.y)[slot]) == cell
	}
	for begin > 0 && here(world[begin-1]) {
		begin--
	}
	if since != Tick(begin) {
		t.Fatalf("row %d of table %d is in cell %d since %d, want %d", slot, table, cell, since, begin)
	}
}

// TestCellDeltasLeadThere: what a client holds of a cell, with the delta since
// applied, is what lies in it now, for every view and age, and for none.
func TestCellDeltasLeadThere(t *testing.T) {
	r := seeded(t)
	world := wandering(t, r, 60)
	l := world[0].layout
	x := NewCellIndex(l)
	views := []View{0, 1, 2, Whole}
	held := make([][]*CellRows, len(views))
	told := make([][]Tick, len(views))
	before := make([][]Tick, len(views)) // told, too; the tick itself where nothing was
	for v := range views {
		told[v], before[v] = make([]Tick, l.Space().Cells()), make([]Tick, l.Space().Cells())
		for range l.Space().Cells() {
			held[v] = append(held[v], newCellRows(l))
		}
	}
	var d CellDelta
	for now, s := range world {
		x.Advance(s)
		for v, view := range views {
			for cell := range CellID(l.Space().Cells()) {
				if r.IntN(5) > 0 {
					continue
				}
				c := held[v][cell]
				prev, base := x.At(before[v][cell]), x.At(told[v][cell])
				if before[v][cell] = told[v][cell]; base == nil || r.IntN(20) == 0 {
					c.clear()
					prev, base, before[v][cell] = nil, nil, Tick(now)
				}
				if prev == base || r.IntN(3) == 0 {
					prev = nil
				}
				d.Diff(x, prev, base, cell, view)
				if news := base == nil && len(lying(s, cell, view)) > 0 || base != nil && !reflect.DeepEqual(lying(base.s, cell, view), lying(s, cell, view)); d.News != news {
					t.Fatalf("tick %d, cell %d, view %d: %+v has news: %v, want %v", now, cell, view, d, d.News, news)
				}
				was := c.list()
				checkOrder(t, &d, c)
				c.Apply(&d)
				told[v][cell] = Tick(now)
				if got, want := c.list(), lying(s, cell, view); !reflect.DeepEqual(got, want) {
					t.Fatalf("tick %d, cell %d, view %d: %v and %+v gave\n%v, want\n%v", now, cell, view, was, d, got, want)
				}
				if c.Hash() != x.Now().Hash(cell, view) {
					t.Fatalf("tick %d, cell %d, view %d: another hash", now, cell, view)
				}
				if d.Diff(x, nil, x.Now(), cell, view); d.News || len(d.Changes)+len(d.Enters)+len(d.Leaves) > 0 {
					t.Fatalf("from itself to itself: %+v", d)
				}
			}
		}
	}
}

// checkOrder: lists ascend, sizes are those of what is held, and leaves name
// the slots they mean.
func checkOrder(t *testing.T, d *CellDelta, c *CellRows) {
	t.Helper()
	if !reflect.DeepEqual(d.Sizes, c.Sizes()) {
		t.Fatalf("sizes %v, want %v", d.Sizes, c.Sizes())
	}
	for i, e := range d.Changes {
		if e.By == 0 || int(e.Slot) >= d.Sizes[e.Column] || i > 0 &&
			(e.Column < d.Changes[i-1].Column || e.Column == d.Changes[i-1].Column && e.Slot <= d.Changes[i-1].Slot) {
			t.Fatalf("change %d of %v", i, d.Changes)
		}
	}
	for i := range d.Enters {
		if i > 0 && !d.Enters[i-1].Before(d.Enters[i].Ref) {
			t.Fatalf("enters %v", d.Enters)
		}
	}
	for _, leave := range d.Leaves {
		slots := []uint16{}
		for _, r := range c.Rows() {
			if r.Table == leave.Table {
				slots = append(slots, r.Slot)
			}
		}
		if slots[leave.Row] != leave.Slot {
			t.Fatalf("leave %+v of rows %v", leave, slots)
		}
	}
}

// TestASightShowsAllItIsTold: with every cell told at every tick, the rows are
// those of the world; with some forgotten, theirs are gone.
func TestASightShowsAllItIsTold(t *testing.T) {
	r := seeded(t)
	world := wandering(t, r, 60)
	l := world[0].layout
	x, into := NewCellIndex(l), NewSnapshot(l)
	sight := NewSight(into)
	var d CellDelta
	for _, s := range world {
		x.Advance(s)
		forgotten := CellID(r.IntN(l.Space().Cells()))
		var want [][]int32
		for cell := range CellID(l.Space().Cells()) {
			c, base := sight.Cell(cell), x.At(s.Tick-1)
			if c == nil {
				c, base = sight.Hold(cell), nil
			}
			d.Diff(x, nil, base, cell, 1)
			c.Apply(&d)
			sight.Told(cell, &d)
			want = append(want, lying(s, cell, 1)...)
		}
		sight.Settle()
		if got := shownOnPlane(into); !sameLists(got, want) {
			t.Fatalf("tick %d: shows\n%v, want\n%v", s.Tick, got, want)
		}
		if sight.Held() != l.Space().Cells() || !sight.Forget(forgotten) || sight.Forget(forgotten) {
			t.Fatal("a cell that is held is forgotten once")
		}
		sight.Settle()
		if got, want := len(shownOnPlane(into)), len(want)-len(lying(s, forgotten, 1)); got != want {
			t.Fatalf("tick %d: without cell %d %d rows, want %d", s.Tick, forgotten, got, want)
		}
	}
	sight.ForgetAll()
	sight.Settle()
	if rows := shownOnPlane(into); len(rows) > 0 || sight.Held() > 0 {
		t.Errorf("all is forgotten but %v", rows)
	}
}

// shownOnPlane lists the live rows of spatial tables, as lying does.
func shownOnPlane(s *Snapshot) (all [][]int32) {
	for cell := range CellID(s.layout.Space().Cells()) {
		all = append(all, lying(s, cell, Whole)...)
	}
	return all
}

func sameLists(a, b [][]int32) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

func TestCellsDoNotAllocate(t *testing.T) {
	r := seeded(t)
	world := wandering(t, r, 400)
	l := world[0].layout
	x, into := NewCellIndex(l), NewSnapshot(l)
	sight := NewSight(into)
	var d CellDelta
	next := 0
	step := func() {
		x.Advance(world[next])
		for cell := range CellID(l.Space().Cells()) {
			c, base := sight.Cell(cell), x.At(Tick(next-1))
			if c == nil || next%7 == int(cell)%7 {
				c, base = sight.Hold(cell), nil
			}
			d.Diff(x, nil, base, cell, 1)
			c.Apply(&d)
			sight.Told(cell, &d)
		}
		sight.Settle()
		next++
	}
	for range 300 { // as many rows go as come by then
		step()
	}
	if n := testing.AllocsPerRun(99, step); n > 0 {
		t.Errorf("a tick allocates %v times", n)
	}
}
