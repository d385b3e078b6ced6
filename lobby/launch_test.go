package lobby

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// launchModes are those of a world whose ffa can be chosen in detail.
func launchModes(c *Config) {
	c.Modes = testModes()
	c.Modes[0].Options = []game.Option{{Name: "map", Values: []string{"a", "b"}}, {Name: "round", Min: 1, Max: 9, Default: 5}}
	c.Modes[0].Matchmaking.Regions = []string{"eu"}
	foreign := modeOf("foreign", 2, 1, time.Second, bot)
	foreign.Game = "other"
	c.Modes = append(c.Modes, foreign)
}

func seatsOf(players ...protocol.Player) (seats []protocol.StartSeat) {
	for i, p := range players {
		seats = append(seats, protocol.StartSeat{Seat: game.Seat(i), Player: p})
	}
	return seats
}

func TestLaunch(t *testing.T) {
	inLobby(t, launchModes, func(w *world) {
		ada, bob := w.guest("ada"), w.guest("bob")
		p := w.connect(ada)
		synctest.Wait()
		all, err := w.Launch(w.t.Context(), Plan{Mode: "ffa", Seats: seatsOf(ada, bob), Options: []int32{1, 7}, Empty: []game.Seat{3}, Region: "eu"})
		if err != nil {
			t.Fatal(err)
		}
		s := w.started()[0]
		if !s.Closed || !slices.Equal(s.Options, []int32{1, 7}) || !slices.Equal(s.Empty, []game.Seat{3}) || len(s.Seats) != 2 {
			t.Errorf("the host was asked for %+v", s)
		}
		equal(t, "pass of bob", all[1].Pass, "bob-1")
		m, err := w.store.Match(all[0].Match)
		if err != nil || !m.Custom || m.Region != "eu" || len(m.Players) != 2 || m.Placed.IsZero() {
			t.Errorf("the match is noted as %+v, %v", m, err)
		}
		if _, told := last[protocol.Assignment](p); told {
			t.Error("Launch told a player: that is for its caller")
		}
		late := w.connect(bob)
		time.Sleep(time.Second)
		a, told := last[protocol.Assignment](late)
		if !told || a != all[1] {
			t.Errorf("who comes to the hall is told %+v, want %+v", a, all[1])
		}
		equal(t, "answer", w.end(protocol.Ended{Match: all[0].Match, Mode: "ffa", Why: "finished"}), "")
		equal(t, "matches", w.Counts().Matches, 0)
		if r := w.results(); len(r) != 1 || !r[0].Custom {
			t.Errorf("kept: %+v", r)
		}
	})
}

// TestLaunchCancelsTickets: those of the players, in the queue or forming, and
// of their party; nobody else's, and not where the launch fails.
func TestLaunchCancelsTickets(t *testing.T) {
	inLobby(t, launchModes, func(w *world) {
		waits := w.queue("duel", "waits")[0]
		pair, err := w.enqueue(w.guest("one"), "pairs", w.guest("two"))
		if err != nil {
			t.Fatal(err)
		}
		other := w.queue("pairs", "other")[0]
		forms := w.queue("ffa", "forms")[0]
		w.await(forms, store.Forming)
		chosen := seatsOf(waits.Owner(), pair.Members[1].Player, forms.Owner())
		w.hostAnswers(refusing)
		if _, err := w.Launch(w.t.Context(), Plan{Mode: "ffa", Seats: chosen}); !errors.Is(err, ErrNoHost) {
			t.Errorf("refused launch: %v", err)
		}
		for _, x := range []store.Ticket{waits, pair, other, forms} {
			if s := w.state(x); s.Final() {
				t.Errorf("after a launch that failed %s is %s", x.Owner().Name, s)
			}
		}
		w.hostAnswers(nil)
		if _, err := w.Launch(w.t.Context(), Plan{Mode: "ffa", Seats: chosen}); err != nil {
			t.Fatal(err)
		}
		for _, x := range []store.Ticket{waits, pair, forms} {
			now, err := w.Ticket(x.Owner().ID, x.ID)
			if err != nil || now.State != store.Cancelled || now.Why != WhyLaunched {
				t.Errorf("%s: %s (%s), %v", x.Owner().Name, now.State, now.Why, err)
			}
		}
		equal(t, "other", w.state(other), store.Waiting)
		time.Sleep(5 * time.Second)
		equal(t, "rooms", w.Counts().Rooms, 0)
		w.Withdraw(other.ID)
	})
}

func TestLaunchRefuses(t *testing.T) {
	inLobby(t, launchModes, func(w *world) {
		ada, bob := w.guest("ada"), w.guest("bob")
		foreign := w.guest("foreign")
		foreign.Game = "other"
		for what, c := range map[string]struct {
			plan Plan
			want error
		}{
			"no such mode":      {Plan{Mode: "chess", Seats: seatsOf(ada)}, ErrModeUnknown},
			"another game":      {Plan{Mode: "foreign", Seats: seatsOf(ada)}, ErrModeUnknown},
			"a foreigner":       {Plan{Mode: "ffa", Seats: seatsOf(ada, foreign)}, ErrModeUnknown},
			"nobody":            {Plan{Mode: "ffa"}, ErrPlan},
			"twice":             {Plan{Mode: "ffa", Seats: seatsOf(ada, ada)}, ErrPlan},
			"no id":             {Plan{Mode: "ffa", Seats: seatsOf(protocol.Player{Game: game.DefaultGame})}, ErrPlan},
			"a seat beyond":     {Plan{Mode: "ffa", Seats: []protocol.StartSeat{{Seat: 4, Player: ada}}}, ErrPlan},
			"an empty seat":     {Plan{Mode: "ffa", Seats: seatsOf(ada), Empty: []game.Seat{0}}, ErrPlan},
			"empty beyond":      {Plan{Mode: "ffa", Seats: seatsOf(ada), Empty: []game.Seat{9}}, ErrPlan},
			"an option":         {Plan{Mode: "ffa", Seats: seatsOf(ada), Options: []int32{2}}, ErrPlan},
			"too many options":  {Plan{Mode: "ffa", Seats: seatsOf(ada), Options: []int32{0, 5, 0}}, ErrPlan},
			"a region":          {Plan{Mode: "ffa", Seats: seatsOf(ada), Region: "mars"}, ErrPlan},
			"too few":           {Plan{Mode: "duel", Seats: seatsOf(ada)}, ErrPlan},
			"enough":            {Plan{Mode: "duel", Seats: seatsOf(ada, bob)}, nil},
			"alone with bots":   {Plan{Mode: "ffa", Seats: seatsOf(ada)}, nil},
			"alone, quite":      {Plan{Mode: "ffa", Seats: seatsOf(bob), Empty: []game.Seat{1, 2, 3}}, nil},
			"two on two teams ": {Plan{Mode: "pairs", Seats: seatsOf(ada, bob)}, ErrPlan},
		} {
			if _, err := w.Launch(w.t.Context(), c.plan); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", what, err, c.want)
			}
		}
		w.Drain()
		if _, err := w.Launch(w.t.Context(), Plan{Mode: "ffa", Seats: seatsOf(ada)}); !errors.Is(err, ErrDraining) {
			t.Errorf("draining: %v", err)
		}
	})
}
