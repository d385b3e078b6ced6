package game

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Matchmaking says how the players of a mode are brought together. It is plain
// data; a zero field means its default, and all of them together: the first
// who come, those nearest in rating with each other, on one team.
type Matchmaking struct {
	// Teams of a match are of one size: a seat is on the team Seat / TeamSize.
	// Default 1: all against all.
	Teams int
	// TeamSize is how many seats a team has; a party is never parted, so it is
	// also the largest party. Default Seats / Teams, and nothing else will do.
	TeamSize int

	// Widen is the curve of what a ticket accepts the longer it waits, by rising
	// After: straight between two points, level after the last. Default: anything,
	// at once.
	Widen []Window
	// Patience is after how long a ticket is waited for: as many players as it
	// needs get no other match until then. Default never. Until bots fill up, it
	// is [Mode.FillAfter].
	Patience time.Duration

	// Regions where matches can be played, in the order in which the pings of
	// tickets are kept. Default none: pings are not asked for.
	Regions []string
	// PartyBonus is how much stronger a party is than its members, in points of
	// rating for each member but the first.
	PartyBonus int
	// Match names the properties that tickets may have, such as a map or a
	// ruleset: those of all tickets in a match are equal. Default none.
	Match []string

	// AcceptFor is how long each player of a match that was found has to accept
	// it, before its countdown begins. Default 0: nobody is asked.
	AcceptFor time.Duration
	// Backfill has players join a match that runs, on seats without a player.
	Backfill bool
}

// A Window is what a ticket accepts that has waited for After. Zero means
// anything.
type Window struct {
	After time.Duration
	Gap   int // points of rating to anybody else in the match
	Ping  int // ms to the region of the match
}

// Bounds of Matchmaking.
const (
	MaxRegions = 64
	MaxProps   = 8
	MaxAccept  = 5 * time.Minute
)

func (mm *Matchmaking) defaults(seats int) {
	if mm.Teams == 0 {
		mm.Teams = 1
	}
	if mm.TeamSize == 0 && mm.Teams > 0 {
		mm.TeamSize = seats / mm.Teams
	}
}

// check says what is wrong with what defaults has filled in.
func (mm *Matchmaking) check(seats int) error {
	switch {
	case mm.Teams < 1 || mm.TeamSize < 1 || mm.Teams > seats || mm.TeamSize > seats || mm.Teams*mm.TeamSize != seats:
		return fmt.Errorf("%d teams of %d do not make %d seats", mm.Teams, mm.TeamSize, seats)
	case mm.Patience < 0:
		return errors.New("a negative Patience")
	case mm.PartyBonus < 0:
		return errors.New("a negative PartyBonus")
	case mm.AcceptFor < 0 || mm.AcceptFor > MaxAccept:
		return fmt.Errorf("an AcceptFor of %v, want 0 to %v", mm.AcceptFor, MaxAccept)
	}
	if err := checkNames("region", mm.Regions, MaxRegions); err != nil {
		return err
	}
	if err := checkNames("property", mm.Match, MaxProps); err != nil {
		return err
	}
	return checkCurve(mm.Widen)
}

func checkNames(what string, names []string, most int) error {
	if len(names) > most {
		return fmt.Errorf("more than %d of %s", most, what)
	}
	for i, name := range names {
		if !validName(name) {
			return fmt.Errorf("%s %q: want at most 32 lower case letters, digits and dashes", what, name)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("%s %s is there twice", what, name)
		}
	}
	return nil
}

func checkCurve(curve []Window) error {
	for i, w := range curve {
		if w.After < 0 || w.Gap < 0 || w.Ping < 0 {
			return fmt.Errorf("point %d of Widen is negative", i)
		}
		if i == 0 {
			continue
		}
		before := curve[i-1]
		if w.After <= before.After {
			return fmt.Errorf("point %d of Widen does not come after the one before", i)
		}
		if narrower(w.Gap, before.Gap) || narrower(w.Ping, before.Ping) {
			return fmt.Errorf("point %d of Widen is narrower than the one before", i)
		}
	}
	return nil
}

// narrower compares limits, of which 0 is none.
func narrower(limit, before int) bool { return limit != 0 && (before == 0 || limit < before) }
