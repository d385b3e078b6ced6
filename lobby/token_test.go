package lobby

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/musterhq/muster/protocol"
)

var (
	testSecret = []byte("a secret for tests, 32 bytes or more")
	ada        = protocol.Player{ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Name: "Ada"}
)

func TestATokenIsGoodForWhatItIs(t *testing.T) {
	s := newTokens(testSecret)
	access := s.sign(ada, accessToken, time.Now(), time.Hour)
	refresh := s.sign(ada, refreshToken, time.Now(), time.Hour)
	if who, err := s.check(access, accessToken); err != nil || who != ada {
		t.Errorf("access: %v, %v", who, err)
	}
	if who, err := s.check(refresh, refreshToken); err != nil || who != ada {
		t.Errorf("refresh: %v, %v", who, err)
	}
	for token, as := range map[string]tokenType{access: refreshToken, refresh: accessToken} {
		if _, err := s.check(token, as); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("the other as %s: %v", as, err)
		}
	}
	if len(access) > maxToken/2 {
		t.Errorf("a token has %d bytes", len(access))
	}
}

func TestATokenExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTokens(testSecret)
		token := s.sign(ada, accessToken, time.Now(), time.Hour)
		time.Sleep(time.Hour - time.Second)
		if _, err := s.check(token, accessToken); err != nil {
			t.Errorf("a second before: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := s.check(token, accessToken); !errors.Is(err, ErrTokenExpired) {
			t.Errorf("at the hour: %v", err)
		}
		if _, err := s.check(token, refreshToken); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("expired and of another type: %v", err)
		}
		if _, err := s.check(token[:len(token)-4]+"AAAA", accessToken); !errors.Is(err, ErrTokenInvalid) {
			t.Errorf("expired and forged: %v", err)
		}
	})
}

// forge signs any header and claims with any key, as HS256 would.
func forge(key []byte, header, claims map[string]any) string {
	part := func(v any) string {
		b, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(header) + "." + part(claims)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// but is m with one thing otherwise; nil leaves it out.
func but(m map[string]any, key string, value any) map[string]any {
	m = maps.Clone(m)
	if m[key] = value; value == nil {
		delete(m, key)
	}
	return m
}

// mutants are tokens that are nearly good.
func mutants(s *tokens) map[string]string {
	now := time.Now().Unix()
	header := map[string]any{"alg": "HS256", "typ": "JWT", "kid": s.kid}
	good := map[string]any{"iss": tokenIssuer, "aud": []string{tokenAudience}, "sub": string(ada.ID),
		"iat": now, "exp": now + 3600, "typ": "access", "name": "Ada"}
	token := forge(s.key, header, good)
	if _, err := s.check(token, accessToken); err != nil {
		panic(err) // else the mutants prove nothing
	}
	parts := strings.Split(token, ".")
	all := map[string]string{
		"empty": "", "one dot": ".", "two dots": "..", "three dots": token + ".", "four parts": token + ".AAAA",
		"no signature": parts[0] + "." + parts[1] + ".", "only a signature": ".." + parts[2],
		"huge": strings.Repeat("A", 1<<20), "dots": strings.Repeat(".", 1<<20), "padded": token + "=", "newline inside": token[:30] + "\n" + token[30:],
		"newline behind": token + "\n", "space before": " " + token, "NUL": token + "\x00", "another alphabet": strings.Replace(token, "-", "+", 1) + "+",
		"other secret":     forge(newTokens([]byte("another secret, 32 bytes or more …")).key, header, good),
		"the bare secret":  forge(testSecret, header, good),
		"an empty key":     forge(nil, header, good),
		"claims swapped":   parts[0] + "." + strings.Split(forge(nil, header, but(good, "sub", "b"+string(ada.ID)[1:])), ".")[1] + "." + parts[2],
		"header swapped":   strings.Split(forge(nil, but(header, "typ", "X"), good), ".")[0] + "." + parts[1] + "." + parts[2],
		"claims no object": parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte("[]")) + "." + parts[2],
		"no subject":       forge(s.key, header, but(good, "sub", nil)), "short subject": forge(s.key, header, but(good, "sub", "abc")),
		"no expiry": forge(s.key, header, but(good, "exp", nil)), "expiry as text": forge(s.key, header, but(good, "exp", "tomorrow")),
		"expiry 0": forge(s.key, header, but(good, "exp", 0)), "expired": forge(s.key, header, but(good, "exp", now-1)),
		"not yet": forge(s.key, header, but(good, "nbf", now+60)),
		"no type": forge(s.key, header, but(good, "typ", nil)), "refresh": forge(s.key, header, but(good, "typ", "refresh")),
		"another type": forge(s.key, header, but(good, "typ", "ACCESS")),
		"no issuer":    forge(s.key, header, but(good, "iss", nil)), "another issuer": forge(s.key, header, but(good, "iss", "evil")),
		"no audience": forge(s.key, header, but(good, "aud", nil)), "another audience": forge(s.key, header, but(good, "aud", "muster.admins")),
		"no alg": forge(s.key, but(header, "alg", nil), good), "no kid": forge(s.key, but(header, "kid", nil), good),
		"kid of a path": forge(s.key, but(header, "kid", "../../dev/null"), good), "kid a number": forge(s.key, but(header, "kid", 1), good),
		"kid of nobody, own key in jwk": forge([]byte("k"), but(but(header, "kid", "x"), "jwk", map[string]any{"kty": "oct", "k": "aw"}), good),
		"own key in jwk":                forge([]byte("k"), but(header, "jwk", map[string]any{"kty": "oct", "k": "aw"}), good),
		"own key at jku":                forge([]byte("k"), but(header, "jku", "http://evil.example/keys"), good),
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", ""} {
		forged := forge(s.key, but(header, "alg", alg), good)
		all["alg "+alg] = forged
		all["alg "+alg+" unsigned"] = forged[:strings.LastIndexByte(forged, '.')+1]
	}
	all["none, as the library signs it"], _ = signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, s.kid, good)
	_, private, _ := ed25519.GenerateKey(nil)
	all["EdDSA by a stranger"], _ = signed(jwt.SigningMethodEdDSA, crypto.Signer(private), s.kid, good)
	all["HS512 under the right key"], _ = signed(jwt.SigningMethodHS512, s.key, s.kid, good)
	for i := range parts[2] { // every character of the signature, hence every bit
		flipped := []byte(parts[2])
		flipped[i] ^= 1
		all[fmt.Sprint("signature bit ", i)] = parts[0] + "." + parts[1] + "." + string(flipped)
	}
	return all
}

func signed(m jwt.SigningMethod, key any, kid string, c map[string]any) (string, error) {
	t := jwt.NewWithClaims(m, jwt.MapClaims(c))
	t.Header["kid"] = kid
	return t.SignedString(key)
}

func TestTokenMutants(t *testing.T) {
	s := newTokens(testSecret)
	all := mutants(s)
	if len(all) < 100 {
		t.Errorf("only %d mutants", len(all))
	}
	for what, token := range all {
		if who, err := s.check(token, accessToken); err == nil || who != (protocol.Player{}) {
			t.Errorf("%s was taken for %v", what, who)
		}
	}
}

func FuzzToken(f *testing.F) {
	s := newTokens(testSecret)
	for _, token := range mutants(s) {
		if len(token) < 2000 {
			f.Add(token)
		}
	}
	f.Add(s.sign(ada, accessToken, time.Now(), 24*time.Hour))
	f.Fuzz(func(t *testing.T, token string) {
		// Without the key, all that is good is what the corpus was made of.
		if who, err := s.check(token, accessToken); err == nil && who != ada {
			t.Errorf("%q was taken for %v", token, who)
		}
	})
}

func BenchmarkTokenCheck(b *testing.B) {
	s := newTokens(testSecret)
	token := s.sign(ada, accessToken, time.Now(), 24*time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.check(token, accessToken); err != nil {
			b.Fatal(err)
		}
	}
}
