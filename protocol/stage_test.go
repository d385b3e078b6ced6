package protocol_test

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// This file is a match in miniature: a stage whose world the tests change by
// hand, and links that send it to mirrors as a match does to clients.

// script are rules that do what they are told before each step.
type script struct{ next func(w *game.World) }

func (s *script) Start(w *game.World)                    { s.run(w) }
func (s *script) Join(*game.World, game.Seat)            {}
func (s *script) Leave(*game.World, game.Seat)           {}
func (s *script) Step(w *game.World, _ []game.Input)     { s.run(w) }
func (s *script) Result(*game.World) (game.Result, bool) { return nil, false }
func (s *script) Save(dst []byte) []byte                 { return dst }
func (s *script) Load([]byte) error                      { return nil }

func (s *script) run(w *game.World) {
	if s.next != nil {
		s.next(w)
	}
}

// A stage is a world and all it has been, by index; the tick at index 0 is
// whatever the test wants it to be.
type stage struct {
	t      testing.TB
	sim    *game.Sim
	rules  *script
	schema *game.Schema
	layout *game.Layout
	kept   []*game.Snapshot
	index  *game.CellIndex // where there is a space
}

func newStage(t testing.TB, schema *game.Schema, first game.Tick, start func(w *game.World)) *stage {
	t.Helper()
	return newStageOf(t, 4, schema, first, start)
}

func newStageOf(t testing.TB, seats int, schema *game.Schema, first game.Tick, start func(w *game.World)) *stage {
	t.Helper()
	s := &stage{t: t, rules: &script{next: start}, schema: schema}
	mode, err := game.Mode{Name: "stage", Hz: 30, Seats: seats, Schema: schema,
		New: func() game.Rules { return s.rules }}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if s.layout, err = schema.Layout(); err != nil {
		t.Fatal(err)
	}
	if s.layout.Space() != nil {
		s.index = game.NewCellIndex(s.layout)
	}
	s.sim = game.NewSim(mode, 1)
	s.keep(first)
	return s
}

// step computes one tick, in which do happens.
func (s *stage) step(do func(w *game.World)) {
	s.rules.next = do
	s.sim.Step(nil)
	s.keep(s.now().Tick + 1)
}

func (s *stage) keep(tick game.Tick) {
	snap := game.NewSnapshot(s.layout)
	snap.CopyFrom(s.sim.Now())
	snap.Tick = tick
	s.kept = append(s.kept, snap)
	if s.index != nil {
		s.index.Advance(snap)
	}
}

func (s *stage) now() *game.Snapshot { return s.kept[len(s.kept)-1] }

// A link is one client: what was written to it, and the mirror it keeps.
type link struct {
	*stage
	seat         int
	view         game.View
	base, prev   int // index of the last frame written, and of the one before; -1 for none
	head         protocol.Head
	delta        game.Delta
	mirror       *protocol.Mirror
	forget, hash bool // the next frame is a keyframe; has a hash
	ring         int  // ticks of events that are kept

	// Where there is a space: what the next frame forgets and tells of, whether
	// by linear segments where it can, and as of when the cells are held, and were
	// before.
	drops, tells []game.CellID
	held, before map[game.CellID]game.Tick
	linear       func(game.CellID) bool
	hashCells    bool
}

func (s *stage) link(seat int, view game.View) *link {
	s.t.Helper()
	m, err := protocol.NewMirror(s.schema, seat)
	if err != nil {
		s.t.Fatal(err)
	}
	return &link{stage: s, seat: seat, view: view, base: -1, prev: -1, mirror: m, ring: 128, held: map[game.CellID]game.Tick{}, before: map[game.CellID]game.Tick{}}
}

// frame encodes the newest tick for the client, as a match does: against what
// was last written, linear where the stride is even, from the empty world
// where that is too old.
func (l *link) frame() []byte {
	now := len(l.kept) - 1
	told := l.base
	if l.forget || l.base < 0 || now-l.base > 8 {
		l.base, l.prev = -1, -1
		clear(l.held)
		clear(l.before)
	}
	var prev, base *game.Snapshot
	l.head.Kind, l.head.Age, l.head.Tick = 0, 0, uint8(l.now().Tick&127)
	if l.base >= 0 {
		base, l.head.Age = l.kept[l.base], uint8(now-l.base)
	} else {
		l.head.Kind |= protocol.Keyframe
	}
	if l.prev >= 0 && l.base-l.prev == now-l.base && now-l.base <= 3 && l.index == nil {
		prev = l.kept[l.prev]
		l.head.Kind |= protocol.Linear
	}
	l.delta.Diff(prev, base, l.now(), l.view)
	return l.encode(base, append(l.cells(), l.segments(told)...))
}

// segments are the events after the told frame, as far as they are kept.
func (l *link) segments(told int) (b []byte) {
	now := len(l.kept) - 1
	if told < 0 {
		told = now // who comes new is told nothing of before
	}
	if now-told > l.ring {
		l.head.Kind |= protocol.Gap
		told = now - l.ring
	}
	for i := told + 1; i <= now; i++ {
		b = protocol.AppendEvents(b, l.kept[i].Tick, l.kept[i].Events, l.schema, l.view)
	}
	if len(b) > 0 {
		l.head.Kind |= protocol.HasEvents
	}
	return b
}

// cells tells of those that the test has named, each against what is held.
func (l *link) cells() (b []byte) {
	if len(l.drops)+len(l.tells) == 0 {
		return nil
	}
	l.head.Kind |= protocol.HasCells
	b = protocol.AppendCells(nil, l.drops, len(l.tells))
	for _, c := range l.drops {
		delete(l.held, c)
	}
	for _, c := range l.tells {
		s := l.segment(c)
		b = protocol.AppendSegment(b, s, l.layout, l.now().Tick)
		if delete(l.before, c); s.Age > 0 {
			l.before[c] = l.held[c]
		}
		l.held[c] = l.now().Tick
	}
	l.drops, l.tells, l.hashCells = nil, nil, false
	return b
}

func (l *link) segment(c game.CellID) *protocol.Segment {
	s := &protocol.Segment{Cell: c, Hashed: l.hashCells}
	var prev, base *game.Cells
	if tick, ok := l.held[c]; ok {
		if base = l.index.At(tick); base != nil {
			s.Age = int(l.now().Tick - tick)
		}
	}
	if tick, ok := l.before[c]; ok && base != nil && l.linear != nil && l.linear(c) {
		prev = l.index.At(tick)
	}
	if s.Delta.Diff(l.index, prev, base, c, l.view); s.Hashed {
		s.Hash = l.index.Now().Hash(c, l.view)
	}
	return s
}

func (l *link) encode(base *game.Snapshot, behind []byte) []byte {
	l.head.OwnMask, l.head.Own = 0, l.head.Own[:0]
	if l.seat >= 0 {
		l.head.Own, l.head.OwnMask = game.DiffOwn(l.head.Own, base, l.now(), game.Seat(l.seat))
	}
	if l.hash {
		l.head.Kind |= protocol.Hashed
		l.head.Hash = l.now().Hash(l.view)
	}
	b := protocol.AppendHead(nil, &l.head)
	if base == nil {
		b = protocol.AppendKeyBody(b, &l.delta, l.layout, protocol.Origin{Tick: l.now().Tick, Epoch: 1})
	} else {
		b = protocol.AppendBody(b, &l.delta, l.layout, l.now().Tick)
	}
	l.prev, l.base = l.base, len(l.kept)-1
	l.forget, l.hash = false, false
	return append(b, behind...)
}

// send encodes the newest tick and has the mirror take it in.
func (l *link) send() []byte {
	l.t.Helper()
	b := l.frame()
	if err := l.mirror.Frame(b); err != nil {
		l.t.Fatalf("tick %d, frame %x: %v", l.now().Tick, b, err)
	}
	return b
}

// rows lists all that a client holds of the tables that are sent to several:
// table, slot, values, for each row.
func rows(s *game.Snapshot) (all [][]int32) {
	for t, table := range s.Layout().Schema.Tables {
		if !s.Layout().Shared(t) {
			continue
		}
		for slot := s.Next(t, -1); slot >= 0; slot = s.Next(t, slot) {
			row := []int32{int32(t), int32(slot)}
			for c := range table.Columns {
				row = append(row, s.Col(t, c)[slot])
			}
			all = append(all, row)
		}
	}
	return all
}

// own lists a seat's own columns.
func own(s *game.Snapshot, seat int) (values []int32) {
	for t, table := range s.Layout().Schema.Tables {
		for c := range table.Columns {
			if table.Audience == game.Private && seat >= 0 {
				values = append(values, s.Own(t, c, game.Seat(seat)))
			}
		}
	}
	return values
}
