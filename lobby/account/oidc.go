package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/musterhq/muster/protocol"
)

// A Flow is a login at a provider that has begun. The player's client keeps
// Secret to itself (a browser in a cookie that is HttpOnly and SameSite=Lax)
// and opens URL; what comes back at the provider's redirect is of use only
// together with it. So nobody can make a player log in as somebody else.
type Flow struct {
	URL    string
	Secret string // sealed: all that we need to know, so that begun logins cost no memory
	Life   time.Duration
}

// A Callback is what came back, and the Secret of its Flow.
type Callback struct{ Secret, State, Code string }

// String keeps all of it out of logs.
func (Callback) String() string { return "callback" }

// GoString does, too.
func (Callback) GoString() string { return "callback" }

// flow is what is in a Flow's secret.
type flow struct {
	Game     Game
	Provider string
	Link     protocol.PlayerID // account that the identity shall belong to, "" to log in
	State    string
	Nonce    string
	Verifier string // of PKCE
	Until    time.Time
}

const (
	flowLife  = 10 * time.Minute // for a player to log in at the provider
	maxStates = 1 << 16          // that come back in that time
	maxLinks  = 8                // identities of one account
	flowSeal  = "oidc flow"
	maxFlow   = 4096 // bytes of each field that comes back
)

// BeginOIDC begins a login at a provider of a game.
func (r *Registry) BeginOIDC(ctx context.Context, game Game, provider string) (Flow, error) {
	return r.beginFlow(ctx, flow{Game: game, Provider: provider})
}

// LinkOIDC begins a login at a provider by which an account gets an identity
// there: a guest loses nothing by it.
func (r *Registry) LinkOIDC(ctx context.Context, ref Ref, provider string) (Flow, error) {
	if _, err := r.account(ctx, ref); err != nil {
		return Flow{}, err
	}
	return r.beginFlow(ctx, flow{Game: ref.Game, Provider: provider, Link: ref.Player})
}

func (r *Registry) beginFlow(ctx context.Context, f flow) (Flow, error) {
	p := r.providers[f.Game][f.Provider]
	if p == nil {
		return Flow{}, ErrProviderUnknown
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Flow{}, err
	}
	f.State, f.Nonce, f.Verifier = randomText(32), randomText(32), oauth2.GenerateVerifier()
	f.Until = time.Now().Add(flowLife)
	url := p.oauth(found).AuthCodeURL(f.State, oauth2.S256ChallengeOption(f.Verifier), oidc.Nonce(f.Nonce))
	secret := secretText.EncodeToString(r.seals.seal(flowSeal, protocol.Marshal(f)))
	return Flow{url, secret, flowLife}, nil
}

// FinishOIDC ends a login that began with BeginOIDC or LinkOIDC: the session is
// that of the identity's account, or of a new one, or of the one that it was
// linked to. ErrTaken says that the identity belongs to another account.
func (r *Registry) FinishOIDC(ctx context.Context, game Game, back Callback) (Session, error) {
	f, err := r.openFlow(game, back)
	if err != nil {
		return Session{}, err
	}
	who, err := r.providers[game][f.Provider].exchange(ctx, back.Code, f.Verifier, f.Nonce)
	if err != nil {
		return Session{}, err
	}
	if f.Link != "" {
		return r.link(ctx, Ref{game, f.Link}, who.Identity)
	}
	return r.enter(ctx, game, who)
}

// openFlow checks what came back, and uses up its state.
func (r *Registry) openFlow(game Game, back Callback) (f flow, err error) {
	if max(len(back.Secret), len(back.State), len(back.Code)) > maxFlow || back.Code == "" {
		return f, ErrCredentials
	}
	sealed, err := secretText.DecodeString(back.Secret)
	if err != nil {
		return f, ErrCredentials
	}
	plain, err := r.seals.open(flowSeal, sealed)
	if err != nil || protocol.Unmarshal(plain, &f) != nil {
		return f, ErrCredentials
	}
	if f.Game != game || r.providers[game][f.Provider] == nil || time.Now().After(f.Until) ||
		subtle.ConstantTimeCompare([]byte(f.State), []byte(back.State)) != 1 {
		return f, ErrCredentials
	}
	first, err := r.states.use(f.State)
	if err == nil && !first {
		err = ErrCredentials
	}
	return f, err
}

// enter logs an identity in, and makes it an account where it has none.
func (r *Registry) enter(ctx context.Context, game Game, who person) (Session, error) {
	c := identityClaim(game, who.Identity)
	for {
		a, err := r.holder(ctx, c)
		switch {
		case err == nil:
			r.saw(ctx, &a)
			return r.begin(ctx, &a)
		case !errors.Is(err, ErrNotFound):
			return Session{}, err
		}
		a = newRecord(game, nameOr(who.Name, "Player"))
		a.Identities = []Identity{who.Identity}
		s, err := r.foundWith(ctx, &a, c)
		if !errors.Is(err, ErrTaken) {
			return s, err
		}
		if _, err := r.holder(ctx, c); err != nil {
			return Session{}, ErrTaken // somebody is at it, or was and has left it to the sweep
		}
	}
}

// nameOr is a display name that a provider gave, if it can be one.
func nameOr(name, other string) string {
	if shown, err := displayName(name); err == nil {
		return shown
	}
	return other
}

// link gives an account an identity and starts a session of it.
func (r *Registry) link(ctx context.Context, ref Ref, who Identity) (Session, error) {
	a, err := r.account(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	if !slices.Contains(a.Identities, who) {
		err = r.claim(ctx, ref, identityClaim(ref.Game, who), func(ctx context.Context) (err error) {
			a, err = r.change(ctx, ref, func(a *record) error {
				if len(a.Identities) >= maxLinks {
					return ErrTooMany
				}
				a.Identities = append(a.Identities, who)
				return nil
			})
			return err
		})
	}
	if err != nil {
		return Session{}, err
	}
	return r.begin(ctx, &a)
}

// Unlink takes an identity from an account, unless it is the last way to log in.
func (r *Registry) Unlink(ctx context.Context, ref Ref, who Identity) error {
	return r.drop(ctx, ref, identityClaim(ref.Game, who), func(a *record) {
		a.Identities = slices.DeleteFunc(a.Identities, func(i Identity) bool { return i == who })
	})
}
