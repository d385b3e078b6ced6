package swarm

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// A tally counts what happens in a match, by which its fun is judged.
type tally struct {
	ticks, eaten, fallen     int
	splits, merges           int
	parts                    [game.MaxSeats]int32
	alive, blobs, seen, mass int // seat-ticks; sums over these of blobs, of others on the screen, of mass
	mostMass                 int32
}

func (c *tally) see(s *game.Snapshot) {
	c.ticks++
	c.fallen += len(s.Events)
	c.blobs += s.Count(Blobs)
	for seat := range s.Layout().Schema.Tables[Players].Capacity {
		parts, before := s.Col(Players, PlayerParts)[seat], c.parts[seat]
		c.parts[seat] = parts
		switch {
		case parts == 0 && before > 0:
			c.eaten++
		case parts > before && before > 0:
			c.splits++
		case parts < before:
			c.merges++
		}
		if parts == 0 {
			continue
		}
		c.alive++
		total := sumOf(s, seat)
		c.mass += int(total)
		c.mostMass = max(c.mostMass, total)
	}
	if c.ticks%20 == 0 {
		c.lookAbout(s)
	}
}

// lookAbout counts who is on whose screen, for a second.
func (c *tally) lookAbout(s *game.Snapshot) {
	x, y := s.Col(Blobs, BlobX), s.Col(Blobs, BlobY)
	for seat := range s.Layout().Schema.Tables[Players].Capacity {
		ex, ey := s.Eye(game.Seat(seat))
		for i := s.Next(Blobs, -1); i >= 0; i = s.Next(Blobs, i) {
			if i/Parts != seat && abs(x[i]-ex) < 1200 && abs(y[i]-ey) < 675 {
				c.seen += 20
			}
		}
	}
}

func (c *tally) report(tb testing.TB, seats, hz int) {
	minutes := float64(c.ticks*seats) / float64(60*hz)
	tb.Logf("%d players: each a minute eaten %.2f, splits %.2f, merges or losses %.2f; alive %.0f%%; blobs %.2f a player; in sight %.1f; mass mean %d, most %d; leaders fell %d",
		seats, float64(c.eaten)/minutes, float64(c.splits)/minutes, float64(c.merges)/minutes, 100*float64(c.alive)/float64(c.ticks*seats),
		float64(c.blobs)/float64(c.alive), float64(c.seen)/float64(c.alive), c.mass/max(1, c.alive), c.mostMass, c.fallen)
}

// TestBotsPlay lets bots play and wants a game worth playing: people are eaten,
// some grow large, and all see others.
func TestBotsPlay(t *testing.T) {
	for _, seats := range []int{60, 100} {
		p, n := newParty(t, Options{Seats: seats}, 7), &tally{}
		for range 40 * 20 {
			n.see(p.Play())
		}
		n.report(t, seats, 20)
		lives := n.ticks * seats / (20 * 60) // minutes
		if n.eaten < lives/2 || n.eaten > 4*lives || n.splits < lives/10 || n.merges < n.splits/3 ||
			n.alive < n.ticks*seats*9/10 || n.seen < n.alive || n.mostMass < 6*StartMass {
			t.Errorf("%d players: eaten %d, splits %d, merges %d in %d minutes", seats, n.eaten, n.splits, n.merges, lives)
		}
	}
}
