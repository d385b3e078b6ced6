package match

import (
	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// Bounds of a delta's base, in ticks.
const (
	maxAge    = 8   // older bases get the keyframe
	maxStride = 3   // of linear bodies
	eventRing = 128 // ticks whose events are kept for those who skip
)

// frames makes the bytes of one tick, each part once for all clients that
// share it: a body by view and base, a keyframe by view, events by view and
// tick, a hash by view. Buffers are used again; a part is good until the next
// tick. The match's goroutine owns it.
type frames struct {
	layout *game.Layout
	epoch  uint32
	views  []viewFrames // by team, 0 for those in none; grows at joins only

	past  past
	now   *game.Snapshot
	delta game.Delta

	interest *interest // what is told of cells, if anything

	encoded int // bodies made since the start
}

// A past has snapshots of a tick and those not long before: nil is one that is
// not kept any more.
type past interface {
	At(game.Tick) *game.Snapshot
}

// tick is the one that frames are made of; 0 before the first.
func (f *frames) tick() game.Tick {
	if f.now == nil {
		return 0
	}
	return f.now.Tick
}

// viewFrames are the parts one view shares.
type viewFrames struct {
	used   bool
	since  game.Tick        // events are kept of the ticks after it
	plain  [maxAge + 1]part // by age; 0 is the keyframe
	linear [maxStride + 1]part
	events [eventRing]segment
	hash   uint32
	hashAt game.Tick
	hashed bool
}

// A part is bytes made for a tick.
type part struct {
	at    game.Tick
	valid bool
	b     []byte
}

// A segment is what a view was told in a tick: empty where that is nothing.
type segment struct {
	at game.Tick
	b  []byte
}

func newFrames(layout *game.Layout, epoch uint32) *frames {
	return &frames{layout: layout, epoch: epoch}
}

// see makes sure that the view's events are kept from now on.
func (f *frames) see(view game.View) {
	for int(view) >= len(f.views) {
		f.views = append(f.views, viewFrames{})
	}
	if v := &f.views[view]; !v.used {
		v.used = true
		if f.now != nil && f.now.Tick > 0 {
			v.since = f.now.Tick - 1
			f.keepEvents(view)
		}
	}
}

// advance begins a tick: now is its snapshot.
func (f *frames) advance(past past, now *game.Snapshot) {
	f.past, f.now = past, now
	if f.interest != nil {
		f.interest.advance(now)
	}
	for v := range f.views {
		if f.views[v].used {
			f.keepEvents(game.View(v))
		}
	}
}

// keepEvents makes the segment of what a view is told of this tick.
func (f *frames) keepEvents(view game.View) {
	s := &f.views[view].events[f.now.Tick%eventRing]
	s.at = f.now.Tick
	s.b = protocol.AppendEvents(s.b[:0], f.now.Tick, f.now.Events, f.layout.Schema, view)
}

// body returns what changed since base; linear says that prev, as far before
// base as base is before now, was written before it. It returns nil where the
// base is too old, and the client needs the keyframe.
func (f *frames) body(view game.View, prev, base game.Tick, linear bool) []byte {
	age := f.now.Tick - base
	if age < 1 || age > maxAge {
		return nil
	}
	v := &f.views[view]
	p := &v.plain[age]
	if linear {
		p = &v.linear[age]
	}
	if p.valid && p.at == f.now.Tick {
		return p.b
	}
	from, before := f.past.At(base), (*game.Snapshot)(nil)
	if linear {
		before = f.past.At(prev)
	}
	f.delta.Diff(before, from, f.now, view)
	p.b = protocol.AppendBody(p.b[:0], &f.delta, f.layout, f.now.Tick)
	p.at, p.valid = f.now.Tick, true
	f.encoded++
	return p.b
}

// key returns the keyframe's body.
func (f *frames) key(view game.View) []byte {
	p := &f.views[view].plain[0]
	if !p.valid || p.at != f.now.Tick {
		f.delta.Diff(nil, nil, f.now, view)
		p.b = protocol.AppendKeyBody(p.b[:0], &f.delta, f.layout, protocol.Origin{Tick: f.now.Tick, Epoch: f.epoch})
		p.at, p.valid = f.now.Tick, true
		f.encoded++
	}
	return p.b
}

// eventsSince appends the view's segments of the ticks after base, and says
// whether some of those are not kept any more.
func (f *frames) eventsSince(dst []byte, view game.View, base game.Tick) (_ []byte, gap bool) {
	v := &f.views[view]
	first := v.since + 1
	if f.now.Tick >= eventRing {
		first = max(first, f.now.Tick-eventRing+1)
	}
	for t := max(first, base+1); t <= f.now.Tick; t++ {
		if s := &v.events[t%eventRing]; s.at == t {
			dst = append(dst, s.b...)
		}
	}
	return dst, base+1 < first
}

// hash returns the view hash of this tick.
func (f *frames) hash(view game.View) uint32 {
	v := &f.views[view]
	if !v.hashed || v.hashAt != f.now.Tick {
		v.hash, v.hashAt, v.hashed = f.now.Hash(view), f.now.Tick, true
	}
	return v.hash
}
