package game

import "fmt"

// A Space says that rows lie on a plane, and how much of it a seat is sent.
// A table for all or for a team that has an X and a Y column is spatial: its
// rows lie in cells, the squares that the plane is cut into, and go to those
// who see the cell. One Private table has an X and a Y column, too: its row i
// is the eye of seat i, where its camera stands. The rules move it. Whoever
// has no seat looks from the middle of the plane, or follows a seat: through its
// eye, wherever it is, and nothing else that is private. All other tables are
// sent whole, as they are without a space.
type Space struct {
	Width, Height int32 // positions are 0..Width-1 and 0..Height-1; what lies beyond counts as at the edge
	Cell          int32 // side of a cell: about what a player has on the screen
	Reach         int32 // a seat is sent the cells within this distance of its eye, in x and in y each
	// Rate bounds the bytes a second that a seat is sent of cells, in the long
	// run: in a crowd it is told of what is far away less often. Default
	// DefaultRate.
	Rate int
}

// DefaultRate is the Rate of spaces that name none: with heads, bodies and
// events, whole frames come to some 9.5 KB a second, below 10 also where a
// second has more of them than most.
const DefaultRate = 9_000

// Limits of a space.
const (
	MaxCells     = 4096 // of a plane
	MaxTeamCells = 1024 // of a plane with a spatial table for teams: what is made of a cell is made for each
	// MaxWindow is how many cells a seat may hold: each is looked at for each
	// frame.
	MaxWindow = 256
	MaxSide   = 1 << 30 // of a plane, and of all lengths; sums of two then fit an int32
)

// An Axis says which coordinate of a row's place a column holds.
type Axis uint8

// The axes.
const (
	NoAxis Axis = iota
	X
	Y
)

// A CellID numbers the cells of a space, row after row.
type CellID uint16

// Columns and Rows count the cells next to each other and one above another.
func (s *Space) Columns() int { return int((s.Width-1)/s.Cell) + 1 }

// Rows counts the cells one above another.
func (s *Space) Rows() int { return int((s.Height-1)/s.Cell) + 1 }

// Cells counts all cells.
func (s *Space) Cells() int { return s.Columns() * s.Rows() }

// CellAt returns the cell of a place. What lies beyond the plane belongs to
// the cell at its edge.
func (s *Space) CellAt(x, y int32) CellID {
	x, y = min(max(x, 0), s.Width-1), min(max(y, 0), s.Height-1)
	return CellID(int(y/s.Cell)*s.Columns() + int(x/s.Cell))
}

// Distance is how far a cell's square is from a place of the plane, in x or in
// y, whichever is more; 0 inside.
func (s *Space) Distance(c CellID, x, y int32) int32 {
	left, top := int32(int(c)%s.Columns())*s.Cell, int32(int(c)/s.Columns())*s.Cell
	return max(left-x, x-min(left+s.Cell, s.Width)+1, top-y, y-min(top+s.Cell, s.Height)+1, 0)
}

// Margin is how far beyond the reach a cell is kept that came within it.
func (s *Space) Margin() int32 { return s.Cell / 4 }

// window is how many cells a seat holds at most.
func (s *Space) window() int {
	across := 2*(int(s.Reach)+int(s.Margin()))/int(s.Cell) + 2 // an end may lie anywhere in its cell
	return min(across, s.Columns()) * min(across, s.Rows())
}

func (s *Space) check(teams bool) error {
	switch {
	case s.Width < 1 || s.Width > MaxSide || s.Height < 1 || s.Height > MaxSide:
		return fmt.Errorf("a plane of %d by %d, want sides of 1 to %d", s.Width, s.Height, MaxSide)
	case s.Cell < 1 || s.Reach < 0 || s.Rate < 0 || s.Cell > MaxSide || s.Reach > MaxSide || s.Rate > MaxSide:
		return fmt.Errorf("cells of %d, a reach of %d, a rate of %d: want no negative, 1 or more of the first, %d at most", s.Cell, s.Reach, s.Rate, MaxSide)
	case s.Columns() > MaxCells || s.Cells() > MaxCells:
		return fmt.Errorf("%d by %d cells, at most %d in all", s.Columns(), s.Rows(), MaxCells)
	case teams && s.Cells() > MaxTeamCells:
		return fmt.Errorf("%d by %d cells in which each team sees rows of its own, at most %d in all", s.Columns(), s.Rows(), MaxTeamCells)
	case s.window() > MaxWindow:
		return fmt.Errorf("cells of %d and a reach of %d, by which a seat is sent up to %d cells, at most %d", s.Cell, s.Reach, s.window(), MaxWindow)
	}
	return nil
}

// A place is where a table's rows lie: in which of its columns the axes are.
type place struct{ x, y int }

// nowhere is the place of tables without axes.
var nowhere = place{-1, -1}

// places finds the table's axes, of which it has both or neither.
func (t *Table) places() (place, error) {
	p := nowhere
	for c, col := range t.Columns {
		at := &p.x
		switch col.Axis {
		case NoAxis:
			continue
		case Y:
			at = &p.y
		case X:
		default:
			return p, fmt.Errorf("column %q: no such axis %d", col.Name, col.Axis)
		}
		if *at >= 0 {
			return p, fmt.Errorf("column %q: an axis that the table has already", col.Name)
		}
		*at = c
	}
	if (p.x < 0) != (p.y < 0) {
		return p, fmt.Errorf("one axis, want X and Y")
	}
	if p != nowhere && t.Audience == Nobody {
		return p, fmt.Errorf("axes in a table that nobody is sent")
	}
	return p, nil
}

// checkSpace holds the axes of all tables to the space.
func (l *Layout) checkSpace() error {
	spatial, eyes, teams := 0, 0, false
	for i := range l.tables {
		switch t := &l.tables[i]; {
		case t.place == nowhere:
		case t.Audience == Private:
			eyes++
			l.eyes = i
		default:
			spatial++
			teams = teams || t.Audience == Team
		}
	}
	s := l.Schema.Space
	if s == nil {
		if spatial+eyes > 0 {
			return fmt.Errorf("axes without a space")
		}
		return nil
	}
	if eyes != 1 || spatial == 0 {
		return fmt.Errorf("a space with %d private and %d other tables that have axes, want 1 and some", eyes, spatial)
	}
	if err := s.check(teams); err != nil {
		return fmt.Errorf("space: %w", err)
	}
	if len(l.tables) == MaxTables || len(l.shared) > MaxColumns-2 {
		return fmt.Errorf("%d tables and %d shared columns with a space, which wants one and two for itself, see Flat", len(l.tables), len(l.shared))
	}
	l.grid = newGrid(s)
	return nil
}

// Space returns the schema's space, or nil.
func (l *Layout) Space() *Space { return l.Schema.Space }

// Spatial reports whether table t is sent by cells.
func (l *Layout) Spatial(t int) bool { return l.tables[t].spatial() }

func (t *tableLayout) spatial() bool { return t.place != nowhere && t.Audience <= Team }

// SpatialColumns counts the columns that a cell's segment numbers.
func (l *Layout) SpatialColumns() int { return len(l.spatial) }

// SpatialTable returns the table of a cell's column c.
func (l *Layout) SpatialTable(c int) int { return l.spatial[c].table }

// FirstSpatial is the number of a spatial table's first column.
func (l *Layout) FirstSpatial(t int) int { return l.tables[t].firstSpatial }

// Eye returns where the seat's camera stands, on the plane. There must be a
// space.
func (s *Snapshot) Eye(seat Seat) (x, y int32) {
	t := &s.layout.tables[s.layout.eyes]
	return s.clamped(t, int(seat))
}

// clamped is where a row lies, or the nearest place of the plane.
func (s *Snapshot) clamped(t *tableLayout, slot int) (x, y int32) {
	space := s.layout.Schema.Space
	x = s.cells[t.cell+t.place.x*t.Capacity+slot]
	y = s.cells[t.cell+t.place.y*t.Capacity+slot]
	return min(max(x, 0), space.Width-1), min(max(y, 0), space.Height-1)
}
