// Package version knows which builds of the games' clients may play. A client
// says its own, as 1.4.2, with each request and when it opens a socket; one that
// is older than the least of its game, or does not say, has to be updated.
package version

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/musterhq/muster/protocol/bus"
)

// How clients say their version: by a header, and on the socket, where browsers
// cannot set any, by an offered subprotocol with this prefix.
const (
	Header      = "Muster-Client"
	Subprotocol = "client."
)

// Errors of versions.
var (
	ErrUpdate  = errors.New("this client is too old, or does not say its version")
	ErrVersion = errors.New("a version is one to four numbers with dots between them, such as 1.4.2")
)

// An UpdateError is ErrUpdate with what is known of it.
type UpdateError struct {
	Least string // version that may play
	Said  string // the client's own; empty: it does not say
}

// Error says what to do about it.
func (e *UpdateError) Error() string {
	const how = "; a client says its version in the header " + Header
	switch _, err := parse(e.Said); {
	case e.Said == "":
		return "this game wants clients of version " + e.Least + " or newer, and this one does not say its own" + how
	case err != nil:
		return fmt.Sprintf("this game wants clients of version %s or newer, and %.40q is no version%s", e.Least, e.Said, how)
	}
	return fmt.Sprintf("version %s of this client is too old: this game wants %s or newer", e.Said, e.Least)
}

// Unwrap returns ErrUpdate.
func (e *UpdateError) Unwrap() error { return ErrUpdate }

// A number is a version to compare.
type number [4]uint32

func parse(s string) (n number, err error) {
	parts := strings.Split(s, ".")
	if len(parts) > len(n) {
		return n, ErrVersion
	}
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return n, ErrVersion
		}
		n[i] = uint32(v)
	}
	return n, nil
}

func (n number) less(o number) bool {
	for i := range n {
		if n[i] != o[i] {
			return n[i] < o[i]
		}
	}
	return false
}

// A Gate lets clients in that are new enough. It is safe for concurrent use.
type Gate struct {
	kept *bus.Bucket[string] // the least version by game, where one was set

	mu    sync.RWMutex
	least map[string]string // under mu: by game; empty: any will do
}

// Open opens the gate of the games. least are their least versions, for as long
// as no other was set.
func Open(ctx context.Context, node *bus.Node, least map[string]string) (*Gate, error) {
	kept, err := bus.OpenBucket[string](node, "versions", bus.Kept)
	if err != nil {
		return nil, err
	}
	g := &Gate{kept: kept, least: make(map[string]string)}
	for game, v := range least {
		if _, err := parse(v); err != nil {
			return nil, fmt.Errorf("%w: %q", err, v)
		}
		g.least[game] = v
	}
	return g, kept.All(ctx, func(e bus.Entry[string]) error {
		g.least[e.Key] = e.Value
		return nil
	})
}

// Least is the least version of a game, empty if any will do.
func (g *Gate) Least(game string) string {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.least[game]
}

// SetLeast changes it from now on, over restarts too; empty: any will do.
func (g *Gate) SetLeast(ctx context.Context, game, v string) error {
	if _, err := parse(v); err != nil && v != "" {
		return err
	}
	for {
		_, err := g.kept.Change(ctx, game, func(was *string) error { *was = v; return nil })
		if errors.Is(err, bus.ErrNotFound) {
			_, err = g.kept.Create(ctx, game, v)
		}
		if errors.Is(err, bus.ErrExists) {
			continue
		}
		if err != nil {
			return err
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.least[game] = v
		return nil
	}
}

// Check returns an *UpdateError for a request of a client of the game that is
// too old, or does not say its version.
func (g *Gate) Check(game string, h http.Header) error {
	least := g.Least(game)
	if least == "" {
		return nil
	}
	want, _ := parse(least)
	own := said(h)
	got, err := parse(own)
	if err != nil || got.less(want) {
		return &UpdateError{least, own}
	}
	return nil
}

// said is the version in a request's headers.
func said(h http.Header) string {
	if v := h.Get(Header); v != "" {
		return v
	}
	for _, line := range h.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(line, ",") {
			if v, ok := strings.CutPrefix(strings.TrimSpace(p), Subprotocol); ok {
				return v
			}
		}
	}
	return ""
}
