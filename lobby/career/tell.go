package career

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// Applied is a match that has been counted: every question is answered with it.
type Applied struct {
	Seq     uint64 // of the result; rises
	At      time.Time
	Game    string
	Mode    string
	Match   protocol.MatchID
	Why     string // it ended, as in protocol.Ended
	Ticks   game.Tick
	Players []Change // but for those whose accounts are gone
}

// A Change is how a match came out for a player, and what that did.
type Change struct {
	Player        protocol.PlayerID
	Seat          game.Seat
	Team          game.TeamID // 0: the rules have no teams
	Left          bool        // before the end
	Place         int         // 1 is best; 0 if there are no places
	Verdict       board.Verdict
	Score         int64
	Before, After int64 // the shown rating
}

// A teller tells somebody of each match.
type teller struct {
	name string
	tell func(context.Context, Applied) error
}

// OnApplied has f told of every match that is counted from now on, in order,
// one at a time, and after an error again: at least once, also where the
// process ends in between. What f does it does under the match's id, so that
// twice is once. The name is that of f's place in the stream, which is kept. It
// is called before Run and at each start.
func (c *Career) OnApplied(ctx context.Context, name string, f func(context.Context, Applied) error) error {
	_, err := c.told.Create(ctx, name, c.fold.last())
	if err != nil && !errors.Is(err, bus.ErrExists) {
		return err
	}
	c.tell = append(c.tell, teller{name, f})
	return nil
}

// runTeller tells until ctx is done; then it closes done.
func (c *Career) runTeller(ctx context.Context, t teller) (done <-chan struct{}) {
	end := make(chan struct{})
	go func() {
		defer close(end)
		c.keepAt(ctx, func() error { return c.tellOn(ctx, t) })
	}()
	return end
}

// tellOn goes on from where a teller got to.
func (c *Career) tellOn(ctx context.Context, t teller) error {
	at, err := c.told.Get(ctx, t.name)
	if err != nil {
		return err
	}
	return c.stream.Follow(ctx, at.Value+1, func(r bus.Record[result]) error {
		if err := c.await(ctx, r.Seq); err != nil {
			return err
		}
		if a, ok := c.fold.appliedOf(r); ok {
			if err := t.tell(ctx, a); err != nil {
				return err
			}
		}
		at.Revision, err = c.told.Update(ctx, t.name, r.Seq, at.Revision)
		return err
	})
}

// appliedOf says what a result has done, false if it was no match, or one that
// was counted before.
func (f *fold) appliedOf(r bus.Record[result]) (a Applied, ok bool) {
	v := &r.Value
	if v.Match == "" {
		return a, false
	}
	a = Applied{Seq: r.Seq, At: v.At, Game: v.Game, Mode: v.Mode, Match: v.Match, Why: v.Why, Ticks: v.Ticks}
	for _, p := range v.Players {
		if s, ok := f.step(who{v.Game, p.Player}, r.Seq); ok {
			a.Players = append(a.Players, v.change(r.Seq, p, s))
		}
	}
	return a, len(a.Players) > 0 || f.allForgotten(v)
}

func (r *result) change(seq uint64, p part, s step) Change {
	m := r.match(seq, p.Player, s)
	return Change{
		Player: p.Player, Seat: p.Seat, Team: p.Team, Left: p.Left,
		Place: m.Place, Verdict: m.Verdict, Score: m.Score, Before: m.Before, After: m.After,
	}
}

// allForgotten says that a match had no player who is still known.
func (f *fold) allForgotten(r *result) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return !slices.ContainsFunc(r.Players, func(p part) bool { return !f.forgotten[who{r.Game, p.Player}] })
}
