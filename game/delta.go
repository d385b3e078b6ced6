package game

import (
	"math/bits"
	"slices"
)

// A Delta is what turns one snapshot into a later one, for one view. It is
// made by Diff on the server and by the parser on a client, and used again
// and again without allocating; protocol defines its bytes.
//
// Rows are matched by slot and generation: a slot whose row is another than
// in the base, or was teleported, is spawned anew. So no base, an old base and
// a slot used twice in between are all the same case, and
//
//	from.Apply(Diff(from, to)) == to
//
// holds for whatever view sees. A linear delta takes the columns marked
// Linear against base + (base - prev), in wrapping int32, for rows that are
// the same in prev and base; for all others it is as a plain one.
type Delta struct {
	Linear   bool
	Changes  []Change // sorted by column, then slot
	Spawns   []Ref    // rows that are new, sorted; each has its values in Values
	Values   []int32  // the spawned rows' values, row after row
	Despawns []Ref    // rows that are gone, sorted

	// scratch of Diff: the rows of one table that are the same in base and
	// now, and of those the ones that are the same in prev and base
	same, steady [MaxSlots / 64]uint64
	next         [64]int32 // of a linear column's word: where the base leads
}

// A Change adds By to one value. Column is numbered over all shared columns.
type Change struct {
	Column, Slot uint16
	By           int32
}

// A Ref names a row.
type Ref struct{ Table, Slot uint16 }

// Before reports whether r comes first in the order of tables and slots.
func (r Ref) Before(o Ref) bool { return r.Table < o.Table || r.Table == o.Table && r.Slot < o.Slot }

// Reset empties d.
func (d *Delta) Reset() {
	d.Linear = false
	d.Changes, d.Spawns = d.Changes[:0], d.Spawns[:0]
	d.Values, d.Despawns = d.Values[:0], d.Despawns[:0]
}

// Diff makes d the delta from base to now as far as view sees. A nil base is
// the empty world. With prev given the delta is linear.
func (d *Delta) Diff(prev, base, now *Snapshot, view View) {
	d.Reset()
	d.Linear = prev != nil
	for ti := range now.layout.tables {
		t := &now.layout.tables[ti]
		if t.Audience > Team || t.spatial() {
			continue // a cell's delta has the rows of a place
		}
		d.diffRows(ti, t, base, now, view)
		if base == nil || (prev == nil || !t.linear) && t.sameValues(base, now) {
			continue
		}
		if prev != nil {
			for w := range t.words {
				d.steady[w] = sameRows(t, w, d.same[w], prev, base)
			}
		}
		for c := range t.Columns {
			d.diffColumn(t, c, prev, base, now)
		}
	}
}

// diffRows lists what came and what went, and notes in d.same what stayed.
func (d *Delta) diffRows(ti int, t *tableLayout, base, now *Snapshot, view View) {
	for w := range t.words {
		had, has := uint64(0), now.sees(t, w, view)
		if base != nil {
			had = base.sees(t, w, view)
		}
		d.same[w] = sameRows(t, w, had&has, base, now)
		for m := had &^ has; m != 0; m &= m - 1 {
			d.Despawns = append(d.Despawns, Ref{uint16(ti), uint16(w<<6 + bits.TrailingZeros64(m))})
		}
		for m := has &^ d.same[w]; m != 0; m &= m - 1 {
			d.spawn(ti, t, w<<6+bits.TrailingZeros64(m), now)
		}
	}
}

func (d *Delta) spawn(ti int, t *tableLayout, slot int, now *Snapshot) {
	d.Spawns = append(d.Spawns, Ref{uint16(ti), uint16(slot)})
	for c := range t.Columns {
		d.Values = append(d.Values, now.cells[t.cell+c*t.Capacity+slot])
	}
}

// sameRows narrows a mask word of rows that live in b to those that are the
// same in a. That they live there too follows: a row begins with a generation
// of its own.
func sameRows(t *tableLayout, word int, mask uint64, a, b *Snapshot) uint64 {
	if mask == 0 {
		return 0
	}
	lo, hi := t.span(word)
	return mask &^ differ(a.gens[t.slot+lo:t.slot+hi], b.gens[t.slot+lo:t.slot+hi])
}

// diffColumn lists what changed in the rows that stayed.
func (d *Delta) diffColumn(t *tableLayout, c int, prev, base, now *Snapshot) {
	is, was := now.column(t, c), base.column(t, c)
	linear := prev != nil && t.Columns[c].Linear
	for w, rows := range d.same[:t.words] {
		if rows == 0 {
			continue
		}
		lo, hi := t.span(w)
		from, to := was[lo:hi], is[lo:hi]
		if linear {
			from = d.extrapolate(prev.column(t, c)[lo:hi], from, rows&^d.steady[w])
		}
		for m := rows & differ(from, to); m != 0; m &= m - 1 {
			i := bits.TrailingZeros64(m)
			d.Changes = append(d.Changes, Change{uint16(t.firstShared + c), uint16(lo + i), to[i] - from[i]})
		}
	}
}

// extrapolate returns a word's values moved on as they last moved, but for the rows
// that were others before.
func (d *Delta) extrapolate(before, last []int32, others uint64) []int32 {
	next, before := d.next[:len(last)], before[:len(last)]
	for i, v := range last {
		next[i] = v + v - before[i]
	}
	for m := others; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		next[i] = last[i]
	}
	return next
}

// sameValues reports whether the whole table has the same values, dead rows included.
func (t *tableLayout) sameValues(a, b *Snapshot) bool {
	const stretch = 64
	end := t.cell + t.Capacity*len(t.Columns)
	x, y := a.cells[t.cell:end], b.cells[t.cell:end]
	for len(x) >= stretch && len(y) >= stretch {
		if *(*[stretch]int32)(x) != *(*[stretch]int32)(y) {
			return false
		}
		x, y = x[stretch:], y[stretch:]
	}
	return slices.Equal(x, y)
}

// differ is the mask of the places, 64 at most, at which a and b differ. At most they
// do not, and Go compares arrays many values at a time: with this a body of 100 players
// took half of the time that going from row to row took, one of 10 nine tenths.
func differ[T int32 | uint16](a, b []T) (mask uint64) {
	const stretch = 16
	at := 0
	for ; at+stretch <= len(a); at += stretch {
		if *(*[stretch]T)(a[at:]) != *(*[stretch]T)(b[at:]) {
			mask |= differEach(a[at:at+stretch], b[at:at+stretch]) << at
		}
	}
	if !slices.Equal(a[at:], b[at:]) {
		mask |= differEach(a[at:], b[at:]) << at
	}
	return mask
}

// differEach is differ value by value. It does not branch by what it finds: of values
// that change the processor would guess wrong as often as not.
func differEach[T int32 | uint16](a, b []T) (mask uint64) {
	b = b[:len(a)]
	for i := len(a) - 1; i >= 0; i-- {
		var bit uint64
		if a[i] != b[i] {
			bit = 1
		}
		mask = mask<<1 | bit
	}
	return mask
}

// Apply makes s the snapshot that d leads to from base. For a linear delta
// prev is the snapshot that was applied before base; base nil is the empty
// world. s must not be prev, and may be base where d is plain. The delta must
// fit the layout, as every parsed one does. The tick and the events are the
// caller's to set.
func (s *Snapshot) Apply(d *Delta, prev, base *Snapshot) {
	switch base {
	case s:
	case nil:
		clear(s.live)
		clear(s.cells)
	default:
		s.CopyFrom(base)
	}
	s.Events = s.Events[:0]
	if d.Linear {
		s.extrapolate(prev, base)
	}
	for _, c := range d.Changes {
		s.cells[s.layout.shared[c.Column].cell+int(c.Slot)] += c.By
	}
	for _, r := range d.Despawns {
		s.live[s.layout.tables[r.Table].word+int(r.Slot>>6)] &^= 1 << (r.Slot & 63)
	}
	s.applySpawns(d)
}

func (s *Snapshot) applySpawns(d *Delta) {
	values := d.Values
	for _, r := range d.Spawns {
		t := &s.layout.tables[r.Table]
		s.live[t.word+int(r.Slot>>6)] |= 1 << (r.Slot & 63)
		s.gens[t.slot+int(r.Slot)]++
		for c := range t.Columns {
			s.cells[t.cell+c*t.Capacity+int(r.Slot)] = values[c]
		}
		values = values[len(t.Columns):]
	}
}

// extrapolate moves every steady row's linear columns on as they last moved.
func (s *Snapshot) extrapolate(prev, base *Snapshot) {
	for _, col := range s.layout.shared {
		if !col.Linear {
			continue
		}
		t := &s.layout.tables[col.table]
		for w := range t.words {
			m := sameRows(t, w, base.live[t.word+w], prev, base)
			for ; m != 0; m &= m - 1 {
				at := col.cell + w<<6 + bits.TrailingZeros64(m)
				s.cells[at] += base.cells[at] - prev.cells[at]
			}
		}
	}
}

// DiffOwn appends to dst what changed in a seat's own columns since base (nil
// is all zeros), and returns it with the mask of those columns.
func DiffOwn(dst []int32, base, now *Snapshot, seat Seat) ([]int32, uint64) {
	var mask uint64
	for c := range now.layout.own {
		at := now.layout.own[c].cell + int(seat)
		by := now.cells[at]
		if base != nil {
			by -= base.cells[at]
		}
		if by != 0 {
			mask |= 1 << c
			dst = append(dst, by)
		}
	}
	return dst, mask
}

// ApplyOwn adds what DiffOwn found to s, which holds the base's values.
func (s *Snapshot) ApplyOwn(mask uint64, by []int32, seat Seat) {
	for m := mask; m != 0; m &= m - 1 {
		s.cells[s.layout.own[bits.TrailingZeros64(m)].cell+int(seat)] += by[0]
		by = by[1:]
	}
}
