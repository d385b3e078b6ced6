package protocol

import "github.com/musterhq/muster/game"

// This file puts cells on the wire: what a frame tells of the rows near the
// client's eye, where the schema has a space. See [game.Sight].
//
//	cells    [drops, segment, segment …]
//	drops    nil, or the numbers of the cells that the client is to forget
//	segment  [cell, age, columns?, enters?, leaves?, hash?]
//
//	age      ticks since the state of the cell that the client holds, less than
//	         none where the segment is linear; 0: it holds none, or is to forget
//	         what it holds
//	columns  as in a body, with columns numbered over the spatial tables and,
//	         for slots, the local rows at the base
//	enters   table, slot, generation&127, the zigzag value of each column; and so on
//	leaves   table, local row; and so on
//	hash     of the cell's rows at this tick, or nil
//
// Elements at a segment's end that are empty are left out: most segments have
// columns and no more.
//
// A segment is the same for all who see the cell with the same eyes and hold
// it as of the same tick: made once, and copied into each frame.

// AppendCells begins a frame's cells; so many segments follow.
func AppendCells(dst []byte, drops []game.CellID, segments int) []byte {
	dst = appendArray(dst, 1+segments)
	if len(drops) == 0 {
		return append(dst, 0xc0)
	}
	dst = appendArray(dst, len(drops))
	for _, c := range drops {
		dst = appendUint(dst, uint64(c))
	}
	return dst
}

// A Segment is what a frame tells of one cell.
type Segment struct {
	Cell   game.CellID
	Age    int
	Delta  game.CellDelta
	Hashed bool
	Hash   uint32
}

// AppendSegment appends s to a frame's cells.
func AppendSegment(dst []byte, s *Segment, l *game.Layout, tick game.Tick) []byte {
	d, age := &s.Delta, int64(s.Age)
	if d.Linear {
		age = -age
	}
	n := s.elements()
	dst = appendInt(appendUint(appendArray(dst, n), uint64(s.Cell)), age)
	if n > 2 {
		dst = appendColumns(dst, d.Changes, d.Sizes)
	}
	if n > 3 {
		dst = appendEnters(dst, d, l, tick)
	}
	if n > 4 {
		dst = appendArray(dst, 2*len(d.Leaves))
		for _, e := range d.Leaves {
			dst = appendUint(appendUint(dst, uint64(e.Table)), uint64(e.Row))
		}
	}
	if n > 5 {
		dst = appendUint(dst, uint64(s.Hash))
	}
	return dst
}

// elements counts those up to the last that is not empty.
func (s *Segment) elements() int {
	switch d := &s.Delta; {
	case s.Hashed:
		return 6
	case len(d.Leaves) > 0:
		return 5
	case len(d.Enters) > 0:
		return 4
	case len(d.Changes) > 0:
		return 3
	}
	return 2
}

func appendEnters(dst []byte, d *game.CellDelta, l *game.Layout, tick game.Tick) []byte {
	dst = appendArray(dst, 3*len(d.Enters)+len(d.Values))
	values := d.Values
	for _, e := range d.Enters {
		dst = append(appendUint(appendUint(dst, uint64(e.Table)), uint64(e.Slot)), e.Gen)
		dst, values = appendRow(dst, l, int(e.Table), values, tick)
	}
	return dst
}

// parseCells reads the cells off a frame of the tick and tells the sight of
// each. What it accepts fits the layout and what the sight holds. It returns how
// many hashes did not match. After an error the sight is good for a keyframe only.
func parseCells(c *cursor, s *Segment, l *game.Layout, tick game.Tick, sight *game.Sight) (desyncs int) {
	n := c.array()
	if n == 0 {
		c.fail(errCount)
	}
	parseDrops(c, l, sight)
	for ; n > 1 && c.err == nil; n-- {
		rows := parseSegment(c, s, l, tick, sight)
		if c.err != nil {
			return desyncs
		}
		rows.Apply(&s.Delta)
		sight.Told(s.Cell, &s.Delta)
		if s.Hashed && rows.Hash() != s.Hash {
			desyncs++
		}
	}
	return desyncs
}

func parseDrops(c *cursor, l *game.Layout, sight *game.Sight) {
	if c.peek() == 0xc0 {
		c.take(1)
		return
	}
	for range c.array() {
		if cell := c.cell(l); c.err == nil && !sight.Forget(cell) {
			c.fail(errUnheld)
		}
	}
}

var errUnheld = malformed("a cell that is not held")

func (c *cursor) cell(l *game.Layout) game.CellID {
	return game.CellID(c.int(0, int64(l.Space().Cells()-1)))
}

// parseSegment reads a segment and returns the rows that it is to be applied to.
func parseSegment(c *cursor, s *Segment, l *game.Layout, tick game.Tick, sight *game.Sight) *game.CellRows {
	n := c.array()
	if n < 2 {
		c.fail(errCount)
	}
	s.Cell, s.Age = c.cell(l), int(c.int(-127, 127))
	linear := s.Age < 0
	s.Age = max(s.Age, -s.Age)
	if c.err != nil {
		return nil
	}
	rows := sight.Cell(s.Cell)
	switch {
	case sight.Tells(s.Cell):
		c.fail(errOrder)
		return nil
	case s.Age == 0:
		rows = sight.Hold(s.Cell)
	case rows == nil:
		c.fail(errUnheld)
		return nil
	}
	d := &s.Delta
	d.Reset()
	d.Linear = linear
	d.Sizes = append(d.Sizes, rows.Sizes()...)
	if n > 2 {
		d.Changes = parseColumns(c, d.Sizes, d.Changes)
	}
	if n > 3 {
		parseEnters(c, l, tick, d)
	}
	if n > 4 {
		parseLeaves(c, l, d)
	}
	known := 5
	if s.Hashed = n > known && c.peek() != 0xc0; s.Hashed {
		s.Hash = uint32(c.int(0, 1<<32-1))
		known++
	}
	c.skip(n - known)
	return rows
}

func parseEnters(c *cursor, l *game.Layout, tick game.Tick, d *game.CellDelta) {
	n := c.array()
	var last game.Ref
	for n > 0 && c.err == nil {
		e := game.Entry{Ref: c.spatialRef(l)}
		e.Gen = uint8(c.int(0, 127))
		if c.err != nil {
			break
		}
		if n -= 3 + len(l.Schema.Tables[e.Table].Columns); n < 0 {
			break
		}
		if len(d.Enters) > 0 && !last.Before(e.Ref) {
			c.fail(errOrder)
		}
		last = e.Ref
		d.Enters = append(d.Enters, e)
		d.Values = parseRow(c, l, int(e.Table), d.Values, tick)
	}
	if n != 0 {
		c.fail(errCount)
	}
}

func parseLeaves(c *cursor, l *game.Layout, d *game.CellDelta) {
	n := c.array()
	for ; n > 1 && c.err == nil; n -= 2 {
		t := c.spatialTable(l)
		size := d.Sizes[l.FirstSpatial(t)]
		e := game.Leave{Table: uint16(t), Row: uint16(c.int(0, int64(size-1)))}
		if k := len(d.Leaves); k > 0 {
			if last := d.Leaves[k-1]; e.Table < last.Table || e.Table == last.Table && e.Row <= last.Row {
				c.fail(errOrder)
			}
		}
		d.Leaves = append(d.Leaves, e)
	}
	if n != 0 {
		c.fail(errCount)
	}
}

// spatialTable reads the number of a table that is sent by cells. After an
// error it returns the first such.
func (c *cursor) spatialTable(l *game.Layout) int {
	t := int(c.int(0, int64(len(l.Schema.Tables)-1)))
	if !l.Spatial(t) {
		c.fail(errRange)
		return l.SpatialTable(0)
	}
	return t
}

func (c *cursor) spatialRef(l *game.Layout) game.Ref {
	t := c.spatialTable(l)
	return game.Ref{Table: uint16(t), Slot: uint16(c.int(0, int64(l.Schema.Tables[t].Capacity-1)))}
}
