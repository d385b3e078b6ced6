package rating

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A Side is who won or lost together: a team, or one player of a free-for-all.
type Side struct {
	Rank    int // lower is better; sides of equal rank drew
	Players []Player
	// Bots is how many of its seats bots played to the end. A bot has no
	// rating; as a member of a side it stands for an unknown player who is as
	// good as his team-mates are on average: he tips nothing, and makes the
	// result say less. A side of bots alone is as if it had not been there.
	Bots int
}

// A Player is one who took a seat.
type Player struct {
	Rating Rating // as stored: Update ages it
	// Left says that he left before the end for good.
	//
	// He is rated as if his side, with him, had come last. His team-mates are
	// rated as the smaller side they were: they lose little by a loss that was
	// to be expected then, and a win is worth more. Where a side has left
	// altogether (or he was alone) that side comes last for everybody.
	Left bool
}

// Update learns from a match that ended at a time. It returns the ratings in
// the shape of sides, and whether the match counted: one with fewer than two
// sides with players does not and changes nothing. It depends on nothing but
// its arguments, and on their order only by rounding.
func (m *Model) Update(sides []Side, at time.Time) (after [][]Rating, counted bool) {
	t := m.newTable(sides, at)
	if len(t.sides) < 2 {
		return asTheyAre(sides), false
	}
	after = asTheyAre(sides)
	t.rate()
	for i := range t.sides {
		m.learn(&t.sides[i], after, at)
		if t.sides[i].split {
			m.learnLeavers(t, i, after, at)
		}
	}
	return after, true
}

func asTheyAre(sides []Side) [][]Rating {
	after := make([][]Rating, len(sides))
	for i, s := range sides {
		after[i] = make([]Rating, len(s.Players))
		for j, p := range s.Players {
			after[i][j] = p.Rating
		}
	}
	return after
}

// Chances are those of each side to come first, in the shape of sides; a side
// without players has none. Ranks and who left do not matter.
func (m *Model) Chances(sides []Side, at time.Time) []float64 {
	all := slices.Clone(sides)
	for i := range all {
		all[i].Rank, all[i].Players = 0, slices.Clone(all[i].Players)
		for j := range all[i].Players {
			all[i].Players[j].Left = false
		}
	}
	t := m.newTable(all, at)
	t.weigh()
	chances := make([]float64, len(sides))
	for i := range t.sides {
		chances[t.sides[i].index] = t.sides[i].exp / t.sides[0].rest
	}
	return chances
}

// A table is a match as the formulas want it.
type table struct {
	sides []entry // best first
	beta  float64
	c     float64 // the deviation of the whole match
}

// An entry is a side of the table.
type entry struct {
	index   int   // in the Sides given
	gone    place // what comes before rank
	rank    int
	players []Player // as they are to be believed at the match
	split   bool     // some left and some stayed
	full    belief   // of all its members
	belief           // of those who count now
	exp     float64  // its weight against the best side's
	rest    float64  // its weight and those of all sides after it
	omega   float64  // how much better it was than thought, times variance
	delta   float64  // how much was learned, 0 to 1
}

// A place among the sides, before ranks are asked.
type place int

const (
	stayed   place = iota
	deserted       // everybody left
	leavers        // the side whose leavers are being rated
)

// A belief is the skill of a side: the sum of its members'.
type belief struct{ mu, variance float64 }

func (m *Model) newTable(sides []Side, at time.Time) *table {
	t := &table{beta: m.cfg.Beta}
	for i, s := range sides {
		if len(s.Players) > 0 {
			t.sides = append(t.sides, m.newEntry(i, s, at))
		}
	}
	return t
}

func (m *Model) newEntry(index int, s Side, at time.Time) entry {
	e := entry{index: index, rank: s.Rank, players: slices.Clone(s.Players)}
	left := 0
	for i := range e.players {
		p := &e.players[i]
		p.Rating = m.At(p.Rating, at)
		p.Rating.Sigma = math.Sqrt(p.Rating.Sigma*p.Rating.Sigma + m.cfg.Tau*m.cfg.Tau)
		if p.Left {
			left++
		}
	}
	if left == len(e.players) {
		e.gone = deserted
	}
	e.split = left > 0 && e.gone == stayed
	e.full = m.believe(e.players, s.Bots, true)
	e.belief = m.believe(e.players, s.Bots, !e.split)
	return e
}

func (m *Model) believe(players []Player, bots int, leavers bool) (b belief) {
	n := 0.
	for _, p := range players {
		if leavers || !p.Left {
			b.mu += p.Rating.Mu
			b.variance += p.Rating.Sigma * p.Rating.Sigma
			n++
		}
	}
	stand := min(max(float64(bots), 0), far)
	b.mu += stand * b.mu / n
	b.variance += stand * m.cfg.Sigma * m.cfg.Sigma
	return b
}

// order puts the best first.
func (t *table) order() {
	slices.SortStableFunc(t.sides, func(a, b entry) int { return a.compare(&b) })
}

func (e *entry) compare(f *entry) int {
	if e.gone != stayed || f.gone != stayed {
		return cmp.Compare(e.gone, f.gone)
	}
	return cmp.Compare(e.rank, f.rank)
}

// weigh computes each side's weight, exp(mu/c).
func (t *table) weigh() {
	top, variance := math.Inf(-1), 0.
	for i := range t.sides {
		s := &t.sides[i]
		top = max(top, s.mu)
		variance += s.variance + t.beta*t.beta
	}
	t.c = math.Sqrt(variance)
	rest := 0.
	for i := range slices.Backward(t.sides) {
		s := &t.sides[i]
		s.exp = max(math.Exp((s.mu-top)/t.c), 1e-100) // its square must not vanish
		rest += s.exp
		s.rest = rest
	}
}

// rate puts the sides in order and fills in omega and delta. The model: first
// place is drawn among all sides by weight, the next among the others, and so
// on. With the sides in order each draw is over those that begin there, so the
// sums of the paper become running ones, and a match of a thousand costs a
// sort.
func (t *table) rate() {
	t.order()
	t.weigh()
	sum, squares := 0., 0.
	for from := 0; from < len(t.sides); {
		first := &t.sides[from]
		to := from + 1
		for to < len(t.sides) && t.sides[to].compare(first) == 0 {
			to++
		}
		sum += 1 / first.rest
		squares += 1 / (first.rest * first.rest)
		t.rateTied(t.sides[from:to], sum, squares)
		from = to
	}
}

func (t *table) rateTied(tied []entry, sum, squares float64) {
	for i := range tied {
		s := &tied[i]
		s.omega = s.variance / t.c * (1/float64(len(tied)) - s.exp*sum)
		s.delta = math.Pow(s.variance, 1.5) / (t.c * t.c * t.c) * (s.exp*sum - s.exp*s.exp*squares)
	}
}

// learn writes down a rated side's players: those who stayed or, of a side
// whose leavers are being rated, those.
func (m *Model) learn(s *entry, after [][]Rating, at time.Time) {
	for j, p := range s.players {
		if !s.split || p.Left == (s.gone == leavers) {
			after[s.index][j] = m.learned(p.Rating, s, at)
		}
	}
}

func (m *Model) learned(r Rating, s *entry, at time.Time) Rating {
	share := r.Sigma * r.Sigma / s.variance
	r.Mu = min(max(r.Mu+share*s.omega, -far), far)
	r.Sigma = m.bound(r.Sigma * math.Sqrt(max(1-share*s.delta, 1e-4)))
	r.Matches++
	r.Last = at.UTC().Round(0)
	return r
}

// learnLeavers rates those who left a side on which others stayed: that side,
// in full, comes last.
func (m *Model) learnLeavers(t *table, i int, after [][]Rating, at time.Time) {
	last := &table{beta: t.beta, sides: slices.Clone(t.sides)}
	last.sides[i].gone, last.sides[i].belief = leavers, t.sides[i].full
	last.rate()
	m.learn(&last.sides[len(last.sides)-1], after, at)
}
