// Package oidctest is a provider of OpenID Connect for tests, which can be evil.
package oidctest

import (
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

// A Provider lets everybody in, as one and the same.
type Provider struct {
	URL    string       // of the issuer
	Client *http.Client // that reaches it

	// Name and Subject are whom identity tokens are about.
	Name, Subject string
	// Evil, if set, may change the claims of an identity token, or return one
	// of its own making.
	Evil func(header map[string]any, c jwt.MapClaims) (raw string)
	// Silent leaves the identity token out.
	Silent bool

	key   *rsa.PrivateKey
	mux   *http.ServeMux
	mu    sync.Mutex
	codes map[string]url.Values // under mu: the request for each code
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// New returns a provider that only its own client reaches, without a network.
func New() *Provider {
	p := &Provider{URL: "https://" + nowhere, Name: "Ada", Subject: "subject-1", key: rsaKey(), mux: http.NewServeMux(), codes: make(map[string]url.Values)}
	p.Client = &http.Client{Transport: inProcess{p.mux}}
	p.mux.HandleFunc("/.well-known/openid-configuration", p.configuration)
	p.mux.HandleFunc("/keys", p.keys)
	p.mux.HandleFunc("/token", p.token)
	return p
}

// Listen returns a provider that anybody on this machine reaches, until the
// test ends.
func Listen(tb testing.TB) *Provider {
	p := New()
	server := httptest.NewServer(p.mux)
	tb.Cleanup(server.Close)
	p.URL, p.Client = server.URL, server.Client()
	return p
}

const nowhere = "idp.example"

// inProcess is a transport that asks a handler, and reaches nobody else.
type inProcess struct{ http.Handler }

func (h inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != nowhere {
		return nil, errors.New("there is no such host")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func (p *Provider) configuration(w http.ResponseWriter, _ *http.Request) {
	json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"}})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "k", "alg": "RS256", "use": "sig",
		"n": base64.RawURLEncoding.EncodeToString(p.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(p.key.E)).Bytes())}}})
}

// Authorize is what a player's browser does at the URL it is sent to: it logs in
// and comes back with these.
func (p *Provider) Authorize(tb testing.TB, to string) (state, code string) {
	tb.Helper()
	u, err := url.Parse(to)
	if err != nil {
		tb.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "openid") {
		tb.Fatalf("the player is sent to %s", to)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code = rand.Text()
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = r.ParseForm()
	asked, ok := p.codes[r.Form.Get("code")]
	delete(p.codes, r.Form.Get("code"))
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	_, secret, _ := r.BasicAuth()
	if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || secret == "" && r.Form.Get("client_secret") == "" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	answer := map[string]any{"access_token": "x", "token_type": "Bearer"}
	if !p.Silent {
		answer["id_token"] = p.identity(asked)
	}
	json.NewEncoder(w).Encode(answer)
}

// identity is the token that the code of a request was good for.
func (p *Provider) identity(asked url.Values) string {
	now := time.Now()
	c := jwt.MapClaims{"iss": p.URL, "sub": p.Subject, "aud": asked.Get("client_id"), "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": asked.Get("nonce"), "name": p.Name}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	token.Header["kid"] = "k"
	if p.Evil != nil {
		if raw := p.Evil(token.Header, c); raw != "" {
			return raw
		}
	}
	raw, _ := token.SignedString(p.key)
	return raw
}
