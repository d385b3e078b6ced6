package account

import (
	"context"
	"errors"
	"net/netip"
)

// Credentials are what a person types to log in.
type Credentials struct{ Username, Password string }

// String keeps the password out of logs.
func (c Credentials) String() string { return c.Username }

// GoString does, too.
func (c Credentials) GoString() string { return c.Username }

// Register makes a new account with a username and a password; name is shown to
// others, and "" is the username.
func (r *Registry) Register(ctx context.Context, game Game, name string, c Credentials) (Session, error) {
	if !r.cfg.hosts(game) {
		return Session{}, ErrGameUnknown
	}
	if name == "" {
		name = c.Username
	}
	name, err := displayName(name)
	if err != nil {
		return Session{}, err
	}
	a := newRecord(game, name)
	set, err := r.named(ctx, game, c)
	if err != nil {
		return Session{}, err
	}
	if err := set(&a); err != nil {
		return Session{}, err
	}
	s, err := r.foundWith(ctx, &a, usernameClaim(game, a.Skeleton))
	return s, nameTaken(err)
}

// AddPassword gives an account that has none a username and a password. A guest
// loses nothing by it.
func (r *Registry) AddPassword(ctx context.Context, ref Ref, c Credentials) error {
	if a, err := r.account(ctx, ref); err != nil {
		return err
	} else if a.Username != "" {
		return ErrHasUsername
	}
	_, bones, err := username(c.Username)
	if err != nil {
		return err
	}
	set, err := r.named(ctx, ref.Game, c)
	if err != nil {
		return err
	}
	return nameTaken(r.claim(ctx, ref, usernameClaim(ref.Game, bones), func(ctx context.Context) error {
		_, err := r.change(ctx, ref, set)
		return err
	}))
}

// named returns what gives an account a username and a password, which takes a
// while to hash. A name that is taken is refused before.
func (r *Registry) named(ctx context.Context, game Game, c Credentials) (set func(*record) error, err error) {
	shown, bones, err := username(c.Username)
	if err != nil {
		return nil, err
	}
	if err := newPassword(c.Password, bones); err != nil {
		return nil, err
	}
	if _, err := r.holder(ctx, usernameClaim(game, bones)); err == nil {
		return nil, ErrNameTaken
	}
	hash, err := r.hash(ctx, c.Password)
	return func(a *record) error {
		if a.Username != "" {
			return ErrHasUsername
		}
		a.Username, a.Skeleton, a.Password = shown, bones, hash
		return nil
	}, err
}

func nameTaken(err error) error {
	if errors.Is(err, ErrTaken) {
		return ErrNameTaken
	}
	return err
}

func (r *Registry) hash(ctx context.Context, password string) (phc string, err error) {
	err = r.gate.do(ctx, func() { phc = r.cfg.Argon.hash(password) })
	return phc, err
}

// Login starts a session for a username and its password. Whatever is wrong
// with them is ErrCredentials, at the same cost; a *WaitError says that it was
// not even tried, a *BannedError that they were right.
func (r *Registry) Login(ctx context.Context, game Game, c Credentials, from netip.Addr) (Session, error) {
	if !r.cfg.hosts(game) {
		return Session{}, ErrGameUnknown
	}
	_, bones, err := username(c.Username)
	if err != nil {
		bones = "" // nobody has it, and it counts as one name
	}
	a, err := r.prove(ctx, game, bones, c.Password, from)
	if err != nil {
		return Session{}, err
	}
	r.saw(ctx, &a)
	return r.begin(ctx, &a)
}

// prove returns the account of a username if the password is its own.
func (r *Registry) prove(ctx context.Context, game Game, bones, password string, from netip.Addr) (record, error) {
	if !passwordSized(password) {
		return record{}, ErrCredentials // nobody's, so it tells nothing
	}
	pair := pairOf(game, bones, from)
	if err := r.lockout.begin(pair); err != nil {
		return record{}, err
	}
	a, right, err := r.try(ctx, game, bones, password)
	switch {
	case err != nil:
		r.lockout.untried(pair)
		return record{}, err
	case !right:
		return record{}, ErrCredentials
	}
	r.lockout.right(pair)
	return a, nil
}

// try compares a password with the hash of a username's account, or with that
// of nobody: a name that nobody has costs as much. (An account whose hash is of
// other parameters than today's costs what it did then, until its next login.)
func (r *Registry) try(ctx context.Context, game Game, bones, password string) (a record, right bool, err error) {
	a, err = r.holder(ctx, usernameClaim(game, bones))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return a, false, err
	}
	phc := a.Password
	if phc == "" {
		phc = r.dummy
	}
	var again string
	err = r.gate.do(ctx, func() {
		if right = matches(phc, password); right && r.cfg.Argon.outdated(phc) {
			again = r.cfg.Argon.hash(password)
		}
	})
	if err == nil && again != "" {
		r.rehash(ctx, &a, again)
	}
	return a, right, err
}

// rehash keeps a hash of today's parameters, if the password is still the same.
func (r *Registry) rehash(ctx context.Context, a *record, phc string) {
	was := a.Password
	changed, err := r.change(ctx, a.ref(), func(a *record) error {
		if a.Password != was {
			return errEnough
		}
		a.Password = phc
		return nil
	})
	if err != nil {
		r.log.Warn("a password's hash was not made anew", "game", a.Game, "player", a.Player, "err", err)
		return
	}
	*a = changed
}

// ChangePassword ends all logins of a player who knows the old password, and
// starts one with the new.
func (r *Registry) ChangePassword(ctx context.Context, ref Ref, old, new string, from netip.Addr) (Session, error) {
	a, err := r.account(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	if a.Username == "" {
		return Session{}, ErrCredentials
	}
	if err := newPassword(new, a.Skeleton); err != nil {
		return Session{}, err
	}
	proven, err := r.prove(ctx, ref.Game, a.Skeleton, old, from)
	if err != nil {
		return Session{}, err
	}
	hash, err := r.hash(ctx, new)
	if err != nil {
		return Session{}, err
	}
	a, err = r.revoke(ctx, ref, ReasonPassword, func(a *record) error {
		if a.Password != proven.Password {
			return ErrCredentials // it was changed meanwhile
		}
		a.Password = hash
		a.Epoch++
		return nil
	})
	if err != nil {
		return Session{}, err
	}
	return r.begin(ctx, &a)
}
