package arena

import "github.com/musterhq/muster/game"

// move turns and moves one player by its input.
func (s *stage) move(in *game.Input) {
	i := in.Seat
	if s.hp[i] <= 0 {
		return
	}
	if off := turn(s.aim[i], in.Values[InAim]); abs(off) > AimSlack {
		s.aim[i] += off
	}
	before := s.dash[i]
	b := Move(Body{s.x[i], s.y[i], s.vx[i], s.vy[i], before}, Push{
		Tick: s.now, Move: in.Values[InMove], Aim: in.Values[InAim], Dash: in.Values[InButtons]&ButtonDash != 0,
	}, &s.pace, s.m)
	s.x[i], s.y[i], s.vx[i], s.vy[i], s.dash[i] = b.X, b.Y, b.VX, b.VY, b.Dash
	if b.Dash != before {
		s.w.Emit(EventDash, int32(i))
	}
}

// A hurt is damage that was done in a tick, to be dealt at its end.
type hurt struct{ by, on, damage, weapon int32 }

// hurt deals damage. Who is dead already, by an earlier one, is spared.
func (s *stage) hurt(h hurt) {
	if s.hp[h.on] <= 0 {
		return
	}
	s.hp[h.on] = max(0, s.hp[h.on]-h.damage)
	s.w.Emit(EventHit, h.by, h.on, h.damage)
	if s.hp[h.on] > 0 {
		return
	}
	s.deaths[h.on]++
	s.until[h.on] = s.now + s.pace.Dead
	s.clearOwn(int(h.on))
	if s.players.Live(int(h.by)) {
		s.frags[h.by]++
		s.scoreTeam(int(h.by))
	}
	s.w.Emit(EventKill, h.by, h.on, h.weapon)
}

// shielded reports whether a player can not be hurt now.
func (s *stage) shielded(i int) bool { return s.hp[i] <= 0 || s.now < s.until[i] }

// raise brings back the dead whose time has come.
func (s *stage) raise() {
	for i := s.players.Next(-1); i >= 0; i = s.players.Next(i) {
		if s.hp[i] <= 0 && s.now >= s.until[i] {
			s.players.Teleport(i)
			s.enter(i)
		}
	}
}

// enter puts a player on the map, alive and equipped.
func (s *stage) enter(i int) {
	at := s.entry(i)
	s.x[i], s.y[i] = at.X, at.Y
	s.aim[i] = heading(s.m.Width*Cell/2-at.X, s.m.Height*Cell/2-at.Y)
	s.hp[i] = FullHealth
	s.until[i] = s.now + s.pace.Shield
	s.clearOwn(i)
	s.ammo[i] = StartAmmo
	s.w.Emit(EventSpawn, int32(i))
}

func (s *stage) clearOwn(i int) {
	s.vx[i], s.vy[i], s.dash[i], s.fire[i], s.rail[i], s.ammo[i] = 0, 0, 0, 0, 0, 0
}

// entryTries is how many spawns are looked at for one return: enough to keep
// clear of enemies, few enough to surprise.
const entryTries = 5

// entry chooses a spawn for a player: of a few the farthest from all others.
// A team has those of its side.
func (s *stage) entry(i int) Point {
	var best Point
	bestRoom := int32(-1)
	spawns := s.entries[s.side(i)]
	for range entryTries {
		at := spawns[s.w.Rand.N(int32(len(spawns)))]
		if room := s.room(i, at); room > bestRoom {
			best, bestRoom = at, room
		}
	}
	return best
}

// room is how far the nearest living other is from a point, along the axis
// where that is more. Mates may be near, but not on it.
func (s *stage) room(i int, at Point) int32 {
	room := int32(1) << 30
	for j := s.players.Next(-1); j >= 0; j = s.players.Next(j) {
		if j == i || s.hp[j] <= 0 {
			continue
		}
		if away := max(abs(s.x[j]-at.X), abs(s.y[j]-at.Y)); away < Cell || !s.allied(i, j) {
			room = min(room, away)
		}
	}
	return room
}
