package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/protocol"
)

// openHooks opens what studios' servers are told, and has them told of results
// and of accounts that are gone.
func (s *Server) openHooks() (err error) {
	allow, err := prefixes(s.cfg.WebhookNetworks)
	if err != nil {
		return err
	}
	s.hooks, err = hooks.Open(s.node, hooks.Config{Allow: allow, PlainHTTP: len(allow) > 0, Log: s.log})
	if err != nil {
		return err
	}
	s.accounts.AddHolder("webhooks", hookHolder{s.hooks})
	return s.career.OnApplied(context.Background(), "webhooks", s.emitResult)
}

func prefixes(list []string) (all []netip.Prefix, err error) {
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("-webhook-networks: %q is not of the form 10.0.0.0/8", text)
		}
		all = append(all, p)
	}
	return all, nil
}

// endedData is what a webhook says of a match that is over.
type endedData struct {
	Match   protocol.MatchID `json:"match"`
	Mode    string           `json:"mode"`
	Why     string           `json:"why"`
	Ticks   game.Tick        `json:"ticks"`
	Players []endedPlayer    `json:"players"`
}

// An endedPlayer is how it came out for one.
type endedPlayer struct {
	Player  protocol.PlayerID `json:"player"`
	Seat    game.Seat         `json:"seat"`
	Team    game.TeamID       `json:"team,omitempty"`
	Left    bool              `json:"left"`
	Place   int               `json:"place,omitempty"`
	Verdict string            `json:"verdict"` // of [board.Verdict]
	Score   int64             `json:"score"`
	Before  int64             `json:"rating_before"`
	After   int64             `json:"rating_after"`
}

// emitResult has a match that was counted posted, under its id. After an error
// it is called again, so it returns none that would come again each time.
func (s *Server) emitResult(ctx context.Context, a career.Applied) error {
	d := endedData{Match: a.Match, Mode: a.Mode, Why: a.Why, Ticks: a.Ticks, Players: []endedPlayer{}}
	for _, p := range a.Players {
		d.Players = append(d.Players, endedPlayer{p.Player, p.Seat, p.Team, p.Left, p.Place, p.Verdict.String(), p.Score, p.Before, p.After})
	}
	data, _ := json.Marshal(d)
	err := s.hooks.Emit(ctx, a.Game, hooks.Event{ID: string(a.Match), Type: hooks.MatchEnded, At: a.At, Data: data})
	if errors.Is(err, hooks.ErrEvent) || errors.Is(err, hooks.ErrGame) {
		s.log.Error("a result is no webhook", "match", a.Match, "err", err)
		return nil
	}
	return err
}

// hookHolder has studios told of accounts that are gone. It keeps nothing.
type hookHolder struct{ hooks *hooks.Hub }

// Export implements [account.Holder].
func (hookHolder) Export(context.Context, account.Ref) (any, error) { return nil, nil }

// Delete implements [account.Holder].
func (h hookHolder) Delete(ctx context.Context, ref account.Ref) error {
	data, _ := json.Marshal(map[string]any{"player": ref.Player})
	return h.hooks.Emit(ctx, string(ref.Game), hooks.Event{ID: "deleted-" + string(ref.Player), Type: hooks.PlayerDeleted, Data: data})
}
