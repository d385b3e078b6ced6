package protocol_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/musterhq/muster/game"
)

// pond is the schema of the golden files of cells: three by two cells of 100,
// on which blobs swim among pellets, and marks that a team leaves. The eye of
// each seat is private; the clock is for all.
func pond() *game.Schema {
	x, y := game.Column{Name: "x", Axis: game.X, Linear: true}, game.Column{Name: "y", Axis: game.Y, Linear: true}
	return &game.Schema{
		Space: &game.Space{Width: 300, Height: 200, Cell: 100, Reach: 60, Rate: 5000},
		Tables: []game.Table{
			{Name: "clock", Capacity: 1, Columns: []game.Column{{Name: "left", Linear: true}}},
			{Name: "blobs", Capacity: 16, Columns: []game.Column{x, y, {Name: "mass"}}},
			{Name: "secret", Capacity: 2, Audience: game.Nobody},
			{Name: "eyes", Capacity: 4, Audience: game.Private, Columns: []game.Column{{Name: "zoom"}, x, y}},
			{Name: "pellets", Capacity: 200, Columns: []game.Column{y, x, {Name: "born", Tick: true}}},
			{Name: "marks", Capacity: 8, Audience: game.Team, Columns: []game.Column{x, y}},
		},
		Events: []game.EventKind{{Name: "eaten", Args: []string{"who"}}},
	}
}

// The tables of pond.
const (
	clock   = 0
	blobs   = 1
	eyes    = 3
	pellets = 4
	marks   = 5
)

// put lets a row of a spatial table of pond live in a slot.
func put(w *game.World, table, slot int, x, y int32) {
	w.Table(table).SpawnAt(slot)
	place(w, table, slot, x, y)
}

func place(w *game.World, table, slot int, x, y int32) {
	if table == pellets {
		x, y = y, x // its columns
	}
	w.Table(table).Col(0)[slot], w.Table(table).Col(1)[slot] = x, y
}

func startPond(w *game.World) {
	w.Table(clock).SpawnAt(0)
	w.Table(clock).Col(0)[0] = 600
	put(w, blobs, 0, 50, 50)
	put(w, blobs, 1, 95, 20)
	put(w, blobs, 5, 150, 50)
	put(w, blobs, 9, 250, 150)
	for _, slot := range []int{0, 5, 9} {
		w.Table(blobs).Col(2)[slot] = 1000
	}
	for i := range 12 {
		put(w, pellets, i*3, int32(25*i), int32(190-15*i))
		w.Table(pellets).Col(2)[i*3] = int32(w.Tick()) - int32(i)
	}
	w.Table(eyes).Col(1)[1], w.Table(eyes).Col(2)[1] = 50, 50
}

// tell has the next frame tell of cells.
func (r *tape) tell(note string, cells ...game.CellID) {
	r.t.Helper()
	r.tells = cells
	r.send(note)
	r.checkCells()
}

// checkCells: each cell is held as it was at the tick that it was told of.
func (l *link) checkCells() {
	l.t.Helper()
	n := 0
	for cell := range game.CellID(l.layout.Space().Cells()) {
		c := l.mirror.Sight().Cell(cell)
		tick, held := l.held[cell]
		if (c != nil) != held {
			l.t.Fatalf("tick %d: cell %d is held: %v, want %v", l.now().Tick, cell, c != nil, held)
		}
		if !held {
			continue
		}
		n++
		at := l.kept[tick-l.kept[0].Tick]
		if got, want := cellRows(c), lying(at, cell, l.view); !reflect.DeepEqual(got, want) {
			l.t.Fatalf("tick %d: cell %d is held as\n%v, at tick %d it was\n%v", l.now().Tick, cell, got, tick, want)
		}
	}
	if n != l.mirror.Sight().Held() || l.mirror.Desyncs > 0 {
		l.t.Fatalf("tick %d: %d cells, counts %d; %d desyncs", l.now().Tick, n, l.mirror.Sight().Held(), l.mirror.Desyncs)
	}
}

// lying lists what a view sees of a cell: table, slot, generation, values.
func lying(s *game.Snapshot, cell game.CellID, view game.View) (all [][]int32) {
	x := game.NewCellIndex(s.Layout())
	x.Advance(s)
	x.Now().Each(cell, view, func(table, slot int) {
		row := []int32{int32(table), int32(slot), int32(s.Gen(table, slot) & 127)}
		for c := range s.Layout().Schema.Tables[table].Columns {
			row = append(row, s.Col(table, c)[slot])
		}
		all = append(all, row)
	})
	return all
}

func TestGoldenCells(t *testing.T) {
	s := newStage(t, pond(), 126, startPond)
	r := s.link(1, 0).tape("Seat 1 in a space: cells told of, moved on, forgotten; own columns, a table for all and events beside them.")
	r.hashCells = true
	r.tell("a keyframe, and cell 0 from scratch, with its hash", 0)
	swim := func(w *game.World) {
		w.Table(clock).Col(0)[0]--
		for _, slot := range []int{0, 1, 5, 9} {
			w.Table(blobs).Col(0)[slot] += 4
			w.Table(blobs).Col(1)[slot] += int32(slot) - 4
		}
		w.Table(eyes).Col(1)[1] += 4
	}
	s.step(swim)
	r.tell("cell 0 moved on, cell 1 comes", 0, 1)
	s.step(swim)
	r.tell("blob 1 goes from cell 0 to 1: it leaves the one and enters the other", 0, 1)
	s.step(swim)
	r.tell("nothing is told of any cell: what is held stays as it was")
	s.step(func(w *game.World) {
		swim(w)
		w.Table(pellets).Despawn(0)
		slot, _ := w.Table(pellets).Spawn()
		place(w, pellets, slot, 10, 195)
		w.Table(pellets).Col(2)[slot] = int32(w.Tick())
		w.Table(blobs).Col(2)[0] += 10
		w.Emit(0, 0)
	})
	r.tell("age 2 for cells 0 and 1; of cell 3, which is told of from scratch, a pellet was born this tick; an event", 1, 0, 3)
	s.step(swim)
	r.drops = []game.CellID{0, 3}
	r.tell("two cells are forgotten, one is told of", 1)
	s.step(swim)
	r.hash = true
	r.tell("cell 0 again, from scratch; and a hash of the view, which is over the clock alone", 0)
	s.step(swim)
	r.drops = []game.CellID{0}
	r.tell("forgotten and told of in one frame", 0)
	s.step(swim)
	r.drops = []game.CellID{1}
	r.tell("cells without any segment")
	s.step(swim)
	r.forget = true
	r.tell("a keyframe: all cells are forgotten", 4)
	r.drops = []game.CellID{4}
	s.step(swim)
	r.tell("nothing is left")
	compareGolden(t, "cells_basics", r.file)
}

func TestGoldenCellsApart(t *testing.T) {
	s := newStage(t, pond(), 1000, startPond)
	r := s.link(1, 0).tape("Cells that are told of at different times: rows go from one to the other, there and back, and slots change hands.")
	step := func(do func(w *game.World)) { s.step(do) }
	r.tell("cells 0 and 1", 0, 1)
	step(func(w *game.World) { place(w, blobs, 0, 101, 50) })
	r.tell("blob 0 goes to cell 1, which is told of alone: both claim it, the newer is right", 1)
	step(func(w *game.World) { place(w, blobs, 0, 105, 51) })
	r.tell("cell 0 lets it go, which cell 1 has claimed: it stays where that has it", 0)
	step(func(w *game.World) { place(w, blobs, 0, 99, 52) })
	r.tell("back to cell 0, which is told of together with cell 1", 1, 0)
	step(func(w *game.World) { place(w, blobs, 0, 110, 50) })
	r.tell("to cell 1, told of alone", 1)
	step(func(w *game.World) { place(w, blobs, 0, 99, 52) })
	r.tell("and to cell 0 again, which then is as it is held: its segment is empty, and claims the blob that cell 1 lets go", 1, 0)
	step(func(w *game.World) { place(w, blobs, 0, 98, 53) })
	step(func(w *game.World) { place(w, blobs, 0, 120, 53) })
	step(func(w *game.World) { place(w, blobs, 0, 97, 54) })
	r.tell("there and back between two segments of cell 0: just moved", 0)
	step(func(w *game.World) { w.Table(blobs).Despawn(0); put(w, blobs, 1, 160, 50) })
	r.tell("blob 0 is gone; slot 1 is another's, in cell 1: its generation is another", 0, 1)
	step(func(w *game.World) { w.Table(blobs).SpawnAt(5); place(w, blobs, 5, 151, 51) })
	r.tell("slot 5 is another's within its cell: an entry in place of the row, no leave", 1)
	step(func(w *game.World) { w.Table(blobs).Teleport(5); place(w, blobs, 5, 190, 90) })
	r.tell("a teleport within the cell", 1)
	step(func(w *game.World) { w.Table(blobs).Teleport(5); place(w, blobs, 5, 10, 10) })
	r.tell("a teleport to cell 0; cell 1 alone is told of, and the row is gone for now", 1)
	r.hashCells = true
	step(nil)
	r.tell("cell 0 has it", 0)
	step(func(w *game.World) { w.Table(blobs).Despawn(5) })
	step(func(w *game.World) { put(w, blobs, 5, 150, 55) })
	r.tell("left and taken by another, in cell 1: cell 0 still claims the one before", 1)
	step(nil)
	r.tell("cell 0 lets it go", 0)
	step(func(w *game.World) { place(w, blobs, 5, 90, 90) })
	r.drops = []game.CellID{1}
	r.tell("cell 1 is forgotten in the frame in which cell 0 claims its blob", 0)
	step(func(w *game.World) { place(w, blobs, 5, -70, 1<<30) })
	r.tell("beyond the plane: in the cell at its edge", 0, 3)
	grow := func(w *game.World) { w.Table(blobs).Col(2)[5]++ }
	for _, age := range []int{game.CellAges, game.CellAges + 1} {
		for range age - 1 {
			step(grow)
			r.tell("")
		}
		step(grow)
		r.tell(fmt.Sprintf("%d ticks later: older bases than %d are from scratch", age, game.CellAges), 3)
	}
	compareGolden(t, "cells_apart", r.file)
}

func TestGoldenCellsLinear(t *testing.T) {
	s := newStage(t, pond(), 500, startPond)
	r := s.link(1, 0).tape("Linear segments: the rows of a cell move on as they did with the segment before, and the residuals are against that.")
	r.hashCells = true
	r.tell("cells 0 and 1 from scratch", 0, 1)
	r.linear = func(game.CellID) bool { return true }
	swim := func(more func(x, y, mass []int32)) {
		s.step(func(w *game.World) {
			rows := w.Table(blobs)
			for _, slot := range []int{0, 5} {
				rows.Col(0)[slot] += 3
				rows.Col(1)[slot] -= 2
			}
			if more != nil {
				more(rows.Col(0), rows.Col(1), rows.Col(2))
			}
		})
	}
	tell := func(note string, cells ...game.CellID) {
		r.hashCells = true
		r.tell(note, cells...)
	}
	swim(nil)
	tell("the first after that is plain: nobody has moved yet", 0)
	swim(nil)
	tell("blob 0 moves on, and nothing need be said", 0)
	swim(func(x, y, mass []int32) { x[0]++; y[0] += 2; mass[0] += 7; x[1]-- })
	tell("it goes one further in x, stays where it is in y, and has more mass, which is not linear; blob 1 begins to move", 0)
	swim(func(x, y, mass []int32) { x[0]++; y[0] += 2; mass[0]++ })
	tell("both go on but that blob 1 stops", 0)
	swim(nil)
	tell("cell 1, in which blob 5 has moved by five ticks' way since", 1)
	swim(nil)
	tell("cell 0 two ticks later: the stride is not even, and the residuals make up for it", 0)
	for range 4 {
		swim(nil)
	}
	tell("cell 1 after five ticks again: nothing need be said", 1)
	r.linear = nil
	swim(nil)
	tell("a plain one: against where it was, and from now on what it says is how the rows have moved", 0)
	r.linear = func(game.CellID) bool { return true }
	swim(nil)
	tell("which is less than they have", 0)
	s.step(func(w *game.World) { put(w, blobs, 3, 20, 20) })
	tell("blob 3 enters; and blob 0 stops", 0)
	s.step(func(w *game.World) { place(w, blobs, 3, 25, 20) })
	tell("it had not moved", 0)
	s.step(func(w *game.World) { place(w, blobs, 3, 30, 20); w.Table(blobs).Despawn(0) })
	tell("it moves on, and is now the first of the local rows: blob 0 is gone", 0)
	s.step(func(w *game.World) { place(w, blobs, 3, 35, 20) })
	tell("it moves on", 0)
	s.step(func(w *game.World) { w.Table(blobs).Teleport(3); place(w, blobs, 3, 70, 70) })
	tell("it is teleported", 0)
	s.step(func(w *game.World) { place(w, blobs, 3, 60, 70) })
	tell("and had not moved", 0)
	s.step(func(w *game.World) { w.Table(blobs).Despawn(3); put(w, blobs, 3, 50, 70) })
	tell("its slot is another's", 0)
	s.step(func(w *game.World) { place(w, blobs, 3, -1<<31, 70) })
	tell("far beyond the plane", 0)
	s.step(func(w *game.World) { place(w, blobs, 3, 50, 70) })
	tell("and back: the sums wrap", 0)
	r.drops = []game.CellID{0}
	s.step(nil)
	tell("cell 0 is forgotten and comes from scratch; cell 1 is told of with it", 0, 1)
	s.step(func(w *game.World) { place(w, blobs, 3, 110, 70) })
	r.linear = func(c game.CellID) bool { return c == 1 }
	tell("blob 3 goes from cell 0, whose segment is plain, to cell 1, whose is linear", 0, 1)
	s.step(func(w *game.World) { place(w, blobs, 3, 120, 70) })
	tell("where it had not moved", 1)
	compareGolden(t, "cells_linear", r.file)
}

func TestGoldenCellsCrowd(t *testing.T) {
	s := newStage(t, pond(), 60, func(w *game.World) {
		startPond(w)
		for slot := range 200 {
			put(w, pellets, slot, int32(slot%20), int32(slot/20))
			w.Table(pellets).Col(2)[slot] = 60
		}
	})
	r := s.link(-1, 0).tape("A spectator of a crowd: masks of local rows are integers up to 64 rows, byte strings beyond.")
	r.hashCells = true
	r.tell("200 pellets in cell 0", 0)
	for i, some := range [][]int{{0}, {199}, {7, 8, 63, 64, 65, 127, 128}, {198, 199}} {
		s.step(func(w *game.World) {
			for _, slot := range some {
				w.Table(pellets).Col(0)[slot] += int32(slot%3 - 1)
				w.Table(pellets).Col(1)[slot] += 40
				w.Table(pellets).Col(2)[slot] = int32(w.Tick())
			}
			w.Table(blobs).Col(2)[0]--
		})
		r.hashCells = i%2 == 0
		r.tell(fmt.Sprint("pellets ", some), 0)
	}
	for _, rows := range []int{66, 65, 64, 63, 1, 0} {
		s.step(func(w *game.World) {
			for slot := rows; slot < 200; slot++ {
				w.Table(pellets).Despawn(slot)
			}
		})
		r.tell(fmt.Sprintf("%d are left", rows), 0)
		s.step(func(w *game.World) {
			for slot := range rows {
				w.Table(pellets).Col(0)[slot] = int32(rows)
			}
		})
		r.hashCells = true
		r.tell("they move", 0)
	}
	s.step(func(w *game.World) {
		for slot := range 200 {
			put(w, pellets, slot, 299, 199)
		}
	})
	r.tell("200 come to a corner", 5, 0)
	compareGolden(t, "cells_crowd", r.file)
}

func TestGoldenCellsOfTeams(t *testing.T) {
	s := newStage(t, pond(), 30, startPond)
	one := s.link(0, 1).tape("Seat 0 of team 1: it is told of its team's marks, and numbers local rows without those of others.")
	two := s.link(1, 2).tape("Seat 1 of team 2, in the same match as cells_team_1.")
	tell := func(note string, cells ...game.CellID) {
		for _, r := range []*tape{one, two} {
			r.hashCells = true
			r.tell(note, cells...)
		}
	}
	mark := func(w *game.World, team game.TeamID, x, y int32) {
		slot, _ := w.Table(marks).SpawnFor(team)
		place(w, marks, slot, x, y)
	}
	s.step(func(w *game.World) {
		for i := range int32(6) {
			mark(w, game.TeamID(1+i%2), 10*i, 10*i)
		}
	})
	tell("three marks for each team", 0)
	s.step(func(w *game.World) { place(w, marks, 5, 60, 60); place(w, marks, 4, 61, 61) })
	tell("one of each moves, the third of its team", 0)
	s.step(func(w *game.World) { w.Table(marks).Despawn(1) })
	tell("team 2 loses one: nothing is new for team 1", 0)
	s.step(func(w *game.World) { mark(w, 1, 70, 70); place(w, marks, 3, 130, 30); place(w, marks, 2, 131, 30) })
	tell("slot 1 passes to team 1, and one of each goes to cell 1", 0, 1)
	for i, r := range []*tape{one, two} {
		compareGolden(t, fmt.Sprint("cells_team_", i+1), r.file)
	}
}
