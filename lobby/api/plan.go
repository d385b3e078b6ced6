package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// maxPlan is what a request may weigh that names the players of the largest
// match.
const maxPlan = 128 << 10 // bytes

// planBody is a match of chosen players.
type planBody struct {
	Mode    string                `json:"mode"`
	Players []chosenBody          `json:"players"`
	Options map[string]optionText `json:"options"`
	Empty   []int                 `json:"empty"` // seats that stay so
	Region  string                `json:"region"`
}

// An optionText is an option's value as [game.Option.Parse] reads it. In JSON it
// may be the number or the boolean that it spells.
type optionText string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *optionText) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case '{', '[', 'n':
		kind := map[byte]string{'{': "object", '[': "array", 'n': "null"}[data[0]]
		return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeFor[optionText]()}
	}
	*t = optionText(data)
	return nil
}

func (b *planBody) options() map[string]string {
	all := make(map[string]string, len(b.Options))
	for name, text := range b.Options {
		all[name] = string(text)
	}
	return all
}

func (b *planBody) ids() (all []protocol.PlayerID) {
	for _, p := range b.Players {
		all = append(all, p.ID)
	}
	return all
}

// A chosenBody is a player, on a seat or, without one, on the first that is free.
type chosenBody struct {
	ID   protocol.PlayerID `json:"id"`
	Seat *int              `json:"seat"`
}

// placedBody is where one of them shall play.
type placedBody struct {
	Player protocol.PlayerID `json:"player"`
	Seat   game.Seat         `json:"seat"`
	URL    string            `json:"url"`
	Pass   string            `json:"pass"`
}

var errPlan = &refusal{status: 400, code: "plan_invalid", detail: "Such a match cannot be."}

// badPlan is errPlan with what is wrong.
func badPlan(err error) error {
	r := *errPlan
	r.detail = sentence(err.Error())
	return &r
}

// createMatch starts a match of chosen players and tells those who are
// connected, wherever they stand.
func (a *api) createMatch(c *gin.Context) {
	var body planBody
	if err := parseBody(c, &body); err != nil {
		refuse(c, err)
		return
	}
	how(c, slog.String("mode", body.Mode), slog.Any("players", body.ids()))
	plan, err := a.plan(c, caller(c).Game, &body)
	if err != nil {
		refuse(c, err)
		return
	}
	all, err := a.lobby.Launch(c, plan)
	if errors.Is(err, lobby.ErrPlan) {
		err = badPlan(err)
	}
	if err != nil {
		refuse(c, err)
		return
	}
	id := all[0].Match
	aim(c, string(id))
	placed := make([]placedBody, len(all))
	for i, s := range plan.Seats {
		a.cfg.Tell(s.Player.ID, protocol.Append(nil, all[i]))
		placed[i] = placedBody{s.Player.ID, s.Seat, all[i].URL, all[i].Pass}
		if placed[i].URL == "" {
			placed[i].URL = a.socketURL(c.Request)
		}
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Location", "/v1/matches/"+string(id))
	c.JSON(http.StatusCreated, gin.H{"id": id, "mode": plan.Mode, "players": placed})
}

// plan makes a body one of the game's.
func (a *api) plan(ctx context.Context, of account.Game, body *planBody) (lobby.Plan, error) {
	p := lobby.Plan{Mode: body.Mode, Region: body.Region}
	if !a.lobby.Offers(string(of), body.Mode) {
		return p, lobby.ErrModeUnknown
	}
	var err error
	if p.Options, err = a.lobby.Mode(body.Mode).Choose(body.options()); err != nil {
		return p, badPlan(err)
	}
	if p.Empty, err = emptySeats(body.Empty); err != nil {
		return p, err
	}
	p.Seats, err = a.chosenSeats(ctx, of, body.Players, p.Empty)
	return p, err
}

func emptySeats(numbers []int) (seats []game.Seat, err error) {
	for _, n := range numbers {
		if n < 0 || n >= game.MaxSeats {
			return nil, errPlan
		}
		seats = append(seats, game.Seat(n))
	}
	return seats, nil
}

// chosenSeats looks the players up and gives those who have none a seat. That
// each seat is there, and given once, is for the lobby to see.
func (a *api) chosenSeats(ctx context.Context, of account.Game, players []chosenBody, empty []game.Seat) ([]protocol.StartSeat, error) {
	if len(players) > game.MaxSeats {
		return nil, errPlan
	}
	taken := make(map[game.Seat]bool)
	for _, s := range empty {
		taken[s] = true
	}
	for _, p := range players {
		if p.Seat != nil && (*p.Seat < 0 || *p.Seat >= game.MaxSeats) {
			return nil, errPlan
		}
		if p.Seat != nil {
			taken[game.Seat(*p.Seat)] = true
		}
	}
	var seats []protocol.StartSeat
	next := game.Seat(0)
	for _, p := range players {
		found, err := a.cfg.Accounts.Account(ctx, account.Ref{Game: of, Player: p.ID})
		if err != nil {
			return nil, err
		}
		s := protocol.StartSeat{Player: protocol.Player{ID: found.Player, Name: found.Name, Game: string(of)}}
		if p.Seat != nil {
			s.Seat = game.Seat(*p.Seat)
		} else {
			for taken[next] {
				next++
			}
			s.Seat, taken[next] = next, true
		}
		seats = append(seats, s)
	}
	return seats, nil
}
