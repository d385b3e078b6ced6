package protocol

import (
	"math/bits"

	"github.com/musterhq/muster/game"
)

// Origin opens a keyframe's body: the full tick, and the epoch of the match,
// which rises when it is rebuilt from its record.
type Origin struct {
	Tick  game.Tick
	Epoch uint32
}

// AppendBody appends what d changes, the part of a frame that all clients at
// the same base share: [columns, spawns, despawns], each one flat array.
//
//	columns   nothing, or the mask of changed columns, then for each its slot
//	          mask and one zigzag residual per slot
//	spawns    table, slot, the zigzag value of each column; and so on
//	despawns  table, slot; and so on
//
// A slot mask is an integer, or where the table has more than 64 slots a byte
// string, least significant byte first, without zero bytes at its end. Values
// of Tick columns are sent as tick - value, tick being that of the frame.
func AppendBody(dst []byte, d *game.Delta, l *game.Layout, tick game.Tick) []byte {
	return appendDelta(append(dst, 0x93), d, l, tick)
}

// AppendKeyBody appends a keyframe's body, [tick, epoch, columns, spawns,
// despawns], of a delta from the empty world.
func AppendKeyBody(dst []byte, d *game.Delta, l *game.Layout, o Origin) []byte {
	dst = append(dst, 0x95)
	dst = appendUint(dst, uint64(o.Tick))
	dst = appendUint(dst, uint64(o.Epoch))
	return appendDelta(dst, d, l, o.Tick)
}

func appendDelta(dst []byte, d *game.Delta, l *game.Layout, tick game.Tick) []byte {
	dst = appendColumns(dst, d.Changes, l)
	dst = appendArray(dst, 2*len(d.Spawns)+len(d.Values))
	values := d.Values
	for _, r := range d.Spawns {
		dst = appendUint(appendUint(dst, uint64(r.Table)), uint64(r.Slot))
		for _, col := range l.Schema.Tables[r.Table].Columns {
			v := values[0]
			if col.Tick {
				v = int32(tick) - v
			}
			dst = appendZigzag(dst, v)
			values = values[1:]
		}
	}
	dst = appendArray(dst, 2*len(d.Despawns))
	for _, r := range d.Despawns {
		dst = appendUint(appendUint(dst, uint64(r.Table)), uint64(r.Slot))
	}
	return dst
}

func appendColumns(dst []byte, changes []game.Change, l *game.Layout) []byte {
	if len(changes) == 0 {
		return append(dst, 0x90)
	}
	var mask uint64
	for _, c := range changes {
		mask |= 1 << c.Column
	}
	dst = appendArray(dst, 1+bits.OnesCount64(mask)+len(changes))
	dst = appendUint(dst, mask)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].Column == changes[0].Column {
			n++
		}
		table := l.ColumnTable(int(changes[0].Column))
		dst = appendSlots(dst, changes[:n], l.Schema.Tables[table].Capacity)
		for _, c := range changes[:n] {
			dst = appendZigzag(dst, c.By)
		}
		changes = changes[n:]
	}
	return dst
}

// appendSlots appends the mask of one column's changed slots, which ascend.
func appendSlots(dst []byte, changes []game.Change, capacity int) []byte {
	if capacity <= 64 {
		var mask uint64
		for _, c := range changes {
			mask |= 1 << c.Slot
		}
		return appendUint(dst, mask)
	}
	var mask [game.MaxSlots / 8]byte
	for _, c := range changes {
		mask[c.Slot>>3] |= 1 << (c.Slot & 7)
	}
	return appendBin(dst, mask[:changes[len(changes)-1].Slot>>3+1])
}

// ParseBody reads a body off b into d and returns what follows it. For a
// keyframe it also returns the origin; otherwise tick is the frame's. What it
// accepts fits the layout, so that d can be applied.
func ParseBody(b []byte, l *game.Layout, key bool, tick game.Tick, d *game.Delta) (o Origin, rest []byte, err error) {
	d.Reset()
	c := cursor{b: b}
	n, used := c.array(), 3
	if key {
		o.Tick = game.Tick(c.int(0, 1<<32-1))
		o.Epoch = uint32(c.int(0, 1<<32-1))
		tick, used = o.Tick, 5
	}
	parseColumns(&c, l, d)
	parseSpawns(&c, l, tick, d)
	parseDespawns(&c, l, d)
	if c.err == nil && n < used || key && len(d.Changes) > 0 {
		c.fail(errCount)
	}
	c.skip(n - used)
	return o, c.b, c.err
}

func parseColumns(c *cursor, l *game.Layout, d *game.Delta) {
	n := c.array()
	if n == 0 || c.err != nil {
		return
	}
	columns := c.mask()
	n--
	if bits.Len64(columns) > l.SharedColumns() {
		c.fail(errRange)
	}
	for ; columns != 0 && c.err == nil; columns &= columns - 1 {
		column := bits.TrailingZeros64(columns)
		first := len(d.Changes)
		n--
		parseSlots(c, column, l.Schema.Tables[l.ColumnTable(column)].Capacity, n, d)
		changed := d.Changes[first:]
		for i := range changed {
			changed[i].By = c.zigzag()
		}
		n -= len(changed)
	}
	if n != 0 {
		c.fail(errCount)
	}
}

// parseSlots appends a change without its amount for each slot in a mask, of
// which there may be at most as many as there are elements left to hold them.
func parseSlots(c *cursor, column, capacity, most int, d *game.Delta) {
	if capacity <= 64 {
		mask := c.mask()
		if bits.Len64(mask) > capacity || bits.OnesCount64(mask) > most {
			c.fail(errRange)
			return
		}
		for ; mask != 0; mask &= mask - 1 {
			d.Changes = append(d.Changes, game.Change{Column: uint16(column), Slot: uint16(bits.TrailingZeros64(mask))})
		}
		return
	}
	for i, b := range c.bin((capacity + 7) / 8) {
		for ; b != 0; b &= b - 1 {
			slot := i<<3 + bits.TrailingZeros8(b)
			if most--; slot >= capacity || most < 0 {
				c.fail(errRange)
				return
			}
			d.Changes = append(d.Changes, game.Change{Column: uint16(column), Slot: uint16(slot)})
		}
	}
}

func parseSpawns(c *cursor, l *game.Layout, tick game.Tick, d *game.Delta) {
	n := c.array()
	for n > 0 && c.err == nil {
		r := parseRef(c, l, d.Spawns)
		if c.err != nil {
			break
		}
		columns := l.Schema.Tables[r.Table].Columns
		if n -= 2 + len(columns); n < 0 {
			break
		}
		d.Spawns = append(d.Spawns, r)
		for _, col := range columns {
			v := c.zigzag()
			if col.Tick {
				v = int32(tick) - v
			}
			d.Values = append(d.Values, v)
		}
	}
	if n != 0 {
		c.fail(errCount)
	}
}

func parseDespawns(c *cursor, l *game.Layout, d *game.Delta) {
	n := c.array()
	for ; n > 1 && c.err == nil; n -= 2 {
		d.Despawns = append(d.Despawns, parseRef(c, l, d.Despawns))
	}
	if n != 0 {
		c.fail(errCount)
	}
}

// parseRef reads the next row of a list that ascends by table and slot.
func parseRef(c *cursor, l *game.Layout, before []game.Ref) game.Ref {
	table := int(c.int(0, int64(len(l.Schema.Tables)-1)))
	if c.err != nil {
		return game.Ref{}
	}
	r := game.Ref{Table: uint16(table), Slot: uint16(c.int(0, int64(l.Schema.Tables[table].Capacity-1)))}
	if !l.Shared(table) {
		c.fail(errRange)
	}
	if len(before) > 0 {
		last := before[len(before)-1]
		if r.Table < last.Table || r.Table == last.Table && r.Slot <= last.Slot {
			c.fail(errOrder)
		}
	}
	return r
}
