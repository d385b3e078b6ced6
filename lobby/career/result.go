package career

import (
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A result is an entry of the results stream: how a match came out, or players
// that are to be forgotten. It has no names, so that a player's id, which is
// nobody's once the account is gone, is all that stays for good. Its form is
// kept, too: fields may be added, and never change their meaning.
type result struct {
	At      time.Time // when it was written; a backup that is restored does not change it
	Game    string
	Mode    string           `msgpack:",omitempty"`
	Match   protocol.MatchID `msgpack:",omitempty"` // empty where players are forgotten
	Why     string           `msgpack:",omitempty"` // as in protocol.Ended
	Ticks   game.Tick        `msgpack:",omitempty"`
	Players []part           `msgpack:",omitempty"` // each once
	Bots    []bot            `msgpack:",omitempty"`
	Custom  bool             `msgpack:",omitempty"` // its players were chosen, not found: friends could make each other champions

	Forget []protocol.PlayerID `msgpack:",omitempty"`
}

// A part is what one player had of a match.
type part struct {
	Player protocol.PlayerID
	Seat   game.Seat
	Team   game.TeamID `msgpack:",omitempty"` // 0: the rules have no teams
	Left   bool        `msgpack:",omitempty"` // for good, before the end
	Rank   int32       `msgpack:",omitempty"` // the seat's, from 1; 0 if the rules gave none
	Score  int32       `msgpack:",omitempty"` // likewise
}

// A bot is what one had who played to the end.
type bot struct {
	Team game.TeamID `msgpack:",omitempty"`
	Rank int32       `msgpack:",omitempty"`
}

// Finished is the reason of a match that ended by its rules; no other counts.
const Finished = "finished"

func (r *result) finished() bool { return r.Why == Finished }

// resultOf is what is kept of a match. A player who left and came back had one
// part in it, the later.
func resultOf(e protocol.Ended, at time.Time) result {
	r := result{At: at, Game: e.Game, Mode: e.Mode, Match: e.Match, Why: e.Why, Ticks: e.Ticks, Custom: e.Custom}
	last := make(map[protocol.PlayerID]int, len(e.Seats))
	for i, s := range e.Seats {
		last[s.Player.ID] = i
	}
	placings := placingsOf(e.Result)
	for i, s := range e.Seats {
		if last[s.Player.ID] == i {
			r.Players = append(r.Players, partOf(s, placings[s.Seat]))
		}
	}
	for _, b := range e.Bots {
		r.Bots = append(r.Bots, bot{b.Team, placings[b.Seat].Rank})
	}
	return r
}

// placingsOf is how each seat came out; the zero Placing where the rules did
// not say.
func placingsOf(all game.Result) map[game.Seat]game.Placing {
	of := make(map[game.Seat]game.Placing, len(all))
	for _, p := range all {
		of[p.Seat] = p
	}
	return of
}

// partOf is a player's part. The seat of one who left went on without: its
// score is another's, and its rank too, but where a team came out by it.
func partOf(s protocol.EndedSeat, its game.Placing) part {
	p := part{Player: s.Player.ID, Seat: s.Seat, Team: s.Team, Left: s.Left}
	if !s.Left || s.Team != 0 {
		p.Rank = its.Rank
	}
	if !s.Left {
		p.Score = its.Score
	}
	return p
}
