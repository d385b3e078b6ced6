package group

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Rules are how one mode brings players together. Zero means the default.
type Rules struct {
	Teams    int // of a match. Default 1: all against all
	TeamSize int // seats of a team; with one team, of the match. Required
	// MinPlayers may play where there are no more in range once one of them
	// has waited for FillAfter. Default all seats: never short.
	MinPlayers int
	FillAfter  time.Duration
	Bots       bool // bots take the seats that a short group leaves empty
	// Widen is the curve of the windows, by rising After; between two points
	// it is linear, after the last it stays. Default no limits. Windows hold
	// both ways: its beginning is also what a newcomer grants to those who
	// wait, so where it is narrow, somebody far from a crowd that is served at
	// once waits until one of the crowd has to wait. See Patience.
	Widen []Window
	// Patience is after how long a ticket is waited for: as many players as it
	// needs, those whose windows will reach it soonest, get no other group
	// until then. It bounds the longest wait, at the expense of few. Default
	// never.
	Patience time.Duration
	// Regions is how many there are, at most MaxRegions: the length of
	// Member.Pings. 0 means pings are not asked.
	Regions int
	// PartyWeight is how much it counts that parties meet parties, against 1
	// for the rating gap in a full window. Default 0.3.
	PartyWeight float64
	// PartyBonus is how much stronger a party is than its members, in points
	// of rating for each member but the first.
	PartyBonus float64
}

// A Window is what a ticket that has waited for After accepts. Zero means
// anything.
type Window struct {
	After time.Duration
	Gap   float64 // points of rating to any other ticket of the match
	Ping  int     // ms to the region of the match, for each member
}

// MaxRegions bounds Rules.Regions.
const MaxRegions = 64

// MaxSeats bounds the seats of a match.
const MaxSeats = 1024

func (r Rules) withDefaults() Rules {
	r.Teams = max(r.Teams, 1)
	if r.MinPlayers == 0 {
		r.MinPlayers = r.Seats()
	}
	if r.PartyWeight == 0 {
		r.PartyWeight = 0.3
	}
	return r
}

// Seats is how many players a full match has.
func (r Rules) Seats() int { return max(r.Teams, 1) * r.TeamSize }

// Validate says what is wrong with the rules, if anything.
func (r Rules) Validate() error {
	switch {
	case r.Teams < 0 || r.TeamSize < 1 || r.Teams > MaxSeats || r.TeamSize > MaxSeats || r.Seats() > MaxSeats:
		return fmt.Errorf("group: %d teams of %d, want 1 to %d seats", r.Teams, r.TeamSize, MaxSeats)
	case r.MinPlayers < 0 || r.MinPlayers > r.Seats():
		return fmt.Errorf("group: MinPlayers %d of %d seats", r.MinPlayers, r.Seats())
	case r.FillAfter < 0 || r.Patience < 0:
		return errors.New("group: FillAfter or Patience is negative")
	case r.Regions < 0 || r.Regions > MaxRegions:
		return fmt.Errorf("group: %d regions, want 0 to %d", r.Regions, MaxRegions)
	case !finite(r.PartyWeight) || !finite(r.PartyBonus):
		return errors.New("group: PartyWeight and PartyBonus must be 0 or more")
	}
	return validate(r.Widen)
}

func finite(x float64) bool { return x >= 0 && x <= math.MaxFloat32 }

func validate(curve []Window) error {
	for i, w := range curve {
		if w.After < 0 || !finite(w.Gap) || w.Ping < 0 {
			return fmt.Errorf("group: window %d holds what is negative or not finite", i)
		}
		if i > 0 && w.After <= curve[i-1].After {
			return fmt.Errorf("group: window %d does not come after the one before", i)
		}
		if i > 0 && (wide(w.Gap) < wide(curve[i-1].Gap) || wide(float64(w.Ping)) < wide(float64(curve[i-1].Ping))) {
			return fmt.Errorf("group: window %d is narrower than the one before", i)
		}
	}
	return nil
}

// wide makes the zero that means anything a number to compare with.
func wide(limit float64) float64 {
	if limit == 0 {
		return math.Inf(1)
	}
	return limit
}

// Window is what a ticket accepts that has waited for so long.
func (r Rules) Window(waited time.Duration) Window {
	curve := r.Widen
	if len(curve) == 0 {
		return Window{After: waited}
	}
	i := 0
	for i < len(curve)-1 && waited >= curve[i+1].After {
		i++
	}
	w := curve[i]
	if i < len(curve)-1 && waited > w.After {
		w = between(w, curve[i+1], waited)
	}
	w.After = waited
	return w
}

func between(a, b Window, waited time.Duration) Window {
	share := float64(waited-a.After) / float64(b.After-a.After)
	if a.Gap != 0 && b.Gap != 0 {
		a.Gap += share * (b.Gap - a.Gap)
	}
	if a.Ping != 0 && b.Ping != 0 {
		a.Ping += int(share * float64(b.Ping-a.Ping))
	}
	return a
}

// reaches is how long it takes until a window is so wide, if ever it is.
func (r Rules) reaches(gap float64) (after time.Duration, ok bool) {
	for i, w := range r.Widen {
		switch {
		case gap > wide(w.Gap):
		case i == 0:
			return 0, true
		default:
			return r.Widen[i-1].crosses(w, gap), true
		}
	}
	return 0, len(r.Widen) == 0
}

// crosses is when the way from one point of the curve to the next comes by a
// gap.
func (w Window) crosses(next Window, gap float64) time.Duration {
	if next.Gap == 0 {
		return next.After
	}
	share := (gap - w.Gap) / (next.Gap - w.Gap)
	return w.After + time.Duration(math.Ceil(share*float64(next.After-w.After)))
}
