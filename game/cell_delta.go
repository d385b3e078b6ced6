package game

// A CellDelta is what turns the rows of one cell as they were into those as
// they are, for one view. It is made by Diff on the server and by the parser
// on a client, and used again and again without allocating; protocol defines
// its bytes.
//
// Rows that were in the cell are numbered from 0 in each table, by slot: these
// are local rows. A slot whose row is another than before, or was teleported,
// enters anew and takes the place of what was there. So, as with a [Delta],
// applying what Diff found between two ticks to the rows of the first gives
// those of the second.
//
// As with a [Delta], a linear one takes the columns marked Linear against where
// they come to if each row that stayed moves on by as much as it did with the
// delta before. A row that entered with that one has not moved.
type CellDelta struct {
	Linear  bool
	News    bool     // by Diff: the rows are not what they were; a linear delta without changes may move them all
	Sizes   []int    // by column of cells: how many rows of its table were in the cell
	Changes []Change // sorted by column of cells, then local row, which is in Slot
	Enters  []Entry  // sorted by table, then slot; each has its values in Values
	Values  []int32  // the entered rows' values, row after row
	Leaves  []Leave  // sorted by table, then local row

	stay []stay // scratch of Diff: rows of one table that are in both, and may have moved
}

// An Entry is a row that has come to a cell. Gen tells it from others in the
// same slot: it is the generation modulo 128.
type Entry struct {
	Ref
	Gen uint8
}

// A Leave is a row that is not in the cell any more. Slot is filled in by Diff
// and by [CellRows.Apply].
type Leave struct{ Table, Row, Slot uint16 }

type stay struct {
	slot, local uint16
	steady      bool // it was in the cell before the base, too
}

// Reset empties d.
func (d *CellDelta) Reset() {
	d.Linear, d.News = false, false
	d.Sizes, d.Changes, d.Enters = d.Sizes[:0], d.Changes[:0], d.Enters[:0]
	d.Values, d.Leaves = d.Values[:0], d.Leaves[:0]
}

// Diff makes d what has happened in the cell from base to now, the index's
// newest tick, as far as view sees. A nil base is that nothing was in it. With
// prev given, from which the delta before led to base, it is linear.
func (d *CellDelta) Diff(x *CellIndex, prev, base *Cells, cell CellID, view View) {
	d.Reset()
	d.Linear = prev != nil
	p := pair{x: x, prev: prev, base: base, cell: cell, view: view}
	var had []row
	if base != nil {
		had, p.from = base.in(cell), base.s.Tick
	}
	if prev != nil {
		p.from = prev.s.Tick // one that has stopped since was expected to move on
	}
	has := x.now.in(cell)
	for _, ti := range x.layout.spatialTables {
		p.table, p.t = ti, &x.layout.tables[ti]
		p.all = p.t.Audience != Team || view == Whole
		if p.all && base != nil && x.tables[ti][cell] <= p.from {
			n := d.passOver(&p, had)
			had, has = had[n:], has[n:]
			continue
		}
		had, has = d.diffTable(&p, had, has)
	}
	d.News = d.News || len(d.Enters)+len(d.Leaves) > 0
}

// A pair is one table, then and now.
type pair struct {
	x     *CellIndex
	prev  *Cells // nil for a plain delta
	base  *Cells
	cell  CellID
	view  View
	from  Tick // rows that nothing has touched since are what they were said to become
	table int
	t     *tableLayout
	all   bool // the view sees all rows
}

func (p *pair) saw(r row) bool  { return p.all || p.base.s.seesRow(p.t, r.slot(), p.view) }
func (p *pair) sees(r row) bool { return p.all || p.x.now.s.seesRow(p.t, r.slot(), p.view) }

// stays reports whether a row that is in the cell at base and now is the same,
// and whether it was in it at prev, too. Most have been there all the time.
func (p *pair) stays(slot int, came Tick) (same, steady bool) {
	at, base := p.t.slot+slot, p.base.s
	if same = came <= base.Tick || p.x.now.s.gens[at] == base.gens[at]; !same || p.prev == nil {
		return same, false
	}
	prev := p.prev.s
	return true, came <= prev.Tick || prev.gens[at] == base.gens[at] && p.prev.holds(p.t, slot, p.cell)
}

// passOver notes that nothing has happened to a table's rows, which come first
// in was, and returns how many they are.
func (d *CellDelta) passOver(p *pair, was []row) (n int) {
	for end := rowOf(p.table+1, 0); n < len(was) && was[n] < end; {
		n++
	}
	for range p.t.Columns {
		d.Sizes = append(d.Sizes, n)
	}
	return n
}

// diffTable merges the rows of one table that were in the cell with those that
// are, and returns what comes after them. A row that is in both is taken to be the
// same where nothing has touched it since.
func (d *CellDelta) diffTable(p *pair, was, is []row) (_, _ []row) {
	d.stay = d.stay[:0]
	local, end := 0, rowOf(p.table+1, 0)
	for {
		old, now := end, end
		if len(was) > 0 && was[0] < end {
			if old = was[0]; !p.saw(old) {
				was = was[1:]
				continue
			}
		}
		if len(is) > 0 && is[0] < end {
			if now = is[0]; !p.sees(now) {
				is = is[1:]
				continue
			}
		}
		switch {
		case old < now:
			d.Leaves = append(d.Leaves, Leave{uint16(p.table), uint16(local), uint16(old.slot())})
			was = was[1:]
			local++
			continue
		case now < old:
			d.enter(p, now.slot())
			is = is[1:]
			continue
		case now == end:
			d.diffColumns(p, local)
			return was, is
		}
		slot := now.slot()
		if last := p.x.last[p.t.slot+slot]; last.touched > p.from {
			if same, steady := p.stays(slot, last.came); same {
				d.stay = append(d.stay, stay{uint16(slot), uint16(local), steady})
			} else {
				d.enter(p, slot)
			}
		}
		was, is = was[1:], is[1:]
		local++
	}
}

func (d *CellDelta) enter(p *pair, slot int) {
	t, s := p.t, p.x.now.s
	d.Enters = append(d.Enters, Entry{Ref{uint16(p.table), uint16(slot)}, uint8(s.gens[t.slot+slot] & 127)})
	for c := range t.Columns {
		d.Values = append(d.Values, s.cells[t.cell+c*t.Capacity+slot])
	}
}

// diffColumns lists what changed in the rows that stayed, of so many.
func (d *CellDelta) diffColumns(p *pair, size int) {
	t, news := p.t, false
	for c := range t.Columns {
		d.Sizes = append(d.Sizes, size)
		if len(d.stay) == 0 {
			continue
		}
		is, was := p.x.now.s.column(t, c), p.base.s.column(t, c)
		before := was
		if p.prev != nil && t.Columns[c].Linear {
			before = p.prev.s.column(t, c)
		}
		for _, r := range d.stay {
			by := is[r.slot] - was[r.slot]
			news = news || by != 0
			if r.steady {
				by -= was[r.slot] - before[r.slot]
			}
			if by != 0 {
				d.Changes = append(d.Changes, Change{uint16(t.firstSpatial + c), r.local, by})
			}
		}
	}
	d.News = d.News || news
}
