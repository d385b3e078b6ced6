package arena

import "github.com/musterhq/muster/game"

// shoot lets a player fire what its input asks for.
func (s *stage) shoot(in *game.Input, hurts []hurt) []hurt {
	i, buttons, lag := int(in.Seat), in.Values[InButtons], max(in.Lag, 0)
	if s.hp[i] <= 0 {
		return hurts
	}
	if buttons&ButtonRail != 0 && s.now >= s.rail[i] {
		s.rail[i] = s.now + s.pace.RailWait
		s.unshield(i)
		hurts = s.fireRail(i, in.Values[InAim]&255, lag, hurts)
	}
	if buttons&ButtonFire != 0 && s.now >= s.fire[i] && s.ammo[i] > 0 {
		hurts = s.fireBlaster(i, in.Values[InAim]&255, lag, hurts)
	}
	return hurts
}

// unshield ends the protection of one who attacks.
func (s *stage) unshield(i int) { s.until[i] = min(s.until[i], s.now) }

// fireBlaster spawns a bolt. For half of what its owner lags behind, within
// Pace.BoltHead, it is ahead of its time, so that a lead that looked right is
// nearly so.
func (s *stage) fireBlaster(i int, aim, lag int32, hurts []hurt) []hurt {
	slot, ok := s.shots.Spawn()
	if !ok {
		return hurts
	}
	head := min(lag>>4, s.pace.BoltHead)
	s.ammo[i]--
	s.fire[i] = s.now + s.pace.FireWait
	s.unshield(i)
	c := &s.shotCols
	c[ShotX][slot], c[ShotY][slot], c[ShotAim][slot] = s.x[i], s.y[i], aim
	c[ShotOwner][slot], c[ShotKind][slot], c[ShotBorn][slot] = int32(i), WeaponBlaster, s.now-head
	for age := int32(1); age <= head && s.shots.Live(slot); age++ {
		hurts = s.flyOne(slot, age, hurts)
	}
	return hurts
}

// fly moves all bolts on by a tick.
func (s *stage) fly(hurts []hurt) []hurt {
	born := s.shotCols[ShotBorn]
	for slot := s.shots.Next(-1); slot >= 0; slot = s.shots.Next(slot) {
		hurts = s.flyOne(slot, s.now-born[slot], hurts)
	}
	return hurts
}

// flyOne takes a bolt through the tick in which it reaches an age, and ends it
// where it meets a wall or a player.
func (s *stage) flyOne(slot int, age int32, hurts []hurt) []hurt {
	c := &s.shotCols
	aim, owner := c[ShotAim][slot], c[ShotOwner][slot]
	from := s.boltAt(c[ShotX][slot], c[ShotY][slot], aim, age-1)
	to := s.boltAt(c[ShotX][slot], c[ShotY][slot], aim, age)
	x, y, clear := s.m.Ray(from.X, from.Y, to.X, to.Y)
	victim := s.struck(from, Point{x, y}, int(owner))
	if victim >= 0 && !s.shielded(victim) {
		hurts = append(hurts, hurt{owner, int32(victim), BlasterDamage, WeaponBlaster})
	}
	if victim >= 0 || !clear || age >= s.pace.BoltLife {
		s.shots.Despawn(slot)
	}
	return hurts
}

// boltAt is where a bolt from x, y is at an age.
func (s *stage) boltAt(x, y, aim, age int32) Point {
	way := s.pace.Bolt * age
	return Point{x + along(Cos(aim), way), y + along(Sin(aim), way)}
}

// struck returns which player but its owner and those in its team a bolt
// between two points meets first, or -1.
func (s *stage) struck(from, to Point, owner int) int {
	const reach = PlayerRadius + BoltRadius
	x0, x1 := min(from.X, to.X)-reach, max(from.X, to.X)+reach
	y0, y1 := min(from.Y, to.Y)-reach, max(from.Y, to.Y)+reach
	first, at := -1, int32(0)
	for i, x := range s.x { // the box first: it rules out nearly all, dead or alive
		if x <= x0 || x >= x1 || s.y[i] <= y0 || s.y[i] >= y1 {
			continue
		}
		if s.allied(i, owner) || !s.players.Live(i) || s.hp[i] <= 0 {
			continue
		}
		if way, ok := passes(from, to, Point{s.x[i], s.y[i]}, reach); ok && (first < 0 || way < at) {
			first, at = i, way
		}
	}
	return first
}

// passes reports whether the way between two points comes closer to p than
// reach, and how far along p lies. All are near each other.
func passes(from, to, p Point, reach int32) (way int32, ok bool) {
	dx, dy := to.X-from.X, to.Y-from.Y
	px, py := p.X-from.X, p.Y-from.Y
	way = px*dx + py*dy
	switch long := dx*dx + dy*dy; {
	case way <= 0:
		return way, px*px+py*py < reach*reach
	case way >= long:
		ex, ey := p.X-to.X, p.Y-to.Y
		return way, ex*ex+ey*ey < reach*reach
	default:
		side := int64(px*dy - py*dx)
		return way, side*side < int64(reach)*int64(reach)*int64(long)
	}
}

// fireRail strikes all in a straight line up to the first wall, at once, but
// for the shooter's own team. The
// others stand where the shooter saw them.
func (s *stage) fireRail(i int, aim, lag int32, hurts []hurt) []hurt {
	cos, sin := Cos(aim), Sin(aim)
	x, y, _ := s.m.Ray(s.x[i], s.y[i], s.x[i]+along(cos, RailReach), s.y[i]+along(sin, RailReach))
	length := along(cos, x-s.x[i]) + along(sin, y-s.y[i])
	past := s.rewind(lag)
	for j := s.players.Next(-1); j >= 0; j = s.players.Next(j) {
		if s.allied(i, j) || s.shielded(j) {
			continue
		}
		p, ok := past.at(s, j)
		if !ok {
			continue
		}
		px, py := p.X-s.x[i], p.Y-s.y[i]
		way, side := along(cos, px)+along(sin, py), along(sin, px)-along(cos, py)
		if way > 0 && way < length+PlayerRadius && abs(side) <= PlayerRadius+RailRadius {
			hurts = append(hurts, hurt{int32(i), int32(j), RailDamage, WeaponRail})
		}
	}
	s.w.Emit(EventRail, int32(i), s.x[i], s.y[i], length<<8|aim)
	return hurts
}

// A rewind is where players were between two ticks of the past.
type rewind struct {
	after, before *game.Snapshot // nil: no past is asked for, or the present
	eighths       int32          // of the way from after to before
}

// rewind looks back by a lag in eighths of a tick.
func (s *stage) rewind(lag int32) rewind {
	r := rewind{eighths: lag & 7}
	if lag >= 8 {
		r.after = s.w.Past(int(lag >> 3))
	}
	if r.eighths > 0 {
		r.before = s.w.Past(int(lag>>3) + 1)
	}
	return r
}

// at returns where a player was, unless that was in another life.
func (r rewind) at(s *stage, i int) (Point, bool) {
	p := Point{s.x[i], s.y[i]}
	if r.after != nil {
		if !s.sameLife(r.after, i) {
			return p, false
		}
		p = Point{r.after.Col(Players, PlayerX)[i], r.after.Col(Players, PlayerY)[i]}
	}
	if r.before != nil {
		if !s.sameLife(r.before, i) {
			return p, false
		}
		p.X += (r.before.Col(Players, PlayerX)[i] - p.X) * r.eighths >> 3
		p.Y += (r.before.Col(Players, PlayerY)[i] - p.Y) * r.eighths >> 3
	}
	return p, true
}

// sameLife reports whether a player lived the life it lives now in a past tick.
func (s *stage) sameLife(past *game.Snapshot, i int) bool {
	return past.Live(Players, i) && past.Col(Players, PlayerHP)[i] > 0 &&
		past.Col(Players, PlayerDeaths)[i] == s.deaths[i]
}
