package group

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"
)

// A promise is a ticket that will accept another after a time.
type promise struct {
	at int32
	in time.Duration
}

// maxHolds bounds for how many tickets others are held in one cycle.
const maxHolds = 64

// hold keeps those for a ticket who will accept it soonest, as many as it
// needs; where there are not enough, nobody. Each cycle finds the same ones,
// nearer to the time, or better ones.
func (p *pool) hold(at int32) {
	region := p.busiest(at)
	if region == none || p.holds == maxHolds {
		return
	}
	p.holds++
	promises := p.promises(at, region)
	slices.SortStableFunc(promises, func(a, b promise) int { return cmp.Compare(a.in, b.in) })
	need := p.rules.Seats() - int(p.all[at].size)
	kept := promises[:0]
	for _, pr := range promises {
		if size := int(p.all[pr.at].size); size <= need {
			need -= size
			kept = append(kept, pr)
		}
	}
	if need > 0 {
		return
	}
	for _, pr := range kept {
		p.all[pr.at].held = true
		p.take(pr.at)
	}
}

// busiest is the region in which a ticket can meet most players.
func (p *pool) busiest(at int32) int {
	e := &p.all[at]
	s, best, most := p.span(e), none, int32(-1)
	for left := e.regions; left != 0; left &= left - 1 {
		r := bits.TrailingZeros64(left)
		sums := p.lines[r].sums
		if n := sums[s.to] - sums[s.from]; n > most {
			best, most = r, n
		}
	}
	return best
}

// promises are of the nearest in a ticket's window, nearest first.
func (p *pool) promises(at int32, region int) (all []promise) {
	e, w := &p.all[at], &p.walk
	w.around(p, at, region)
	for range 512 {
		next := w.next()
		if next == none {
			break
		}
		f := &p.all[next]
		if after, ok := p.rules.reaches(math.Abs(f.rating - e.rating)); ok {
			all = append(all, promise{next, max(after-f.long, 0)})
		}
	}
	return all
}
