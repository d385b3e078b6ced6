package group

import (
	"fmt"
	"strings"
	"time"
)

// A Result is what one cycle came to. Tickets are named by their index in what
// Form was given; each is in exactly one of the three.
type Result struct {
	Groups  []Group   // in the order in which their oldest ticket had its choice
	Joins   []Join    // running matches first seen to, oldest first
	Waiting []Waiting // oldest first
}

// A Group shall play one match together.
type Group struct {
	Teams   [][]int // tickets by team, oldest first
	Players int
	Bots    int // that fill the other seats
	Region  int
	Why     Why
}

// A Join sends tickets into a running match.
type Join struct {
	Match   int // index in what Form was given
	Team    int // of the match
	Tickets []int
	Why     Why
}

// A Why is how good a group is, and what made it possible.
type Why struct {
	Kind    Kind
	Gap     float64       // points between the mean of the strongest and of the weakest team; all against all: as Spread
	Spread  float64       // points between the strongest and the weakest ticket
	Ping    int           // ms, the worst in the match's region; 0: not measured
	Parties int           // difference of the teams' largest parties
	Oldest  time.Duration // the longest wait
	Mean    time.Duration // the mean wait of the tickets
	Window  Window        // the narrowest of each kind among its tickets; After is the shortest wait
	InRange int           // others whom the ticket that chose could have met; into a match that runs, all it could
}

// Kind is how a group came about.
type Kind uint8

// The kinds of groups.
const (
	Full     Kind = iota + 1 // every seat has a player
	Short                    // FillAfter has passed: bots or nobody in the other seats
	Backfill                 // into a match that runs
)

// String is for people: what was allowed stands behind what it came to.
func (w Why) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, gap %.0f (%s)", w.Kind, w.Gap, atMost(w.Window.Gap))
	if w.Spread != w.Gap {
		fmt.Fprintf(&b, ", spread %.0f", w.Spread)
	}
	if w.Ping > 0 {
		fmt.Fprintf(&b, ", ping %d ms (%s)", w.Ping, atMost(float64(w.Window.Ping)))
	}
	if w.Parties > 0 {
		fmt.Fprintf(&b, ", largest parties %d apart", w.Parties)
	}
	fmt.Fprintf(&b, ", %d in range, longest wait %v, mean %v", w.InRange, w.Oldest.Round(time.Millisecond), w.Mean.Round(time.Millisecond))
	return b.String()
}

// atMost is a limit in words; 0 is none.
func atMost(limit float64) string {
	if limit == 0 {
		return "any"
	}
	return fmt.Sprintf("at most %.0f", limit)
}

func (k Kind) String() string { return [...]string{"", "full", "short", "backfill"}[k] }

// A Waiting is a ticket that no group was found for, and why.
type Waiting struct {
	Ticket  int
	Window  Window // its own now; After is how long it has waited
	InRange int    // players in its window, in the region where there are most
	Reason  Reason
}

// Reason is why a ticket waits.
type Reason uint8

// The reasons to wait.
const (
	Alone      Reason = iota + 1 // too few players in its window
	Unsuited                     // enough, but it is not in their windows, or the parties do not add up
	NoRegion                     // no region within the ping its members accept, yet
	Held                         // kept for one who has waited longer than Patience
	Impossible                   // no members, more than a team's seats, or a rating that is no number
)

func (r Reason) String() string {
	return [...]string{"", "alone", "unsuited", "no region", "held", "impossible"}[r]
}

// Code is String for programs: one word.
func (r Reason) Code() string { return strings.ReplaceAll(r.String(), " ", "_") }
