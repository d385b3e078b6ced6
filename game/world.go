package game

import (
	"fmt"
	"math/bits"
)

// A World is the state that rules act in: the tables of their schema, chance,
// and the recent past. It belongs to the match's goroutine; rules use it only
// while one of their methods runs.
type World struct {
	Rand Rand

	now     *Snapshot
	past    *history
	mode    *Mode
	options []int32  // by option of the mode; never changed
	teams   []TeamID // by seat
}

// Tick returns the tick that is being computed; in Start it is 0.
func (w *World) Tick() Tick { return w.now.Tick }

// Hz returns the mode's ticks per second.
func (w *World) Hz() int32 { return int32(w.mode.Hz) }

// Seats returns how many seats the match has.
func (w *World) Seats() int { return w.mode.Seats }

// Option returns what was chosen for the mode's option of that name, which must
// be one. Of named values it is the index.
func (w *World) Option(name string) int32 { return w.options[w.mode.Option(name)] }

// Team returns the seat's team; SetTeam changes it.
func (w *World) Team(seat Seat) TeamID { return w.teams[seat] }

// SetTeam puts the seat into a team, whose rows and events it will be shown.
// Teams go up to MaxTeam.
func (w *World) SetTeam(seat Seat, team TeamID) {
	if team > MaxTeam {
		panic("game: no such team")
	}
	w.teams[seat] = team
}

// Table returns the rows of the schema's i-th table.
func (w *World) Table(i int) Rows { return Rows{w.now, &w.now.layout.tables[i]} }

// Emit tells everyone of an event of this tick.
func (w *World) Emit(kind uint8, args ...int32) { w.EmitTo(0, kind, args...) }

// EmitTo tells one team of an event of this tick.
func (w *World) EmitTo(team TeamID, kind uint8, args ...int32) {
	if int(kind) >= len(w.now.layout.Schema.Events) || len(args) != len(w.now.layout.Schema.Events[kind].Args) {
		panic(fmt.Sprintf("game: event %d with %d values does not fit the schema", kind, len(args)))
	}
	e := Event{Kind: kind, Team: team}
	copy(e.Args[:], args)
	w.now.Events = append(w.now.Events, e)
}

// Past returns the world as it stood some ticks ago, 1 to the mode's Lag; it
// is clamped to what there is, and where there is none, at tick 0 or in a mode
// without lag, it is the present. An input's Lag says what its player was
// shown.
func (w *World) Past(ticks int) *Snapshot {
	ticks = min(max(ticks, 1), w.mode.Lag, int(w.now.Tick))
	if s := w.past.at(w.now.Tick - Tick(ticks)); s != nil {
		return s
	}
	return w.now
}

// Rows are the rows of one table of a [World], for the rules to read and
// write. A small value; make one with [World.Table] whenever it is needed.
type Rows struct {
	s *Snapshot
	t *tableLayout
}

// Col returns the values of a column by slot, to read and to write.
func (r Rows) Col(column int) []int32 {
	at := r.t.cell + column*r.t.Capacity
	return r.s.cells[at : at+r.t.Capacity : at+r.t.Capacity]
}

// Live reports whether a row lives in the slot.
func (r Rows) Live(slot int) bool { return r.s.live[r.t.word+slot>>6]>>(slot&63)&1 != 0 }

// Next returns the first live slot after the given one, or -1; begin with -1.
func (r Rows) Next(slot int) int {
	return nextBit(r.s.live[r.t.word:r.t.word+r.t.words], slot)
}

// Count returns how many rows live.
func (r Rows) Count() int { return r.s.count(r.t) }

// Spawn begins a row of zeros in the lowest free slot. It returns false where
// the table is full.
func (r Rows) Spawn() (slot int, ok bool) {
	for w := range r.t.words {
		if free := ^r.s.live[r.t.word+w]; free != 0 {
			slot = w<<6 + bits.TrailingZeros64(free)
			if slot < r.t.Capacity {
				r.SpawnAt(slot)
				return slot, true
			}
		}
	}
	return 0, false
}

// SpawnAt begins a row of zeros in the slot, in place of what lives there.
func (r Rows) SpawnAt(slot int) {
	r.check(slot)
	r.s.live[r.t.word+slot>>6] |= 1 << (slot & 63)
	r.s.gens[r.t.slot+slot]++
	r.s.owners[r.t.slot+slot] = 0
	for c := range r.t.Columns {
		r.s.cells[r.t.cell+c*r.t.Capacity+slot] = 0
	}
}

// SpawnFor gives the row of a Team table to the team, whose members alone are
// shown it.
func (r Rows) SpawnFor(team TeamID) (slot int, ok bool) {
	if slot, ok = r.Spawn(); ok {
		r.s.owners[r.t.slot+slot] = team
	}
	return slot, ok
}

// SpawnAtFor is SpawnAt of a row of a Team table, for the team.
func (r Rows) SpawnAtFor(slot int, team TeamID) {
	r.SpawnAt(slot)
	r.s.owners[r.t.slot+slot] = team
}

// Despawn ends the row in the slot, if one lives there.
func (r Rows) Despawn(slot int) {
	r.check(slot)
	r.s.live[r.t.word+slot>>6] &^= 1 << (slot & 63)
}

// Teleport says that the row's next values do not follow from its last ones:
// clients are sent it whole and do not slide it there.
func (r Rows) Teleport(slot int) {
	r.check(slot)
	r.s.gens[r.t.slot+slot]++
}

// check panics where a slot is none of the table's: the tables lie end to
// end, so the next one's row would be hit.
func (r Rows) check(slot int) {
	if slot < 0 || slot >= r.t.Capacity {
		panic("game: slot beyond the table's capacity")
	}
}
