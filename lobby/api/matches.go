package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// matchBody is a match that runs. What only some may know is in the pointers.
type matchBody struct {
	ID       protocol.MatchID `json:"id"`
	Mode     string           `json:"mode"`
	Region   string           `json:"region,omitempty"`
	Age      int              `json:"age_seconds"`
	Seats    int              `json:"seats"`
	Players  []satBody        `json:"players"` // as far as the lobby knows
	Joinable bool             `json:"joinable"`
	Custom   bool             `json:"custom"`
	Watch    *watchBody       `json:"watch,omitempty"` // for who may watch it

	Made *madeBody `json:"made,omitempty"`
	Live *liveBody `json:"live,omitempty"`
}

type satBody struct {
	ID   protocol.PlayerID `json:"id,omitempty"`
	Seat game.Seat         `json:"seat"`
	Name string            `json:"name"`
}

// madeBody is where a match runs, and why.
type madeBody struct {
	At    time.Time `json:"at"`
	URL   string    `json:"url"`
	Host  string    `json:"host"`
	Props string    `json:"props"`
	Why   string    `json:"why"`
	Joins []string  `json:"joins"`
}

// liveBody is what the match says itself.
type liveBody struct {
	State    string     `json:"state"`
	Began    time.Time  `json:"began"`
	Tick     game.Tick  `json:"tick"`
	Hz       int        `json:"hz"`
	Permille int        `json:"permille"`
	Slips    int        `json:"slips"`
	Late     float64    `json:"late_ms"`
	Seats    []seatBody `json:"seats"`
	Watching int        `json:"watching"`
}

type seatBody struct {
	Seat   game.Seat         `json:"seat"`
	Team   game.TeamID       `json:"team"`
	Status string            `json:"status"`
	Player protocol.PlayerID `json:"player,omitempty"` // a bot's has none
	Name   string            `json:"name"`
	RTT    float64           `json:"rtt_ms"`
}

var statuses = map[protocol.SeatStatus]string{
	protocol.SeatBot: "bot", protocol.SeatPlayer: "here", protocol.SeatAway: "away",
}

// Bounds of what is shown at once.
const (
	matchesPage = 20
	matchesMost = 100
)

var errFilter = &refusal{status: 400, code: "filter_invalid", detail: "joinable, custom and watchable are true or left out; player is for moderators and back ends, or yourself or a friend."}

// matchRoutes are about matches that run.
func (a *api) matchRoutes() {
	const all, one = "/v1/matches", "/v1/matches/:id"
	steps := func(deed string, may account.Action, more ...step) []step {
		return append([]step{audited(deed), a.perAddress(bucketService), a.may(may)}, more...)
	}
	a.get(all, a.listMatches, a.looks()...)
	a.get(one, a.getMatch, a.looks()...)
	a.serve("POST", one+"/watch", a.watchMatch, a.perAddress(bucketTicket), a.players(), a.perPlayer(bucketPlayer), a.current())
	a.serve("POST", all, a.createMatch, steps("match.create", account.ActRunMatches, takes(maxPlan))...)
	a.serve("POST", one+"/kick", a.kickFromMatch, steps("match.kick", account.ActKick, takes(maxBody))...)
	a.serve("POST", one+"/end", a.endMatch, steps("match.end", account.ActRunMatches)...)
}

// watches says whether the caller may see everything of a match.
func watches(c *gin.Context) bool { return account.Allow(caller(c).Role, account.ActWatchMatches) }

func (a *api) listMatches(c *gin.Context) {
	filter, err := a.matchFilter(c)
	if err != nil {
		refuse(c, err)
		return
	}
	list := a.lobby.Matches(string(caller(c).Game), filter)
	all := []matchBody{}
	for i := range list {
		all = append(all, a.showMatch(c, &list[i]))
	}
	body := gin.H{"matches": all}
	if len(list) == filter.Most && len(list) > 0 {
		body["next"] = list[len(list)-1].ID
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, body)
}

func (a *api) matchFilter(c *gin.Context) (f lobby.MatchFilter, err error) {
	most, err := queried(c.Query("limit"), matchesPage, matchesMost, errLimit)
	if err != nil {
		return f, err
	}
	f = lobby.MatchFilter{
		Mode: c.Query("mode"), Region: c.Query("region"), Player: protocol.PlayerID(c.Query("player")),
		After: protocol.MatchID(c.Query("after")), Most: int(most),
	}
	for name, flag := range map[string]*bool{"joinable": &f.Joinable, "custom": &f.Custom, "watchable": &f.Watchable} {
		switch c.Query(name) {
		case "":
		case "true":
			*flag = true
		default:
			return f, errFilter
		}
	}
	return f, a.mayFind(c, f.Player)
}

// mayFind says whether the caller may know where a player is: where friends
// are, one is told.
func (a *api) mayFind(c *gin.Context, who protocol.PlayerID) error {
	if who == "" || who == caller(c).Player || watches(c) {
		return nil
	}
	if friends, err := a.cfg.Social.AreFriends(c, whoIs(player(c)), who); err != nil || friends {
		return err
	}
	return errFilter
}

func (a *api) showMatch(c *gin.Context, m *store.Match) matchBody {
	body := matchBody{
		Watch: a.watchOf(c, m), ID: m.ID, Mode: m.Mode, Region: m.Region, Age: int(time.Since(m.Placed) / time.Second), Players: []satBody{},
		Joinable: m.Joinable(), Custom: m.Custom,
	}
	if mode := a.lobby.Mode(m.Mode); mode != nil {
		body.Seats = mode.Seats
	}
	all := watches(c)
	for _, p := range m.Sitting() {
		sat := satBody{Seat: p.Seat, Name: p.Name}
		if all {
			sat.ID = p.ID
		}
		body.Players = append(body.Players, sat)
	}
	slices.SortFunc(body.Players, func(p, q satBody) int { return int(p.Seat) - int(q.Seat) })
	if all {
		body.Made = showMade(m)
	}
	return body
}

func showMade(m *store.Match) *madeBody {
	b := &madeBody{At: m.Placed.UTC(), URL: m.URL, Host: m.Host, Props: m.Props, Why: "chosen", Joins: []string{}}
	if !m.Custom {
		b.Why = m.Why.String()
	}
	for _, w := range m.Joins {
		b.Joins = append(b.Joins, w.String())
	}
	return b
}

// getMatch answers with what the lobby knows and, for those who may see it, with
// what the match says itself.
func (a *api) getMatch(c *gin.Context) {
	game, id := string(caller(c).Game), protocol.MatchID(c.Param("id"))
	m, err := a.lobby.Match(game, id)
	if err != nil {
		refuse(c, err)
		return
	}
	body := a.showMatch(c, &m)
	if watches(c) {
		looked, err := a.lobby.Order(c, game, protocol.Order{Match: id})
		if err != nil {
			refuse(c, err)
			return
		}
		body.Live = showLive(looked)
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, body)
}

func showLive(l protocol.Looked) *liveBody {
	body := &liveBody{
		State: "waiting", Began: time.UnixMilli(l.Began).UTC(), Tick: l.Tick, Hz: l.Hz, Permille: l.Permille, Slips: l.Slips,
		Late: milliseconds(l.Late), Seats: []seatBody{}, Watching: l.Watching,
	}
	if l.Running {
		body.State = "running"
	}
	for _, s := range l.Seats {
		body.Seats = append(body.Seats, seatBody{s.Seat, s.Team, statuses[s.Status], s.Player, s.Name, milliseconds(s.RTT)})
	}
	return body
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// kickFromMatch takes a player's seat away. Moderators do so to those below
// them.
func (a *api) kickFromMatch(c *gin.Context) {
	var body struct {
		Player protocol.PlayerID `json:"player"`
	}
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("player", string(body.Player)))
	if body.Player == "" {
		refuse(c, badBody("player is missing"))
		return
	}
	err := a.mayKick(c, caller(c), body.Player)
	if err == nil {
		_, err = a.lobby.Order(c, string(caller(c).Game), protocol.Order{Match: protocol.MatchID(c.Param("id")), Kick: body.Player})
	}
	conclude(c, err)
}

// mayKick says whether somebody may take a player out of a match: a back end
// anybody, also one whose account is gone.
func (a *api) mayKick(ctx context.Context, by account.Caller, who protocol.PlayerID) error {
	if by.Role == account.RoleService {
		return nil
	}
	found, err := a.cfg.Accounts.Account(ctx, account.Ref{Game: by.Game, Player: who})
	switch {
	case errors.Is(err, account.ErrNotFound):
		return nil
	case err == nil && !account.Above(by.Role, found.Role):
		return errRank
	}
	return err
}

func (a *api) endMatch(c *gin.Context) {
	_, err := a.lobby.Order(c, string(caller(c).Game), protocol.Order{Match: protocol.MatchID(c.Param("id")), End: true})
	conclude(c, err)
}
