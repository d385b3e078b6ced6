package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	maxMessage   = 1 << 20         // bytes of one value
	writeTimeout = 5 * time.Second // of a call whose context has no deadline
)

// Durability says what becomes of a value when the process ends.
type Durability int

const (
	// Kept is on the disk before the write returns, unless Config.NoSync.
	Kept Durability = iota
	// Derived can be made again from what is kept: it is written when there is
	// time, and a folder without it is not damaged.
	Derived
)

// openStream returns a stream, and makes it where the folder never had it.
func (n *Node) openStream(cfg jetstream.StreamConfig, d Durability) (jetstream.Stream, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.open[cfg.Name]; s != nil {
		return s, nil
	}
	cfg.Storage, cfg.AllowDirect, cfg.Discard = jetstream.FileStorage, true, jetstream.DiscardNew
	if !n.kept() {
		cfg.Storage = jetstream.MemoryStorage
	}
	if d == Derived {
		cfg.PersistMode = jetstream.AsyncPersistMode
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	s, err := n.js.CreateOrUpdateStream(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Name, explain(err))
	}
	n.open[cfg.Name] = s
	if d == Kept && n.marks != nil {
		err = n.marks.expect(cfg.Name)
	}
	return s, err
}

// publish stores a message. The header says on what condition. The caller
// holds the gate.
func (n *Node) publish(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (seq uint64, err error) {
	if err := n.writable(); err != nil {
		return 0, err
	}
	if len(m.Data) > maxMessage {
		return 0, fmt.Errorf("a value of %d bytes, want %d at most", len(m.Data), maxMessage)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	ctx, cancel := begun(ctx)
	defer cancel()
	began := time.Now()
	ack, err := n.js.PublishMsg(ctx, m, opts...)
	if err != nil {
		err = explain(err)
		if errors.Is(err, ErrDown) && time.Since(began) >= unanswered {
			n.fail(err)
		}
		return 0, err
	}
	return ack.Sequence, nil
}

// writable says why nothing is written now, or nil. The caller holds the gate.
func (n *Node) writable() error {
	if n.closed {
		return fmt.Errorf("%w: it is closed", ErrDown)
	}
	return n.health.err()
}

// begun keeps the deadline of a context and nothing else: nobody leaves a write
// alone in the server's queue that has begun, because its caller hangs up. Where
// it may last so long that no answer would be the end of the node, it is
// [patient].
func begun(ctx context.Context) (context.Context, context.CancelFunc) {
	lasts := writeTimeout
	if until, ok := ctx.Deadline(); ok {
		lasts = time.Until(until)
	}
	if lasts < unanswered {
		return context.WithTimeout(context.WithoutCancel(ctx), lasts)
	}
	return patient(lasts)
}

// bounded gives a context a deadline where it has none.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, writeTimeout)
}

// Codes of JetStream that its client has no names for.
const (
	codeStreamFull    = 10077 // maximum bytes exceeded
	codeAccountFull   = 10028 // resource limits exceeded for account
	codeServerFull    = 10023 // insufficient resources
	codeStorageFailed = 10110
	codeManyReaders   = 10026 // maximum consumers limit reached: 1,000 read a stream at once
)

// explain says in our terms what went wrong with a read or a write. A write that
// was not answered may have happened. NATS has many words for having no answer:
// whatever is none of JetStream, and no caller who has given up, is one.
func explain(err error) error {
	var api *jetstream.APIError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case !errors.As(err, &api):
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	switch api.ErrorCode {
	case jetstream.JSErrCodeStreamWrongLastSequence:
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case codeStreamFull, codeAccountFull, codeServerFull, codeStorageFailed:
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	if api.Code >= 500 || api.ErrorCode == codeManyReaders {
		return fmt.Errorf("%w: %w", ErrDown, err)
	}
	return err
}
