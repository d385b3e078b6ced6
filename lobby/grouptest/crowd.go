// Package grouptest makes up crowds of players who wait, for tests and
// benchmarks of package group and of those who stand upon it, and measures how
// good groups are against chance.
package grouptest

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/musterhq/muster/lobby/group"
)

// Noon is when crowds have come to wait.
var Noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// A Crowd says what tickets to make up.
type Crowd struct {
	Players int
	Largest int           // party
	Wait    time.Duration // the longest
	Normal  bool          // ratings, instead of uniform over 0..5000
	Regions int
}

// Tickets are those of a crowd, oldest first.
func (c Crowd) Tickets(rng *rand.Rand) (all []group.Ticket) {
	n := 0
	for n < c.Players {
		t := group.Ticket{ID: uint64(len(all) + 1), Since: Noon.Add(-c.Wait + time.Duration(float64(c.Wait)*float64(n)/float64(c.Players)))}
		size := 1
		for size < c.Largest && rng.IntN(3) == 0 {
			size++
		}
		rating, pings := c.Rating(rng), c.Pings(rng)
		for range size {
			t.Members = append(t.Members, group.Member{Rating: rating + rng.NormFloat64()*50*float64(size-1), Pings: pings})
		}
		n += size
		all = append(all, t)
	}
	return all
}

// Rating is that of one of the crowd.
func (c Crowd) Rating(rng *rand.Rand) float64 {
	if c.Normal {
		return 2500 + 700*rng.NormFloat64()
	}
	return 5000 * rng.Float64()
}

// Pings are low at home and higher the farther away.
func (c Crowd) Pings(rng *rand.Rand) (all []uint16) {
	home := rng.IntN(max(c.Regions, 1))
	for r := range c.Regions {
		all = append(all, uint16(10+rng.IntN(40)+70*min((r-home+c.Regions)%c.Regions, (home-r+c.Regions)%c.Regions)))
	}
	return all
}

// RandomGap is the mean rating gap between two tickets that accept each other
// and share a region, picked by chance.
func RandomGap(rules group.Rules, all []group.Ticket, rng *rand.Rand) float64 {
	sum, n := 0., 0
	for range 200_000 {
		a, b := &all[rng.IntN(len(all))], &all[rng.IntN(len(all))]
		gap := math.Abs(rules.Rating(a) - rules.Rating(b))
		if a != b && gap <= min(WindowOf(rules, a).Gap, WindowOf(rules, b).Gap) && shareRegion(rules, a, b) {
			sum, n = sum+gap, n+1
		}
	}
	return sum / float64(n)
}

// WindowOf is the window of a ticket at noon.
func WindowOf(rules group.Rules, t *group.Ticket) group.Window {
	return rules.Window(Noon.Sub(t.Since))
}

func shareRegion(rules group.Rules, all ...*group.Ticket) bool {
	for r := range max(rules.Regions, 1) {
		ok := true
		for _, t := range all {
			ok = ok && Accepts(rules, t, r, Noon)
		}
		if ok {
			return true
		}
	}
	return false
}

// Accepts says whether all members put up with their pings to a region.
func Accepts(rules group.Rules, t *group.Ticket, region int, now time.Time) bool {
	if rules.Regions == 0 {
		return true
	}
	limit := rules.Window(now.Sub(t.Since)).Ping
	for _, m := range t.Members {
		if len(m.Pings) == 0 {
			continue
		}
		if region >= len(m.Pings) || m.Pings[region] == 0 || limit > 0 && int(m.Pings[region]) > limit {
			return false
		}
	}
	return true
}

// RandomTeamGap is the gap between the means of two teams of tickets that all
// accept a first one, picked by chance and dealt in turn.
func RandomTeamGap(rules group.Rules, all []group.Ticket, rng *rand.Rand) float64 {
	sum, n := 0., 0
	for range 3000 {
		first := &all[rng.IntN(len(all))]
		picked := []*group.Ticket{first}
		for tries := 0; tries < 5000 && len(picked) < rules.Seats(); tries++ {
			t := &all[rng.IntN(len(all))]
			gap := math.Abs(rules.Rating(first) - rules.Rating(t))
			if gap <= min(WindowOf(rules, first).Gap, WindowOf(rules, t).Gap) && shareRegion(rules, first, t) {
				picked = append(picked, t)
			}
		}
		if len(picked) == rules.Seats() {
			sum, n = sum+dealt(rules, picked), n+1
		}
	}
	return sum / float64(n)
}

func dealt(rules group.Rules, picked []*group.Ticket) float64 {
	var team [2]float64
	for i, t := range picked {
		team[i%2] += rules.Rating(t) / float64(len(picked)/2)
	}
	return math.Abs(team[0] - team[1])
}
