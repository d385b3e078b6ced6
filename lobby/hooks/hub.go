package hooks

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// A Hub keeps endpoints and events and delivers them. It is safe for concurrent
// use. Of the nodes that share a folder or a cluster, one runs.
type Hub struct {
	// set by Open and never changed
	cfg       Config
	node      *bus.Node
	endpoints *bus.Bucket[kept]
	progress  *bus.Bucket[progress]
	client    *http.Client

	mu       sync.Mutex
	ctx      context.Context     // under mu: Run's, nil while it does not run
	couriers map[string]*courier // under mu: by key
	adding   sync.Mutex          // so that endpoints are counted one at a time
}

// Open opens the endpoints and events on a node.
func Open(node *bus.Node, cfg Config) (*Hub, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	e, errE := bus.OpenBucket[kept](node, "hooks", bus.Kept)
	p, errP := bus.OpenBucket[progress](node, "hooks-progress", bus.Kept)
	if err := errors.Join(errE, errP); err != nil {
		return nil, err
	}
	h := &Hub{cfg: cfg, node: node, endpoints: e, progress: p, couriers: make(map[string]*courier)}
	h.client = h.cfg.client()
	return h, nil
}

// Emit keeps an event for the endpoints of a game; the couriers do the rest. An
// empty ID is made up, an empty At is now. Of events with the same ID the first
// alone is kept, so that after an error the caller tries again, within an
// hour. While a game has never had an endpoint, nothing is kept.
func (h *Hub) Emit(ctx context.Context, game string, e Event) error {
	if !validGame(game) {
		return ErrGame
	}
	if err := e.complete(time.Now()); err != nil {
		return err
	}
	switch _, err := h.endpoints.Get(ctx, game); {
	case errors.Is(err, bus.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	body, err := json.Marshal(e)
	if err != nil {
		return ErrEvent
	}
	s, err := h.stream(game)
	if err == nil {
		_, err = s.Append(ctx, e.ID, record{e.Type, body})
	}
	if err != nil {
		return fmt.Errorf("emit %s: %w", e.Type, err)
	}
	return nil
}

var streamText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// stream opens a game's events; again it is the same.
func (h *Hub) stream(game string) (*bus.Stream[record], error) {
	return bus.OpenStream[record](h.node, "hooks-"+streamText.EncodeToString([]byte(game)))
}

// Run delivers until ctx ends, and returns when nothing is under way any more.
func (h *Hub) Run(ctx context.Context) error {
	h.mu.Lock()
	h.ctx = ctx
	h.mu.Unlock()
	err := h.each(ctx, func(key string, _ kept) { h.begin(key, false) })
	if err == nil {
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		err = nil // however far it had come
	}
	h.mu.Lock()
	h.ctx = nil
	all := h.couriers
	h.couriers = make(map[string]*courier)
	h.mu.Unlock()
	for _, c := range all {
		c.end()
	}
	h.client.CloseIdleConnections()
	return err
}

// each calls f with every endpoint there is.
func (h *Hub) each(ctx context.Context, f func(key string, k kept)) error {
	return h.endpoints.All(ctx, func(e bus.Entry[kept]) error {
		if _, id := splitKey(e.Key); id != "" {
			f(e.Key, e.Value)
		}
		return nil
	})
}

// refresh begins with an endpoint, and again with it after it was changed.
func (h *Hub) refresh(key string) { h.begin(key, true) }

// begin begins with an endpoint; where that was done already it does so again
// only if it shall, since what is under way would be sent twice.
func (h *Hub) begin(key string, again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx == nil || h.couriers[key] != nil && !again {
		return
	}
	c := newCourier(h, key, h.couriers[key])
	h.couriers[key] = c
	ctx, cancel := context.WithCancel(h.ctx)
	c.cancel = cancel
	go c.run(ctx)
}

// dismiss ends an endpoint's courier and waits for it.
func (h *Hub) dismiss(key string) {
	h.mu.Lock()
	c := h.couriers[key]
	delete(h.couriers, key)
	h.mu.Unlock()
	if c != nil {
		c.end()
	}
}

// A game's own entry, under the game alone, says that it has endpoints, or had.

func keyOf(game, id string) string { return game + "\x00" + id }

func splitKey(key string) (game, id string) {
	game, id, _ = strings.Cut(key, "\x00")
	return game, id
}
