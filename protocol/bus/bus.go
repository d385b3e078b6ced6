// Package bus carries what the parts of a node, and later of several nodes, say
// to each other, and keeps what has to outlive them: the lobby and the match
// hosts know each other only through it. It never carries a player's
// connection, nor game traffic.
//
// A [Node] is an embedded NATS server with JetStream in a data folder; it opens
// no port. [Bucket] keeps one value for each key, [Stream] a log of values.
// [Local] is a [Bus] without NATS and keeps nothing.
package bus

import (
	"context"
	"errors"
)

// Errors of a bus.
var (
	ErrNobody = errors.New("nobody serves the subject")
	ErrFull   = errors.New("a subscriber's queue is full")
)

// A Bus publishes to subscribers and asks servers. It is safe for use by many
// goroutines. Data handed in or over is not changed by either side.
type Bus interface {
	// Publish gives data to every subscriber of the subject. An error means
	// that at least one of them did not get it.
	Publish(subject string, data []byte) error
	// Subscribe has handle called with each message, in order, on one goroutine
	// that lives until cancel, which waits for it.
	Subscribe(subject string, handle func(data []byte)) (cancel func(), err error)
	// Request asks one server of the subject and returns its answer.
	Request(ctx context.Context, subject string, data []byte) ([]byte, error)
	// Serve answers requests, several at a time, until cancel, which waits for
	// those under way.
	Serve(subject string, handle func(ctx context.Context, data []byte) []byte) (cancel func(), err error)
}
