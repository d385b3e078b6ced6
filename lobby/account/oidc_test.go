package account

import (
	"crypto/ed25519"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/musterhq/muster/lobby/oidctest"
)

// idp is a provider that is evil at times.
type idp struct{ *oidctest.Provider }

func (p *idp) provider(game Game) Provider {
	return Provider{Game: game, Name: "idp", Issuer: p.URL, ClientID: "client-" + string(game), Secret: "canary-client-secret", Redirect: "https://game.example/back", Scopes: []string{"profile"}}
}

func (p *idp) authorize(t *testing.T, f Flow) (state, code string) { return p.Authorize(t, f.URL) }

// mustOIDC is a world with a provider of both games.
func mustOIDC(t *testing.T) (*world, *idp) {
	p := &idp{oidctest.New()}
	return mustWorld(t, func(c *Config) {
		c.Providers = []Provider{p.provider(chess), p.provider(arena)}
		c.HTTP = p.Client
	}), p
}

// login goes all the way through a provider.
func (p *idp) login(t *testing.T, w *world, game Game) (Session, error) {
	t.Helper()
	f, err := w.BeginOIDC(t.Context(), game, "idp")
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.authorize(t, f)
	return w.FinishOIDC(t.Context(), game, Callback{f.Secret, state, code})
}

func TestOIDC(t *testing.T) {
	w, p := mustOIDC(t)
	s := w.must(p.login(t, w, chess))
	if s.Account.Name != "Ada" || len(s.Account.Identities) != 1 || s.Account.Identities[0] != (Identity{p.URL, "subject-1"}) {
		t.Errorf("logged in as %+v", s.Account)
	}
	w.restart()
	if again := w.must(p.login(t, w, chess)); again.Account.Player != s.Account.Player {
		t.Error("another account the second time")
	}
	if other := w.must(p.login(t, w, arena)); other.Account.Player == s.Account.Player {
		t.Error("the same account in another game")
	}
	for _, name := range []string{"idp2", ""} {
		w.wants(name, errOf(w.BeginOIDC(t.Context(), chess, name)), ErrProviderUnknown)
	}
	w.wants("unlink the only way in", w.Unlink(t.Context(), s.Account.Ref, s.Account.Identities[0]), ErrLastCredential)
	p.Name = "\u202eevil"
	w.wants("delete", w.Delete(t.Context(), s.Account.Ref), nil)
	if s = w.must(p.login(t, w, chess)); s.Account.Name != "Player" {
		t.Errorf("a bad name was taken: %q", s.Account.Name)
	}
}

func TestAGuestIsLinked(t *testing.T) {
	w, p := mustOIDC(t)
	ctx := t.Context()
	guest := w.mustGuest(chess, "Gus")
	link := func(ref Ref) (Session, error) {
		f, err := w.LinkOIDC(ctx, ref, "idp")
		if err != nil {
			t.Fatal(err)
		}
		state, code := p.authorize(t, f)
		return w.FinishOIDC(ctx, chess, Callback{f.Secret, state, code})
	}
	if s := w.must(link(guest.Account.Ref)); s.Account.Player != guest.Account.Player || s.Account.Name != "Gus" {
		t.Errorf("linked to %+v", s.Account)
	}
	w.must(link(guest.Account.Ref)) // again does no harm
	if s := w.must(p.login(t, w, chess)); s.Account.Player != guest.Account.Player {
		t.Error("another account logs in")
	}
	_, err := link(w.mustGuest(chess, "Eve").Account.Ref)
	w.wants("link to a second", err, ErrTaken)
	w.wants("password", w.AddPassword(ctx, guest.Account.Ref, Credentials{"gus.grissom", "correct horse"}), nil)
	w.wants("unlink", w.Unlink(ctx, guest.Account.Ref, Identity{p.URL, "subject-1"}), nil)
	if s := w.must(p.login(t, w, chess)); s.Account.Player == guest.Account.Player {
		t.Error("unlinked, and still logs in")
	}
}

func TestReplaysAndMixedUpCallbacks(t *testing.T) {
	w, p := mustOIDC(t)
	ctx := t.Context()
	begin := func(game Game) Flow {
		f, err := w.BeginOIDC(ctx, game, "idp")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f, other := begin(chess), begin(chess)
	state, code := p.authorize(t, f)
	otherState, otherCode := p.authorize(t, other)
	foreign := begin(arena)
	foreignState, foreignCode := p.authorize(t, foreign)
	finish := func(b Callback) error { return errOf(w.FinishOIDC(ctx, chess, b)) }
	for what, b := range map[string]Callback{
		"nothing": {}, "no code": {f.Secret, state, ""}, "no state": {f.Secret, "", code}, "state of another": {f.Secret, otherState, code},
		"secret of another": {other.Secret, state, code}, "made-up secret": {randomText(200), state, code}, "huge": {string(make([]byte, 1<<20)), state, code},
		"another game": {foreign.Secret, foreignState, foreignCode},
	} {
		w.wants(what, finish(b), ErrCredentials)
	}
	w.wants("code of another flow", finish(Callback{f.Secret, state, otherCode}), ErrCredentials) // PKCE
	w.wants("its state again", finish(Callback{f.Secret, state, code}), ErrCredentials)
	f = begin(chess)
	state, code = p.authorize(t, f)
	w.wants("right", finish(Callback{f.Secret, state, code}), nil)
	w.wants("replayed", finish(Callback{f.Secret, state, code}), ErrCredentials)
	f = begin(chess)
	state, _ = p.authorize(t, f)
	w.wants("the code again", finish(Callback{f.Secret, state, code}), ErrCredentials)
}

func TestEvilProviders(t *testing.T) {
	w, p := mustOIDC(t)
	_, stranger, _ := ed25519.GenerateKey(nil)
	sign := func(m jwt.SigningMethod, key any, h map[string]any, c jwt.MapClaims) string {
		token := jwt.NewWithClaims(m, c)
		token.Header["kid"] = h["kid"]
		raw, err := token.SignedString(key)
		if err != nil {
			t.Error(err)
		}
		return raw
	}
	set := func(claim string, v any) func(map[string]any, jwt.MapClaims) string {
		return func(_ map[string]any, c jwt.MapClaims) string { c[claim] = v; return "" }
	}
	for what, evil := range map[string]func(map[string]any, jwt.MapClaims) string{
		"another client": set("aud", "client-arena"), "no client": set("aud", nil), "another issuer": set("iss", "https://evil.example"),
		"wrong nonce": set("nonce", "x"), "no nonce": set("nonce", nil), "expired": set("exp", time.Now().Add(-time.Minute).Unix()), "no expiry": set("exp", nil),
		"no subject": set("sub", ""), "long subject": set("sub", strings.Repeat("x", 256)), "two clients": set("aud", []string{"client-chess", "evil"}), "authorized another": set("azp", "evil"),
		"not yet": set("nbf", time.Now().Add(time.Hour).Unix()),
		"alg none": func(h map[string]any, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, h, c)
		},
		"HS256 under the client secret": func(h map[string]any, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodHS256, []byte("canary-client-secret"), h, c)
		},
		"a stranger's key": func(h map[string]any, c jwt.MapClaims) string {
			return sign(jwt.SigningMethodEdDSA, stranger, h, c)
		},
		"garbage": func(map[string]any, jwt.MapClaims) string { return "a.b.c" },
		"huge":    func(map[string]any, jwt.MapClaims) string { return strings.Repeat("a", 3<<20) },
	} {
		p.Evil = evil
		if s, err := p.login(t, w, chess); !errors.Is(err, ErrCredentials) && !errors.Is(err, ErrProvider) {
			t.Errorf("%s: %+v, %v", what, s.Account, err)
		}
	}
	p.Evil = nil
	w.must(p.login(t, w, chess))
	if n := count(w, w.accounts); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestAProviderThatIsDown(t *testing.T) {
	p := &idp{oidctest.New()}
	p.URL = "http://127.0.0.1:1"
	p.Client = http.DefaultClient
	w := mustWorld(t, func(c *Config) { c.Providers = []Provider{p.provider(chess)}; c.HTTP = p.Client })
	w.wants("begin", errOf(w.BeginOIDC(t.Context(), chess, "idp")), ErrProvider)
}
