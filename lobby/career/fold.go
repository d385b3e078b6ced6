package career

import (
	"sync"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A fold is what the results up to one of them add up to. It depends on them
// and on nothing else: no clock, no chance, no order but theirs. One goroutine
// applies, any number read.
type fold struct {
	// set by newFold and never changed
	model  *rating.Model
	boards *board.Boards

	mu        sync.RWMutex
	applied   uint64        // the last result; under mu, as all that follows
	latest    stamp         // of it
	news      chan struct{} // closed with the next
	ratings   map[board.Ladder]map[protocol.PlayerID]believed
	tracks    map[who][]step
	forgotten map[who]bool // who may still come out of a match that ran meanwhile
	met       met
}

// A who is a player of a game.
type who struct {
	game   string
	player protocol.PlayerID
}

// believed is a rating and the season it is of.
type believed struct {
	rating.Rating
	season board.Season
}

func newFold(model *rating.Model, boards *board.Boards) *fold {
	return &fold{
		model: model, boards: boards, news: make(chan struct{}),
		ratings: make(map[board.Ladder]map[protocol.PlayerID]believed),
		tracks:  make(map[who][]step), forgotten: make(map[who]bool), met: newMet(),
	}
}

// apply takes in the next result. An error is that of one which cannot be and
// is passed over.
func (f *fold) apply(r bus.Record[result]) error {
	if r.Seq <= f.last() {
		return nil
	}
	r.Value.At = r.Value.At.UTC() // as it is however it was kept
	entry := f.count(r.Seq, &r.Value)
	err := f.boards.Apply(entry)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.applied, f.latest = r.Seq, r.Value.stamp()
	close(f.news)
	f.news = make(chan struct{})
	return err
}

// count changes what is believed, and returns what the boards shall show. A
// match that was counted already is not counted again.
func (f *fold) count(seq uint64, r *result) board.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	e := board.Entry{Seq: seq, At: r.At, Ladder: board.Ladder{Game: r.Game}, Tally: board.Unrated}
	switch {
	case len(r.Forget) > 0:
		f.forget(r)
		e.Forget = r.Forget
	case f.met.again(r.Match):
	default:
		e.Mode, e.Match, e.Why = r.Mode, r.Match, r.Why
		f.rate(&e, r)
	}
	return e
}

// rate learns from a match: e gets its players, but for those who are forgotten.
func (f *fold) rate(e *board.Entry, r *result) {
	sides, season := r.sides(), f.season(e.Ladder, r.At)
	before := func(p protocol.PlayerID) rating.Rating { return f.at(e.Ladder, p, season, r.At) }
	rated := r.ratingSides(sides, before)
	after, counted := f.model.Update(rated, r.At)
	if counted = counted && r.finished() && !r.Custom; counted {
		e.Tally = board.Rated
	}
	verdicts := r.verdicts(sides)
	outcomes := make([]board.Outcome, len(r.Players))
	for i, s := range sides {
		for j, k := range s.players {
			o := r.outcome(k, verdicts[k])
			o.Before = f.points(f.model.At(rated[i].Players[j].Rating, r.At))
			o.After = o.Before
			if counted {
				o.After = f.points(after[i][j])
				f.believe(e.Ladder, o.Player, believed{after[i][j], season})
			}
			outcomes[k] = o
		}
	}
	for _, o := range outcomes {
		if one := (who{r.Game, o.Player}); !f.forgotten[one] {
			e.Players = append(e.Players, o)
			f.tracks[one] = append(f.tracks[one], newStep(e.Seq, o.Before, o.After))
		}
	}
}

// outcome is a player's part of a match, but for what it did to the rating.
func (r *result) outcome(i int, v board.Verdict) board.Outcome {
	p := r.Players[i]
	o := board.Outcome{Player: p.Player, Verdict: v}
	if r.finished() {
		o.Place, o.Score = int(min(max(p.Rank, 0), maxPlace)), int64(p.Score)
	}
	return o
}

// maxPlace is beyond any number of seats.
const maxPlace = 1 << 16

func (f *fold) points(r rating.Rating) int64 { return int64(f.model.Points(r)) }

// season is that of a time. Seasons never go back, whatever the clock does.
func (f *fold) season(l board.Ladder, at time.Time) board.Season {
	_, current, _ := f.boards.Current(l)
	return max(current, f.boards.Calendar(l).At(at))
}

// at is what is believed of a player in a season, with mu held: the first time
// in one, that of the season before as it was softened by the turn.
func (f *fold) at(l board.Ladder, p protocol.PlayerID, season board.Season, now time.Time) rating.Rating {
	b, ok := f.ratings[l][p]
	if !ok {
		return rating.Rating{}
	}
	for range min(season-b.season, maxTurns) {
		b.Rating = f.model.Season(b.Rating, now)
		b.Last = now // the time away is in it
	}
	return b.Rating
}

// maxTurns is how many turns of season leave anything of a rating.
const maxTurns = 16

func (f *fold) believe(l board.Ladder, p protocol.PlayerID, b believed) {
	if f.forgotten[who{l.Game, p}] {
		return
	}
	if f.ratings[l] == nil {
		f.ratings[l] = make(map[protocol.PlayerID]believed)
	}
	f.ratings[l][p] = b
}

func (f *fold) forget(r *result) {
	for _, p := range r.Forget {
		for l, all := range f.ratings {
			if l.Game == r.Game {
				delete(all, p)
			}
		}
		delete(f.tracks, who{r.Game, p})
		f.forgotten[who{r.Game, p}] = true
	}
}

// last is the last result that is applied.
func (f *fold) last() uint64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.applied
}

// awaiting returns a channel that is closed when another result is applied, nil
// if this one is.
func (f *fold) awaiting(seq uint64) <-chan struct{} {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.applied >= seq {
		return nil
	}
	return f.news
}
