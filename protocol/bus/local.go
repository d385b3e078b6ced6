package bus

import (
	"context"
	"fmt"
	"sync"
)

// queueSize bounds the messages that wait for one subscriber.
const queueSize = 1024

// Local is a Bus within one process.
type Local struct {
	mu          sync.Mutex
	subscribers map[string][]*subscription[[]byte]
	servers     map[string][]*responder
	turn        int // takes servers of a subject in turn
}

// NewLocal returns a bus with nobody on it.
func NewLocal() *Local {
	return &Local{subscribers: map[string][]*subscription[[]byte]{}, servers: map[string][]*responder{}}
}

// A subscription handles messages of a type, one after the other.
type subscription[M any] struct {
	queue chan M
	stop  chan struct{}
	done  chan struct{}
}

type responder struct {
	handle  func(ctx context.Context, data []byte) []byte
	running sync.WaitGroup
}

// Publish implements [Bus].
func (l *Local) Publish(subject string, data []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	for _, s := range l.subscribers[subject] {
		select {
		case s.queue <- data:
		default:
			err = fmt.Errorf("publish %s: %w", subject, ErrFull)
		}
	}
	return err
}

// Subscribe implements [Bus].
func (l *Local) Subscribe(subject string, handle func(data []byte)) (cancel func(), err error) {
	s := &subscription[[]byte]{make(chan []byte, queueSize), make(chan struct{}), make(chan struct{})}
	l.mu.Lock()
	l.subscribers[subject] = append(l.subscribers[subject], s)
	l.mu.Unlock()
	go s.run(handle)
	return sync.OnceFunc(func() {
		l.mu.Lock()
		l.subscribers[subject] = without(l.subscribers[subject], s)
		l.mu.Unlock()
		close(s.stop)
		<-s.done
	}), nil
}

// run handles messages until stop, and then those that were already queued.
func (s *subscription[M]) run(handle func(M)) {
	defer close(s.done)
	for {
		select {
		case m := <-s.queue:
			handle(m)
		case <-s.stop:
			for {
				select {
				case m := <-s.queue:
					handle(m)
				default:
					return
				}
			}
		}
	}
}

// Request implements [Bus]. The handler runs on a goroutine of its own, so
// that the caller's deadline holds; an answer that comes later is dropped, as
// it would be on a network.
func (l *Local) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	s := l.pick(subject)
	if s == nil {
		return nil, fmt.Errorf("request %s: %w", subject, ErrNobody)
	}
	answer := make(chan []byte, 1)
	go func() {
		defer s.running.Done()
		answer <- s.handle(ctx, data)
	}()
	select {
	case data := <-answer:
		return data, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("request %s: %w", subject, ctx.Err())
	}
}

// pick returns the next server of a subject with one more request running.
func (l *Local) pick(subject string) *responder {
	l.mu.Lock()
	defer l.mu.Unlock()
	servers := l.servers[subject]
	if len(servers) == 0 {
		return nil
	}
	l.turn++
	s := servers[l.turn%len(servers)]
	s.running.Add(1)
	return s
}

// Serve implements [Bus].
func (l *Local) Serve(subject string, handle func(ctx context.Context, data []byte) []byte) (cancel func(), err error) {
	s := &responder{handle: handle}
	l.mu.Lock()
	l.servers[subject] = append(l.servers[subject], s)
	l.mu.Unlock()
	return sync.OnceFunc(func() {
		l.mu.Lock()
		l.servers[subject] = without(l.servers[subject], s)
		l.mu.Unlock()
		s.running.Wait()
	}), nil
}

// without returns a copy of list less x: the old one may be in use.
func without[T comparable](list []T, x T) []T {
	var left []T
	for _, y := range list {
		if y != x {
			left = append(left, y)
		}
	}
	return left
}
