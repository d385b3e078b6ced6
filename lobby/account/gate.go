package account

import (
	"context"
	"sync/atomic"
	"time"
)

// hashQueue is how many wait for a hash at most: at 50 ms each the last of them
// waits less than a second.
const hashQueue = 16

// A gate lets one hash be made at a time: a few at once would take the cores
// from the matches, whose ticks cannot wait.
type gate struct {
	turn chan struct{} // holds one while a hash is made
	room chan struct{} // holds one for each that is in or waits
	took atomic.Int64  // nanoseconds the last one took
}

func newGate() *gate {
	g := &gate{turn: make(chan struct{}, 1), room: make(chan struct{}, hashQueue+1)}
	g.took.Store(int64(50 * time.Millisecond))
	return g
}

// do calls f when its turn comes, or returns a *WaitError of ErrBusy at once, or
// that ctx has ended.
func (g *gate) do(ctx context.Context, f func()) error {
	select {
	case g.room <- struct{}{}:
		defer func() { <-g.room }()
	default:
		return &WaitError{ErrBusy, g.wait()}
	}
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	start := time.Now()
	f()
	g.took.Store(int64(time.Since(start)))
	return nil
}

// wait is until the queue that stands now is through, in whole seconds.
func (g *gate) wait() time.Duration {
	queue := time.Duration(g.took.Load()) * (hashQueue + 1)
	return max(time.Second, queue.Round(time.Second))
}
