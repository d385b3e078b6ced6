package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"math"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A claim names what only one account of a game can hold: a username, a device,
// an identity.
type claim struct {
	kind claimKind
	game Game
	hash [sha256.Size]byte // of what it is
}

type claimKind string

const (
	usernames  claimKind = "username"
	devices    claimKind = "device"
	identities claimKind = "identity"
)

func usernameClaim(game Game, bones string) claim { return newClaim(usernames, game, bones) }
func deviceClaim(game Game, id string) claim      { return newClaim(devices, game, id) }
func identityClaim(game Game, i Identity) claim {
	return newClaim(identities, game, i.Issuer+"\x00"+i.Subject)
}

func newClaim(kind claimKind, game Game, what string) claim {
	return claim{kind, game, sha256.Sum256([]byte(string(kind) + "\x00" + string(game) + "\x00" + what))}
}

func (c claim) key() string {
	return string(c.kind) + "/" + string(c.game) + "/" + secretText.EncodeToString(c.hash[:])
}

// owner is whose a claim is, if the account says so too: the account decides.
type owner struct {
	Game   Game
	Player protocol.PlayerID
}

// intent is what is being done in several writes, for [Registry.settle] to
// clear away after a crash.
type intent struct {
	Game   Game
	Player protocol.PlayerID
	Claim  string // key of the claim that is being made, or "" if the account leaves
}

// claimTime bounds a claim from its intent to the account's write; after
// settleAfter nobody is at it any more.
const (
	claimTime   = 20 * time.Second
	settleAfter = time.Minute
)

// claim makes an account the holder of something, or returns ErrTaken. The
// commit writes the account that says so too:
//
//	intent ─► claim ─► account
//
// After a crash between any two, the claim is not in the account, hence an
// orphan, and the intent leads to it.
func (r *Registry) claim(ctx context.Context, ref Ref, c claim, commit func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	id, i := randomText(16), intent{ref.Game, ref.Player, c.key()}
	if err := r.intents.create(ctx, id, i); err != nil {
		return err
	}
	err := r.claimed.create(ctx, c.key(), owner(ref))
	if errors.Is(err, bus.ErrExists) {
		return ErrTaken
	}
	if err == nil {
		err = commit(ctx)
	}
	if err != nil && !errors.Is(err, bus.ErrDown) { // else the write may still be on its way, and settling waits
		err = errors.Join(err, r.settle(ctx, i))
	}
	return err
}

// settle clears away what is left of an intent that nobody is at any more.
func (r *Registry) settle(ctx context.Context, i intent) error {
	ref := Ref{i.Game, i.Player}
	if i.Claim == "" {
		return r.leave(ctx, ref)
	}
	a, err := r.account(ctx, ref)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	for _, c := range a.claims() {
		if c.key() == i.Claim {
			return nil
		}
	}
	return r.release(ctx, ref, i.Claim)
}

// release gives up claims, if they are the account's.
func (r *Registry) release(ctx context.Context, ref Ref, keys ...string) error {
	var ours []string
	for _, key := range keys {
		e, err := r.claimed.get(ctx, key)
		switch {
		case errors.Is(err, bus.ErrNotFound), err == nil && e.Value != owner(ref):
		case err != nil:
			return err
		default:
			ours = append(ours, key)
		}
	}
	return r.claimed.remove(ctx, ours...)
}

// holder returns the account that holds something, or ErrNotFound. It reads
// twice in either case, for the time that it takes must not tell.
func (r *Registry) holder(ctx context.Context, c claim) (record, error) {
	e, err := r.claimed.get(ctx, c.key())
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return record{}, err
	}
	a, err := r.account(ctx, Ref(e.Value))
	if err == nil && !a.holds(c) {
		err = ErrNotFound
	}
	if err != nil {
		return record{}, err
	}
	return a, nil
}

// settleClaims settles all claims that were being made when the process ended:
// at the start nobody is at them. Accounts that leave wait for the first sweep,
// when those who keep things about them are there; see [Registry.AddHolder].
func (r *Registry) settleClaims(ctx context.Context) error {
	_, err := r.settleOldest(ctx, math.MaxInt, func(e bus.Entry[intent]) bool { return e.Value.Claim != "" })
	return err
}

// settleOldest settles those of the oldest intents that are due, and returns
// how many.
func (r *Registry) settleOldest(ctx context.Context, most int, due func(bus.Entry[intent]) bool) (int, error) {
	all, err := r.intents.oldest(ctx, most, func(bus.Entry[intent]) bool { return true })
	if err != nil {
		return 0, err
	}
	var settled []string
	for _, e := range all {
		if !due(e) {
			continue
		}
		if failed := r.settle(ctx, e.Value); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		settled = append(settled, e.Key)
	}
	return len(settled), errors.Join(err, r.intents.remove(ctx, settled...))
}
