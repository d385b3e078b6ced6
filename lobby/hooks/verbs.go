package hooks

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// Add makes an endpoint for the events of these types that happen from now on,
// * for all, and returns it with its secret, which is never shown again.
func (h *Hub) Add(ctx context.Context, game, url string, types []string) (e Endpoint, secretText string, err error) {
	if !validGame(game) {
		return e, "", ErrGame
	}
	if err := errors.Join(checkURL(url, &h.cfg), checkTypes(types)); err != nil {
		return e, "", err
	}
	h.adding.Lock()
	defer h.adding.Unlock()
	if err := h.room(ctx, game); err != nil {
		return e, "", err
	}
	if _, err := h.endpoints.Create(ctx, game, kept{}); err != nil && !errors.Is(err, bus.ErrExists) {
		return e, "", err
	}
	s, err := h.stream(game)
	if err != nil {
		return e, "", err
	}
	now, id := time.Now(), newID()
	k := kept{URL: url, Types: types, Made: now.Unix(), Since: now.UnixMilli(), Secrets: []secret{{Text: newSecret()}}}
	if k.From, err = s.Last(ctx); err != nil {
		return e, "", err
	}
	if _, err := h.endpoints.Create(ctx, keyOf(game, id), k); err != nil {
		return e, "", err
	}
	h.refresh(keyOf(game, id))
	return k.show(game, id, progress{}), k.Secrets[0].Text, nil
}

// room says whether a game may have one endpoint more.
func (h *Hub) room(ctx context.Context, game string) error {
	all, ofGame := 0, 0
	err := h.each(ctx, func(key string, _ kept) {
		all++
		if g, _ := splitKey(key); g == game {
			ofGame++
		}
	})
	if err == nil && (all >= h.cfg.Most || ofGame >= h.cfg.PerGame) {
		return ErrTooMany
	}
	return err
}

// List returns a game's endpoints, in the order they were last changed.
func (h *Hub) List(ctx context.Context, game string) ([]Endpoint, error) {
	list := []Endpoint{}
	var ids []string
	if err := h.each(ctx, func(key string, _ kept) {
		if g, id := splitKey(key); g == game {
			ids = append(ids, id)
		}
	}); err != nil {
		return nil, err
	}
	for _, id := range ids {
		e, err := h.Get(ctx, game, id)
		switch {
		case errors.Is(err, ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// Get returns an endpoint as it stands.
func (h *Hub) Get(ctx context.Context, game, id string) (Endpoint, error) {
	if !validID(game, id) {
		return Endpoint{}, ErrNotFound
	}
	k, err := h.endpoints.Get(ctx, keyOf(game, id))
	if err != nil {
		return Endpoint{}, notFound(err)
	}
	p, err := h.progress.Get(ctx, keyOf(game, id))
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return Endpoint{}, err
	}
	return k.Value.show(game, id, p.Value), nil
}

// Set changes where an endpoint's events go and which they are. What waits
// goes there, at once, and earlier failures are forgiven.
func (h *Hub) Set(ctx context.Context, game, id, url string, types []string) error {
	if err := errors.Join(checkURL(url, &h.cfg), checkTypes(types)); err != nil {
		return err
	}
	return h.change(ctx, game, id, func(k *kept) { k.URL, k.Types = url, types })
}

// Enable goes on with an endpoint where it stopped, at once; earlier failures
// are forgiven. One that fails and waits is tried now.
func (h *Hub) Enable(ctx context.Context, game, id string) error {
	return h.change(ctx, game, id, func(k *kept) { k.Disabled, k.Told = "", false })
}

// Disable sends nothing to an endpoint until it is enabled.
func (h *Hub) Disable(ctx context.Context, game, id string) error {
	return h.change(ctx, game, id, func(k *kept) { k.Disabled = DisabledByHand })
}

func (h *Hub) change(ctx context.Context, game, id string, f func(*kept)) error {
	if !validID(game, id) {
		return ErrNotFound
	}
	_, err := h.endpoints.Change(ctx, keyOf(game, id), func(k *kept) error {
		f(k)
		k.Since = time.Now().UnixMilli()
		return nil
	})
	if err != nil {
		return notFound(err)
	}
	h.refresh(keyOf(game, id))
	return nil
}

// Rotate gives an endpoint a new secret and returns it, which is never shown
// again. For Config.Grace requests are signed with the one before, too.
func (h *Hub) Rotate(ctx context.Context, game, id string) (secretText string, err error) {
	if !validID(game, id) {
		return "", ErrNotFound
	}
	text := newSecret()
	_, err = h.endpoints.Change(ctx, keyOf(game, id), func(k *kept) error {
		k.rotate(text, time.Now(), h.cfg.Grace)
		return nil
	})
	if err != nil {
		return "", notFound(err)
	}
	return text, nil
}

// Remove forgets an endpoint. It is no error if there is none.
func (h *Hub) Remove(ctx context.Context, game, id string) error {
	if !validID(game, id) {
		return nil
	}
	key := keyOf(game, id)
	if err := h.endpoints.Delete(ctx, key); err != nil {
		return err
	}
	h.dismiss(key)
	return h.progress.Delete(ctx, key)
}

// validID keeps a game's own entry out of reach.
func validID(game, id string) bool {
	return validGame(game) && id != "" && len(id) <= maxID
}

func notFound(err error) error {
	if errors.Is(err, bus.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
