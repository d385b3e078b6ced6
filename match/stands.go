package match

import (
	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// Stands show a match as it was a while ago, to those who watch it then. What
// has happened since is kept as the bytes of one plain body a tick: some 60 B
// in a match of 16, where a snapshot has kilobytes. When its time has come, a
// body makes the next snapshot of a copy that holds only what may be shown, and
// frames are made of that as they are of the match itself: once for all.
//
// A match of which nobody sees anything later has none. One that has pays for
// one more body a tick, for maxAge+1 snapshots, or CellAges+1 of a plane, and for
// 48 B and a body for each tick of the delay. Whoever comes first waits for as
// long as the delay; nothing is kept for nobody.
//
// The match's goroutine owns it.
type stands struct {
	// set by newStands and never changed
	view  game.View // everyone, or game.Whole
	delay game.Tick
	began game.Tick // the first tick that there is

	frames *frames           // of what is shown
	newest game.Tick         // that is kept
	clock  game.Tick         // the same, and on when the match is over
	kept   []moment          // of the ticks since what is shown, by tick modulo its length
	flat   [2]*game.Snapshot // of a plane, the match's last ticks as they are kept, by tick modulo 2; else nil
	shown  *game.Snapshot    // the tick that is shown, as it was kept
	copies []*game.Snapshot  // of the last ticks shown, as they are shown, by tick modulo its length
	delta  game.Delta
}

// A moment is what a tick has changed.
type moment struct {
	body   []byte
	events []game.Event
}

// newStands begin with the match as it is now.
func newStands(mode *game.Mode, now *game.Snapshot) *stands {
	layout, keep := now.Layout(), maxAge
	s := &stands{delay: mode.DelayTicks(), began: now.Tick, newest: now.Tick, clock: now.Tick, frames: newFrames(layout, epoch)}
	if mode.Spectators.Teams {
		s.view = game.Whole
	}
	first := now
	if layout.Space() != nil {
		s.frames.interest, keep = newInterest(layout, mode.Hz), game.CellAges
		flat := layout.Flat()
		s.flat = [2]*game.Snapshot{game.NewSnapshot(flat), game.NewSnapshot(flat)}
		first = s.flatten(now)
	}
	s.kept = make([]moment, s.delay+1)
	for range keep + 1 {
		s.copies = append(s.copies, game.NewSnapshot(layout))
	}
	s.shown = game.NewSnapshot(first.Layout())
	s.delta.Diff(nil, nil, first, s.view)
	s.advance(now.Tick, nil)
	s.frames.see(everyone)
	s.frames.views[everyone].since = now.Tick
	return s
}

// flatten returns a tick of a plane as it is kept, good until the second one
// after it.
func (s *stands) flatten(t *game.Snapshot) *game.Snapshot {
	f := s.flat[t.Tick%2]
	f.FlatFrom(t)
	return f
}

// first is the oldest tick that who comes now can be shown.
func (s *stands) first() game.Tick { return max(s.began, s.frames.tick()) }

// At implements past.
func (s *stands) At(t game.Tick) *game.Snapshot {
	if c := s.copies[t%game.Tick(len(s.copies))]; c.Tick == t && t >= s.began {
		return c
	}
	return nil
}

// keep notes what has changed in the newest tick, which has passed.
func (s *stands) keep(was, now *game.Snapshot) {
	if s.flat[0] != nil {
		was, now = s.flat[was.Tick%2], s.flatten(now)
	}
	s.newest = now.Tick
	m := &s.kept[now.Tick%game.Tick(len(s.kept))]
	s.delta.Diff(nil, was, now, s.view)
	m.body = protocol.AppendBody(m.body[:0], &s.delta, now.Layout(), now.Tick)
	m.events = m.events[:0]
	for _, e := range now.Events {
		if e.Team == 0 || s.view == game.Whole {
			e.Team = 0
			m.events = append(m.events, e)
		}
	}
	s.pass()
}

// pass notes that a tick has passed, and shows the one whose time has come.
func (s *stands) pass() {
	if s.clock++; s.clock-s.began >= s.delay {
		s.show()
	}
}

// more says whether there is anything that was not shown yet.
func (s *stands) more() bool { return s.frames.now == nil || s.frames.tick() < s.newest }

// show goes on by a tick, with the first one where nothing was shown.
func (s *stands) show() {
	if s.frames.now == nil && s.delay > 0 {
		s.frames.advance(s, s.At(s.began))
		return
	}
	t := s.first() + 1
	m := &s.kept[t%game.Tick(len(s.kept))]
	if _, _, err := protocol.ParseBody(m.body, s.shown.Layout(), false, t, &s.delta); err != nil {
		panic(err) // our own bytes
	}
	s.frames.advance(s, s.advance(t, m.events))
}

// advance makes what is shown that of tick t, by the delta, and returns a copy.
func (s *stands) advance(t game.Tick, events []game.Event) *game.Snapshot {
	base := s.shown
	if t == s.began {
		base = nil
	}
	s.shown.Apply(&s.delta, nil, base)
	now := s.copies[t%game.Tick(len(s.copies))]
	if s.flat[0] != nil {
		now.PlaneFrom(s.shown)
	} else {
		now.CopyFrom(s.shown)
	}
	now.Tick, now.Events = t, append(now.Events[:0], events...)
	return now
}
