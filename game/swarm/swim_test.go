package swarm

import (
	"encoding/json"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// A swim is a player's blobs on their way: clients in other languages, which
// show one's own blobs ahead of the server, compare with testdata/swim.json.
type swim struct {
	Hz        int32
	Low, High int32      // bounds of the zone
	Start     [][3]int32 // x, y and r of each blob
	Says      [][3]int32 // aim, throttle and buttons in each tick
	Blobs     [][][3]int32
}

// TestSwim writes down what the page predicts: blobs that neither touch nor
// eat anything.
func TestSwim(t *testing.T) {
	var swims []swim
	for i, blobs := range [][]blob{
		{{0, middle, middle, StartMass}},
		{{0, middle - 2900, middle + 2900, 3000}}, // beside a corner
		{{0, middle - 1300, middle, 900}, {0, middle + 1300, middle + 300, 2000}},
	} {
		swims = append(swims, swimOf(t, game.Rand(i+1), blobs))
	}
	got, err := json.Marshal(swims)
	if err != nil {
		t.Fatal(err)
	}
	gametest.Golden(t, "swim.json", append(got, '\n'))
}

func swimOf(t *testing.T, chance game.Rand, blobs []blob) swim {
	c := newScene(t, append(blobs, blob{1, middle + 3000, middle - 3000, StartMass})...)
	c.run(1)
	side := c.Now().Col(Zone, ZoneSide)[0]
	w := swim{Hz: 20, Low: (World - side) / 2, High: (World-side)/2 + side - 1, Start: c.lying(len(blobs))}
	for range 12 {
		c.press(0, chance.Between(0, 255), chance.Between(0, FullThrottle), chance.Between(0, 1)*ButtonBoost)
		for range 5 {
			c.run(1)
			v := c.inputs[0].Values
			w.Says = append(w.Says, [3]int32{v[InAim], v[InThrottle], v[InButtons]})
			w.Blobs = append(w.Blobs, c.lying(len(blobs)))
		}
	}
	return w
}

// lying are the first blobs of seat 0.
func (c *scene) lying(n int) (all [][3]int32) {
	for slot := range n {
		all = append(all, [3]int32{c.col(BlobX, slot), c.col(BlobY, slot), c.col(BlobR, slot)})
	}
	return all
}
