package account

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/musterhq/muster/protocol"
)

const (
	tokenIssuer = "muster"
	tokenType   = "access"
	maxToken    = 1024 // bytes; ours have some 500
)

// claims are what an access token says. It carries all that a request needs to
// know of the player, so that checking it reads nothing.
type claims struct {
	jwt.RegisteredClaims
	Type       string `json:"typ"`
	Name       string `json:"name"`
	Role       Role   `json:"role"`
	Generation uint32 `json:"gen"`
	Session    string `json:"sid"`
}

// A Caller is who sends a request.
type Caller struct {
	Ref
	Name    string
	Role    Role
	Session string    // names the login, for Logout and [Revocation], or the service key
	Expires time.Time // of the token

	generation uint32 // of the token
}

// Who is the caller as messages have it.
func (c Caller) Who() protocol.Player {
	return protocol.Player{ID: c.Player, Name: c.Name, Game: string(c.Game)}
}

// checked is a token that was found good.
type checked struct {
	Caller
	kid string
}

// tokens makes and checks access tokens: JWTs under EdDSA, with the keys of
// each game. Safe for concurrent use.
type tokens struct {
	keys    *keyring
	revoked *revoked
	seen    *tokenCache
	life    time.Duration
	parsers map[Game]*jwt.Parser
}

func newTokens(cfg *Config, keys *keyring, revoked *revoked) *tokens {
	t := &tokens{keys, revoked, newTokenCache(), cfg.AccessLife, make(map[Game]*jwt.Parser)}
	for _, game := range cfg.Games {
		t.parsers[game] = jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithExpirationRequired(),
			jwt.WithIssuer(tokenIssuer),
			jwt.WithAudience(string(game)),
			jwt.WithStrictDecoding(),
			jwt.WithTimeFunc(time.Now))
	}
	return t
}

// sign makes a token for an account's session.
func (t *tokens) sign(a *record, session string) (string, error) {
	now := time.Now()
	expires := jwt.NewNumericDate(now.Add(t.life))
	key := t.keys.signer(a.Game, now)
	if key == nil {
		return "", ErrGameUnknown
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    tokenIssuer,
			Audience:  jwt.ClaimStrings{string(a.Game)},
			Subject:   string(a.Player),
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: expires,
		},
		Type: tokenType, Name: a.Name, Role: a.Role, Generation: a.Generation, Session: session,
	})
	token.Header["kid"] = key.kid
	signed, err := token.SignedString(key.private)
	if err == nil { // who has signed need not verify
		t.seen.put(tokenID(signed), checked{Caller{a.ref(), a.Name, a.Role, session, expires.Time, a.Generation}, key.kid})
	}
	return signed, err
}

// check returns whose token it is, if it is one of ours for the game and still
// good; else ErrTokenInvalid, ErrTokenExpired or ErrTokenRevoked. It does no I/O.
func (t *tokens) check(game Game, token string) (Caller, error) {
	if !tokenShaped(token) {
		return Caller{}, ErrTokenInvalid
	}
	id := tokenID(token)
	c, known := t.seen.get(id)
	if !known {
		var err error
		if c, err = t.verify(game, token); err != nil {
			return Caller{}, err
		}
		t.seen.put(id, c)
	}
	switch {
	case c.Game != game || t.keys.find(game, c.kid) == nil:
		return Caller{}, ErrTokenInvalid
	case !time.Now().Before(c.Expires):
		return Caller{}, ErrTokenExpired
	case t.revoked.caller(c.Caller):
		return Caller{}, ErrTokenRevoked
	}
	return c.Caller, nil
}

// verify checks all but revocation.
func (t *tokens) verify(game Game, token string) (checked, error) {
	parser := t.parsers[game]
	if parser == nil {
		return checked{}, ErrTokenInvalid
	}
	var c claims
	parsed, err := parser.ParseWithClaims(token, &c, func(token *jwt.Token) (any, error) { return t.keyOf(game, token) })
	if onlyExpired(err) && c.Type == tokenType {
		return checked{}, ErrTokenExpired
	}
	who := Ref{game, protocol.PlayerID(c.Subject)}
	if err != nil || c.Type != tokenType || len(c.Audience) != 1 || !protocol.ValidID(who.Player) || !c.Role.ofAccounts() ||
		c.Generation == 0 || c.Session == "" || c.IssuedAt == nil {
		return checked{}, ErrTokenInvalid
	}
	kid, _ := parsed.Header["kid"].(string)
	return checked{Caller{who, c.Name, c.Role, c.Session, c.ExpiresAt.Time, c.Generation}, kid}, nil
}

// keyOf finds the key that a token names. A header with anything else in it
// (jku, jwk, x5u, crit, b64 …) is none of ours.
func (t *tokens) keyOf(game Game, token *jwt.Token) (any, error) {
	kid, _ := token.Header["kid"].(string)
	key := t.keys.find(game, kid)
	if key == nil || len(token.Header) != 3 || token.Header["typ"] != "JWT" {
		return nil, ErrTokenInvalid
	}
	return ed25519.PublicKey(key.Public), nil
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
