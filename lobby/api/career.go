package api

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/protocol"
)

// boardBody is a part of a leaderboard.
type boardBody struct {
	Mode      string         `json:"mode"`
	Season    board.Season   `json:"season"`
	Begins    *time.Time     `json:"begins,omitempty"` // where seasons do
	Ends      *time.Time     `json:"ends,omitempty"`
	Seasons   []board.Season `json:"seasons"` // that can be asked for, the one that is played first
	Players   int            `json:"players"` // on the whole board
	Standings []standingBody `json:"standings"`
}

type standingBody struct {
	Rank    int        `json:"rank"`
	Player  playerBody `json:"player"`
	Points  int64      `json:"points"`
	Wins    uint32     `json:"wins"`
	Losses  uint32     `json:"losses"`
	Matches uint32     `json:"matches"`
	Last    time.Time  `json:"last"` // match of the season
}

type ratingBody struct {
	Mode    string       `json:"mode"`
	Season  board.Season `json:"season"` // of the last match
	Points  int          `json:"points"`
	Matches int          `json:"matches"` // of that season
	Last    time.Time    `json:"last"`
	Rank    int          `json:"rank,omitempty"` // in the season that is played
}

type playedBody struct {
	ID      protocol.MatchID `json:"id"`
	Mode    string           `json:"mode"`
	At      time.Time        `json:"at"`
	Why     string           `json:"why"`
	Outcome string           `json:"outcome"` // of [board.Verdict]
	Place   int              `json:"place,omitempty"`
	Score   int64            `json:"score"`
	Before  int64            `json:"before"`
	After   int64            `json:"after"`
}

// Bounds of what is shown at once.
const (
	boardPage   = 20
	boardMost   = 100
	aroundPage  = 5 // on each side
	historyPage = 20
	lastNumber  = 1<<53 - 1 // that every client reads
)

// me stands for the caller where a path names a player.
const me = "me"

var (
	errSeason        = &refusal{status: 400, code: "season_invalid", detail: "season is the number of one."}
	errSeasonUnknown = &refusal{status: 404, code: "season_unknown", detail: "There is no board of that season."}
	errOffset        = &refusal{status: 400, code: "offset_invalid", detail: "offset is a number of players."}
	errBefore        = &refusal{status: 400, code: "before_invalid", detail: "before is the next of an earlier answer."}
	errNotRanked     = &refusal{status: 404, code: "not_ranked", detail: "The player is not on the board of that season."}
)

func (a *api) careerRoutes() {
	a.get("/v1/leaderboards/:mode", a.leaderboard, a.looks()...)
	a.get("/v1/leaderboards/:mode/around", a.around, a.looks()...)
	a.get("/v1/players/:id/ratings", a.ratings, a.looks()...)
	a.get("/v1/players/:id/matches", a.matches, a.looks()...)
}

func (a *api) leaderboard(c *gin.Context) {
	offset, errOf := queried(c.Query("offset"), 0, lastNumber, errOffset)
	limit, errLi := queried(c.Query("limit"), boardPage, boardMost, errLimit)
	body, view, err := a.board(c)
	if err = errors.Join(errOf, errLi, err); err != nil {
		refuse(c, err)
		return
	}
	a.showBoard(c, body, view.Top(int(limit), int(offset)))
}

// around shows where a player stands, by default the caller, between the next
// ones. A back end stands nowhere: it has to name one.
func (a *api) around(c *gin.Context) {
	limit, errLi := queried(c.Query("limit"), aroundPage, boardMost/2, errLimit)
	body, view, err := a.board(c)
	if err = errors.Join(errLi, err); err != nil {
		refuse(c, err)
		return
	}
	who := caller(c).Player
	if p := c.Query("player"); p != "" && p != me {
		who = protocol.PlayerID(p)
	}
	if who == "" {
		refuse(c, missing("player"))
		return
	}
	page, _, ok := view.Around(who, int(limit))
	if !ok {
		refuse(c, errNotRanked)
		return
	}
	a.showBoard(c, body, page)
}

// board is the one that the path and the query name, of the caller's game. A
// season that is played and has no results yet has an empty one.
func (a *api) board(c *gin.Context) (body boardBody, view *board.View, err error) {
	game, mode := player(c).Game, c.Param("mode")
	if !a.lobby.Offers(game, mode) {
		return body, nil, lobby.ErrModeUnknown
	}
	n, err := queried(c.Query("season"), 0, 1<<31-1, errSeason)
	if err != nil {
		return body, nil, err
	}
	name, boards := board.Ladder{Game: game, Mode: mode}, a.cfg.Career.Boards()
	now := a.cfg.Career.Season(game, mode)
	body = boardBody{Mode: mode, Season: board.Season(n), Seasons: boards.Seasons(name)}
	if len(body.Seasons) == 0 || body.Seasons[0] != now {
		body.Seasons = append([]board.Season{now}, body.Seasons...)
	}
	if n == 0 {
		body.Season = now
	}
	view, ok := boards.Board(name, body.Season)
	switch {
	case !ok && body.Season != now:
		return body, nil, errSeasonUnknown
	case !ok:
		view = &board.New().View
	}
	body.Players = view.Len()
	calendar := boards.Calendar(name)
	body.Begins, body.Ends = begin(calendar.Begins(body.Season)), begin(calendar.Begins(body.Season+1))
	return body, view, nil
}

// begin is a time, if it is one.
func begin(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// showBoard gives the rows their players' names. One whose account has gone
// meanwhile is left out.
func (a *api) showBoard(c *gin.Context, body boardBody, page []board.Standing) {
	body.Standings = make([]standingBody, 0, len(page))
	for _, s := range page {
		of, err := a.cfg.Accounts.Account(c, account.Ref{Game: caller(c).Game, Player: s.Player})
		if errors.Is(err, account.ErrNotFound) {
			continue
		}
		if err != nil {
			refuse(c, err)
			return
		}
		body.Standings = append(body.Standings, standingBody{
			s.Rank, playerBody{s.Player, of.Name}, s.Score, s.Wins, s.Losses, s.Matches, unix(s.Last),
		})
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, body)
}

// named is the player of the caller's game that the path names.
func (a *api) named(c *gin.Context) (protocol.PlayerID, error) {
	if c.Param("id") == me && caller(c).Player != "" {
		return caller(c).Player, nil
	}
	of, err := a.targeted(c)
	return of.Player, err
}

func (a *api) ratings(c *gin.Context) {
	who, err := a.named(c)
	if err != nil {
		refuse(c, err)
		return
	}
	ratings := shown(a.cfg.Career.Places(player(c).Game, who), showRating)
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"ratings": ratings})
}

func showRating(p career.Place) ratingBody {
	return ratingBody{p.Mode, p.Season, p.Points, p.Rating.Matches, p.Rating.Last, p.Standing.Rank}
}

func (a *api) matches(c *gin.Context) {
	before, errBe := queried(c.Query("before"), 0, lastNumber, errBefore)
	limit, errLi := queried(c.Query("limit"), historyPage, boardMost, errLimit)
	who, err := a.named(c)
	var page board.Page
	if err = errors.Join(errBe, errLi, err); err == nil {
		page, err = a.cfg.Career.Boards().Matches(c, player(c).Game, who, before, max(int(limit), 1))
	}
	if err != nil {
		refuse(c, err)
		return
	}
	body := gin.H{"matches": shown(page.Matches, showPlayed)}
	if page.Next > 0 {
		body["next"] = page.Next
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, body)
}

func showPlayed(m board.Match) playedBody {
	return playedBody{m.ID, m.Mode, m.At, m.Why, m.Verdict.String(), m.Place, m.Score, m.Before, m.After}
}
