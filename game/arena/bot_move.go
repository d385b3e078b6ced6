package arena

// steer returns the Move to make: out of a bolt's way first, then to what is
// needed, then round the foe, then on the way.
func (b *bot) steer(s *sight) int32 {
	b.dodge(s)
	if s.now < b.evading {
		return b.evade
	}
	if s.now >= b.plan || b.stuck(s) {
		b.think(s)
	}
	needy := s.health < 40 || s.ammo < 5
	if b.foe.visible && !needy {
		if away := distance(b.foe.at.X-s.me.X, b.foe.at.Y-s.me.Y); away < b.keep+4*Cell {
			return b.circle(s, away)
		}
	}
	to, ok := b.way.next(s.me.X, s.me.Y)
	if !ok {
		b.plan = min(b.plan, s.now+b.ticks(100))
		if b.foe.visible {
			return b.circle(s, b.keep)
		}
		return 0
	}
	b.dash = b.once(6000) || needy && b.foe.visible && b.once(500)
	return b.hold(heading(to.X-s.me.X, to.Y-s.me.Y))
}

// toMove returns the Move nearest to a direction.
func toMove(way int32) int32 { return (way+8)>>4&15 + 1 }

// hold returns the Move for a direction: the last one while that is near
// enough, for nobody corrects a course at every tick.
func (b *bot) hold(way int32) int32 {
	if b.move == 0 || abs(turn((b.move-1)*16, way)) > 14 {
		b.move = toMove(way)
	}
	return b.move
}

// think sets a goal and finds the way to it.
func (b *bot) think(s *sight) {
	b.plan = s.now + b.ticks(900) + b.chance.N(b.ticks(600))
	w := want{cell: -1, back: s.view.Col(Pickups, PickupBack), until: s.now + b.pace.Second}
	switch {
	case s.health < 50:
		w.kinds = 1<<KindHealth | 1<<KindMega
	case s.ammo < 12:
		w.kinds = 1 << KindAmmo
	case s.health < 85 && b.chance.N(3) == 0:
		w.kinds = 1<<KindHealth | 1<<KindMega
	case b.chance.N(8) == 0:
		w.kinds = 1 << KindMega
	}
	if w.kinds != 0 && b.way.find(s.me.X, s.me.Y, w) {
		return
	}
	w.kinds, w.cell = 0, b.somewhere(s)
	b.way.find(s.me.X, s.me.Y, w)
}

// somewhere is where the foe is, or any place where others come in. Who is
// alone of a team goes to its mates first, most times.
func (b *bot) somewhere(s *sight) int32 {
	if mate := b.straggles(s); mate >= 0 && b.chance.N(4) > 0 {
		b.plan = s.now + b.ticks(500)
		return b.m.cellAt(s.x[mate], s.y[mate])
	}
	if b.foe.seat >= 0 && b.chance.N(6) > 0 {
		return b.m.cellAt(b.foe.at.X, b.foe.at.Y)
	}
	spawns := b.entries[len(b.entries)-1-b.side(b.seat)] // of two teams the other's
	at := spawns[b.chance.N(int32(len(spawns)))]
	b.plan = s.now + b.ticks(2500)
	return b.m.cellAt(at.X, at.Y)
}

// regroup is how far from its nearest mate a bot feels alone.
const regroup = 7 * Cell

// straggles returns the nearest living mate of a bot that is too far from all
// of them, or -1.
func (b *bot) straggles(s *sight) int {
	nearest, away := -1, int32(1)<<30
	for j := s.view.Next(Players, -1); b.teamSize > 0 && j >= 0; j = s.view.Next(Players, j) {
		if j == b.seat || s.hp[j] <= 0 || !b.allied(j, b.seat) {
			continue
		}
		if d := distance(s.x[j]-s.me.X, s.y[j]-s.me.Y); d < away {
			nearest, away = j, d
		}
	}
	if away < regroup {
		return -1
	}
	return nearest
}

// circle runs round the foe at the distance the bot likes, to and fro.
func (b *bot) circle(s *sight, away int32) int32 {
	if s.now >= b.flip {
		b.strafe = -b.strafe
		b.flip = s.now + b.ticks(400) + b.chance.N(b.ticks(900))
	}
	side := int32(64) // straight across
	if away > b.keep+Cell {
		side = 36
	} else if away < b.keep-Cell {
		side = 92
	}
	way := heading(b.foe.at.X-s.me.X, b.foe.at.Y-s.me.Y)
	if !b.roomTo(s, way+b.strafe*side) {
		b.strafe = -b.strafe
		b.flip = s.now + b.ticks(400)
		if !b.roomTo(s, way+b.strafe*side) {
			side = 128 - side
		}
	}
	return b.hold(way + b.strafe*side)
}

// roomTo reports whether there is room to run for a meter in a direction.
func (b *bot) roomTo(s *sight, way int32) bool {
	way = (toMove(way) - 1) * 16
	return b.m.Free(s.me.X+along(Cos(way), Cell), s.me.Y+along(Sin(way), Cell), PlayerRadius-8)
}

// dodge looks at what flies about every 100 ms, and may step out of the way of the
// nearest bolt that would hit.
func (b *bot) dodge(s *sight) {
	if s.now < b.evading || s.now < b.wary {
		return
	}
	b.wary = s.now + b.ticks(70) + b.chance.N(b.ticks(70))
	way, ticksOff := b.threat(s)
	if ticksOff < 0 || b.chance.N(2) == 0 {
		return
	}
	if !b.roomTo(s, way) {
		way += 128
	}
	b.evade, b.evading = toMove(way), s.now+b.ticks(200)
	b.dash = ticksOff < b.ticks(250) && b.chance.N(3) == 0
}

// threat returns the direction out of the way of the bolt that would hit
// soonest and in how many ticks it does, or -1.
func (b *bot) threat(s *sight) (out, soonest int32) {
	x, y := s.view.Col(Shots, ShotX), s.view.Col(Shots, ShotY)
	aim, owner, born := s.view.Col(Shots, ShotAim), s.view.Col(Shots, ShotOwner), s.view.Col(Shots, ShotBorn)
	ahead := b.ticks(500)
	soonest = -1
	for i := s.view.Next(Shots, -1); i >= 0; i = s.view.Next(Shots, i) {
		if b.allied(int(owner[i]), b.seat) {
			continue
		}
		px, py := s.me.X-x[i], s.me.Y-y[i]
		if max(abs(px), abs(py)) > (s.now-born[i]+ahead)*b.pace.Bolt {
			continue
		}
		cos, sin := Cos(aim[i]), Sin(aim[i])
		due := (along(cos, px)+along(sin, py))/b.pace.Bolt - (s.now - born[i])
		side := along(cos, py) - along(sin, px)
		if due < 0 || due > ahead || abs(side) > 2*PlayerRadius || soonest >= 0 && due > soonest {
			continue
		}
		soonest, out = due, aim[i]+64
		if side < 0 {
			out = aim[i] - 64
		}
	}
	return out, soonest
}

// stuck reports whether the bot has hardly moved for a second though it is not
// at its goal.
func (b *bot) stuck(s *sight) bool {
	if s.now < b.marked+b.pace.Second {
		return false
	}
	still := b.marked > 0 && distance(s.me.X-b.mark.X, s.me.Y-b.mark.Y) < Cell/2
	b.mark, b.marked = s.me, s.now
	if still {
		b.evade, b.evading = b.chance.Between(1, 16), s.now+b.ticks(400)
	}
	return still
}
