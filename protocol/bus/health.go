package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// health is whether the folder can be written, as it was found a second ago.
type health struct {
	is   atomic.Pointer[error] // nil while all is well
	down chan struct{}         // closed when there is no way back but a restart
	once sync.Once             // closes it
}

func (h *health) err() error {
	if p := h.is.Load(); p != nil {
		return *p
	}
	if h.failed() {
		return ErrDown
	}
	return nil
}

// failed says that there is no way back.
func (h *health) failed() bool {
	select {
	case <-h.down:
		return true
	default:
		return false
	}
}

// Err says why nothing is written now, nil while everything is.
func (n *Node) Err() error {
	n.gate.RLock()
	defer n.gate.RUnlock()
	return n.writable()
}

// Down is closed when the folder has failed for good: what was kept is there
// after a restart, and nothing is written before one.
func (n *Node) Down() <-chan struct{} { return n.health.down }

const (
	canary     = "canary" // the name of a stream and of its subject
	watchEvery = time.Second
	unanswered = 2 * time.Second // after which a write counts as swallowed: they take a millisecond
	maxMisses  = 3               // canaries that fail until the folder counts as lost
)

// watch looks after the folder until ctx ends. NATS answers no write that the
// disk did not take, and takes none ever after; so writing stops before the
// disk is full, and a write a second tells when it has failed all the same.
func (n *Node) watch(ctx context.Context) {
	if !n.kept() {
		return
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	misses := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := n.probe(ctx)
		if ctx.Err() != nil || n.health.failed() {
			return
		}
		if misses++; err == nil {
			misses = 0
		}
		if n.note(err); misses >= maxMisses && !errors.Is(err, ErrNoSpace) {
			n.fail(err)
		}
	}
}

// fail is the end of writing.
func (n *Node) fail(err error) {
	n.health.once.Do(func() {
		n.note(err)
		n.log.Error("the data folder has failed: restart when the disk is well again")
		close(n.health.down)
	})
}

// note keeps what the probe has found, and says so once.
func (n *Node) note(err error) {
	before := n.health.err()
	switch {
	case err == nil:
		n.health.is.Store(nil)
		if before != nil {
			n.log.Info("the data folder can be written again")
		}
	default:
		n.health.is.Store(&err)
		if before == nil || before.Error() != err.Error() {
			n.log.Error("the data folder cannot be written", "err", err)
		}
	}
}

// probe looks for space, writes, and notes how far the streams have come.
func (n *Node) probe(ctx context.Context) error {
	if free, err := freeBytes(n.cfg.Dir); err == nil && free < n.cfg.MinFree {
		return ErrNoSpace
	}
	soon, cancel := patient(time.Second)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	if _, err := n.js.Publish(soon, canary, nil); err != nil {
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	return n.mark()
}

// openCanary makes the stream that probe writes to. What is in it is no loss.
func (n *Node) openCanary() error {
	_, err := n.js.CreateOrUpdateStream(context.Background(), jetstream.StreamConfig{
		Name: canary, Subjects: []string{canary}, MaxMsgsPerSubject: 1, Description: "a write a second tells whether the disk takes it",
	})
	return explain(err)
}
