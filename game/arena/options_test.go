package arena

import (
	"testing"

	"github.com/musterhq/muster/game/gametest"
)

// TestOptionsRule: a match is on the map that was chosen, as long and with as
// many frags as that was; bots find their way there, and a saved one goes on.
func TestOptionsRule(t *testing.T) {
	for number, name := range mapNames(MapsText) {
		m := mustMode(t, Options{Seats: 6})
		values, err := m.Choose(map[string]string{"map": name, "round": "60", "frags": "40"})
		if err != nil {
			t.Fatal(err)
		}
		p := gametest.NewParty(m, 4, values...)
		now := p.Now()
		if got := now.Col(Match, MatchMap)[0]; got != int32(number) || now.Col(Match, MatchEnd)[0] != 60*30 || now.Col(Match, MatchLimit)[0] != 40 {
			t.Fatalf("%s: map %d, end %d, limit %d", name, got, now.Col(Match, MatchEnd)[0], now.Col(Match, MatchLimit)[0])
		}
		maze, err := ReadMap(MapsText, name, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		for range 600 {
			checkBounds(t, p.Play(), maze, m)
		}
		p.GoesOnAlike(t, 600, 600, func(tick int) bool { return tick == 0 })
		frags := int32(0)
		for seat := range m.Seats {
			frags += p.Now().Col(Players, PlayerFrags)[seat]
		}
		if frags == 0 {
			t.Errorf("%s: the bots find nobody", name)
		}
	}
}

// TestModesOfManySeatsKeepTheirMap: copies of a map must adjoin.
func TestModesOfManySeatsKeepTheirMap(t *testing.T) {
	m := mustMode(t, Options{Seats: 17})
	if got := m.Options[m.Option("map")].Values; len(got) != 1 || got[0] != "forge" {
		t.Errorf("got the maps %v", got)
	}
}
