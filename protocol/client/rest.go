package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/musterhq/muster/protocol"
)

// An API is a server's REST side. Safe for use by many goroutines.
type API struct {
	base string
	http *http.Client
	tls  *tls.Config // of https and wss; nil is Go's default
}

// An Option changes how New reaches the server.
type Option func(*API)

// WithTLS speaks https and wss as conf says, which may trust certificates that
// the system does not know.
func WithTLS(conf *tls.Config) Option { return func(a *API) { a.tls = conf.Clone() } }

// New returns the API of the server at base, such as http://127.0.0.1:8080.
func New(base string, options ...Option) *API {
	a := &API{base: strings.TrimSuffix(base, "/")}
	for _, o := range options {
		o(a)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	transport.TLSClientConfig = a.tls.Clone()
	a.http = &http.Client{Transport: transport}
	return a
}

// socketURL is where the server's own socket is.
func (a *API) socketURL() string {
	return "ws" + strings.TrimPrefix(a.base, "http") + "/v1/socket"
}

// Close lets go of idle connections.
func (a *API) Close() { a.http.CloseIdleConnections() }

// A Problem is the server's answer where it refuses, as of RFC 9457.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"` // stable
	Title  string `json:"title"`
	Detail string `json:"detail"`
	// RetryAfter is how long to wait before the next try, where it was said.
	RetryAfter time.Duration `json:"-"`
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// A Mode is one that the server offers.
type Mode struct {
	Name       string `json:"name"`
	Title      string `json:"title"`
	Seats      int    `json:"seats"`
	Hz         int    `json:"hz"`
	MinPlayers int    `json:"min_players"`
}

// A Ticket is a place in the queue of a mode.
type Ticket struct {
	ID         string     `json:"id"`
	Mode       string     `json:"mode"`
	State      string     `json:"state"` // waiting, forming, placed, cancelled, failed
	Assignment Assignment `json:"assignment"`
}

// An Assignment is where a placed ticket leads.
type Assignment struct {
	URL   string           `json:"url"`
	Match protocol.MatchID `json:"match"`
	Pass  string           `json:"pass"`
}

// A Session is a logged-in player.
type Session struct {
	api     *API
	Player  protocol.Player
	Access  string
	Refresh string
	Expires time.Time
}

// LoginGuest logs in under a name, without an account.
func (a *API) LoginGuest(ctx context.Context, name string) (*Session, error) {
	return a.LoginGuestOf(ctx, "", name)
}

// LoginGuestOf is LoginGuest to one of the games that the server hosts.
func (a *API) LoginGuestOf(ctx context.Context, game, name string) (*Session, error) {
	return a.login(ctx, "/v1/login/guest", game, map[string]string{"name": name})
}

// Renew exchanges the refresh token for a new session of the same player.
func (s *Session) Renew(ctx context.Context) (*Session, error) {
	return s.api.LoginAgain(ctx, s.Player.Game, s.Refresh)
}

// LoginAgain makes a session of a refresh token that was kept. An empty game is
// the server's first.
func (a *API) LoginAgain(ctx context.Context, game, refresh string) (*Session, error) {
	return a.login(ctx, "/v1/login/refresh", game, map[string]string{"refresh": refresh})
}

func (a *API) login(ctx context.Context, path, game string, body map[string]string) (*Session, error) {
	if game != "" {
		body["game"] = game
	}
	var answer struct {
		Player struct {
			ID   protocol.PlayerID `json:"id"`
			Name string            `json:"name"`
		} `json:"player"`
		Access  string `json:"access"`
		Refresh string `json:"refresh"`
		Expires int    `json:"expires_in"` // seconds
	}
	if err := a.do(ctx, http.MethodPost, path, "", body, &answer); err != nil {
		return nil, err
	}
	return &Session{a, protocol.Player{ID: answer.Player.ID, Name: answer.Player.Name, Game: game}, answer.Access, answer.Refresh,
		time.Now().Add(time.Duration(answer.Expires) * time.Second)}, nil
}

// Modes lists what can be played.
func (a *API) Modes(ctx context.Context) ([]Mode, error) {
	var answer struct{ Modes []Mode }
	err := a.do(ctx, http.MethodGet, "/v1/modes", "", nil, &answer)
	return answer.Modes, err
}

// CreateTicket enters the queue of a mode.
func (s *Session) CreateTicket(ctx context.Context, mode string) (t Ticket, err error) {
	err = s.api.do(ctx, http.MethodPost, "/v1/tickets", s.Access, map[string]string{"mode": mode}, &t)
	return t, err
}

// Ticket returns the ticket as it is when it has changed from seen, or after
// wait.
func (s *Session) Ticket(ctx context.Context, id, seen string, wait time.Duration) (t Ticket, err error) {
	q := url.Values{"wait": {wait.String()}}
	if seen != "" {
		q.Set("state", seen)
	}
	err = s.api.do(ctx, http.MethodGet, "/v1/tickets/"+url.PathEscape(id)+"?"+q.Encode(), s.Access, nil, &t)
	return t, err
}

// AwaitPlaced waits until the ticket is placed. That it was cancelled or
// failed is an error.
func (s *Session) AwaitPlaced(ctx context.Context, id string) (Ticket, error) {
	seen := ""
	for {
		t, err := s.Ticket(ctx, id, seen, 25*time.Second)
		if err != nil {
			return t, err
		}
		switch t.State {
		case "placed":
			return t, nil
		case "cancelled", "failed":
			return t, fmt.Errorf("ticket %s: %s", id, t.State)
		}
		seen = t.State
	}
}

// CancelTicket leaves the queue.
func (s *Session) CancelTicket(ctx context.Context, id string) error {
	return s.api.do(ctx, http.MethodDelete, "/v1/tickets/"+url.PathEscape(id), s.Access, nil, nil)
}

// Do asks for anything else that a player may, such as PUT /v1/friends/{id}.
// body and answer are JSON, or nil. An answer of 400 or above is a *Problem.
func (s *Session) Do(ctx context.Context, method, path string, body, answer any) error {
	return s.api.do(ctx, method, path, s.Access, body, answer)
}

// do asks once. An answer of 400 or above is a *Problem.
func (a *API) do(ctx context.Context, method, path, token string, body, answer any) error {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, content)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= 400:
		return problem(resp, data)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(data, answer)
}

func problem(resp *http.Response, data []byte) error {
	p := &Problem{}
	if json.Unmarshal(data, p) != nil || p.Code == "" {
		p.Code, p.Detail = "http", strings.TrimSpace(string(data))
	}
	p.Status = resp.StatusCode
	p.RetryAfter, _ = time.ParseDuration(resp.Header.Get("Retry-After") + "s")
	return p
}
