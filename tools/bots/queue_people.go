package main

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/musterhq/muster/lobby/rating"
)

// A queueRegion is where players live and matches run.
type queueRegion struct {
	name  string
	share float64 // of the players
	ahead int     // hours before the clock of the report
	pings []float64
}

// queueRegions are four with round trips between them, ms, beside what each
// player's own line adds.
var queueRegions = []queueRegion{
	{"europe", 0.40, 0, []float64{15, 95, 180, 200}},
	{"america", 0.30, -6, []float64{95, 20, 160, 130}},
	{"asia", 0.20, 7, []float64{180, 160, 20, 290}},
	{"south", 0.10, -4, []float64{200, 130, 290, 20}},
}

// queueHours is how many begin to play in each hour of their own day, against
// the others: least at 5, most at 20.
var queueHours = [24]float64{5, 3, 2, 1.4, 1, 1, 1.4, 2, 3, 3.6, 4, 4.6, 5.4, 5.6, 5.6, 6, 7, 8.4, 10, 11.6, 12, 11.4, 10, 7.6}

// A person plays some games on the day.
type person struct {
	skill  float64 // that nobody knows, in the unit of rating.Rating.Mu
	rating rating.Rating
}

// A band is who queue together: one person, or friends as a party.
type band struct {
	members []person
	pings   []uint16 // they live near each other
	comes   time.Duration
	games   int // left to play
}

// bands makes up the people of a day.
func (c *QueueConfig) bands(rng *rand.Rand) (all []band) {
	for n := 0; n < c.Players; {
		b := c.band(rng, min(c.partySize(rng), c.Players-n))
		n += len(b.members)
		all = append(all, b)
	}
	return all
}

// partySize is 1 for six of ten tickets where parties are.
func (c *QueueConfig) partySize(rng *rand.Rand) int {
	if c.Mode == "1v1" {
		return 1
	}
	switch x := rng.Float64(); {
	case x < 0.6:
		return 1
	case x < 0.85:
		return 2
	case x < 0.95:
		return 3
	}
	return 4
}

func (c *QueueConfig) band(rng *rand.Rand, size int) band {
	b := band{games: 1 + int(rng.ExpFloat64()*3.5)}
	home := pick(rng, len(queueRegions), func(i int) float64 { return queueRegions[i].share })
	line := 3 + 12*rng.ExpFloat64()
	for _, ping := range queueRegions[home].pings {
		b.pings = append(b.pings, uint16(min(ping+line, 2000)))
	}
	hour := pick(rng, 24, func(i int) float64 { return queueHours[i] })
	hour = (hour - queueRegions[home].ahead + 24) % 24
	b.comes = time.Duration((float64(hour) + rng.Float64()) * float64(time.Hour))
	first := rng.NormFloat64()
	for i := range size {
		like := rng.NormFloat64()
		if i == 0 {
			like = first
		}
		b.members = append(b.members, c.person(rng, 0.7*first+0.3*like))
	}
	return b
}

// person is one whose skill lies so many deviations from the middle. Most have
// played for long; what is believed of them is near the truth.
func (c *QueueConfig) person(rng *rand.Rand, deviations float64) person {
	middle := rating.Default.Newcomer()
	p := person{skill: middle.Mu + deviations*middle.Sigma}
	if rng.Float64() >= c.New {
		p.rating = rating.Rating{Mu: p.skill + 1.5*rng.NormFloat64(), Sigma: 1.5, Matches: 50}
	}
	return p
}

// pick draws an index by weight.
func pick(rng *rand.Rand, n int, weight func(int) float64) int {
	sum := 0.
	for i := range n {
		sum += weight(i)
	}
	x := rng.Float64() * sum
	for i := range n {
		if x -= weight(i); x < 0 {
			return i
		}
	}
	return n - 1
}

// chance is that of the first side to win, by what nobody knows: the model
// that rating assumes.
func chance(first, second float64) float64 {
	beta := rating.Default.Newcomer().Sigma / 2
	return 1 / (1 + math.Exp((second-first)/(math.Sqrt2*beta)))
}
