package account

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/musterhq/muster/protocol"
)

func TestATokenExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		seen, unseen := w.mustGuest(chess, "Ada"), w.mustGuest(chess, "Bob")
		time.Sleep(15*time.Minute - 2*time.Second) // a NumericDate has no fractions
		w.wants("shortly before", errOf(w.Authenticate(chess, seen.Access)), nil)
		time.Sleep(2 * time.Second)
		w.wants("a cached one", errOf(w.Authenticate(chess, seen.Access)), ErrTokenExpired)
		w.restart() // which has signed none
		w.wants("a new one", errOf(w.Authenticate(chess, unseen.Access)), ErrTokenExpired)
		w.wants("expired and of another game", errOf(w.Authenticate(arena, unseen.Access)), ErrTokenInvalid)
	})
}

// TestWhoSignsNeedNotVerify: what is known of a token that was just signed is
// what its verification says.
func TestWhoSignsNeedNotVerify(t *testing.T) {
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	signed, known := w.tokens.seen.get(tokenID(s.Access))
	verified, err := w.tokens.verify(chess, s.Access)
	if err != nil || !known {
		t.Fatal(err, known)
	}
	if !signed.Expires.Equal(verified.Expires) {
		t.Errorf("expires %v, verified %v", signed.Expires, verified.Expires)
	}
	signed.Expires = verified.Expires
	if signed != verified {
		t.Errorf("signed %+v, verified %+v", signed, verified)
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestKeysChangeAndNobodyIsLoggedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t, func(c *Config) { c.KeyLife, c.KeyAhead = 4*time.Hour, time.Hour })
		s := w.mustGuest(chess, "Ada")
		kids, published := map[string]bool{}, map[string]time.Time{}
		for range 24 * 6 {
			for _, k := range w.Keys(chess) {
				if _, ok := published[k.ID]; !ok {
					published[k.ID] = time.Now()
				}
			}
			if w.caller(s); len(w.Keys(chess)) > 3 {
				t.Errorf("%d keys", len(w.Keys(chess)))
			}
			kid := kidOfToken(t, s.Access)
			if at, ok := published[kid]; !ok || len(kids) > 0 && !kids[kid] && time.Since(at) < 50*time.Minute {
				t.Errorf("key %s signs, published at %v", kid, at)
			}
			kids[kid] = true
			time.Sleep(10 * time.Minute)
			w.caller(s) // of the key before, maybe
			if _, err := w.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
			w.restart()
			s = w.must(w.Refresh(t.Context(), chess, s.Refresh))
		}
		if len(kids) < 5 || len(w.Keys(chess)) > 2 {
			t.Errorf("%d keys signed in a day, %d are there", len(kids), len(w.Keys(chess)))
		}
	})
}

func kidOfToken(t *testing.T, token string) string {
	t.Helper()
	parsed, _, err := jwt.NewParser().ParseUnverified(token, jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header["kid"].(string)
}

func TestASecretChanges(t *testing.T) {
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	w.cfg.Secrets = [][]byte{[]byte("another secret, 32 bytes or more …")}
	w.restart()
	if !w.alive(s) { // public keys are not sealed
		t.Error("logged out")
	}
	next := w.must(w.Refresh(t.Context(), chess, s.Refresh))
	if kidOfToken(t, next.Access) == kidOfToken(t, s.Access) {
		t.Error("signed with a key that cannot be opened")
	}
	w.caller(next)
}

// forge signs any header and claims.
func forge(key ed25519.PrivateKey, header, claims map[string]any) string {
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(header) + "." + part(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))
}

// but is m with one thing otherwise; nil leaves it out.
func but(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	if m[key] = value; value == nil {
		delete(m, key)
	}
	return m
}

var ada = protocol.PlayerID(strings.Repeat("a", 26))

// mutants are access tokens of chess that are nearly good.
func mutants(w *world) map[string]string {
	signer, foreign := w.keys.signer(chess, time.Now()), w.keys.signer(arena, time.Now())
	now := time.Now().Unix()
	header := map[string]any{"alg": "EdDSA", "typ": "JWT", "kid": signer.kid}
	good := map[string]any{"iss": tokenIssuer, "aud": []string{"chess"}, "sub": string(ada), "iat": now, "exp": now + 3600,
		"typ": "access", "name": "Ada", "role": "player", "gen": 1, "sid": "x"}
	key := signer.private
	token := forge(key, header, good)
	if c, err := w.Authenticate(chess, token); err != nil || c.Player != ada {
		panic(err) // else the mutants prove nothing
	}
	_, stranger, _ := ed25519.GenerateKey(nil)
	parts := strings.Split(token, ".")
	all := map[string]string{
		"empty": "", "two dots": "..", "three dots": token + ".", "four parts": token + ".AAAA", "no signature": parts[0] + "." + parts[1] + ".",
		"only a signature": ".." + parts[2], "huge": strings.Repeat("A", 1<<20), "dots": strings.Repeat(".", 1<<20), "padded": token + "=",
		"newline inside": token[:30] + "\n" + token[30:], "newline behind": token + "\n", "space before": " " + token, "NUL": token + "\x00",
		"claims swapped":   parts[0] + "." + strings.Split(forge(key, header, but(good, "role", "admin")), ".")[1] + "." + parts[2],
		"header swapped":   strings.Split(forge(key, but(header, "typ", "X"), good), ".")[0] + "." + parts[1] + "." + parts[2],
		"claims no object": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + "." + parts[2],
		"a stranger's":     forge(stranger, header, good),
		"another game's":   forge(foreign.private, but(header, "kid", foreign.kid), good),
		"of another game":  forge(foreign.private, but(header, "kid", foreign.kid), but(good, "aud", []string{"arena"})),
		"crit":             forge(key, but(header, "crit", []string{"b64"}), good), "b64": forge(key, but(header, "b64", false), good),
		"own key in jwk": forge(stranger, but(header, "jwk", map[string]any{"kty": "OKP", "crv": "Ed25519", "x": "AA"}), good),
		"own key at jku": forge(stranger, but(header, "jku", "http://evil.example/keys"), good), "jku beside": forge(key, but(header, "jku", "x"), good),
	}
	for claim, values := range map[string][]any{
		"sub": {nil, "", "abc", 1, strings.Repeat("A", 26)}, "exp": {nil, "tomorrow", 0, now - 1, -1}, "nbf": {now + 60}, "iat": {nil, "x"},
		"typ": {nil, "refresh", "ACCESS", 1}, "iss": {nil, "evil"}, "aud": {nil, "arena", []string{"chess", "arena"}, []string{}, []string{"arena"}, 1},
		"role": {nil, "service", "god", ""}, "gen": {nil, 0, -1, "1", 1.5}, "sid": {nil, ""}, "name": {1},
	} {
		for _, v := range values {
			all[fmt.Sprintf("%s %v", claim, v)] = forge(key, header, but(good, claim, v))
		}
	}
	for field, values := range map[string][]any{"kid": {nil, "", 1, "../../dev/null", foreign.kid}, "typ": {nil, "jwt", "at+jwt"}} {
		for _, v := range values {
			all[fmt.Sprintf("header %s %v", field, v)] = forge(key, but(header, field, v), good)
		}
	}
	for _, alg := range []any{nil, "none", "None", "nOnE", "HS256", "eddsa", "Ed25519", "RS256", "ES256", "", 1} {
		forged := forge(key, but(header, "alg", alg), good)
		all[fmt.Sprint("alg ", alg)] = forged
		all[fmt.Sprint("unsigned alg ", alg)] = forged[:strings.LastIndexByte(forged, '.')+1]
	}
	all["none, as the library signs it"] = signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, signer.kid, good)
	all["HS256 under the public key"] = signed(jwt.SigningMethodHS256, signer.Public, signer.kid, good)
	all["EdDSA by a stranger"] = signed(jwt.SigningMethodEdDSA, crypto.Signer(stranger), signer.kid, good)
	for i := range parts[2] {
		flipped := []byte(parts[2])
		flipped[i] ^= 1
		all[fmt.Sprint("signature bit ", i)] = parts[0] + "." + parts[1] + "." + string(flipped)
	}
	return all
}

func signed(m jwt.SigningMethod, key any, kid string, c map[string]any) string {
	token := jwt.NewWithClaims(m, jwt.MapClaims(c))
	token.Header["kid"] = kid
	text, err := token.SignedString(key)
	if err != nil {
		panic(err)
	}
	return text
}

func TestTokenMutants(t *testing.T) {
	w := mustWorld(t)
	all := mutants(w)
	if len(all) < 100 {
		t.Errorf("only %d mutants", len(all))
	}
	for what, token := range all {
		for range 2 { // the second from the cache, were it there
			if who, err := w.Authenticate(chess, token); err == nil || who != (Caller{}) {
				t.Errorf("%s was taken for %v", what, who)
			}
		}
	}
}

func TestTheTokenCacheIsBounded(t *testing.T) {
	c := newTokenCache()
	c.most = 10
	for i := range 1000 {
		c.put(tokenID(fmt.Sprint(i)), checked{kid: fmt.Sprint(i)})
		if _, ok := c.get(tokenID("0")); !ok {
			t.Fatalf("what is asked for all the time is gone after %d", i)
		}
	}
	if len(c.new)+len(c.old) > 20 {
		t.Errorf("%d + %d tokens", len(c.new), len(c.old))
	}
	if _, ok := c.get(tokenID("500")); ok {
		t.Error("an old one is still there")
	}
}

func FuzzToken(f *testing.F) {
	w := mustWorld(f)
	for _, token := range mutants(w) {
		if len(token) < 2000 {
			f.Add(token)
		}
	}
	s, err := w.Guest(context.Background(), chess, "Ada")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Access)
	f.Add(s.Refresh)
	f.Fuzz(func(t *testing.T, token string) {
		// Without the key, all that is good is what the corpus was made of.
		if who, err := w.Authenticate(chess, token); err == nil && who.Player != ada && who.Player != s.Account.Player {
			t.Errorf("%q was taken for %v", token, who)
		}
		if parsed, ok := parseRefresh(token); ok && parsed.String() != token {
			t.Errorf("%q is also %q", token, parsed.String())
		}
		if _, err := w.AuthenticateService(chess, token); err == nil {
			t.Errorf("%q is a service key", token)
		}
		if w.nonces.good(chess, "x", token) {
			t.Errorf("%q is a nonce", token)
		}
	})
}
