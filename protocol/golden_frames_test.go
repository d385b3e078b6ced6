package protocol_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/musterhq/muster/game"
)

// duel is the schema of most golden files: movers, things that fly straight,
// something hidden, and what only the own seat knows.
func duel() *game.Schema {
	return &game.Schema{
		Tables: []game.Table{
			{Name: "players", Capacity: 4, Columns: []game.Column{
				{Name: "x", Linear: true}, {Name: "y", Linear: true}, {Name: "hp"}}},
			{Name: "secret", Capacity: 9, Audience: game.Nobody, Columns: []game.Column{{Name: "seed"}}},
			{Name: "shots", Capacity: 16, Columns: []game.Column{
				{Name: "x"}, {Name: "y"}, {Name: "dx"}, {Name: "dy"}, {Name: "born", Tick: true}}},
			{Name: "self", Capacity: 4, Audience: game.Private, Columns: []game.Column{{Name: "ammo"}, {Name: "cooldown"}}},
		},
		Inputs: []game.Field{{Name: "move", Min: -1, Max: 1, Keep: true}, {Name: "buttons", Max: 7, Bits: true}},
		Events: []game.EventKind{{Name: "hit", Args: []string{"by", "whom", "damage"}}, {Name: "go"},
			{Name: "far", Args: []string{"a", "b", "c", "d"}}},
	}
}

// The tables of duel.
const (
	players = iota
	secret
	shots
	self
)

func startDuel(w *game.World) {
	for i := range 2 {
		w.Table(players).SpawnAt(i)
		w.Table(players).Col(0)[i] = int32(100 * (i + 1))
		w.Table(players).Col(1)[i] = int32(-100 * (i + 1))
		w.Table(players).Col(2)[i] = 100
	}
	w.Table(secret).SpawnAt(3)
	w.Table(secret).Col(0)[3] = 4711
	w.Table(self).Col(0)[1] = 6
}

// move adds to both positions of a player.
func move(w *game.World, slot int, dx, dy int32) {
	w.Table(players).Col(0)[slot] += dx
	w.Table(players).Col(1)[slot] += dy
}

// walk moves the two players steadily, with a little noise.
func walk(w *game.World) {
	move(w, 0, 30+int32(w.Tick()%3), -20)
	move(w, 1, -15, int32(w.Tick()%2))
}

func TestGoldenBasics(t *testing.T) {
	s := newStage(t, duel(), 5, startDuel)
	r := s.link(1, 0).tape("From the first keyframe on: plain and linear deltas, own columns, a shot, events, hashes, an empty frame.")
	r.send("keyframe")
	s.step(walk)
	r.send("the first delta after a keyframe is plain")
	s.step(walk)
	r.hash = true
	r.send("linear: only what differs from steady motion, with a hash")
	s.step(func(w *game.World) {
		walk(w)
		slot, _ := w.Table(shots).Spawn()
		for c, v := range []int32{130, -120, 60, -3, int32(w.Tick()) + 5} {
			w.Table(shots).Col(c)[slot] = v
		}
		w.Table(self).Col(0)[1]--
		w.Table(self).Col(1)[1] = 40
		w.Table(self).Col(0)[0] = 99 // somebody else's
	})
	r.head.Ack, r.head.Slack = 17, -3
	r.send("a spawn whose born is this tick, sent as 0; own columns")
	s.step(func(w *game.World) {
		walk(w)
		w.Table(players).Col(2)[0] -= 25
		w.Table(self).Col(1)[1]--
		w.Emit(0, 1, 0, 25)
	})
	r.head.Slack = 127
	r.send("an event")
	s.step(walk)
	r.head.Slack = -128
	r.send("slack at its lower bound")
	s.step(nil)
	r.send("all stop")
	s.step(nil)
	r.send("and slide no further: linear, against what stood still")
	s.step(nil)
	r.head.Slack = 0
	b := r.link.send()
	if len(b) > 12 {
		t.Errorf("an empty frame takes %d bytes, want 12 at most: %x", len(b), b)
	}
	r.record("an empty frame", b)
	s.step(func(w *game.World) { w.Table(shots).Despawn(0) })
	r.hash = true
	r.send("a despawn")
	r.forget = true
	s.step(walk)
	r.send("a keyframe in between: own columns are against zero again")
	compareGolden(t, "frames_basics", r.file)
}

func TestGoldenWraps(t *testing.T) {
	s := newStage(t, duel(), 120, func(w *game.World) {
		startDuel(w)
		w.Table(players).Col(0)[0] = math.MaxInt32 - 70
		w.Table(players).Col(1)[0] = math.MinInt32 + 50
	})
	r := s.link(0, 0).tape("Ticks and acks pass 127; positions pass the ends of int32, steadily and by jumps.")
	for i := range 20 {
		r.head.Ack = uint8(122+i) & 127
		r.hash = i%3 == 0
		r.send(fmt.Sprintf("tick %d", 120+i))
		s.step(func(w *game.World) {
			walk(w)
			w.Table(players).Col(2)[1] = [...]int32{math.MinInt32, math.MaxInt32, 0, -1}[i%4]
		})
	}
	compareGolden(t, "frames_wraps", r.file)
}

func TestGoldenFarTick(t *testing.T) {
	s := newStage(t, duel(), 1<<31-3, startDuel)
	r := s.link(-1, 0).tape("A spectator, at ticks about 2^31: Tick columns are int32 and wrap, the tick is not.")
	for i := range 6 {
		r.send("")
		s.step(func(w *game.World) {
			slot, _ := w.Table(shots).Spawn()
			w.Table(shots).Col(4)[slot] = int32(uint32(1<<31 - 3 + i)) // born one tick ago
		})
	}
	compareGolden(t, "frames_far_tick", r.file)
}

func TestGoldenAges(t *testing.T) {
	s := newStage(t, duel(), 0, startDuel)
	r := s.link(1, 0).tape("Every age from 1 to 8, then 9: a keyframe. A step of all ages leads to the same state.")
	r.send("keyframe")
	for age := 1; age <= 9; age++ {
		for range age {
			s.step(func(w *game.World) {
				walk(w)
				w.Emit(1)
				w.Table(self).Col(1)[1] += 3
			})
		}
		r.hash = true
		r.send(fmt.Sprintf("age %d", age))
	}
	compareGolden(t, "frames_ages", r.file)
}

func TestGoldenStrides(t *testing.T) {
	s := newStage(t, duel(), 60, startDuel)
	r := s.link(-1, 0).tape("Strides of 1, 2 and 3 ticks are linear from the second on; those of 4, and uneven ones, are plain.")
	r.send("keyframe")
	for _, stride := range []int{1, 1, 1, 2, 2, 2, 3, 3, 1, 3, 4, 4, 2, 1, 1} {
		for range stride {
			s.step(walk)
		}
		r.hash = stride == 3
		r.send(fmt.Sprintf("stride %d", stride))
	}
	compareGolden(t, "frames_strides", r.file)
}

// crowd has tables on both sides of 64 slots, where masks change form.
func crowd() *game.Schema {
	columns := []game.Column{{Name: "x", Linear: true}, {Name: "n"}}
	return &game.Schema{Tables: []game.Table{
		{Name: "hundred", Capacity: 100, Columns: columns},
		{Name: "sixtyfour", Capacity: 64, Columns: columns},
		{Name: "sixtyfive", Capacity: 65, Columns: columns},
		{Name: "many", Capacity: 4096, Columns: columns},
		{Name: "bare", Capacity: 3},
	}}
}

func TestGoldenSlots(t *testing.T) {
	slots := [][]int{{0, 7, 8, 62, 63, 64, 65, 98, 99}, {0, 31, 32, 63}, {1, 63, 64}, {5, 63, 64, 2047, 2048, 4095}, {1}}
	s := newStage(t, crowd(), 1000, func(w *game.World) {
		for table, some := range slots {
			for _, slot := range some {
				w.Table(table).SpawnAt(slot)
				if table < 4 {
					w.Table(table).Col(0)[slot] = int32(slot * 10)
				}
			}
		}
	})
	r := s.link(-1, 0).tape("Slot masks: integers up to 64 slots, byte strings above; a table without columns.")
	r.send("keyframe")
	for i := range 5 {
		s.step(func(w *game.World) {
			for table, some := range slots[:4] {
				for j, slot := range some {
					w.Table(table).Col(0)[slot] += int32(10 + j%2*i)
				}
				w.Table(table).Col(1)[some[i%len(some)]]++
			}
			if i == 2 {
				w.Table(0).Despawn(99)
				w.Table(4).SpawnAt(0)
				w.Table(4).Teleport(1)
			}
		})
		r.hash = true
		r.send("")
	}
	compareGolden(t, "frames_slots", r.file)
}

// wide has all the shared and own columns there may be.
func wide() *game.Schema {
	s := &game.Schema{Tables: make([]game.Table, 2)}
	for i := range s.Tables {
		s.Tables[i] = game.Table{Name: [...]string{"wide", "own"}[i], Capacity: 4, Audience: game.Audience(i) * game.Private}
		for c := range game.MaxColumns {
			s.Tables[i].Columns = append(s.Tables[i].Columns, game.Column{Name: fmt.Sprint("c", c), Linear: c%2 == 0})
		}
	}
	return s
}

func TestGoldenColumns(t *testing.T) {
	s := newStage(t, wide(), 0, func(w *game.World) { w.Table(0).SpawnAt(2) })
	r := s.link(3, 0).tape("64 shared and 64 own columns: masks as large as they can be.")
	r.send("keyframe")
	for _, some := range [][]int{{0}, {63}, {31, 32}, {52, 53, 54}, {0, 63}} {
		s.step(func(w *game.World) {
			for _, c := range some {
				w.Table(0).Col(c)[2] += int32(c + 1)
				w.Table(1).Col(c)[3] -= int32(c + 1)
			}
		})
		r.hash = true
		r.send(fmt.Sprint("columns ", some))
	}
	compareGolden(t, "frames_columns", r.file)
}

func TestGoldenTeams(t *testing.T) {
	schema := duel()
	schema.Tables[shots].Audience = game.Team
	s := newStage(t, schema, 30, startDuel)
	one := s.link(0, 1).tape("Seat 0 of team 1: it is shown its team's shots and events only.")
	two := s.link(1, 2).tape("Seat 1 of team 2, in the same match as frames_team_1.")
	none := s.link(-1, 0).tape("A spectator of no team, in the same match as frames_team_1.")
	all := []*tape{one, two, none}
	send := func(note string) {
		for _, r := range all {
			r.hash = true
			r.send(note)
		}
	}
	send("keyframe")
	fire := func(w *game.World, team game.TeamID, x int32) {
		slot, _ := w.Table(shots).SpawnFor(team)
		w.Table(shots).Col(0)[slot] = x
		w.Table(self).Col(0)[int(team)%4]--
		w.EmitTo(team, 2, int32(team), x, math.MaxInt32, math.MinInt32)
	}
	s.step(func(w *game.World) { fire(w, 1, 1000) })
	send("team 1 spawns in slot 0")
	s.step(func(w *game.World) { fire(w, 2, -1000); w.Emit(1) })
	send("team 2 spawns in slot 1")
	s.step(func(w *game.World) {
		w.Table(shots).Despawn(0)
		fire(w, 2, 7)
	})
	send("slot 0 passes from team 1 to team 2")
	s.step(func(w *game.World) { w.Table(shots).Col(0)[1] += 5; walk(w) })
	send("a change that only team 2 is shown")
	s.step(func(w *game.World) { w.Table(shots).Despawn(0); w.Table(shots).Despawn(1) })
	send("team 2's are gone")
	for i, r := range all {
		compareGolden(t, fmt.Sprint("frames_team_", []int{1, 2, 0}[i]), r.file)
	}
}

func TestGoldenLives(t *testing.T) {
	s := newStage(t, duel(), 200, startDuel)
	r := s.link(0, 0).tape("Teleports, and slots that are left and taken: a spawn of a row that lives takes its place.")
	r.send("keyframe")
	s.step(walk)
	r.send("plain")
	s.step(walk)
	r.send("linear")
	s.step(func(w *game.World) {
		walk(w)
		w.Table(players).Col(0)[0] = -5000
		w.Table(players).Teleport(0)
	})
	r.hash = true
	r.send("teleport: sent whole, as a spawn")
	s.step(walk)
	r.hash = true
	r.send("the next is plain for that row, linear for the others")
	s.step(walk)
	r.hash = true
	r.send("and then linear for both")
	s.step(func(w *game.World) { w.Table(players).SpawnAt(1); w.Table(players).Col(2)[1] = 1 })
	r.hash = true
	r.send("another row takes slot 1 within one tick")
	s.step(func(w *game.World) { w.Table(players).Despawn(1); walk(w) })
	s.step(func(w *game.World) { w.Table(players).SpawnAt(1); w.Table(players).Col(2)[1] = 2; walk(w) })
	r.hash = true
	r.send("slot 1 was left and taken between two frames")
	s.step(func(w *game.World) { w.Table(shots).SpawnAt(5) })
	s.step(func(w *game.World) { w.Table(shots).Despawn(5) })
	r.hash = true
	r.send("what came and went between two frames is not sent")
	s.step(func(w *game.World) { w.Table(players).Despawn(0); walk(w) })
	r.hash = true
	r.send("despawn of a row that moved steadily")
	s.step(func(w *game.World) { walk(w) })
	r.hash = true
	r.send("a linear frame does not revive it")
	s.step(func(w *game.World) { w.Table(players).SpawnAt(0); walk(w) })
	r.hash = true
	r.send("respawn")
	compareGolden(t, "frames_lives", r.file)
}

func TestGoldenEvents(t *testing.T) {
	s := newStage(t, duel(), 122, startDuel)
	r := s.link(0, 0).tape("Events of several ticks in one frame, past tick 128; with a keyframe; and a gap.")
	r.ring = 10
	emit := func(w *game.World) {
		n := int32(w.Tick())
		if n%3 != 0 {
			w.Emit(0, n, -n, n*1000)
		}
		if n%2 == 0 {
			w.Emit(1)
			w.Emit(2, math.MinInt32, math.MaxInt32, -32, -33)
		}
		w.EmitTo(3, 1) // nobody here
	}
	r.send("keyframe")
	for _, n := range []int{1, 1, 4, 3, 10, 12, 1} {
		for range n {
			s.step(emit)
		}
		r.send(fmt.Sprintf("the events of %d ticks; the server keeps 10 here", n))
	}
	compareGolden(t, "frames_events", r.file)
}
