package social

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A simple is what parties should be, written as plainly as can be: parties in
// a list, each of names.
type simple struct{ parties []*simpleParty }

type simpleParty struct {
	id              store.PartyID
	leader          protocol.PlayerID
	members, guests []protocol.PlayerID
	queued          bool
}

func (s *simple) of(p protocol.PlayerID) *simpleParty {
	for _, x := range s.parties {
		if slices.Contains(x.members, p) {
			return x
		}
	}
	return nil
}

func without(all []protocol.PlayerID, p protocol.PlayerID) []protocol.PlayerID {
	return slices.DeleteFunc(slices.Clone(all), func(x protocol.PlayerID) bool { return x == p })
}

// tidy ends parties of one with nobody invited.
func (s *simple) tidy() {
	s.parties = slices.DeleteFunc(s.parties, func(x *simpleParty) bool {
		return len(x.members) == 0 || len(x.members) == 1 && len(x.guests) == 0
	})
}

const simpleMost = 3

func (s *simple) invite(a, b protocol.PlayerID) bool {
	x := s.of(a)
	if x == nil {
		x = &simpleParty{leader: a, members: []protocol.PlayerID{a}}
	}
	if slices.Contains(x.members, b) || len(x.members) == simpleMost {
		return false
	}
	x.guests = append(without(x.guests, b), b)
	if s.of(a) == nil {
		s.parties = append(s.parties, x)
	}
	return true
}

func (s *simple) accept(p protocol.PlayerID, x *simpleParty) bool {
	own := s.of(p)
	if x == nil || !slices.Contains(x.guests, p) || len(x.members) == simpleMost || own != nil && len(own.members) > 1 {
		return false
	}
	if own != nil {
		own.members = nil
	}
	x.guests, x.members, x.queued = without(x.guests, p), append(x.members, p), false
	s.tidy()
	return true
}

func (s *simple) decline(p protocol.PlayerID, x *simpleParty) bool {
	if x == nil || !slices.Contains(x.guests, p) {
		return false
	}
	x.guests = without(x.guests, p)
	s.tidy()
	return true
}

func (s *simple) out(p protocol.PlayerID) bool {
	x := s.of(p)
	if x == nil {
		return false
	}
	if x.members = without(x.members, p); x.leader == p && len(x.members) > 0 {
		x.leader = x.members[0]
	}
	x.queued = false
	s.tidy()
	return true
}

// TestPartiesAreAsSimpleAsTheModel does random verbs with both, which agree on
// whether each is done, and on what everybody sees.
func TestPartiesAreAsSimpleAsTheModel(t *testing.T) {
	for seed := range uint64(6) {
		inWorld(t, Config{PartySize: simpleMost}, func(t *testing.T, w *world) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			all := []Who{ada, bob, cyd, dan, who("p1"), who("p2")}
			w.come(all...)
			m := &simple{}
			for i := range 400 {
				what, got, expected := step(w, m, rnd, all)
				if got != expected {
					t.Fatalf("seed %d, step %d, %s: done %v, want %v", seed, i, what, got, expected)
				}
				if a, b := seenBy(w, all), m.seen(all); a != b {
					t.Fatalf("seed %d, step %d, %s: got\n%s\nwant\n%s", seed, i, what, a, b)
				}
			}
		})
	}
}

// step does one verb with both.
func step(w *world, m *simple, rnd *rand.Rand, all []Who) (what string, got, expected bool) {
	a, b := all[rnd.IntN(len(all))], all[rnd.IntN(len(all))]
	var x *simpleParty
	if len(m.parties) > 0 {
		x = m.parties[rnd.IntN(len(m.parties))]
	}
	id := store.PartyID("none")
	if x != nil {
		id = x.id
	}
	own := m.of(a.ID)
	leads := own != nil && own.leader == a.ID
	switch rnd.IntN(9) {
	case 0, 1:
		what, got = "invite", w.Invite(w.t.Context(), a, b.ID) == nil
		expected = a != b && m.invite(a.ID, b.ID)
		if x := m.of(a.ID); x != nil {
			x.id = store.PartyID(w.Party(a).ID)
		}
	case 2, 3, 4:
		what, got, expected = "accept", w.AcceptInvite(a, id) == nil, m.accept(a.ID, x)
	case 5:
		what, got, expected = "decline", w.DeclineInvite(a, id) == nil, m.decline(a.ID, x)
	case 6:
		what, got, expected = "leave", w.LeaveParty(a) == nil, m.out(a.ID)
	case 7:
		what, got = "kick", w.Kick(a, b.ID) == nil
		expected = leads && a != b && slices.Contains(own.members, b.ID) && m.out(b.ID)
	case 8:
		if rnd.IntN(2) == 0 {
			what, got = "promote", w.Promote(a, b.ID) == nil
			if expected = leads && slices.Contains(own.members, b.ID); expected {
				own.leader, own.queued = b.ID, false
			}
			break
		}
		what, got = "queue", second(w.QueueParty(w.t.Context(), a, PartyWish{Mode: "m"})) == nil
		if expected = leads && !own.queued; expected {
			own.queued = true
		}
	}
	return fmt.Sprint(what, " ", a.ID, " ", b.ID), got, expected
}

// seenBy is what the players see, and how many tickets there are.
func seenBy(w *world, all []Who) (text string) {
	for _, p := range all {
		m := w.Party(p)
		var members, guests []protocol.PlayerID
		for _, x := range m.Members {
			members = append(members, x.Player)
		}
		for _, x := range m.Invited {
			guests = append(guests, x.Player)
		}
		text += fmt.Sprintln(p.ID, m.ID, m.Leader, members, guests, m.Ticket != "", len(m.Invitations))
	}
	return text + fmt.Sprint(len(w.queue.live))
}

func (s *simple) seen(all []Who) (text string) {
	tickets := 0
	for _, x := range s.parties {
		if x.queued {
			tickets++
		}
	}
	for _, p := range all {
		x, invitations := s.of(p.ID), 0
		for _, y := range s.parties {
			if slices.Contains(y.guests, p.ID) {
				invitations++
			}
		}
		if x == nil {
			x = &simpleParty{}
		}
		text += fmt.Sprintln(p.ID, x.id, x.leader, x.members, x.guests, x.queued, invitations)
	}
	return text + fmt.Sprint(tickets)
}
