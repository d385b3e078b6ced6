package protocol

import (
	"math/bits"
	"slices"

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
	dst = appendColumns(dst, d.Changes, l.Sizes())
	dst = appendArray(dst, 2*len(d.Spawns)+len(d.Values))
	values := d.Values
	for _, r := range d.Spawns {
		dst = appendUint(appendUint(dst, uint64(r.Table)), uint64(r.Slot))
		dst, values = appendRow(dst, l, int(r.Table), values, tick)
	}
	dst = appendArray(dst, 2*len(d.Despawns))
	for _, r := range d.Despawns {
		dst = appendUint(appendUint(dst, uint64(r.Table)), uint64(r.Slot))
	}
	return dst
}

// appendRow appends the values of a new row, which come first among values.
func appendRow(dst []byte, l *game.Layout, table int, values []int32, tick game.Tick) (_ []byte, rest []int32) {
	columns := l.Schema.Tables[table].Columns
	for i := range columns {
		v := values[i]
		if columns[i].Tick {
			v = int32(tick) - v
		}
		dst = appendZigzag(dst, v)
	}
	return dst, values[len(columns):]
}

// appendColumns appends changes by column and slot; sizes says by column how
// many slots there are.
func appendColumns(dst []byte, changes []game.Change, sizes []int) []byte {
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
		dst = appendSlots(dst, changes[:n], sizes[changes[0].Column])
		for _, c := range changes[:n] {
			dst = appendZigzag(dst, c.By)
		}
		changes = changes[n:]
	}
	return dst
}

// appendSlots appends the mask of one column's changed slots, which ascend.
func appendSlots(dst []byte, changes []game.Change, size int) []byte {
	if size <= 64 {
		var mask uint64
		for _, c := range changes {
			mask |= 1 << c.Slot
		}
		return appendUint(dst, mask)
	}
	n := int(changes[len(changes)-1].Slot>>3) + 1
	dst = appendBinHeader(dst, n)
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	mask := dst[at:]
	clear(mask)
	for _, c := range changes {
		mask[c.Slot>>3] |= 1 << (c.Slot & 7)
	}
	return dst
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
	d.Changes = parseColumns(&c, l.Sizes(), d.Changes)
	parseSpawns(&c, l, tick, d)
	parseDespawns(&c, l, d)
	if c.err == nil && n < used || key && len(d.Changes) > 0 {
		c.fail(errCount)
	}
	if l.Space() != nil && slices.ContainsFunc(d.Changes, func(ch game.Change) bool { return l.Spatial(l.ColumnTable(int(ch.Column))) }) {
		c.fail(errRange)
	}
	c.skip(n - used)
	return o, c.b, c.err
}

// parseColumns appends changes by column and slot, as appendColumns writes
// them.
func parseColumns(c *cursor, sizes []int, dst []game.Change) []game.Change {
	n := c.array()
	if n == 0 || c.err != nil {
		return dst
	}
	columns := c.mask()
	n--
	if bits.Len64(columns) > len(sizes) {
		c.fail(errRange)
	}
	for ; columns != 0 && c.err == nil; columns &= columns - 1 {
		column := bits.TrailingZeros64(columns)
		first := len(dst)
		n--
		dst = parseSlots(c, column, sizes[column], n, dst)
		changed := dst[first:]
		for i := range changed {
			changed[i].By = c.zigzag()
		}
		n -= len(changed)
	}
	if n != 0 {
		c.fail(errCount)
	}
	return dst
}

// parseSlots appends a change without its amount for each slot in a mask, of
// which there may be at most as many as there are elements left to hold them.
func parseSlots(c *cursor, column, size, most int, dst []game.Change) []game.Change {
	if size <= 64 {
		mask := c.mask()
		if bits.Len64(mask) > size || bits.OnesCount64(mask) > most {
			c.fail(errRange)
			return dst
		}
		for ; mask != 0; mask &= mask - 1 {
			dst = append(dst, game.Change{Column: uint16(column), Slot: uint16(bits.TrailingZeros64(mask))})
		}
		return dst
	}
	for i, b := range c.bin((size + 7) / 8) {
		for ; b != 0; b &= b - 1 {
			slot := i<<3 + bits.TrailingZeros8(b)
			if most--; slot >= size || most < 0 {
				c.fail(errRange)
				return dst
			}
			dst = append(dst, game.Change{Column: uint16(column), Slot: uint16(slot)})
		}
	}
	return dst
}

func parseSpawns(c *cursor, l *game.Layout, tick game.Tick, d *game.Delta) {
	n := c.array()
	for n > 0 && c.err == nil {
		r := parseRef(c, l, d.Spawns)
		if c.err != nil {
			break
		}
		if n -= 2 + len(l.Schema.Tables[r.Table].Columns); n < 0 {
			break
		}
		d.Spawns = append(d.Spawns, r)
		d.Values = parseRow(c, l, int(r.Table), d.Values, tick)
	}
	if n != 0 {
		c.fail(errCount)
	}
}

// parseRow appends the values of a new row.
func parseRow(c *cursor, l *game.Layout, table int, dst []int32, tick game.Tick) []int32 {
	columns := l.Schema.Tables[table].Columns
	for i := range columns {
		v := c.zigzag()
		if columns[i].Tick {
			v = int32(tick) - v
		}
		dst = append(dst, v)
	}
	return dst
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
	if !l.Shared(table) || l.Spatial(table) {
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
