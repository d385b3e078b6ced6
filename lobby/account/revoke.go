package account

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// note says that access tokens of a player were taken back, for a restart to
// know whom to look at. What has become of it stands in the account.
type note struct {
	Game    Game
	Player  protocol.PlayerID
	Session string // or "" for all of the player
	Until   time.Time
}

// note writes one down before the deed; an access token from before lives no
// longer than until.
func (r *Registry) note(ctx context.Context, s session) (until time.Time, err error) {
	until = time.Now().Add(r.cfg.AccessLife + time.Minute) // a minute for clocks
	return until, r.notes.create(ctx, randomText(16), note{s.Game, s.Player, s.id, until.UTC()})
}

// recall makes dead after a restart what was dead before.
func (r *Registry) recall(ctx context.Context) error {
	var all []note
	err := r.notes.bucket.All(ctx, func(e bus.Entry[note]) error {
		if time.Now().Before(e.Value.Until) {
			all = append(all, e.Value)
		}
		return nil
	})
	for _, n := range all {
		err = errors.Join(err, r.recallOne(ctx, n))
	}
	return err
}

// recallOne takes the generation from the account: a note without its deed
// means nothing. A session was being ended, which its player wanted.
func (r *Registry) recallOne(ctx context.Context, n note) error {
	ref := Ref{n.Game, n.Player}
	if n.Session != "" {
		r.revoked.end(session{ref, n.Session}, n.Until)
		return nil
	}
	a, err := r.account(ctx, ref)
	switch {
	case errors.Is(err, ErrNotFound):
		a.Generation = noGeneration
	case err != nil:
		return err
	}
	r.revoked.raise(ref, a.Generation, n.Until)
	return nil
}

// revoke changes an account in a way that makes all its access tokens dead,
// and says so when it is so.
func (r *Registry) revoke(ctx context.Context, ref Ref, why Reason, change func(*record) error) (record, error) {
	if _, err := r.account(ctx, ref); err != nil {
		return record{}, err
	}
	until, err := r.note(ctx, session{Ref: ref})
	if err != nil {
		return record{}, err
	}
	a, err := r.change(ctx, ref, func(a *record) error {
		a.Generation++
		return change(a)
	})
	if err != nil {
		return record{}, err
	}
	floor := a.Generation
	if a.Leaving {
		floor = noGeneration
	}
	r.revoked.raise(ref, floor, until)
	r.revoked.tell(Revocation{Ref: ref, Reason: why})
	return a, nil
}

// OnRevoke has f called whenever access tokens have become dead, before the
// verb returns, so that sockets can be closed. It must not block. Tokens that
// just expire are not told.
func (r *Registry) OnRevoke(f func(Revocation)) { r.revoked.listen(f) }

// Revoked says whether the token of a caller was taken back since it was
// checked. Whoever keeps something open for a caller and closes it OnRevoke asks
// once more when that is in place: a revocation in between told nobody.
func (r *Registry) Revoked(c Caller) bool { return r.revoked.caller(c) }

// LogoutEverywhere ends all logins of a player.
func (r *Registry) LogoutEverywhere(ctx context.Context, ref Ref) error {
	_, err := r.revoke(ctx, ref, ReasonLogout, func(a *record) error { a.Epoch++; return nil })
	return err
}

const maxBanReason = 500 // bytes

// Ban keeps a player out until it ends, and replaces an earlier ban. Logins are
// kept, so that a guest is not lost by it.
func (r *Registry) Ban(ctx context.Context, ref Ref, ban Ban) error {
	if !ban.on(time.Now()) || len(ban.Reason) > maxBanReason {
		return ErrBanInvalid
	}
	ban.Until = ban.Until.UTC()
	_, err := r.revoke(ctx, ref, ReasonBanned, func(a *record) error { a.Ban = ban; return nil })
	return err
}

// Unban lets a player in again.
func (r *Registry) Unban(ctx context.Context, ref Ref) error {
	_, err := r.change(ctx, ref, func(a *record) error { a.Ban = Ban{}; return nil })
	return err
}

// SetRole gives a player a role. Access tokens of the old one are dead; the next
// refresh has the new one. The last admin of a game stays one: ErrLastAdmin.
func (r *Registry) SetRole(ctx context.Context, ref Ref, role Role) error {
	if !role.ofAccounts() {
		return ErrRoleUnknown
	}
	r.resigning.Lock()
	defer r.resigning.Unlock()
	a, err := r.account(ctx, ref)
	if err == nil && role != RoleAdmin {
		err = r.mayResign(ctx, &a)
	}
	if err != nil {
		return err
	}
	_, err = r.revoke(ctx, ref, ReasonRole, func(a *record) error { a.Role = role; return nil })
	return err
}
