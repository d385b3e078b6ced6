package game

import "fmt"

// Limits of a schema. They follow from the wire: column masks are one msgpack
// integer, slots are 16 bits.
const (
	MaxTables     = 256
	MaxColumns    = 64     // shared columns over all tables; own columns likewise
	MaxSlots      = 16_384 // rows of one table
	MaxSeats      = 1024   // of one match
	MaxInputs     = 8      // fields of one input
	MaxEventArgs  = 4      // values of one event
	MaxEventKinds = 64
	maxName       = 64 // bytes of a name in a schema
)

// A Schema declares what players are shown and what they may say: the shape
// of the world's tables, of an input and of the events. It travels to every
// client once, at join, so that clients, inspectors and bots need no code of
// the game. Data, never changed after it is first used.
type Schema struct {
	Tables []Table
	Inputs []Field
	Events []EventKind
	Space  *Space // nil: everyone is sent everything
}

// A Table is a set of rows of the same columns. A row lives in a slot, which
// it keeps until it is despawned.
type Table struct {
	Name     string
	Capacity int // rows at most, 1..MaxSlots; a Private table has one per seat
	Audience Audience
	Columns  []Column
}

// An Audience says who is sent a table's rows.
type Audience uint8

// The audiences. What is not sent to a client cannot be cheated from.
const (
	All     Audience = iota // everyone
	Team                    // each row goes to the team that owns it, see [Rows.SpawnFor]
	Private                 // row i goes to seat i alone; such rows are always live
	Nobody                  // kept in the exact state, never sent
)

// A Column is one int32 value of each row. Choose its unit so that a tick's
// usual change lies within ±63: it then takes one byte on the wire.
type Column struct {
	Name   string
	Linear bool // changes steadily, as positions do: sent against its extrapolation
	Tick   bool // holds a tick number: sent relative to the frame's tick when a row spawns
	Axis   Axis // X or Y: where the row lies in the schema's space
}

// A Field is one integer of a player's input, once a tick.
type Field struct {
	Name     string
	Min, Max int32 // what lies outside is refused
	Bits     bool  // a set of buttons: merged by OR where inputs are dropped, so no press is lost
	Keep     bool  // keeps its last value when inputs fail to come, where others return to neutral
}

// Neutral is what the field is when the player says nothing: zero, or the
// bound next to it.
func (f Field) Neutral() int32 { return min(max(0, f.Min), f.Max) }

// An EventKind declares something that happens at a tick and is over, such as
// a hit: told once, to everyone or to one team, neither lost nor doubled.
type EventKind struct {
	Name string
	Args []string // names of its values, at most MaxEventArgs
}

// A Layout is a schema made ready for use: where each table and column lies
// in a snapshot's flat arrays. It is immutable.
type Layout struct {
	Schema *Schema

	tables []tableLayout
	shared []columnLayout // columns of All and Team tables, numbered as on the wire
	own    []columnLayout // columns of Private tables, numbered as on the wire
	sizes  []int          // by shared column: capacity of its table
	words  int            // uint64 words of all live masks
	slots  int            // slots of all tables
	cells  int            // int32 values of all tables

	// Where there is a space:
	eyes          int            // the table of eyes
	spatialTables []int          // those sent by cells
	spatial       []columnLayout // their columns, numbered as in a cell's segment
	grid          grid
}

type tableLayout struct {
	*Table
	word, slot, cell int // offsets of the table's first mask word, slot and value
	words            int // mask words of the table
	firstShared      int // wire number of its first column, for All and Team tables
	firstSpatial     int // likewise in a cell's segment, for spatial tables
	place            place
	linear           bool // it has a Linear column
}

// span is which slots a mask word is of.
func (t *tableLayout) span(word int) (lo, hi int) {
	return word << 6, min(word<<6+64, t.Capacity)
}

type columnLayout struct {
	Column
	table int
	cell  int // offset of slot 0 in the flat values
}

// Layout checks s and lays it out. Errors name the offending part.
func (s *Schema) Layout() (*Layout, error) {
	if len(s.Tables) > MaxTables {
		return nil, fmt.Errorf("schema: %d tables, at most %d", len(s.Tables), MaxTables)
	}
	l := &Layout{Schema: s}
	for i := range s.Tables {
		if err := l.add(&s.Tables[i]); err != nil {
			return nil, fmt.Errorf("schema: table %q: %w", s.Tables[i].Name, err)
		}
	}
	if len(l.shared) > MaxColumns || len(l.own) > MaxColumns {
		return nil, fmt.Errorf("schema: %d shared and %d own columns, at most %d each", len(l.shared), len(l.own), MaxColumns)
	}
	if err := l.checkSpace(); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if err := s.checkInputs(); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	if err := s.checkEvents(); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return l, nil
}

// named says whether something has a name that fits the wire.
func named(name string) bool { return name != "" && len(name) <= maxName }

func (l *Layout) add(t *Table) error {
	switch {
	case !named(t.Name):
		return fmt.Errorf("the name must have 1 to %d bytes", maxName)
	case t.Capacity < 1 || t.Capacity > MaxSlots:
		return fmt.Errorf("capacity %d, want 1 to %d", t.Capacity, MaxSlots)
	case t.Audience > Nobody:
		return fmt.Errorf("no such audience %d", t.Audience)
	}
	at, err := t.places()
	if err != nil {
		return err
	}
	tl := tableLayout{Table: t, place: at, word: l.words, slot: l.slots, cell: l.cells,
		words: (t.Capacity + 63) / 64, firstShared: len(l.shared), firstSpatial: len(l.spatial)}
	for c, col := range t.Columns {
		if !named(col.Name) {
			return fmt.Errorf("column %d: the name must have 1 to %d bytes", c, maxName)
		}
		cl := columnLayout{Column: col, table: len(l.tables), cell: l.cells + c*t.Capacity}
		tl.linear = tl.linear || col.Linear
		switch t.Audience {
		case All, Team:
			l.shared = append(l.shared, cl)
			l.sizes = append(l.sizes, t.Capacity)
		case Private:
			l.own = append(l.own, cl)
		}
		if tl.spatial() {
			l.spatial = append(l.spatial, cl)
		}
	}
	if tl.spatial() {
		l.spatialTables = append(l.spatialTables, len(l.tables))
	}
	l.tables = append(l.tables, tl)
	l.words += tl.words
	l.slots += t.Capacity
	l.cells += t.Capacity * len(t.Columns)
	return nil
}

func (s *Schema) checkInputs() error {
	if len(s.Inputs) > MaxInputs {
		return fmt.Errorf("%d input fields, at most %d", len(s.Inputs), MaxInputs)
	}
	for _, f := range s.Inputs {
		if !named(f.Name) || f.Min > f.Max {
			return fmt.Errorf("input field %q: range %d..%d, name of 1 to %d bytes", f.Name, f.Min, f.Max, maxName)
		}
	}
	return nil
}

func (s *Schema) checkEvents() error {
	if len(s.Events) > MaxEventKinds {
		return fmt.Errorf("%d event kinds, at most %d", len(s.Events), MaxEventKinds)
	}
	for _, e := range s.Events {
		if !named(e.Name) || len(e.Args) > MaxEventArgs {
			return fmt.Errorf("event %q: %d values, at most %d, name of 1 to %d bytes", e.Name, len(e.Args), MaxEventArgs, maxName)
		}
		for _, a := range e.Args {
			if !named(a) {
				return fmt.Errorf("event %q: value %q: the name must have 1 to %d bytes", e.Name, a, maxName)
			}
		}
	}
	return nil
}

// distinct refuses names that are given twice. The wire knows none of them, but
// people do, and clients that find tables and columns by name.
func (s *Schema) distinct() error {
	if name, ok := twice(s.Tables, func(t Table) string { return t.Name }); ok {
		return fmt.Errorf("two tables are called %q", name)
	}
	for _, t := range s.Tables {
		if name, ok := twice(t.Columns, func(c Column) string { return c.Name }); ok {
			return fmt.Errorf("table %q: two columns are called %q", t.Name, name)
		}
	}
	if name, ok := twice(s.Inputs, func(f Field) string { return f.Name }); ok {
		return fmt.Errorf("two input fields are called %q", name)
	}
	if name, ok := twice(s.Events, func(e EventKind) string { return e.Name }); ok {
		return fmt.Errorf("two events are called %q", name)
	}
	return nil
}

// twice returns the first name that another before it has.
func twice[T any](all []T, name func(T) string) (string, bool) {
	met := make(map[string]bool, len(all))
	for _, one := range all {
		n := name(one)
		if met[n] {
			return n, true
		}
		met[n] = true
	}
	return "", false
}

// SharedColumns and OwnColumns count the columns as the wire numbers them.
func (l *Layout) SharedColumns() int { return len(l.shared) }

// Sizes says by shared column how many slots its table has. Not to be changed.
func (l *Layout) Sizes() []int { return l.sizes }

// OwnColumns counts the columns of Private tables.
func (l *Layout) OwnColumns() int { return len(l.own) }

// ColumnTable returns the table of shared column c.
func (l *Layout) ColumnTable(c int) int { return l.shared[c].table }

// Shared reports whether table t is sent to others than a row's own seat.
func (l *Layout) Shared(t int) bool { return l.tables[t].Audience <= Team }
