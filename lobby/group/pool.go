package group

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sort"
	"time"
)

// A pool is the tickets of one cycle, in lines by rating. One goroutine owns
// it, for one call of Form.
type pool struct {
	rules   Rules
	tickets []Ticket
	now     time.Time

	all    []entry   // by range, then rating, then age
	rated  []float64 // their ratings, to search in
	ranges []span    // by number: the entries of equal Props
	props  map[string]int32
	ages   []int32 // positions in all, oldest first
	pings  []uint16
	lines  []line // by region
	odd    []Waiting

	holds       int // tickets that others are held for
	draft, best draft
	walk        walk
	regions     []int // scratch of near
	ints        []int // backs the teams of the result
	teams       [][]int
	out         Result
}

// An entry is a ticket in the pool.
type entry struct {
	rating  float64
	gap     float64       // its window, +Inf for none
	regions uint64        // those that all members accept
	long    time.Duration // it has waited
	from    int32         // who is in its window: positions [from, to)
	to      int32
	ticket  int32
	size    int32
	group   int32 // which range
	taken   bool  // it has a group, or is held
	held    bool  // for one who has waited too long
}

// A span is positions [from, to).
type span struct{ from, to int32 }

// A line links the entries of a pool that accept one region, by rating within
// a range, and sums up their players.
type line struct {
	links []link
	sums  []int32 // players before each position, as the cycle began
}

type link struct{ prev, next int32 }

const none = -1

// A key sorts tickets.
type key struct {
	rating float64
	group  int32
	ticket int32
}

func newPool(rules Rules, tickets []Ticket, now time.Time) *pool {
	p := &pool{rules: rules.withDefaults(), tickets: tickets, now: now}
	p.sort()
	p.age()
	p.link()
	return p
}

// sort makes the entries.
func (p *pool) sort() {
	keys := make([]key, 0, len(p.tickets))
	for i := range p.tickets {
		if k, ok := p.key(i); ok {
			keys = append(keys, k)
		}
	}
	p.number(keys)
	slices.SortFunc(keys, func(a, b key) int {
		switch {
		case a.group != b.group:
			return cmp.Compare(a.group, b.group)
		case a.rating < b.rating:
			return -1
		case a.rating > b.rating:
			return 1
		}
		return p.older(a.ticket, b.ticket)
	})
	p.all, p.rated, p.ints = make([]entry, len(keys)), make([]float64, len(keys)), make([]int, 0, len(keys))
	p.pings = make([]uint16, len(keys)*p.rules.Regions)
	for i, k := range keys {
		p.enter(int32(i), k)
	}
}

// key is that of a ticket; one that cannot be played with has none.
func (p *pool) key(i int) (key, bool) {
	t := &p.tickets[i]
	if n := len(t.Members); n > 0 && n <= p.rules.TeamSize {
		if rating := t.rating(p.rules.PartyBonus); sane(rating) {
			return key{rating: rating, ticket: int32(i)}, true
		}
	}
	p.odd = append(p.odd, Waiting{Ticket: i, Window: p.rules.Window(waited(t.Since, p.now)), Reason: Impossible})
	return key{}, false
}

// number gives every different Props a range. Which number it gets is seen
// nowhere: ranges never meet, and tickets are asked by age.
func (p *pool) number(keys []key) {
	p.props = map[string]int32{}
	last, lastGroup := "", int32(none)
	for i := range keys {
		props := p.tickets[keys[i].ticket].Props
		if lastGroup == none || props != last {
			group, ok := p.props[props]
			if !ok {
				group = int32(len(p.props))
				p.props[props] = group
			}
			last, lastGroup = props, group
		}
		keys[i].group = lastGroup
	}
	p.ranges = make([]span, len(p.props))
}

func (p *pool) older(a, b int32) int {
	s, t := &p.tickets[a], &p.tickets[b]
	if c := s.Since.Compare(t.Since); c != 0 {
		return c
	}
	return cmp.Compare(s.ID, t.ID)
}

func (p *pool) enter(at int32, k key) {
	t := &p.tickets[k.ticket]
	w := p.rules.Window(waited(t.Since, p.now))
	p.rated[at] = k.rating
	p.all[at] = entry{rating: k.rating, gap: wide(w.Gap), regions: p.reach(at, t, w), long: w.After, ticket: k.ticket, size: int32(len(t.Members)), group: k.group}
	r := &p.ranges[k.group]
	if r.to == 0 {
		r.from = at
	}
	r.to = at + 1
}

// reach is the regions that a ticket accepts, one bit each; without regions
// there is one, everywhere.
func (p *pool) reach(at int32, t *Ticket, w Window) (regions uint64) {
	if p.rules.Regions == 0 {
		return 1
	}
	limit := uint16(math.MaxUint16)
	if w.Ping > 0 && w.Ping < math.MaxUint16 {
		limit = uint16(w.Ping)
	}
	pings := p.pingsOf(at)
	for r := range pings {
		pings[r] = t.ping(r)
		if pings[r] > 0 && pings[r] <= limit {
			regions |= 1 << r
		}
	}
	return regions
}

// pingsOf are the worst pings of an entry by region.
func (p *pool) pingsOf(at int32) []uint16 {
	n := p.rules.Regions
	return p.pings[int(at)*n : int(at)*n+n]
}

func (p *pool) ping(at int32, region int) uint16 {
	if p.rules.Regions == 0 {
		return 0
	}
	return p.pings[int(at)*p.rules.Regions+region]
}

// age sorts the entries by age.
func (p *pool) age() {
	byTicket := make([]int32, len(p.tickets))
	for i := range byTicket {
		byTicket[i] = none
	}
	for i := range p.all {
		byTicket[p.all[i].ticket] = int32(i)
	}
	order := make([]int32, 0, len(p.tickets))
	for i := range p.tickets {
		if byTicket[i] != none {
			order = append(order, int32(i))
		}
	}
	if !slices.IsSortedFunc(order, p.older) { // the store gives them in order
		slices.SortFunc(order, p.older)
	}
	for i, t := range order {
		order[i] = byTicket[t]
	}
	p.ages = order
}

// link threads the lines.
func (p *pool) link() {
	used := uint64(0)
	for i := range p.all {
		used |= p.all[i].regions
	}
	n := len(p.all)
	p.lines = make([]line, bits.Len64(used))
	links := make([]link, n*bits.OnesCount64(used))
	sums := make([]int32, (n+1)*bits.OnesCount64(used))
	for r := range p.lines {
		if used>>r&1 == 1 {
			p.lines[r] = line{links[:n], sums[:n+1]}
			links, sums = links[n:], sums[n+1:]
			p.thread(r)
		}
	}
}

func (p *pool) thread(region int) {
	l := &p.lines[region]
	last, players := int32(none), int32(0)
	for i := range p.all {
		e := &p.all[i]
		l.sums[i] = players
		if last != none && p.all[last].group != e.group {
			last = none
		}
		if e.regions>>region&1 == 0 {
			continue
		}
		players += e.size
		l.links[i] = link{last, none}
		if last != none {
			l.links[last].next = int32(i)
		}
		last = int32(i)
	}
	l.sums[len(p.all)] = players
}

// take removes an entry from all lines.
func (p *pool) take(at int32) {
	e := &p.all[at]
	e.taken = true
	for left := e.regions; left != 0; left &= left - 1 {
		links := p.lines[bits.TrailingZeros64(left)].links
		l := links[at]
		if l.prev != none {
			links[l.prev].next = l.next
		}
		if l.next != none {
			links[l.next].prev = l.prev
		}
	}
}

// span finds who is in an entry's window.
func (p *pool) span(e *entry) span {
	if e.to == 0 {
		e.from, e.to = p.search(e.group, e.rating-e.gap, e.rating+e.gap)
	}
	return span{e.from, e.to}
}

// search finds the positions in a range with ratings from low to high.
func (p *pool) search(group int32, low, high float64) (from, to int32) {
	r := p.ranges[group]
	rated := p.rated[r.from:r.to]
	from = r.from + int32(sort.SearchFloat64s(rated, low))
	to = r.from + int32(sort.Search(len(rated), func(i int) bool { return rated[i] > high }))
	return from, to
}

// inRange is the most players that a ticket can meet in one of its regions, as
// far as its own window goes, as the cycle began.
func (p *pool) inRange(e *entry) (most int32) {
	s := p.span(e)
	for left := e.regions; left != 0; left &= left - 1 {
		most = max(most, p.lines[bits.TrailingZeros64(left)].players(s.from, s.to)-e.size)
	}
	return most
}

// players are those at positions [from, to), as the cycle began.
func (l *line) players(from, to int32) int32 { return l.sums[to] - l.sums[from] }
