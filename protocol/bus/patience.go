package bus

import (
	"context"
	"time"
)

// What an answer has once its time is over. A process that stood still, with its
// machine or for want of a core, finds its deadlines passed when it goes on and
// the answers not yet read; none of that is the disk's fault. So it has to be
// missing a few turns of our own later, too.
const (
	graceTurns = 10
	graceTurn  = 100 * time.Millisecond
)

// patient is a context whose deadline passes d and [graceTurns] from now: each
// turn is waited for when the one before has come, not by the clock.
func patient(d time.Duration) (context.Context, context.CancelFunc) {
	p := patience{until: time.Now().Add(d + graceTurns*graceTurn)}
	var end context.CancelFunc
	p.Context, end = context.WithCancel(context.Background())
	left := graceTurns
	var turn func()
	turn = func() {
		if left--; left < 0 {
			end()
			return
		}
		time.AfterFunc(graceTurn, turn)
	}
	first := time.AfterFunc(d, turn)
	return p, func() { first.Stop(); end() }
}

// patience ends as a deadline does.
type patience struct {
	context.Context
	until time.Time
}

// Deadline is when the last turn has come if each comes in time.
func (p patience) Deadline() (time.Time, bool) { return p.until, true }

func (p patience) Err() error {
	if p.Context.Err() != nil {
		return context.DeadlineExceeded
	}
	return nil
}
