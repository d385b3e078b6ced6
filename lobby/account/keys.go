package account

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// A PublicKey checks access tokens of a game; back ends can ask for them.
type PublicKey struct {
	ID   string // kid
	Key  ed25519.PublicKey
	From time.Time // signs from then on
}

// keyRecord is a signing key as it is kept.
type keyRecord struct {
	Game   Game
	Number int // from 1; the next key has the next one
	Public []byte
	Sealed []byte    // the seed
	From   time.Time // signs from then on, until the next key does
}

func (k *keyRecord) key() string { return fmt.Sprintf("%s/%d", k.Game, k.Number) }

// signKey is a signing key in memory.
type signKey struct {
	keyRecord
	kid     string
	private ed25519.PrivateKey // nil if it was sealed by a secret that we have not
}

// A keyring holds the keys of all games: for each a row of keys, of which one
// signs. A key is published a while before it signs, so that whoever checks
// tokens elsewhere has it in time, and accepted after it has signed for as long
// as its tokens live: nobody is logged out when keys change.
type keyring struct {
	cfg   *Config
	table table[keyRecord]
	seals sealer

	mu   sync.RWMutex
	rows map[Game][]*signKey // under mu: by number
	kids map[string]*signKey // under mu
}

func (k *keyring) load(ctx context.Context) error {
	k.rows, k.kids = make(map[Game][]*signKey), make(map[string]*signKey)
	err := k.table.bucket.All(ctx, func(e bus.Entry[keyRecord]) error {
		if len(e.Value.Public) != ed25519.PublicKeySize {
			return fmt.Errorf("%w: signing key %s", bus.ErrDamaged, e.Key)
		}
		k.add(e.Value)
		return nil
	})
	if err != nil {
		return err
	}
	return k.rotate(ctx)
}

func (k *keyring) add(r keyRecord) {
	key := &signKey{keyRecord: r, kid: kidOf(r.Public)}
	seed, err := k.seals.open("signing key "+r.key(), r.Sealed)
	if err == nil && len(seed) == ed25519.SeedSize {
		key.private = ed25519.NewKeyFromSeed(seed)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kids[key.kid] != nil {
		return
	}
	k.kids[key.kid] = key
	row := append(slices.Clone(k.rows[r.Game]), key)
	slices.SortFunc(row, func(a, b *signKey) int { return cmp.Compare(a.Number, b.Number) })
	k.rows[r.Game] = row
}

func kidOf(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// rotate makes the keys that are due, and drops those that nobody needs.
func (k *keyring) rotate(ctx context.Context) error {
	var all error
	for _, game := range k.cfg.Games {
		all = errors.Join(all, k.rotateGame(ctx, game), k.retire(ctx, game))
	}
	return all
}

func (k *keyring) rotateGame(ctx context.Context, game Game) error {
	now := time.Now()
	row := k.row(game)
	if k.signer(game, now) == nil { // the first, or our secret has changed
		return k.create(ctx, game, row, now)
	}
	last := row[len(row)-1]
	ends := last.From.Add(k.cfg.KeyLife)
	if now.Before(ends.Add(-k.cfg.KeyAhead)) {
		return nil
	}
	return k.create(ctx, game, row, later(ends, now.Add(k.cfg.KeyAhead)))
}

func (k *keyring) create(ctx context.Context, game Game, row []*signKey, from time.Time) error {
	r := keyRecord{Game: game, Number: 1, From: from}
	if len(row) > 0 {
		r.Number = row[len(row)-1].Number + 1
	}
	seed := random(ed25519.SeedSize)
	r.Public = ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	r.Sealed = k.seals.seal("signing key "+r.key(), seed)
	err := k.table.create(ctx, r.key(), r)
	if err == nil {
		k.add(r)
	}
	return err
}

// retire forgets keys whose last token has expired.
func (k *keyring) retire(ctx context.Context, game Game) error {
	row := k.row(game)
	old := 0
	for old+1 < len(row) && time.Since(row[old+1].From) > k.cfg.AccessLife+time.Minute {
		old++
	}
	var keys []string
	for _, r := range row[:old] {
		keys = append(keys, r.key())
	}
	if err := k.table.remove(ctx, keys...); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range row[:old] {
		delete(k.kids, r.kid)
	}
	k.rows[game] = row[old:]
	return nil
}

// row returns the keys of a game, oldest first. It is never changed.
func (k *keyring) row(game Game) []*signKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.rows[game]
}

// signer returns the newest key of a game that signs at a time, or nil.
func (k *keyring) signer(game Game, now time.Time) *signKey {
	for _, key := range slices.Backward(k.row(game)) {
		if !key.From.After(now) && key.private != nil {
			return key
		}
	}
	return nil
}

// find returns the key of an id if it is the game's, or nil.
func (k *keyring) find(game Game, kid string) *signKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if key := k.kids[kid]; key != nil && key.Game == game {
		return key
	}
	return nil
}

// Keys returns the keys that check the access tokens of a game, for back ends
// that check them by themselves: within the 15 minutes that a token lives they
// do not learn of its revocation.
func (r *Registry) Keys(game Game) (all []PublicKey) {
	for _, key := range r.keys.row(game) {
		all = append(all, PublicKey{key.kid, key.Public, key.From.UTC()})
	}
	return all
}
