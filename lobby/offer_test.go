package lobby

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// asking adds a mode of two pairs who have 10 s to accept.
func asking(c *Config) {
	c.Modes = append(c.Modes, teams("asking", 2, 2, game.Matchmaking{AcceptFor: 10 * time.Second}))
	c.Countdown = 0
}

func (w *world) accept(x store.Ticket, member int, yes bool, want error) {
	w.t.Helper()
	if err := w.Accept(x.Members[member].ID, x.ID, yes); !errors.Is(err, want) {
		w.t.Errorf("%s answers: %v, want %v", x.Members[member].Name, err, want)
	}
}

func TestNobodyPlaysBeforeAllHaveAccepted(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		lone, party := w.queue("asking", "Ada", "Bob"), w.party("asking", "Cleo", "Dan")
		ada := w.connect(lone[0].Owner())
		time.Sleep(500 * time.Millisecond)
		equal(t, "state", w.state(party), store.Offered)
		first, _ := last[protocol.Offer](ada)
		if first.Ticket != string(lone[0].ID) || first.Mode != "asking" || first.Players != 4 || first.Accepted != 0 || first.Left < 9*time.Second {
			t.Errorf("offered %+v", first)
		}
		w.accept(lone[0], 0, true, nil)
		w.accept(lone[0], 0, true, nil)
		w.accept(lone[1], 0, true, nil)
		w.accept(party, 1, true, nil)
		if err := w.Accept(lone[0].Owner().ID, party.ID, true); !errors.Is(err, ErrTicketNotFound) {
			t.Errorf("for another: %v", err)
		}
		time.Sleep(500 * time.Millisecond)
		told, _ := last[protocol.Offer](ada)
		if told.Accepted != 3 || !told.You {
			t.Errorf("told %+v", told)
		}
		if o, ok := w.OfferOf(party.Owner().ID); !ok || o.Accepted != 3 || o.You {
			t.Errorf("the last is offered %+v, %v", o, ok)
		}
		equal(t, "one is missing", len(w.started()), 0)
		w.accept(party, 0, true, nil)
		w.await(party, store.Forming)
		w.accept(party, 0, true, nil)
		w.accept(party, 0, false, ErrNoOffer)
		now, _ := w.await(party, store.Placed)
		equal(t, "passes", len(now.Assignments), 2)
		w.accept(party, 0, true, ErrNoOffer)
		w.accept(party, 0, false, ErrNoOffer)
		equal(t, "still placed", w.state(party), store.Placed)
		if _, ok := w.OfferOf(party.Owner().ID); ok {
			t.Error("the offer goes on")
		}
		time.Sleep(300 * time.Millisecond)
		if _, ok := last[protocol.Assignment](ada); !ok {
			t.Error("Ada was not told where to play")
		}
	})
}

// TestOnlyTheDeclinerLeaves: with the party; the others keep their time.
func TestOnlyTheDeclinerLeaves(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		lone := w.queue("asking", "Ada", "Bob")
		time.Sleep(5 * time.Second)
		party := w.party("asking", "Cleo", "Dan")
		ada, cleo := w.connect(lone[0].Owner()), w.connect(party.Owner())
		time.Sleep(500 * time.Millisecond)
		w.accept(lone[0], 0, true, nil)
		w.accept(party, 0, true, nil)
		w.accept(party, 1, false, nil)
		w.accept(party, 1, false, ErrNoOffer)
		time.Sleep(500 * time.Millisecond)
		equal(t, "the decliner's party", w.state(party), store.Cancelled)
		equal(t, "it was told", w.wasUnqueued(party), 1)
		toldOfTicket(t, cleo, party, store.Cancelled, WhyDeclined)
		for _, x := range lone {
			now, _ := w.Ticket(x.Owner().ID, x.ID)
			if now.State != store.Waiting || now.Created != x.Created || now.Seq != x.Seq || now.Tries != 0 {
				t.Errorf("%s: %+v", x.Owner().Name, now)
			}
		}
		toldOfTicket(t, ada, lone[0], store.Waiting, "")
		equal(t, "all are in the hall", w.hall.Count(), 2)
		again := w.party("asking", "Eve", "Fay")
		time.Sleep(500 * time.Millisecond)
		if o, _ := w.OfferOf(lone[0].Owner().ID); o.Accepted != 0 || o.You {
			t.Errorf("a yes counts for the next match: %+v", o)
		}
		equal(t, "found anew", w.state(again), store.Offered)
	})
}

func TestWhoStaysSilentLeaves(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		one, two := w.party("asking", "Ada", "Bob"), w.party("asking", "Cleo", "Dan")
		bob := w.connect(one.Members[1].Player)
		time.Sleep(500 * time.Millisecond)
		w.accept(one, 0, true, nil)
		w.accept(one, 1, true, nil)
		w.accept(two, 0, true, nil)
		time.Sleep(9 * time.Second)
		equal(t, "in time", w.state(two), store.Offered)
		time.Sleep(time.Second)
		now, _ := w.Ticket(two.Owner().ID, two.ID)
		if now.State != store.Cancelled || now.Why != WhySilent {
			t.Errorf("the silent: %s, %s", now.State, now.Why)
		}
		equal(t, "who has accepted", w.state(one), store.Waiting)
		toldOfTicket(t, bob, one, store.Waiting, "")
	})
}

func TestWhoLeavesTheQueueDeclines(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		one, two := w.party("asking", "Ada", "Bob"), w.party("asking", "Cleo", "Dan")
		ada := w.connect(one.Owner())
		time.Sleep(500 * time.Millisecond)
		ada.say(protocol.Leave{})
		time.Sleep(300 * time.Millisecond)
		toldOfTicket(t, ada, one, store.Cancelled, WhyPlayer)
		equal(t, "the other", w.state(two), store.Waiting)
		three := w.party("asking", "Eve", "Fay")
		time.Sleep(500 * time.Millisecond)
		equal(t, "offered", w.state(three), store.Offered)
		w.Drain()
		synctest.Wait()
		equal(t, "drained", w.state(three), store.Cancelled)
	})
}

// TestAnAnswerCannotBeUndoneForOthers: what a hostile or confused client may
// answer, in any order, moves nobody but its own ticket.
func TestAnAnswerCannotBeUndoneForOthers(t *testing.T) {
	for name, test := range map[string]struct {
		ada func(w *world, ada store.Ticket) // one of four, of whom two have accepted and one does afterwards
		end store.State                      // of Ada's ticket, a second later
		why string
	}{
		"says no after yes": {func(w *world, ada store.Ticket) {
			w.accept(ada, 0, true, nil)
			w.accept(ada, 0, false, nil)
		}, store.Cancelled, WhyDeclined},
		"says yes after no": {func(w *world, ada store.Ticket) {
			w.accept(ada, 0, false, nil)
			w.accept(ada, 0, true, ErrNoOffer)
			w.accept(ada, 0, false, ErrNoOffer)
		}, store.Cancelled, WhyDeclined},
		"leaves after yes": {func(w *world, ada store.Ticket) {
			w.accept(ada, 0, true, nil)
			w.Leave(ada.Owner().ID)
			w.accept(ada, 0, true, ErrNoOffer)
		}, store.Cancelled, WhyPlayer},
		"cancels twice": {func(w *world, ada store.Ticket) {
			for range 2 {
				if err := w.Cancel(ada.Owner().ID, ada.ID); err != nil {
					w.t.Error(err)
				}
			}
		}, store.Cancelled, WhyPlayer},
		"says yes a hundred times": {func(w *world, ada store.Ticket) {
			var saying sync.WaitGroup
			for range 100 {
				saying.Go(func() { w.Accept(ada.Owner().ID, ada.ID, true) })
			}
			saying.Wait()
		}, store.Placed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inLobby(t, asking, func(w *world) {
				all := w.queue("asking", "Ada", "Bob", "Cleo", "Dan")
				time.Sleep(500 * time.Millisecond)
				for _, x := range all[1:3] {
					w.accept(x, 0, true, nil)
				}
				test.ada(w, all[0])
				w.pass(300 * time.Millisecond)
				equal(t, "begun too early", len(w.started()), 0)
				var late error
				if test.end != store.Placed {
					late = ErrNoOffer
				}
				w.accept(all[3], 0, true, late)
				w.pass(time.Second)
				now, err := w.Ticket(all[0].Owner().ID, all[0].ID)
				if err != nil || now.State != test.end || now.Why != test.why {
					t.Errorf("Ada's ticket is %s (%s), want %s (%s); %v", now.State, now.Why, test.end, test.why, err)
				}
				if test.end == store.Placed {
					return
				}
				for _, x := range all[1:] {
					equal(t, x.Owner().Name, w.state(x), store.Waiting)
				}
				again := w.queue("asking", "Eve")[0]
				w.pass(500 * time.Millisecond)
				o, _ := w.OfferOf(again.Owner().ID)
				if o.Players != 4 || o.Accepted != 0 {
					t.Errorf("the next match is offered with %+v", o)
				}
			})
		})
	}
}

// TestYesAndNoAtOnce: whichever is first holds, for all four.
func TestYesAndNoAtOnce(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		all := w.queue("asking", "Ada", "Bob", "Cleo", "Dan")
		time.Sleep(500 * time.Millisecond)
		for _, x := range all[1:] {
			w.accept(x, 0, true, nil)
		}
		var saying sync.WaitGroup
		saying.Go(func() { w.Accept(all[0].Owner().ID, all[0].ID, true) })
		declined := w.Accept(all[0].Owner().ID, all[0].ID, false) == nil
		saying.Wait()
		w.pass(time.Second)
		ada, others := store.Placed, store.Placed
		if declined {
			ada, others = store.Cancelled, store.Waiting
		}
		equal(t, "Ada", w.state(all[0]), ada)
		for _, x := range all[1:] {
			equal(t, x.Owner().Name, w.state(x), others)
		}
	})
}

// TestWhoDropsDuringAnOffer has not answered by that: back in time, the player
// accepts on a new socket; a yes that was said counts without one.
func TestWhoDropsDuringAnOffer(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		all := w.queue("asking", "Ada", "Bob", "Cleo", "Dan")
		ada, bob := w.connect(all[0].Owner()), w.connect(all[1].Owner())
		time.Sleep(500 * time.Millisecond)
		for _, x := range all[1:] {
			w.accept(x, 0, true, nil)
		}
		ada.nc.Close()
		bob.nc.Close()
		w.pass(5 * time.Second)
		equal(t, "still offered", w.state(all[0]), store.Offered)
		back := w.connect(all[0].Owner())
		w.accept(all[0], 0, true, nil)
		w.pass(time.Second)
		if a, ok := last[protocol.Assignment](back); !ok || a.Match != w.started()[0].Match {
			t.Errorf("back and told %+v, %v", a, ok)
		}
		equal(t, "who dropped after a yes", w.state(all[1]), store.Placed)
	})
}

// TestAYesAtTheLastMoment counts, or comes too late for all: never for some.
func TestAYesAtTheLastMoment(t *testing.T) {
	inLobby(t, asking, func(w *world) {
		all := w.queue("asking", "Ada", "Bob", "Cleo", "Dan")
		time.Sleep(500 * time.Millisecond)
		for _, x := range all[1:] {
			w.accept(x, 0, true, nil)
		}
		o, _ := w.OfferOf(all[0].Owner().ID)
		time.Sleep(o.Left)
		w.Accept(all[0].Owner().ID, all[0].ID, true) // at the very moment
		w.pass(time.Second)
		want := store.Waiting
		if w.state(all[0]) == store.Placed {
			want = store.Placed
		}
		for _, x := range all[1:] {
			equal(t, x.Owner().Name, w.state(x), want)
		}
	})
}

// TestWhyItWaits: over REST and on the socket.
func TestWhyItWaits(t *testing.T) {
	narrow := func(c *Config) {
		c.Modes = append(c.Modes, teams("narrow", 2, 1, game.Matchmaking{Regions: []string{"eu"},
			Widen: []game.Window{{Gap: 100, Ping: 50}, {After: 10 * time.Second, Gap: 200, Ping: 100}}}))
		c.Countdown = 0
	}
	inLobby(t, narrow, func(w *world) {
		ada, bob := w.guest("Ada"), w.guest("Bob")
		w.rate("narrow", bob, 150)
		x, err := w.Enqueue(t.Context(), Wish{Players: []Seeker{{ada, store.Pings{"eu": 60 * time.Millisecond}}}, Mode: "narrow"})
		if err != nil {
			t.Fatal(err)
		}
		p := w.connect(ada)
		why := func() protocol.Wait {
			now, _ := w.Ticket(ada.ID, x.ID)
			return w.WhyWaiting(now)
		}
		if at := why(); at.Waited != 0 || at.Gap != 100 || at.Ping != 50 {
			t.Errorf("at once: %+v", at)
		}
		time.Sleep(time.Second)
		equal(t, "too far", why(), protocol.Wait{Waited: time.Second, Gap: 110, Ping: 55, Why: "no_region"})
		time.Sleep(4 * time.Second)
		equal(t, "near enough", why(), protocol.Wait{Waited: 5 * time.Second, Gap: 150, Ping: 75, Why: "alone"})
		y, _ := w.enqueue(bob, "narrow")
		time.Sleep(400 * time.Millisecond)
		equal(t, "unsuited", why(), protocol.Wait{Waited: 5400 * time.Millisecond, Gap: 154, Ping: 77, InRange: 1, Why: "unsuited"})
		time.Sleep(2 * time.Second)
		told, _ := last[protocol.Ticket](p)
		if told.ID != string(x.ID) || told.State != "waiting" || told.Wait.Why != "unsuited" || told.Wait.InRange != 1 || told.Wait.Gap < 151 {
			t.Errorf("told %+v", told)
		}
		w.await(y, store.Placed) // once it accepts Ada in turn
		z := w.queue("narrow", "Cleo")[0]
		if e := w.WhyWaiting(z).Estimate; e < 5*time.Second || e > 11*time.Second {
			t.Errorf("estimate %v", e)
		}
	})
}
