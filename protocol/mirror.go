package protocol

import (
	"fmt"

	"github.com/musterhq/muster/game"
)

// A Mirror is a client's copy of a match: frames go in, snapshots come out.
// It keeps what later frames may build on and checks every view hash it is
// sent. The TypeScript client has the same. For one goroutine.
type Mirror struct {
	layout *game.Layout
	seat   int // -1 without a seat
	now    *game.Snapshot
	base   *game.Snapshot // the frame before now
	spare  *game.Snapshot
	frames int // applied since the last keyframe, that one included

	// Where there is a space: now alone is kept, and changed in place, for the
	// world is large and little of it changes.
	sight   *game.Sight
	segment Segment

	head   Head
	delta  game.Delta
	events []TickEvent
	epoch  uint32

	Desyncs int // hashes, of the view or of a cell, that did not match
}

// NewMirror returns an empty copy of a match of the schema, as the holder of
// the seat sees it; -1 is a spectator.
func NewMirror(schema *game.Schema, seat int) (*Mirror, error) {
	l, err := schema.Layout()
	if err != nil {
		return nil, err
	}
	for _, t := range schema.Tables {
		if t.Audience == game.Private && seat >= t.Capacity {
			return nil, fmt.Errorf("seat %d beyond table %s", seat, t.Name)
		}
	}
	m := &Mirror{layout: l, seat: seat, now: game.NewSnapshot(l)}
	if l.Space() != nil {
		m.sight = game.NewSight(m.now)
	} else {
		m.base, m.spare = game.NewSnapshot(l), game.NewSnapshot(l)
	}
	return m, nil
}

// Frame takes in one hot message from the server. The snapshot it leads to is
// then Now, what was told in it Events, and its head Head. An error means that
// the message is malformed, or does not follow what came before; in a match
// with a space, nothing but a keyframe is taken after it.
func (m *Mirror) Frame(b []byte) error {
	err := m.frame(b)
	if err != nil && m.sight != nil {
		m.frames = 0
	}
	return err
}

func (m *Mirror) frame(b []byte) error {
	rest, err := ParseHead(b, m.layout.OwnColumns(), &m.head)
	if err != nil {
		return err
	}
	key := m.head.Kind&Keyframe != 0
	if err := m.follows(key); err != nil {
		return err
	}
	tick := m.now.Tick + game.Tick((m.head.Tick-uint8(m.now.Tick))&127)
	o, rest, err := ParseBody(rest, m.layout, key, tick, &m.delta)
	if err != nil {
		return err
	}
	if key {
		tick = o.Tick
	}
	if m.sight != nil {
		if rest, err = m.look(rest, key, tick); err != nil {
			return err
		}
	}
	if err := m.parseEvents(rest, key, tick); err != nil {
		return err
	}
	if key {
		m.epoch = o.Epoch
	}
	m.delta.Linear = m.head.Kind&Linear != 0
	m.apply(key, tick)
	m.check()
	return nil
}

// look takes in what a frame tells of the rows that are sent to all, and of the
// cells, which it reads off b.
func (m *Mirror) look(b []byte, key bool, tick game.Tick) (rest []byte, err error) {
	base := m.now
	if key {
		base = nil
		m.sight.ForgetAll()
	}
	m.now.Apply(&m.delta, nil, base)
	c := cursor{b: b}
	if m.head.Kind&HasCells != 0 {
		m.Desyncs += parseCells(&c, &m.segment, m.layout, tick, m.sight)
	}
	m.sight.Settle()
	return c.b, c.err
}

// parseEvents reads what follows the body and the cells. A delta tells of ticks after its
// base only; a keyframe may come to someone who was told some of it before.
func (m *Mirror) parseEvents(b []byte, key bool, tick game.Tick) (err error) {
	if m.head.Kind&HasEvents == 0 && len(b) > 0 {
		return errBehind
	}
	m.events, err = ParseEvents(b, tick, m.layout.Schema, m.events[:0])
	if err == nil && !key && len(m.events) > 0 && m.events[0].Tick <= m.now.Tick {
		err = malformed("events told twice")
	}
	return err
}

// follows refuses a delta whose base is not the last frame.
func (m *Mirror) follows(key bool) error {
	switch {
	case m.head.Kind&HasCells != 0 && m.sight == nil:
		return malformed("cells without a space")
	case m.head.Kind&Linear != 0 && (key || m.sight != nil):
		return malformed("a linear keyframe, or in a space")
	case key:
		return nil
	case m.frames == 0:
		return malformed("a delta before any keyframe")
	case m.head.Age == 0 || (m.head.Tick-m.head.Age)&127 != uint8(m.now.Tick)&127:
		return malformed("a delta from a base that is not the last frame")
	case m.head.Kind&Linear != 0 && (m.frames < 2 || m.now.Tick-m.base.Tick != game.Tick(m.head.Age)):
		return malformed("a linear delta without an even stride")
	}
	return nil
}

func (m *Mirror) apply(key bool, tick game.Tick) {
	if key {
		m.frames = 0
	}
	if m.sight == nil {
		m.turn(key)
	}
	m.now.Tick = tick
	if m.seat >= 0 {
		m.now.ApplyOwn(m.head.OwnMask, m.head.Own, game.Seat(m.seat))
	}
	m.frames++
}

// turn makes the next snapshot of the last ones.
func (m *Mirror) turn(key bool) {
	next := m.spare
	if key {
		next.Apply(&m.delta, nil, nil)
	} else {
		next.Apply(&m.delta, m.base, m.now)
	}
	m.spare, m.base, m.now = m.base, m.now, next
}

func (m *Mirror) check() {
	if m.head.Kind&Hashed != 0 && m.now.Hash(game.Whole) != m.head.Hash {
		m.Desyncs++
	}
}

// Now is the newest snapshot. It and the next older one stay as they are
// until a second frame after them. In a match with a space it is always the
// same one, which every frame changes: what is to be kept of it must be copied.
// It then shows the rows of the cells that are held, each as of the tick that
// the cell was told of; and [game.Snapshot.Gen] is modulo 128.
func (m *Mirror) Now() *game.Snapshot { return m.now }

// Sight is what is held of the cells around the seat's eye; nil without a space.
func (m *Mirror) Sight() *game.Sight { return m.sight }

// Head is that of the last frame.
func (m *Mirror) Head() *Head { return &m.head }

// Epoch is that of the last keyframe.
func (m *Mirror) Epoch() uint32 { return m.epoch }

// Events are those that the last frame told of, oldest first, good until the
// next.
func (m *Mirror) Events() []TickEvent { return m.events }

// Layout is that of the snapshots.
func (m *Mirror) Layout() *game.Layout { return m.layout }
