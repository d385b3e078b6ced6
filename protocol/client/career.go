package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/musterhq/muster/protocol"
)

// Me is the session's own player where another's id may be, too.
const Me protocol.PlayerID = "me"

// A Part of a leaderboard to ask for. The zero value is the top of the season
// that is played.
type Part struct {
	Season int // 0: the one that is played
	Limit  int // players, or around one on each side; 0: as the server likes
	Offset int // players to leave out at the top; not around one
}

func (p Part) query() url.Values {
	q := url.Values{}
	set(q, "season", uint64(p.Season))
	set(q, "limit", uint64(p.Limit))
	set(q, "offset", uint64(p.Offset))
	return q
}

// set leaves zeros out.
func set(q url.Values, name string, n uint64) {
	if n != 0 {
		q.Set(name, strconv.FormatUint(n, 10))
	}
}

// A Board is a part of the leaderboard of a mode and season.
type Board struct {
	Mode      string     `json:"mode"`
	Season    int        `json:"season"`
	Seasons   []int      `json:"seasons"` // that can be asked for, the one that is played first
	Begins    time.Time  `json:"begins"`  // zero where the season never does
	Ends      time.Time  `json:"ends"`    // likewise
	Players   int        `json:"players"` // on the whole board
	Standings []Standing `json:"standings"`
}

// A Standing is a player's place on a board.
type Standing struct {
	Rank    int       `json:"rank"` // from 1; as many points share it
	Player  Named     `json:"player"`
	Points  int       `json:"points"`
	Wins    int       `json:"wins"`
	Losses  int       `json:"losses"`
	Matches int       `json:"matches"` // that counted in the season
	Last    time.Time `json:"last"`    // of them
}

// Named is a player as others see it.
type Named struct {
	ID   protocol.PlayerID `json:"id"`
	Name string            `json:"name"`
}

// A Rating is how good a player is in a mode.
type Rating struct {
	Mode    string    `json:"mode"`
	Season  int       `json:"season"` // of the last match
	Points  int       `json:"points"`
	Matches int       `json:"matches"` // that counted in that season
	Last    time.Time `json:"last"`
	Rank    int       `json:"rank"` // on the board that is played; 0: not on it
}

// Played is a match as one of its players sees it.
type Played struct {
	ID      protocol.MatchID `json:"id"`
	Mode    string           `json:"mode"`
	At      time.Time        `json:"at"`
	Why     string           `json:"why"`     // it ended, as in protocol.Over
	Outcome string           `json:"outcome"` // won, lost, drew; unfinished if it was not played to its end
	Place   int              `json:"place"`   // 1 is best; 0: the match gave none
	Score   int              `json:"score"`
	Before  int              `json:"before"` // points of rating
	After   int              `json:"after"`
}

// Leaderboard asks for the best of a mode.
func (s *Session) Leaderboard(ctx context.Context, mode string, p Part) (b Board, err error) {
	err = s.do(ctx, http.MethodGet, "/v1/leaderboards/"+url.PathEscape(mode)+"?"+p.query().Encode(), nil, &b)
	return b, err
}

// Around asks for a player, who may be [Me], and the next ones on the board. A
// player who is not on it is a *Problem, not_ranked.
func (s *Session) Around(ctx context.Context, mode string, who protocol.PlayerID, p Part) (b Board, err error) {
	q := p.query()
	q.Set("player", string(who))
	err = s.do(ctx, http.MethodGet, "/v1/leaderboards/"+url.PathEscape(mode)+"/around?"+q.Encode(), nil, &b)
	return b, err
}

// Ratings asks for those of a player, who may be [Me], by mode.
func (s *Session) Ratings(ctx context.Context, who protocol.PlayerID) ([]Rating, error) {
	var answer struct{ Ratings []Rating }
	err := s.do(ctx, http.MethodGet, "/v1/players/"+url.PathEscape(string(who))+"/ratings", nil, &answer)
	return answer.Ratings, err
}

// Matches asks for a page of a player's matches, newest first; limit 0 is as
// the server likes. It begins with before 0, and goes on with next, which is 0
// when there are no more. The player may be [Me].
func (s *Session) Matches(ctx context.Context, who protocol.PlayerID, limit int, before uint64) (page []Played, next uint64, err error) {
	var answer struct {
		Matches []Played
		Next    uint64
	}
	q := url.Values{}
	set(q, "limit", uint64(limit))
	set(q, "before", before)
	err = s.do(ctx, http.MethodGet, "/v1/players/"+url.PathEscape(string(who))+"/matches?"+q.Encode(), nil, &answer)
	return answer.Matches, answer.Next, err
}
