package social

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

func TestAPartyIsToldWhole(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		w.come(ada, bob, cyd)
		w.must(w.Invite(t.Context(), ada, bob.ID))
		m, _ := last[protocol.Party](w, bob)
		if m.ID != "" || len(m.Invitations) != 1 || m.Invitations[0].Name != "Ada" {
			t.Errorf("bob is told %+v", m)
		}
		id := store.PartyID(m.Invitations[0].Party)
		w.must(w.AcceptInvite(bob, id))
		w.must(w.Invite(t.Context(), bob, cyd.ID))
		m, _ = last[protocol.Party](w, ada)
		want := protocol.Party{Revision: m.Revision, ID: string(id), Leader: ada.ID, Most: 8,
			Members: []protocol.PartyMember{{Player: ada.ID, Name: "Ada", Here: true}, {Player: bob.ID, Name: "Bob", Here: true}},
			Invited: []protocol.PartyInvited{{Player: cyd.ID, Name: "Cyd", Expires: time.Now().Add(5 * time.Minute).Unix()}}}
		equal(t, "ada", m, want)
		w.Enter(ada)
		w.settle()
		greeted, _ := last[protocol.Party](w, ada)
		equal(t, "greeted", greeted, want)
		w.must(w.DeclineInvite(cyd, id))
		m, _ = last[protocol.Party](w, cyd)
		equal(t, "cyd's invitations", len(m.Invitations), 0)
		w.must(w.LeaveParty(ada))
		m, _ = last[protocol.Party](w, bob)
		equal(t, "bob is alone", m.ID, "")
	})
}

func TestWhoMayDoWhatInAParty(t *testing.T) {
	inWorld(t, Config{PartySize: 3}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.come(ada, bob, cyd, dan)
		for _, err := range []error{w.LeaveParty(ada), w.Kick(ada, bob.ID), w.Promote(ada, bob.ID), w.CancelQueue(ada),
			second(w.QueueParty(ctx, ada, PartyWish{Mode: "m"})), w.Uninvite(ada, bob.ID)} {
			want(t, "without a party", err, ErrNoParty)
		}
		id := w.party(ada, bob)
		want(t, "a member", w.Invite(ctx, bob, ada.ID), ErrMember)
		want(t, "kick", w.Kick(bob, ada.ID), ErrNotLeader)
		want(t, "promote", w.Promote(bob, bob.ID), ErrNotLeader)
		want(t, "kick oneself", w.Kick(ada, ada.ID), ErrSelf)
		want(t, "kick another", w.Kick(ada, cyd.ID), ErrNotMember)
		want(t, "not invited", w.AcceptInvite(cyd, id), ErrNoInvitation)
		want(t, "no party", w.AcceptInvite(cyd, "x"), ErrNoInvitation)
		want(t, "decline", w.DeclineInvite(cyd, id), ErrNoInvitation)
		w.must(w.Invite(ctx, bob, cyd.ID))
		w.must(w.Uninvite(ada, cyd.ID))
		want(t, "taken back", w.AcceptInvite(cyd, id), ErrNoInvitation)
		w.must(w.Promote(ada, bob.ID))
		w.party(bob, cyd)
		want(t, "full", w.Invite(ctx, ada, dan.ID), ErrPartyFull)
		w.must(w.Kick(bob, ada.ID))
		equal(t, "ada", w.Party(ada).ID, "")
		equal(t, "leader", w.Party(cyd).Leader, bob.ID)
	})
}

func TestInvitationsExpireAndWhoIsAwayIsTakenOut(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		w.come(ada, bob, cyd)
		id := w.party(ada, bob, cyd)
		w.must(w.Invite(t.Context(), ada, dan.ID))
		w.pass(5*time.Minute - time.Second)
		equal(t, "open", len(w.Party(dan).Invitations), 1)
		w.pass(2 * time.Second)
		equal(t, "expired", len(w.Party(dan).Invitations), 0)
		w.part(ada)
		equal(t, "ada is away", w.Party(bob).Members[0].Here, false)
		w.pass(119 * time.Second)
		w.come(ada)
		equal(t, "ada is back", w.Party(bob).Members[0].Here, true)
		w.part(ada, bob)
		w.pass(time.Minute)
		w.come(bob)
		w.pass(62 * time.Second)
		m := w.Party(bob)
		if len(m.Members) != 2 || m.Leader != bob.ID || store.PartyID(m.ID) != id {
			t.Errorf("the party is %+v", m)
		}
	})
}

// TestWhoNeverCameIsAway: a member by REST alone counts as away from then on.
func TestWhoNeverCameIsAway(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		w.come(ada, bob)
		w.party(ada, bob, cyd)
		equal(t, "cyd", w.Party(ada).Members[2].Here, false)
		w.pass(3 * time.Minute)
		equal(t, "members", len(w.Party(ada).Members), 2)
	})
}

func TestAPartyIsQueuedTogether(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.come(ada, bob, cyd)
		id := w.party(ada, bob, cyd)
		want(t, "not the leader", second(w.QueueParty(ctx, bob, PartyWish{Mode: "m"})), ErrNotLeader)
		want(t, "not queued", w.CancelQueue(ada), ErrNotQueued)
		for name, end := range map[string]func() error{
			"the leader": func() error { return w.CancelQueue(ada) },
			"promoted":   func() error { w.Promote(ada, bob.ID); return w.Promote(bob, ada.ID) },
			"left":       func() error { err := w.LeaveParty(cyd); w.party(ada, cyd); return err },
			"joined": func() error {
				w.LeaveParty(cyd)
				w.must(w.Invite(ctx, ada, cyd.ID))
				w.must(second(w.QueueParty(ctx, ada, PartyWish{Mode: "m"})))
				return w.AcceptInvite(cyd, id)
			},
		} {
			_, err := w.QueueParty(ctx, ada, PartyWish{Mode: "m"})
			w.must(err)
			equal(t, name+": mode", w.Party(bob).Mode, "m")
			want(t, name+": twice", second(w.QueueParty(ctx, ada, PartyWish{Mode: "m"})), ErrPartyQueued)
			w.must(end())
			equal(t, name+": tickets", len(w.queue.live), 0)
			equal(t, name+": ticket", w.Party(bob).Ticket, "")
		}
		ticket, _ := w.QueueParty(ctx, ada, PartyWish{Mode: "m"})
		equal(t, "together", len(w.queue.live[ticket].Members), 3)
		w.Unqueued(id, "another")
		equal(t, "another's end", w.Party(ada).Ticket, string(ticket))
		w.Unqueued(id, ticket)
		equal(t, "its end", w.Party(ada).Ticket, "")
		w.part(bob)
		want(t, "bob is away", second(w.QueueParty(ctx, ada, PartyWish{Mode: "m"})), ErrPartyAway)
	})
}

// TestAPartysTicketHasItsMembersPings: those that each has told, and for the
// leader those of the wish, if it has any.
func TestAPartysTicketHasItsMembersPings(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		w.come(ada, bob, cyd)
		eu := func(ms time.Duration) store.Pings { return store.Pings{"eu": ms * time.Millisecond} }
		want(t, "without a party", w.TellPings(ada, eu(1)), ErrNoParty)
		w.party(ada, bob, cyd)
		queued := func(leader Who, wish PartyWish) string {
			t.Helper()
			id, err := w.QueueParty(t.Context(), leader, wish)
			w.must(err)
			all := ""
			for _, m := range w.queue.live[id].Members {
				all += fmt.Sprint(m.ID, " ", m.Pings["eu"].Milliseconds(), " ")
			}
			equal(t, "map", w.queue.live[id].Props["map"], wish.Props["map"])
			equal(t, "fresh", w.queue.live[id].Fresh, wish.Fresh)
			w.must(w.CancelQueue(leader))
			return all
		}
		equal(t, "nobody has told", queued(ada, PartyWish{Mode: "m"}), "ada 0 bob 0 cyd 0 ")
		w.must(w.TellPings(bob, eu(20)))
		equal(t, "bob has", queued(ada, PartyWish{Mode: "m", Props: map[string]string{"map": "pit"}, Fresh: true}), "ada 0 bob 20 cyd 0 ")
		equal(t, "the leader's", queued(ada, PartyWish{Mode: "m", Pings: eu(30)}), "ada 30 bob 20 cyd 0 ")
		equal(t, "once", queued(ada, PartyWish{Mode: "m"}), "ada 0 bob 20 cyd 0 ")
		w.must(w.TellPings(ada, eu(31)))
		w.must(w.TellPings(bob, eu(21)))
		w.must(w.Promote(ada, bob.ID))
		equal(t, "told again, and another leads", queued(bob, PartyWish{Mode: "m", Pings: eu(9)}), "ada 31 bob 9 cyd 0 ")
		w.must(w.LeaveParty(ada))
		w.must(w.Invite(t.Context(), bob, ada.ID))
		w.must(w.AcceptInvite(ada, store.PartyID(w.Party(bob).ID)))
		equal(t, "left and back", queued(bob, PartyWish{Mode: "m"}), "bob 21 cyd 0 ada 0 ")
	})
}

func TestAQueueThatRefusesAndAPartyThatChangesMeanwhile(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		w.come(ada, bob, cyd)
		w.party(ada, bob, cyd)
		full := errors.New("the queue is full")
		w.queue.fail = full
		want(t, "refused", second(w.QueueParty(t.Context(), ada, PartyWish{Mode: "m"})), full)
		equal(t, "ticket", w.Party(ada).Ticket, "")
		w.queue.fail = nil
		w.queue.meanwhile = func() { w.must(w.LeaveParty(bob)) }
		w.must(second(w.QueueParty(t.Context(), ada, PartyWish{Mode: "m"})))
		equal(t, "tickets", len(w.queue.live), 0)
		equal(t, "ticket", w.Party(ada).Ticket, "")
	})
}

func TestWhoIsBlockedInvitesNobody(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.come(ada, bob, cyd)
		w.must(w.Block(ctx, bob, ada.ID))
		w.must(w.Invite(ctx, ada, bob.ID))
		w.must(w.Invite(ctx, ada, cyd.ID))
		m := w.Party(ada)
		if len(m.Invited) != 2 || m.Invited[0].Expires != m.Invited[1].Expires {
			t.Errorf("ada sees %+v", m)
		}
		equal(t, "bob sees", len(w.Party(bob).Invitations), 0)
		want(t, "bob", w.AcceptInvite(bob, store.PartyID(m.ID)), ErrNoInvitation)
		want(t, "bob", w.DeclineInvite(bob, store.PartyID(m.ID)), ErrNoInvitation)
		want(t, "the other way", w.Invite(ctx, bob, ada.ID), ErrBlocking)
		if _, n := last[protocol.Party](w, bob); n != 0 {
			t.Errorf("bob was told %d times", n)
		}
		w.must(w.Block(ctx, cyd, ada.ID)) // who has invited already
		equal(t, "cyd sees", len(w.Party(cyd).Invitations), 0)
		equal(t, "ada sees", len(w.Party(ada).Invited), 2)
	})
}
