package bus

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A line leads to a node's server.
type line struct {
	node *Node
	deaf atomic.Bool // nothing that is said arrives, and nobody learns of it
	dead atomic.Bool // it breaks, again and again

	mu   sync.Mutex
	late time.Duration // what is said from now on comes so much later; 0: at once
	held []byte        // under mu: was said, and comes later
}

// InProcessConn implements nats.InProcessConnProvider.
func (l *line) InProcessConn() (net.Conn, error) {
	conn, err := l.node.server.InProcessConn()
	return lineConn{conn, l}, err
}

type lineConn struct {
	net.Conn
	line *line
}

func (c lineConn) Write(p []byte) (int, error) {
	switch {
	case c.line.holds(c.Conn, p):
		return len(p), nil
	case c.line.deaf.Load():
		return len(p), nil
	case c.line.dead.Load():
		c.Conn.Close()
	}
	return c.Conn.Write(p)
}

// holds keeps p back where the line is late, for all that was said to come in order.
func (l *line) holds(conn net.Conn, p []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.late > 0 {
		time.AfterFunc(l.late, func() { l.release(conn) })
		l.late = 0
	} else if l.held == nil {
		return false
	}
	l.held = append(l.held, p...)
	return true
}

func (l *line) release(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = conn.Write(l.held)
	l.held = nil
}

// delay has what is said from now on come so much later.
func (l *line) delay(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late = d
}

// overLine puts a node on a line to its own server.
func overLine(t *testing.T, n *Node, with ...nats.Option) *line {
	t.Helper()
	l := &line{node: n}
	conn, err := nats.Connect("", append(with, nats.InProcessServer(l), nats.MaxReconnects(-1), nats.ReconnectBufSize(-1), nats.ErrorHandler(n.complain))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	if n.js, err = jetstream.New(conn, jetstream.WithDefaultTimeout(writeTimeout)); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestAServerThatDoesNotAnswer is down, whatever is asked of it, be there a
// deadline or not, and nobody waits for ever.
func TestAServerThatDoesNotAnswer(t *testing.T) {
	for what, fault := range map[string]func(*line){
		"it is deaf":       func(l *line) { l.deaf.Store(true) },
		"it keeps nothing": func(l *line) { _ = l.node.server.ShutdownJetStream() },
		"we have hung up":  func(l *line) { l.node.js.Conn().Close() },
	} {
		// The server hangs up on who is deaf for 4 minutes. A client that connected
		// again would hold its lock over that, and fake time stands still meanwhile.
		synctest.Test(t, func(t *testing.T) { testDown(t, what, fault, nats.NoReconnect()) })
	}
	for what, fault := range map[string]func(*line){ // whose lock a client holds while it connects again: no fake time
		"the line is dead": func(l *line) { l.dead.Store(true) },
		"it is gone":       func(l *line) { l.node.server.Shutdown() },
	} {
		testDown(t, what, fault)
	}
}

func testDown(t *testing.T, fault string, begin func(*line), with ...nats.Option) {
	n := mustOpen(t, Memory)
	n.log = slog.New(slog.DiscardHandler)
	l := overLine(t, n, with...)
	b := mustBucket(t, n, "things")
	rev, err := b.Create(t.Context(), "a", thing{"x", 1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStream[thing](n, "events")
	if err == nil {
		_, err = s.Append(t.Context(), "1", thing{})
	}
	if err == nil {
		_, err = s.Append(t.Context(), "2", thing{})
	}
	if err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = s.Read(soon, 0, func(r Record[thing]) error {
		if r.Seq == 1 {
			begin(l)
		}
		return nil
	})
	if err != nil && !errors.Is(err, ErrDown) { // what had come already may be all there is
		t.Errorf("%s: half of a read: got %v, want ErrDown", fault, err)
	}
	for _, op := range []struct {
		name string
		ask  func(context.Context) error
	}{
		{"get", func(ctx context.Context) error { _, err := b.Get(ctx, "a"); return err }},
		{"all", func(ctx context.Context) error { return b.All(ctx, func(Entry[thing]) error { return nil }) }},
		{"change", func(ctx context.Context) error {
			_, err := b.Change(ctx, "a", func(*thing) error { return nil })
			return err
		}},
		{"record", func(ctx context.Context) error { _, err := s.Get(ctx, 1); return err }},
		{"last", func(ctx context.Context) error { _, err := s.Last(ctx); return err }},
		{"read", func(ctx context.Context) error { return s.Read(ctx, 0, func(Record[thing]) error { return nil }) }},
		{"bucket", func(context.Context) error { _, err := OpenBucket[thing](n, "more", Kept); return err }},
		{"delete", func(ctx context.Context) error { return b.Delete(ctx, "a") }},
		{"create", func(ctx context.Context) error { _, err := b.Create(ctx, "b", thing{}); return err }},
		{"update", func(ctx context.Context) error { _, err := b.Update(ctx, "a", thing{}, rev); return err }},
		{"append", func(ctx context.Context) error { _, err := s.Append(ctx, "3", thing{}); return err }},
	} {
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		if err := op.ask(soon); !errors.Is(err, ErrDown) {
			t.Errorf("%s: %s with a deadline: got %v, want ErrDown", fault, op.name, err)
		}
		cancel()
		if err := op.ask(t.Context()); !errors.Is(err, ErrDown) {
			t.Errorf("%s: %s: got %v, want ErrDown", fault, op.name, err)
		}
	}
}

// TestAnAnswerThatIsLate is one, though a write's time was over when the process
// went on. Later than that it is none, and the node goes down.
func TestAnAnswerThatIsLate(t *testing.T) {
	for _, c := range []struct {
		late time.Duration
		down bool
	}{
		{writeTimeout + graceTurns*graceTurn/2, false},
		{writeTimeout + graceTurns*graceTurn*2, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := mustOpen(t, Memory)
			n.log = slog.New(slog.DiscardHandler)
			l := overLine(t, n, nats.NoReconnect())
			s, err := OpenStream[thing](n, "events")
			if err != nil {
				t.Fatal(err)
			}
			l.delay(c.late)
			if _, err := s.Append(t.Context(), "1", thing{}); errors.Is(err, ErrDown) != c.down {
				t.Errorf("an answer after %v: got %v, want down to be %v", c.late, err, c.down)
			}
			if (n.Err() != nil) != c.down {
				t.Errorf("after an answer after %v: got %v, want down to be %v", c.late, n.Err(), c.down)
			}
		})
	}
}
