package arena

import "github.com/musterhq/muster/game"

// A bot plays a seat from what that seat's client would be shown: the shared
// tables and its own row. It looks around now and then, keeps a target and a
// way in mind, and makes a human's mistakes: it reacts late, turns its aim at
// a limited speed and misjudges.
type bot struct {
	arenas []*arena // where it can be
	*arena          // where it is
	seat   int
	chance game.Rand
	way    path

	// Its character, fixed.
	reaction int32 // ticks from seeing to firing
	wobble   int32 // largest error of aim, 256ths
	swing    int32 // largest turn of aim in a tick, 256ths
	keep     int32 // distance it likes to fight at, units

	aim  int32
	look int32 // tick to look around at
	foe  foe

	move    int32 // the last Move
	plan    int32 // tick to think of a new goal at
	strafe  int32 // side it strafes to, +1 or -1
	flip    int32 // tick to change it at
	evade   int32 // Move that gets it out of a bolt's way
	evading int32 // tick until which it does that
	wary    int32 // tick to look out for bolts at
	dash    bool  // it would like to

	mark   Point // where it was when it last checked for being stuck
	marked int32 // tick of that
}

func newBot(arenas []*arena, seat game.Seat, seed uint64) game.Bot {
	a := arenas[0]
	b := &bot{arenas: arenas, arena: a, seat: int(seat), chance: game.Rand(seed + uint64(seat)*0x9e3779b97f4a7c15), way: newPath(a.m)}
	b.reaction = b.ticks(180) + b.chance.N(b.ticks(160))
	b.wobble = b.chance.Between(3, 7)
	b.swing = max(2, b.chance.Between(360, 600)/a.pace.Second)
	b.keep = b.chance.Between(4, 9) * Cell
	b.strafe = 1
	b.foe.seat = -1
	return b
}

// ticks returns milliseconds as ticks of the mode.
func (b *bot) ticks(ms int32) int32 { return ticks(ms, b.pace.Second) }

// once is true about once in so many milliseconds of calls a tick.
func (b *bot) once(ms int32) bool { return b.chance.N(b.ticks(ms)) == 0 }

// A sight is what a bot sees: a view's columns.
type sight struct {
	view   *game.Snapshot
	now    int32 // the tick it decides for
	x, y   []int32
	hp     []int32
	until  []int32
	me     Point
	health int32
	ammo   int32
}

func (b *bot) open(view *game.Snapshot) sight {
	s := sight{
		view: view, now: int32(view.Tick) + 1,
		x: view.Col(Players, PlayerX), y: view.Col(Players, PlayerY),
		hp: view.Col(Players, PlayerHP), until: view.Col(Players, PlayerUntil),
	}
	s.me = Point{s.x[b.seat], s.y[b.seat]}
	s.health = s.hp[b.seat]
	s.ammo = view.Own(Own, OwnAmmo, game.Seat(b.seat))
	return s
}

// Think decides what to do in the tick after view.
func (b *bot) Think(view *game.Snapshot, in *game.Input) {
	in.Values = [game.MaxInputs]int32{InAim: b.aim & 255}
	if !view.Live(Players, b.seat) {
		return
	}
	b.arrive(view)
	s := b.open(view)
	if s.health <= 0 {
		b.forget()
		return
	}
	b.watch(&s)
	b.dash = false
	in.Values[InMove] = b.steer(&s)
	in.Values[InButtons] = b.fight(&s, in.Values[InMove])
	in.Values[InAim] = b.aim & 255
	if b.dash && s.now >= view.Own(Own, OwnDash, game.Seat(b.seat)) {
		in.Values[InButtons] |= ButtonDash
	}
}

// arrive has the bot know on which map it is.
func (b *bot) arrive(view *game.Snapshot) {
	number := view.Col(Match, MatchMap)[0]
	for _, a := range b.arenas {
		if b.m.Number != number && a.m.Number == number {
			b.arena, b.way = a, newPath(a.m)
		}
	}
}

// forget is for a new life.
func (b *bot) forget() {
	b.foe = foe{seat: -1}
	b.way.steps = b.way.steps[:0]
	b.plan, b.look, b.evading, b.marked = 0, 0, 0, 0
}
