package client

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A Session is a logged-in player. It may be used by many goroutines, and
// renews itself in time, as long as somebody uses it.
type Session struct {
	api    *API
	Player protocol.Player // as of the login

	mu sync.Mutex // guards what follows; held while it is renewed

	// The newest tokens, to be kept by who wants to come back, with Restore. A
	// refresh token is good once. Look at them while nobody else uses the
	// session.
	Access  string
	Refresh string
	Expires time.Time // Access

	renewAt time.Time // zero: when asked to
}

// A Device can log in by itself. Its id had better be random.
type Device struct {
	ID  string // 1 to 64 letters, digits, dots, dashes and underscores
	Key []byte // 32 random bytes
}

// LoginGuest logs in under a name, without an account.
func (a *API) LoginGuest(ctx context.Context, name string) (*Session, error) {
	return a.login(ctx, "/v1/login/guest", fields{"name": name})
}

// Register makes an account. Others see its name, or without one the username.
func (a *API) Register(ctx context.Context, username, password, name string) (*Session, error) {
	body := fields{"username": username, "password": password}
	if name != "" {
		body["name"] = name
	}
	return a.login(ctx, "/v1/register", body)
}

// LoginPassword logs in to an account.
func (a *API) LoginPassword(ctx context.Context, username, password string) (*Session, error) {
	return a.login(ctx, "/v1/login/password", fields{"username": username, "password": password})
}

// LoginDevice logs in with the key of a device that was added to an account. On
// a server of several games it needs [WithGame].
func (a *API) LoginDevice(ctx context.Context, d Device) (*Session, error) {
	var challenge struct{ Nonce string }
	if err := a.do(ctx, http.MethodPost, "/v1/login/device/challenge", "", a.of(fields{"device": d.ID}), &challenge); err != nil {
		return nil, err
	}
	game := a.game
	if game == "" {
		game = defaultGame
	}
	proof := text64.EncodeToString(deviceProof(d, game, challenge.Nonce))
	return a.login(ctx, "/v1/login/device", fields{"device": d.ID, "nonce": challenge.Nonce, "proof": proof})
}

const defaultGame = "main" // of modes that name none

// deviceProof is as PROTOCOL.md has it.
func deviceProof(d Device, game, nonce string) []byte {
	m := hmac.New(sha256.New, d.Key)
	for _, text := range []string{"muster device login v1", game, d.ID, nonce} {
		m.Write([]byte(text + "\x00"))
	}
	return m.Sum(nil)
}

var text64 = base64.RawURLEncoding

// A Flow is a login at a provider of OpenID Connect that has begun. Its secret
// stays with the client, which opens the URL for the player.
type Flow struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// BeginOIDC begins a login at a provider, and FinishOIDC ends it with what came
// back from there.
func (a *API) BeginOIDC(ctx context.Context, provider string) (f Flow, err error) {
	err = a.do(ctx, http.MethodPost, "/v1/login/oidc/"+url.PathEscape(provider), "", a.of(fields{}), &f)
	return f, err
}

// FinishOIDC logs in by a flow, also one that [Session.LinkOIDC] began.
func (a *API) FinishOIDC(ctx context.Context, f Flow, state, code string) (*Session, error) {
	return a.login(ctx, "/v1/login/oidc", fields{"secret": f.Secret, "state": state, "code": code})
}

// LinkOIDC begins a login at a provider by which the player's account gets an
// identity there.
func (s *Session) LinkOIDC(ctx context.Context, provider string) (f Flow, err error) {
	err = s.do(ctx, http.MethodPost, "/v1/account/identities", fields{"provider": provider}, &f)
	return f, err
}

// Restore returns the session of a refresh token that was kept.
func (a *API) Restore(ctx context.Context, refresh string) (*Session, error) {
	return a.login(ctx, "/v1/login/refresh", fields{"refresh": refresh})
}

// fields are those of a request's body.
type fields map[string]string

// of adds the game that the body is for.
func (a *API) of(f fields) fields {
	if a.game != "" {
		f["game"] = a.game
	}
	return f
}

func (a *API) login(ctx context.Context, path string, body fields) (*Session, error) {
	s := &Session{api: a}
	if err := s.enter(ctx, path, "", http.MethodPost, a.of(body)); err != nil {
		return nil, err
	}
	return s, nil
}

// enter takes over the session that a request is answered with. Under mu, or
// before anybody else has it.
func (s *Session) enter(ctx context.Context, path, token, method string, body fields) error {
	var answer struct {
		Player struct {
			ID   protocol.PlayerID `json:"id"`
			Name string            `json:"name"`
		} `json:"player"`
		Access  string `json:"access"`
		Refresh string `json:"refresh"`
		Expires int    `json:"expires_in"` // seconds
	}
	if err := s.api.do(ctx, method, path, token, body, &answer); err != nil {
		return err
	}
	life := time.Duration(answer.Expires) * time.Second
	if s.Player.ID == "" {
		s.Player = protocol.Player{ID: answer.Player.ID, Name: answer.Player.Name}
	}
	s.Access, s.Refresh, s.Expires, s.renewAt = answer.Access, answer.Refresh, time.Now().Add(life), time.Now().Add(life*4/5)
	return nil
}

// Renew exchanges the refresh token for new tokens. There is no need to call
// it but after something about the player has changed.
func (s *Session) Renew(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renew(ctx)
}

// renew asks once more with the same token where it does not know whether the
// server has used it up: for some seconds that gives the same answer again.
func (s *Session) renew(ctx context.Context) error {
	body := s.api.of(fields{"refresh": s.Refresh})
	err := s.enter(ctx, "/v1/login/refresh", "", http.MethodPost, body)
	var refused *Problem
	if err == nil || errors.As(err, &refused) || ctx.Err() != nil {
		return err
	}
	return s.enter(ctx, "/v1/login/refresh", "", http.MethodPost, body)
}

// token is an access token that is good for a while.
func (s *Session) token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.renewAt.IsZero() && time.Now().After(s.renewAt) {
		if err := s.renew(ctx); err != nil {
			return "", err
		}
	}
	return s.Access, nil
}

// do asks as the player.
func (s *Session) do(ctx context.Context, method, path string, body, answer any) error {
	token, err := s.token(ctx)
	if err != nil {
		return err
	}
	return s.api.do(ctx, method, path, token, body, answer)
}

// AddPassword makes a guest a named account that has all that the guest had.
func (s *Session) AddPassword(ctx context.Context, username, password string) error {
	return s.do(ctx, http.MethodPost, "/v1/account/password", fields{"username": username, "password": password}, nil)
}

// ChangePassword ends all logins of the player but this one.
func (s *Session) ChangePassword(ctx context.Context, old, new string) error {
	token, err := s.token(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enter(ctx, "/v1/account/password", token, http.MethodPut, fields{"password": old, "new_password": new})
}

// AddDevice lets a device log in to the player's account.
func (s *Session) AddDevice(ctx context.Context, d Device) error {
	body := fields{"key": text64.EncodeToString(d.Key)}
	return s.do(ctx, http.MethodPut, "/v1/account/devices/"+url.PathEscape(d.ID), body, nil)
}

// Logout ends this login, and LogoutEverywhere all of the player.
func (s *Session) Logout(ctx context.Context) error {
	return s.do(ctx, http.MethodPost, "/v1/logout", nil, nil)
}

// LogoutEverywhere ends all logins of the player.
func (s *Session) LogoutEverywhere(ctx context.Context) error {
	return s.do(ctx, http.MethodPost, "/v1/logout/everywhere", nil, nil)
}
