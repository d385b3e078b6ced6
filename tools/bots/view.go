package main

import (
	"sync"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// seen is a frame's tick and when it came.
type seen struct {
	tick game.Tick
	at   time.Time
}

// due is how many updates there should have been from a frame on, itself
// included, when the last to come was that and time has gone on until then. A
// server that is slow owes those that time asks for; one whose ticks come as
// early as jitter has it, no less than those it has made.
func (f seen) due(last seen, end time.Time, hz int) int64 {
	byTime := int64(end.Sub(f.at).Seconds() * float64(hz))
	return 1 + max(byTime, int64(last.tick-f.tick))
}

// view is what one player sees of one match over one connection. Frames come on
// one goroutine, end on any.
type view struct {
	stats  *stats
	ledger *ledger // of those who play, or who watch
	gaps   *samples
	mode   *modeStats // nil where it is watched
	seat   *seatStats
	player int
	number int // of the mode

	mu      sync.Mutex
	match   protocol.MatchID
	hz      int
	first   seen
	last    seen
	desyncs int
	over    bool
}

func newView(s *stats, player, mode int, watches bool) *view {
	v := &view{stats: s, seat: s.seats[player], player: player, number: mode}
	if watches {
		v.ledger, v.gaps = &s.watchers.ledger, &s.watchers.gaps
	} else {
		v.mode = s.modes[mode]
		v.ledger, v.gaps = &s.ledger, &v.mode.gaps
	}
	return v
}

func (v *view) joined(j *protocol.Joined, id protocol.MatchID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hz, v.match = j.Hz, id
	v.ledger.playing.Add(1)
	v.ledger.hz.Add(int64(j.Hz))
	if v.mode == nil {
		v.stats.watched(v.player)
	} else {
		v.stats.joined(v.player, v.number, id)
	}
}

// frame counts an update.
func (v *view) frame(m *protocol.Mirror, size int, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return
	}
	if m.Desyncs > v.desyncs {
		v.stats.desyncs.Add(int64(m.Desyncs - v.desyncs))
		v.desyncs = m.Desyncs
	}
	now := seen{m.Now().Tick, at}
	if now.tick == 0 {
		return // others are waited for; ticks have not begun
	}
	v.ledger.updates.Add(1)
	v.ledger.bytes.Add(int64(size))
	if v.mode != nil {
		v.mode.updates.Add(1)
	} else if m.Head().Kind&protocol.Gap != 0 {
		v.stats.watchers.missed.Add(1)
	}
	if v.first.tick == 0 {
		v.first = now
	} else {
		v.late(at.Sub(v.last.at))
	}
	v.last = now
}

func (v *view) late(d time.Duration) {
	v.gaps.add(d)
	us := int64(d / time.Microsecond)
	for worst := v.seat.worst.Load(); us > worst && !v.seat.worst.CompareAndSwap(worst, us); {
		worst = v.seat.worst.Load()
	}
}

func (v *view) control(m protocol.Control) {
	if _, over := m.(protocol.Over); over {
		v.end()
	}
}

// end closes the account; once.
func (v *view) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over || v.hz == 0 {
		return
	}
	v.over = true
	v.ledger.playing.Add(-1)
	v.ledger.hz.Add(-int64(v.hz))
	if v.mode != nil {
		v.stats.parted(v.match)
	}
	if v.first.tick == 0 {
		return
	}
	end := time.Now()
	v.ledger.played.Add(int64(end.Sub(v.first.at)))
	v.ledger.expected.Add(v.first.due(v.last, end, v.hz))
}
