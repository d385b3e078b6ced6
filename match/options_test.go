package match

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
)

// TestChosenMatch plays a match as it was chosen, with a bot and an empty seat,
// and replays it from its record.
func TestChosenMatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mode := mustMode(t, arena.NewMode(arena.Options{Name: "arena", Seats: 3}))
		options, err := mode.Choose(map[string]string{"map": "pit", "round": "60"})
		if err != nil {
			t.Fatal(err)
		}
		n := mustNode(t, mode)
		start := startOf("m1", "arena", 1)
		start.Options, start.Empty = options, []game.Seat{2}
		placed := n.host.start(t.Context(), start)
		if placed.Refuse != "" {
			t.Fatal(placed.Refuse)
		}
		p := n.connect(0, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
		time.Sleep(10 * time.Second)
		p.see(func() {
			now := p.mirror.Now()
			if got := now.Col(arena.Match, arena.MatchMap)[0]; got != 1 {
				t.Errorf("the player sees map %d, want 1, the pit", got)
			}
			if !now.Live(arena.Players, 1) || now.Live(arena.Players, 2) {
				t.Error("not the second seat alone is a bot's")
			}
			if r := p.joined.Roster; r[1].Status != protocol.SeatBot || r[2].Status != protocol.SeatEmpty {
				t.Errorf("the roster says %v", r)
			}
		})
		time.Sleep(time.Minute)
		if over, ok := told[protocol.Over](p); !ok || over.Why != whyFinished || len(over.Result) != 2 {
			t.Fatalf("got %+v, %v", over, ok)
		}
		r := n.host.Records()[0]
		sim, err := r.Replay(mode)
		if err != nil {
			t.Fatal(err)
		}
		if now := sim.Now(); now.Col(arena.Match, arena.MatchMap)[0] != 1 || now.Tick != 60*30 {
			t.Errorf("the replay ends at tick %d on map %d", now.Tick, now.Col(arena.Match, arena.MatchMap)[0])
		}
		p.sound()
	})
}

func TestChoicesThatAreRefused(t *testing.T) {
	m := dotsMode(endless)
	m.Options = []game.Option{{Name: "size", Max: 3}}
	n := mustNode(t, mustMode(t, m))
	for what, change := range map[string]func(*protocol.Start){
		"an option out of bounds":   func(s *protocol.Start) { s.Options = []int32{4} },
		"an option there is not":    func(s *protocol.Start) { s.Options = []int32{0, 0} },
		"an empty seat of a player": func(s *protocol.Start) { s.Empty = []game.Seat{0} },
		"an empty seat twice":       func(s *protocol.Start) { s.Empty = []game.Seat{2, 2} },
		"an empty seat beyond":      func(s *protocol.Start) { s.Empty = []game.Seat{4} },
	} {
		start := startOf("m1", "dots", 1)
		if change(start); n.host.start(t.Context(), start).Refuse != "malformed" {
			t.Errorf("%s: taken", what)
		}
	}
}

// TestAClosedMatchOffersNoSeats, whatever its mode says.
func TestAClosedMatchOffersNoSeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, open(true)))
		heard := n.hearSeats()
		start := startOf("m1", "dots", 1)
		start.Closed = true
		placed := n.host.start(t.Context(), start)
		n.connect(0, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
		play(time.Second)
		if placed, err := n.seat("m1", on(1, 5)); err != nil || placed.Refuse != "closed" || len(heard.all) != 0 {
			t.Errorf("%+v, %v, told %v", placed, err, heard.all)
		}
		n.stop()
	})
}
