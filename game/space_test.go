package game

import (
	"strings"
	"testing"
)

func TestSpaceErrors(t *testing.T) {
	axes := func(columns ...Axis) (all []Column) {
		for _, a := range columns {
			all = append(all, Column{Name: "c", Axis: a})
		}
		return all
	}
	plane := Space{Width: 100, Height: 100, Cell: 10, Reach: 15}
	rows := Table{Name: "rows", Capacity: 4, Columns: axes(X, NoAxis, Y)}
	eyes := Table{Name: "eyes", Capacity: 4, Audience: Private, Columns: axes(X, Y)}
	marks := rows
	marks.Audience = Team
	wide := Table{Name: "wide", Capacity: 1, Columns: axes(make([]Axis, MaxColumns-4)...)}
	many := make([]Table, MaxTables-2)
	for i := range many {
		many[i] = Table{Name: "t", Capacity: 1}
	}
	for want, c := range map[string]struct {
		space  *Space
		tables []Table
	}{
		"axes without a space":                  {nil, []Table{rows, eyes}},
		"0 private and 1 other tables":          {&plane, []Table{rows}},
		"2 private and 1 other tables":          {&plane, []Table{rows, eyes, eyes}},
		"1 private and 0 other tables":          {&plane, []Table{eyes}},
		`table "one": one axis`:                 {&plane, []Table{eyes, rows, {Name: "one", Capacity: 1, Columns: axes(Y)}}},
		`table "two": column "c": an axis that`: {&plane, []Table{{Name: "two", Capacity: 1, Columns: axes(X, X, Y)}}},
		`column "c": no such axis 3`:            {&plane, []Table{{Name: "t", Capacity: 1, Columns: axes(3)}}},
		"axes in a table that nobody is sent":   {&plane, []Table{{Name: "t", Capacity: 1, Audience: Nobody, Columns: axes(X, Y)}}},
		"a plane of 0 by 1":                     {&Space{Width: 0, Height: 1, Cell: 1}, []Table{rows, eyes}},
		"a plane of 1 by 1073741825":            {&Space{Width: 1, Height: MaxSide + 1, Cell: 1}, []Table{rows, eyes}},
		"cells of 0":                            {&Space{Width: 1, Height: 1}, []Table{rows, eyes}},
		"a reach of -1":                         {&Space{Width: 1, Height: 1, Cell: 1, Reach: -1}, []Table{rows, eyes}},
		"a rate of -1":                          {&Space{Width: 1, Height: 1, Cell: 1, Rate: -1}, []Table{rows, eyes}},
		"65 by 64 cells, at most 4096":          {&Space{Width: 641, Height: 640, Cell: 10}, []Table{rows, eyes}},
		"33 by 32 cells in which each team":     {&Space{Width: 321, Height: 320, Cell: 10}, []Table{rows, marks, eyes}},
		"is sent up to 272 cells, at most 256":  {&Space{Width: 170, Height: 160, Cell: 10, Reach: 80}, []Table{rows, eyes}},
		"is sent up to 289 cells, at most 256":  {&Space{Width: 640, Height: 640, Cell: 10, Reach: 73}, []Table{rows, eyes}},
		"is sent up to 4096 cells, at most 256": {&Space{Width: 64, Height: 64, Cell: 1, Reach: MaxSide}, []Table{rows, eyes}},
		"3 tables and 63 shared columns with a": {&plane, []Table{rows, wide, eyes}},
		"256 tables and 3 shared columns with":  {&plane, append(many, rows, eyes)},
		"1073741824 by 1073741824 cells":        {&Space{Width: MaxSide, Height: MaxSide, Cell: 1}, []Table{rows, eyes}},
	} {
		s := &Schema{Tables: c.tables, Space: c.space}
		if l, err := s.Layout(); l != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
	l, err := (&Schema{Tables: []Table{{Name: "score", Capacity: 4}, eyes, rows}, Space: &Space{Width: 640, Height: 640, Cell: 10}}).Layout()
	for _, s := range []Space{
		{Width: 640, Height: 640, Cell: 10, Reach: 72}, {Width: 160, Height: 160, Cell: 10, Reach: MaxSide}, {Width: MaxSide, Height: 1, Cell: MaxSide, Reach: MaxSide},
	} {
		if _, err := (&Schema{Tables: []Table{rows, eyes}, Space: &s}).Layout(); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if _, err := (&Schema{Tables: []Table{marks, eyes}, Space: &Space{Width: 320, Height: 320, Cell: 10}}).Layout(); err != nil {
		t.Errorf("teams on a plane of as many cells as may be: %v", err)
	}
	if err != nil || l.Spatial(0) || l.Spatial(1) || !l.Spatial(2) || l.Space().Cells() != MaxCells {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestCellsTileThePlane: every place lies in one cell, from which it is 0 away,
// and as far from all others as the places next to it say.
func TestCellsTileThePlane(t *testing.T) {
	s := &Space{Width: 23, Height: 11, Cell: 5}
	if s.Columns() != 5 || s.Rows() != 3 {
		t.Fatalf("%d by %d cells", s.Columns(), s.Rows())
	}
	brute := func(c CellID, x, y int32) int32 {
		nearest := int32(MaxSide)
		for py := range s.Height {
			for px := range s.Width {
				if s.CellAt(px, py) == c {
					nearest = min(nearest, max(x-px, px-x, y-py, py-y))
				}
			}
		}
		return nearest
	}
	for y := range s.Height {
		for x := range s.Width {
			for c := range CellID(s.Cells()) {
				if got, want := s.Distance(c, x, y), brute(c, x, y); got != want {
					t.Fatalf("cell %d is %d from %d, %d; want %d", c, got, x, y, want)
				}
			}
		}
	}
	for _, c := range []struct {
		x, y int32
		want CellID
	}{{-1 << 31, -1 << 31, 0}, {1<<31 - 1, -5, 4}, {1<<31 - 1, 1<<31 - 1, 14}, {4, 5, 5}, {5, 4, 1}} {
		if got := s.CellAt(c.x, c.y); got != c.want {
			t.Errorf("%d, %d lies in cell %d, want %d", c.x, c.y, got, c.want)
		}
	}
}

func TestTheEyeStaysOnThePlane(t *testing.T) {
	l := mustLayout(t, &Schema{Space: &Space{Width: 100, Height: 50, Cell: 10}, Tables: []Table{
		{Name: "rows", Capacity: 1, Columns: []Column{{Name: "x", Axis: X}, {Name: "y", Axis: Y}}},
		{Name: "eyes", Capacity: 2, Audience: Private, Columns: []Column{{Name: "zoom"}, {Name: "y", Axis: Y}, {Name: "x", Axis: X}}}}})
	s := NewSnapshot(l)
	s.Col(1, 2)[1], s.Col(1, 1)[1] = 30, 20
	if x, y := s.Eye(1); x != 30 || y != 20 {
		t.Errorf("the eye is at %d, %d", x, y)
	}
	s.Col(1, 2)[1], s.Col(1, 1)[1] = -1<<31, 1<<31-1
	if x, y := s.Eye(1); x != 0 || y != 49 {
		t.Errorf("the eye is at %d, %d", x, y)
	}
}

// TestAPlaneFromItsFlat: of a plane that was flat everything is left, of what is
// private the eyes alone; where the flat has as many tables and columns as there
// may be, too.
func TestAPlaneFromItsFlat(t *testing.T) {
	schema := &Schema{Space: &Space{Width: 100, Height: 50, Cell: 10}, Tables: []Table{
		{Name: "rows", Capacity: 3, Columns: []Column{{Name: "x", Axis: X}, {Name: "y", Axis: Y}}},
		{Name: "eyes", Capacity: 70, Audience: Private, Columns: []Column{{Name: "card"}, {Name: "y", Axis: Y}, {Name: "x", Axis: X}}},
		{Name: "wide", Capacity: 1, Columns: make([]Column, MaxColumns-4)},
	}}
	for i := range schema.Tables[2].Columns {
		schema.Tables[2].Columns[i].Name = "c"
	}
	for len(schema.Tables) < MaxTables-1 {
		schema.Tables = append(schema.Tables, Table{Name: "t", Capacity: 1})
	}
	l := mustLayout(t, schema)
	flat := l.Flat()
	if flat.Space() != nil || flat.Spatial(0) || flat.SharedColumns() != MaxColumns || !l.Spatial(0) {
		t.Fatalf("flat: %d shared columns, spatial %v", flat.SharedColumns(), flat.Spatial(0))
	}
	was := NewSnapshot(l)
	was.Tick, was.live[0] = 7, 1<<1
	was.Col(0, 1)[1], was.Col(2, 9)[0] = 20, 9
	was.Col(1, 0)[69], was.Col(1, 1)[69], was.Col(1, 2)[69] = 5, 30, 90
	now, shown, again := NewSnapshot(flat), NewSnapshot(flat), NewSnapshot(l)
	now.FlatFrom(was)
	var d Delta
	d.Diff(nil, nil, now, 0)
	shown.Apply(&d, nil, nil)
	again.PlaneFrom(shown)
	if x, y := again.Eye(69); x != 90 || y != 30 || again.Own(1, 0, 69) != 0 {
		t.Errorf("the eye is at %d, %d, the card is %d", x, y, again.Own(1, 0, 69))
	}
	if !again.Live(0, 1) || again.Count(0) != 1 || again.Col(0, 1)[1] != 20 || again.Col(2, 9)[0] != 0 || again.Hash(Whole) != was.Hash(Whole) {
		t.Error("the plane is another")
	}
}
