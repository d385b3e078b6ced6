package swarm

import (
	"cmp"
	"slices"
)

// A standing is a player's mass in all.
type standing struct{ seat, mass int32 }

// judge ranks the players, every two seconds: the first of them on the board, and
// each in what only it is sent.
func (s *stage) judge() {
	s.ranks = s.ranks[:0]
	for seat := s.players.Next(-1); seat >= 0; seat = s.players.Next(seat) {
		total := int32(0)
		for slot := range s.partsOf(seat) {
			total += s.mass[slot]
		}
		s.best[seat] = max(s.best[seat], total)
		s.ranks = append(s.ranks, standing{int32(seat), total})
	}
	slices.SortFunc(s.ranks, func(a, b standing) int {
		return cmp.Or(cmp.Compare(b.mass, a.mass), cmp.Compare(a.seat, b.seat))
	})
	for i, r := range s.ranks {
		s.rank[r.seat] = int32(i + 1)
	}
	s.board()
}

// board shows those with the most mass.
func (s *stage) board() {
	for i := range mostLeaders {
		switch {
		case i >= len(s.ranks):
			s.leaders.Despawn(i)
			continue
		case !s.leaders.Live(i):
			s.leaders.SpawnAt(i)
		}
		s.leaders.Col(LeaderSeat)[i], s.leaders.Col(LeaderMass)[i] = s.ranks[i].seat, s.ranks[i].mass
	}
}
