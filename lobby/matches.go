package lobby

import (
	"context"
	"errors"
	"fmt"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// Errors of matches that run; the texts are for people.
var (
	ErrMatchNotFound = errors.New("there is no such match, or it is over")
	ErrMatchBusy     = errors.New("the match does not answer at this moment")
	ErrNotInMatch    = errors.New("the player has no seat in the match")
)

// A MatchFilter says which matches are asked for. What is left zero says nothing.
type MatchFilter struct {
	Mode, Region string
	Player       protocol.PlayerID // who was placed in it
	Joinable     bool              // by the matchmaker, now
	Custom       bool              // whose players were chosen
	After        protocol.MatchID  // the last one of the page before
	Most         int               // of a page
}

// Matches lists the matches of a game that run, as far as the lobby knows them,
// in the order of their ids.
func (l *Lobby) Matches(game string, f MatchFilter) []store.Match {
	if f.Most <= 0 {
		return nil
	}
	return l.store.RunningMatches(f.After, f.Most, func(m *store.Match) bool {
		return l.ofGame(m, game) && (f.Mode == "" || m.Mode == f.Mode) && (f.Region == "" || m.Region == f.Region) &&
			(f.Player == "" || m.Has(f.Player)) && (!f.Joinable || m.Joinable()) && (!f.Custom || m.Custom)
	})
}

// Match returns one of a game, or ErrMatchNotFound.
func (l *Lobby) Match(game string, id protocol.MatchID) (store.Match, error) {
	m, err := l.store.Match(id)
	if err != nil || m.Placed.IsZero() || !l.ofGame(&m, game) {
		return store.Match{}, ErrMatchNotFound
	}
	return m, nil
}

func (l *Lobby) ofGame(m *store.Match, game string) bool {
	q := l.queues[m.Mode]
	return q != nil && q.mode.Game == game
}

// Order asks a match's host for something and returns how it is afterwards:
// ErrMatchNotFound, ErrMatchBusy, after which it may have been done, or
// ErrNotInMatch.
func (l *Lobby) Order(ctx context.Context, game string, o protocol.Order) (looked protocol.Looked, err error) {
	m, err := l.Match(game, o.Match)
	if err != nil {
		return looked, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.OrderTimeout)
	defer cancel()
	data, err := l.deps.Bus.Request(ctx, protocol.SubjectOrder+m.Host, protocol.Marshal(o))
	if err == nil {
		err = protocol.Unmarshal(data, &looked)
	}
	if err != nil {
		return looked, fmt.Errorf("%w: %w", ErrMatchBusy, err)
	}
	switch looked.Refuse {
	case "":
		return looked, nil
	case "over":
		return looked, ErrMatchNotFound
	case "not_here":
		return looked, ErrNotInMatch
	}
	return looked, fmt.Errorf("%w: %s", ErrMatchBusy, looked.Refuse)
}
