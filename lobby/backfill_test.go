package lobby

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// filled adds a mode of two pairs, with bots, whose matches are filled.
func filled(c *Config) {
	m := modeOf("filled", 4, 1, 2*time.Second, bot)
	m.Matchmaking = game.Matchmaking{Teams: 2, TeamSize: 2, Backfill: true}
	c.Modes = append(c.Modes, m)
	c.Countdown = time.Second
}

// running starts a match of Ada's and returns it.
func (w *world) running() protocol.MatchID {
	w.t.Helper()
	now, _ := w.await(w.queue("filled", "Ada")[0], store.Placed)
	return now.Assignments[0].Match
}

// free tells the lobby of free seats.
func (w *world) free(m protocol.MatchID, revision uint32, seats ...game.Seat) {
	w.bus.Publish(protocol.SubjectSeats, protocol.Marshal(protocol.Seats{Match: m, Revision: revision, Free: seats}))
	synctest.Wait()
}

// seats serves a match's seats until the test ends, with an answer for each
// that is asked for.
func (w *world) seats(m protocol.MatchID, answer func(ctx context.Context, s protocol.Seat) protocol.Placed) {
	cancel, err := w.bus.Serve(protocol.SubjectSeat+string(m), func(ctx context.Context, data []byte) []byte {
		var s protocol.Seat
		if err := protocol.Unmarshal(data, &s); err != nil || s.Match != m {
			w.t.Error(s, err)
		}
		return protocol.Marshal(answer(ctx, s))
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(cancel)
}

// giving gives every seat, and says that it is of a revision.
func giving(revision uint32) func(context.Context, protocol.Seat) protocol.Placed {
	return func(ctx context.Context, s protocol.Seat) protocol.Placed {
		p := host(ctx, protocol.Start{Seats: s.Seats})
		p.Revision = revision
		return p
	}
}

// TestAnOpenMatchHasNoCountdown: whoever comes first is in it at once.
func TestAnOpenMatchHasNoCountdown(t *testing.T) {
	open := func(c *Config) {
		m := modeOf("open", 1000, 1, 500*time.Millisecond, bot)
		m.Open, m.Matchmaking.Backfill = true, true
		c.Modes, c.Countdown = append(c.Modes, m), 3*time.Second
	}
	inLobby(t, open, func(w *world) {
		before := time.Now()
		w.await(w.queue("open", "Ada")[0], store.Placed)
		if waited := time.Since(before); waited > time.Second {
			t.Errorf("placed after %v", waited)
		}
	})
}

func TestTicketsArePlacedInMatchesThatRun(t *testing.T) {
	inLobby(t, filled, func(w *world) {
		m := w.running()
		w.seats(m, giving(7))
		w.free(m, 3, 1, 2, 3)
		bob := w.queue("filled", "Bob")[0]
		p := w.connect(bob.Owner())
		before := time.Now()
		now, _ := w.await(bob, store.Placed)
		if now.Assignments[0].Match != m || now.Assignments[0].Pass != "Bob-2" || time.Since(before) > time.Second {
			t.Errorf("after %v: %+v", time.Since(before), now.Assignments)
		}
		time.Sleep(300 * time.Millisecond)
		if a, _ := last[protocol.Assignment](p); a.Match != m {
			t.Errorf("told %+v", a)
		}
		row, _ := w.store.Match(m)
		if len(row.Players) != 2 || row.Players[1].Seat != 2 || len(row.Joins) != 1 || row.Joins[0].Kind.String() != "backfill" || !slices.Equal(row.Free, []game.Seat{1, 3}) {
			t.Errorf("the match: %+v", row)
		}
		w.free(m, 5, 1, 2, 3) // was under way when Bob's seat was given
		if row, _ = w.store.Match(m); !slices.Equal(row.Free, []game.Seat{1, 3}) {
			t.Errorf("old news count: %v", row.Free)
		}
		party := w.party("filled", "Cleo", "Dan") // there is no team with two free seats
		now, _ = w.await(party, store.Placed)
		if now.Assignments[0].Match == m {
			t.Error("a party is parted")
		}
		equal(t, "matches started", len(w.started()), 2)
	})
}

func TestAPartyJoinsOneTeam(t *testing.T) {
	inLobby(t, filled, func(w *world) {
		m := w.running()
		w.seats(m, giving(2))
		w.free(m, 1, 1, 2, 3)
		now, _ := w.await(w.party("filled", "Cleo", "Dan"), store.Placed)
		if now.Assignments[0] != (store.Assignment{Match: m, Pass: "Cleo-2"}) || now.Assignments[1] != (store.Assignment{Match: m, Pass: "Dan-3"}) {
			t.Errorf("%+v", now.Assignments)
		}
	})
}

func TestWhoIsFreshWaitsForANewMatch(t *testing.T) {
	inLobby(t, filled, func(w *world) {
		m := w.running()
		w.seats(m, giving(2))
		w.free(m, 1, 1, 2, 3)
		x, err := w.Enqueue(t.Context(), Wish{Players: []Seeker{{Player: w.guest("Bob")}}, Mode: "filled", Fresh: true})
		if err != nil {
			t.Fatal(err)
		}
		if now, _ := w.await(x, store.Placed); now.Assignments[0].Match == m {
			t.Error("joined a match that runs")
		}
	})
}

// TestAMatchThatCannotBeJoined: its ticket goes back to its place, and is sent
// into none again.
func TestAMatchThatCannotBeJoined(t *testing.T) {
	for name, refuse := range map[string]func(w *world, m protocol.MatchID){
		"refuses": func(w *world, m protocol.MatchID) {
			w.seats(m, func(context.Context, protocol.Seat) protocol.Placed { return protocol.Placed{Refuse: "taken"} })
		},
		"does not answer": func(w *world, m protocol.MatchID) {
			w.seats(m, func(ctx context.Context, _ protocol.Seat) protocol.Placed { <-ctx.Done(); return protocol.Placed{} })
		},
		"is gone": func(*world, protocol.MatchID) {},
		"ends meanwhile": func(w *world, m protocol.MatchID) {
			w.seats(m, func(ctx context.Context, s protocol.Seat) protocol.Placed {
				w.bus.Request(ctx, protocol.SubjectOver, protocol.Marshal(protocol.Ended{Match: m, Why: "finished"}))
				return giving(9)(ctx, s)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inLobby(t, filled, func(w *world) {
				m := w.running()
				refuse(w, m)
				w.free(m, 1, 1, 2, 3)
				bob := w.queue("filled", "Bob")[0]
				now, _ := w.await(bob, store.Placed)
				if now.Assignments[0].Match == m || now.Created != bob.Created || now.Seq != bob.Seq || now.Tries != 0 {
					t.Errorf("%+v", now)
				}
				equal(t, "promised", len(w.promised), 0)
			})
		})
	}
}

// TestNoSeatIsPromisedTwice: many queue while a match is slow to answer.
func TestNoSeatIsPromisedTwice(t *testing.T) {
	inLobby(t, filled, func(w *world) {
		m := w.running()
		given := map[game.Seat]string{}
		w.seats(m, func(ctx context.Context, s protocol.Seat) protocol.Placed {
			w.mu.Lock()
			for _, seat := range s.Seats {
				if other, ok := given[seat.Seat]; ok {
					t.Errorf("seat %d is for %s and %s", seat.Seat, other, seat.Player.Name)
				}
				given[seat.Seat] = seat.Player.Name
			}
			w.mu.Unlock()
			time.Sleep(time.Second)
			return giving(2)(ctx, s)
		})
		w.free(m, 1, 1, 2, 3)
		for i := range 9 {
			w.queue("filled", fmt.Sprint("Player ", i))
			time.Sleep(150 * time.Millisecond)
		}
		time.Sleep(5 * time.Second)
		w.mu.Lock()
		defer w.mu.Unlock()
		equal(t, "seats given", len(given), 3)
	})
}

// left tells the lobby who has left a match.
func (w *world) left(m protocol.MatchID, revision uint32, left protocol.LeftSeat, free ...game.Seat) {
	w.bus.Publish(protocol.SubjectSeats, protocol.Marshal(protocol.Seats{Match: m, Revision: revision, Free: free, Left: []protocol.LeftSeat{left}}))
	synctest.Wait()
}

// TestWhoIsKickedIsNotSentBack: not alone and not in a party, while others are,
// and even where the news of the kick is older than that of the seats.
func TestWhoIsKickedIsNotSentBack(t *testing.T) {
	inLobby(t, filled, func(w *world) {
		both := w.queue("filled", "Ada", "Eve")
		ada := both[0]
		now, _ := w.await(ada, store.Placed)
		eves, _ := w.await(both[1], store.Placed)
		m := now.Assignments[0].Match
		equal(t, "together", eves.Assignments[0].Match, m)
		w.seats(m, giving(9))
		w.free(m, 5, 0, 1, 3)
		w.left(m, 3, protocol.LeftSeat{Seat: 0, Player: ada.Owner().ID, Kicked: true})
		again, err := w.enqueue(ada.Owner(), "filled")
		if err != nil {
			t.Fatal(err)
		}
		bob, _ := w.await(w.queue("filled", "Bob")[0], store.Placed)
		equal(t, "another's match", bob.Assignments[0].Match, m)
		now, _ = w.await(again, store.Placed)
		if now.Assignments[0].Match == m {
			t.Error("sent back alone")
		}
		w.end(protocol.Ended{Match: now.Assignments[0].Match, Mode: "filled", Why: "finished"})
		party, err := w.enqueue(w.guest("Cleo"), "filled", ada.Owner())
		if err != nil {
			t.Fatal(err)
		}
		if now, _ = w.await(party, store.Placed); now.Assignments[0].Match == m {
			t.Error("sent back with a party")
		}
	})
}

// TestWhoHasLeftAMatchIsNotSentBack, but into another one that runs; who was
// lost is, and everybody into a world that is open.
func TestWhoHasLeftAMatchIsNotSentBack(t *testing.T) {
	for name, c := range map[string]struct{ quit, open, back bool }{
		"quit": {quit: true}, "lost": {back: true}, "open": {quit: true, open: true, back: true},
	} {
		t.Run(name, func(t *testing.T) {
			mode := func(cfg *Config) { filled(cfg); cfg.Modes[len(cfg.Modes)-1].Open = c.open }
			inLobby(t, mode, func(w *world) {
				both := w.queue("filled", "Ada", "Eve")
				ada, _ := w.await(both[0], store.Placed)
				w.await(both[1], store.Placed)
				m := ada.Assignments[0].Match
				w.seats(m, giving(9))
				w.left(m, 3, protocol.LeftSeat{Seat: 0, Player: ada.Owner().ID, Quit: c.quit}, 0, 1)
				again, err := w.enqueue(ada.Owner(), "filled", w.guest("Dan"))
				if err != nil {
					t.Fatal(err)
				}
				now, _ := w.await(again, store.Placed)
				equal(t, "sent back", now.Assignments[0].Match == m, c.back)
				if c.back {
					return
				}
				second := now.Assignments[0].Match
				bob, _ := w.await(w.queue("filled", "Bob")[0], store.Placed)
				equal(t, "another", bob.Assignments[0].Match, m)
				w.seats(second, giving(9))
				w.left(second, 4, protocol.LeftSeat{Seat: 0, Player: ada.Owner().ID}, 0, 2)
				third, err := w.enqueue(ada.Owner(), "filled")
				if err != nil {
					t.Fatal(err)
				}
				now, _ = w.await(third, store.Placed)
				equal(t, "the one of the two that was not left", now.Assignments[0].Match, second)
			})
		})
	}
}

// TestAnAssignmentIsToldOnlyOfAMatchToPlay: not of one that the player has left
// for good, nor of one that is over.
func TestAnAssignmentIsToldOnlyOfAMatchToPlay(t *testing.T) {
	for name, over := range map[string]func(w *world, m protocol.MatchID, who protocol.PlayerID){
		"left": func(w *world, m protocol.MatchID, who protocol.PlayerID) {
			w.left(m, 1, protocol.LeftSeat{Seat: 0, Player: who})
		},
		"ended": func(w *world, m protocol.MatchID, _ protocol.PlayerID) {
			w.end(protocol.Ended{Match: m, Why: "finished"})
		},
		"": func(w *world, m protocol.MatchID, who protocol.PlayerID) {
			w.left(m, 1, protocol.LeftSeat{Seat: 1, Player: who}) // another seat, of long ago
			w.left(m, 1, protocol.LeftSeat{Seat: 0, Player: "another"})
		},
	} {
		inLobby(t, nil, func(w *world) {
			ada := w.queue("ffa", "Ada")[0]
			now, _ := w.await(ada, store.Placed)
			a, ok := w.AssignmentOf(ada.Owner().ID)
			if !ok || a.Match != now.Assignments[0].Match || a.Pass != "Ada-0" {
				t.Fatalf("%s: before: %+v, %v", name, a, ok)
			}
			over(w, a.Match, ada.Owner().ID)
			if _, ok := w.AssignmentOf(ada.Owner().ID); ok != (name == "") {
				t.Errorf("%s: told again: %v", name, ok)
			}
		})
	}
}
