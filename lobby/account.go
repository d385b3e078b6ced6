package lobby

import (
	"time"

	"github.com/musterhq/muster/protocol"
)

// A Session is what a login gives.
type Session struct {
	Player  protocol.Player
	Access  string        // a token for requests and the socket
	Refresh string        // a token for the next session
	Life    time.Duration // of Access
}

// Guest makes a new player of that name, or returns ErrNameInvalid.
func (l *Lobby) Guest(name string) (Session, error) {
	name, err := cleanName(name)
	if err != nil {
		return Session{}, err
	}
	return l.session(protocol.Player{ID: newID[protocol.PlayerID](), Name: name}), nil
}

// Refresh gives the player of a refresh token a new session. The token stays
// good until it expires.
func (l *Lobby) Refresh(token string) (Session, error) {
	who, err := l.tokens.check(token, refreshToken)
	if err != nil {
		return Session{}, err
	}
	return l.session(who), nil
}

func (l *Lobby) session(who protocol.Player) Session {
	now := time.Now()
	l.store.SawPlayer(who, now)
	return Session{
		Player:  who,
		Access:  l.tokens.sign(who, accessToken, now, l.cfg.AccessLife),
		Refresh: l.tokens.sign(who, refreshToken, now, l.cfg.RefreshLife),
		Life:    l.cfg.AccessLife,
	}
}

// Authenticate says whose access token it is, or returns ErrTokenInvalid or
// ErrTokenExpired.
func (l *Lobby) Authenticate(token string) (protocol.Player, error) {
	return l.tokens.check(token, accessToken)
}
