package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
)

// TestOptionsAreJSON: numbers and booleans are options as well as the texts that
// spell them, and whatever the mode does not have is refused.
func TestOptionsAreJSON(t *testing.T) {
	m := &game.Mode{Name: "ffa", Options: []game.Option{
		{Name: "map", Values: []string{"forge", "pit"}}, {Name: "round", Min: 60, Max: 600, Default: 300}, {Name: "bots", Values: []string{"false", "true"}},
	}}
	for options, want := range map[string]string{
		`{}`:                         "[0 300 0]",
		`{"round":60}`:               "[0 60 0]",
		`{"round":"60","map":"pit"}`: "[1 60 0]",
		`{"bots":true}`:              "[0 300 1]",
		`{"bots":"false"}`:           "[0 300 0]",
		`{"round":60.5}`:             `option round cannot be "60.5": it is`,
		`{"round":6e1}`:              `option round cannot be "6e1": it is`,
		`{"round":59}`:               `option round cannot be "59": it is`,
		`{"round":99999999999}`:      `option round cannot be "99999999999": it is`,
		`{"round":true}`:             `option round cannot be "true": it is`,
		`{"round":""}`:               `option round cannot be "": it is`,
		`{"map":1}`:                  `option map cannot be "1": it is`,
		`{"bots":1}`:                 `option bots cannot be "1": it is`,
		`{"gravity":9,"map":"pit"}`:  `mode ffa has no other options than these: map, round, bots`,
		`{"map":null}`:               "cannot unmarshal null",
		`{"map":["pit"]}`:            "cannot unmarshal array",
		`{"map":{"pit":1}}`:          "cannot unmarshal object",
	} {
		var b planBody
		var values []int32
		err := json.Unmarshal([]byte(`{"options":`+options+`}`), &b)
		if err == nil {
			values, err = m.Choose(b.options())
		}
		if got := fmt.Sprint(values); err == nil && got != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %s, %v, want %s", options, got, err, want)
		}
	}
}

// TestOptionsOverHTTP reach the lobby, and what cannot be is said.
func TestOptionsOverHTTP(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		shop, ada := s.backEnd(game.DefaultGame), s.person("Ada")
		launch := func(options string) answer {
			return shop.sends("POST", "/v1/matches", `{"mode":"ffa","players":[{"id":"`+string(ada.id)+`"}],"options":`+options+`}`)
		}
		launch(`{"round":60,"map":"pit"}`).is("numbers", 201, "")
		for options, want := range map[string]result{
			`{"round":61.5}`: {400, "plan_invalid"}, `{"map":false}`: {400, "plan_invalid"}, `{"map":["pit"]}`: {400, "body_invalid"}, `{"map":null}`: {400, "body_invalid"},
		} {
			var p problem
			a := launch(options).is(options, want.status, want.code)
			if a.read(&p); !strings.Contains(p.Detail, "ption") {
				t.Errorf("%s: %s", options, p.Detail)
			}
		}
	})
}
