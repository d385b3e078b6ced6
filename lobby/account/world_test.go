package account

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"testing"

	"github.com/musterhq/muster/protocol/bus"
)

const (
	chess Game = "chess"
	arena Game = "arena"
)

var (
	testSecret = []byte("a secret for tests, 32 bytes or more")
	tiny       = Argon{Memory: 8, Passes: 1, Threads: 1} // KiB: no test is about strength
	home       = netip.MustParseAddr("192.0.2.1")
	away       = netip.MustParseAddr("198.51.100.7")
)

// A world is a registry on a node of its own, which it can lose and open again.
type world struct {
	testing.TB
	*Registry
	node *bus.Node
	cfg  Config
	told []Revocation // by OnRevoke
	mu   sync.Mutex
}

func mustWorld(tb testing.TB, with ...func(*Config)) *world {
	tb.Helper()
	node, err := bus.Open(bus.Config{Dir: bus.Memory, Log: quiet})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { node.Close() })
	w := &world{TB: tb, node: node, cfg: Config{Games: []Game{chess, arena}, Secrets: [][]byte{testSecret}, Argon: tiny, Log: quiet}}
	for _, f := range with {
		f(&w.cfg)
	}
	w.restart()
	return w
}

var quiet = slog.New(slog.DiscardHandler)

// restart opens the registry anew, as after a crash.
func (w *world) restart() {
	w.Helper()
	r, err := Open(w.cfg, w.node)
	if err != nil {
		w.Fatal(err)
	}
	w.Registry = r
	r.OnRevoke(func(rev Revocation) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = append(w.told, rev)
	})
}

func (w *world) mustGuest(game Game, name string) Session {
	w.Helper()
	return w.must(w.Guest(w.Context(), game, name))
}

func (w *world) must(s Session, err error) Session {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func (w *world) mustRegister(game Game, name, password string) Session {
	w.Helper()
	return w.must(w.Register(w.Context(), game, "", Credentials{name, password}))
}

// caller is who a session's access token says it is.
func (w *world) caller(s Session) Caller {
	w.Helper()
	c, err := w.Authenticate(s.Account.Game, s.Access)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// wants fails the test unless the error is the wanted one; nil is none.
func (w *world) wants(what string, err, want error) {
	w.Helper()
	if !errors.Is(err, want) || want == nil && err != nil {
		w.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// alive says whether a session's access token is good.
func (w *world) alive(s Session) bool {
	_, err := w.Authenticate(s.Account.Game, s.Access)
	return err == nil
}

// count is how many entries a table has.
func count[T any](w *world, t table[T]) (n int) {
	w.Helper()
	if err := t.bucket.All(context.Background(), func(bus.Entry[T]) error { n++; return nil }); err != nil {
		w.Fatal(err)
	}
	return n
}
