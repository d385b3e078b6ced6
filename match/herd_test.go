package match

import (
	"github.com/musterhq/muster/game"
)

// herd is a game on a plane: each seat has an animal of its own, whose place is
// its eye, some more roam about; each team leaves marks, which carry its number;
// and grass grows, which does not move. A clock is for all, and every tick tells
// of itself in an event.
type herd struct {
	herdSize
	dots
}

// herdSize is how large a herd is.
type herdSize struct {
	seats, roaming, marks, grass int
	side, cell, reach            int32
	speed                        int32
	crowd                        bool // all gather in one spot
	swing                        bool // all go from one side of a cell's border to the other, and back
	rate                         int
	watched                      game.Spectators
}

// The tables of herd, and the columns of its animals.
const (
	herdClock = iota
	herdAnimals
	herdMarks
	herdGrass
	herdEyes
)

func (h herdSize) mode() game.Mode {
	x, y := game.Column{Name: "x", Axis: game.X, Linear: true}, game.Column{Name: "y", Axis: game.Y, Linear: true}
	schema := &game.Schema{
		Space: &game.Space{Width: h.side, Height: h.side, Cell: h.cell, Reach: h.reach, Rate: h.rate},
		Tables: []game.Table{
			{Name: "clock", Capacity: 1, Columns: []game.Column{{Name: "left", Linear: true}}},
			{Name: "animals", Capacity: h.seats + h.roaming, Columns: []game.Column{x, y, {Name: "mass"}}},
			{Name: "marks", Capacity: max(h.marks, 1), Audience: game.Team, Columns: []game.Column{x, y, {Name: "team"}}},
			{Name: "grass", Capacity: max(h.grass, 1), Columns: []game.Column{x, y}},
			{Name: "eyes", Capacity: h.seats, Audience: game.Private, Columns: []game.Column{x, y}},
		},
		Inputs: []game.Field{{Name: "turn", Min: -1, Max: 1}},
		Events: []game.EventKind{{Name: "tick", Args: []string{"tick"}}},
	}
	if h.marks == 0 {
		schema.Tables[herdMarks].Audience = game.All
	}
	return game.Mode{Name: "herd", New: func() game.Rules { return &herd{herdSize: h} }, Schema: schema,
		Hz: 20, Seats: h.seats, Bot: game.RandomBot(schema), Spectators: h.watched}
}

func (h *herd) Start(w *game.World) {
	w.Table(herdClock).SpawnAt(0)
	for slot := range h.seats + h.roaming {
		h.put(w, herdAnimals, slot)
	}
	for slot := range h.grass {
		h.put(w, herdGrass, slot)
	}
	for range h.marks / 2 {
		h.mark(w)
	}
	h.see(w)
}

func (h *herd) put(w *game.World, table, slot int) {
	t := w.Table(table)
	t.SpawnAt(slot)
	t.Col(0)[slot], t.Col(1)[slot] = w.Rand.N(h.side), w.Rand.N(h.side)
	if h.crowd {
		t.Col(0)[slot], t.Col(1)[slot] = h.side/2+w.Rand.N(h.cell), h.side/2+w.Rand.N(h.cell)
	}
}

func (h *herd) mark(w *game.World) {
	team := game.TeamID(w.Rand.N(3))
	if slot, ok := w.Table(herdMarks).SpawnFor(team); ok {
		t := w.Table(herdMarks)
		t.Col(0)[slot], t.Col(1)[slot], t.Col(2)[slot] = w.Rand.N(h.side), w.Rand.N(h.side), int32(team)
	}
}

func (h *herd) Join(w *game.World, seat game.Seat) { w.SetTeam(seat, game.TeamID(seat%3)) }
func (h *herd) Leave(*game.World, game.Seat)       {}

func (h *herd) Step(w *game.World, _ []game.Input) {
	w.Table(herdClock).Col(0)[0]++
	if h.swing {
		h.sway(w)
	} else {
		h.roam(w)
	}
	if h.marks > 0 {
		h.mark(w)
		w.Table(herdMarks).Despawn(int(w.Rand.N(int32(h.marks))))
	}
	if h.grass > 0 {
		h.put(w, herdGrass, int(w.Rand.N(int32(h.grass))))
	}
	h.see(w)
	w.Emit(0, int32(w.Tick()))
}

// roam moves every animal straight on, for a while; a few jump, or are born
// anew, and a third stands.
func (h *herd) roam(w *game.World) {
	t := w.Table(herdAnimals)
	x, y, mass := t.Col(0), t.Col(1), t.Col(2)
	for slot := range h.seats + h.roaming {
		if slot%3 > 0 {
			heading := int32(slot) + int32(w.Tick())/32
			x[slot] = h.within(x[slot] + (heading*7%5-2)*h.speed/2)
			y[slot] = h.within(y[slot] + (heading*3%5-2)*h.speed/2)
		}
	}
	switch slot := int(w.Rand.N(int32(h.seats + h.roaming))); w.Rand.N(8) {
	case 0:
		h.put(w, herdAnimals, slot)
	case 1:
		t.Teleport(slot)
		x[slot] = h.within(x[slot] + h.cell)
	default:
		mass[slot]++
	}
}

// sway has some of the animals cross a border, so that cells come to be again
// what they were.
func (h *herd) sway(w *game.World) {
	x, y := w.Table(herdAnimals).Col(0), w.Table(herdAnimals).Col(1)
	for slot := range h.seats + h.roaming {
		if w.Rand.N(4) == 0 {
			border := int32(slot+1) * h.cell % h.side
			x[slot] = border - w.Rand.N(2)
			y[slot] = border - w.Rand.N(2)
		}
	}
}

// within keeps to the plane, or to the spot where the crowd is.
func (h *herd) within(v int32) int32 {
	if h.crowd {
		return h.side/2 + (v-h.side/2+h.cell)%h.cell
	}
	return (v + h.side) % h.side
}

func (h *herd) see(w *game.World) {
	for seat := range h.seats {
		for axis := range 2 {
			w.Table(herdEyes).Col(axis)[seat] = w.Table(herdAnimals).Col(axis)[seat]
		}
	}
}
