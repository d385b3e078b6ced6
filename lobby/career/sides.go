package career

import (
	"math"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
)

// A side is those who won or lost together: a team, or one player or bot of a
// free-for-all.
type side struct {
	rank    int   // that of its best
	players []int // by index into result.Players
	bots    int
}

// unranked is the rank of a side that the rules gave none, and of who left a
// free-for-all.
const unranked = math.MaxInt32

// sides parts a match, players first, in the order in which they are kept.
func (r *result) sides() (all []side) {
	teams := map[game.TeamID]int{}
	join := func(team game.TeamID, rank int32) *side {
		at, ok := teams[team]
		if !ok || team == 0 {
			at = len(all)
			teams[team] = at
			all = append(all, side{rank: unranked})
		}
		if rank > 0 {
			all[at].rank = min(all[at].rank, int(rank))
		}
		return &all[at]
	}
	for i, p := range r.Players {
		s := join(p.Team, p.Rank)
		s.players = append(s.players, i)
	}
	for _, b := range r.Bots {
		join(b.Team, b.Rank).bots++
	}
	return all
}

// ratingSides are sides as package rating has them.
func (r *result) ratingSides(sides []side, of func(protocol.PlayerID) rating.Rating) []rating.Side {
	all := make([]rating.Side, len(sides))
	for i, s := range sides {
		all[i] = rating.Side{Rank: s.rank, Bots: s.bots}
		for _, j := range s.players {
			p := r.Players[j]
			all[i].Players = append(all[i].Players, rating.Player{Rating: of(p.Player), Left: p.Left})
		}
	}
	return all
}

// verdicts are how a finished match came out for each of its players: the side
// at the top has won, several there drew, and who left has lost. Where the rules
// gave no places all drew.
func (r *result) verdicts(sides []side) []board.Verdict {
	all := make([]board.Verdict, len(r.Players))
	if !r.finished() {
		return all
	}
	best, first := top(sides)
	for _, s := range sides {
		for _, i := range s.players {
			switch {
			case best == unranked:
				all[i] = board.Drew
			case r.Players[i].Left || s.rank != best:
				all[i] = board.Lost
			case first == 1:
				all[i] = board.Won
			default:
				all[i] = board.Drew
			}
		}
	}
	return all
}

// top is the best rank, and how many sides have it.
func top(sides []side) (rank, n int) {
	rank = unranked
	for _, s := range sides {
		switch {
		case s.rank < rank:
			rank, n = s.rank, 1
		case s.rank == rank:
			n++
		}
	}
	return rank, n
}
