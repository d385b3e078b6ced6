package account

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// idp is a provider of OpenID Connect that can be evil.
type idp struct {
	*httptest.Server
	key *rsa.PrivateKey

	mu    sync.Mutex
	codes map[string]url.Values                                     // the request for each code
	evil  func(header map[string]any, c jwt.MapClaims) (raw string) // "" for a regular token of what it has made of c
	name  string
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newIDP(t *testing.T) *idp {
	p := &idp{key: rsaKey(), codes: make(map[string]url.Values), name: "Ada"}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig",
			"n": base64.RawURLEncoding.EncodeToString(p.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(p.key.E)).Bytes())}}})
	})
	mux.HandleFunc("/token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) provider(game Game) Provider {
	return Provider{Game: game, Name: "idp", Issuer: p.URL, ClientID: "client-" + string(game), Secret: "canary-client-secret", Redirect: "https://game.example/back", Scopes: []string{"profile"}}
}

// authorize is what the player's browser does at the provider.
func (p *idp) authorize(t *testing.T, f Flow) (state, code string) {
	t.Helper()
	u, err := url.Parse(f.URL)
	q := u.Query()
	if err != nil || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "openid") {
		t.Fatalf("the player is sent to %s", f.URL)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code = randomText(8)
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.ParseForm()
	asked, ok := p.codes[r.Form.Get("code")]
	delete(p.codes, r.Form.Get("code"))
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	_, secret, _ := r.BasicAuth()
	if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || secret == "" && r.Form.Get("client_secret") == "" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	now := time.Now()
	c := jwt.MapClaims{"iss": p.URL, "sub": "subject-1", "aud": asked.Get("client_id"), "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": asked.Get("nonce"), "name": p.name}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	token.Header["kid"] = "k"
	raw := ""
	if p.evil != nil {
		raw = p.evil(token.Header, c)
	}
	if raw == "" {
		raw, _ = token.SignedString(p.key)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": raw})
}

// mustOIDC is a world with a provider of both games.
func mustOIDC(t *testing.T) (*world, *idp) {
	p := newIDP(t)
	return mustWorld(t, func(c *Config) {
		c.Providers = []Provider{p.provider(chess), p.provider(arena)}
		c.HTTP = p.Client()
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
	p.name = "\u202eevil"
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
		p.evil = evil
		if s, err := p.login(t, w, chess); !errors.Is(err, ErrCredentials) && !errors.Is(err, ErrProvider) {
			t.Errorf("%s: %+v, %v", what, s.Account, err)
		}
	}
	p.evil = nil
	w.must(p.login(t, w, chess))
	if n := count(w, w.accounts); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestAProviderThatIsDown(t *testing.T) {
	p := newIDP(t)
	p.Close()
	w := mustWorld(t, func(c *Config) { c.Providers = []Provider{p.provider(chess)}; c.HTTP = p.Client() })
	w.wants("begin", errOf(w.BeginOIDC(t.Context(), chess, "idp")), ErrProvider)
}
