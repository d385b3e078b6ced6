package social

import (
	"sync"
	"time"
)

// A Limit says how much one may say.
type Limit struct {
	Lines  int           // within Per
	Per    time.Duration // slides
	Floods int           // lines refused within a minute, until nothing is taken for a while; 0: never
	Mute   time.Duration // that while
}

// A Pace is how one has kept a Limit so far. The zero value has said nothing.
// It is for who owns what it counts; a [Limiter] is for many at once.
type Pace struct {
	lines  []time.Time // of the last that were taken, oldest first
	floods []time.Time // of the last that were refused
	muted  time.Time   // until when nothing is taken
}

// Take counts a line, or refuses it: ErrTooFast, or ErrFlooding where that was
// so too often.
func (l Limit) Take(p *Pace, now time.Time) error {
	if now.Before(p.muted) {
		return ErrFlooding
	}
	if slide(&p.lines, now.Add(-l.Per)); len(p.lines) < l.Lines {
		p.lines = append(p.lines, now)
		return nil
	}
	if l.Floods == 0 {
		return ErrTooFast
	}
	slide(&p.floods, now.Add(-time.Minute))
	if p.floods = append(p.floods, now); len(p.floods) < l.Floods {
		return ErrTooFast
	}
	p.floods, p.muted = nil, now.Add(l.Mute)
	return ErrFlooding
}

// idle says that a Pace is as good as a new one.
func (l Limit) idle(p *Pace, now time.Time) bool {
	slide(&p.lines, now.Add(-l.Per))
	slide(&p.floods, now.Add(-time.Minute))
	return len(p.lines) == 0 && len(p.floods) == 0 && !now.Before(p.muted)
}

// slide drops what was until a time.
func slide(times *[]time.Time, until time.Time) {
	n := 0
	for n < len(*times) && !(*times)[n].After(until) {
		n++
	}
	*times = append((*times)[:0], (*times)[n:]...)
}

// A Limiter keeps a Limit for each of many. It is safe for concurrent use.
type Limiter[K comparable] struct {
	limit Limit // never changed

	mu sync.Mutex
	of map[K]*Pace // under mu
}

// NewLimiter returns a Limiter of nobody yet.
func NewLimiter[K comparable](l Limit) *Limiter[K] {
	return &Limiter[K]{limit: l, of: make(map[K]*Pace)}
}

// Take is [Limit.Take] for one of them.
func (l *Limiter[K]) Take(who K, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.of[who]
	if p == nil {
		p = &Pace{}
		l.of[who] = p
	}
	return l.limit.Take(p, now)
}

// Forget drops those of whom nothing need be known any more.
func (l *Limiter[K]) Forget(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for who, p := range l.of {
		if l.limit.idle(p, now) {
			delete(l.of, who)
		}
	}
}
