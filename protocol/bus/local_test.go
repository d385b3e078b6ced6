package bus

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestPublishReachesEverySubscriberInOrder(t *testing.T) {
	onBoth(t, testPublishReachesEverySubscriberInOrder)
}

func testPublishReachesEverySubscriberInOrder(t *testing.T, l Bus) {
	var a, b []byte
	cancelA, _ := l.Subscribe("s", func(data []byte) { a = append(a, data...) })
	cancelB, _ := l.Subscribe("s", func(data []byte) { b = append(b, data...) })
	for i := range 200 {
		if err := l.Publish("s", []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	cancelA()
	cancelB()
	cancelB() // a second cancel is nothing
	if len(a) != 200 || !bytes.Equal(a, b) || a[199] != 199 {
		t.Fatalf("got %d and %d messages, want 200 in order", len(a), len(b))
	}
	if err := l.Publish("s", nil); err != nil {
		t.Fatalf("publish to nobody: %v", err)
	}
}

func TestPublishSaysWhenASubscriberIsFull(t *testing.T) {
	l := NewLocal()
	release := make(chan struct{})
	cancel, _ := l.Subscribe("s", func([]byte) { <-release })
	var err error
	for range queueSize + 2 {
		err = errors.Join(err, l.Publish("s", nil))
	}
	if !errors.Is(err, ErrFull) {
		t.Errorf("got %v, want ErrFull", err)
	}
	close(release)
	cancel()
}

// onBoth runs a test in fake time with each Bus there is.
func onBoth(t *testing.T, test func(t *testing.T, b Bus)) {
	t.Run("Local", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, NewLocal()) })
	})
	t.Run("Node", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n, err := Open(Config{Dir: Memory})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			test(t, n)
		})
	})
}

func TestRequest(t *testing.T) {
	onBoth(t, func(t *testing.T, l Bus) {
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := l.Request(ctx, "s", nil); !errors.Is(err, ErrNobody) {
			t.Errorf("nobody serves: got %v, want ErrNobody", err)
		}
		cancel, _ := l.Serve("s", func(ctx context.Context, data []byte) []byte {
			if data[0] == 'w' {
				<-time.After(5 * time.Second)
			}
			return append([]byte("re "), data...)
		})
		if got, err := l.Request(ctx, "s", []byte("q")); err != nil || string(got) != "re q" {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := l.Request(ctx, "s", []byte("wait")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("slow server: got %v, want the deadline", err)
		}
		cancel() // waits for the one under way
		if _, err := l.Request(t.Context(), "s", nil); !errors.Is(err, ErrNobody) {
			t.Errorf("after cancel: got %v, want ErrNobody", err)
		}
	})
}

// TestANodeInABubble: whoever stands on a node can be tested in fake time.
func TestANodeInABubble(t *testing.T) {
	for range 5 {
		synctest.Test(t, func(t *testing.T) {
			n := mustOpen(t, Memory)
			testBucket(t, mustBucket(t, n, "things"))
			s, err := OpenStream[thing](n, "events")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var seen []int
			done := make(chan error)
			go func() {
				done <- s.Follow(ctx, 0, func(r Record[thing]) error { seen = append(seen, r.Value.Count); return nil })
			}()
			for i := range 20 {
				s.Append(ctx, string(rune('a'+i)), thing{Count: i})
				time.Sleep(time.Minute)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) || len(seen) != 20 || seen[19] != 19 {
				t.Errorf("saw %v, %v", seen, err)
			}
		})
	}
}

// TestANodeInABubbleClosesWhileItIsRead: NATS, told to shut down, sleeps under a
// lock that whoever begins to read waits for, and where one waits for a lock,
// fake time stands still.
func TestANodeInABubbleClosesWhileItIsRead(t *testing.T) {
	for range 10 {
		synctest.Test(t, func(t *testing.T) {
			n := mustOpen(t, Memory)
			s, err := OpenStream[thing](n, "events")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Append(t.Context(), "1", thing{}); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var reading sync.WaitGroup
			var begun atomic.Bool
			for range 4 {
				reading.Go(func() { _ = s.Follow(ctx, 0, func(Record[thing]) error { return nil }) })
			}
			synctest.Wait() // they wait for more
			for range 16 {
				reading.Go(func() {
					for s.Read(ctx, 0, func(Record[thing]) error { begun.Store(true); return nil }) == nil {
					}
				})
			}
			for !begun.Load() {
				runtime.Gosched()
			}
			if err := n.Close(); err != nil {
				t.Error(err)
			}
			cancel()
			reading.Wait()
		})
	}
}
