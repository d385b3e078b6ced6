package account

import (
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Identify is Authenticate for whoever has the token alone: the game is the one
// that the token itself names, which counts for nothing unless a key of that
// game has signed it. The text of a service key is a token, too, that of a
// Caller without a player.
func (r *Registry) Identify(token string) (Caller, error) {
	if strings.HasPrefix(token, servicePrefix) {
		k, err := r.identifyService(token)
		if err != nil {
			return Caller{}, ErrTokenInvalid
		}
		return Caller{Ref: Ref{Game: k.Game}, Name: k.Name, Role: RoleService, Session: k.ID}, nil
	}
	if c, known := r.tokens.seen.get(tokenID(token)); known && tokenShaped(token) {
		return r.Authenticate(c.Game, token)
	}
	var c claims
	if !tokenShaped(token) {
		return Caller{}, ErrTokenInvalid
	}
	if _, _, err := jwt.NewParser().ParseUnverified(token, &c); err != nil || len(c.Audience) != 1 {
		return Caller{}, ErrTokenInvalid
	}
	return r.Authenticate(Game(c.Audience[0]), token)
}
