package arena

import (
	_ "embed"
	"fmt"
	"strings"
)

// MapsText is the text of all maps, in the format it explains itself.
//
//go:embed maps.txt
var MapsText string

// A Map is where a match is played: walls on a grid, and places. It is
// immutable.
type Map struct {
	Number  int32 // in maps.txt
	Across  int32 // copies side by side
	Down    int32 // copies below each other
	Width   int32 // cells
	Height  int32
	Spawns  []Point // where players come in
	Pickups []Place

	solid    []bool  // by cell, row after row
	pickupAt []int16 // by cell: which pickup lies there, or -1
}

// A Point is a position in units.
type Point struct{ X, Y int32 }

// A Place is where a pickup lies.
type Place struct {
	Point
	Kind int32
}

// ReadMap returns the map of that name in text, laid out across times down.
func ReadMap(text, name string, across, down int) (*Map, error) {
	rows, number := mapRows(text, name)
	if len(rows) == 0 {
		return nil, fmt.Errorf("map %q: not there", name)
	}
	m := &Map{Number: int32(number), Across: int32(across), Down: int32(down),
		Width: int32(len(rows[0]) * across), Height: int32(len(rows) * down)}
	m.solid = make([]bool, m.Width*m.Height)
	for y := range m.Height {
		row := rows[int(y)%len(rows)]
		if len(row) != len(rows[0]) {
			return nil, fmt.Errorf("map %q: row %d has %d cells, the first %d", name, y, len(row), len(rows[0]))
		}
		for x := range m.Width {
			if err := m.put(x, y, row[int(x)%len(row)]); err != nil {
				return nil, fmt.Errorf("map %q: %w", name, err)
			}
		}
	}
	m.pickupAt = make([]int16, len(m.solid))
	for i := range m.pickupAt {
		m.pickupAt[i] = -1
	}
	for i, place := range m.Pickups {
		m.pickupAt[m.cellAt(place.X, place.Y)] = int16(i)
	}
	if len(m.Spawns) == 0 || len(m.Pickups) == 0 {
		return nil, fmt.Errorf("map %q: needs spawns and pickups", name)
	}
	return m, nil
}

// mapNames are those of the maps in text, in its order.
func mapNames(text string) (names []string) {
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "= "); ok {
			names = append(names, name)
		}
	}
	return names
}

// mapRows returns a map's rows and its number among all maps.
func mapRows(text, name string) (rows []string, number int) {
	number = -1
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "= "); ok {
			if in {
				return rows, number
			}
			in = title == name
			number++
		} else if in && line != "" {
			rows = append(rows, line)
		}
	}
	return rows, number
}

// put makes a cell what its character says.
func (m *Map) put(x, y int32, c byte) error {
	rim := x == 0 || y == 0 || x == m.Width-1 || y == m.Height-1
	at := Point{x*Cell + Cell/2, y*Cell + Cell/2}
	switch c {
	case '#':
		m.solid[y*m.Width+x] = true
	case '+':
		m.solid[y*m.Width+x] = rim
	case '.':
	case 'S':
		m.Spawns = append(m.Spawns, at)
	case 'h':
		m.Pickups = append(m.Pickups, Place{at, KindHealth})
	case 'a':
		m.Pickups = append(m.Pickups, Place{at, KindAmmo})
	case 'M':
		m.Pickups = append(m.Pickups, Place{at, KindMega})
	default:
		return fmt.Errorf("cell %d,%d: no such thing as %q", x, y, c)
	}
	if rim && !m.solid[y*m.Width+x] {
		return fmt.Errorf("cell %d,%d: the rim is open", x, y)
	}
	return nil
}

// Solid reports whether a cell is a wall; beyond the rim all are.
func (m *Map) Solid(cx, cy int32) bool {
	return cx < 0 || cy < 0 || cx >= m.Width || cy >= m.Height || m.solid[cy*m.Width+cx]
}

// Free reports whether a circle stands clear of all walls. The radius may be
// a cell's at most.
func (m *Map) Free(x, y, radius int32) bool {
	for cy := (y - radius) >> 7; cy <= (y+radius)>>7; cy++ {
		for cx := (x - radius) >> 7; cx <= (x+radius)>>7; cx++ {
			if m.Solid(cx, cy) {
				dx, dy := x-nearest(x, cx), y-nearest(y, cy)
				if dx*dx+dy*dy < radius*radius {
					return false
				}
			}
		}
	}
	return true
}

// nearest returns the coordinate within a cell's span that is nearest to v.
func nearest(v, cell int32) int32 { return min(max(v, cell<<7), cell<<7+Cell) }

// Ray goes straight from a point to another until a wall stops it. It returns
// where it ends and whether it got there.
func (m *Map) Ray(x0, y0, x1, y1 int32) (x, y int32, clear bool) {
	ax, ay := abs(x1-x0), abs(y1-y0)
	sx, sy := int32(1), int32(1)
	toX, toY := Cell-x0&127, Cell-y0&127 // to the next border, along each axis
	if x1 < x0 {
		sx, toX = -1, x0&127
	}
	if y1 < y0 {
		sy, toY = -1, y0&127
	}
	cx, cy := x0>>7, y0>>7
	for {
		if m.Solid(cx, cy) {
			return x0, y0, false
		}
		byX := toX <= ax && (toY > ay || toX*ay <= toY*ax)
		if !byX && toY > ay {
			return x1, y1, true
		}
		if byX {
			if cx += sx; m.Solid(cx, cy) {
				return x0 + sx*toX, y0 + sy*(ay*toX/max(ax, 1)), false
			}
			toX += Cell
		} else {
			if cy += sy; m.Solid(cx, cy) {
				return x0 + sx*(ax*toY/max(ay, 1)), y0 + sy*toY, false
			}
			toY += Cell
		}
	}
}

// walkable reports whether a player can run straight from a point to another.
func (m *Map) walkable(x0, y0, x1, y1 int32) bool {
	side := int32(PlayerRadius - 4)
	if (x1 > x0) == (y1 > y0) { // the two sides of the way, roughly
		_, _, a := m.Ray(x0+side, y0-side, x1+side, y1-side)
		_, _, b := m.Ray(x0-side, y0+side, x1-side, y1+side)
		return a && b
	}
	_, _, a := m.Ray(x0-side, y0-side, x1-side, y1-side)
	_, _, b := m.Ray(x0+side, y0+side, x1+side, y1+side)
	return a && b
}

func (m *Map) cellAt(x, y int32) int32 { return y>>7*m.Width + x>>7 }

func (m *Map) centre(cell int32) Point {
	return Point{cell%m.Width*Cell + Cell/2, cell/m.Width*Cell + Cell/2}
}
