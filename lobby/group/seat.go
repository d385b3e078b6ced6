package group

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// A draft is a group in the making.
type draft struct {
	teams  [][]int32 // positions
	region int
	score  float64 // the lower the better
	why    Why
}

func (d *draft) reset(teams int) {
	for len(d.teams) < teams {
		d.teams = append(d.teams, nil)
	}
	d.teams = d.teams[:teams]
	for i := range d.teams {
		d.teams[i] = d.teams[i][:0]
	}
}

// seatFull fills every seat with the ticket and those found, or fails.
func (p *pool) seatFull(at int32) bool {
	d, size := &p.draft, int(p.all[at].size)
	d.reset(p.rules.Teams)
	d.teams[0] = append(d.teams[0], at)
	var ok bool
	for i := range d.teams {
		free, like := p.rules.TeamSize, size
		if i == 0 {
			free, like = free-size, 0
		}
		if d.teams[i], ok = p.fill(d.teams[i], free, like, true); !ok {
			return false
		}
	}
	p.balance(d.teams)
	return true
}

// knapsackSeats bounds the exact filling of a team; larger ones are filled
// nearest first, and parties that do not fit are passed by.
const knapsackSeats = 16

// fill adds those found to a team: as many players as are free, at the least
// cost. Parties like in size are preferred. Where it must be exact it fails if
// there is a seat left.
func (p *pool) fill(team []int32, free, like int, exact bool) ([]int32, bool) {
	if free == 0 {
		return team, true
	}
	if free > knapsackSeats {
		return p.fillNearest(team, free, exact)
	}
	chosen, seats := p.knapsack(free, like)
	if exact && seats != free {
		return team, false
	}
	for ; chosen != 0; chosen &= chosen - 1 {
		f := &p.walk.found[bits.TrailingZeros64(chosen)]
		f.used = true
		team = append(team, f.at)
	}
	return team, true
}

func (p *pool) fillNearest(team []int32, free int, exact bool) ([]int32, bool) {
	for i := range p.walk.found {
		f := &p.walk.found[i]
		if !f.used && int(f.size) <= free {
			f.used = true
			free -= int(f.size)
			team = append(team, f.at)
		}
	}
	return team, !exact || free == 0
}

// knapsack picks who of the first 64 found fill most of the free seats at the
// least cost, as a mask.
func (p *pool) knapsack(free, like int) (chosen uint64, seats int) {
	var cost [knapsackSeats + 1]float64
	var mask [knapsackSeats + 1]uint64
	for n := 1; n <= free; n++ {
		cost[n] = math.Inf(1)
	}
	list := p.walk.found
	for i := range list[:min(len(list), 64)] {
		f := &list[i]
		size := int(f.size)
		if f.used {
			continue
		}
		price := p.price(f, like)
		for n := free; n >= size; n-- {
			if with := cost[n-size] + price; with < cost[n] {
				cost[n], mask[n] = with, mask[n-size]|1<<i
			}
		}
	}
	for seats = free; seats > 0 && math.IsInf(cost[seats], 1); {
		seats--
	}
	return mask[seats], seats
}

func (p *pool) price(f *found, like int) float64 {
	price := f.cost
	if like > 0 {
		price += p.rules.PartyWeight * math.Abs(float64(int(f.size)-like)) / float64(p.rules.TeamSize)
	}
	return price * float64(f.size)
}

// balance swaps tickets of one size between teams while that brings the teams'
// sums together. A few rounds do: those seated are neighbours.
func (p *pool) balance(teams [][]int32) {
	if p.rules.TeamSize == 1 {
		return
	}
	for range 4 {
		better := false
		for i := range teams {
			for j := range i {
				better = p.swap(teams[i], teams[j]) || better
			}
		}
		if !better {
			return
		}
	}
}

// swap makes the swap between two teams that levels them best, if one does.
func (p *pool) swap(a, b []int32) bool {
	gap := p.sum(a) - p.sum(b)
	best, x, y := math.Abs(gap)-1e-9, none, none
	for i, s := range a {
		for j, t := range b {
			e, f := &p.all[s], &p.all[t]
			if after := math.Abs(gap - 2*(e.rating-f.rating)*float64(e.size)); e.size == f.size && after < best {
				best, x, y = after, i, j
			}
		}
	}
	if x == none {
		return false
	}
	a[x], b[y] = b[y], a[x]
	return true
}

// sum is the strength of a team: its tickets' ratings by player.
func (p *pool) sum(team []int32) (sum float64) {
	for _, at := range team {
		sum += p.all[at].rating * float64(p.all[at].size)
	}
	return sum
}

func (p *pool) players(team []int32) (n int) {
	for _, at := range team {
		n += int(p.all[at].size)
	}
	return n
}

// assess fills in why and the score of the draft. It fails where the teams are
// farther apart than somebody accepts.
func (p *pool) assess(d *draft, kind Kind, inRange int) bool {
	d.why = Why{Kind: kind, InRange: inRange}
	p.compare(d)
	d.region, d.why.Ping = p.place(d.teams)
	if d.region == none || p.rules.Teams > 1 && d.why.Gap > wide(d.why.Window.Gap) {
		return false
	}
	d.score = d.why.Gap/scale(wide(d.why.Window.Gap)) + pingCost*float64(d.why.Ping)/200 +
		p.rules.PartyWeight*float64(d.why.Parties)/float64(p.rules.TeamSize)
	return true
}

// compare measures the tickets and teams of a draft against each other.
func (p *pool) compare(d *draft) {
	var teams, tickets, parties bounds
	window, pings := math.Inf(1), math.Inf(1)
	sum, n, young := time.Duration(0), 0, time.Duration(math.MaxInt64)
	for _, team := range d.teams {
		largest := int32(0)
		for _, at := range team {
			e := &p.all[at]
			tickets.add(e.rating)
			window, largest = min(window, e.gap), max(largest, e.size)
			pings = min(pings, wide(float64(p.rules.Window(e.long).Ping)))
			d.why.Oldest, young, sum, n = max(d.why.Oldest, e.long), min(young, e.long), sum+e.long, n+1
		}
		if players := p.players(team); players > 0 {
			teams.add(p.sum(team) / float64(players))
			parties.add(float64(largest))
		}
	}
	d.why.Window = Window{After: young, Gap: narrow(window), Ping: int(narrow(pings))}
	d.why.Mean = sum / time.Duration(max(n, 1))
	d.why.Spread, d.why.Gap, d.why.Parties = tickets.width(), teams.width(), int(parties.width())
	if p.rules.Teams == 1 {
		d.why.Gap = d.why.Spread
	}
}

// narrow turns wide back.
func narrow(limit float64) float64 {
	if math.IsInf(limit, 1) {
		return 0
	}
	return limit
}

// bounds are the least and the most of some numbers.
type bounds struct {
	low, high float64
	any       bool
}

func (b *bounds) add(x float64) {
	if !b.any {
		*b = bounds{x, x, true}
	}
	b.low, b.high = min(b.low, x), max(b.high, x)
}

func (b *bounds) width() float64 { return b.high - b.low }

// place is the region that all accept with the least worst ping.
func (p *pool) place(teams [][]int32) (region, ping int) {
	common := ^uint64(0)
	for _, team := range teams {
		for _, at := range team {
			common &= p.all[at].regions
		}
	}
	region, ping = none, math.MaxInt
	for ; common != 0; common &= common - 1 {
		r := bits.TrailingZeros64(common)
		if worst := p.worst(teams, r); worst < ping {
			region, ping = r, worst
		}
	}
	return region, ping
}

// worst is the longest ping to a region that anybody has measured, or 0.
func (p *pool) worst(teams [][]int32, region int) (worst int) {
	for _, team := range teams {
		for _, at := range team {
			if ping := p.ping(at, region); ping > unmeasured {
				worst = max(worst, int(ping))
			}
		}
	}
	return worst
}

// emit takes the tickets of the best draft and notes the group.
func (p *pool) emit() {
	d := &p.best
	g := Group{Region: d.region, Why: d.why}
	from := len(p.teams)
	for _, team := range d.teams {
		g.Players += p.players(team)
		p.teams = append(p.teams, p.seat(team))
	}
	g.Teams = p.teams[from:len(p.teams):len(p.teams)]
	if p.rules.Bots {
		g.Bots = p.rules.Seats() - g.Players
	}
	p.out.Groups = append(p.out.Groups, g)
}

// seat takes the tickets of a team and returns them by index, oldest first.
func (p *pool) seat(team []int32) []int {
	from := len(p.ints)
	for _, at := range team {
		p.take(at)
		p.ints = append(p.ints, int(p.all[at].ticket))
	}
	seated := p.ints[from:len(p.ints):len(p.ints)]
	slices.SortFunc(seated, func(a, b int) int { return p.older(int32(a), int32(b)) })
	return seated
}
