package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

var (
	partyNow   = time.Unix(1000, 0)
	partyLimit = PartyLimits{OfParty: 3, OfPlayer: 2}
)

func person(id string) protocol.Player {
	return protocol.Player{ID: protocol.PlayerID(id), Name: "P" + id}
}

// invite has by invite to, in a party that is named after by if there is none.
func invite(s *Store, by, to string) (PartyChange, error) {
	alone := Party{ID: PartyID("of-" + by), Game: "g", Leader: person(by).ID, Most: 3, Members: []PartyMember{{Player: person(by)}}}
	return s.InviteToParty(alone, PartyInvite{Player: person(to), By: person(by), Expires: partyNow.Add(time.Minute)}, partyLimit)
}

func mustInvite(t testing.TB, s *Store, by, to string) PartyChange {
	t.Helper()
	return must[PartyChange](t)(invite(s, by, to))
}

func mustJoin(t testing.TB, s *Store, id PartyID, player string) []PartyChange {
	t.Helper()
	return must[[]PartyChange](t)(s.JoinParty(id, "g", person(player), partyNow))
}

// trio returns a store with a party of a, b and c, led by a.
func trio(t testing.TB) *Store {
	s := New(10)
	mustInvite(t, s, "a", "b")
	mustInvite(t, s, "a", "c")
	mustJoin(t, s, "of-a", "b")
	mustJoin(t, s, "of-a", "c")
	return s
}

func refused(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestAPartyBeginsWithAnInvitation(t *testing.T) {
	s := New(10)
	c := mustInvite(t, s, "a", "b")
	if c.Before != nil || c.After.Leader != "a" || len(c.After.Members) != 1 || len(c.After.Invites) != 1 {
		t.Errorf("invited: %+v", c)
	}
	equal(t, "invitations of b", len(s.PartyView("g", "b").Invites), 1)
	equal(t, "of another game", len(s.PartyView("h", "b").Invites), 0)
	refused(t, "another game", second(s.JoinParty("of-a", "h", person("b"), partyNow)), ErrNotFound)
	refused(t, "expired", second(s.JoinParty("of-a", "g", person("b"), partyNow.Add(time.Minute))), ErrNotFound)
	refused(t, "not invited", second(s.JoinParty("of-a", "g", person("c"), partyNow)), ErrNotFound)
	mustJoin(t, s, "of-a", "b")
	v := s.PartyView("g", "b")
	if v.Party.ID != "of-a" || len(v.Invites) != 0 || v.Revision != 2 {
		t.Errorf("b sees %+v", v)
	}
	refused(t, "a member", second(invite(s, "a", "b")), ErrPartyMember)
}

func TestInvitationsAreCounted(t *testing.T) {
	s := New(10)
	for _, to := range []string{"x", "y", "z"} {
		mustInvite(t, s, "a", to)
	}
	refused(t, "the fourth of a party", second(invite(s, "a", "w")), ErrInvites)
	mustInvite(t, s, "a", "x")
	equal(t, "again is not another", len(s.PartyView("g", "a").Party.Invites), 3)
	mustInvite(t, s, "b", "x")
	refused(t, "the third of a player", second(invite(s, "c", "x")), ErrInvites)
	must[PartyChange](t)(s.DropInvites("of-b", func(PartyInvite) bool { return true }))
	equal(t, "a party of one ends", len(s.Parties()), 1)
	mustInvite(t, s, "c", "x")
}

func TestAHiddenInvitationIsNotThere(t *testing.T) {
	s := New(10)
	mustInvite(t, s, "a", "b")
	equal(t, "another's", s.HideInvites("g", "c", "b"), false)
	equal(t, "hidden", s.HideInvites("g", "a", "b"), true)
	equal(t, "b sees", len(s.PartyView("g", "b").Invites), 0)
	equal(t, "a sees", len(s.PartyView("g", "a").Party.Invites), 1)
	refused(t, "join", second(s.JoinParty("of-a", "g", person("b"), partyNow)), ErrNotFound)
}

func TestJoiningLeavesAPartyOfOne(t *testing.T) {
	s := New(10)
	mustInvite(t, s, "a", "b")
	mustInvite(t, s, "b", "c")
	all := mustJoin(t, s, "of-a", "b")
	if len(all) != 2 || all[0].Before.ID != "of-b" || all[0].After != nil || len(s.Parties()) != 1 {
		t.Errorf("joined: %+v", all)
	}
	mustInvite(t, s, "d", "a")
	refused(t, "one of two", second(s.JoinParty("of-d", "g", person("a"), partyNow)), ErrPartyOther)
}

func TestTheLongestMemberLeads(t *testing.T) {
	s := trio(t)
	refused(t, "no leader", second(s.LeadParty("of-a", "b", "b")), ErrNotLeader)
	refused(t, "no member", second(s.LeadParty("of-a", "a", "z")), ErrNotFound)
	must[PartyChange](t)(s.LeadParty("of-a", "a", "c"))
	c := must[PartyChange](t)(s.LeaveParty("of-a", "c", nil))
	equal(t, "leader", c.After.Leader, "a")
	equal(t, "members before", len(c.Before.Members), 3)
	c = must[PartyChange](t)(s.LeaveParty("of-a", "a", nil))
	if c.After != nil || len(s.Parties()) != 0 {
		t.Errorf("one is left: %+v", c.After)
	}
}

func TestAPartyIsFull(t *testing.T) {
	s := New(10)
	for _, to := range []string{"b", "c", "d"} {
		mustInvite(t, s, "a", to)
	}
	mustJoin(t, s, "of-a", "b")
	mustJoin(t, s, "of-a", "c")
	refused(t, "the fourth", second(s.JoinParty("of-a", "g", person("d"), partyNow)), ErrPartyFull)
	refused(t, "one more", second(invite(s, "b", "e")), ErrPartyFull)
}

func TestATicketGoesWithEveryChange(t *testing.T) {
	for name, change := range map[string]func(s *Store) (PartyChange, error){
		"leave":   func(s *Store) (PartyChange, error) { return s.LeaveParty("of-a", "b", nil) },
		"lead":    func(s *Store) (PartyChange, error) { return s.LeadParty("of-a", "a", "b") },
		"unqueue": func(s *Store) (PartyChange, error) { return s.UnqueueParty("of-a", "t") },
	} {
		s := trio(t)
		refused(t, name+": no leader", second(s.QueueParty("of-a", "b", "m", "t")), ErrNotLeader)
		must[PartyChange](t)(s.MarkParty("g", "b", partyNow))
		refused(t, name+": one is away", second(s.QueueParty("of-a", "a", "m", "t")), ErrAway)
		must[PartyChange](t)(s.MarkParty("g", "b", time.Time{}))
		equal(t, name+": queued", must[PartyChange](t)(s.QueueParty("of-a", "a", "m", "t")).Cancelled(), "")
		refused(t, name+": twice", second(s.QueueParty("of-a", "a", "m", "t2")), ErrQueued)
		refused(t, name+": another ticket", second(s.UnqueueParty("of-a", "t2")), ErrNotFound)
		equal(t, name, must[PartyChange](t)(change(s)).Cancelled(), "t")
	}
	s := New(10)
	mustInvite(t, s, "a", "b")
	must[PartyChange](t)(s.QueueParty("of-a", "a", "m", "t"))
	equal(t, "join", mustJoin(t, s, "of-a", "b")[0].Cancelled(), "t")
}

// TestPartyRowsAreNotChanged: what was read stays as it was, whatever follows.
func TestPartyRowsAreNotChanged(t *testing.T) {
	s := trio(t)
	must[PartyChange](t)(s.LeaveParty("of-a", "c", nil))
	mustInvite(t, s, "a", "d")
	before := s.PartyView("g", "a").Party
	was := fmt.Sprintf("%+v", *before)
	s.HideInvites("g", "a", "d")
	s.MarkParty("g", "b", partyNow)
	s.LeadParty("of-a", "a", "b")
	s.LeaveParty("of-a", "a", nil)
	s.DropInvites("of-a", func(PartyInvite) bool { return true })
	if got := fmt.Sprintf("%+v", *before); got != was {
		t.Errorf("the row became %s, was %s", got, was)
	}
}

func BenchmarkPartyView(b *testing.B) {
	s := trio(b)
	for b.Loop() {
		s.PartyView("g", "c")
	}
}
