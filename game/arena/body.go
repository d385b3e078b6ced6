package arena

// A Body is a player as far as it moves.
type Body struct {
	X, Y   int32 // units
	VX, VY int32 // units per tick
	Dash   int32 // tick from which it may dash again
}

// A Push is what moves a body in one tick.
type Push struct {
	Tick int32
	Move int32 // 0 stand, 1..16 run in direction (Move-1)*16
	Aim  int32 // where a dash goes without Move
	Dash bool
}

// Move returns the body one tick later. It is the rule that clients repeat to
// predict themselves: first speed, then the way, cut into steps shorter than
// the radius so that no wall is jumped.
func Move(b Body, in Push, p *Pace, m *Map) Body {
	b = accelerate(b, in, p)
	shift := int32(0)
	for max(abs(b.VX), abs(b.VY))>>shift >= PlayerRadius-4 {
		shift++
	}
	for i := int32(0); i < 1<<shift; i++ {
		dx := b.VX*(i+1)>>shift - b.VX*i>>shift
		dy := b.VY*(i+1)>>shift - b.VY*i>>shift
		b = slide(b, dx, dy, m)
	}
	return b
}

// accelerate brings the velocity closer to the one wished for, or begins a
// dash.
func accelerate(b Body, in Push, p *Pace) Body {
	wishX, wishY, step := int32(0), int32(0), p.Friction
	way := in.Aim
	if in.Move > 0 {
		way = (in.Move - 1) * 16
		wishX, wishY = along(Cos(way), p.Top), along(Sin(way), p.Top)
		if max(abs(b.VX), abs(b.VY)) <= p.Top {
			step = p.Accel
		}
	}
	if in.Dash && in.Tick >= b.Dash {
		b.VX, b.VY = along(Cos(way), p.Dash), along(Sin(way), p.Dash)
		b.Dash = in.Tick + p.DashWait
		return b
	}
	b.VX, b.VY = approach(b.VX, wishX, step), approach(b.VY, wishY, step)
	return b
}

func approach(v, want, step int32) int32 {
	if v < want {
		return min(v+step, want)
	}
	return max(v-step, want)
}

// slide moves the body by less than its radius and pushes it out of the walls
// it then touches: off a face it loses the speed towards it, round a corner it
// keeps it. Where that does not free it, it stays where it was.
func slide(b Body, dx, dy int32, m *Map) Body {
	was := b
	b.X, b.Y = b.X+dx, b.Y+dy
	b = pushFaces(b, m)
	if m.Free(b.X, b.Y, PlayerRadius) {
		return b
	}
	b = pushFaces(pushCorners(b, m), m)
	if m.Free(b.X, b.Y, PlayerRadius) {
		return b
	}
	b.X, b.Y, b.VX, b.VY = was.X, was.Y, 0, 0
	return b
}

// pushFaces moves the body off walls right beside the cell of its centre.
func pushFaces(b Body, m *Map) Body {
	cx, cy := b.X>>7, b.Y>>7
	if left := cx<<7 + PlayerRadius; b.X < left && m.Solid(cx-1, cy) {
		b.X, b.VX = left, max(b.VX, 0)
	} else if right := cx<<7 + Cell - PlayerRadius; b.X > right && m.Solid(cx+1, cy) {
		b.X, b.VX = right, min(b.VX, 0)
	}
	if top := cy<<7 + PlayerRadius; b.Y < top && m.Solid(cx, cy-1) {
		b.Y, b.VY = top, max(b.VY, 0)
	} else if bottom := cy<<7 + Cell - PlayerRadius; b.Y > bottom && m.Solid(cx, cy+1) {
		b.Y, b.VY = bottom, min(b.VY, 0)
	}
	return b
}

// pushCorners moves the body off the corner of a wall that lies diagonally.
func pushCorners(b Body, m *Map) Body {
	cx, cy := b.X>>7, b.Y>>7
	for oy := int32(-1); oy <= 1; oy += 2 {
		for ox := int32(-1); ox <= 1; ox += 2 {
			if m.Solid(cx+ox, cy+oy) {
				b = pushCorner(b, nearest(b.X, cx+ox), nearest(b.Y, cy+oy))
			}
		}
	}
	return b
}

// pushCorner moves the body straight away from a point until it is clear of
// it, rounded so that it surely is.
func pushCorner(b Body, x, y int32) Body {
	dx, dy := b.X-x, b.Y-y
	dd := dx*dx + dy*dy
	if dd >= PlayerRadius*PlayerRadius || dd == 0 {
		return b
	}
	dist := root(dd)
	b.X = x + away(dx, dist)
	b.Y = y + away(dy, dist)
	return b
}

func away(d, dist int32) int32 {
	if d < 0 {
		return -((PlayerRadius*-d + dist - 1) / dist)
	}
	return (PlayerRadius*d + dist - 1) / dist
}
