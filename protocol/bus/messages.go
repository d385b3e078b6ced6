package bus

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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
	cancel, err = n.receive(subject, "", queueSize, func(m *nats.Msg) {
		defer n.rescue(subject)
		handle(m.Data)
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe %s: %w", subject, err)
	}
	return cancel, nil
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
	end, err := n.receive(subject, "servers", maxRequests, func(m *nats.Msg) {
		running.Go(func() {
			defer n.rescue(subject)
			_ = m.Respond(handle(ctx, m.Data))
		})
	})
	if err != nil {
		stop()
		return nil, fmt.Errorf("serve %s: %w", subject, err)
	}
	return func() { end(); running.Wait(); stop() }, nil
}

// rescue has a panic of a handler lose its message, whose sender hears nothing,
// and no more.
func (n *Node) rescue(subject string) {
	if p := recover(); p != nil {
		n.log.Error("a handler panicked", "subject", subject, "panic", p, "stack", string(debug.Stack()))
	}
}

// maxRequests bounds the requests that wait for a server's goroutines to be
// started.
const maxRequests = 16 << 10

// receive has handle called with what comes, in order, on one goroutine, until
// cancel, which waits until what had come is handled.
func (n *Node) receive(subject, group string, most int, handle func(*nats.Msg)) (cancel func(), err error) {
	s := &subscription[*nats.Msg]{make(chan *nats.Msg, most), make(chan struct{}), make(chan struct{})}
	sub, err := n.conn.ChanQueueSubscribe(subject, group, s.queue)
	if err != nil {
		return nil, err
	}
	if err := n.flush(); err != nil { // the server knows it from now on
		return nil, errors.Join(err, sub.Unsubscribe())
	}
	go s.run(handle)
	return sync.OnceFunc(func() {
		_ = n.flush() // what this node has published is here
		_ = sub.Unsubscribe()
		close(s.stop)
		<-s.done
	}), nil
}

// flush returns when the server has seen all that was sent to it, and all that
// it had for us then has come.
func (n *Node) flush() error {
	ctx, stop := context.WithTimeout(context.Background(), writeTimeout)
	defer stop()
	return n.conn.FlushWithContext(ctx)
}
