package game_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/musterhq/muster/game"
)

// The toy: players walk on a ring of a thousand places, pick up coins that
// chance strews, and zap whom they saw beside them. It uses all that rules may.
const (
	walkers = iota // by seat
	coins
	purse // private
	tally // nobody's
)

const (
	fieldStep = iota
	fieldZap
)

const (
	eventCoin = iota
	eventZap
)

const toyGoal = 50

func toySchema() *game.Schema {
	return &game.Schema{
		Tables: []game.Table{
			{Name: "walkers", Capacity: 8, Columns: []game.Column{{Name: "at", Linear: true}, {Name: "stunned"}}},
			{Name: "coins", Capacity: 70, Audience: game.Team, Columns: []game.Column{{Name: "at"}, {Name: "until", Tick: true}}},
			{Name: "purse", Capacity: 8, Audience: game.Private, Columns: []game.Column{{Name: "coins"}}},
			{Name: "tally", Capacity: 1, Audience: game.Nobody, Columns: []game.Column{{Name: "picked"}}},
		},
		Inputs: []game.Field{{Name: "step", Min: -3, Max: 3, Keep: true}, {Name: "zap", Max: 1, Bits: true}},
		Events: []game.EventKind{{Name: "coin", Args: []string{"who", "at"}}, {Name: "zap", Args: []string{"who", "whom"}}},
	}
}

func toyMode(t testing.TB) *game.Mode {
	t.Helper()
	m, err := game.Mode{Name: "toy", New: func() game.Rules { return &toy{} }, Schema: toySchema(),
		Hz: 30, Seats: 8, Lag: 6, Bot: game.RandomBot(toySchema())}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

type toy struct{ zaps uint32 } // exact state beside the tables

func (g *toy) Start(w *game.World) {
	w.Table(tally).SpawnAt(0)
	w.Past(3) // there is none yet
	for range 40 {
		g.strew(w)
	}
}

func (g *toy) strew(w *game.World) {
	if slot, ok := w.Table(coins).SpawnFor(game.TeamID(w.Rand.N(3))); ok {
		w.Table(coins).Col(0)[slot] = w.Rand.N(1000)
		w.Table(coins).Col(1)[slot] = int32(w.Tick()) + w.Rand.Between(100, 200)
	}
}

func (g *toy) Join(w *game.World, seat game.Seat) {
	w.SetTeam(seat, game.TeamID(1+seat%2))
	w.Table(walkers).SpawnAt(int(seat))
	w.Table(walkers).Col(0)[seat] = w.Rand.N(1000) + w.Past(2).Own(purse, 0, seat)
}

func (g *toy) Leave(w *game.World, seat game.Seat) { w.Table(walkers).Despawn(int(seat)) }

func (g *toy) Step(w *game.World, inputs []game.Input) {
	for i := range inputs {
		g.walk(w, &inputs[i])
	}
	g.expire(w)
	if w.Rand.N(4) == 0 {
		g.strew(w)
	}
}

func (g *toy) walk(w *game.World, in *game.Input) {
	at, stunned := w.Table(walkers).Col(0), w.Table(walkers).Col(1)
	if stunned[in.Seat] > 0 {
		stunned[in.Seat]--
		return
	}
	at[in.Seat] += in.Values[fieldStep]
	if at[in.Seat] < 0 || at[in.Seat] >= 1000 {
		at[in.Seat] = (at[in.Seat] + 1000) % 1000
		w.Table(walkers).Teleport(int(in.Seat))
	}
	g.pick(w, in.Seat, at[in.Seat])
	if in.Values[fieldZap] != 0 {
		g.zap(w, in)
	}
}

func (g *toy) pick(w *game.World, seat game.Seat, at int32) {
	c := w.Table(coins)
	for slot := c.Next(-1); slot >= 0; slot = c.Next(slot) {
		if c.Col(0)[slot] == at {
			c.Despawn(slot)
			w.Table(purse).Col(0)[seat]++
			w.Table(tally).Col(0)[0]++
			w.EmitTo(w.Team(seat), eventCoin, int32(seat), at)
		}
	}
}

// zap stuns whoever was near as the zapper saw it.
func (g *toy) zap(w *game.World, in *game.Input) {
	seen := w.Past(int(in.Lag / 8))
	for s := seen.Next(walkers, -1); s >= 0; s = seen.Next(walkers, s) {
		d := seen.Col(walkers, 0)[s] - w.Table(walkers).Col(0)[in.Seat]
		if s != int(in.Seat) && d*d < 100 && w.Table(walkers).Live(s) {
			w.Table(walkers).Col(1)[s] = 5
			g.zaps++
			w.Emit(eventZap, int32(in.Seat), int32(s))
		}
	}
}

func (g *toy) expire(w *game.World) {
	c := w.Table(coins)
	for slot := c.Next(-1); slot >= 0; slot = c.Next(slot) {
		if c.Col(1)[slot] <= int32(w.Tick()) {
			c.Despawn(slot)
		}
	}
}

func (g *toy) Result(w *game.World) (game.Result, bool) {
	if w.Table(tally).Col(0)[0] < toyGoal {
		return nil, false
	}
	r := game.Result{}
	for seat := range w.Seats() {
		r = append(r, game.Placing{Seat: game.Seat(seat), Rank: 1, Score: w.Table(purse).Col(0)[seat]})
	}
	return r, true
}

func (g *toy) Save(dst []byte) []byte { return binary.LittleEndian.AppendUint32(dst, g.zaps) }

func (g *toy) Load(src []byte) error {
	if len(src) != 4 {
		return errors.New("a toy's state is 4 bytes")
	}
	g.zaps = binary.LittleEndian.Uint32(src)
	return nil
}

// A troupe plays the toy's seats with random bots that claim random lags.
type troupe struct {
	sim    *game.Sim
	bots   []game.Bot
	chance game.Rand
	inputs []game.Input
}

func newTroupe(sim *game.Sim, seed uint64) *troupe {
	t := &troupe{sim: sim, chance: game.Rand(seed)}
	for s := range sim.Mode().Seats {
		t.bots = append(t.bots, sim.Mode().Bot(game.Seat(s), seed))
	}
	return t
}

// choose decides what happens before the next step: who joins and leaves, and
// what each says.
func (t *troupe) choose() (joins, leaves []game.Seat, inputs []game.Input) {
	seat := game.Seat(t.chance.N(int32(len(t.bots))))
	switch n := t.chance.N(20); {
	case n < 3 && !t.sim.Joined(seat):
		joins = append(joins, seat)
	case n == 3 && t.sim.Joined(seat):
		leaves = append(leaves, seat)
	}
	t.inputs = t.inputs[:0]
	for s, b := range t.bots {
		if taken := t.sim.Joined(game.Seat(s)); taken && len(leaves) > 0 && leaves[0] == game.Seat(s) || !taken && (len(joins) == 0 || joins[0] != game.Seat(s)) {
			continue
		}
		in := game.Input{Seat: game.Seat(s), Lag: t.chance.N(int32(8*t.sim.Mode().Lag + 1))}
		b.Think(t.sim.Now(), &in)
		t.inputs = append(t.inputs, in)
	}
	return joins, leaves, t.inputs
}

// play steps the troupe's sim, and others alike.
func (t *troupe) play(ticks int, others ...*game.Sim) {
	for range ticks {
		joins, leaves, inputs := t.choose()
		for _, s := range append(others, t.sim) {
			for _, seat := range joins {
				s.Join(seat)
			}
			for _, seat := range leaves {
				s.Leave(seat)
			}
			s.Step(inputs)
		}
	}
}
