package account

import (
	"context"
	"errors"

	"github.com/musterhq/muster/protocol/bus"
)

// mayResign says whether an account may stop being an admin: ErrLastAdmin if
// nobody else could appoint one then. The caller holds r.resigning until it has
// stopped, so that of two none relies on the other. It reads all accounts, once
// in a blue moon, rather than keep a list that could be wrong.
func (r *Registry) mayResign(ctx context.Context, a *record) error {
	if a.Role != RoleAdmin {
		return nil
	}
	err := r.accounts.bucket.All(ctx, func(e bus.Entry[record]) error {
		if other := &e.Value; other.Game == a.Game && other.Player != a.Player && other.Role == RoleAdmin && !other.Leaving {
			return errEnough
		}
		return nil
	})
	switch {
	case errors.Is(err, errEnough):
		return nil
	case err != nil:
		return err
	}
	return ErrLastAdmin
}
