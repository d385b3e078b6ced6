package arena

import (
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
)

// TestMapsAreWhole wants a way from everywhere to every spawn and pickup, on
// single maps and on those laid side by side.
func TestMapsAreWhole(t *testing.T) {
	for _, c := range []struct {
		name         string
		across, down int
	}{{"forge", 1, 1}, {"pit", 1, 1}, {"twin", 1, 1}, {"forge", 2, 2}} {
		m, err := ReadMap(MapsText, c.name, c.across, c.down)
		if err != nil {
			t.Fatal(err)
		}
		reached := flood(m, m.cellAt(m.Spawns[0].X, m.Spawns[0].Y))
		for cell, solid := range m.solid {
			if !solid && !reached[int32(cell)] {
				t.Errorf("%s: no way to cell %d,%d", c.name, int32(cell)%m.Width, int32(cell)/m.Width)
			}
		}
	}
}

func flood(m *Map, from int32) map[int32]bool {
	reached, next := map[int32]bool{from: true}, []int32{from}
	for len(next) > 0 {
		c := next[0]
		next = next[1:]
		for _, way := range ways[:4] {
			if n := c + way.X + way.Y*m.Width; !m.solid[n] && !reached[n] {
				reached[n], next = true, append(next, n)
			}
		}
	}
	return reached
}

func TestReadMapRefuses(t *testing.T) {
	for what, text := range map[string]string{
		"no such":   "= other\n###\n",
		"ragged":    "= m\n####\n#Sh#\n###\n",
		"open rim":  "= m\n####\n#Sh.\n####\n",
		"character": "= m\n####\n#S?#\n####\n",
		"no spawn":  "= m\n###\n#h#\n###\n",
	} {
		if _, err := ReadMap(text, "m", 1, 1); err == nil || !strings.Contains(err.Error(), "m") {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

// TestRayAgreesWithSamples checks rays against points along them.
func TestRayAgreesWithSamples(t *testing.T) {
	m, err := ReadMap(MapsText, "forge", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	chance := game.Rand(1)
	inWall := func(x, y int32) bool { // well within: not where rounding decides
		return m.Solid((x-2)>>7, (y-2)>>7) && m.Solid((x+2)>>7, (y-2)>>7) &&
			m.Solid((x-2)>>7, (y+2)>>7) && m.Solid((x+2)>>7, (y+2)>>7)
	}
	for range 5000 {
		x0, y0 := chance.Between(Cell, m.Width*Cell-Cell), chance.Between(Cell, m.Height*Cell-Cell)
		x1, y1 := chance.Between(Cell, m.Width*Cell-Cell), chance.Between(Cell, m.Height*Cell-Cell)
		if m.Solid(x0>>7, y0>>7) {
			continue
		}
		x, y, clear := m.Ray(x0, y0, x1, y1)
		for i := int32(0); i < 512; i++ {
			if sx, sy := x0+(x-x0)*i/512, y0+(y-y0)*i/512; inWall(sx, sy) {
				t.Fatalf("ray %d,%d to %d,%d ends at %d,%d and passes a wall at %d,%d", x0, y0, x1, y1, x, y, sx, sy)
			}
		}
		if !clear && m.Free(x, y, 2) {
			t.Fatalf("ray %d,%d to %d,%d ends at %d,%d where no wall is", x0, y0, x1, y1, x, y)
		}
	}
}
