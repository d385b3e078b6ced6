package arena

import "github.com/musterhq/muster/game"

// A foe is whom a bot has in mind, as it last saw it.
type foe struct {
	seat    int // -1: nobody
	at      Point
	vx, vy  int32 // units per tick
	tick    int32 // of at
	visible bool
	since   int32 // tick since which it is visible
	error   int32 // of aim at it, 256ths
	again   int32 // tick to misjudge anew at
}

// Distances in units.
const (
	sightRange = 22 * Cell
	boltRange  = 15 * Cell
	railFrom   = 3 * Cell // below it bolts do better
)

// watch keeps the foe in mind up to date, and looks around for a better one
// about every 200 ms.
func (b *bot) watch(s *sight) {
	if s.now >= b.look {
		b.look = s.now + b.ticks(170) + b.chance.N(b.ticks(70)) // not all bots in one tick
		if best := b.choose(s); best != b.foe.seat {
			b.foe = foe{seat: best, tick: s.now - 1}
			if best >= 0 {
				b.foe.at = Point{s.x[best], s.y[best]}
			}
		}
	}
	f := &b.foe
	if f.seat < 0 {
		return
	}
	if !s.view.Live(Players, f.seat) || s.hp[f.seat] <= 0 {
		b.foe = foe{seat: -1}
		return
	}
	at := Point{s.x[f.seat], s.y[f.seat]}
	f.follow(at, int32(s.view.Tick))
	_, _, clear := b.m.Ray(s.me.X, s.me.Y, at.X, at.Y)
	if clear && !f.visible {
		f.since = s.now
	}
	f.visible = clear
}

// follow judges the foe's speed from where it was before.
func (f *foe) follow(at Point, tick int32) {
	if passed := tick - f.tick; passed > 0 {
		vx, vy := (at.X-f.at.X)/passed, (at.Y-f.at.Y)/passed
		if passed > 8 || max(abs(vx), abs(vy)) > 4*Cell {
			vx, vy = 0, 0
		}
		f.vx, f.vy = (f.vx+vx)/2, (f.vy+vy)/2
	}
	f.at, f.tick = at, tick
}

// choose weighs all enemies: near, seen, weak and marked ones first, each bot
// or team with its own taste, so that not all go for the same.
func (b *bot) choose(s *sight) int {
	best, bestCost := -1, int32(1)<<30
	for j := s.view.Next(Players, -1); j >= 0; j = s.view.Next(Players, j) {
		if b.allied(j, b.seat) || s.hp[j] <= 0 || s.now < s.until[j] {
			continue
		}
		away := distance(s.x[j]-s.me.X, s.y[j]-s.me.Y)
		cost := away + s.hp[j]*4 + b.taste(j)
		if j == b.foe.seat {
			cost -= 3 * Cell
		}
		if b.shown(s, j) {
			cost -= 4 * Cell
		}
		if cost >= bestCost {
			continue
		}
		if away > sightRange || !b.sees(s, j) {
			cost += 10 * Cell
		}
		if cost < bestCost {
			best, bestCost = j, cost
		}
	}
	return best
}

// shown reports whether a mate shows this foe. On the server a view has the
// rows of all teams; only its own are the bot's to know.
func (b *bot) shown(s *sight, j int) bool {
	if b.teamSize == 0 {
		return false
	}
	mark, on := s.view.Col(Mates, MateMark), s.view.Col(Mates, MateOn)
	first := b.side(b.seat) * b.teamSize
	for mate := first; mate < first+b.teamSize; mate++ {
		if mate != b.seat && s.view.Live(Mates, mate) && int(on[mate]) == j+1 && s.now <= mark[mate] {
			return true
		}
	}
	return false
}

// taste is what a bot has against a foe, as a distance. A team has one taste,
// so that its members go for the same.
func (b *bot) taste(j int) int32 {
	if b.teamSize > 0 {
		return int32((j*7+b.side(b.seat)*13)%16) * Cell / 4
	}
	return int32((j*7+b.seat*13)%16) * Cell / 4
}

func (b *bot) sees(s *sight, j int) bool {
	_, _, clear := b.m.Ray(s.me.X, s.me.Y, s.x[j], s.y[j])
	return clear
}

// distance is within a tenth of the true one.
func distance(dx, dy int32) int32 {
	dx, dy = abs(dx), abs(dy)
	return max(dx, dy) + min(dx, dy)*3/8
}

// fight turns the aim and returns the buttons to press.
func (b *bot) fight(s *sight, move int32) int32 {
	f := &b.foe
	if f.seat < 0 || !f.visible {
		if move > 0 {
			b.turnTo((move-1)*16, b.swing/2)
		}
		return 0
	}
	if b.teamSize > 0 && s.now == f.since+b.reaction {
		return ButtonMark
	}
	away := max(1, distance(f.at.X-s.me.X, f.at.Y-s.me.Y))
	rail := s.now >= s.view.Own(Own, OwnRail, game.Seat(b.seat)) && (away > railFrom || s.ammo == 0)
	b.misjudge(s)
	off := b.turnTo(b.sightOn(s, away, rail)+f.error, b.swing)
	if s.now < f.since+b.reaction || s.now < s.until[f.seat] {
		return 0
	}
	width := PlayerRadius * 41 / away // half of what the foe looks wide, 256ths
	if rail {
		if abs(off) <= width {
			return ButtonRail
		}
		return 0
	}
	if away < boltRange && abs(off) <= width+3 {
		return ButtonFire
	}
	return 0
}

// sightOn is the direction to hit the foe in: where it is for the rail, where
// it will be for a bolt.
func (b *bot) sightOn(s *sight, away int32, rail bool) int32 {
	lead := int32(1)
	if !rail {
		lead += away / b.pace.Bolt
	}
	f := &b.foe
	return heading(f.at.X+f.vx*lead-s.me.X, f.at.Y+f.vy*lead-s.me.Y)
}

// misjudge makes a new error of aim every 300 ms or so, smaller the longer the
// foe is in sight.
func (b *bot) misjudge(s *sight) {
	f := &b.foe
	if s.now < f.again {
		return
	}
	f.again = s.now + b.ticks(200) + b.chance.N(b.ticks(250))
	worst := b.wobble
	if s.now-f.since > b.pace.Second {
		worst -= worst / 3
	}
	f.error = b.chance.Between(-worst, worst)
}

// turnTo turns the aim towards a direction, and returns what is still missing.
func (b *bot) turnTo(way, swing int32) int32 {
	off := turn(b.aim, way)
	if abs(off) <= 1 { // a hand at rest
		return off
	}
	step := min(max(off/2, -swing), swing)
	if step == 0 {
		step = off
	}
	b.aim += step
	return off - step
}
