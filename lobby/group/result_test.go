package group_test

import (
	"testing"
	"time"

	. "github.com/musterhq/muster/lobby/group"
)

// TestWhyInWords: what is not limited or not measured is not 0, and who is in
// range is counted however few were needed.
func TestWhyInWords(t *testing.T) {
	six := func(waited time.Duration) (all []Ticket) {
		for i := range 6 {
			all = append(all, player(uint64(i+1), float64(1000+10*i), -waited))
		}
		return all
	}
	measured := func(tickets []Ticket, ms uint16) []Ticket {
		for i := range tickets {
			tickets[i].Members[0].Pings = []uint16{ms + uint16(i)}
		}
		return tickets
	}
	limited := []Window{{Gap: 100, Ping: 80}}
	running := []Match{{ID: 1, Since: noon, Low: 1000, High: 1000, Teams: []Team{{Players: 1, Rating: 1000, Free: 1}}}}
	for _, test := range []struct {
		what  string
		scene scene
		want  string
	}{
		{"no limits", scene{rules: Rules{TeamSize: 8, MinPlayers: 1, FillAfter: 2 * time.Second}, tickets: six(2 * time.Second)},
			"short, gap 50 (any), 5 in range, longest wait 2s, mean 2s"},
		{"limits", scene{rules: Rules{TeamSize: 2, Regions: 1, Widen: limited}, tickets: measured(six(time.Second), 20)},
			"full, gap 10 (at most 100), ping 21 ms (at most 80), 5 in range, longest wait 1s, mean 1s"},
		{"limits, not measured", scene{rules: Rules{TeamSize: 2, Regions: 1, Widen: limited}, tickets: six(0)},
			"full, gap 10 (at most 100), 5 in range, longest wait 0s, mean 0s"},
		{"one measured", scene{rules: Rules{TeamSize: 2, Regions: 1}, tickets: append(measured(six(0)[:1], 30), six(0)[1])},
			"full, gap 10 (any), ping 30 ms (any), 1 in range, longest wait 0s, mean 0s"},
		{"teams", scene{rules: Rules{Teams: 2, TeamSize: 3}, tickets: six(1500 * time.Microsecond)},
			"full, gap 3 (any), spread 50, 5 in range, longest wait 2ms, mean 2ms"},
		{"a running match", scene{rules: Rules{TeamSize: 2, Regions: 1}, tickets: six(0), matches: running},
			"backfill, gap 0 (any), 6 in range, longest wait 0s, mean 0s"},
		{"a running match, limits", scene{rules: Rules{TeamSize: 2, Regions: 1, Widen: []Window{{Gap: 25}}}, tickets: measured(six(0), 7), matches: running},
			"backfill, gap 0 (at most 25), ping 7 ms (any), 3 in range, longest wait 0s, mean 0s"},
	} {
		test.scene.now = noon
		got := test.scene.form()
		why := Why{}
		switch {
		case len(got.Joins) > 0:
			why = got.Joins[0].Why
		case len(got.Groups) > 0:
			why = got.Groups[0].Why
		}
		if why.String() != test.want {
			t.Errorf("%s: got %q, want %q", test.what, why, test.want)
		}
	}
	parties := Why{Kind: Full, Parties: 2, Window: Window{Ping: 60}}
	if got, want := parties.String(), "full, gap 0 (any), largest parties 2 apart, 0 in range, longest wait 0s, mean 0s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
