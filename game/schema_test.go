package game_test

import (
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
)

func TestLayoutErrors(t *testing.T) {
	long := strings.Repeat("n", 65)
	table := func(t game.Table) game.Schema { return game.Schema{Tables: []game.Table{t}} }
	columns := func(n int) (c []game.Column) {
		for range n {
			c = append(c, game.Column{Name: "c"})
		}
		return c
	}
	for want, s := range map[string]game.Schema{
		`table "": the name`:            table(game.Table{Capacity: 1}),
		`nn": the name`:                 table(game.Table{Name: long, Capacity: 1}),
		`table "t": capacity 0`:         table(game.Table{Name: "t"}),
		`table "t": capacity 16385`:     table(game.Table{Name: "t", Capacity: game.MaxSlots + 1}),
		`table "t": no such audience 4`: table(game.Table{Name: "t", Capacity: 1, Audience: 4}),
		`table "t": column 1: the name`: table(game.Table{Name: "t", Capacity: 1, Columns: []game.Column{{Name: "a"}, {}}}),
		`65 shared and 0 own columns`:   table(game.Table{Name: "t", Capacity: 1, Columns: columns(65)}),
		`0 shared and 65 own columns`:   table(game.Table{Name: "t", Capacity: 1, Audience: game.Private, Columns: columns(65)}),
		`257 tables`:                    {Tables: make([]game.Table, 257)},
		`9 input fields`:                {Inputs: make([]game.Field, 9)},
		`input field "f": range 2..1`:   {Inputs: []game.Field{{Name: "f", Min: 2, Max: 1}}},
		`input field "": range`:         {Inputs: []game.Field{{}}},
		`65 event kinds`:                {Events: make([]game.EventKind, 65)},
		`event "e": 5 values`:           {Events: []game.EventKind{{Name: "e", Args: make([]string, 5)}}},
		`event "e": value "": the name`: {Events: []game.EventKind{{Name: "e", Args: []string{""}}}},
		`event "": 0 values`:            {Events: []game.EventKind{{}}},
	} {
		if l, err := s.Layout(); l != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

func TestLayoutAtItsLimits(t *testing.T) {
	s := game.Schema{Tables: []game.Table{{Name: "n", Capacity: game.MaxSlots, Columns: make([]game.Column, game.MaxColumns)},
		{Name: "hidden", Capacity: 1, Audience: game.Nobody, Columns: make([]game.Column, 200)}}}
	for i := range s.Tables {
		for c := range s.Tables[i].Columns {
			s.Tables[i].Columns[c].Name = "c"
		}
	}
	l, err := s.Layout()
	if err != nil {
		t.Fatal(err)
	}
	if l.SharedColumns() != 64 || l.OwnColumns() != 0 || l.ColumnTable(63) != 0 || !l.Shared(0) || l.Shared(1) {
		t.Error("columns are not counted as the wire numbers them")
	}
	if _, err := new(game.Schema).Layout(); err != nil {
		t.Errorf("a schema of nothing: %v", err)
	}
}

func TestModeErrors(t *testing.T) {
	fits := func() game.Mode {
		return game.Mode{Name: "m-1", New: func() game.Rules { return &probe{} }, Schema: &game.Schema{}, Hz: 30, Seats: 4}
	}
	for want, spoil := range map[string]func(m *game.Mode){
		`mode "M": the name`:               func(m *game.Mode) { m.Name = "M" },
		`mode "": the name`:                func(m *game.Mode) { m.Name = "" },
		"New and Schema are required":      func(m *game.Mode) { m.New = nil },
		"m-1: New and Schema are required": func(m *game.Mode) { m.Schema = nil },
		"0 ticks per second":               func(m *game.Mode) { m.Hz = 0 },
		"129 ticks per second":             func(m *game.Mode) { m.Hz = 129 },
		"0 seats":                          func(m *game.Mode) { m.Seats = 0 },
		"1025 seats":                       func(m *game.Mode) { m.Seats = 1025 },
		"MinPlayers 5 of 4":                func(m *game.Mode) { m.MinPlayers = 5 },
		"lag 13 ticks":                     func(m *game.Mode) { m.Lag = 13 },
		"FillAfter is negative":            func(m *game.Mode) { m.FillAfter = -1 },
		"mode m-1: schema: 9 input fields": func(m *game.Mode) { m.Schema = &game.Schema{Inputs: make([]game.Field, 9)} },
		`mode m-1: schema: two tables are called "t"`: func(m *game.Mode) {
			m.Schema = &game.Schema{Tables: []game.Table{{Name: "t", Capacity: 1}, {Name: "u", Capacity: 1}, {Name: "t", Capacity: 1}}}
		},
		`table "t": two columns are called "x"`: func(m *game.Mode) {
			m.Schema = &game.Schema{Tables: []game.Table{{Name: "t", Capacity: 1, Columns: []game.Column{{Name: "x"}, {Name: "x"}}}}}
		},
		`two input fields are called "x"`: func(m *game.Mode) {
			m.Schema = &game.Schema{Inputs: []game.Field{{Name: "x"}, {Name: "x"}}}
		},
		`two events are called "e"`: func(m *game.Mode) {
			m.Schema = &game.Schema{Events: []game.EventKind{{Name: "e"}, {Name: "e"}}}
		},
		"private table p has 3 rows for 4": func(m *game.Mode) {
			m.Schema = &game.Schema{Tables: []game.Table{{Name: "p", Capacity: 3, Audience: game.Private}}}
		},
	} {
		m := fits()
		spoil(&m)
		if _, err := m.WithDefaults(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
	m, err := fits().WithDefaults()
	if err != nil || m.Title != "m-1" || m.FillAfter != 2*time.Second {
		t.Errorf("got %+v, %v", m, err)
	}
}

// TestNobodyIsMatchedAlone unless bots keep company, the mode is for one, or
// its author says so.
func TestNobodyIsMatchedAlone(t *testing.T) {
	for _, c := range []struct {
		seats, set int
		bots       bool
		want       int
	}{{8, 0, true, 1}, {8, 0, false, 2}, {2, 0, false, 2}, {1, 0, false, 1}, {1, 0, true, 1}, {8, 1, false, 1}, {8, 5, true, 5}} {
		mode := game.Mode{Name: "m", New: func() game.Rules { return &probe{} }, Schema: &game.Schema{}, Hz: 30, Seats: c.seats, MinPlayers: c.set}
		if c.bots {
			mode.Bot = game.RandomBot(mode.Schema)
		}
		if m, err := mode.WithDefaults(); err != nil || m.MinPlayers != c.want {
			t.Errorf("%+v: %d, %v", c, m.MinPlayers, err)
		}
	}
}

func TestNeutral(t *testing.T) {
	for _, f := range []struct{ min, max, want int32 }{{-1, 1, 0}, {2, 5, 2}, {-5, -2, -2}, {0, 0, 0}} {
		if got := (game.Field{Min: f.min, Max: f.max}).Neutral(); got != f.want {
			t.Errorf("neutral in %d..%d is %d, want %d", f.min, f.max, got, f.want)
		}
	}
}
