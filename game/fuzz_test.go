package game_test

import (
	"bytes"
	"testing"

	"github.com/musterhq/muster/game"
)

// FuzzLoadSim: what is no state is refused, without a panic; what is taken is
// saved again as it came, and can be looked at and stepped.
func FuzzLoadSim(f *testing.F) {
	m := smallMode(f)
	s := game.NewSim(m, 5)
	f.Add(s.Save(nil))
	s.Join(1)
	for range 3 {
		s.Step(nil)
	}
	f.Add(s.Save(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := game.LoadSim(m, b)
		if err != nil {
			return
		}
		if got := s.Save(nil); !bytes.Equal(got, b) {
			t.Fatalf("loaded %x, saved %x", b, got)
		}
		s.Now().Hash(game.Whole)
		var d game.Delta
		d.Diff(s.At(s.Now().Tick-1), s.At(s.Now().Tick-1), s.Now(), 1)
		s.Join(2)
		s.Step(nil)
	})
}

// smallMode's states are short, which helps a fuzzer.
func smallMode(t testing.TB) *game.Mode {
	m, err := game.Mode{Name: "small", Hz: 30, Seats: 3, Lag: 2, Schema: &game.Schema{
		Tables: []game.Table{{Name: "a", Capacity: 3, Columns: []game.Column{{Name: "x"}}}, {Name: "b", Capacity: 2, Audience: game.Team}},
		Events: []game.EventKind{{Name: "e", Args: []string{"a"}}},
	}, New: func() game.Rules {
		return &probe{
			join: func(w *game.World, seat game.Seat) { w.Table(0).SpawnAt(int(seat)); w.SetTeam(seat, 1) },
			step: func(w *game.World) {
				rows := w.Table(0)
				for slot := rows.Next(-1); slot >= 0; slot = rows.Next(slot) {
					rows.Col(0)[slot] += w.Past(2).Col(0, 0)[slot] + 1
				}
				w.Table(1).SpawnFor(2)
				w.Emit(0, w.Rand.N(9))
			},
		}
	}}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
