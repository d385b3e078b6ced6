package swarm

import "github.com/musterhq/muster/game"

// A bot plays a seat from what that seat's client is shown: what lies within
// its sight. It looks around a few times a second, flees from who could eat it,
// hunts whom it could eat, else forages; and it makes a human's mistakes: it
// reacts late, aims roughly, and is too bold or too timid.
type bot struct {
	pace   *Pace
	seat   int
	chance game.Rand

	// Its character, fixed.
	reaction int32 // ticks between two looks
	wobble   int32 // largest error of aim, 256ths
	caution  int32 // how near a danger may come, units
	bold     int32 // of a hundred chances to split for prey, those it takes

	look    int32 // tick to look around at
	aim     int32
	buttons int32
	release int32 // tick to let go of the buttons at
	stroll  int32 // direction when there is nothing to be seen
}

// sightOf is how far a bot looks: its eye may be off by eyeSlack.
const sightOf = Sight - eyeSlack

func newBot(pace *Pace, seat game.Seat, seed uint64) game.Bot {
	b := &bot{pace: pace, seat: int(seat), chance: game.Rand(seed + uint64(seat)*0x9e3779b97f4a7c15)}
	b.reaction = max(1, b.chance.Between(150, 350)*pace.Second/1000)
	b.wobble = b.chance.Between(2, 10)
	b.caution = b.chance.Between(120, 420)
	b.bold = b.chance.Between(15, 80)
	b.stroll = b.chance.N(256)
	return b
}

// A sight is what a bot sees of itself and others.
type sight struct {
	view        *game.Snapshot
	now         int32
	x, y, r     []int32 // columns of blobs
	meX, meY    int32   // the middle of its blobs
	parts       int32
	most, least int32 // radius of its largest and of its smallest blob
	low, high   int32 // of the zone
}

func (b *bot) open(view *game.Snapshot) sight {
	s := sight{view: view, now: int32(view.Tick) + 1,
		x: view.Col(Blobs, BlobX), y: view.Col(Blobs, BlobY), r: view.Col(Blobs, BlobR), least: World}
	for slot := b.seat * Parts; slot < b.seat*Parts+Parts; slot++ {
		if view.Live(Blobs, slot) {
			s.meX, s.meY, s.parts = s.meX+s.x[slot], s.meY+s.y[slot], s.parts+1
			s.most, s.least = max(s.most, s.r[slot]), min(s.least, s.r[slot])
		}
	}
	if s.parts > 0 {
		s.meX, s.meY = s.meX/s.parts, s.meY/s.parts
	}
	side := view.Col(Zone, ZoneSide)[0]
	s.low, s.high = (World-side)/2, (World+side)/2-1
	return s
}

// Think decides what to do in the tick after view.
func (b *bot) Think(view *game.Snapshot, in *game.Input) {
	now := int32(view.Tick) + 1
	if now >= b.release {
		b.buttons = 0
	}
	if now >= b.look {
		b.look = now + b.reaction + b.chance.N(3)
		if s := b.open(view); s.parts > 0 {
			b.decide(&s)
		}
	}
	in.Values = [game.MaxInputs]int32{InAim: b.aim, InThrottle: FullThrottle, InButtons: b.buttons}
}

// decide looks around and chooses what to do until the next look.
func (b *bot) decide(s *sight) {
	others := b.watch(s)
	switch {
	case others.danger > 0:
		b.flee(s, &others)
	case others.prey >= 0:
		b.chase(s, &others)
	default:
		b.forage(s)
	}
}

// company is what a bot makes of the others it sees.
type company struct {
	danger     int32 // 0 none, else the more the nearer
	awayX      int32 // sum of directions away from dangers
	awayY      int32
	prey       int // slot of the best, or -1
	value      int32
	preyX      int32 // from the bot
	preyY      int32
	restrained bool // somebody larger is not far
}

func (b *bot) watch(s *sight) company {
	c := company{prey: -1}
	for i := s.view.Next(Blobs, -1); i >= 0; i = s.view.Next(Blobs, i) {
		dx, dy := s.x[i]-s.meX, s.y[i]-s.meY
		if max(abs(dx), abs(dy)) <= sightOf && i/Parts != b.seat {
			b.judge(s, &c, i, dx, dy)
		}
	}
	if s.most >= Radius(burstLeast) {
		b.mindSpikes(s, &c)
	}
	return c
}

// judge says what another blob means: danger, prey or neither.
func (b *bot) judge(s *sight, c *company, i int, dx, dy int32) {
	r, distance := s.r[i], game.Root(dx*dx+dy*dy)
	if larger(r, s.least) {
		c.restrained = c.restrained || distance < r+700
		if near := r + b.caution - distance; near > 0 {
			c.flees(dx, dy, distance, near)
		}
		return
	}
	if !larger(s.most, r+2) {
		return
	}
	if value := r * r / (distance/8 + 20); value > c.value && distance < 900 {
		c.prey, c.value, c.preyX, c.preyY = i, value, dx, dy
	}
}

// larger is whether a radius is that of a blob which eats the other.
func larger(r, other int32) bool { return r*r*eatLess >= other*other*eatMore }

// flees adds a danger at a distance, that is near by so much.
func (c *company) flees(dx, dy, distance, near int32) {
	c.danger += near
	c.awayX -= dx * near / (distance + 1)
	c.awayY -= dy * near / (distance + 1)
}

// mindSpikes keeps a large bot off what would burst it.
func (b *bot) mindSpikes(s *sight, c *company) {
	x, y := s.view.Col(Spikes, FoodX), s.view.Col(Spikes, FoodY)
	for i := s.view.Next(Spikes, -1); i >= 0; i = s.view.Next(Spikes, i) {
		dx, dy := x[i]-s.meX, y[i]-s.meY
		if max(abs(dx), abs(dy)) > sightOf {
			continue
		}
		distance := game.Root(dx*dx + dy*dy)
		if near := s.most + SpikeRadius - distance; near > 0 {
			c.flees(dx, dy, distance, near)
		}
	}
}

// flee runs from the dangers, along the wall where one is in the way, and
// boosts when it is close.
func (b *bot) flee(s *sight, c *company) {
	const wall = 200
	dx, dy := c.awayX, c.awayY
	if dx < 0 && s.meX < s.low+wall || dx > 0 && s.meX > s.high-wall {
		dx, dy = 0, dy+b.side(dy, c.danger)
	}
	if dy < 0 && s.meY < s.low+wall || dy > 0 && s.meY > s.high-wall {
		dx, dy = dx+b.side(dx, c.danger), 0
	}
	b.head(dx, dy)
	if c.danger > b.caution/2 {
		b.press(s, ButtonBoost, b.reaction+2)
	}
}

// side is a push along a wall, on the way it goes already.
func (b *bot) side(going, by int32) int32 {
	if going < 0 || going == 0 && b.chance.N(2) == 0 {
		return -by
	}
	return by
}

// chase goes for the prey, and may split or boost to catch it.
func (b *bot) chase(s *sight, c *company) {
	b.head(c.preyX, c.preyY)
	distance := game.Root(c.preyX*c.preyX+c.preyY*c.preyY) - s.most
	half := s.most * 7 / 10 // radius of half the mass
	switch r := s.r[c.prey]; {
	case c.restrained || distance > 500:
	case s.parts == 1 && r > half/4 && larger(half, r+2) && b.chance.N(100) < b.bold:
		b.press(s, ButtonSplit, 2)
	case r > half/2 && b.chance.N(100) < b.bold:
		b.press(s, ButtonBoost, b.reaction+2)
	}
}

// forage goes to the nearest pellet, rather ahead than behind, or strolls.
func (b *bot) forage(s *sight) {
	x, y := s.view.Col(Pellets, FoodX), s.view.Col(Pellets, FoodY)
	best, toX, toY := int32(sightOf), int32(0), int32(0)
	for i := s.view.Next(Pellets, -1); i >= 0; i = s.view.Next(Pellets, i) {
		dx, dy := x[i]-s.meX, y[i]-s.meY
		if max(abs(dx), abs(dy)) >= best {
			continue
		}
		cost := game.Root(dx*dx + dy*dy)
		cost += cost * abs(game.Turn(b.aim, game.Heading(dx, dy))) / 128
		if cost < best {
			best, toX, toY = cost, dx, dy
		}
	}
	if toX == 0 && toY == 0 {
		toX, toY = b.strolls(s)
	}
	b.head(toX, toY)
}

// strolls goes on as it went, and back to the middle when a wall is near.
func (b *bot) strolls(s *sight) (dx, dy int32) {
	const wall = 300
	if min(s.meX, s.meY) < s.low+wall || max(s.meX, s.meY) > s.high-wall {
		b.stroll = game.Heading(World/2-s.meX, World/2-s.meY) + b.chance.Between(-40, 40)
	}
	b.stroll += b.chance.Between(-6, 6)
	return game.Cos(b.stroll), game.Sin(b.stroll)
}

// head aims at a place, seen from the bot, as well as it can.
func (b *bot) head(dx, dy int32) {
	if dx != 0 || dy != 0 {
		b.aim = (game.Heading(dx, dy) + b.chance.Between(-b.wobble, b.wobble)) & 255
	}
}

func (b *bot) press(s *sight, button, ticks int32) { b.buttons, b.release = button, s.now+ticks }
