package group

import (
	"math"
	"math/rand/v2"
	"time"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// curve is like what a mode would have.
var curve = []Window{{0, 100, 60}, {10 * time.Second, 200, 90}, {30 * time.Second, 500, 150}, {time.Minute, 1200, 250}}

var (
	duel    = Rules{Teams: 2, TeamSize: 1, Widen: curve, Regions: 4}
	teams4  = Rules{Teams: 2, TeamSize: 4, Widen: curve, Regions: 4}
	freeFor = Rules{TeamSize: 8, MinPlayers: 2, FillAfter: 20 * time.Second, Bots: true, Widen: curve, Regions: 4}
	three   = Rules{Teams: 3, TeamSize: 3, MinPlayers: 4, FillAfter: 15 * time.Second, Widen: curve, Regions: 4, PartyBonus: 30}
)

// A crowd says what tickets to make up.
type crowd struct {
	players int
	largest int           // party
	wait    time.Duration // the longest
	normal  bool          // ratings, instead of uniform over 0..5000
	regions int
}

// tickets are those of a crowd, oldest first.
func (c crowd) tickets(rng *rand.Rand) (all []Ticket) {
	n := 0
	for n < c.players {
		t := Ticket{ID: uint64(len(all) + 1), Since: noon.Add(-c.wait + time.Duration(float64(c.wait)*float64(n)/float64(c.players)))}
		size := 1
		for size < c.largest && rng.IntN(3) == 0 {
			size++
		}
		rating, pings := c.rating(rng), c.pings(rng)
		for range size {
			t.Members = append(t.Members, Member{Rating: rating + rng.NormFloat64()*50*float64(size-1), Pings: pings})
		}
		n += size
		all = append(all, t)
	}
	return all
}

func (c crowd) rating(rng *rand.Rand) float64 {
	if c.normal {
		return 2500 + 700*rng.NormFloat64()
	}
	return 5000 * rng.Float64()
}

// pings are low at home and higher the farther away.
func (c crowd) pings(rng *rand.Rand) (all []uint16) {
	home := rng.IntN(max(c.regions, 1))
	for r := range c.regions {
		all = append(all, uint16(10+rng.IntN(40)+70*min((r-home+c.regions)%c.regions, (home-r+c.regions)%c.regions)))
	}
	return all
}

// randomGap is the mean rating gap between two tickets that accept each other
// and share a region, picked by chance.
func randomGap(rules Rules, all []Ticket, rng *rand.Rand) float64 {
	sum, n := 0., 0
	for range 200_000 {
		a, b := &all[rng.IntN(len(all))], &all[rng.IntN(len(all))]
		gap := math.Abs(rules.Rating(a) - rules.Rating(b))
		if a != b && gap <= min(windowOf(rules, a).Gap, windowOf(rules, b).Gap) && shareRegion(rules, a, b) {
			sum, n = sum+gap, n+1
		}
	}
	return sum / float64(n)
}

func windowOf(rules Rules, t *Ticket) Window { return rules.Window(noon.Sub(t.Since)) }

func shareRegion(rules Rules, all ...*Ticket) bool {
	for r := range max(rules.Regions, 1) {
		ok := true
		for _, t := range all {
			ok = ok && accepts(rules, t, r, noon)
		}
		if ok {
			return true
		}
	}
	return false
}

// accepts says whether all members put up with their pings to a region.
func accepts(rules Rules, t *Ticket, region int, now time.Time) bool {
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

// randomTeamGap is the gap between the means of two teams of tickets that all
// accept a first one, picked by chance and dealt in turn.
func randomTeamGap(rules Rules, all []Ticket, rng *rand.Rand) float64 {
	sum, n := 0., 0
	for range 3000 {
		first := &all[rng.IntN(len(all))]
		picked := []*Ticket{first}
		for tries := 0; tries < 5000 && len(picked) < rules.Seats(); tries++ {
			t := &all[rng.IntN(len(all))]
			gap := math.Abs(rules.Rating(first) - rules.Rating(t))
			if gap <= min(windowOf(rules, first).Gap, windowOf(rules, t).Gap) && shareRegion(rules, first, t) {
				picked = append(picked, t)
			}
		}
		if len(picked) == rules.Seats() {
			sum, n = sum+dealt(rules, picked), n+1
		}
	}
	return sum / float64(n)
}

func dealt(rules Rules, picked []*Ticket) float64 {
	var team [2]float64
	for i, t := range picked {
		team[i%2] += rules.Rating(t) / float64(len(picked)/2)
	}
	return math.Abs(team[0] - team[1])
}
