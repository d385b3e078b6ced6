package group

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// Form makes the groups that can be made now, of tickets that all wait for a
// mode with these rules, which must be valid. It never keeps or changes what
// it is given. The oldest ticket has the first choice.
func Form(rules Rules, tickets []Ticket, matches []Match, now time.Time) Result {
	p := newPool(rules, tickets, now)
	p.backfill(matches)
	p.full()
	p.short()
	p.remain()
	return p.out
}

// full makes full groups, each round the oldest ticket left.
func (p *pool) full() {
	need := int32(p.rules.Seats())
	for _, at := range p.ages {
		e := &p.all[at]
		if e.taken {
			continue
		}
		if in := p.inRange(e); in+e.size >= need && p.choose(at, int(in)) {
			p.emit()
		} else if p.rules.Patience > 0 && e.long >= p.rules.Patience {
			p.hold(at)
		}
	}
}

// someRegions is in how many regions a ticket looks at least, the nearest
// first; in the others only as long as it has found nothing.
const someRegions = 4

// choose drafts the best full group that a ticket can have, over its regions.
func (p *pool) choose(at int32, inRange int) (ok bool) {
	if p.all[at].size == int32(p.rules.Seats()) { // a party that needs nobody
		return p.try(at, inRange) && p.keep(false)
	}
	for i, region := range p.near(at) {
		if ok && i >= someRegions {
			break
		}
		ok = p.explore(at, region, inRange, ok) || ok
	}
	return ok
}

// near are the regions of a ticket, nearest first.
func (p *pool) near(at int32) []int {
	near := p.regions[:0]
	for left := p.all[at].regions; left != 0; left &= left - 1 {
		near = append(near, bits.TrailingZeros64(left))
	}
	if len(near) > someRegions {
		slices.SortStableFunc(near, func(a, b int) int { return cmp.Compare(p.ping(at, a), p.ping(at, b)) })
	}
	p.regions = near
	return near
}

// explore looks for a group in one region: near by, then further, then past
// those who are choosier. It says whether the best draft is a new one.
func (p *pool) explore(at int32, region, inRange int, have bool) bool {
	need := p.rules.Seats() - int(p.all[at].size)
	near := limits{visits: 3*need + 8, players: 3 * need}
	far := limits{visits: 512 + 4*need, players: 8*need + 64}
	past := far
	past.gap = p.all[at].gap
	found := p.look(at, region, inRange, near) ||
		p.walk.cut && p.look(at, region, inRange, far) ||
		p.walk.refused && p.look(at, region, inRange, past)
	return found && p.keep(have)
}

// look walks so far, and drafts a group of a ticket and those found.
func (p *pool) look(at int32, region, inRange int, lim limits) bool {
	p.walk.around(p, at, region)
	p.walk.gather(lim)
	need := p.rules.Seats() - int(p.all[at].size)
	return p.walk.players >= need && p.try(at, inRange)
}

// try drafts a full group of a ticket and those found.
func (p *pool) try(at int32, inRange int) bool {
	return p.seatFull(at) && p.assess(&p.draft, Full, inRange)
}

// keep makes the draft the best one if it is.
func (p *pool) keep(have bool) bool {
	if have && p.draft.score >= p.best.score {
		return false
	}
	p.draft, p.best = p.best, p.draft
	return true
}

// remain notes who is left and why.
func (p *pool) remain() {
	for r := range p.lines {
		p.recount(&p.lines[r], r)
	}
	p.out.Waiting = p.odd
	if left := len(p.all) - len(p.ints); left > 0 {
		p.out.Waiting = slices.Grow(p.odd, left)
	}
	for _, at := range p.ages {
		if e := &p.all[at]; !e.taken || e.held {
			p.out.Waiting = append(p.out.Waiting, p.explain(e))
		}
	}
	if len(p.odd) > 0 {
		slices.SortFunc(p.out.Waiting, func(a, b Waiting) int { return p.older(int32(a.Ticket), int32(b.Ticket)) })
	}
}

// recount sums up the players who are left.
func (p *pool) recount(l *line, region int) {
	if l.sums == nil {
		return
	}
	players := int32(0)
	for i := range p.all {
		l.sums[i] = players
		if e := &p.all[i]; !e.taken && e.regions>>region&1 == 1 {
			players += e.size
		}
	}
	l.sums[len(p.all)] = players
}

func (p *pool) explain(e *entry) Waiting {
	w := Waiting{Ticket: int(e.ticket), Window: p.rules.Window(e.long), InRange: int(p.inRange(e)), Reason: Unsuited}
	switch {
	case e.held:
		w.Reason = Held
	case e.regions == 0:
		w.Reason = NoRegion
	case w.InRange+int(e.size) < p.rules.Seats():
		w.Reason = Alone
	}
	return w
}
