package lobby

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// party queues players together, as a party of its own.
func (w *world) party(mode string, names ...string) store.Ticket {
	w.t.Helper()
	wish := Wish{Mode: mode, Party: protocol.NewID[store.PartyID](), ID: protocol.NewID[store.TicketID]()}
	for _, name := range names {
		wish.Players = append(wish.Players, Seeker{Player: w.guest(name)})
	}
	x, err := w.Enqueue(w.t.Context(), wish)
	if err != nil || x.ID != wish.ID {
		w.t.Fatal(x.ID, err)
	}
	return x
}

func (w *world) wasUnqueued(x store.Ticket) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, id := range w.gone {
		if id == x.ID {
			n++
		}
	}
	return n
}

func TestAPartyPlaysOnOneTeam(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		lone := w.queue("pairs", "Ada", "Bob")
		party := w.party("pairs", "Cleo", "Dan")
		cleo, dan := w.connect(party.Members[0].Player), w.connect(party.Members[1].Player)
		a, _ := w.await(lone[0], store.Placed)
		p, _ := w.await(party, store.Placed)
		time.Sleep(300 * time.Millisecond)
		equal(t, "match", a.Assignments[0].Match, p.Assignments[1].Match)
		seat := map[string]game.Seat{}
		for _, s := range w.started()[0].Seats {
			seat[s.Player.Name] = s.Seat
		}
		if len(seat) != 4 || seat["Cleo"]/2 != seat["Dan"]/2 || seat["Ada"]/2 != seat["Bob"]/2 {
			t.Errorf("seats %v", seat)
		}
		for name, peer := range map[string]*peer{"Cleo": cleo, "Dan": dan} {
			equal(t, "seen by "+name, len(peer.sees().Seats), 4)
			told, _ := last[protocol.Assignment](peer)
			equal(t, "pass of "+name, told.Pass, fmt.Sprintf("%s-%d", name, seat[name]))
		}
		equal(t, "the party was told", w.wasUnqueued(party), 1)
	})
}

func TestAMemberHasNoTicketBesideThePartys(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		party := w.party("pairs", "Ada", "Bob")
		bob := party.Members[1].Player
		if x, err := w.enqueue(bob, "ffa"); !errors.Is(err, ErrTicketExists) || x.ID != party.ID {
			t.Errorf("alone beside it: %v, %v", x.ID, err)
		}
		cleo := w.guest("Cleo")
		if _, err := w.enqueue(cleo, "pairs", bob); !errors.Is(err, ErrTicketExists) {
			t.Errorf("in two parties: %v", err)
		}
		if _, err := w.enqueue(cleo, "ffa"); err != nil {
			t.Errorf("who was refused has a ticket: %v", err)
		}
		if x, err := w.Ticket(bob.ID, party.ID); err != nil || x.ID != party.ID {
			t.Errorf("a member's: %v", err)
		}
		if err := w.Cancel(bob.ID, party.ID); err != nil {
			t.Errorf("cancelled by a member: %v", err)
		}
		if _, err := w.enqueue(party.Owner(), "duel"); err != nil {
			t.Errorf("free again: %v", err)
		}
		equal(t, "the party was told", w.wasUnqueued(party), 1)
		w.Withdraw(party.ID)
		w.Withdraw("nobody's")
		equal(t, "and only once", w.wasUnqueued(party), 1)
	})
}

// TestAPartyLeavesARoomTogether: over a socket or REST, by any of them.
func TestAPartyLeavesARoomTogether(t *testing.T) {
	inLobby(t, nil, func(w *world) {
		one, two := w.party("pairs", "Ada", "Bob"), w.party("pairs", "Cleo", "Dan")
		ada, bob := w.connect(one.Members[0].Player), w.connect(one.Members[1].Player)
		cleo := w.connect(two.Members[0].Player)
		time.Sleep(time.Second)
		equal(t, "before", w.state(one), store.Forming)
		bob.say(protocol.Leave{})
		time.Sleep(300 * time.Millisecond)
		toldOfTicket(t, ada, one, store.Cancelled, WhyPlayer)
		toldOfTicket(t, bob, one, store.Cancelled, WhyPlayer)
		toldOfTicket(t, cleo, two, store.Waiting, "")
		equal(t, "in the hall", w.hall.Count(), 3)
		equal(t, "told", w.wasUnqueued(one), 1)
		equal(t, "not told", w.wasUnqueued(two), 0)
		w.Drain()
		equal(t, "told of the drain", w.wasUnqueued(two), 1)
	})
}

func TestAPartyThatNobodyPlacesIsTold(t *testing.T) {
	inLobby(t, func(c *Config) { c.LeaseTries = 2; c.Countdown = 0 }, func(w *world) {
		w.hostAnswers(refusing)
		one, two := w.party("pairs", "Ada", "Bob"), w.party("pairs", "Cleo", "Dan")
		w.await(one, store.Failed)
		w.await(two, store.Failed)
		synctest.Wait()
		equal(t, "told", w.wasUnqueued(one)+w.wasUnqueued(two), 2)
	})
}

func TestThePlayersNearestInSkillMeet(t *testing.T) {
	inLobby(t, func(c *Config) { c.CycleEvery = time.Second }, func(w *world) {
		w.queue("duel", "Early")
		synctest.Wait() // for the first cycle; the others are in one
		var tickets []store.Ticket
		for i, skill := range []float64{1000, 3000, 1100, 2900, math.NaN(), math.Inf(1)} {
			who := w.guest(fmt.Sprint("Player ", i))
			w.rate("duel", who, skill)
			w.rate("ffa", who, -skill)
			x, err := w.enqueue(who, "duel")
			if err != nil {
				t.Fatal(err)
			}
			tickets = append(tickets, x)
		}
		equal(t, "no number", tickets[4].Members[0].Skill, 0)
		equal(t, "too much of one", tickets[5].Members[0].Skill, 0)
		time.Sleep(10 * time.Second)
		of := func(i int) protocol.MatchID {
			now, _ := w.await(tickets[i], store.Placed)
			return now.Assignments[0].Match
		}
		equal(t, "the weak", of(0), of(2))
		equal(t, "the strong", of(1), of(3))
		m, err := w.store.Match(of(1))
		if err != nil || m.Why.Gap != 100 || len(m.Players) != 2 || m.Players[0].Skill < 2900 {
			t.Errorf("the match is %+v, %v", m, err)
		}
	})
}
