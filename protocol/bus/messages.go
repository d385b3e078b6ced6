package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
)

// Publish implements [Bus]. It does not hear of subscribers that do not keep
// up; they are logged.
func (n *Node) Publish(subject string, data []byte) error {
	if err := n.conn.Publish(subject, data); err != nil {
		return fmt.Errorf("publish %s: %w", subject, err)
	}
	return nil
}

// Subscribe implements [Bus].
func (n *Node) Subscribe(subject string, handle func(data []byte)) (cancel func(), err error) {
	sub, err := n.conn.Subscribe(subject, func(m *nats.Msg) { handle(m.Data) })
	if err != nil {
		return nil, fmt.Errorf("subscribe %s: %w", subject, err)
	}
	return n.canceller(sub, queueSize)
}

// Request implements [Bus].
func (n *Node) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	m, err := n.conn.RequestWithContext(ctx, subject, data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("request %s: %w", subject, ErrNobody)
	case err != nil:
		return nil, fmt.Errorf("request %s: %w", subject, err)
	}
	return m.Data, nil
}

// Serve implements [Bus]. All servers of a subject are one queue group.
func (n *Node) Serve(subject string, handle func(ctx context.Context, data []byte) []byte) (cancel func(), err error) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	sub, err := n.conn.QueueSubscribe(subject, "servers", func(m *nats.Msg) {
		running.Go(func() { _ = m.Respond(handle(ctx, m.Data)) })
	})
	if err != nil {
		stop()
		return nil, fmt.Errorf("serve %s: %w", subject, err)
	}
	end, err := n.canceller(sub, maxRequests)
	return func() { end(); running.Wait(); stop() }, err
}

// maxRequests bounds the requests that wait for one server's goroutines to be
// started.
const maxRequests = 64 << 10

// canceller bounds what waits for a subscription, makes the server know it, and
// returns what ends it and waits for the messages that had come already.
func (n *Node) canceller(sub *nats.Subscription, most int) (cancel func(), err error) {
	closed := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(closed) })
	if err := errors.Join(sub.SetPendingLimits(most, -1), n.conn.Flush()); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() {
		if sub.Drain() == nil {
			<-closed
		}
	}), nil
}
