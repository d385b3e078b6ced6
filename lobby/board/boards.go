package board

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// Boards are all ladders with their boards, and the histories of all players.
type Boards struct {
	cfg Config // set by Open and Restore and never changed

	feed    sync.Mutex    // one entry at a time, and no snapshot amid one
	applied atomic.Uint64 // written under feed

	mu      sync.RWMutex // never held for long
	ladders map[Ladder]*ladder
	history history // has its own lock
}

// Open returns empty boards, to be fed from the start of the log. It fails
// for a Config that makes no sense.
func Open(cfg Config) (*Boards, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("boards: %w", err)
	}
	b := &Boards{cfg: cfg, ladders: make(map[Ladder]*ladder)}
	b.history.init(&b.cfg)
	return b, nil
}

// Apply takes in the next entry of the log. One whose sequence number is not
// above all before has been applied and is passed over; one that cannot be is
// passed over for good, with an [ErrEntry] that is only worth a line in the
// log. The strings of the entry are kept. The first one of a new season takes as long as
// the reset of its players, during which the old board can be read.
func (b *Boards) Apply(e Entry) error {
	b.feed.Lock()
	defer b.feed.Unlock()
	if e.Seq <= b.applied.Load() {
		return nil
	}
	defer b.applied.Store(e.Seq)
	if err := e.check(); err != nil {
		return fmt.Errorf("entry %d: %w", e.Seq, err)
	}
	if e.Mode != "" && e.Tally != Unrated {
		b.turn(e.Ladder, &e).apply(&e)
	}
	b.history.apply(&e)
	b.forget(&e)
	return nil
}

// Applied returns the sequence number of the last entry applied, 0 if none.
// Whoever has read it finds all that the entry has done.
func (b *Boards) Applied() uint64 { return b.applied.Load() }

// turn returns the board that an entry counts for, after the season's
// rollover if it is time.
func (b *Boards) turn(name Ladder, e *Entry) *Board {
	l := b.ladder(name)
	if l == nil {
		l = &ladder{Ladder: name, calendar: b.cfg.calendar(name)}
	}
	if boards := l.next(l.calendar.At(e.At), &b.cfg); boards != nil {
		b.mu.Lock()
		b.ladders[name], l.boards = l, boards
		b.mu.Unlock()
	}
	return l.open().Board
}

func (b *Boards) ladder(name Ladder) *ladder {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.ladders[name]
}

func (b *Boards) forget(e *Entry) {
	if len(e.Forget) == 0 {
		return
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for name, l := range b.ladders {
		if name.Game != e.Game {
			continue
		}
		for _, s := range l.boards {
			for _, p := range e.Forget {
				s.Remove(p)
			}
		}
	}
}

// Current returns the board of the season that is played, as far as the
// results tell, and which one that is. False before the first result.
func (b *Boards) Current(name Ladder) (*View, Season, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l := b.ladders[name]
	if l == nil {
		return nil, 0, false
	}
	s := l.open()
	return &s.View, s.Season, true
}

// Board returns the board of a season: the open one, or a frozen one that is
// still kept. False if there is none.
func (b *Boards) Board(name Ladder, of Season) (*View, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if l := b.ladders[name]; l != nil {
		for _, s := range l.boards {
			if s.Season == of {
				return &s.View, true
			}
		}
	}
	return nil, false
}

// Seasons returns the seasons that have boards, the open one first.
func (b *Boards) Seasons(name Ladder) (all []Season) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l := b.ladders[name]
	if l == nil {
		return nil
	}
	for i := len(l.boards) - 1; i >= 0; i-- {
		all = append(all, l.boards[i].Season)
	}
	return all
}

// Calendar returns the seasons of a ladder, whether it has boards or not.
func (b *Boards) Calendar(name Ladder) Seasons { return b.cfg.calendar(name) }
