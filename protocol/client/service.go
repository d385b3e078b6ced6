package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A Service is a back end of one game, which is let in by its key. Safe for use
// by many goroutines.
type Service struct {
	api *API
	key string
}

// Service returns the API as a back end uses it, with the key that
// POST /v1/service-keys has given.
func (a *API) Service(key string) *Service { return &Service{a, key} }

// Do asks for what has no method of its own; answer is read from JSON, or nil.
func (s *Service) Do(ctx context.Context, method, path string, body, answer any) error {
	return s.api.do(ctx, method, path, s.key, body, answer)
}

// A Plan is a match of chosen players.
type Plan struct {
	Mode    string            `json:"mode"`
	Players []Chosen          `json:"players"`
	Options map[string]string `json:"options,omitempty"` // of the mode, by name
	Empty   []game.Seat       `json:"empty,omitempty"`   // that stay so; others are bots'
	Region  string            `json:"region,omitempty"`
}

// A Chosen player sits on a seat, or without one on the first that is free.
type Chosen struct {
	ID   protocol.PlayerID `json:"id"`
	Seat *game.Seat        `json:"seat,omitempty"`
}

// A Launched match waits for its players. Who of them is connected knows of it.
type Launched struct {
	ID      protocol.MatchID `json:"id"`
	Players []struct {
		Player protocol.PlayerID `json:"player"`
		Seat   game.Seat         `json:"seat"`
		URL    string            `json:"url"`
		Pass   string            `json:"pass"`
	} `json:"players"`
}

// CreateMatch makes a match of chosen players at once.
func (s *Service) CreateMatch(ctx context.Context, p Plan) (l Launched, err error) {
	err = s.Do(ctx, http.MethodPost, "/v1/matches", p, &l)
	return l, err
}

// A Match is one that runs. A list says nothing of Live.
type Match struct {
	ID       protocol.MatchID `json:"id"`
	Mode     string           `json:"mode"`
	Region   string           `json:"region"`
	Age      int              `json:"age_seconds"`
	Seats    int              `json:"seats"`
	Joinable bool             `json:"joinable"`
	Custom   bool             `json:"custom"`
	Watch    *struct {        // nil: one may not watch it
		Delay float64 `json:"delay_seconds"` // after the players
	} `json:"watch"`
	Live struct {
		State string    `json:"state"` // waiting, running
		Tick  game.Tick `json:"tick"`
		Late  float64   `json:"late_ms"`
		Seats []struct {
			Seat   game.Seat         `json:"seat"`
			Status string            `json:"status"` // bot, here, away
			Player protocol.PlayerID `json:"player"` // empty: a bot's
			Name   string            `json:"name"`
			RTT    float64           `json:"rtt_ms"`
		} `json:"seats"`
	} `json:"live"`
}

// Match looks at a match.
func (s *Service) Match(ctx context.Context, id protocol.MatchID) (m Match, err error) {
	err = s.Do(ctx, http.MethodGet, matchPath(id), nil, &m)
	return m, err
}

// Matches lists those that a filter wants, as the parameters of GET /v1/matches
// have it, and what is to be its "after" for more; empty if these are all.
func (s *Service) Matches(ctx context.Context, filter url.Values) (all []Match, next string, err error) {
	var answer struct {
		Matches []Match
		Next    string
	}
	err = s.Do(ctx, http.MethodGet, "/v1/matches?"+filter.Encode(), nil, &answer)
	return answer.Matches, answer.Next, err
}

// Kick takes a player out of a match for good.
func (s *Service) Kick(ctx context.Context, id protocol.MatchID, who protocol.PlayerID) error {
	return s.Do(ctx, http.MethodPost, matchPath(id)+"/kick", fields{"player": string(who)}, nil)
}

// EndMatch ends a match without a result.
func (s *Service) EndMatch(ctx context.Context, id protocol.MatchID) error {
	return s.Do(ctx, http.MethodPost, matchPath(id)+"/end", nil, nil)
}

func matchPath(id protocol.MatchID) string { return "/v1/matches/" + url.PathEscape(string(id)) }

// A Save is what is kept of a player under a key.
type Save struct {
	Version uint64          `json:"version"` // of what is kept; 0: there is none
	At      time.Time       `json:"at"`
	Value   json.RawMessage `json:"value"`
	Public  bool            `json:"public"`  // other players may read it
	Service bool            `json:"service"` // only back ends may write it
}

// Save reads one of a player's saves. That there is none is a *Problem.
func (s *Service) Save(ctx context.Context, who protocol.PlayerID, key string) (v Save, err error) {
	err = s.Do(ctx, http.MethodGet, savePath(who, key), nil, &v)
	return v, err
}

// PutSave writes what was made of a save, unless somebody else has written it
// meanwhile: then it is a *Problem of code version_mismatch. It returns the new
// version.
func (s *Service) PutSave(ctx context.Context, who protocol.PlayerID, key string, v Save) (version uint64, err error) {
	condition := [2]string{"If-Match", strconv.Quote(strconv.FormatUint(v.Version, 10))}
	if v.Version == 0 {
		condition = [2]string{"If-None-Match", "*"}
	}
	body := struct {
		Value   json.RawMessage `json:"value"`
		Public  bool            `json:"public"`
		Service bool            `json:"service"`
	}{v.Value, v.Public, v.Service}
	err = s.api.do(ctx, http.MethodPut, savePath(who, key), s.key, body, &v, condition)
	return v.Version, err
}

func savePath(who protocol.PlayerID, key string) string {
	return "/v1/players/" + url.PathEscape(string(who)) + "/saves/" + url.PathEscape(key)
}
