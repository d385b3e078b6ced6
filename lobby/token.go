package lobby

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/musterhq/muster/protocol"
)

// What a token is good for; one is never good for the other.
type tokenType string

const (
	accessToken  tokenType = "access"  // for every request and the socket
	refreshToken tokenType = "refresh" // for a new pair
)

const (
	tokenIssuer   = "muster"
	tokenAudience = "muster.players"
	maxToken      = 1024 // bytes; ours have some 400
)

// claims are what a token says. It carries the name, so that no table has to
// outlive the process for it to be good.
type claims struct {
	jwt.RegisteredClaims
	Type tokenType `json:"typ"`
	Name string    `json:"name"`
}

// tokens makes and checks JWTs under HS256: a parse takes some 6 µs, and only
// nodes of ours ever check one. Safe for concurrent use.
type tokens struct {
	kid    string
	key    []byte
	parser *jwt.Parser
}

// newTokens derives the key and its id from the node's secret, which signs
// other things as well.
func newTokens(secret []byte) *tokens {
	key := derive(secret, "muster token v1")
	return &tokens{
		kid: hex.EncodeToString(derive(key, "id")[:4]),
		key: key,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
			jwt.WithExpirationRequired(),
			jwt.WithIssuer(tokenIssuer),
			jwt.WithAudience(tokenAudience),
			jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(time.Now)),
	}
}

func derive(secret []byte, label string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(label))
	return mac.Sum(nil)
}

// sign makes a token for who that is good from now on for life.
func (s *tokens) sign(who protocol.Player, t tokenType, now time.Time, life time.Duration) string {
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    tokenIssuer,
			Audience:  jwt.ClaimStrings{tokenAudience},
			Subject:   string(who.ID),
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(life)),
		},
		Type: t, Name: who.Name,
	})
	token.Header["kid"] = s.kid
	signed, err := token.SignedString(s.key)
	if err != nil {
		panic(err) // HMAC over our own claims
	}
	return signed
}

// check returns whose token it is, if it is one of ours of type t and still
// good; else ErrTokenInvalid or ErrTokenExpired.
func (s *tokens) check(token string, t tokenType) (protocol.Player, error) {
	if !tokenShaped(token) {
		return protocol.Player{}, ErrTokenInvalid
	}
	var c claims
	switch _, err := s.parser.ParseWithClaims(token, &c, s.keyOf); {
	case onlyExpired(err) && c.Type == t:
		return protocol.Player{}, ErrTokenExpired
	case err != nil || c.Type != t || !validID(c.Subject):
		return protocol.Player{}, ErrTokenInvalid
	}
	return protocol.Player{ID: protocol.PlayerID(c.Subject), Name: c.Name}, nil
}

// keyOf finds the key that a token names. The header's other fields (jku, jwk,
// x5u …) are never looked at.
func (s *tokens) keyOf(token *jwt.Token) (any, error) {
	if kid, _ := token.Header["kid"].(string); kid != s.kid {
		return nil, ErrTokenInvalid
	}
	return s.key, nil
}

// onlyExpired says that everything else about the token was right.
func onlyExpired(err error) bool {
	return errors.Is(err, jwt.ErrTokenExpired) &&
		!errors.Is(err, jwt.ErrTokenInvalidIssuer) && !errors.Is(err, jwt.ErrTokenInvalidAudience) &&
		!errors.Is(err, jwt.ErrTokenNotValidYet)
}

// tokenShaped refuses what no token of ours looks like before anything of it
// is decoded; base64 decoders would skip line ends.
func tokenShaped(s string) bool {
	if len(s) > maxToken || strings.Count(s, ".") != 2 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
