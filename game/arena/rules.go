package arena

import (
	"errors"
	"slices"

	"github.com/musterhq/muster/game"
)

// rules are one match. All their state is in the world's tables.
type rules struct {
	arenas []*arena // by the value of the option map
	hurts  []hurt   // of this step; memory only
}

// A stage is the world's tables, opened for one step.
type stage struct {
	*arena
	w   *game.World
	now int32 // the tick that is computed

	players game.Rows
	x, y    []int32 // columns of players, by seat
	aim     []int32
	hp      []int32
	frags   []int32
	deaths  []int32
	until   []int32

	vx, vy   []int32 // columns of own, by seat
	dash     []int32
	fire     []int32
	rail     []int32
	ammo     []int32
	pickups  game.Rows
	shots    game.Rows
	shotCols [ShotBorn + 1][]int32
	mates    mates // where there are teams
}

func (r *rules) open(w *game.World) stage {
	p, own, shots := w.Table(Players), w.Table(Own), w.Table(Shots)
	s := stage{
		arena: r.arenas[w.Option(optionMap)], w: w, now: int32(w.Tick()),
		players: p, pickups: w.Table(Pickups), shots: shots,
		x: p.Col(PlayerX), y: p.Col(PlayerY), aim: p.Col(PlayerAim), hp: p.Col(PlayerHP),
		frags: p.Col(PlayerFrags), deaths: p.Col(PlayerDeaths), until: p.Col(PlayerUntil),
		vx: own.Col(OwnVX), vy: own.Col(OwnVY), dash: own.Col(OwnDash),
		fire: own.Col(OwnFire), rail: own.Col(OwnRail), ammo: own.Col(OwnAmmo),
	}
	for c := range s.shotCols {
		s.shotCols[c] = shots.Col(c)
	}
	if s.teamSize > 0 {
		s.mates = openMates(w)
	}
	return s
}

// Start lays out the match's row and the pickups.
func (r *rules) Start(w *game.World) {
	s := r.open(w)
	m, match := s.m, w.Table(Match)
	match.SpawnAt(0)
	match.Col(MatchEnd)[0] = w.Option(optionRound) * w.Hz()
	match.Col(MatchLimit)[0] = w.Option(optionFrags)
	match.Col(MatchMap)[0] = m.Number
	match.Col(MatchAcross)[0] = m.Across
	match.Col(MatchDown)[0] = m.Down
	pickups := w.Table(Pickups)
	for i, place := range m.Pickups {
		pickups.SpawnAt(i)
		pickups.Col(PickupX)[i] = place.X
		pickups.Col(PickupY)[i] = place.Y
		pickups.Col(PickupKind)[i] = place.Kind
	}
	s.startTeams()
}

// Join lets the seat's player in, with the score the seat had when it was
// left.
func (r *rules) Join(w *game.World, seat game.Seat) {
	s, i := r.open(w), int(seat)
	s.players.SpawnAt(i)
	scores := w.Table(Scores)
	if scores.Live(i) {
		s.frags[i], s.deaths[i] = scores.Col(ScoreFrags)[i], scores.Col(ScoreDeaths)[i]
	}
	s.meetMates(i)
	s.enter(i)
	s.tellMates()
}

// Leave takes the seat's player out and keeps the score.
func (r *rules) Leave(w *game.World, seat game.Seat) {
	s, i := r.open(w), int(seat)
	scores := w.Table(Scores)
	scores.SpawnAt(i)
	scores.Col(ScoreFrags)[i], scores.Col(ScoreDeaths)[i] = s.frags[i], s.deaths[i]
	s.players.Despawn(i)
	s.clearOwn(i)
	s.leaveMates(i)
}

// Step computes a tick: everyone moves, then what flies, then who fires, then
// what all that did. So two who kill each other in one tick both die.
func (r *rules) Step(w *game.World, inputs []game.Input) {
	s := r.open(w)
	if s.over(s.now - 1) {
		return
	}
	for i := range inputs {
		s.move(&inputs[i])
	}
	r.hurts = s.fly(r.hurts[:0])
	for i := range inputs {
		r.hurts = s.shoot(&inputs[i], r.hurts)
		s.mark(&inputs[i])
	}
	for _, h := range r.hurts {
		s.hurt(h)
	}
	s.takePickups()
	s.raise()
	s.tellMates()
}

// over reports whether the round has ended by a tick's end.
func (s *stage) over(tick int32) bool {
	if tick >= s.w.Table(Match).Col(MatchEnd)[0] {
		return true
	}
	limit := s.w.Table(Match).Col(MatchLimit)[0]
	if s.teamSize > 0 {
		return limit > 0 && slices.Max(s.teamFrags()) >= limit
	}
	for i := s.players.Next(-1); limit > 0 && i >= 0; i = s.players.Next(i) {
		if s.frags[i] >= limit {
			return true
		}
	}
	return false
}

// Result ranks all who took part once the round is over: by their team's
// frags, or by their own where there are no teams.
func (r *rules) Result(w *game.World) (game.Result, bool) {
	s := r.open(w)
	if !s.over(s.now) {
		return nil, false
	}
	var result game.Result
	scores := w.Table(Scores)
	for i := range w.Seats() {
		switch {
		case s.players.Live(i):
			result = append(result, game.Placing{Seat: game.Seat(i), Score: s.frags[i]})
		case scores.Live(i):
			result = append(result, game.Placing{Seat: game.Seat(i), Score: scores.Col(ScoreFrags)[i]})
		}
	}
	slices.SortStableFunc(result, func(a, b game.Placing) int { return int(b.Score - a.Score) })
	if s.teamSize > 0 {
		s.rankTeams(result)
		return result, true
	}
	for i := range result {
		result[i].Rank = int32(i + 1)
		if i > 0 && result[i].Score == result[i-1].Score {
			result[i].Rank = result[i-1].Rank
		}
	}
	return result, true
}

// Save has nothing to add: all state is in the tables.
func (r *rules) Save(dst []byte) []byte { return dst }

// Load accepts what Save wrote.
func (r *rules) Load(src []byte) error {
	if len(src) > 0 {
		return errors.New("the arena keeps no state beside its tables")
	}
	return nil
}
