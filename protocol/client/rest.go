package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
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

	version string // of the game's client; empty: it does not say
	game    string // that players are of; empty is the server's first
}

// An Option changes how New reaches the server.
type Option func(*API)

// WithTLS speaks https and wss as conf says, which may trust certificates that
// the system does not know.
func WithTLS(conf *tls.Config) Option { return func(a *API) { a.tls = conf.Clone() } }

// WithGame is for servers that host several games: logins are for that one.
func WithGame(game string) Option { return func(a *API) { a.game = game } }

// WithVersion says the version of the game's client, such as 1.4.2, for servers
// that turn old ones away.
func WithVersion(v string) Option { return func(a *API) { a.version = v } }

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
	About      string `json:"about"` // for people who choose
	Seats      int    `json:"seats"`
	Hz         int    `json:"hz"`
	MinPlayers int    `json:"min_players"`

	Teams    int      `json:"teams"`     // 1: all against all
	TeamSize int      `json:"team_size"` // seats, and the largest party
	Regions  []string `json:"regions"`   // that a Wish may say pings of
	Props    []string `json:"props"`     // that a Wish may have
	Accept   int      `json:"accept_seconds"`
	Backfill bool     `json:"backfill"` // players may join matches that run
}

// A Wish is what to queue for.
type Wish struct {
	Mode  string            `json:"mode"`
	Pings map[string]int    `json:"pings,omitempty"` // ms by region; none: not measured
	Props map[string]string `json:"props,omitempty"` // that the others must have the same
	Fresh bool              `json:"fresh,omitempty"` // not into a match that runs
}

// A Ticket is a place in the queue of a mode.
type Ticket struct {
	ID         string     `json:"id"`
	Mode       string     `json:"mode"`
	State      string     `json:"state"`      // waiting, offered, forming, placed, cancelled, failed
	Reason     string     `json:"reason"`     // with cancelled and failed
	Waiting    Waiting    `json:"waiting"`    // with waiting
	Offer      Offer      `json:"offer"`      // with offered
	Assignment Assignment `json:"assignment"` // with placed
}

// Waiting is why a ticket waits.
type Waiting struct {
	Waited   int    `json:"waited_ms"`
	Gap      int    `json:"gap"`  // points of rating to anybody else that it accepts by now; 0: any
	Ping     int    `json:"ping"` // ms, likewise
	InRange  int    `json:"in_range"`
	Estimate int    `json:"estimate_ms"` // that it will go on; 0: nobody knows
	Why      string `json:"why"`         // stable: alone, unsuited, no_region, held
}

// An Offer is a match that waits to be accepted.
type Offer struct {
	Left     int  `json:"left_ms"`
	Players  int  `json:"players"`
	Accepted int  `json:"accepted"`
	You      bool `json:"you"`
}

// An Assignment is where a placed ticket leads.
type Assignment struct {
	URL   string           `json:"url"`
	Match protocol.MatchID `json:"match"`
	Pass  string           `json:"pass"`
}

// Modes lists what can be played.
func (a *API) Modes(ctx context.Context) ([]Mode, error) {
	var answer struct{ Modes []Mode }
	err := a.do(ctx, http.MethodGet, "/v1/modes", "", nil, &answer)
	return answer.Modes, err
}

// CreateTicket enters the queue of a mode.
func (s *Session) CreateTicket(ctx context.Context, mode string) (Ticket, error) {
	return s.Queue(ctx, Wish{Mode: mode})
}

// Queue is CreateTicket for who has more to say.
func (s *Session) Queue(ctx context.Context, w Wish) (t Ticket, err error) {
	err = s.do(ctx, http.MethodPost, "/v1/tickets", w, &t)
	return t, err
}

// Accept says yes or no to the match that is offered to a ticket. After a no
// the ticket is cancelled.
func (s *Session) Accept(ctx context.Context, id string, yes bool) error {
	answer := "/decline"
	if yes {
		answer = "/accept"
	}
	return s.do(ctx, http.MethodPost, "/v1/tickets/"+url.PathEscape(id)+answer, nil, nil)
}

// Ticket returns the ticket as it is when it has changed from seen, or after
// wait.
func (s *Session) Ticket(ctx context.Context, id, seen string, wait time.Duration) (t Ticket, err error) {
	q := url.Values{"wait": {wait.String()}}
	if seen != "" {
		q.Set("state", seen)
	}
	err = s.do(ctx, http.MethodGet, "/v1/tickets/"+url.PathEscape(id)+"?"+q.Encode(), nil, &t)
	return t, err
}

// AwaitPlaced waits until the ticket is placed, and accepts what is offered.
// That it was cancelled or failed is an error.
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
			return t, fmt.Errorf("ticket %s: %s, %s", id, t.State, t.Reason)
		case "offered":
			var gone *Problem // that offer is over already
			if err := s.Accept(ctx, id, true); err != nil && !(errors.As(err, &gone) && gone.Code == "no_offer") {
				return t, err
			}
		}
		seen = t.State
	}
}

// CancelTicket leaves the queue.
func (s *Session) CancelTicket(ctx context.Context, id string) error {
	return s.do(ctx, http.MethodDelete, "/v1/tickets/"+url.PathEscape(id), nil, nil)
}

// Do asks for anything else that a player may, such as PUT /v1/friends/{id}.
// body and answer are JSON, or nil. An answer of 400 or above is a *Problem.
func (s *Session) Do(ctx context.Context, method, path string, body, answer any) error {
	return s.do(ctx, method, path, body, answer)
}

// do asks once. An answer of 400 or above is a *Problem.
func (a *API) do(ctx context.Context, method, path, token string, body, answer any, headers ...[2]string) error {
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
	a.say(req.Header)
	for _, h := range headers {
		req.Header.Set(h[0], h[1])
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

// say puts into a request what the client is.
func (a *API) say(h http.Header) {
	if a.version != "" {
		h.Set("Muster-Client", a.version)
	}
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
