package swarm

import (
	"errors"

	"github.com/musterhq/muster/game"
)

// rules are one match. All their state is in the world's tables; the rest is
// memory of one step.
type rules struct {
	pace      Pace
	blobsAt   grid
	pelletsAt grid
	ranks     []standing
}

// A stage is the world's tables, opened for one step.
type stage struct {
	*rules
	w   *game.World
	now int32 // the tick that is computed

	blobs   game.Rows
	x, y, r []int32 // columns of blobs, by slot
	mass    []int32 // columns of bodies, likewise; the mass is 0 where no blob lives
	vx, vy  []int32 // what a blob was pushed with, units per tick
	pellets food
	spikes  food
	zone    game.Rows
	leaders game.Rows
	players game.Rows // live while their seat is taken

	parts, held, shield, best               []int32 // columns of players, by seat
	eyeX, eyeY, rank, back, killer, mergeAt []int32 // columns of own, by seat
}

func (r *rules) open(w *game.World) stage {
	b, own, bodies, p := w.Table(Blobs), w.Table(Own), w.Table(Bodies), w.Table(Players)
	return stage{
		rules: r, w: w, now: int32(w.Tick()),
		blobs: b, x: b.Col(BlobX), y: b.Col(BlobY), r: b.Col(BlobR),
		mass: bodies.Col(BodyMass), vx: bodies.Col(BodyVX), vy: bodies.Col(BodyVY),
		pellets: foodOf(w.Table(Pellets)), spikes: foodOf(w.Table(Spikes)),
		zone: w.Table(Zone), leaders: w.Table(Leaders), players: p,
		parts: p.Col(PlayerParts), held: p.Col(PlayerHeld), shield: p.Col(PlayerShield), best: p.Col(PlayerBest),
		eyeX: own.Col(OwnX), eyeY: own.Col(OwnY), rank: own.Col(OwnRank),
		back: own.Col(OwnBack), killer: own.Col(OwnKiller), mergeAt: own.Col(OwnMerge),
	}
}

// Start lays out a zone with food for few players.
func (r *rules) Start(w *game.World) {
	s := r.open(w)
	s.zone.SpawnAt(0)
	s.zone.Col(ZoneSide)[0] = leastSide
	s.zone.Col(ZoneEnd)[0] = w.Option(optionRound) * w.Hz()
	s.stock(restock * w.Hz())
	for seat := range w.Seats() {
		s.eyeX[seat], s.eyeY[seat] = World/2, World/2
	}
}

// Join lets the seat's player in, as one small blob.
func (r *rules) Join(w *game.World, seat game.Seat) {
	s := r.open(w)
	s.players.SpawnAt(int(seat))
	s.widen()
	s.enter(int(seat))
}

// Leave takes the seat's player out, with all there is of it. What it has
// reached counts.
func (r *rules) Leave(w *game.World, seat game.Seat) {
	s := r.open(w)
	for slot := range s.partsOf(int(seat)) {
		s.remove(slot)
	}
	s.players.Despawn(int(seat))
	s.rank[seat], s.back[seat], s.killer[seat], s.mergeAt[seat] = 0, 0, 0, 0
}

// Step computes a tick: everyone moves, then eats, then those come back who
// were eaten.
func (r *rules) Step(w *game.World, inputs []game.Input) {
	s := r.open(w)
	if s.over(s.now - 1) {
		return
	}
	s.narrow(len(inputs))
	for i := range inputs {
		s.steer(&inputs[i])
	}
	s.eat()
	for i := range inputs {
		s.live(int(inputs[i].Seat))
	}
	s.stock(1)
	if s.now%(2*s.pace.Second) == 0 {
		s.judge()
	}
}

// live is what a tick brings to a seat beside what it does.
func (s *stage) live(seat int) {
	if s.parts[seat] == 0 {
		if s.now >= s.back[seat] {
			s.enter(seat)
		}
		return
	}
	if (s.now+int32(seat))%s.pace.Second == 0 {
		s.wither(seat)
	}
	s.look(seat)
}

// wither has large blobs lose mass, so that nobody stays on top for free.
func (s *stage) wither(seat int) {
	for slot := range s.partsOf(seat) {
		if m := s.mass[slot]; m > StartMass {
			s.weigh(slot, m-decay(m))
		}
	}
}

// eyeSlack is how far the eye may be off what it follows, along each axis:
// an eye that moved at each tick would be sent at each.
const eyeSlack = 96

// look has the eye of a seat follow the middle of its blobs.
func (s *stage) look(seat int) {
	x, y := s.middle(seat)
	if abs(x-s.eyeX[seat]) > eyeSlack || abs(y-s.eyeY[seat]) > eyeSlack {
		s.eyeX[seat], s.eyeY[seat] = x, y
	}
}

// entryTries is how many places are looked at for one return.
const entryTries = 4

// enter puts a seat's player into the zone: of a few places at that which is
// farthest from whoever could eat it.
func (s *stage) enter(seat int) {
	var bestX, bestY int32
	most := int32(-World)
	for range entryTries {
		x, y := s.anywhere()
		if room := s.room(x, y); room > most {
			bestX, bestY, most = x, y, room
		}
	}
	s.spawn(seat*Parts, bestX, bestY, StartMass)
	s.shield[seat] = s.now + s.pace.Shield
	s.back[seat], s.killer[seat], s.mergeAt[seat] = 0, 0, 0
	s.eyeX[seat], s.eyeY[seat] = bestX, bestY
}

// room is how far a place is from the nearest blob that eats newcomers, along
// the axis where that is more.
func (s *stage) room(x, y int32) int32 {
	room := int32(World)
	for i := s.blobs.Next(-1); i >= 0; i = s.blobs.Next(i) {
		if eats(s.mass[i], StartMass) {
			room = min(room, max(abs(s.x[i]-x), abs(s.y[i]-y))-s.r[i])
		}
	}
	return room
}

// over reports whether the round has ended by a tick's end.
func (s *stage) over(tick int32) bool { return tick >= s.zone.Col(ZoneEnd)[0] }

// Result ranks all who took part by the most mass they have had.
func (r *rules) Result(w *game.World) (game.Result, bool) {
	s := r.open(w)
	if !s.over(s.now) {
		return nil, false
	}
	return game.RankByScore(func(seat int) bool { return s.best[seat] > 0 }, s.best), true
}

// Save has nothing to add: all state is in the tables.
func (r *rules) Save(dst []byte) []byte { return dst }

// Load accepts what Save wrote.
func (r *rules) Load(src []byte) error {
	if len(src) > 0 {
		return errors.New("the swarm keeps no state beside its tables")
	}
	return nil
}

func abs(v int32) int32 { return max(v, -v) }
