package match

import (
	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// This file decides what a client is told of the rows near its eye, in a mode
// whose schema has a space. Each client has a window of cells, which follows its
// eye. Near cells are told of every tick, those farther away every second or
// fourth; all on the same ticks, so that clients share their bases, and a
// segment is made once for all who hold the cell as of the same tick. Whom that
// is too much for, by the space's Rate, is told first of what is near and what it
// has waited for longest.
//
// No row is gone for a client while it goes from one cell of the window to
// another: with the cell that lets it go the other is told of too, so far as the
// client does not have it from there already.

// interest makes the segments of one tick. The match's goroutine owns it. A
// mode without a space has none.
type interest struct {
	space                       *game.Space
	side, reach, columns, count int // of its cells, and how far one sees; 64 bit, and without dividing each time
	far                         int // beyond this a cell is dropped
	index                       *game.CellIndex
	hz                          int
	rate                        int             // bytes a second
	teams                       bool            // views differ
	views                       [][]cellSegment // one, or by team; each by age, linear ones behind the others, and then by cell: most ages are small
	now                         game.Tick

	draft      protocol.Segment // the one being made
	bytes      []byte           // of all segments of the tick
	departures []departure      // likewise

	plan plan // of the client that is written to

	made int // segments, since the start
}

// A cellSegment is a segment made for a tick, shared by all with the same eyes who
// hold the cell as of the same tick.
type cellSegment struct {
	stamp            game.Tick // the tick and one, for 0 to be none
	begin, end       uint32    // in interest.bytes
	leftFrom, leftTo uint32    // in interest.departures
	news             bool      // there is something in it
}

// A departure is where rows have gone that a segment lets go: to a cell in
// which the last of them has been since a tick.
type departure struct {
	to    game.CellID
	since game.Tick
}

// How soon cells are told of.
const (
	tiers      = 3 // the reach is so many parts
	longest    = 4 // ticks between two segments of a cell of the last part
	burstParts = 2 // of a second's bytes, what may be sent at once: 1/2
	lastChance = game.CellAges - 2
	credit     = 2 // seconds' bytes that may be owed for cells whose base is about to be too old
)

// A window is what one client holds: a rectangle of cells.
type window struct {
	span
	held   []holding // row after row
	budget int       // bytes that it may be sent, times hz; below 0 it waits
	at     game.Tick // when that was reckoned
}

// A span is a rectangle of cells: from the left and top to before the right
// and bottom.
type span struct{ left, top, right, bottom int }

// A holding says as of when a client holds a cell.
type holding struct {
	base game.Tick // as it was then; untold
	prev game.Tick // as of which the client held it before it was last told; untold
	// claimed is the newest tick as of which the client also shows the rows that
	// the cell has, where it holds them of several: base is later where nothing
	// was sent because the view is none the wiser.
	claimed game.Tick
}

// untold is the base of a cell that the client does not hold.
const untold = ^game.Tick(0)

// A plan is what one frame is to tell. It comes to pass when the frame is sent.
type plan struct {
	view  game.View
	span  span
	held  []holding
	drops []game.CellID
	due   []due
	told  []*cellSegment
	quiet []int // cells in which there is nothing new for the view
	lost  bool  // nobody knows where rows have gone: all cells must claim theirs
	spent int
}

// A due cell is one that it is time to tell of.
type due struct {
	i       int // in the window
	cell    game.CellID
	urgency int
	last    bool // from the next ticks on its base is too old
}

func newInterest(l *game.Layout, hz int) *interest {
	s := l.Space()
	x := &interest{space: s, side: int(s.Cell), reach: int(s.Reach), far: int(s.Reach + s.Margin()), columns: s.Columns(), count: s.Cells(),
		index: game.NewCellIndex(l), hz: hz, rate: s.Rate}
	if x.rate == 0 {
		x.rate = game.DefaultRate
	}
	for t := range l.Schema.Tables {
		x.teams = x.teams || l.Spatial(t) && l.Schema.Tables[t].Audience == game.Team
	}
	return x
}

// advance begins a tick.
func (x *interest) advance(now *game.Snapshot) {
	x.index.Advance(now)
	x.now = now.Tick
	x.bytes, x.departures = x.bytes[:0], x.departures[:0]
}

// cells appends what the client is told of cells, if anything, to what follows
// a frame's body. It comes to pass by [interest.commit].
func (x *interest) cells(dst []byte, c *client, head *protocol.Head) []byte {
	if c.window == nil {
		c.window = &window{budget: x.rate * x.hz / burstParts, at: x.now}
	}
	w, p := c.window, &x.plan
	if head.Kind&protocol.Keyframe != 0 {
		w.held, w.span = w.held[:0], span{}
	}
	ex, ey := x.eye(c)
	*p = plan{view: c.view, span: x.window(w, ex, ey), held: p.held[:0], drops: p.drops[:0], due: p.due[:0], told: p.told[:0], quiet: p.quiet[:0]}
	if !x.teams {
		p.view = everyone
	}
	p.keep(w, x.columns)
	x.findDue(p, ex, ey)
	x.spend(p, w.funds(x))
	x.follow(p, w)
	if len(p.told)+len(p.drops) == 0 {
		return dst
	}
	head.Kind |= protocol.HasCells
	dst = protocol.AppendCells(dst, p.drops, len(p.told))
	for _, t := range p.told {
		dst = append(dst, x.bytes[t.begin:t.end]...)
	}
	return dst
}

// commit notes that the client was sent what was planned for it.
func (x *interest) commit(w *window) {
	p := &x.plan
	w.budget, w.at = w.funds(x)-p.spent*x.hz, x.now
	w.span, w.held = p.span, append(w.held[:0], p.held...)
}

// funds are what the client may be sent by now, times hz.
func (w *window) funds(x *interest) int {
	return min(w.budget+int(x.now-w.at)*x.rate, x.rate*x.hz/burstParts)
}

// eye is where the client looks from.
func (x *interest) eye(c *client) (ex, ey int) {
	if c.from == nil {
		return int(x.space.Width / 2), int(x.space.Height / 2)
	}
	px, py := c.frames.now.Eye(c.from.number)
	return int(px), int(py)
}

// window is the one that follows the eye: what comes within reach is in it,
// and what was in it stays until it is somewhat farther away, so that nothing
// comes and goes with each step at the border.
func (x *interest) window(w *window, ex, ey int) (s span) {
	s.left, s.right = x.stretch(ex, w.left, w.right, int(x.space.Width))
	s.top, s.bottom = x.stretch(ey, w.top, w.bottom, int(x.space.Height))
	return s
}

// stretch is the window's extent along an axis.
func (x *interest) stretch(eye, from, to, size int) (_, _ int) {
	side, near, far := x.side, x.reach, x.far
	first, last := max(eye-near, 0)/side, min(eye+near, size-1)/side
	if from == to {
		return first, last + 1
	}
	farFirst, farLast := max(eye-far, 0)/side, min(eye+far, size-1)/side
	return min(first, max(from, farFirst)), max(last, min(to-1, farLast)) + 1
}

// keep takes over what the client holds of the new window, and drops the rest.
func (p *plan) keep(w *window, columns int) {
	if p.span == w.span {
		p.held = append(p.held, w.held...)
		return
	}
	for y := p.span.top; y < p.span.bottom; y++ {
		for x := p.span.left; x < p.span.right; x++ {
			h := holding{base: untold, prev: untold}
			if i := w.index(x, y); i >= 0 {
				h = w.held[i]
			}
			p.held = append(p.held, h)
		}
	}
	for i, h := range w.held {
		if x, y := w.place(i); h.base != untold && p.span.index(x, y) < 0 {
			p.drops = append(p.drops, game.CellID(y*columns+x))
		}
	}
}

// index is which of the span's cells lies in a column and a row, or -1.
func (s *span) index(x, y int) int {
	if x < s.left || x >= s.right || y < s.top || y >= s.bottom {
		return -1
	}
	return (y-s.top)*(s.right-s.left) + x - s.left
}

// place is the column and row of the i-th cell.
func (s *span) place(i int) (x, y int) {
	n := s.right - s.left
	return s.left + i%n, s.top + i/n
}

// findDue finds which cells it is time to tell of. Those in which nothing has
// happened are held as of now.
func (x *interest) findDue(p *plan, ex, ey int) {
	i := 0
	for cy := p.span.top; cy < p.span.bottom; cy++ {
		dy := x.away(ey, cy)
		for cx := p.span.left; cx < p.span.right; cx++ {
			h, cell := &p.held[i], game.CellID(cy*x.columns+cx)
			if h.base == untold {
				if !x.index.Now().Empty(cell) {
					p.addDue(i, cell, 2*game.CellAges, x.period(max(dy, x.away(ex, cx))))
				}
			} else if changed := x.index.Changed(cell); changed <= h.base {
				if changed <= h.claimed {
					h.claimed = x.now
				}
				h.base = x.now
			} else {
				period, age := x.period(max(dy, x.away(ex, cx))), int(x.now-h.base)
				if (int(x.now)+int(cell))&(period-1) == 0 || age >= period {
					p.addDue(i, cell, age, period)
				}
			}
			i++
		}
	}
}

// away is how far a column or row of cells is from the eye.
func (x *interest) away(eye, n int) int {
	return max(n*x.side-eye, eye-(n+1)*x.side+1, 0)
}

// period is how many ticks there are between two times that a cell is told of,
// that far from the eye: a power of two.
func (x *interest) period(away int) int {
	switch {
	case tiers*away <= x.reach:
		return 1
	case tiers*away <= 2*x.reach:
		return 2
	}
	return longest
}

// addDue puts a cell among those due, the most urgent first.
func (p *plan) addDue(i int, cell game.CellID, age, period int) {
	d := due{i, cell, 4 * age / period, age >= lastChance && age <= game.CellAges}
	p.due = append(p.due, d)
	at := len(p.due) - 1
	for ; at > 0 && p.due[at-1].urgency < d.urgency; at-- {
		p.due[at] = p.due[at-1]
	}
	p.due[at] = d
}

// spend tells of what is due for as long as there are funds, the last one on
// credit. There is more credit for a cell whose base is about to be too old: a
// segment from scratch costs several times as much, and would leave the client
// with debts in which the next base gets too old.
func (x *interest) spend(p *plan, funds int) {
	for _, d := range p.due {
		left := funds - p.spent*x.hz
		if left > 0 || d.last && left > -credit*x.rate*x.hz {
			x.tell(p, d.i, d.cell, false)
		}
	}
}

// tell plans a segment of a cell, the window's i-th, if there is need of one:
// something is new in it, the cell is to claim its rows, or the client's copy
// is too old, by which it is not known any more where rows have gone from it.
func (x *interest) tell(p *plan, i int, cell game.CellID, claim bool) {
	h := &p.held[i]
	held, age := h.base != untold, x.age(h.base)
	s := x.segment(p.view, cell, age, x.even(h, age))
	switch {
	case held && age == 0:
		p.lost = true
		p.add(i, s, x.now)
	case s.news, held && claim:
		p.add(i, s, x.now)
	case held:
		p.quiet = append(p.quiet, i)
	}
}

// add puts a segment of the window's i-th cell into the frame.
func (p *plan) add(i int, s *cellSegment, now game.Tick) {
	p.told = append(p.told, s)
	p.spent += int(s.end - s.begin)
	h := &p.held[i]
	h.prev, h.base, h.claimed = h.base, now, now
}

// age is that of a base which is the state of a cell that the client holds, 0
// where it holds none or one that is too old. A cell that is held as of now has
// not changed in this tick.
func (x *interest) age(base game.Tick) int {
	if base == untold || x.now-base > game.CellAges {
		return 0
	}
	return max(int(x.now-base), 1)
}

// even reports whether a cell whose base is of some age was told of at an even
// stride, and not from scratch: most rows then have moved on as they did before,
// and the segment is linear.
func (x *interest) even(h *holding, age int) bool {
	return age <= longest && h.prev < h.base && int(x.now-h.prev) == 2*age
}

// follow tells of the cells to which rows have gone that the client is about to
// lose, and of those to which rows go from these.
func (x *interest) follow(p *plan, w *window) {
	for _, cell := range p.drops {
		x.leave(p, w, cell)
	}
	for i := 0; i < len(p.told); i++ {
		for _, d := range x.departures[p.told[i].leftFrom:p.told[i].leftTo] {
			x.claim(p, d)
		}
	}
	for i := range p.held {
		if p.lost && p.held[i].claimed != x.now {
			cx, cy := p.span.place(i)
			x.tell(p, i, game.CellID(cy*x.columns+cx), true)
		}
	}
	for _, i := range p.quiet {
		p.held[i].base = x.now // as far as the view can tell
	}
}

// claim tells of the cell to which rows have gone, unless it is not in the
// window, or has claimed them before.
func (x *interest) claim(p *plan, d departure) {
	i := p.span.index(int(d.to)%x.columns, int(d.to)/x.columns)
	if i >= 0 && (p.held[i].base == untold || p.held[i].claimed < d.since) {
		x.tell(p, i, d.to, true)
	}
}

// leave has the rows of a cell that is dropped claimed by those to which they
// have gone.
func (x *interest) leave(p *plan, w *window, cell game.CellID) {
	held := w.held[w.index(int(cell)%x.columns, int(cell)/x.columns)].base
	if x.index.Changed(cell) <= held {
		return // they are all in it
	}
	base := x.index.At(held)
	if base == nil {
		p.lost = true
		return
	}
	base.Each(cell, p.view, func(table, slot int) {
		if to, since, ok := x.index.Where(table, slot, p.view); ok {
			x.claim(p, departure{to, since})
		}
	})
}

// segment returns a cell's against what it was so many ticks ago, or from
// scratch where that is 0. A linear one is for who held it, before, as of as long
// before that. It is made when the first asks for it.
func (x *interest) segment(view game.View, cell game.CellID, age int, linear bool) *cellSegment {
	kind := age
	if linear {
		kind += game.CellAges
	}
	s := &x.segments(view)[kind*x.count+int(cell)]
	if s.stamp != x.now+1 {
		x.build(s, view, cell, age, linear)
	}
	return s
}

// build makes a segment.
func (x *interest) build(s *cellSegment, view game.View, cell game.CellID, age int, linear bool) {
	x.made++
	var prev, base *game.Cells
	if age > 0 {
		base = x.index.At(x.now - game.Tick(age))
	}
	if linear {
		prev = x.index.At(x.now - 2*game.Tick(age))
	}
	d := &x.draft
	d.Cell, d.Age = cell, age
	d.Delta.Diff(x.index, prev, base, cell, view)
	d.Hashed = age == 0 && len(d.Delta.Enters) > 1 || (int(x.now)+int(cell))%x.hz == 0
	if d.Hashed {
		d.Hash = x.index.Now().Hash(cell, view)
	}
	*s = cellSegment{stamp: x.now + 1, news: d.Delta.News, begin: uint32(len(x.bytes)), leftFrom: uint32(len(x.departures))}
	x.bytes = protocol.AppendSegment(x.bytes, d, x.index.Layout(), x.now)
	for _, l := range d.Delta.Leaves {
		x.noteDeparture(view, l, int(s.leftFrom))
	}
	s.end, s.leftTo = uint32(len(x.bytes)), uint32(len(x.departures))
}

// noteDeparture notes where a row has gone, if view sees it there; the
// segment's first departure is that of the number.
func (x *interest) noteDeparture(view game.View, l game.Leave, first int) {
	to, since, ok := x.index.Where(int(l.Table), int(l.Slot), view)
	if !ok {
		return
	}
	for i := first; i < len(x.departures); i++ {
		if d := &x.departures[i]; d.to == to {
			d.since = max(d.since, since)
			return
		}
	}
	x.departures = append(x.departures, departure{to, since})
}

// segments are a view's, by age and then by cell. How many a schema may ask
// for is bounded by game.MaxCells, and by game.MaxTeamCells where views differ.
func (x *interest) segments(view game.View) []cellSegment {
	for int(view) >= len(x.views) {
		x.views = append(x.views, nil)
	}
	if x.views[view] == nil {
		x.views[view] = make([]cellSegment, x.count*(game.CellAges+longest+1))
	}
	return x.views[view]
}
