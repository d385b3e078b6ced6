package game

import "slices"

// A Sight is what a client holds of the cells around its eye, and puts
// together in a snapshot. Each cell is a little world of its own, told of at
// its own pace, so two may claim the same row: it is shown as the one says
// that was told of last.
//
// A frame is taken in by Forget, Hold and [CellRows.Apply] for each cell it
// tells of, handed to Told, and by Settle in the end.
type Sight struct {
	into  *Snapshot
	cells []*CellRows // by number; nil where it is not held
	held  int
	free  []*CellRows
	claim []CellID // by slot of all tables: the cell whose row is shown, or noCell

	told  []CellID // in this frame
	given []Ref    // rows that may have gone with it
}

// NewSight returns a sight without cells on what into shows.
func NewSight(into *Snapshot) *Sight {
	v := &Sight{into: into, cells: make([]*CellRows, into.layout.Space().Cells()), claim: make([]CellID, into.layout.slots)}
	for i := range v.claim {
		v.claim[i] = noCell
	}
	return v
}

// Cell returns the client's copy of a cell, or nil.
func (v *Sight) Cell(cell CellID) *CellRows { return v.cells[cell] }

// Held counts the cells that are held.
func (v *Sight) Held() int { return v.held }

// Forget gives up a cell. It reports whether it was held.
func (v *Sight) Forget(cell CellID) bool {
	c := v.cells[cell]
	if c == nil {
		return false
	}
	for _, r := range c.rows {
		v.giveUp(cell, r.Ref)
	}
	v.cells[cell] = nil
	v.held--
	v.free = append(v.free, c)
	return true
}

// ForgetAll gives up all cells.
func (v *Sight) ForgetAll() {
	for cell := range v.cells {
		v.Forget(CellID(cell))
	}
}

// giveUp releases a row that the cell may have claimed.
func (v *Sight) giveUp(cell CellID, r Ref) {
	v.given = append(v.given, r)
	if at := &v.claim[v.into.layout.tables[r.Table].slot+int(r.Slot)]; *at == cell {
		*at = noCell
	}
}

// Hold returns an empty copy of a cell, for it to be told of from scratch.
func (v *Sight) Hold(cell CellID) *CellRows {
	v.Forget(cell)
	var c *CellRows
	if n := len(v.free); n > 0 {
		c, v.free = v.free[n-1], v.free[:n-1]
		c.clear()
	} else {
		c = newCellRows(v.into.layout)
	}
	v.cells[cell] = c
	v.held++
	return c
}

// Tells reports whether the frame has told of the cell already.
func (v *Sight) Tells(cell CellID) bool { return slices.Contains(v.told, cell) }

// Told notes that d was applied to the cell.
func (v *Sight) Told(cell CellID, d *CellDelta) {
	v.told = append(v.told, cell)
	for _, l := range d.Leaves {
		v.giveUp(cell, Ref{l.Table, l.Slot})
	}
}

// Settle ends a frame: the cells that it told of claim their rows, and those
// given up that nobody claims are gone.
func (v *Sight) Settle() {
	for _, cell := range v.told {
		if c := v.cells[cell]; c != nil {
			v.show(cell, c)
		}
	}
	for _, r := range v.given {
		t := &v.into.layout.tables[r.Table]
		if v.claim[t.slot+int(r.Slot)] == noCell {
			v.into.live[t.word+int(r.Slot>>6)] &^= 1 << (r.Slot & 63)
		}
	}
	v.told, v.given = v.told[:0], v.given[:0]
}

// show puts a cell's rows into the snapshot.
func (v *Sight) show(cell CellID, c *CellRows) {
	s := v.into
	for i, r := range c.rows {
		t := &s.layout.tables[r.Table]
		slot := int(r.Slot)
		v.claim[t.slot+slot] = cell
		s.live[t.word+slot>>6] |= 1 << (slot & 63)
		s.gens[t.slot+slot] = uint16(r.Gen)
		for col, v := range c.Values(i) {
			s.cells[t.cell+col*t.Capacity+slot] = v
		}
	}
}
