package account

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// Swept is what a sweep has cleared away.
type Swept struct {
	Logins int  // that expired
	Guests int  // that nobody can be any more
	More   bool // is left, for another sweep
}

// expirySlack is how long after its end a login is kept, so that none is
// deleted while it is used.
const expirySlack = time.Hour // and the life of an access token

// Sweep clears away what is over: up to Config.SweepMost of each kind, oldest
// first. It also changes signing keys when it is time. Buckets have their
// entries in the order of their last write, and what is written again lives
// longer, so the first that is not due ends it.
func (r *Registry) Sweep(ctx context.Context) (Swept, error) {
	r.revoked.forget(time.Now())
	err := r.keys.rotate(ctx)
	moreNotes, failed := r.sweepNotes(ctx)
	err = errors.Join(err, failed)
	n, failed := r.settleOldest(ctx, r.cfg.SweepMost, func(e bus.Entry[intent]) bool { return time.Since(e.At) >= settleAfter })
	err = errors.Join(err, failed)
	s, failed := r.sweepFamilies(ctx)
	s.More = moreNotes || n == r.cfg.SweepMost || s.Logins == r.cfg.SweepMost
	return s, errors.Join(err, failed)
}

func (r *Registry) sweepNotes(ctx context.Context) (more bool, err error) {
	due, err := r.notes.oldest(ctx, r.cfg.SweepMost, func(e bus.Entry[note]) bool { return time.Now().After(e.Value.Until) })
	return len(due) == r.cfg.SweepMost, errors.Join(err, r.notes.remove(ctx, keysOf(due)...))
}

func keysOf[T any](all []bus.Entry[T]) (keys []string) {
	for _, e := range all {
		keys = append(keys, e.Key)
	}
	return keys
}

// sweepFamilies forgets logins that expired, and guests with the last of them.
// The login goes after the guest: as long as it is there, a sweep that was cut
// off is taken up again. What was restored counts from then on, for its player
// may have been there since the backup, and holds a token that says so.
func (r *Registry) sweepFamilies(ctx context.Context) (s Swept, err error) {
	due, err := r.families.oldest(ctx, r.cfg.SweepMost, func(e bus.Entry[family]) bool {
		return time.Since(e.Here) > r.cfg.RefreshLife+r.cfg.AccessLife+expirySlack
	})
	var keys []string
	for _, e := range due {
		gone, failed := r.sweepGuest(ctx, Ref{e.Value.Game, e.Value.Player}, e.Key)
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		if gone {
			s.Guests++
		}
		keys = append(keys, e.Key)
	}
	s.Logins = len(keys)
	return s, errors.Join(err, r.families.remove(ctx, keys...))
}

// sweepGuest deletes a guest's account if its only login is the one of a key.
func (r *Registry) sweepGuest(ctx context.Context, ref Ref, last string) (gone bool, err error) {
	e, err := r.accounts.get(ctx, ref.key())
	if errors.Is(err, bus.ErrNotFound) {
		return false, nil
	}
	if shown := e.Value.shown(); err != nil || !shown.Guest() {
		return false, err
	}
	for _, key := range familyKeys(ref) {
		if key == last {
			continue
		}
		if _, err := r.families.get(ctx, key); !errors.Is(err, bus.ErrNotFound) {
			return false, err
		}
	}
	return true, r.leave(ctx, ref)
}
