// Package bustest lets tests stand on a bus in fake time.
package bustest

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/protocol/bus"
)

// Main runs a package's tests (m is the *testing.M, or what wraps it), in whose
// bubbles nodes may be opened, and fails where goroutines are left behind. NATS
// keeps one goroutine for all the streams of a process; where that began inside
// a bubble, time would stand still there, so it begins here.
func Main(m interface{ Run() int }) {
	stop := holdStream()
	code := m.Run()
	stop()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func holdStream() (stop func()) {
	n, err := bus.Open(bus.Config{Dir: bus.Memory})
	if err == nil {
		_, err = bus.OpenStream[int](n, "outside")
	}
	if err != nil {
		panic(err)
	}
	return func() { n.Close() }
}

// Node returns a node that keeps nothing and is closed with the test.
func Node(tb testing.TB) *bus.Node {
	tb.Helper()
	n, err := bus.Open(bus.Config{Dir: bus.Memory})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := n.Close(); err != nil {
			tb.Error(err)
		}
	})
	return n
}
