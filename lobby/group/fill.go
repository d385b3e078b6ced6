package group

import (
	"cmp"
	"math/bits"
	"slices"
)

// short makes groups with empty seats, where a ticket has waited long enough
// and the rules allow it. Each takes along as many as it can meet.
func (p *pool) short() {
	if p.rules.MinPlayers >= p.rules.Seats() {
		return
	}
	for _, at := range p.ages {
		e := &p.all[at]
		if e.long < p.rules.FillAfter {
			return // and so have all after it
		}
		if !e.taken && p.chooseShort(at) {
			p.emit()
		}
	}
}

// chooseShort drafts the fullest group that a ticket can have.
func (p *pool) chooseShort(at int32) (ok bool) {
	most, inRange := 0, int(p.inRange(&p.all[at]))
	for left := p.all[at].regions; left != 0; left &= left - 1 {
		p.walk.around(p, at, bits.TrailingZeros64(left))
		p.walk.gather(limits{visits: 512, players: p.rules.Seats() - int(p.all[at].size)})
		players, kind := p.seatShort(at), Short
		if players == p.rules.Seats() {
			kind = Full // the cheapest filling was not good, this one is
		}
		if players < max(p.rules.MinPlayers, most) || !p.assess(&p.draft, kind, inRange) {
			continue
		}
		if players > most || p.draft.score < p.best.score {
			p.draft, p.best = p.best, p.draft
			most, ok = players, true
		}
	}
	return ok
}

// seatShort spreads the ticket and those found over the teams, the largest
// party first, each into the team with the fewest players, and returns how
// many have found a seat.
func (p *pool) seatShort(at int32) (players int) {
	d := &p.draft
	d.reset(p.rules.Teams)
	d.teams[0] = append(d.teams[0], at)
	slices.SortStableFunc(p.walk.found, func(a, b found) int { return cmp.Compare(b.size, a.size) })
	for i := range p.walk.found {
		f := &p.walk.found[i]
		team := p.weakest(d.teams)
		if p.players(d.teams[team])+int(f.size) <= p.rules.TeamSize {
			d.teams[team] = append(d.teams[team], f.at)
		}
	}
	p.balance(d.teams)
	for _, team := range d.teams {
		players += p.players(team)
	}
	return players
}

// weakest is the team with the fewest players, or with the lowest ratings.
func (p *pool) weakest(teams [][]int32) (team int) {
	for i := range teams {
		c := cmp.Compare(p.players(teams[i]), p.players(teams[team]))
		if c < 0 || c == 0 && p.sum(teams[i]) < p.sum(teams[team]) {
			team = i
		}
	}
	return team
}

// backfill seats tickets in running matches, of which the one that has waited
// longest comes first.
func (p *pool) backfill(matches []Match) {
	if len(matches) == 0 || len(p.all) == 0 {
		return
	}
	order := make([]int, len(matches))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		m, n := &matches[a], &matches[b]
		return cmp.Or(m.Since.Compare(n.Since), cmp.Compare(m.ID, n.ID))
	})
	for _, i := range order {
		m := matches[i]
		m.Teams = slices.Clone(m.Teams)
		p.join(i, &m)
	}
}

// join fills the teams of a match, that with the fewest players first.
func (p *pool) join(index int, m *Match) {
	order := make([]int, len(m.Teams))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.Teams[a].Players, m.Teams[b].Players) })
	for _, i := range order {
		if m.Teams[i].Free > 0 && p.begin(m, i) {
			p.joinTeam(index, i, m)
		}
	}
}

// begin starts a walk at the rating that would level a team with the others,
// as far as the match's window goes.
func (p *pool) begin(m *Match, team int) bool {
	group, ok := p.props[m.Props]
	mean, players := m.mean()
	if !ok || players == 0 || m.Region < 0 || m.Region >= len(p.lines) || p.lines[m.Region].links == nil || !sane(m.Low) || !sane(m.High) || !sane(mean) {
		return false
	}
	gap := wide(p.rules.Window(waited(m.Since, p.now)).Gap)
	t := m.Teams[team]
	level := mean + (mean-t.Rating)*float64(t.Players)/float64(t.Free)
	w := &p.walk
	*w = walk{p: p, region: m.Region, running: true, match: m.ID, scale: scale(gap), low: mean - gap, high: mean + gap, lo: m.Low, hi: m.High, found: w.found[:0]}
	from, to := p.search(group, w.low, w.high)
	w.inRange = int(p.lines[m.Region].players(from, to))
	w.center = min(max(level, w.low), w.high)
	from, _ = p.search(group, w.center, w.center)
	w.left, w.right = p.alive(group, from-1, -1, m.Region), p.alive(group, from, 1, m.Region)
	return true
}

// alive is the first position from at on that is in a region's line.
func (p *pool) alive(group, at, step int32, region int) int32 {
	r := p.ranges[group]
	for ; at >= r.from && at < r.to; at += step {
		if e := &p.all[at]; !e.taken && e.regions>>region&1 == 1 {
			return at
		}
	}
	return none
}

// joinTeam gives a team's free seats to those found.
func (p *pool) joinTeam(index, team int, m *Match) {
	d, t := &p.draft, &m.Teams[team]
	p.walk.gather(limits{visits: 512, players: 3*t.Free + 8})
	d.reset(1)
	d.teams[0], _ = p.fill(d.teams[0], t.Free, 0, false)
	if len(d.teams[0]) == 0 {
		return
	}
	d.why = Why{}
	p.compare(d)
	m.admit(t, p.sum(d.teams[0]), p.players(d.teams[0]))
	for _, at := range d.teams[0] {
		m.Low, m.High = min(m.Low, p.all[at].rating), max(m.High, p.all[at].rating)
	}
	why := d.why
	why.Kind, why.InRange, why.Parties = Backfill, p.walk.inRange, 0
	why.Ping, why.Spread, why.Gap = p.worst(d.teams, m.Region), m.High-m.Low, m.gap()
	p.out.Joins = append(p.out.Joins, Join{Match: index, Team: team, Tickets: p.seat(d.teams[0]), Why: why})
}

// admit adds players to a team, with the sum of their ratings.
func (m *Match) admit(t *Team, sum float64, players int) {
	if t.Players > 0 {
		sum += t.Rating * float64(t.Players)
	}
	t.Players += players
	t.Free -= players
	t.Rating = sum / float64(t.Players)
}

// mean is that of the players' ratings.
func (m *Match) mean() (mean float64, players int) {
	sum := 0.
	for _, t := range m.Teams {
		if t.Players > 0 {
			sum += t.Rating * float64(t.Players)
			players += t.Players
		}
	}
	return sum / float64(players), players
}

// gap is that between its strongest and weakest team.
func (m *Match) gap() float64 {
	var b bounds
	for _, t := range m.Teams {
		if t.Players > 0 {
			b.add(t.Rating)
		}
	}
	return b.width()
}
