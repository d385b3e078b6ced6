package swarm

import "github.com/musterhq/muster/game"

// Squares of a grid.
const (
	gridBits = 8 // of a side
	gridSide = World >> gridBits
)

// A grid has rows sorted by the square they lie in, row after row of squares:
// those of neighbouring squares lie side by side. It is made anew at each
// tick, by counting, and keeps nothing but memory.
type grid struct {
	start [gridSide*gridSide + 1]int32 // of each square's slots
	slots []int32
}

func square(x, y int32) int32 { return y>>gridBits*gridSide + x>>gridBits }

// sort takes the rows of a table, of which there is room for all.
func (g *grid) sort(rows game.Rows, x, y []int32) {
	clear(g.start[:])
	if g.slots == nil {
		g.slots = make([]int32, len(x))
	}
	for i := rows.Next(-1); i >= 0; i = rows.Next(i) {
		g.start[square(x[i], y[i])]++
	}
	end := int32(0)
	for i := range g.start {
		end += g.start[i]
		g.start[i] = end
	}
	for i := rows.Next(-1); i >= 0; i = rows.Next(i) {
		at := &g.start[square(x[i], y[i])]
		*at--
		g.slots[*at] = int32(i)
	}
}

// A reach is the squares within some distance of a place.
type reach struct{ left, right, y, bottom int32 }

func reachOf(x, y, r int32) reach {
	const most = gridSide - 1
	return reach{max(x-r, 0) >> gridBits, min((x+r)>>gridBits, most), max(y-r, 0) >> gridBits, min((y+r)>>gridBits, most)}
}

// row returns the slots in the next row of squares; false after the last.
func (g *grid) row(in *reach) ([]int32, bool) {
	if in.y > in.bottom {
		return nil, false
	}
	at := in.y * gridSide
	in.y++
	return g.slots[g.start[at+in.left]:g.start[at+in.right+1]], true
}
