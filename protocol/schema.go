package protocol

import (
	"strconv"

	"github.com/musterhq/muster/game"
)

// This file puts a schema on the wire, once at join: [tables, inputs, events].
//
//	table  [name, capacity, audience, [[column, flags]…]]
//	input  [name, min, max, flags]
//	event  [name, [value name…]]
//	space  [width, height, cell, reach, rate]
//
// Column flags: 1 linear, 2 tick, 4 X, 8 Y. Input flags: 1 bits, 2 keep. Tables that are
// for nobody keep their place, without name, columns or size.

func flags(bits ...bool) (f int64) {
	for i, b := range bits {
		if b {
			f |= 1 << i
		}
	}
	return f
}

func encodeSchema(e *encoder, s *game.Schema) {
	if s.Space != nil {
		e.array(4)
	} else {
		e.array(3)
	}
	e.array(len(s.Tables))
	for i, t := range s.Tables {
		if t.Audience == game.Nobody {
			t = game.Table{Name: "hidden" + strconv.Itoa(i), Capacity: 1, Audience: game.Nobody}
		}
		e.array(4)
		e.str(t.Name)
		e.int(int64(t.Capacity))
		e.int(int64(t.Audience))
		e.array(len(t.Columns))
		for _, c := range t.Columns {
			e.array(2)
			e.str(c.Name)
			e.int(flags(c.Linear, c.Tick, c.Axis == game.X, c.Axis == game.Y))
		}
	}
	e.array(len(s.Inputs))
	for _, f := range s.Inputs {
		e.array(4)
		e.str(f.Name)
		e.int(int64(f.Min))
		e.int(int64(f.Max))
		e.int(flags(f.Bits, f.Keep))
	}
	e.array(len(s.Events))
	for _, k := range s.Events {
		e.array(2)
		e.str(k.Name)
		e.array(len(k.Args))
		for _, a := range k.Args {
			e.str(a)
		}
	}
	if s.Space != nil {
		encodeSpace(e, s.Space)
	}
}

func encodeSpace(e *encoder, s *game.Space) {
	e.array(5)
	e.int(int64(s.Width))
	e.int(int64(s.Height))
	e.int(int64(s.Cell))
	e.int(int64(s.Reach))
	e.int(int64(s.Rate))
}

// schema reads a schema; that it makes sense is for its Layout to say.
func (d *decoder) schema() *game.Schema {
	s := &game.Schema{}
	outer := d.array(3, 16)
	for range d.array(0, game.MaxTables) {
		s.Tables = append(s.Tables, d.table())
	}
	for range d.array(0, game.MaxInputs) {
		n := d.array(4, 16)
		f := game.Field{Name: d.str(maxID), Min: int32(d.int(-1<<31, 1<<31-1)), Max: int32(d.int(-1<<31, 1<<31-1))}
		bits := d.int(0, 255)
		f.Bits, f.Keep = bits&1 != 0, bits&2 != 0
		d.rest(n, 4)
		s.Inputs = append(s.Inputs, f)
	}
	for range d.array(0, game.MaxEventKinds) {
		n := d.array(2, 16)
		k := game.EventKind{Name: d.str(maxID)}
		for range d.array(0, game.MaxEventArgs) {
			k.Args = append(k.Args, d.str(maxID))
		}
		d.rest(n, 2)
		s.Events = append(s.Events, k)
	}
	known := 3
	if outer > known {
		s.Space = d.space()
		known++
	}
	d.rest(outer, known)
	return s
}

func (d *decoder) space() *game.Space {
	n := d.array(5, 16)
	size := func(least int64) int32 { return int32(d.int(least, game.MaxSide)) }
	s := &game.Space{Width: size(1), Height: size(1), Cell: size(1), Reach: size(0), Rate: int(size(0))}
	d.rest(n, 5)
	return s
}

// axes are those of a column, by its flags.
var axes = map[int64]game.Axis{0: game.NoAxis, 4: game.X, 8: game.Y}

func (d *decoder) table() game.Table {
	n := d.array(4, 16)
	t := game.Table{Name: d.str(maxID), Capacity: int(d.int(1, game.MaxSlots)), Audience: game.Audience(d.int(0, int64(game.Nobody)))}
	for range d.array(0, game.MaxColumns) {
		k := d.array(2, 16)
		c := game.Column{Name: d.str(maxID)}
		bits := d.int(0, 255)
		c.Linear, c.Tick = bits&1 != 0, bits&2 != 0
		axis, ok := axes[bits&12]
		if c.Axis = axis; !ok {
			d.fail(errRange)
		}
		d.rest(k, 2)
		t.Columns = append(t.Columns, c)
	}
	if t.Audience == game.Nobody && len(t.Columns) > 0 {
		d.fail(errCount)
	}
	d.rest(n, 4)
	return t
}
