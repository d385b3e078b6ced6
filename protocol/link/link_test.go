package link

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is a link in fake time with a connection over it.
type world struct {
	*Link
	client, server net.Conn
	began          time.Time
}

func within(t *testing.T, conditions string, test func(t *testing.T, w *world)) {
	t.Helper()
	c, err := Parse(conditions)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		far, server := net.Pipe()
		w := &world{Link: New(c, 1), server: server, began: time.Now()}
		w.client = w.Over(far)
		defer synctest.Wait()
		defer w.Reset()
		test(t, w)
	})
}

// send writes without waiting for it to be read.
func send(nc net.Conn, b []byte) { go nc.Write(b) }

// take reads n bytes and says when the last was there.
func (w *world) take(t *testing.T, from net.Conn, n int) ([]byte, time.Duration) {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(from, b); err != nil {
		t.Fatal(err)
	}
	return b, time.Since(w.began)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestHalfTheRoundTripEachWay(t *testing.T) {
	within(t, "rtt=100ms", func(t *testing.T, w *world) {
		send(w.client, []byte("ping"))
		b, at := w.take(t, w.server, 4)
		equal(t, "there", string(b), "ping")
		equal(t, "there after", at, 50*time.Millisecond)
		send(w.server, []byte("pong"))
		_, at = w.take(t, w.client, 4)
		equal(t, "back after", at, 100*time.Millisecond)
	})
}

func TestANarrowLineSendsOneAfterTheOther(t *testing.T) {
	within(t, "rtt=1s,rate=2KB/s", func(t *testing.T, w *world) {
		send(w.server, make([]byte, 10_000))
		_, at := w.take(t, w.client, 10_000)
		equal(t, "10 KB after", at, 5*time.Second+500*time.Millisecond)
		send(w.server, make([]byte, 2000)) // the line is free again, and the other way always was
		send(w.client, make([]byte, 200))
		_, at = w.take(t, w.server, 200)
		equal(t, "200 B after", at, 6*time.Second+100*time.Millisecond)
		_, at = w.take(t, w.client, 2000)
		equal(t, "2 KB after", at, 7*time.Second)
	})
}

// TestAllArrivesInOrder whatever the network does, and it does something.
func TestAllArrivesInOrder(t *testing.T) {
	within(t, "rtt=80ms,jitter=200ms,loss=20%,burst=4,rate=100KB", func(t *testing.T, w *world) {
		chance := rand.New(rand.NewPCG(2, 0))
		sent := make([]byte, 200_000)
		for i := range sent {
			sent[i] = byte(chance.Uint32())
		}
		go func() {
			for rest := sent; len(rest) > 0; {
				n, err := w.server.Write(rest[:min(len(rest), 1+chance.IntN(3000))])
				if err != nil {
					t.Error(err)
					return
				}
				rest = rest[n:]
			}
		}()
		got, at := w.take(t, w.client, len(sent))
		if !bytes.Equal(got, sent) {
			t.Error("something else arrived")
		}
		if at <= 2*time.Second+240*time.Millisecond {
			t.Errorf("after %v: nothing was lost", at)
		}
	})
}

// TestLossIsTheShareThatWasAsked whatever the length of its bursts.
func TestLossIsTheShareThatWasAsked(t *testing.T) {
	for _, c := range []Conditions{{Loss: 0.01}, {Loss: 0.1, Burst: 3}, {Loss: 0.3, Burst: 10}} {
		l := New(c, 1)
		var line line
		lost, bursts := 0.0, 0.0
		const n = 400_000
		for range n {
			before := line.bad
			if late := l.repeats(&line); line.bad != (late > 0) {
				t.Fatalf("lost %v, late %v", line.bad, late)
			}
			if line.bad {
				lost++
				if !before {
					bursts++
				}
			}
		}
		if share := lost / n; share < c.Loss*0.9 || share > c.Loss*1.1 {
			t.Errorf("%v: %.4f are lost", c, share)
		}
		want := float64(max(c.Burst, 1))
		if c.Burst < 2 {
			want = 1 / (1 - c.Loss) // by chance alone
		}
		if length := lost / bursts; length < want*0.9 || length > want*1.1 {
			t.Errorf("%v: %.2f are lost at a time", c, length)
		}
	}
}

// TestAStallHoldsEverythingBack, and the sender once a window is full.
func TestAStallHoldsEverythingBack(t *testing.T) {
	within(t, "", func(t *testing.T, w *world) {
		w.Stall()
		taken := 0
		go func() {
			for {
				if _, err := w.server.Write(make([]byte, segment)); err != nil {
					return
				}
				taken++
			}
		}()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if taken < window || taken > window+2 { // two are in hands
			t.Errorf("%d segments were taken, a window is %d", taken, window)
		}
		w.Resume()
		_, at := w.take(t, w.client, 2*window*segment)
		equal(t, "all after", at, 5*time.Second)
	})
}

func TestAnEndArrivesBehindWhatWasSent(t *testing.T) {
	within(t, "rtt=2s", func(t *testing.T, w *world) {
		w.client.Write([]byte("bye"))
		w.client.Close()
		b, err := io.ReadAll(w.server)
		equal(t, "read", string(b), "bye")
		equal(t, "error", err, nil)
		equal(t, "after", time.Since(w.began), time.Second)
		if _, err := w.server.Write([]byte("x")); err == nil {
			t.Error("the connection is still there")
		}
	})
}

func TestDeadlinesHold(t *testing.T) {
	within(t, "rtt=2s", func(t *testing.T, w *world) {
		w.client.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		send(w.server, []byte("late"))
		_, err := w.client.Read(make([]byte, 4))
		equal(t, "it says so", errors.Is(err, os.ErrDeadlineExceeded), true)
		w.client.SetReadDeadline(time.Time{})
		w.take(t, w.client, 4)
	})
}

// TestAResetIsOneForTheServer: real TCP, whose kernel tells an end from a reset.
func TestAResetIsOneForTheServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l := New(Conditions{}, 1)
	client, err := l.Dial(t.Context(), ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	equal(t, "the server's address", client.RemoteAddr().String(), ln.Addr().String())
	client.Write([]byte("half a"))
	io.ReadFull(server, make([]byte, 6))
	l.Reset()
	_, err = server.Read(make([]byte, 1))
	equal(t, "it is a reset", errors.Is(err, syscall.ECONNRESET), true)
	_, err = client.Read(make([]byte, 1))
	equal(t, "the client reads", err, io.EOF)
}

func TestParse(t *testing.T) {
	for _, s := range []string{"", "rtt=100ms", "rtt=100ms,jitter=30ms,loss=1%,burst=3,rate=64000B", "loss=0.5%"} {
		c, err := Parse(s)
		if err != nil || c.String() != s {
			t.Errorf("%q: %v, %v", s, c, err)
		}
	}
	for s, want := range map[string]Conditions{
		" rtt=1s, loss=0.25 ": {RTT: time.Second, Loss: 0.25},
		"rate=64KB/s":         {Rate: 64_000},
		"rate=1M":             {Rate: 1_000_000},
	} {
		if c, err := Parse(s); err != nil || c != want {
			t.Errorf("%q: %+v, %v", s, c, err)
		}
	}
	for _, s := range []string{"rtt", "rtt=5", "rtt=-1s", "loss=100%", "loss=NaN", "loss=-1%", "lag=1s", "rate=fast", "burst=-1", "rate=64KM"} {
		if c, err := Parse(s); err == nil {
			t.Errorf("%q is %+v", s, c)
		}
	}
}
