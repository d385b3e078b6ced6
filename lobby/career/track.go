package career

import (
	"context"
	"slices"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A step is one match of a player: the result's place in the stream, and the
// shown rating before and after. Eight bytes of each match stay in memory for
// each of its players, so that a match from years ago is one read away.
type step uint64

const (
	pointBits = 13 // rating.MaxPoints fits
	pointMask = 1<<pointBits - 1
)

func newStep(seq uint64, before, after int64) step {
	return step(seq<<(2*pointBits) | uint64(before)<<pointBits | uint64(after))
}

func (s step) seq() uint64   { return uint64(s) >> (2 * pointBits) }
func (s step) before() int64 { return int64(s>>pointBits) & pointMask }
func (s step) after() int64  { return int64(s) & pointMask }

// steps returns up to n of a player's below a place in the stream, newest
// first.
func (f *fold) steps(of who, below uint64, n int) []step {
	f.mu.RLock()
	defer f.mu.RUnlock()
	all := f.tracks[of]
	end, _ := slices.BinarySearchFunc(all, below, func(s step, seq uint64) int { return int(s.seq()) - int(seq) })
	last := slices.Clone(all[max(0, end-n):end])
	slices.Reverse(last)
	return last
}

// step is a player's at one result, if there is one.
func (f *fold) step(of who, seq uint64) (s step, ok bool) {
	if found := f.steps(of, seq+1, 1); len(found) == 1 && found[0].seq() == seq {
		return found[0], true
	}
	return 0, false
}

// A log tells the boards of matches that they do not remember.
type log struct {
	fold   *fold
	stream *bus.Stream[result]
}

// Matches implements [board.Log].
func (l *log) Matches(ctx context.Context, game string, p protocol.PlayerID, before uint64, n int) (all []board.Match, err error) {
	if before == 0 {
		before = l.fold.last() + 1
	}
	for _, s := range l.fold.steps(who{game, p}, before, n) {
		r, err := l.stream.Get(ctx, s.seq())
		if err != nil {
			return nil, err
		}
		all = append(all, r.Value.match(r.Seq, p, s))
	}
	return all, nil
}

// match is a result as its player sees it.
func (r *result) match(seq uint64, p protocol.PlayerID, s step) board.Match {
	i := slices.IndexFunc(r.Players, func(q part) bool { return q.Player == p })
	o := r.outcome(i, r.verdicts(r.sides())[i])
	return board.Match{
		Seq: seq, ID: r.Match, Ladder: board.Ladder{Game: r.Game, Mode: r.Mode}, At: r.At.Truncate(time.Millisecond).UTC(), Why: r.Why,
		Place: o.Place, Verdict: o.Verdict, Score: o.Score, Before: s.before(), After: s.after(),
	}
}
