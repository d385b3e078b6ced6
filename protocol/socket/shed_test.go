package socket

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// countedListener counts how often it was asked.
type countedListener struct {
	net.Listener
	asked int
}

func (l *countedListener) Accept() (net.Conn, error) {
	l.asked++
	return l.Listener.Accept()
}

// TestHangingUp: of a crowd for which there are no descriptors each is hung up
// on, at one Accept each: what is refused costs no more than its coming.
func TestHangingUp(t *testing.T) {
	const crowd = 300
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &countedListener{Listener: inner}
	l := listener{counted, 1, make(ahead, 1)} // a limit that every descriptor is beyond
	ended := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	for range crowd {
		nc, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			continue // hung up on already
		}
		nc.SetReadDeadline(time.Now().Add(2 * time.Minute))
		if _, err := nc.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read %v", err)
		}
		nc.Close()
	}
	inner.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accepted: %v", err)
	}
	if counted.asked != crowd+1 {
		t.Errorf("asked %d times for %d clients", counted.asked, crowd)
	}
}

// TestRoomForAll: without a limit, or far below it, everybody is let in.
func TestRoomForAll(t *testing.T) {
	for _, limit := range []int{0, 1 << 20} {
		inner, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l := listener{inner, limit, make(ahead, 1)}
		nc, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Accept()
		if err != nil {
			t.Fatalf("of %d descriptors: %v", limit, err)
		}
		got.Close()
		nc.Close()
		inner.Close()
	}
}
