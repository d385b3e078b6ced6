package game_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
)

func TestMatchmakingErrors(t *testing.T) {
	many := make([]string, game.MaxRegions+1)
	for i := range many {
		many[i] = fmt.Sprint("r", i)
	}
	for _, test := range []struct {
		want string // empty: it is fine
		mm   game.Matchmaking
	}{
		{"", game.Matchmaking{}},
		{"", game.Matchmaking{Teams: 2, PartyBonus: 30, Patience: time.Minute, AcceptFor: game.MaxAccept, Backfill: true, Regions: many[1:], Match: many[:game.MaxProps]}},
		{"", game.Matchmaking{Widen: []game.Window{{Gap: 100, Ping: 60}, {After: time.Second, Gap: 200, Ping: 60}, {After: time.Minute}}}},
		{"m: matchmaking: 3 teams of 2 do not make 8 seats", game.Matchmaking{Teams: 3}},
		{"2 teams of 3 do not", game.Matchmaking{Teams: 2, TeamSize: 3}},
		{"-1 teams", game.Matchmaking{Teams: -1}},
		{"9 teams", game.Matchmaking{Teams: 9}},
		{"9223372036854775807 teams of 2", game.Matchmaking{Teams: 1<<63 - 1, TeamSize: 2}},
		{"negative Patience", game.Matchmaking{Patience: -1}},
		{"negative PartyBonus", game.Matchmaking{PartyBonus: -1}},
		{"AcceptFor of -1ns", game.Matchmaking{AcceptFor: -1}},
		{"AcceptFor of 1h", game.Matchmaking{AcceptFor: time.Hour}},
		{"more than 64 of region", game.Matchmaking{Regions: many}},
		{`region "EU"`, game.Matchmaking{Regions: []string{"EU"}}},
		{"region eu is there twice", game.Matchmaking{Regions: []string{"eu", "us", "eu"}}},
		{"more than 8 of property", game.Matchmaking{Match: many[:game.MaxProps+1]}},
		{`property ""`, game.Matchmaking{Match: []string{""}}},
		{"point 0 of Widen is negative", game.Matchmaking{Widen: []game.Window{{Gap: -1}}}},
		{"point 1 of Widen does not come after", game.Matchmaking{Widen: []game.Window{{After: 2}, {After: 2}}}},
		{"point 1 of Widen is narrower", game.Matchmaking{Widen: []game.Window{{Gap: 5}, {After: 2, Gap: 4}}}},
		{"point 1 of Widen is narrower", game.Matchmaking{Widen: []game.Window{{Gap: 5}, {After: 2, Gap: 5, Ping: 9}}}},
	} {
		m := game.Mode{Name: "m", New: func() game.Rules { return &probe{} }, Schema: &game.Schema{}, Hz: 30, Seats: 8, Matchmaking: test.mm}
		_, err := m.WithDefaults()
		if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.mm, err, test.want)
		}
	}
}

func TestMatchmakingDefaults(t *testing.T) {
	for teams, size := range map[int]int{0: 8, 1: 8, 2: 4, 8: 1} {
		m := game.Mode{Name: "m", New: func() game.Rules { return &probe{} }, Schema: &game.Schema{}, Hz: 30, Seats: 8, Matchmaking: game.Matchmaking{Teams: teams}}
		got, err := m.WithDefaults()
		if err != nil || got.Matchmaking.Teams != max(teams, 1) || got.Matchmaking.TeamSize != size {
			t.Errorf("%d teams: %+v, %v", teams, got.Matchmaking, err)
		}
	}
}
