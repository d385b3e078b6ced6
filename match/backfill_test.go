package match

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// open is a mode whose matches are filled while they run.
func open(bots bool) game.Mode {
	m := dotsMode(endless)
	m.Matchmaking.Backfill = true
	if !bots {
		m.Bot = nil
	}
	return m
}

// news are what was told of free seats.
type news struct {
	mu  sync.Mutex
	all []protocol.Seats
}

func (n *node) hearSeats() *news {
	var heard news
	cancel, _ := n.bus.Subscribe(protocol.SubjectSeats, func(data []byte) {
		var s protocol.Seats
		if err := protocol.Unmarshal(data, &s); err != nil {
			n.tb.Error(err)
		}
		heard.mu.Lock()
		defer heard.mu.Unlock()
		if k := len(heard.all); k > 0 && heard.all[k-1].Revision >= s.Revision {
			n.tb.Errorf("revision %d after %d", s.Revision, heard.all[k-1].Revision)
		}
		heard.all = append(heard.all, s)
	})
	n.tb.Cleanup(cancel)
	return &heard
}

func (h *news) free(tb testing.TB, what string, want ...game.Seat) {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.all) == 0 || !slices.Equal(h.all[len(h.all)-1].Free, want) {
		tb.Errorf("%s: told %v, want %v", what, h.all, want)
	}
}

// seat asks a match for a seat.
func (n *node) seat(id protocol.MatchID, seats ...protocol.StartSeat) (placed protocol.Placed, err error) {
	n.tb.Helper()
	answer, err := n.bus.Request(context.Background(), protocol.SubjectSeat+n.host.id, protocol.Marshal(protocol.Seat{Match: id, Seats: seats}))
	if err == nil {
		err = protocol.Unmarshal(answer, &placed)
	}
	return placed, err
}

func on(s game.Seat, player int) protocol.StartSeat {
	return protocol.StartSeat{Seat: s, Player: playerN(player)}
}

func TestFreeSeatsAreToldGivenAndPlayed(t *testing.T) {
	for name, bots := range map[string]bool{"bots": true, "empty": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := mustNode(t, mustMode(t, open(bots)))
				heard := n.hearSeats()
				passes := n.lease("m1", "dots", 2)
				n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
				b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
				play(time.Second)
				heard.free(t, "at first", 2, 3)
				placed, err := n.seat("m1", on(3, 5))
				if err != nil || placed.Refuse != "" || len(placed.Passes) != 1 || placed.Revision == 0 {
					t.Fatal(placed, err)
				}
				play(time.Second)
				heard.free(t, "one is given", 2)
				late := n.connect(5, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
				play(time.Second)
				late.mu.Lock()
				if late.joined == nil || late.joined.Seat != 3 || late.frames < 10 {
					t.Errorf("joined %+v, %d frames", late.joined, late.frames)
				}
				late.mu.Unlock()
				b.send(protocol.Append(nil, protocol.Leave{}))
				play(time.Second)
				heard.free(t, "one has left", 1, 2)
				n.stop()
				n.accounted()
			})
		})
	}
}

// TestNoSeatIsGivenTwice: not even to those who ask at once.
func TestNoSeatIsGivenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, open(true)))
		passes := n.lease("m1", "dots", 1)
		n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		given := make(map[game.Seat]int)
		var mu sync.Mutex
		var asking sync.WaitGroup
		for i := range 30 {
			asking.Go(func() {
				s := game.Seat(1 + i%3)
				placed, err := n.seat("m1", on(s, 10+i))
				if err != nil {
					t.Error(err)
				}
				if placed.Refuse == "" {
					mu.Lock()
					given[s]++
					mu.Unlock()
				}
			})
		}
		asking.Wait()
		if len(given) != 3 || given[1] != 1 || given[2] != 1 || given[3] != 1 {
			t.Errorf("given %v", given)
		}
		n.stop()
	})
}

func TestSeatsThatAreNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, open(true)))
		heard := n.hearSeats()
		passes := n.lease("m1", "dots", 1)
		if placed, err := n.seat("m1", on(1, 5)); err != nil || placed.Refuse != "taken" {
			t.Errorf("before it runs: %+v, %v", placed, err)
		}
		n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		for what, seats := range map[string][]protocol.StartSeat{
			"taken": {on(0, 5)}, "and another": {on(1, 5), on(0, 6)}, "again": {on(1, 0)},
		} {
			if placed, err := n.seat("m1", seats...); err != nil || placed.Refuse != "taken" {
				t.Errorf("%s: %+v, %v", what, placed, err)
			}
		}
		for what, seats := range map[string][]protocol.StartSeat{
			"none": nil, "not there": {on(4, 5)}, "one twice": {on(1, 5), on(1, 6)}, "somebody twice": {on(1, 5), on(2, 5)},
			"nobody": {{Seat: 1}},
		} {
			if placed, err := n.seat("m1", seats...); err != nil || placed.Refuse != "malformed" {
				t.Errorf("%s: %+v, %v", what, placed, err)
			}
		}
		play(time.Second)
		heard.free(t, "all the same", 1, 2, 3)
		n.stop()
		if _, err := n.seat("m1", on(1, 5)); !errors.Is(err, bus.ErrNobody) {
			t.Errorf("after the host's end: %v", err)
		}
	})
}

// TestASeatIsFreeAgain when who was to come has not.
func TestASeatIsFreeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, open(true)))
		heard := n.hearSeats()
		passes := n.lease("m1", "dots", 1)
		n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		placed, _ := n.seat("m1", on(1, 5))
		play(20 * time.Second)
		heard.free(t, "kept", 2, 3)
		play(20 * time.Second)
		heard.free(t, "free again", 1, 2, 3)
		p := n.connect(5, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
		play(time.Second)
		if r, ok := told[protocol.Refused](p); !ok {
			t.Errorf("too late: %+v", r)
		}
		n.stop()
		n.accounted()
	})
}

func TestNobodyJoinsWhereTheModeIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		heard := n.hearSeats()
		passes := n.lease("m1", "dots", 1)
		n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		if placed, err := n.seat("m1", on(1, 5)); err != nil || placed.Refuse != "closed" || len(heard.all) != 0 {
			t.Errorf("%+v, %v, told %v", placed, err, heard.all)
		}
		if placed, err := n.seat("m2", on(1, 5)); err != nil || placed.Refuse != "over" {
			t.Errorf("none there: %+v, %v", placed, err)
		}
		n.stop()
	})
}

// left are those of whom it was told that they have.
func (h *news) left() (all []protocol.LeftSeat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.all {
		all = append(all, s.Left...)
	}
	return all
}

// TestWhoIsKickedIsNotLetInAgain: not on another seat either, nor with others;
// who has left is.
func TestWhoIsKickedIsNotLetInAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, open(true)))
		heard := n.hearSeats()
		passes := n.lease("m1", "dots", 3)
		for i := range 3 {
			p := n.connect(i, protocol.Join{Match: "m1", Pass: passes[i]})
			if i == 2 {
				play(time.Second)
				p.send(protocol.Append(nil, protocol.Leave{}))
			}
		}
		play(time.Second)
		n.order(protocol.Order{Match: "m1", Kick: "p1"})
		play(time.Second)
		heard.free(t, "both seats", 1, 2, 3)
		want := []protocol.LeftSeat{{Seat: 2, Player: "p2", Quit: true}, {Seat: 1, Player: "p1", Kicked: true}}
		if got := heard.left(); !slices.Equal(got, want) {
			t.Errorf("told %+v, want %+v", got, want)
		}
		for what, seats := range map[string][]protocol.StartSeat{"the seat": {on(1, 1)}, "another": {on(3, 1)}, "with another": {on(3, 5), on(1, 1)}} {
			if placed, err := n.seat("m1", seats...); err != nil || placed.Refuse != "kicked" {
				t.Errorf("%s: %+v, %v", what, placed, err)
			}
		}
		if placed, err := n.seat("m1", on(1, 2), on(3, 5)); err != nil || placed.Refuse != "" {
			t.Errorf("who has left, and another: %+v, %v", placed, err)
		}
		n.stop()
		n.accounted()
	})
}

// TestWhoHasLeftIsTold of matches that nobody joins, too, and of those who did
// not come, but of no free seats.
func TestWhoHasLeftIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		heard := n.hearSeats()
		passes := n.lease("m1", "dots", 4)
		early := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		early.send(protocol.Append(nil, protocol.Leave{}))
		play(time.Second)
		if got := heard.left(); !slices.Equal(got, []protocol.LeftSeat{{Seat: 1, Player: "p1", Quit: true}}) {
			t.Errorf("before it begins: %+v", got)
		}
		n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		lost := n.connect(2, protocol.Join{Match: "m1", Pass: passes[2]})
		play(15 * time.Second)
		lost.nc.Close()
		play(time.Minute)
		want := []protocol.LeftSeat{{Seat: 1, Player: "p1", Quit: true}, {Seat: 3, Player: "p3"}, {Seat: 2, Player: "p2"}}
		if got := heard.left(); !slices.Equal(got, want) {
			t.Errorf("told %+v, want %+v", got, want)
		}
		heard.free(t, "nobody joins")
		n.stop()
		n.accounted()
	})
}
