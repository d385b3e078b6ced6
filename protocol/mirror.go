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

	head   Head
	delta  game.Delta
	events []TickEvent
	epoch  uint32

	Desyncs int // view hashes that did not match
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
	return &Mirror{layout: l, seat: seat, now: game.NewSnapshot(l), base: game.NewSnapshot(l), spare: game.NewSnapshot(l)}, nil
}

// Frame takes in one hot message from the server. The snapshot it leads to is
// then Now, what was told in it Events, and its head Head. An error means that
// the message is malformed, or does not follow what came before.
func (m *Mirror) Frame(b []byte) error {
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

// parseEvents reads what follows the body. A delta tells of ticks after its
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
	case key && m.head.Kind&Linear != 0:
		return malformed("a linear keyframe")
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
	next := m.spare
	if key {
		next.Apply(&m.delta, nil, nil)
		m.frames = 0
	} else {
		next.Apply(&m.delta, m.base, m.now)
	}
	next.Tick = tick
	if m.seat >= 0 {
		next.ApplyOwn(m.head.OwnMask, m.head.Own, game.Seat(m.seat))
	}
	m.spare, m.base, m.now = m.base, m.now, next
	m.frames++
}

func (m *Mirror) check() {
	if m.head.Kind&Hashed != 0 && m.now.Hash(game.Whole) != m.head.Hash {
		m.Desyncs++
	}
}

// Now is the newest snapshot. It and the next older one stay as they are
// until a second frame after them.
func (m *Mirror) Now() *game.Snapshot { return m.now }

// Head is that of the last frame.
func (m *Mirror) Head() *Head { return &m.head }

// Epoch is that of the last keyframe.
func (m *Mirror) Epoch() uint32 { return m.epoch }

// Events are those that the last frame told of, oldest first, good until the
// next.
func (m *Mirror) Events() []TickEvent { return m.events }

// Layout is that of the snapshots.
func (m *Mirror) Layout() *game.Layout { return m.layout }
