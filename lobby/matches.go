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
	ErrWatch         = errors.New("the match is not for you to watch")
	ErrWatchFull     = errors.New("as many watch the match as may")
	ErrPlaysHere     = errors.New("the player plays in the match")
)

// A MatchFilter says which matches are asked for. What is left zero says nothing.
type MatchFilter struct {
	Mode, Region string
	Player       protocol.PlayerID // who was placed in it
	Joinable     bool              // by the matchmaker, now
	Custom       bool              // whose players were chosen
	Watchable    bool              // by everybody
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
			(f.Player == "" || m.Has(f.Player)) && (!f.Joinable || m.Joinable()) && (!f.Custom || m.Custom) &&
			(!f.Watchable || !m.Door.Closed && l.queues[m.Mode].mode.Spectators.Most >= 0)
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
	if looked.Refuse == "" {
		return looked, nil
	}
	if err = orderErrors[looked.Refuse]; err == nil {
		err = fmt.Errorf("%w: %s", ErrMatchBusy, looked.Refuse)
	}
	return looked, err
}

// orderErrors are what a host refuses an order with.
var orderErrors = map[string]error{
	"over": ErrMatchNotFound, "not_here": ErrNotInMatch, "forbidden": ErrWatch, "seated": ErrPlaysHere, "crowded": ErrWatchFull,
}

// Watch asks for a match to be watched by a player, and returns where: with a
// pass that names no seat. Whether the match's door is open to the player is
// the caller's to know. It returns what Order does, ErrWatch, ErrWatchFull or
// ErrPlaysHere.
func (l *Lobby) Watch(ctx context.Context, who protocol.Player, id protocol.MatchID) (protocol.Assignment, error) {
	m, err := l.Match(who.Game, id)
	if err != nil {
		return protocol.Assignment{}, err
	}
	looked, err := l.Order(ctx, who.Game, protocol.Order{Match: id, Watch: who.ID})
	return protocol.Assignment{URL: m.URL, Match: id, Pass: looked.Pass, Mode: m.Mode}, err
}
