package account

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/protocol/bus"
)

// TestMain keeps a bucket of its own open: the first one in a process starts the
// clock that all of them share, and in a bubble of fake time that clock would
// stand still, and the bubble with it.
func TestMain(m *testing.M) {
	node, err := bus.Open(bus.Config{Dir: bus.Memory})
	if err == nil {
		_, err = bus.OpenBucket[int](node, "clock", bus.Kept)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	node.Close()
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
