package lobby

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// far is a party's wish for a mode, each member with pings to eu and us in ms,
// 0 for out of reach.
func (w *world) far(mode string, members ...[2]int) Wish {
	wish := Wish{Mode: mode}
	for i, ms := range members {
		s := Seeker{Player: w.guest(fmt.Sprint(mode, i)), Pings: store.Pings{}}
		for r, region := range []string{"eu", "us"} {
			if ms[r] > 0 {
				s.Pings[region] = time.Duration(ms[r]) * time.Millisecond
			}
		}
		wish.Players = append(wish.Players, s)
	}
	return wish
}

// TestAFarMemberMovesTheMatch: each member's own pings count, and the worst of
// them, for both parties.
func TestAFarMemberMovesTheMatch(t *testing.T) {
	wide := func(c *Config) {
		c.Modes = append(c.Modes, teams("far", 2, 2, game.Matchmaking{Regions: []string{"eu", "us"},
			Widen: []game.Window{{Ping: 60}, {After: 20 * time.Second, Ping: 160}}}))
		c.Countdown = 0
	}
	for _, test := range []struct {
		what   string
		party  [][2]int
		region string
		after  time.Duration // at least; a cycle more at most
		ping   int
	}{
		{"all near", [][2]int{{20, 50}, {25, 55}}, "eu", 0, 25},
		{"one is far from there", [][2]int{{20, 50}, {59, 40}}, "us", 0, 50},
		{"one bars the region", [][2]int{{20, 50}, {0, 40}}, "us", 0, 50},
		{"nobody is asked twice", [][2]int{{20, 50}, {0, 0}}, "eu", 0, 20},
		{"one has to wait for both", [][2]int{{20, 0}, {110, 40}}, "eu", 10 * time.Second, 110},
	} {
		inLobby(t, wide, func(w *world) {
			one, err := w.Enqueue(t.Context(), w.far("far", test.party...))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Enqueue(t.Context(), w.far("far", [2]int{20, 50}, [2]int{20, 50})); err != nil {
				t.Fatal(err)
			}
			if test.after > 0 {
				w.pass(time.Second)
				equal(t, test.what+": why it waits", w.WhyWaiting(one).Why, "no_region")
			}
			placed, took := w.await(one, store.Placed)
			if took < test.after || took > test.after+time.Second {
				t.Errorf("%s: after %v, want %v", test.what, took, test.after)
			}
			equal(t, test.what, w.started()[0].Region, test.region)
			m, err := w.store.Match(placed.Assignments[0].Match)
			if err != nil || m.Why.Ping != test.ping {
				t.Errorf("%s: ping %d, want %d; %v", test.what, m.Why.Ping, test.ping, err)
			}
		})
	}
}

// TestPartiesMeetWhereTheirPropsAreEqual, and nobody else.
func TestPartiesMeetWhereTheirPropsAreEqual(t *testing.T) {
	mapped := func(c *Config) {
		c.Modes = append(c.Modes, teams("mapped", 2, 2, game.Matchmaking{Match: []string{"map"}}))
		c.Countdown = 0
	}
	inLobby(t, mapped, func(w *world) {
		var all []store.Ticket
		for _, on := range []string{"pit", "ice", "pit"} {
			wish := w.far("mapped", [2]int{}, [2]int{})
			wish.Props = map[string]string{"map": on}
			x, err := w.Enqueue(t.Context(), wish)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, x)
		}
		one, _ := w.await(all[0], store.Placed)
		other, _ := w.await(all[2], store.Placed)
		equal(t, "match", one.Assignments[0].Match, other.Assignments[1].Match)
		w.pass(time.Minute - time.Second)
		equal(t, "another map", w.state(all[1]), store.Waiting)
	})
}

// TestManyQueueAtOnce: of all who try at the same moment, in parties that
// overlap or by themselves, each player gets one ticket or is told of the one.
func TestManyQueueAtOnce(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		const players, tries = 60, 5
		var all []protocol.Player
		for i := range players {
			all = append(all, w.guest(fmt.Sprint("Player ", i)))
		}
		var mu sync.Mutex
		mine, told := map[protocol.PlayerID][]store.TicketID{}, 0
		var queueing sync.WaitGroup
		for i := range players * tries {
			who := all[i%players : i%players+1]
			if i%3 == 0 && i%players > 0 {
				who = all[i%players-1 : i%players+1]
			}
			queueing.Go(func() {
				x, err := w.enqueue(who[0], "pairs", who[1:]...)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					for _, p := range who {
						mine[p.ID] = append(mine[p.ID], x.ID)
					}
				case errors.Is(err, ErrTicketExists) && x.ID != "":
					told++
				default:
					t.Error(err)
				}
			})
		}
		queueing.Wait()
		got := 0
		for _, ids := range mine {
			equal(t, "tickets of one player", len(ids), 1)
			got++
		}
		if got < players/2 || told < players*(tries-2) {
			t.Errorf("%d players have a ticket, %d were told of one", got, told)
		}
		gone, cancel := context.WithCancel(w.t.Context())
		cancel()
		if _, err := w.Enqueue(gone, Wish{Mode: "pairs", Players: []Seeker{{Player: w.guest("Gone")}}}); !errors.Is(err, context.Canceled) {
			t.Errorf("nobody waits for it: %v", err)
		}
		w.Drain()
		if _, err := w.enqueue(w.guest("Late"), "pairs"); !errors.Is(err, ErrDraining) {
			t.Errorf("too late: %v", err)
		}
	})
}
