package game_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
)

// chosenMode has one option of each kind; its rules note what they see of them.
func chosenMode(t *testing.T, saw *[]int32) *game.Mode {
	t.Helper()
	look := func(w *game.World) { *saw = append(*saw, w.Option("length"), w.Option("place")) }
	m := *rulesMode(t, 0, &probe{start: look, step: look})
	m.Options = []game.Option{
		{Name: "place", Values: []string{"hill", "dale"}, Default: 1},
		{Name: "length", Title: "How long", Min: -5, Max: 300, Default: 60},
	}
	mode, err := m.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return mode
}

func TestOptionsAreChosen(t *testing.T) {
	m := chosenMode(t, new([]int32))
	for _, c := range []struct {
		chosen map[string]string
		want   []int32 // nil: refused
	}{
		{nil, []int32{1, 60}},
		{map[string]string{"length": "-5"}, []int32{1, -5}},
		{map[string]string{"place": "hill", "length": "300"}, []int32{0, 300}},
		{map[string]string{"place": "1"}, nil},
		{map[string]string{"place": "sea"}, nil},
		{map[string]string{"length": "301"}, nil},
		{map[string]string{"length": "-6"}, nil},
		{map[string]string{"length": "long"}, nil},
		{map[string]string{"length": "99999999999"}, nil},
		{map[string]string{"depth": "1"}, nil},
	} {
		got, err := m.Choose(c.chosen)
		if (err == nil) != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("%v: got %v, %v, want %v", c.chosen, got, err, c.want)
			continue
		}
		for i, v := range got {
			if back, err := m.Options[i].Parse(m.Options[i].Text(v)); err != nil || back != v {
				t.Errorf("%v: option %d reads %d back as %d, %v", c.chosen, i, v, back, err)
			}
		}
	}
	for text, option := range map[string]string{"one of hill,": "place", "a number from -5 to 300": "length"} {
		if _, err := m.Choose(map[string]string{option: "none"}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v does not say %q", option, err, text)
		}
	}
	for _, c := range []struct {
		values []int32
		fine   bool
	}{{nil, true}, {[]int32{0}, true}, {[]int32{1, 300}, true}, {[]int32{2}, false}, {[]int32{-1}, false}, {[]int32{0, 301}, false}, {[]int32{0, 0, 0}, false}} {
		if err := m.CheckOptions(c.values); (err == nil) != c.fine {
			t.Errorf("%v: %v", c.values, err)
		}
	}
	if m.Options[0].Title != "place" || m.Options[1].Title != "How long" {
		t.Errorf("titles %q and %q", m.Options[0].Title, m.Options[1].Title)
	}
}

// TestOptionsAreState: rules see what was chosen, also when they go on from a
// saved state, and it counts in the hash.
func TestOptionsAreState(t *testing.T) {
	var saw []int32
	m := chosenMode(t, &saw)
	s := game.NewSim(m, 1, 0, 120)
	if other := game.NewSim(m, 1, 0); hash(other) == hash(s) {
		t.Error("another choice has the same hash")
	}
	saw = nil
	saved := s.Save(nil)
	loaded := mustLoad(t, m, saved)
	loaded.Step(nil)
	if want := []int32{120, 0}; !slices.Equal(saw, want) {
		t.Errorf("the rules see %v after loading, want %v", saw, want)
	}
	narrow := *m
	narrow.Options = slices.Clone(m.Options)
	narrow.Options[1].Max = 119
	if _, err := game.LoadSim(&narrow, saved); err == nil {
		t.Error("a state with an option out of its bounds was taken")
	}
}

func TestModeRefusesOptions(t *testing.T) {
	many := make([]game.Option, game.MaxOptions+1)
	for i := range many {
		many[i].Name = string(rune('a' + i))
	}
	for what, options := range map[string][]game.Option{
		"no name":             {{}},
		"a bad name":          {{Name: "Map"}},
		"a name twice":        {{Name: "a"}, {Name: "a"}},
		"a bad value":         {{Name: "a", Values: []string{"x y"}}},
		"a value twice":       {{Name: "a", Values: []string{"x", "x"}}},
		"values and bounds":   {{Name: "a", Values: []string{"x"}, Max: 1}},
		"no such default":     {{Name: "a", Values: []string{"x"}, Default: 1}},
		"a default too large": {{Name: "a", Max: 1, Default: 2}},
		"bounds upside down":  {{Name: "a", Min: 1}},
		"too many":            many,
	} {
		m := *rulesMode(t, 0, &probe{})
		if m.Options = options; func() error { _, err := m.WithDefaults(); return err }() == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
