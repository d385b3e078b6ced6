package game

import "math/bits"

// CellAges is how old, in ticks, the base of a cell's delta may be.
const CellAges = 30

// A CellIndex knows which rows lie in which cell, now and at each of the last
// CellAges ticks. It is for one goroutine and uses the snapshots it is shown,
// which must be good for as long.
type CellIndex struct {
	layout *Layout
	past   [CellAges + 1]Cells
	now    *Cells
	cell   []CellID // by slot of all tables: where the row lies now, or noCell
	last   []lately // by slot
	change []Tick   // by cell: the newest tick at which it differed from the one before
	tables [][]Tick // by table, of those that are spatial, and cell: the same of its rows alone
}

// lately is what has happened to a row.
type lately struct {
	came    Tick // to the cell in which it lies now
	touched Tick // the newest tick at which the row was another than before, or elsewhere
}

// noCell is where rows lie that do not live.
const noCell CellID = MaxCells

// Cells are the rows of a snapshot, cell by cell.
type Cells struct {
	s      *Snapshot
	starts []uint32 // by cell, where its rows begin; and where the last one's end
	rows   []row    // in each cell by table and slot
}

// A row names a row of any table, in their order.
type row uint32

func rowOf(table, slot int) row { return row(table<<16 | slot) }
func (r row) table() int        { return int(r >> 16) }
func (r row) slot() int         { return int(r & 0xffff) }

// NewCellIndex returns the index of a match of the layout, which must have a
// space.
func NewCellIndex(l *Layout) *CellIndex {
	x := &CellIndex{layout: l, cell: make([]CellID, l.slots), last: make([]lately, l.slots), change: make([]Tick, l.Space().Cells()), tables: make([][]Tick, len(l.tables))}
	for _, ti := range l.spatialTables {
		x.tables[ti] = make([]Tick, len(x.change))
	}
	for i := range x.cell {
		x.cell[i] = noCell
	}
	for i := range x.past {
		x.past[i].starts = make([]uint32, l.Space().Cells()+1)
	}
	return x
}

// Advance takes in the snapshot of the next tick, or of any as the first.
func (x *CellIndex) Advance(s *Snapshot) {
	before := x.now
	x.now = &x.past[s.Tick%Tick(len(x.past))]
	x.now.s = s
	clear(x.now.starts)
	for _, ti := range x.layout.spatialTables {
		if before == nil {
			x.locate(ti, s, s)
		} else {
			x.locate(ti, before.s, s)
		}
	}
	x.sort()
}

// locate finds the cell of each of a table's rows, counts the rows of each
// cell in starts, behind where it belongs, and notes what has changed.
func (x *CellIndex) locate(table int, before, s *Snapshot) {
	t := &x.layout.tables[table]
	space, count := &x.layout.grid, x.now.starts[1:]
	px, py := s.column(t, t.place.x), s.column(t, t.place.y)
	for w := range t.words {
		lives := s.live[t.word+w]
		for m := lives | before.live[t.word+w]; m != 0; m &= m - 1 {
			i := bits.TrailingZeros64(m)
			slot := w<<6 + i
			was, is := x.cell[t.slot+slot], noCell
			if lives>>i&1 != 0 {
				is = space.at(px[slot], py[slot])
				count[is]++
			}
			if was == is && sameRow(t, slot, before, s) {
				continue
			}
			x.note(table, t.slot+slot, was, is, before, s)
		}
	}
}

// note keeps that a row is another than before, or elsewhere.
func (x *CellIndex) note(table, at int, was, is CellID, before, s *Snapshot) {
	x.last[at].touched = s.Tick
	if was != is || before.gens[at] != s.gens[at] {
		x.cell[at], x.last[at].came = is, s.Tick
	}
	for _, cell := range [2]CellID{was, is} {
		if cell != noCell {
			x.change[cell], x.tables[table][cell] = s.Tick, s.Tick
		}
	}
}

// sameRow reports whether a slot holds the same in two snapshots in which it
// lives, or in neither.
func sameRow(t *tableLayout, slot int, a, b *Snapshot) bool {
	if a.gens[t.slot+slot] != b.gens[t.slot+slot] {
		return false
	}
	for at := t.cell + slot; at < t.cell+len(t.Columns)*t.Capacity; at += t.Capacity {
		if a.cells[at] != b.cells[at] {
			return false
		}
	}
	return true
}

// sort lists the rows by their cell.
func (x *CellIndex) sort() {
	c, sum := x.now, uint32(0)
	for i, n := range c.starts[1:] { // starts[i+1] becomes where cell i begins
		c.starts[i+1] = sum
		sum += n
	}
	if cap(c.rows) < int(sum) {
		c.rows = make([]row, sum+sum/4)
	}
	c.rows = c.rows[:sum]
	for _, ti := range x.layout.spatialTables {
		t := &x.layout.tables[ti]
		for w := range t.words {
			for m := c.s.live[t.word+w]; m != 0; m &= m - 1 {
				slot := w<<6 + bits.TrailingZeros64(m)
				at := &c.starts[x.cell[t.slot+slot]+1] // and with the last of its rows, where it ends
				c.rows[*at] = rowOf(ti, slot)
				*at++
			}
		}
	}
}

// Layout returns the layout of the snapshots.
func (x *CellIndex) Layout() *Layout { return x.layout }

// Now returns the rows as they lie at the newest tick.
func (x *CellIndex) Now() *Cells { return x.now }

// At returns the rows as they lay at a tick, or nil if that is not kept.
func (x *CellIndex) At(t Tick) *Cells {
	if c := &x.past[t%Tick(len(x.past))]; c.s != nil && c.s.Tick == t && x.now.s.Tick-t <= CellAges {
		return c
	}
	return nil
}

// Changed returns the newest tick at which the cell differed from the tick
// before, 0 for never.
func (x *CellIndex) Changed(c CellID) Tick { return x.change[c] }

// Where returns the cell that the row in a slot lies in now, as far as view
// sees it, and when it came there.
func (x *CellIndex) Where(table, slot int, view View) (cell CellID, since Tick, ok bool) {
	t := &x.layout.tables[table]
	cell = x.cell[t.slot+slot]
	if cell == noCell || !x.now.s.seesRow(t, slot, view) {
		return 0, 0, false
	}
	return cell, x.last[t.slot+slot].came, true
}

// in returns a cell's rows, by table and slot.
func (c *Cells) in(cell CellID) []row { return c.rows[c.starts[cell]:c.starts[cell+1]] }

// holds reports whether a row that lives lies in the cell.
func (c *Cells) holds(t *tableLayout, slot int, cell CellID) bool {
	return c.s.layout.grid.at(c.s.column(t, t.place.x)[slot], c.s.column(t, t.place.y)[slot]) == cell
}

// Empty reports whether nothing lies in the cell.
func (c *Cells) Empty(cell CellID) bool { return c.starts[cell] == c.starts[cell+1] }

// Each calls f for each row of a cell that view sees.
func (c *Cells) Each(cell CellID, view View, f func(table, slot int)) {
	for _, r := range c.in(cell) {
		if c.s.seesRow(&c.s.layout.tables[r.table()], r.slot(), view) {
			f(r.table(), r.slot())
		}
	}
}

// Hash is over a cell's rows that view sees, as [CellRows.Hash] is.
func (c *Cells) Hash(cell CellID, view View) uint32 {
	h := hashSeed
	for _, r := range c.in(cell) {
		if t := &c.s.layout.tables[r.table()]; c.s.seesRow(t, r.slot(), view) {
			h = c.s.hashRow(mix(h, uint32(r.table())), t, r.slot())
		}
	}
	return h
}

// seesRow reports whether view may see a row that lives.
func (s *Snapshot) seesRow(t *tableLayout, slot int, view View) bool {
	return t.Audience != Team || view == Whole || s.owners[t.slot+slot] == TeamID(view)
}

func (s *Snapshot) column(t *tableLayout, c int) []int32 {
	at := t.cell + c*t.Capacity
	return s.cells[at : at+t.Capacity]
}

// A grid finds cells as [Space.CellAt] does, without dividing.
type grid struct {
	right, bottom int32 // the last places
	columns       uint64
	inverse       uint64 // of the side, times 2^shift
	shift         int
}

func newGrid(s *Space) grid {
	shift := 30 + bits.Len32(uint32(s.Cell-1)) // exact for places below 2^30, and the product fits 64 bits
	inverse := (uint64(1)<<shift + uint64(s.Cell) - 1) / uint64(s.Cell)
	return grid{s.Width - 1, s.Height - 1, uint64(s.Columns()), inverse, shift}
}

func (g *grid) at(x, y int32) CellID {
	x, y = min(max(x, 0), g.right), min(max(y, 0), g.bottom)
	return CellID(uint64(y)*g.inverse>>g.shift*g.columns + uint64(x)*g.inverse>>g.shift)
}
