package account

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A ServiceKey is what a back end of one game shows to be let in, with the role
// of a service. Its text is shown once, when it is made.
type ServiceKey struct {
	Game    Game
	ID      string
	Name    string // what it is for
	Created time.Time
}

// serviceRecord is a service key as it is kept.
type serviceRecord struct {
	Game    Game
	ID      string
	Name    string
	Hash    []byte // SHA-256 of 32 random bytes
	Created time.Time
}

func (s *serviceRecord) key() string { return string(s.Game) + "/" + s.ID }

func (s *serviceRecord) shown() ServiceKey {
	return ServiceKey{s.Game, s.ID, s.Name, s.Created.UTC()}
}

const (
	servicePrefix  = "msk1."
	maxServiceName = 64 // characters
)

// services are the keys of back ends, all of them in memory too: there are few.
type services struct {
	table table[serviceRecord]

	mu  sync.RWMutex
	all map[string]serviceRecord // under mu: by id
}

func (s *services) load(ctx context.Context) error {
	s.all = make(map[string]serviceRecord)
	return s.table.bucket.All(ctx, func(e bus.Entry[serviceRecord]) error {
		s.all[e.Value.ID] = e.Value
		return nil
	})
}

func (s *services) find(id string) (serviceRecord, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.all[id]
	return found, ok
}

// NewServiceKey makes a key for a back end of a game and returns its text, which
// nobody can learn again.
func (r *Registry) NewServiceKey(ctx context.Context, game Game, name string) (text string, key ServiceKey, err error) {
	if !r.cfg.hosts(game) {
		return "", key, ErrGameUnknown
	}
	if n := utf8.RuneCountInString(name); n < 1 || n > maxServiceName || !utf8.ValidString(name) || strings.ContainsFunc(name, invisible) {
		return "", key, ErrServiceKeyName
	}
	secret := random(32)
	sum := sha256.Sum256(secret)
	k := serviceRecord{game, protocol.IDText.EncodeToString(random(10)), name, sum[:], time.Now().UTC()}
	if err := r.services.table.create(ctx, k.key(), k); err != nil {
		return "", key, err
	}
	r.services.mu.Lock()
	defer r.services.mu.Unlock()
	r.services.all[k.ID] = k
	return servicePrefix + k.ID + "." + secretText.EncodeToString(secret), k.shown(), nil
}

// ServiceKeys lists the keys of a game, the oldest first.
func (r *Registry) ServiceKeys(game Game) (all []ServiceKey) {
	r.services.mu.RLock()
	defer r.services.mu.RUnlock()
	for _, k := range r.services.all {
		if k.Game == game {
			all = append(all, k.shown())
		}
	}
	slices.SortFunc(all, func(a, b ServiceKey) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID))
	})
	return all
}

// RevokeServiceKey makes a key good for nothing, or returns ErrNotFound.
func (r *Registry) RevokeServiceKey(ctx context.Context, game Game, id string) error {
	k, ok := r.services.find(id)
	if !ok || k.Game != game {
		return fmt.Errorf("service key: %w", ErrNotFound)
	}
	if err := r.services.table.remove(ctx, k.key()); err != nil {
		return err
	}
	r.services.mu.Lock()
	defer r.services.mu.Unlock()
	delete(r.services.all, k.ID)
	return nil
}

// AuthenticateService says which service key of a game a text is, or returns
// ErrServiceKeyFailed. It does no I/O.
func (r *Registry) AuthenticateService(game Game, text string) (ServiceKey, error) {
	k, err := r.identifyService(text)
	if err == nil && k.Game != game {
		return ServiceKey{}, ErrServiceKeyFailed
	}
	return k, err
}

// identifyService is the same for whatever game the key is of.
func (r *Registry) identifyService(text string) (ServiceKey, error) {
	rest, ok := strings.CutPrefix(text, servicePrefix)
	id, secret, cut := strings.Cut(rest, ".")
	if !ok || !cut || len(secret) != secretText.EncodedLen(32) || strings.ContainsAny(secret, "\r\n") {
		return ServiceKey{}, ErrServiceKeyFailed
	}
	given, err := secretText.DecodeString(secret)
	if err != nil {
		return ServiceKey{}, ErrServiceKeyFailed
	}
	k, known := r.services.find(id)
	if !known {
		k.Hash = make([]byte, sha256.Size)
	}
	sum := sha256.Sum256(given)
	if right := subtle.ConstantTimeCompare(sum[:], k.Hash) == 1; !right || !known {
		return ServiceKey{}, ErrServiceKeyFailed
	}
	return k.shown(), nil
}
