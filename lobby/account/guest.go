package account

import "context"

// Guest makes a new account that nobody can log in to but by the refresh token
// of the session; or returns ErrNameInvalid.
func (r *Registry) Guest(ctx context.Context, game Game, name string) (Session, error) {
	if !r.cfg.hosts(game) {
		return Session{}, ErrGameUnknown
	}
	name, err := displayName(name)
	if err != nil {
		return Session{}, err
	}
	a := newRecord(game, name)
	return r.found(ctx, &a)
}

// found keeps a new account and starts its first login. The login is written
// first: without an account it is nothing, and is swept when it has expired; an
// account without a login would never be found again.
func (r *Registry) found(ctx context.Context, a *record) (Session, error) {
	f, token := newFamily(r.stamps, a, 0)
	if err := r.families.create(ctx, familyKey(a.ref(), 0), f); err != nil {
		return Session{}, err
	}
	if err := r.accounts.create(ctx, a.ref().key(), *a); err != nil {
		return Session{}, err
	}
	return r.session(a, &f, token)
}

// foundWith is found for an account that holds a claim from the start.
func (r *Registry) foundWith(ctx context.Context, a *record, c claim) (s Session, err error) {
	err = r.claim(ctx, a.ref(), c, func(ctx context.Context) error {
		s, err = r.found(ctx, a)
		return err
	})
	return s, err
}
