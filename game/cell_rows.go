package game

import "slices"

// CellRows are a client's copy of the rows of one cell, as it was told of them
// last. It is used again and again without allocating.
type CellRows struct {
	layout *Layout
	rows   []Entry
	values []int32 // of each row as many as the widest table has columns; and behind them, how far the last delta moved each
	width  int     // of both
	sizes  []int   // by column of cells: rows of its table

	spareRows   []Entry
	spareValues []int32
}

func newCellRows(l *Layout) *CellRows {
	c := &CellRows{layout: l, sizes: make([]int, len(l.spatial))}
	for _, t := range l.spatialTables {
		c.width = max(c.width, 2*len(l.tables[t].Columns))
	}
	return c
}

// clear makes c a cell in which nothing lies.
func (c *CellRows) clear() {
	c.rows, c.values = c.rows[:0], c.values[:0]
	clear(c.sizes)
}

// Rows are what lies in the cell, by table and slot.
func (c *CellRows) Rows() []Entry { return c.rows }

// Values are those of the i-th row.
func (c *CellRows) Values(i int) []int32 {
	n := len(c.layout.tables[c.rows[i].Table].Columns)
	return c.values[i*c.width:][:n:n]
}

// Sizes says by column of cells how many rows of its table lie in the cell.
func (c *CellRows) Sizes() []int { return c.sizes }

// moved is how far the last delta moved the i-th row's values.
func (c *CellRows) moved(i int) []int32 { return c.values[i*c.width+c.width/2:][:c.width/2] }

// Hash is over all rows in the cell: of each its table, slot and values.
func (c *CellRows) Hash() uint32 {
	h := hashSeed
	for i, r := range c.rows {
		h = mix(mix(h, uint32(r.Table)), uint32(r.Slot))
		for _, v := range c.Values(i) {
			h = mix(h, uint32(v))
		}
	}
	return h
}

// Apply makes c what d leads to from it, and fills in the slots of d's leaves.
// The delta must fit the layout and c, as every parsed one does.
func (c *CellRows) Apply(d *CellDelta) {
	c.moveOn(d.Linear)
	c.change(d.Changes)
	if len(d.Enters)+len(d.Leaves) == 0 {
		return
	}
	old, oldValues := c.rows, c.values
	c.rows, c.values = c.spareRows[:0], c.spareValues[:0]
	enters, values, leaves := d.Enters, d.Values, d.Leaves
	table, local := uint16(0), 0
	for i := 0; i < len(old); i++ {
		r := old[i]
		if local++; i == 0 || r.Table != table {
			table, local = r.Table, 0
		}
		for len(enters) > 0 && enters[0].Before(r.Ref) {
			values = c.add(enters[0], values)
			enters = enters[1:]
		}
		if len(leaves) > 0 && leaves[0].Table == table && int(leaves[0].Row) == local {
			leaves[0].Slot = r.Slot
			leaves = leaves[1:]
			continue
		}
		if len(enters) > 0 && enters[0].Ref == r.Ref {
			continue // the one that enters takes its place
		}
		c.rows = append(c.rows, r)
		c.values = append(c.values, oldValues[i*c.width:][:c.width]...)
	}
	for _, e := range enters {
		values = c.add(e, values)
	}
	c.spareRows, c.spareValues = old, oldValues
	c.count()
}

// add appends a row that enters, whose values come first among values.
func (c *CellRows) add(e Entry, values []int32) (rest []int32) {
	n := len(c.layout.tables[e.Table].Columns)
	at := len(c.values)
	c.rows = append(c.rows, e)
	c.values = slices.Grow(c.values, c.width)[:at+c.width]
	copy(c.values[at:], values[:n])
	clear(c.values[at+c.width/2:])
	return values[n:]
}

// moveOn begins a delta: with a linear one the rows move on as they last did,
// in columns that are so, before it says how far off that is.
func (c *CellRows) moveOn(linear bool) {
	for i, r := range c.rows {
		moved := c.moved(i)
		if !linear {
			clear(moved)
			continue
		}
		values := c.Values(i)
		for col := range values {
			if !c.layout.tables[r.Table].Columns[col].Linear {
				moved[col] = 0
			}
			values[col] += moved[col]
		}
	}
}

// change adds to values. Changes come column by column, and so table by table.
func (c *CellRows) change(changes []Change) {
	for len(changes) > 0 {
		col := changes[0].Column
		t := c.layout.spatial[col].table
		first, _ := slices.BinarySearchFunc(c.rows, t, func(r Entry, t int) int { return int(r.Table) - t })
		at := int(col) - c.layout.tables[t].firstSpatial
		for len(changes) > 0 && changes[0].Column == col {
			i := first + int(changes[0].Slot)
			c.values[i*c.width+at] += changes[0].By
			c.moved(i)[at] += changes[0].By
			changes = changes[1:]
		}
	}
}

func (c *CellRows) count() {
	clear(c.sizes)
	for i := 0; i < len(c.rows); {
		n, t := i+1, c.rows[i].Table
		for n < len(c.rows) && c.rows[n].Table == t {
			n++
		}
		table := &c.layout.tables[t]
		for col := range table.Columns {
			c.sizes[table.firstSpatial+col] = n - i
		}
		i = n
	}
}
