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
type CellDelta struct {
	Sizes   []int    // by column of cells: how many rows of its table were in the cell
	Changes []Change // sorted by column of cells, then local row, which is in Slot
	Enters  []Entry  // sorted by table, then slot; each has its values in Values
	Values  []int32  // the entered rows' values, row after row
	Leaves  []Leave  // sorted by table, then local row

	stay []stay // scratch of Diff: rows of one table that are in both
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

type stay struct{ slot, local uint16 }

// Reset empties d.
func (d *CellDelta) Reset() {
	d.Sizes, d.Changes, d.Enters = d.Sizes[:0], d.Changes[:0], d.Enters[:0]
	d.Values, d.Leaves = d.Values[:0], d.Leaves[:0]
}

// Empty reports whether d changes nothing.
func (d *CellDelta) Empty() bool { return len(d.Changes)+len(d.Enters)+len(d.Leaves) == 0 }

// Diff makes d what happened in the cell between base and now, as far as view
// sees. A nil base is that nothing was in it.
func (d *CellDelta) Diff(base, now *Cells, cell CellID, view View) {
	d.Reset()
	var had []row
	if base != nil {
		had = base.in(cell)
	}
	has := now.in(cell)
	for _, ti := range now.s.layout.spatialTables {
		var was, is []row
		was, had = cutTable(had, ti)
		is, has = cutTable(has, ti)
		d.diffTable(&tablePair{now.s.layout, ti, base, now, view}, was, is)
	}
}

// cutTable splits off the rows of a table, which come first.
func cutTable(rows []row, table int) (of, rest []row) {
	n := 0
	for n < len(rows) && rows[n].table() == table {
		n++
	}
	return rows[:n], rows[n:]
}

// tablePair is one table, then and now.
type tablePair struct {
	layout *Layout
	table  int
	base   *Cells
	now    *Cells
	view   View
}

func (p *tablePair) of() *tableLayout { return &p.layout.tables[p.table] }

func (p *tablePair) saw(slot int) bool  { return p.base.s.seesRow(p.of(), slot, p.view) }
func (p *tablePair) sees(slot int) bool { return p.now.s.seesRow(p.of(), slot, p.view) }

func (p *tablePair) same(slot int) bool {
	at := p.of().slot + slot
	return p.base.s.gens[at] == p.now.s.gens[at]
}

// diffTable merges the rows of one table that were in the cell with those that
// are.
func (d *CellDelta) diffTable(p *tablePair, was, is []row) {
	d.stay = d.stay[:0]
	local := 0
	for len(was)+len(is) > 0 {
		switch {
		case len(is) > 0 && !p.sees(is[0].slot()):
			is = is[1:]
		case len(was) > 0 && !p.saw(was[0].slot()):
			was = was[1:]
		case len(was) == 0 || len(is) > 0 && is[0] < was[0]:
			d.enter(p, is[0].slot())
			is = is[1:]
		case len(is) == 0 || was[0] < is[0]:
			d.Leaves = append(d.Leaves, Leave{uint16(p.table), uint16(local), uint16(was[0].slot())})
			was = was[1:]
			local++
		default:
			if slot := is[0].slot(); p.same(slot) {
				d.stay = append(d.stay, stay{uint16(slot), uint16(local)})
			} else {
				d.enter(p, slot)
			}
			was, is = was[1:], is[1:]
			local++
		}
	}
	d.diffColumns(p, local)
}

func (d *CellDelta) enter(p *tablePair, slot int) {
	t, s := p.of(), p.now.s
	d.Enters = append(d.Enters, Entry{Ref{uint16(p.table), uint16(slot)}, uint8(s.gens[t.slot+slot] & 127)})
	for c := range t.Columns {
		d.Values = append(d.Values, s.cells[t.cell+c*t.Capacity+slot])
	}
}

// diffColumns lists what changed in the rows that stayed, of so many.
func (d *CellDelta) diffColumns(p *tablePair, size int) {
	t := p.of()
	for c := range t.Columns {
		d.Sizes = append(d.Sizes, size)
		if len(d.stay) == 0 {
			continue
		}
		is, was := p.now.s.column(t, c), p.base.s.column(t, c)
		for _, r := range d.stay {
			if by := is[r.slot] - was[r.slot]; by != 0 {
				d.Changes = append(d.Changes, Change{uint16(t.firstSpatial + c), r.local, by})
			}
		}
	}
}
