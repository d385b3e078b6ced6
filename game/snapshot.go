package game

import "math/bits"

// A Tick counts steps of a match from 0, its state before the first step.
type Tick uint32

// A Seat is a player's place in a match, from 0.
type Seat uint16

// NoSeat is where somebody sits who only watches.
const NoSeat Seat = 1<<16 - 1

// Index is the seat's number, or -1 for NoSeat.
func (s Seat) Index() int {
	if s == NoSeat {
		return -1
	}
	return int(s)
}

// A TeamID is a side in a match. Zero is none.
type TeamID uint8

// MaxTeam is the highest team; the number above it stands for [Whole].
const MaxTeam TeamID = 254

// A Snapshot is the world as it stood at one tick, as far as its holder may
// know it: on the server everything, on a client what it was sent. It is not
// changed after it is made, until its memory is used for another tick.
//
// Values lie column by column: a row's value of column c is at
// Col(table, c)[slot].
type Snapshot struct {
	Tick   Tick
	Events []Event // what happened in the step that led here

	layout *Layout
	live   []uint64 // a bit a slot
	gens   []uint16 // counts the rows that have lived in a slot, see [Delta]
	owners []TeamID // a slot's team, in Team tables
	cells  []int32
}

// An Event is something that happened in a step.
type Event struct {
	Kind uint8
	Team TeamID // who is told: one team, or everyone (0)
	Args [MaxEventArgs]int32
}

// A View names whose eyes a snapshot is seen through: a team's, those of
// everyone who is in none (0), or Whole.
type View TeamID

// Whole sees the rows of every team: what a client makes of its own snapshots,
// which hold only what it may see, and what a replay shows.
const Whole View = 255

// NewSnapshot returns an empty world of the layout, at tick 0.
func NewSnapshot(l *Layout) *Snapshot {
	return &Snapshot{
		layout: l,
		live:   make([]uint64, l.words),
		gens:   make([]uint16, l.slots),
		owners: make([]TeamID, l.slots),
		cells:  make([]int32, l.cells),
	}
}

// CopyFrom makes s equal to o, which must be of the same layout.
func (s *Snapshot) CopyFrom(o *Snapshot) {
	s.Tick = o.Tick
	s.Events = append(s.Events[:0], o.Events...)
	copy(s.live, o.live)
	copy(s.gens, o.gens)
	copy(s.owners, o.owners)
	copy(s.cells, o.cells)
}

// Layout returns the layout s is of.
func (s *Snapshot) Layout() *Layout { return s.layout }

// Col returns the values of a column by slot. They mean something where
// [Snapshot.Live] holds.
func (s *Snapshot) Col(table, column int) []int32 {
	t := &s.layout.tables[table]
	at := t.cell + column*t.Capacity
	return s.cells[at : at+t.Capacity : at+t.Capacity]
}

// Live reports whether a row lives in the slot.
func (s *Snapshot) Live(table, slot int) bool {
	return s.live[s.layout.tables[table].word+slot>>6]>>(slot&63)&1 != 0
}

// Gen numbers the rows that have lived in the slot: it differs between two
// snapshots where another row took the slot or the row was teleported.
func (s *Snapshot) Gen(table, slot int) uint16 {
	return s.gens[s.layout.tables[table].slot+slot]
}

// Next returns the first live slot after the given one, or -1. Begin with -1:
//
//	for i := s.Next(t, -1); i >= 0; i = s.Next(t, i) { … }
func (s *Snapshot) Next(table, slot int) int {
	t := &s.layout.tables[table]
	return nextBit(s.live[t.word:t.word+t.words], slot)
}

// Count returns how many rows of the table live.
func (s *Snapshot) Count(table int) int {
	return s.count(&s.layout.tables[table])
}

func (s *Snapshot) count(t *tableLayout) (n int) {
	for _, w := range s.live[t.word : t.word+t.words] {
		n += bits.OnesCount64(w)
	}
	return n
}

// Own returns a seat's value of column c of a Private table.
func (s *Snapshot) Own(table, column int, seat Seat) int32 { return s.Col(table, column)[seat] }

// sees returns the mask word of the table's rows that view may see.
func (s *Snapshot) sees(t *tableLayout, word int, view View) uint64 {
	live := s.live[t.word+word]
	if t.Audience != Team || live == 0 || view == Whole {
		return live
	}
	var seen uint64
	for w := live; w != 0; w &= w - 1 {
		i := bits.TrailingZeros64(w)
		if s.owners[t.slot+word<<6+i] == TeamID(view) {
			seen |= 1 << i
		}
	}
	return seen
}

// Hash returns the view hash: 32 bits over all that view may see, by which a
// client proves that it holds the same. Per table that is sent to more than
// one seat, and whole, in order: its number, then for each live row its slot
// and values. Of rows that are sent by cells each cell has a hash of its own.
func (s *Snapshot) Hash(view View) uint32 {
	h := hashSeed
	for ti := range s.layout.tables {
		t := &s.layout.tables[ti]
		if t.Audience > Team || t.spatial() {
			continue
		}
		h = mix(h, uint32(ti))
		for w := range t.words {
			for m := s.sees(t, w, view); m != 0; m &= m - 1 {
				h = s.hashRow(h, t, w<<6+bits.TrailingZeros64(m))
			}
		}
	}
	return h
}

func (s *Snapshot) hashRow(h uint32, t *tableLayout, slot int) uint32 {
	h = mix(h, uint32(slot))
	for c := range t.Columns {
		h = mix(h, uint32(s.cells[t.cell+c*t.Capacity+slot]))
	}
	return h
}

const hashSeed uint32 = 2166136261

// mix folds one word into a hash with operations that JavaScript has too.
func mix(h, word uint32) uint32 {
	h = (h ^ word) * 0x9e3779b1
	return h ^ h>>15
}

// nextBit returns the first set bit after i, or -1.
func nextBit(words []uint64, i int) int {
	i++
	for w := i >> 6; w < len(words); w++ {
		m := words[w]
		if w == i>>6 {
			m &= ^uint64(0) << (i & 63)
		}
		if m != 0 {
			return w<<6 + bits.TrailingZeros64(m)
		}
	}
	return -1
}
