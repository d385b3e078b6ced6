package group

import (
	"math"
	"slices"
	"time"
)

// A walk goes outwards from a rating through the line of one region and
// gathers tickets that all accept each other: any of them may be seated
// together.
type walk struct {
	p       *pool
	region  int
	running bool    // for a match that runs: not every ticket wants one
	match   uint64  // which one
	inRange int     // of a match that runs: the players in its window
	center  float64 // where it begins; nearer is better
	scale   float64 // the distance that costs 1 a player
	left    int32   // the next to look at, below and above
	right   int32

	low, high float64 // what the gathered accept
	lo, hi    float64 // what the gathered are

	found   []found // nearest first
	players int     // among the found
	refused bool    // somebody in reach accepts less
	cut     bool    // it ended at a limit
}

// A found ticket may be seated.
type found struct {
	at   int32
	size int32
	cost float64 // of seating it, by player: the lower the better
	used bool
}

// limits bound a walk.
type limits struct {
	visits  int     // tickets looked at
	players int     // enough to find
	gap     float64 // who accept less are passed by
}

// around begins a walk round an entry.
func (w *walk) around(p *pool, at int32, region int) {
	e := &p.all[at]
	l := p.lines[region].links[at]
	*w = walk{p: p, region: region, center: e.rating, scale: scale(e.gap), left: l.prev, right: l.next,
		low: e.rating - e.gap, high: e.rating + e.gap, lo: e.rating, hi: e.rating, found: w.found[:0]}
}

// scale is the unit of distance for somebody with a window.
func scale(gap float64) float64 {
	if math.IsInf(gap, 1) {
		return 1000
	}
	return max(gap, 1)
}

// gather looks at the nearest tickets until there are enough.
func (w *walk) gather(lim limits) {
	for w.players < lim.players {
		at := w.next()
		switch {
		case at == none:
			return
		case lim.visits == 0:
			w.cut = true
			return
		}
		lim.visits--
		w.consider(at, lim.gap)
	}
	w.cut = true
}

// next is the nearest ticket on either side that the gathered accept.
func (w *walk) next() int32 {
	below, above := math.Inf(1), math.Inf(1)
	if w.left != none && w.p.rated[w.left] >= w.low {
		below = w.center - w.p.rated[w.left]
	}
	if w.right != none && w.p.rated[w.right] <= w.high {
		above = w.p.rated[w.right] - w.center
	}
	links := w.p.lines[w.region].links
	switch {
	case math.IsInf(below, 1) && math.IsInf(above, 1):
		return none
	case below <= above:
		at := w.left
		w.left = links[at].prev
		return at
	}
	at := w.right
	w.right = links[at].next
	return at
}

// consider gathers a ticket if it accepts the others.
func (w *walk) consider(at int32, least float64) {
	e := &w.p.all[at]
	if t := &w.p.tickets[e.ticket]; w.running && (t.Fresh || slices.Contains(t.Shuns, w.match)) {
		return
	}
	if e.gap < least || w.hi-e.rating > e.gap || e.rating-w.lo > e.gap {
		w.refused = true
		return
	}
	w.lo, w.hi = min(w.lo, e.rating), max(w.hi, e.rating)
	w.low, w.high = max(w.low, e.rating-e.gap), min(w.high, e.rating+e.gap)
	w.players += int(e.size)
	w.found = append(w.found, found{at: at, size: e.size, cost: w.cost(at, e)})
}

// What a player's seat costs beside the distance in rating, which is 1 at the
// edge of the window: little, so that a better rating goes first.
const (
	pingCost = 0.1  // at 200 ms
	waitGain = 0.05 // at a minute
)

func (w *walk) cost(at int32, e *entry) float64 {
	ping := float64(w.p.ping(at, w.region)) / 200
	long := min(float64(e.long)/float64(time.Minute), 1)
	return math.Abs(e.rating-w.center)/w.scale + pingCost*ping - waitGain*long
}
