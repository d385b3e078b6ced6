package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// A Holder keeps things about players elsewhere: ratings, results, mail.
type Holder interface {
	// Export returns all that it keeps of a player, fit for encoding/json, or nil
	// if it never keeps anything.
	Export(ctx context.Context, ref Ref) (any, error)
	// Delete forgets it. After a crash it is called again.
	Delete(ctx context.Context, ref Ref) error
}

// AddHolder has deletion and export ask a holder too. Holders are added before
// Run and after Open, at each start.
func (r *Registry) AddHolder(name string, h Holder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.holders[name] = h
}

func (r *Registry) allHolders() map[string]Holder {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return maps.Clone(r.holders)
}

// An Export is all that is kept of a player, but for secrets, of which it says
// only that they are there.
type Export struct {
	Account  Account
	Password bool
	Logins   []ExportedLogin
	Others   map[string]any // by holder
}

// An ExportedLogin is one place where the player is logged in.
type ExportedLogin struct {
	Started time.Time
	Used    time.Time
}

// Export returns all that is kept of a player, or ErrNotFound.
func (r *Registry) Export(ctx context.Context, ref Ref) (Export, error) {
	a, err := r.account(ctx, ref)
	if err != nil {
		return Export{}, err
	}
	x := Export{Account: a.shown(), Password: a.Password != "", Others: make(map[string]any)}
	x.Account.Ban = a.Ban // also one that is over: it is kept
	for _, key := range familyKeys(ref) {
		e, err := r.families.get(ctx, key)
		switch {
		case errors.Is(err, bus.ErrNotFound):
		case err != nil:
			return Export{}, err
		default:
			x.Logins = append(x.Logins, ExportedLogin{e.Value.Started.UTC(), e.Value.Rotated.UTC()})
		}
	}
	for name, h := range r.allHolders() {
		kept, err := h.Export(ctx, ref)
		if err != nil {
			return Export{}, fmt.Errorf("export %s: %w", name, err)
		}
		if kept != nil {
			x.Others[name] = kept
		}
	}
	return x, nil
}

// Delete forgets an account and all about it, here and at the holders; its
// names are free then. From the first write on the player is gone for everyone,
// and should the rest fail it is finished by a sweep:
//
//	intent ─► account is marked ─► holders ─► claims ─► account ─► logins
//
// The last admin of a game stays: ErrLastAdmin.
func (r *Registry) Delete(ctx context.Context, ref Ref) error {
	if err := r.beginLeave(ctx, ref); err != nil {
		return err
	}
	return r.leave(ctx, ref)
}

// beginLeave is what of a deletion decides.
func (r *Registry) beginLeave(ctx context.Context, ref Ref) error {
	r.resigning.Lock()
	defer r.resigning.Unlock()
	a, err := r.account(ctx, ref)
	if err == nil {
		err = r.mayResign(ctx, &a)
	}
	if err == nil {
		err = r.intents.create(ctx, randomText(16), intent{Game: ref.Game, Player: ref.Player})
	}
	if err == nil {
		err = r.mark(ctx, ref)
	}
	return err
}

// mark has an account be nobody's.
func (r *Registry) mark(ctx context.Context, ref Ref) error {
	_, err := r.revoke(ctx, ref, ReasonDeleted, func(a *record) error { a.Leaving = true; return nil })
	return err
}

// leave deletes an account, from wherever an earlier try has got to.
func (r *Registry) leave(ctx context.Context, ref Ref) error {
	if err := r.mark(ctx, ref); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	e, err := r.accounts.get(ctx, ref.key())
	if err != nil && !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	holders := r.allHolders()
	for _, name := range slices.Sorted(maps.Keys(holders)) {
		if err := holders[name].Delete(ctx, ref); err != nil {
			return fmt.Errorf("delete %s: %w", name, err)
		}
	}
	var keys []string
	for _, c := range e.Value.claims() {
		keys = append(keys, c.key())
	}
	if err := r.release(ctx, ref, keys...); err != nil {
		return err
	}
	if err := r.accounts.remove(ctx, ref.key()); err != nil {
		return err
	}
	return r.families.remove(ctx, familyKeys(ref)...)
}
