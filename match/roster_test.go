package match

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// thousand is a mode of dots for a thousand.
func thousand(tb testing.TB) *game.Mode {
	m := dotsMode(endless)
	schema := *dotsSchema
	schema.Tables = slices.Clone(schema.Tables)
	for i := range schema.Tables {
		schema.Tables[i].Capacity = 1000
	}
	m.Schema, m.Seats, m.MinPlayers, m.Bot = &schema, 1000, 1, nil
	return mustMode(tb, m)
}

// TestWhoSitsAmongAThousand has one who joins told of all, some at a time, and
// of those who come meanwhile: names of any length fit the control lane.
func TestWhoSitsAmongAThousand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, thousand(t))
		start := startOf("m1", "dots", 1000)
		for i := range start.Seats {
			start.Seats[i].Player.Name = strings.Repeat("ä", 30) + start.Seats[i].Player.Name[len("Player"):]
		}
		answer, err := n.bus.Request(context.Background(), protocol.SubjectStart, protocol.Marshal(start))
		if err != nil {
			t.Fatal(err)
		}
		var placed protocol.Placed
		if err := protocol.Unmarshal(answer, &placed); err != nil || len(placed.Passes) != 1000 {
			t.Fatalf("%v, refused %q", err, placed.Refuse)
		}
		a := n.connect(0, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
		late := n.connect(999, protocol.Join{Match: "m1", Pass: placed.Passes[999]})
		play(time.Second)
		b := n.connect(500, protocol.Join{Match: "m1", Pass: placed.Passes[500]})
		play(time.Second)
		for _, p := range []*peer{a, b, late} {
			p.sound()
			p.see(func() {
				if n := len(p.joined.Roster); n != rosterChunk {
					t.Errorf("%d seats in Joined", n)
				}
			})
			for i, s := range start.Seats {
				want := protocol.SeatAway
				if i == 0 || i == 500 || i == 999 {
					want = protocol.SeatPlayer
				}
				if got := seatAs(p, i); got.Player != s.Player.ID || got.Name != s.Player.Name || got.Status != want {
					t.Fatalf("seat %d as %+v", i, got)
				}
			}
		}
	})
}

// TestAllMayComeAtOnce has more come between two beats than most matches have
// seats, and wants all of them let in.
func TestAllMayComeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, thousand(t))
		passes := n.lease("m1", "dots", 3*inboxSize)
		peers := make([]*peer, len(passes))
		for i, pass := range passes {
			peers[i] = n.connect(i, protocol.Join{Match: "m1", Pass: pass})
		}
		play(100 * time.Millisecond)
		for i, p := range peers {
			p.sound()
			p.see(func() {
				if p.joined == nil || p.frames == 0 {
					t.Errorf("player %d was not let in: %+v", i, p.control)
				}
			})
		}
	})
}

// TestRecordsOfCrowdsAreBounded has a thousand do other things at each tick:
// the record stays within its bound, and leads to the same state.
func TestRecordsOfCrowdsAreBounded(t *testing.T) {
	mode := thousand(t)
	sim := game.NewSim(mode, 1)
	for i := range mode.Seats {
		sim.Join(game.Seat(i))
	}
	r := newRecorder("m1", 1, sim)
	r.maxLog = 64 << 10
	chance, inputs, most := game.Rand(1), make([]game.Input, mode.Seats), 0
	for range 100 {
		for i := range inputs {
			inputs[i] = game.Input{Seat: game.Seat(i)}
			for f, field := range mode.Schema.Inputs {
				inputs[i].Values[f] = chance.Between(field.Min, field.Max)
			}
		}
		r.step(inputs)
		sim.Step(inputs)
		r.stepped(sim)
		most = max(most, len(*r.log()))
	}
	if n := len(r.record.Segments); n != segments || most > r.maxLog+16*mode.Seats {
		t.Errorf("%d segments, of up to %d bytes", n, most)
	}
	if last := r.record.Segments[segments-1].From; last == 0 || r.record.Segments[0].From == 0 {
		t.Errorf("the last begins at %d", last)
	}
	if _, err := r.finish(sim, false).Replay(mode); err != nil {
		t.Error(err)
	}
}
