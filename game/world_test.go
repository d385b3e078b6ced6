package game_test

import (
	"testing"

	"github.com/musterhq/muster/game"
)

// inStep runs do within one step of a small world; see rulesMode.
func inStep(t *testing.T, do func(w *game.World)) *game.Snapshot {
	t.Helper()
	return game.NewSim(rulesMode(t, 0, &probe{step: do}), 1).Step(nil)
}

func TestSpawn(t *testing.T) {
	now := inStep(t, func(w *game.World) {
		rows := w.Table(0)
		for want := range 100 {
			if slot, ok := rows.Spawn(); !ok || slot != want {
				t.Fatalf("spawned %d, %v, want slot %d", slot, ok, want)
			}
			rows.Col(0)[want] = 5
		}
		if _, ok := rows.Spawn(); ok {
			t.Error("the hundred and first row")
		}
		for _, slot := range []int{70, 3, 99} {
			rows.Despawn(slot)
		}
		rows.Despawn(99) // is gone already
		if slot, _ := rows.Spawn(); slot != 3 || rows.Col(0)[3] != 0 {
			t.Errorf("slot %d with x %d, want the lowest free one, of zeros", slot, rows.Col(0)[3])
		}
		if rows.Live(70) || rows.Live(99) || !rows.Live(3) || rows.Next(69) != 71 || rows.Next(98) != -1 {
			t.Error("who lives and who does not")
		}
	})
	if now.Count(0) != 98 || now.Count(1) != 0 || now.Next(0, -1) != 0 || now.Next(0, 98) != -1 || now.Live(0, 99) {
		t.Errorf("%d rows in the snapshot", now.Count(0))
	}
}

// TestSpawnAtIsNobodys: who comes after a team's row is not the team's.
func TestSpawnAtIsNobodys(t *testing.T) {
	now := inStep(t, func(w *game.World) {
		slot, _ := w.Table(1).SpawnFor(2)
		w.Table(1).SpawnAt(slot)
	})
	var d game.Delta
	if d.Diff(nil, nil, now, 2); len(d.Spawns) != 0 {
		t.Error("team 2 is shown it")
	}
	if d.Diff(nil, nil, now, 0); len(d.Spawns) != 1 {
		t.Error("those in no team are not")
	}
}

// TestGenerations: they differ exactly where a row is another or has jumped.
func TestGenerations(t *testing.T) {
	s := game.NewSim(rulesMode(t, 0, &probe{step: func(w *game.World) {
		rows := w.Table(0)
		switch w.Tick() {
		case 1:
			rows.SpawnAt(0)
			rows.SpawnAt(1)
			rows.SpawnAt(2)
			rows.Col(0)[0] = 7
		case 2:
			rows.SpawnAt(0)
			rows.Teleport(1)
			rows.Col(0)[2]++
		}
	}}), 1)
	before, after := s.Step(nil), s.Step(nil)
	for slot, same := range []bool{false, false, true} {
		if (before.Gen(0, slot) == after.Gen(0, slot)) != same {
			t.Errorf("slot %d: generations %d and %d", slot, before.Gen(0, slot), after.Gen(0, slot))
		}
	}
	if before.Col(0, 0)[0] != 7 || after.Col(0, 0)[0] != 0 {
		t.Error("a snapshot has changed, or a row did not begin with zeros")
	}
}

func TestSlotsBeyondTheTable(t *testing.T) {
	for name, do := range map[string]func(r game.Rows, slot int){
		"SpawnAt": game.Rows.SpawnAt, "Despawn": game.Rows.Despawn, "Teleport": game.Rows.Teleport,
	} {
		for _, slot := range []int{-1, 10, 63, 64} {
			inStep(t, func(w *game.World) {
				defer func() {
					if recover() == nil {
						t.Errorf("%s(%d) of a table of 10 does not panic", name, slot)
					}
				}()
				do(w.Table(1), slot)
			})
		}
	}
}

func TestEventsFitTheSchema(t *testing.T) {
	for _, emit := range []func(w *game.World){
		func(w *game.World) { w.Emit(1, 1) },
		func(w *game.World) { w.Emit(0) },
		func(w *game.World) { w.Emit(0, 1, 2) },
	} {
		inStep(t, func(w *game.World) {
			defer func() {
				if recover() == nil {
					t.Error("an event that the schema lacks")
				}
			}()
			emit(w)
		})
	}
}

// TestTeams: a team's rows are for the team, and no team is all-seeing.
func TestTeams(t *testing.T) {
	now := inStep(t, func(w *game.World) {
		for team := range game.TeamID(3) {
			slot, _ := w.Table(1).SpawnFor(team)
			w.Table(1).Col(0)[slot] = int32(team) + 100
		}
		defer func() {
			if recover() == nil {
				t.Error("a team that is Whole")
			}
		}()
		w.SetTeam(1, game.TeamID(game.Whole))
	})
	seen := map[uint32]game.View{}
	for _, view := range []game.View{0, 1, 2, 3, game.Whole} {
		h := now.Hash(view)
		if other, ok := seen[h]; ok {
			t.Errorf("views %d and %d see the same", view, other)
		}
		seen[h] = view
		var d game.Delta
		d.Diff(nil, nil, now, view)
		if want := map[game.View]int{3: 0, game.Whole: 3}; view < 3 && (len(d.Spawns) != 1 || d.Values[0] != 100+int32(view)) ||
			view >= 3 && len(d.Spawns) != want[view] {
			t.Errorf("view %d is shown %v", view, d.Values)
		}
	}
}
