package swarm

import "github.com/musterhq/muster/game"

// The zone is the square in the middle of the plane where the game is. It is as
// large as players are many, so that whoever comes meets others.
const (
	perPlayer = World * World / 1000 // area for each
	leastSide = 6144                 // for some 30 players
	slackSide = 512                  // by which it may be larger than it need be
	wallStep  = 16                   // by which a wall moves at a time
	wallEvery = 4                    // ticks
)

func sideFor(players int) int32 {
	return min(max(game.Root(int32(players)*perPlayer), leastSide), World)
}

// bounds are the least and the greatest coordinate in the zone.
func (s *stage) bounds() (low, high int32) {
	side := s.zone.Col(ZoneSide)[0]
	low = (World - side) / 2
	return low, low + side - 1
}

// anywhere is a place in the zone.
func (s *stage) anywhere() (x, y int32) {
	low, high := s.bounds()
	return s.w.Rand.Between(low, high), s.w.Rand.Between(low, high)
}

// widen makes room for those who are here. Walls may move away at once.
func (s *stage) widen() {
	side := s.zone.Col(ZoneSide)
	if want := sideFor(s.players.Count()); want > side[0] {
		side[0] = min(want+slackSide/2, World)
	}
}

// narrow has the walls come closer where few are left, slowly. What they pass
// over is gone.
func (s *stage) narrow(players int) {
	side := s.zone.Col(ZoneSide)
	if s.now%wallEvery != 0 || sideFor(players) >= side[0]-slackSide {
		return
	}
	side[0] -= 2 * wallStep
	s.clear(&s.pellets)
	s.clear(&s.spikes)
}

func (s *stage) clear(f *food) {
	low, high := s.bounds()
	for i := f.Next(-1); i >= 0; i = f.Next(i) {
		if x, y := f.x[i], f.y[i]; min(x, y) < low || max(x, y) > high {
			f.Despawn(i)
		}
	}
}
