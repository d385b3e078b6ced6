package account

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// A Session is what a login gives.
type Session struct {
	Account Account
	Access  string        // a token for requests and the socket
	Refresh string        // a token for the next session, good once
	Life    time.Duration // of Access
}

// Authenticate says whose access token of a game it is, or returns
// ErrTokenInvalid, ErrTokenExpired or ErrTokenRevoked. It does no I/O: 2 µs for
// a token that was seen before, 70 µs for a new one.
func (r *Registry) Authenticate(game Game, token string) (Caller, error) {
	return r.tokens.check(game, token)
}

// begin starts a login of an account that is kept already.
func (r *Registry) begin(ctx context.Context, a *record) (Session, error) {
	if err := a.banned(); err != nil {
		return Session{}, err
	}
	for {
		slot, revision, err := r.freeSlot(ctx, a)
		if err != nil {
			return Session{}, err
		}
		f, token := newFamily(r.stamps, a, slot)
		if revision == 0 {
			err = r.families.create(ctx, familyKey(a.ref(), slot), f)
		} else {
			err = r.families.update(ctx, familyKey(a.ref(), slot), f, revision)
		}
		switch {
		case errors.Is(err, bus.ErrConflict), errors.Is(err, bus.ErrExists):
			continue // another login took the slot
		case err != nil:
			return Session{}, err
		}
		return r.session(a, &f, token)
	}
}

// freeSlot finds a slot that no login has, else the one that was idle longest.
func (r *Registry) freeSlot(ctx context.Context, a *record) (slot byte, revision uint64, err error) {
	var idle time.Time
	for i := range byte(maxSessions) {
		e, err := r.families.get(ctx, familyKey(a.ref(), i))
		switch {
		case errors.Is(err, bus.ErrNotFound):
			return i, 0, nil
		case err != nil:
			return 0, 0, err
		case r.dead(&e.Value, a):
			return i, e.Revision, nil
		case i == 0 || e.Value.Rotated.Before(idle):
			slot, revision, idle = i, e.Revision, e.Value.Rotated
		}
	}
	return slot, revision, nil
}

// dead says that a login is over.
func (r *Registry) dead(f *family, a *record) bool {
	return f.Ended || f.Epoch != a.Epoch || time.Since(f.Rotated) > r.cfg.RefreshLife
}

func (r *Registry) session(a *record, f *family, token refreshToken) (Session, error) {
	access, err := r.tokens.sign(a, f.Session)
	if err != nil {
		return Session{}, err
	}
	return Session{Account: a.shown(), Access: access, Refresh: token.String(), Life: r.cfg.AccessLife}, nil
}

// saw notes on which day a player was there: a write a day. That it fails is
// no reason to refuse anybody.
func (r *Registry) saw(ctx context.Context, a *record) {
	today := day(time.Now())
	if a.Seen.Equal(today) {
		return
	}
	changed, err := r.change(ctx, a.ref(), func(a *record) error { a.Seen = today; return nil })
	if err != nil {
		r.log.Warn("the day of a login was not noted", "game", a.Game, "player", a.Player, "err", err)
		return
	}
	*a = changed
}

// Refresh gives a new session for a refresh token of a game, which is used up
// by that: ErrTokenInvalid, ErrTokenExpired, ErrTokenRevoked, ErrTokenReused or
// a *BannedError otherwise.
//
// An answer can be lost, and then the client holds a token that we take for
// used. So for Config.Grace the immediate predecessor gives the very same
// successor again: client and thief gain nothing by it, for they still share
// one row of tokens, and the first of them that comes after the other's next
// step gives the theft away. Anything older, or the predecessor later, means
// that two hold the row: the login ends for both.
//
// A token that the family is behind proves that a backup was restored, and is
// taken for the current one. That forgives no theft: what comes after it is
// counted on from there, so that of two who hold the row one is late again. What
// the backup does not know cannot be told from what was ended or deleted: for
// accounts and logins that began after it, any token is ErrTokenInvalid.
func (r *Registry) Refresh(ctx context.Context, game Game, token string) (Session, error) {
	t, ok := parseRefresh(token)
	if !ok {
		return Session{}, ErrTokenInvalid
	}
	for {
		s, err := r.refresh(ctx, Ref{game, t.player}, t)
		if !errors.Is(err, bus.ErrConflict) { // else somebody came with the same token
			return s, err
		}
	}
}

func (r *Registry) refresh(ctx context.Context, ref Ref, t refreshToken) (Session, error) {
	key := familyKey(ref, t.slot)
	e, err := r.families.get(ctx, key)
	f := &e.Value
	switch {
	case errors.Is(err, bus.ErrNotFound), err == nil && !f.issued(t):
		return Session{}, ErrTokenInvalid
	case err != nil:
		return Session{}, err
	}
	a, err := r.account(ctx, ref)
	switch {
	case errors.Is(err, ErrNotFound):
		return Session{}, ErrTokenRevoked
	case err != nil:
		return Session{}, err
	}
	kept, behind := f.Generation, f.isBehind(r.stamps, t)
	if behind {
		f.follow(t)
	}
	switch {
	case f.Ended || f.Epoch != a.Epoch:
		return Session{}, ErrTokenRevoked
	case r.dead(f, &a):
		return Session{}, ErrTokenExpired
	}
	s, err := r.proceed(ctx, e, &a, t)
	if err == nil && behind {
		r.log.Warn("a login has gone on from its player's token: what was kept of it is of a backup", "game", a.Game, "player", a.Player, "kept", kept, "token", t.generation)
	}
	return s, err
}

// proceed gives the successor of a token in a login that lives.
func (r *Registry) proceed(ctx context.Context, e bus.Entry[family], a *record, t refreshToken) (Session, error) {
	f := &e.Value
	again := f.isPrevious(t) && time.Since(f.Rotated) < r.cfg.Grace
	if !again && !f.isCurrent(t) {
		r.log.Warn("a refresh token came twice", "game", a.Game, "player", a.Player)
		return Session{}, errors.Join(ErrTokenReused, r.endSession(ctx, session{a.ref(), f.Session}, t.slot, ReasonReuse))
	}
	if err := a.banned(); err != nil {
		return Session{}, err
	}
	if again {
		return r.session(a, f, f.successor(r.stamps, t))
	}
	next := f.rotate(r.stamps, t)
	if err := r.families.update(ctx, e.Key, *f, e.Revision); err != nil {
		return Session{}, err
	}
	r.saw(ctx, a)
	return r.session(a, f, next)
}

// Logout ends one login: its refresh token and, at once, its access tokens.
func (r *Registry) Logout(ctx context.Context, who Caller) error {
	s := session{who.Ref, who.Session}
	for slot := range byte(maxSessions) {
		e, err := r.families.get(ctx, familyKey(who.Ref, slot))
		switch {
		case errors.Is(err, bus.ErrNotFound), err == nil && e.Value.Session != who.Session:
			continue
		case err != nil:
			return err
		}
		return r.endSession(ctx, s, slot, ReasonLogout)
	}
	return nil // another login has its place
}

// endSession ends a login in its slot, if it is still that one.
func (r *Registry) endSession(ctx context.Context, s session, slot byte, why Reason) error {
	until, err := r.note(ctx, s)
	if err != nil {
		return err
	}
	_, err = r.families.change(ctx, familyKey(s.Ref, slot), func(f *family) error {
		if f.Session != s.id || f.Ended {
			return errEnough
		}
		f.Ended = true
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) && !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	r.revoked.end(s, until)
	r.revoked.tell(Revocation{s.Ref, s.id, why})
	return nil
}
