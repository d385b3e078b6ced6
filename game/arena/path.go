package arena

// A path finds and keeps a way over the floor, as a list of cells. It has
// memory for one search, which it uses again.
type path struct {
	m     *Map
	steps []int32 // cells still ahead, the next one last
	queue []int32
	from  []int8   // by cell: the direction it was reached in
	seen  []uint16 // by cell: the search that reached it
	run   uint16
}

// maxSearch bounds how many cells one search looks at: about one copy of the
// largest map.
const maxSearch = 1500

func newPath(m *Map) path {
	n := len(m.solid)
	return path{m: m, steps: make([]int32, 0, 256), queue: make([]int32, 0, maxSearch+8),
		from: make([]int8, n), seen: make([]uint16, n)}
}

// ways are the eight steps from cell to cell, the straight ones first.
var ways = [8]Point{{1, 0}, {0, 1}, {-1, 0}, {0, -1}, {1, 1}, {-1, 1}, {-1, -1}, {1, -1}}

// A want says what a search looks for: pickups of some kinds, or a cell.
type want struct {
	kinds int32 // bits 1 << kind
	back  []int32
	until int32 // a pickup will do that is back by this tick
	cell  int32 // or -1
}

func (w *want) has(m *Map, cell int32) bool {
	if cell == w.cell {
		return true
	}
	slot := m.pickupAt[cell]
	return w.kinds != 0 && slot >= 0 && w.kinds>>m.Pickups[slot].Kind&1 != 0 && w.back[slot] <= w.until
}

// find searches breadth first from a point for what is wanted, and lays the
// way to the nearest. Where a cell is too far for one search it goes as near
// as it got. It reports whether there is a way to go.
func (p *path) find(x, y int32, w want) bool {
	p.steps = p.steps[:0]
	start := p.m.cellAt(x, y)
	if p.run++; p.run == 0 {
		clear(p.seen)
		p.run = 1
	}
	p.queue = append(p.queue[:0], start)
	p.seen[start] = p.run
	nearest, nearestAway := start, p.away(start, w.cell)
	for i := 0; i < len(p.queue) && i < maxSearch; i++ {
		c := p.queue[i]
		if w.has(p.m, c) {
			p.trace(start, c)
			return true
		}
		if w.cell >= 0 {
			if d := p.away(c, w.cell); d < nearestAway {
				nearest, nearestAway = c, d
			}
		}
		p.spread(c)
	}
	if w.cell >= 0 && nearest != start {
		p.trace(start, nearest)
		return true
	}
	return false
}

// spread queues the free neighbours of a cell. Corners are not cut.
func (p *path) spread(c int32) {
	m, width := p.m, p.m.Width
	var open [4]bool
	for i, way := range ways {
		if i >= 4 && !(open[i-4] && open[(i-3)&3]) {
			continue
		}
		next := c + way.X + way.Y*width
		if m.solid[next] {
			continue
		}
		if i < 4 {
			open[i] = true
		}
		if p.seen[next] != p.run && len(p.queue) < cap(p.queue) {
			p.seen[next], p.from[next] = p.run, int8(i)
			p.queue = append(p.queue, next)
		}
	}
}

// trace writes down the way from start to c, backwards.
func (p *path) trace(start, c int32) {
	for c != start {
		if len(p.steps) == cap(p.steps) { // too long: only its first part is walked
			copy(p.steps, p.steps[1:])
			p.steps = p.steps[:len(p.steps)-1]
		}
		p.steps = append(p.steps, c)
		way := ways[p.from[c]]
		c -= way.X + way.Y*p.m.Width
	}
}

// away is a rough distance between two cells, in cells.
func (p *path) away(a, b int32) int32 {
	if b < 0 {
		return 0
	}
	return max(abs(a%p.m.Width-b%p.m.Width), abs(a/p.m.Width-b/p.m.Width))
}

// next returns where to walk from a point: the farthest step ahead that can
// be walked to straight, of which it tries one more each time. It returns
// false at the end of the way.
func (p *path) next(x, y int32) (Point, bool) {
	for len(p.steps) > 0 {
		at := p.m.centre(p.steps[len(p.steps)-1])
		if len(p.steps) > 1 {
			if then := p.m.centre(p.steps[len(p.steps)-2]); p.m.walkable(x, y, then.X, then.Y) {
				p.steps = p.steps[:len(p.steps)-1]
				return then, true
			}
		}
		if abs(at.X-x) > Cell/4 || abs(at.Y-y) > Cell/4 {
			return at, true
		}
		p.steps = p.steps[:len(p.steps)-1]
	}
	return Point{}, false
}
