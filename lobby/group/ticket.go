package group

import (
	"math"
	"time"
)

// A Ticket is a player or a party who wait for a match. Form only reads it.
type Ticket struct {
	ID      uint64    // unique; among those of one moment the lower came first
	Since   time.Time // when it began to wait
	Members []Member  // who are never parted and play in one team
	Props   string    // tickets meet only where these are equal: a map, a version, ranked or not
	Fresh   bool      // does not want into a match that runs already
	Shuns   []uint64  // matches by ID that it must not join
}

// A Member is one player of a ticket.
type Member struct {
	Rating float64 // points
	// Pings are round trips in ms by region, as many as Rules.Regions; 0 or
	// one that is missing is a region out of reach. None at all means not
	// measured: any region will do.
	Pings []uint16
}

// A Match runs and has free seats.
type Match struct {
	ID        uint64    // unique; breaks ties
	Since     time.Time // when the seat came free: its window widens, too
	Props     string
	Region    int
	Low, High float64 // the ratings of its weakest and strongest ticket or player
	Teams     []Team
}

// A Team is one of a running match.
type Team struct {
	Players int
	Rating  float64 // mean of the players
	Free    int     // seats to fill
}

// rating is that of the ticket as a whole: the members' mean, and what being a
// party adds.
func (t *Ticket) rating(bonus float64) float64 {
	sum := 0.
	for i := range t.Members {
		sum += t.Members[i].Rating
	}
	n := float64(len(t.Members))
	return sum/n + bonus*(n-1)
}

// ping is the worst among the members in a region, 0 for out of reach.
func (t *Ticket) ping(region int) (worst uint16) {
	for i := range t.Members {
		pings := t.Members[i].Pings
		switch {
		case len(pings) == 0:
			worst = max(worst, unmeasured)
		case region >= len(pings) || pings[region] == 0:
			return 0
		default:
			worst = max(worst, pings[region])
		}
	}
	return worst
}

// unmeasured stands for a ping that nobody knows: good anywhere.
const unmeasured = 1

// waited is how long a ticket has been here; one from the future came now.
func waited(since, now time.Time) time.Duration { return max(now.Sub(since), 0) }

// Rating is what a ticket counts as under these rules, in points: that which
// windows compare.
func (r Rules) Rating(t *Ticket) float64 { return t.rating(r.PartyBonus) }

func sane(rating float64) bool { return math.Abs(rating) <= math.MaxFloat32 }
