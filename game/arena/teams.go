package arena

import (
	"cmp"
	"slices"

	"github.com/musterhq/muster/game"
)

// newArena has the seats of a match's teams in order: the first teamSize are
// the first, which has the left of the map.
func newArena(m *Map, opt Options) *arena {
	a := &arena{m: m, pace: PaceAt(int32(opt.Hz)), entries: [][]Point{m.Spawns}}
	if opt.Teams == 0 {
		return a
	}
	a.teamSize = opt.Seats / opt.Teams
	a.entries = make([][]Point, opt.Teams)
	for _, at := range m.Spawns {
		side := int(at.X) * opt.Teams / int(m.Width*Cell)
		a.entries[side] = append(a.entries[side], at)
	}
	for side, spawns := range a.entries {
		if len(spawns) == 0 {
			panic("arena: a map without spawns for team " + string(rune('1'+side)))
		}
	}
	return a
}

// side is which team a seat is in, from 0; without teams all are in one.
func (a *arena) side(seat int) int {
	if a.teamSize == 0 {
		return 0
	}
	return seat / a.teamSize
}

// allied reports whether two seats do not fight each other: one is of the
// other's team, or the same.
func (a *arena) allied(i, j int) bool {
	return i == j || a.teamSize > 0 && i/a.teamSize == j/a.teamSize
}

// team is how the world and the wire call a seat's team.
func (a *arena) team(seat int) game.TeamID { return game.TeamID(1 + a.side(seat)) }

// mates are the rows that a team has to itself: columns by seat.
type mates struct {
	rows       game.Rows
	ammo, rail []int32
	mark       []int32
	x, y, on   []int32
}

func openMates(w *game.World) mates {
	m := w.Table(Mates)
	return mates{rows: m, ammo: m.Col(MateAmmo), rail: m.Col(MateRail),
		mark: m.Col(MateMark), x: m.Col(MateX), y: m.Col(MateY), on: m.Col(MateOn)}
}

// startTeams puts every seat in its team.
func (s *stage) startTeams() {
	if s.teamSize == 0 {
		return
	}
	for seat := range s.w.Seats() {
		s.w.SetTeam(game.Seat(seat), s.team(seat))
		s.w.Table(Teams).SpawnAt(s.side(seat))
	}
}

func (s *stage) teamFrags() []int32 { return s.w.Table(Teams).Col(TeamFrags) }

// scoreTeam counts a frag for a seat's team. It has those of who left, too.
func (s *stage) scoreTeam(seat int) {
	if s.teamSize > 0 {
		s.teamFrags()[s.side(seat)]++
	}
}

// meetMates begins a seat's row among its mates, and leaveMates ends it.
func (s *stage) meetMates(seat int) {
	if s.teamSize > 0 {
		s.mates.rows.SpawnAtFor(seat, s.team(seat))
	}
}

func (s *stage) leaveMates(seat int) {
	if s.teamSize > 0 {
		s.mates.rows.Despawn(seat)
	}
}

// tellMates shows a team what its members are armed with.
func (s *stage) tellMates() {
	if s.teamSize == 0 {
		return
	}
	for i := s.players.Next(-1); i >= 0; i = s.players.Next(i) {
		s.mates.ammo[i], s.mates.rail[i] = s.ammo[i], s.rail[i]
	}
}

// mark lets a player show the own team what lies in its line of sight: the
// first enemy, or the wall. The next mark comes when the last is half over.
func (s *stage) mark(in *game.Input) {
	i := int(in.Seat)
	if s.teamSize == 0 || in.Values[InButtons]&ButtonMark == 0 || s.hp[i] <= 0 || s.now < s.mates.mark[i]-MarkSeconds*s.pace.Second/2 {
		return
	}
	at, on := s.sighted(i, in.Values[InAim]&255)
	s.mates.x[i], s.mates.y[i], s.mates.on[i] = at.X, at.Y, int32(on+1)
	s.mates.mark[i] = s.now + MarkSeconds*s.pace.Second
}

// sighted is the nearest enemy in a direction and where it is, or the wall
// there and -1.
func (s *stage) sighted(i int, aim int32) (at Point, on int) {
	cos, sin := Cos(aim), Sin(aim)
	x, y, _ := s.m.Ray(s.x[i], s.y[i], s.x[i]+along(cos, RailReach), s.y[i]+along(sin, RailReach))
	at, on = Point{x, y}, -1
	nearest := along(cos, x-s.x[i]) + along(sin, y-s.y[i])
	for j := s.players.Next(-1); j >= 0; j = s.players.Next(j) {
		if s.allied(i, j) || s.hp[j] <= 0 {
			continue
		}
		px, py := s.x[j]-s.x[i], s.y[j]-s.y[i]
		way, side := along(cos, px)+along(sin, py), along(sin, px)-along(cos, py)
		if way > 0 && way < nearest && abs(side) <= 2*PlayerRadius {
			at, on, nearest = Point{s.x[j], s.y[j]}, j, way
		}
	}
	return at, on
}

// rankTeams ranks who took part by their team's frags, and within the team by
// their own, which they come sorted by. All of a team have one rank.
func (s *stage) rankTeams(result game.Result) {
	frags := s.teamFrags()
	of := func(p game.Placing) int32 { return frags[s.side(int(p.Seat))] }
	slices.SortStableFunc(result, func(a, b game.Placing) int {
		return cmp.Or(cmp.Compare(of(b), of(a)), s.side(int(a.Seat))-s.side(int(b.Seat)))
	})
	for i := range result {
		result[i].Rank = 1
		for _, other := range frags {
			if other > of(result[i]) {
				result[i].Rank++
			}
		}
	}
}
