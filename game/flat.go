package game

import "slices"

// Flat returns the layout of snapshots that hold a plane as bodies can tell of
// it: its rows lie in no cells, and one more table, behind all others, says to
// everyone where each seat's eye is. There must be a space.
//
// [Snapshot.FlatFrom] makes such a snapshot, and [Snapshot.PlaneFrom] makes a
// plane of it again.
func (l *Layout) Flat() *Layout {
	s := Schema{Tables: slices.Clone(l.Schema.Tables), Inputs: l.Schema.Inputs, Events: l.Schema.Events}
	for i := range s.Tables {
		t := &s.Tables[i]
		t.Columns = slices.Clone(t.Columns)
		for c := range t.Columns {
			t.Columns[c].Axis = NoAxis
		}
	}
	s.Tables = append(s.Tables, Table{Name: "eyes", Capacity: l.tables[l.eyes].Capacity, Columns: []Column{{Name: "x"}, {Name: "y"}}})
	flat, err := s.Layout()
	if err != nil {
		panic(err) // checkSpace has left room for the eyes
	}
	return flat
}

// FlatFrom makes s, of the layout's Flat, equal to a plane.
func (s *Snapshot) FlatFrom(plane *Snapshot) {
	s.CopyFrom(plane) // the tables before the last lie where they do there
	eyes, flat := &plane.layout.tables[plane.layout.eyes], s.eyes()
	copy(s.column(flat, 0), plane.column(eyes, eyes.place.x))
	copy(s.column(flat, 1), plane.column(eyes, eyes.place.y))
	for slot := range flat.Capacity {
		s.live[flat.word+slot>>6] |= 1 << (slot & 63)
	}
}

// PlaneFrom makes s, a plane, equal to what its layout's Flat holds of it: of
// what is private the eyes alone.
func (s *Snapshot) PlaneFrom(flat *Snapshot) {
	s.CopyFrom(flat)
	eyes, from := &s.layout.tables[s.layout.eyes], flat.eyes()
	copy(s.column(eyes, eyes.place.x), flat.column(from, 0))
	copy(s.column(eyes, eyes.place.y), flat.column(from, 1))
}

// eyes is the last table of a flat layout.
func (s *Snapshot) eyes() *tableLayout { return &s.layout.tables[len(s.layout.tables)-1] }
