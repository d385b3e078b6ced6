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
//
// Column flags: 1 linear, 2 tick. Input flags: 1 bits, 2 keep. Tables that are
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
	e.array(3)
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
			e.int(flags(c.Linear, c.Tick))
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
	d.rest(outer, 3)
	return s
}

func (d *decoder) table() game.Table {
	n := d.array(4, 16)
	t := game.Table{Name: d.str(maxID), Capacity: int(d.int(1, game.MaxSlots)), Audience: game.Audience(d.int(0, int64(game.Nobody)))}
	for range d.array(0, game.MaxColumns) {
		k := d.array(2, 16)
		c := game.Column{Name: d.str(maxID)}
		bits := d.int(0, 255)
		c.Linear, c.Tick = bits&1 != 0, bits&2 != 0
		d.rest(k, 2)
		t.Columns = append(t.Columns, c)
	}
	if t.Audience == game.Nobody && len(t.Columns) > 0 {
		d.fail(errCount)
	}
	d.rest(n, 4)
	return t
}
