package board

import (
	"cmp"
	"slices"

	"github.com/musterhq/muster/protocol"
)

// A ladder is a Ladder with its boards.
type ladder struct {
	Ladder
	calendar Seasons  // never changed
	boards   []season // oldest first, the last is open; under Boards.mu, replaced by whoever feeds
}

type season struct {
	Season
	*Board
}

// open is the season that is played; whoever feeds may call it.
func (l *ladder) open() season { return l.boards[len(l.boards)-1] }

// next returns the boards to have once a season has begun, or nil if none is
// to begin: seasons never go back, so a late entry counts for the open one.
func (l *ladder) next(now Season, cfg *Config) []season {
	if len(l.boards) == 0 {
		return []season{{now, New()}}
	}
	old := l.open()
	if now <= old.Season {
		return nil
	}
	kept := slices.DeleteFunc(slices.Clone(l.boards), func(s season) bool { return int(now-s.Season) > cfg.Kept })
	return append(kept, season{now, old.reset(int(now-old.Season), cfg.Reset)})
}

// reset makes the board that follows this one. Ties among its players are
// listed by id: all reached their scores at once.
func (b *Board) reset(passed int, reset func(Row, int) (int64, bool)) *Board {
	next := New()
	if reset == nil {
		return next
	}
	var rows []*row
	for s := range b.freeze().from(0) {
		if score, keep := reset(s.r.Row, passed); keep {
			rows = append(rows, &row{Row: Row{Player: s.r.Player, Score: hold(score)}})
		}
	}
	slices.SortFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Player, b.Player))
	})
	next.rows = make(map[protocol.PlayerID]*row, len(rows))
	var in builder[*row]
	for _, r := range rows {
		next.rows[r.Player] = r
		in.add(r.key(), r)
	}
	next.tree = in.tree()
	return next
}

// apply counts a match, for all its players in one step.
func (b *Board) apply(e *Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range e.Players {
		o := &e.Players[i]
		r := Row{Player: o.Player}
		if old := b.rows[o.Player]; old != nil {
			r = old.Row
		}
		b.set(e.Seq, r.count(e, o))
	}
}

// count returns the row after one more match.
func (r Row) count(e *Entry, o *Outcome) Row {
	r.Matches++
	switch o.Verdict {
	case Won:
		r.Wins++
	case Lost:
		r.Losses++
	}
	r.Last = e.At.Unix()
	switch e.Tally {
	case Rated:
		r.Score = o.After
	case Points:
		r.Score += o.Score // both within MaxScore, and set holds the sum to it
	}
	return r
}

func hold(score int64) int64 { return min(max(score, -MaxScore), MaxScore) }
