package career

import (
	"cmp"
	"context"
	"slices"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
)

// A Place is where a player stands in a mode.
type Place struct {
	Mode   string
	Season board.Season // in which the rating was last won
	Rating rating.Rating
	Points int // as boards show it
	// The board of the season that is played, zero for who is not on it.
	Standing board.Standing
}

// Places are a player's of all modes of a game that were rated, by mode.
func (c *Career) Places(game string, p protocol.PlayerID) []Place {
	all := c.fold.places(game, p)
	for i := range all {
		v, _, ok := c.fold.boards.Current(board.Ladder{Game: game, Mode: all[i].Mode})
		if ok {
			all[i].Standing, _ = v.Rank(p)
		}
	}
	slices.SortFunc(all, func(a, b Place) int { return cmp.Compare(a.Mode, b.Mode) })
	return all
}

func (f *fold) places(game string, p protocol.PlayerID) (all []Place) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for l, rated := range f.ratings {
		if b, ok := rated[p]; ok && l.Game == game {
			all = append(all, Place{Mode: l.Mode, Season: b.season, Rating: b.Rating, Points: f.model.Points(b.Rating)})
		}
	}
	return all
}

// An Export is all that is kept of a player.
type Export struct {
	Places  []Place
	Matches []board.Match // newest first
}

// Export returns all that is kept of a player.
func (c *Career) Export(ctx context.Context, game string, p protocol.PlayerID) (Export, error) {
	x := Export{Places: c.Places(game, p)}
	for before := uint64(0); ; {
		page, err := c.fold.boards.Matches(ctx, game, p, before, board.MaxPage)
		if err != nil {
			return Export{}, err
		}
		x.Matches = append(x.Matches, page.Matches...)
		if before = page.Next; before == 0 {
			return x, nil
		}
	}
}
