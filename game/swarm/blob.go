package swarm

import "github.com/musterhq/muster/game"

// partsOf are the slots of a seat's blobs.
func (s *stage) partsOf(seat int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for slot := seat * Parts; slot < seat*Parts+Parts; slot++ {
			if s.mass[slot] > 0 && !yield(slot) {
				return
			}
		}
	}
}

// spawn begins a blob that stands still.
func (s *stage) spawn(slot int, x, y, mass int32) {
	s.blobs.SpawnAt(slot)
	s.x[slot], s.y[slot] = x, y
	s.vx[slot], s.vy[slot] = 0, 0
	s.parts[slot/Parts]++
	s.weigh(slot, mass)
}

func (s *stage) remove(slot int) {
	s.blobs.Despawn(slot)
	s.mass[slot] = 0
	s.parts[slot/Parts]--
}

// weigh gives a blob another mass, and the radius that goes with it.
func (s *stage) weigh(slot int, mass int32) {
	mass = min(mass, MaxMass)
	s.mass[slot] = mass
	s.r[slot] = Radius(mass)
}

// steer does what a player wants in this tick.
func (s *stage) steer(in *game.Input) {
	seat, aim, buttons := int(in.Seat), in.Values[InAim], in.Values[InButtons]
	pressed := buttons &^ s.held[seat]
	s.held[seat] = buttons
	if s.parts[seat] == 0 {
		return
	}
	if pressed&ButtonSplit != 0 {
		s.split(seat, aim)
	}
	g := gait{cos: game.Cos(aim), sin: game.Sin(aim), boost: buttons&ButtonBoost != 0}
	g.throttle = min(max(in.Values[InThrottle], 0), FullThrottle)
	g.x, g.y = s.middle(seat)
	g.low, g.high = s.bounds()
	if s.parts[seat] > 1 {
		s.settle(seat)
	}
	for slot := range s.partsOf(seat) {
		s.move(slot, &g)
	}
}

// middle is where a seat's blobs are in the mean.
func (s *stage) middle(seat int) (x, y int32) {
	for slot := range s.partsOf(seat) {
		x, y = x+s.x[slot], y+s.y[slot]
	}
	return x / s.parts[seat], y / s.parts[seat]
}

// A gait is how all blobs of a player move in a tick.
type gait struct {
	cos, sin  int32 // of the direction
	throttle  int32
	boost     bool
	x, y      int32 // the middle of them, to which they are drawn
	low, high int32 // bounds of the zone
}

// move moves a blob: by the player's wish, to the others, by what it was pushed
// with; in all at most Pace.Top along each axis.
func (s *stage) move(slot int, g *gait) {
	speed := s.pace.Speed(s.r[slot])
	wish := speed * g.throttle / FullThrottle
	if m := s.mass[slot]; g.boost && wish > 0 && m > BoostLeast {
		wish = boosted(wish)
		s.weigh(slot, max(m-s.pace.boostCost(m), BoostLeast))
	}
	s.x[slot] = s.shift(s.x[slot], game.Along(g.cos, wish)+drawn(g.x-s.x[slot], speed)+s.vx[slot], g)
	s.y[slot] = s.shift(s.y[slot], game.Along(g.sin, wish)+drawn(g.y-s.y[slot], speed)+s.vy[slot], g)
	s.vx[slot], s.vy[slot] = s.pace.slower(s.vx[slot]), s.pace.slower(s.vy[slot])
}

func (s *stage) shift(at, by int32, g *gait) int32 {
	by = min(max(by, -s.pace.Top), s.pace.Top)
	return min(max(at+by, g.low), g.high)
}

// drawn is the speed to the other parts of a player, over a distance.
func drawn(distance, speed int32) int32 {
	most := speed / 3
	return min(max(distance/16, -most), most)
}

// split halves each blob that is large enough, as far as there are free slots,
// and shoots one half ahead.
func (s *stage) split(seat int, aim int32) {
	var large [Parts]int // those there were before
	n := 0
	for slot := range s.partsOf(seat) {
		if s.mass[slot] >= splitLeast {
			large[n], n = slot, n+1
		}
	}
	for _, slot := range large[:n] {
		s.part(slot, s.mass[slot]/2, aim)
	}
}

// part makes some of a blob's mass a blob of its own, which flies off. It does
// nothing where the player has as many as can be.
func (s *stage) part(slot int, mass, aim int32) {
	seat := slot / Parts
	if s.parts[seat] == Parts {
		return
	}
	free := seat * Parts
	for s.mass[free] > 0 {
		free++
	}
	s.weigh(slot, s.mass[slot]-mass)
	low, high := s.bounds()
	cos, sin := game.Cos(aim), game.Sin(aim)
	s.spawn(free, min(max(s.x[slot]+game.Along(cos, s.r[slot]), low), high),
		min(max(s.y[slot]+game.Along(sin, s.r[slot]), low), high), mass)
	s.vx[free], s.vy[free] = game.Along(cos, s.pace.Launch), game.Along(sin, s.pace.Launch)
	s.mergeAt[seat] = s.now + s.pace.Merge
}

// settle parts the blobs of a player that touch, or makes them one when their
// time has come.
func (s *stage) settle(seat int) {
	for a := seat * Parts; a < seat*Parts+Parts; a++ {
		for b := a + 1; b < seat*Parts+Parts; b++ {
			if s.mass[a] > 0 && s.mass[b] > 0 {
				s.touch(a, b)
			}
		}
	}
}

func (s *stage) touch(a, b int) {
	dx, dy := s.x[b]-s.x[a], s.y[b]-s.y[a]
	apart := dx*dx + dy*dy
	near := s.r[a] + s.r[b]
	if abs(dx) >= near || abs(dy) >= near || apart >= near*near {
		return
	}
	if sum := s.mass[a] + s.mass[b]; s.now >= s.mergeAt[a/Parts] && sum <= MaxMass {
		if far := max(s.r[a], s.r[b]); apart <= far*far {
			s.merge(a, b)
		}
		return
	}
	distance := game.Root(apart)
	if distance == 0 {
		dx, distance = 1, 1
	}
	by := min((near-distance)/4+1, s.pace.Push)
	s.push(a, -dx*by/distance, -dy*by/distance)
	s.push(b, dx*by/distance, dy*by/distance)
}

// merge makes two blobs of a player one, at the place of the larger.
func (s *stage) merge(a, b int) {
	if s.mass[a] < s.mass[b] {
		a, b = b, a
	}
	sum := s.mass[a] + s.mass[b]
	s.remove(b)
	s.weigh(a, sum)
}

func (s *stage) push(slot int, vx, vy int32) {
	s.vx[slot] = min(max(s.vx[slot]+vx, -s.pace.Top), s.pace.Top)
	s.vy[slot] = min(max(s.vy[slot]+vy, -s.pace.Top), s.pace.Top)
}
