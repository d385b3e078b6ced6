package social

import (
	"context"
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
)

// An Export is all that is kept of a player, but for reports, which are the
// moderators'.
type Export struct {
	Ties    []ExportedTie
	Blocks  []protocol.PlayerID
	Mutes   []protocol.PlayerID
	Silence *Silence // nil: none
}

// An ExportedTie is somebody a player has a tie to.
type ExportedTie struct {
	Player protocol.PlayerID
	Name   string // as it was when they last had to do with each other
	Tie    string // friend, asked, asks
	Since  time.Time
}

var tieNames = [...]string{protocol.TieFriend: "friend", protocol.TieAsked: "asked", protocol.TieAsks: "asks"}

// Export returns it.
func (s *Social) Export(ctx context.Context, who Who) (Export, error) {
	r, _, err := s.read(ctx, who.address())
	if err != nil {
		return Export{}, err
	}
	x := Export{Blocks: slices.Clone(r.Blocks), Mutes: slices.Clone(r.Mutes)}
	for _, t := range r.Ties {
		if t.Is != protocol.TieNone {
			x.Ties = append(x.Ties, ExportedTie{t.Player, t.Name, tieNames[t.Is], time.Unix(t.Since, 0).UTC()})
		}
	}
	if !r.Muted.Until.IsZero() {
		x.Silence = &Silence{r.Muted.Until, protocol.PlayerID(r.Muted.By), r.Muted.Why}
	}
	return x, nil
}
