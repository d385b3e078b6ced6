package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/rating"
)

// A day is the matchmaker's, played in fake time on one goroutine.
type day struct {
	cfg   QueueConfig
	rules group.Rules
	rng   *rand.Rand
	bands []band
	due   [][]int32 // bands that queue, by cycle

	start   time.Time
	now     time.Time
	tickets []group.Ticket // waiting, oldest first
	owners  []int32        // of tickets, their bands
	recent  []float64      // ratings of the last who queued, a ring
	next    uint64         // ticket

	hours  []*tally
	points []point
}

// A point is a match for the plot.
type point struct{ wait, gap float64 } // s, points of rating

// recentTickets is among how many the random opponents are drawn, to compare.
const recentTickets = 2000

func playDay(cfg QueueConfig) *day {
	rng := rand.New(rand.NewPCG(cfg.Seed, 11))
	d := &day{cfg: cfg, rules: cfg.rules(), rng: rng, bands: cfg.bands(rng), start: time.Unix(0, 0).UTC()}
	cycles := int(cfg.Day / queueCycle)
	d.due = make([][]int32, cycles)
	for range (cfg.Day + time.Hour - 1) / time.Hour {
		d.hours = append(d.hours, &tally{})
	}
	for i := range d.bands {
		d.plan(int32(i), d.bands[i].comes)
	}
	for n := range cycles {
		d.cycle(n)
	}
	return d
}

// plan has a band queue at a time, if that is still on the day.
func (d *day) plan(band int32, at time.Duration) {
	if n := int((at + queueCycle - 1) / queueCycle); n < len(d.due) {
		d.due[n] = append(d.due[n], band)
	}
}

func (d *day) cycle(n int) {
	d.now = d.start.Add(time.Duration(n) * queueCycle)
	for _, band := range d.due[n] {
		d.enqueue(band)
	}
	d.due[n] = nil
	if len(d.tickets) == 0 {
		return
	}
	r := group.Form(d.rules, d.tickets, nil, d.now)
	for i := range r.Groups {
		d.play(&r.Groups[i])
	}
	d.keep(r.Waiting)
}

// keep leaves only those in the queue who wait.
func (d *day) keep(waiting []group.Waiting) {
	for i, w := range waiting { // in the order of tickets: oldest first
		d.tickets[i], d.owners[i] = d.tickets[w.Ticket], d.owners[w.Ticket]
	}
	d.tickets, d.owners = d.tickets[:len(waiting)], d.owners[:len(waiting)]
}

func (d *day) enqueue(index int32) {
	b := &d.bands[index]
	d.next++
	t := group.Ticket{ID: d.next, Since: d.now, Members: make([]group.Member, len(b.members))}
	for i, p := range b.members {
		t.Members[i] = group.Member{Rating: rating.Default.Skill(p.rating), Pings: b.pings}
	}
	d.tickets, d.owners = append(d.tickets, t), append(d.owners, index)
	d.remember(d.rules.Rating(&t))
	d.hour().arrived += len(b.members)
}

func (d *day) remember(rating float64) {
	if len(d.recent) < recentTickets {
		d.recent = append(d.recent, rating)
	}
	d.recent[int(d.next%recentTickets)%len(d.recent)] = rating
}

func (d *day) hour() *tally { return d.hours[int(d.now.Sub(d.start)/time.Hour)] }

// play plays a match, counts it, and plans when its players queue again.
func (d *day) play(g *group.Group) {
	took := time.Duration(float64(5*time.Minute) * (0.5 + d.rng.Float64()))
	wins := d.sides(g)
	d.count(g, wins)
	d.rate(g, d.rng.Float64() < wins, d.now.Add(took))
	for _, t := range slices.Concat(g.Teams...) {
		b := &d.bands[d.owners[t]]
		if b.games--; b.games > 0 {
			pause := time.Duration((15 + 45*d.rng.Float64()) * float64(time.Second))
			d.plan(d.owners[t], d.now.Sub(d.start)+took+pause)
		}
	}
}

// sides is the true chance of the first team. Bots are as good as their
// team-mates; a team of bots alone is as good as the other.
func (d *day) sides(g *group.Group) float64 {
	var mean [2]float64
	for i, team := range g.Teams {
		n := 0
		for _, t := range team {
			for _, p := range d.bands[d.owners[t]].members {
				mean[i] += p.skill
				n++
			}
		}
		mean[i] /= float64(n)
	}
	if math.IsNaN(mean[0]) || math.IsNaN(mean[1]) {
		return 0.5
	}
	size := float64(d.rules.TeamSize)
	return chance(mean[0]*size, mean[1]*size)
}

// rate has everybody's rating learn from the match.
func (d *day) rate(g *group.Group, firstWon bool, at time.Time) {
	sides := make([]rating.Side, len(g.Teams))
	for i, team := range g.Teams {
		sides[i].Bots = d.rules.TeamSize
		for _, t := range team {
			for _, p := range d.bands[d.owners[t]].members {
				sides[i].Players = append(sides[i].Players, rating.Player{Rating: p.rating})
				sides[i].Bots--
			}
		}
		if firstWon != (i == 0) {
			sides[i].Rank = 1
		}
	}
	after, _ := rating.Default.Update(sides, at)
	for i, team := range g.Teams {
		for _, t := range team {
			b := &d.bands[d.owners[t]]
			for j := range b.members {
				b.members[j].rating, after[i] = after[i][0], after[i][1:]
			}
		}
	}
}

// count notes what a match was like.
func (d *day) count(g *group.Group, wins float64) {
	h := d.hour()
	h.matches++
	if g.Bots > 0 {
		h.withBots++
	} else {
		h.gaps = append(h.gaps, g.Why.Gap)
		h.favourite += max(wins, 1-wins)
		h.random += d.randomGap()
		d.points = append(d.points, point{g.Why.Mean.Seconds(), g.Why.Gap})
	}
	for _, t := range slices.Concat(g.Teams...) {
		wait := d.now.Sub(d.tickets[t].Since).Seconds()
		for _, m := range d.tickets[t].Members {
			h.waits = append(h.waits, wait)
			h.pings = append(h.pings, float64(m.Pings[g.Region]))
		}
	}
}

// randomGap is that between teams of tickets drawn by chance among the last
// who queued, which is what a queue without windows makes.
func (d *day) randomGap() float64 {
	sum, size := 0., d.rules.TeamSize
	for i := range 2 * size {
		sign := float64(1 - i%2*2)
		sum += sign * d.recent[d.rng.IntN(len(d.recent))] / float64(size)
	}
	return math.Abs(sum)
}
