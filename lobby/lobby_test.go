package lobby

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

func TestAFullGroupIsPlacedAfterTheCountdown(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		tickets := w.queue("ffa", "Ada", "Bob", "Cleo", "Dan")
		for i, x := range tickets {
			now, at := w.await(x, store.Placed)
			if at < 3*time.Second || at > 3300*time.Millisecond {
				t.Errorf("placed after %v", at)
			}
			equal(t, "pass", now.Assignments[0].Pass, fmt.Sprintf("%s-%d", x.Owner().Name, i))
		}
		s := w.started()
		if len(s) != 1 || s[0].Mode != "ffa" || len(s[0].Seats) != 4 || !protocol.ValidID(s[0].Match) {
			t.Errorf("started %+v", s)
		}
		equal(t, "matches", w.Counts().Matches, 1)
	})
}

func TestAloneAfterAWait(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("ffa", "Ada")[0]
		if _, at := w.await(x, store.Forming); at != 2*time.Second {
			t.Errorf("forming after %v", at)
		}
		if _, at := w.await(x, store.Placed); at > 5200*time.Millisecond {
			t.Errorf("placed after %v", at)
		}
	})
}

func TestWithoutACountdown(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		x := w.queue("duel", "Ada", "Bob")[1]
		if _, at := w.await(x, store.Placed); at > 100*time.Millisecond {
			t.Errorf("placed after %v", at)
		}
	})
}

func TestADuelWaitsForTheOther(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		first := w.queue("duel", "Ada")[0]
		time.Sleep(50 * time.Second)
		equal(t, "alone", w.state(first), store.Waiting)
		second := w.queue("duel", "Bob")[0]
		a, _ := w.await(first, store.Placed)
		b, _ := w.await(second, store.Placed)
		equal(t, "match", a.Assignments[0].Match, b.Assignments[0].Match)
	})
}

func TestTicketRules(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		ada, bob := w.guest("Ada"), w.guest("Bob")
		x, err := w.enqueue(ada, "duel")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := w.enqueue(ada, "ffa"); !errors.Is(err, ErrTicketExists) || again.ID != x.ID {
			t.Errorf("a second one: %v, %v", again.ID, err)
		}
		if _, err := w.enqueue(bob, "chess"); !errors.Is(err, ErrModeUnknown) {
			t.Errorf("unknown mode: %v", err)
		}
		if _, err := w.Ticket(bob.ID, x.ID); !errors.Is(err, ErrTicketNotFound) {
			t.Errorf("another's: %v", err)
		}
		if err := w.Cancel(bob.ID, x.ID); !errors.Is(err, ErrTicketNotFound) {
			t.Errorf("cancelled by another: %v", err)
		}
		if _, err := w.Wait(w.t.Context(), bob.ID, x.ID, ""); !errors.Is(err, ErrTicketNotFound) {
			t.Errorf("awaited by another: %v", err)
		}
		for range 2 {
			if err := w.Cancel(ada.ID, x.ID); err != nil {
				t.Errorf("cancel: %v", err)
			}
		}
		y := w.queue("duel", "Cleo", "Dan")[0]
		w.await(y, store.Placed)
		if err := w.Cancel(y.Owner().ID, y.ID); !errors.Is(err, ErrTicketPlaced) {
			t.Errorf("too late: %v", err)
		}
		if _, err := w.enqueue(y.Owner(), "duel"); err != nil {
			t.Errorf("once more after a match: %v", err)
		}
	})
}

func TestTooManyWaitForOneTicket(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("duel", "Ada")[0]
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		var polls sync.WaitGroup
		for range 4 {
			polls.Go(func() { w.Wait(ctx, x.Owner().ID, x.ID, "") })
		}
		synctest.Wait()
		if _, err := w.Wait(ctx, x.Owner().ID, x.ID, ""); !errors.Is(err, ErrTooManyPolls) {
			t.Errorf("the fifth: %v", err)
		}
		polls.Wait()
		if _, err := w.Wait(ctx, x.Owner().ID, x.ID, ""); err != nil {
			t.Errorf("later: %v", err)
		}
	})
}

func TestQueuesHoldNoGhosts(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		gone := w.queue("duel", "Ada")[0]
		time.Sleep(66 * time.Second)
		now, err := w.Ticket(gone.Owner().ID, gone.ID)
		if err != nil || now.State != store.Cancelled || now.Why != WhyIdle {
			t.Errorf("nobody asked: %+v, %v", now, err)
		}
		time.Sleep(66 * time.Second)
		if _, err := w.Ticket(gone.Owner().ID, gone.ID); !errors.Is(err, ErrTicketNotFound) {
			t.Errorf("and it is kept for ever: %v", err)
		}
		polled := w.queue("trio", "Bob")[0]
		stands := w.queue("trio", "Cleo")[0]
		w.connect(stands.Owner())
		for range 8 {
			ctx, cancel := context.WithTimeout(w.t.Context(), 25*time.Second)
			w.Wait(ctx, polled.Owner().ID, polled.ID, "")
			cancel()
		}
		equal(t, "polled", w.state(polled), store.Waiting)
		equal(t, "with a socket", w.state(stands), store.Waiting)
	})
}

func TestARoomShowsWhoIsThere(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		tickets := w.queue("trio", "Ada", "Bob", "Cleo")
		ada := w.connect(tickets[0].Owner()) // before the room
		time.Sleep(2200 * time.Millisecond)
		bob := w.connect(tickets[1].Owner()) // while it counts down
		time.Sleep(500 * time.Millisecond)
		for name, p := range map[string]*peer{"Ada": ada, "Bob": bob} {
			room := p.sees()
			if len(room.Seats) != 3 || room.Mode != "trio" || room.Starts < 20 || room.Starts > 30 {
				t.Fatalf("%s sees %+v", name, room)
			}
			for i, here := range []bool{true, true, false} {
				s := room.Seats[i]
				if s.Here != here || s.Player != tickets[i].Owner().ID || s.Name != tickets[i].Owner().Name {
					t.Errorf("%s sees %+v", name, s)
				}
			}
		}
		bob.nc.Close()
		time.Sleep(300 * time.Millisecond)
		equal(t, "Bob, gone", ada.sees().Seats[1].Here, false)
		w.await(tickets[0], store.Placed)
		time.Sleep(300 * time.Millisecond)
		a, ok := last[protocol.Assignment](ada)
		if !ok || a.Pass != "Ada-0" || a.Mode != "trio" || a.URL != "" {
			t.Errorf("told %+v", a)
		}
		equal(t, "back in the hall", w.hall.Count(), 1)
		bob = w.connect(tickets[1].Owner()) // who comes late hears it, too
		time.Sleep(300 * time.Millisecond)
		if a, _ = last[protocol.Assignment](bob); a.Pass != "Bob-1" {
			t.Errorf("told late %+v", a)
		}
	})
}

func TestBotsAreShownWhereTheModeHasAny(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("ffa", "Ada")[0]
		ada := w.connect(x.Owner())
		time.Sleep(2500 * time.Millisecond)
		room := ada.sees()
		if len(room.Seats) != 4 || room.Seats[3] != (protocol.RoomSeat{Index: 3, Name: "bot", Here: true}) {
			t.Errorf("the room is %+v", room)
		}
	})
}

func TestWhoStandsInTheHallIsToldThere(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		ada := w.guest("Ada")
		p := w.connect(ada)
		time.Sleep(time.Second)
		if _, err := w.enqueue(ada, "ffa"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2300 * time.Millisecond)
		if a, ok := last[protocol.Assignment](p); !ok || a.Pass != "Ada-0" {
			t.Errorf("told %+v, %v", a, ok)
		}
		equal(t, "still in the hall", w.hall.Count(), 1)
	})
}

// toldOfTicket wants a socket to have heard what became of a ticket.
func toldOfTicket(t *testing.T, p *peer, x store.Ticket, state store.State, reason string) {
	t.Helper()
	got, _ := last[protocol.Ticket](p)
	got.Wait = protocol.Wait{} // see TestWhyItWaits
	equal(t, "told of the ticket", got, protocol.Ticket{ID: string(x.ID), Mode: x.Mode, State: string(state), Reason: reason})
}

func TestWhoWaitsInTheHallIsToldThatTheTicketIsGone(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("trio", "Ada")[0]
		p := w.connect(x.Owner())
		time.Sleep(time.Second)
		if err := w.Cancel(x.Owner().ID, x.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		toldOfTicket(t, p, x, store.Cancelled, WhyPlayer)
	})
}

func TestLeavingARoom(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		tickets := w.queue("trio", "Ada", "Bob", "Cleo", "Dan")
		ada, bob := w.connect(tickets[0].Owner()), w.connect(tickets[1].Owner())
		time.Sleep(time.Second)
		ada.say(protocol.Leave{})
		time.Sleep(300 * time.Millisecond)
		equal(t, "left", w.state(tickets[0]), store.Cancelled)
		equal(t, "in the hall", w.hall.Count(), 1)
		toldOfTicket(t, ada, tickets[0], store.Cancelled, WhyPlayer)
		if s := bob.sees().Seats[0]; s != (protocol.RoomSeat{}) {
			t.Errorf("Bob sees %+v in Ada's seat", s)
		}
		now, _ := w.await(tickets[3], store.Placed)
		equal(t, "seats are kept", now.Assignments[0].Pass, "Dan-3")
		if s := w.started()[0].Seats; len(s) != 3 || s[0].Seat != 1 {
			t.Errorf("started with %+v", s)
		}
	})
}

func TestARoomWithTooFewReturnsThemToTheQueue(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		tickets := w.queue("duel", "Ada", "Bob")
		ada, bob := w.connect(tickets[0].Owner()), w.connect(tickets[1].Owner())
		time.Sleep(time.Second)
		equal(t, "before", w.state(tickets[1]), store.Forming)
		if err := w.Cancel(tickets[0].Owner().ID, tickets[0].ID); err != nil { // over REST
			t.Fatal(err)
		}
		time.Sleep(300 * time.Millisecond)
		equal(t, "the other", w.state(tickets[1]), store.Waiting)
		equal(t, "both are in the hall", w.hall.Count(), 2)
		equal(t, "it does not count any more", bob.sees().Starts, notCounting)
		toldOfTicket(t, ada, tickets[0], store.Cancelled, WhyPlayer)
		toldOfTicket(t, bob, tickets[1], store.Waiting, "")
		time.Sleep(time.Second)
		third := w.queue("duel", "Cleo", "Dan")
		now, _ := w.await(tickets[1], store.Placed)
		first, _ := w.await(third[0], store.Placed)
		equal(t, "the oldest goes first", now.Assignments[0].Match, first.Assignments[0].Match)
		if _, told := last[protocol.Assignment](ada); told {
			t.Error("Ada was placed")
		}
		w.Cancel(third[1].Owner().ID, third[1].ID)
	})
}

func TestTheLastToLeaveClosesTheRoom(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("ffa", "Ada")[0]
		w.await(x, store.Forming)
		w.Leave(x.Owner().ID)
		w.Leave(x.Owner().ID)
		synctest.Wait()
		equal(t, "rooms", w.Counts().Rooms, 0)
		w.Leave("nobody")
		equal(t, "matches", len(w.started()), 0)
	})
}

func TestLeavingWhileTheHostIsAsked(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		asked := make(chan struct{})
		w.hostAnswers(func(ctx context.Context, s protocol.Start) protocol.Placed {
			asked <- struct{}{}
			<-asked
			return host(ctx, s)
		})
		tickets := w.queue("duel", "Ada", "Bob")
		<-asked
		w.Leave(tickets[0].Owner().ID)
		asked <- struct{}{}
		now, _ := w.await(tickets[1], store.Placed)
		equal(t, "pass", now.Assignments[0].Pass, "Bob-1")
		equal(t, "Ada", w.state(tickets[0]), store.Cancelled)
	})
}

func TestTheNewestConnectionWins(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("ffa", "Ada")[0]
		old := w.connect(x.Owner())
		time.Sleep(2500 * time.Millisecond)
		now := w.connect(x.Owner())
		time.Sleep(500 * time.Millisecond)
		equal(t, "the older", old.goodbye(), protocol.Replaced.Code)
		equal(t, "the newer sees", len(now.sees().Seats), 4)
		w.await(x, store.Placed)
		time.Sleep(300 * time.Millisecond)
		if _, ok := last[protocol.Assignment](now); !ok {
			t.Error("the newer was not told")
		}
	})
}

func TestJoiningFromARoom(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		x := w.queue("ffa", "Ada")[0]
		ada := w.connect(x.Owner())
		inbox := socket.NewInbox(1)
		w.board.Open("earlier", inbox)
		time.Sleep(2500 * time.Millisecond)
		ada.say(protocol.Ping{Stamp: 7})
		ada.say(protocol.Join{Match: "unknown"})
		time.Sleep(300 * time.Millisecond)
		if m, _ := last[protocol.Refused](ada); m.Code != "match_not_found" {
			t.Errorf("told %+v", m)
		}
		if m, _ := last[protocol.Pong](ada); m.Stamp != 7 {
			t.Errorf("told %+v", m)
		}
		want := protocol.Join{Match: "earlier", Epoch: 1, LastTick: 99}
		ada.say(want)
		a := <-inbox.Arrivals()
		equal(t, "note", a.Note.(protocol.Join), want)
		w.await(x, store.Placed)
		a.Conn.Goodbye(protocol.Normal)
	})
}

func TestGarbageInARoom(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		tickets := w.queue("trio", "Ada", "Bob", "Cleo")
		ada, bob := w.connect(tickets[0].Owner()), w.connect(tickets[1].Owner())
		time.Sleep(2500 * time.Millisecond)
		ada.write(sockettest.Binary, []byte{0x91, 0xe0}) // a control message that is none
		bob.write(sockettest.Binary, []byte{0x94, 1, 2, 3, 4})
		time.Sleep(300 * time.Millisecond)
		equal(t, "Ada", ada.goodbye(), protocol.BadMessage.Code)
		equal(t, "an input of a match that is over", bob.goodbye(), 0)
		w.await(tickets[0], store.Placed)
	})
}

func TestRefusedLeases(t *testing.T) {
	for name, answer := range map[string]func(context.Context, protocol.Start) protocol.Placed{
		"refused":    refusing,
		"unanswered": func(ctx context.Context, _ protocol.Start) protocol.Placed { <-ctx.Done(); return protocol.Placed{} },
		"too few passes": func(context.Context, protocol.Start) protocol.Placed {
			return protocol.Placed{Passes: []string{"one"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inLobby(t, func(c *Config) { c.LeaseTries = 3; c.Countdown = 0 }, func(w *world) {
				w.hostAnswers(answer)
				tickets := w.queue("duel", "Ada", "Bob")
				p := w.connect(tickets[1].Owner())
				for _, x := range tickets {
					now, at := w.await(x, store.Failed)
					if now.Why != WhyNoHost || at < time.Second || at > 8*time.Second {
						t.Errorf("%s after %v", now.Why, at)
					}
				}
				equal(t, "hosts asked", len(w.started()), 3)
				equal(t, "matches", w.Counts().Matches, 0)
				time.Sleep(time.Second)
				equal(t, "in the hall", w.hall.Count(), 1)
				equal(t, "goodbye", p.goodbye(), 0)
			})
		})
	}
}

func TestARefusedGroupGoesBackToTheFront(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		w.hostAnswers(refusing)
		tickets := w.queue("duel", "Ada", "Bob")
		time.Sleep(300 * time.Millisecond)
		equal(t, "refused", w.state(tickets[0]), store.Waiting)
		later := w.queue("duel", "Cleo")
		w.hostAnswers(nil)
		a, at := w.await(tickets[0], store.Placed)
		b, _ := w.await(tickets[1], store.Placed)
		equal(t, "match", a.Assignments[0].Match, b.Assignments[0].Match)
		equal(t, "tries", a.Tries, 1)
		if at < 500*time.Millisecond || at > 800*time.Millisecond {
			t.Errorf("placed after %v, the pause is 500 ms", at)
		}
		equal(t, "who came later", w.state(later[0]), store.Waiting)
	})
}

func TestNobodyServes(t *testing.T) {
	inLobby(t, func(c *Config) { c.LeaseTries = 2; c.Countdown = 0 }, func(w *world) {
		w.stopHost()
		x := w.queue("ffa", "Ada")[0]
		now, at := w.await(x, store.Failed)
		if now.Why != WhyNoHost || at > 3*time.Second {
			t.Errorf("%s after %v", now.Why, at)
		}
	})
}

func TestDrain(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		duel, lone := w.queue("duel", "Ada", "Bob"), w.queue("trio", "Cleo")[0]
		p := w.connect(duel[0].Owner())
		time.Sleep(time.Second)
		equal(t, "before", w.state(duel[0]), store.Forming)
		var polls sync.WaitGroup
		for _, x := range append(duel, lone) {
			polls.Go(func() {
				now, err := w.Wait(w.t.Context(), x.Owner().ID, x.ID, "")
				if err != nil || now.State != store.Cancelled || now.Why != WhyDraining {
					t.Errorf("%s: %s, %s, %v", x.Owner().Name, now.State, now.Why, err)
				}
			})
		}
		synctest.Wait()
		w.Drain()
		w.Drain()
		polls.Wait()
		equal(t, "draining", w.Draining(), true)
		if _, err := w.enqueue(w.guest("Ada"), "ffa"); !errors.Is(err, ErrDraining) {
			t.Errorf("a new ticket: %v", err)
		}
		time.Sleep(300 * time.Millisecond)
		equal(t, "in the hall", w.hall.Count(), 1)
		equal(t, "goodbye", p.goodbye(), 0)
		toldOfTicket(t, p, duel[0], store.Cancelled, WhyDraining)
	})
}

func TestDrainWhileTheHostIsAsked(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		w.hostAnswers(func(ctx context.Context, s protocol.Start) protocol.Placed {
			<-ctx.Done()
			return host(ctx, s)
		})
		x := w.queue("ffa", "Ada")[0]
		w.await(x, store.Forming)
		w.Drain()
		synctest.Wait()
		equal(t, "ticket", w.state(x), store.Cancelled)
		equal(t, "rooms", w.Counts().Rooms, 0)
	})
}

func TestResults(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0; c.ResultsKept = 2 }, func(w *world) {
		end := func(id protocol.MatchID) {
			w.end(protocol.Ended{Match: id, Mode: "duel", Why: "finished"})
		}
		end("unknown")
		w.bus.Request(w.t.Context(), protocol.SubjectOver, []byte("garbage"))
		equal(t, "results of nothing", len(w.Results()), 0)
		var ids []protocol.MatchID
		for i := range 3 {
			x := w.queue("duel", fmt.Sprint("Ada ", i), fmt.Sprint("Bob ", i))[0]
			now, _ := w.await(x, store.Placed)
			ids = append(ids, now.Assignments[0].Match)
		}
		equal(t, "running", w.Counts().Matches, 3)
		for _, id := range ids {
			end(id)
			end(id)
		}
		equal(t, "running", w.Counts().Matches, 0)
		if r := w.Results(); len(r) != 2 || r[0].Match != ids[1] || r[1].Match != ids[2] {
			t.Errorf("results %+v", r)
		}
	})
}

func TestAMatchThatEndsBeforeItsAnswer(t *testing.T) {
	inLobby(t, func(c *Config) { c.Countdown = 0 }, func(w *world) {
		w.hostAnswers(func(ctx context.Context, s protocol.Start) protocol.Placed {
			w.end(protocol.Ended{Match: s.Match, Why: "failed"})
			time.Sleep(time.Second)
			return host(ctx, s)
		})
		x := w.queue("ffa", "Ada")[0]
		w.await(x, store.Placed)
		equal(t, "matches", w.Counts().Matches, 0)
		equal(t, "results", len(w.Results()), 1)
	})
}
