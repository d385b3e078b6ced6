package lobby

import (
	"context"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// Why a ticket was cancelled, or has failed.
const (
	WhyPlayer   = "by_player" // its player did not want it any more
	WhyIdle     = "idle"      // nobody asked for it, and its player has no socket
	WhyDraining = "draining"  // the server is about to restart
	WhyNoHost   = "no_host"   // failed: no match host took its group
	WhyLaunched = "launched"  // a room or a back end has put one of its players in a match
)

// Ticket returns a player's own ticket. Another's is as if it were not there.
func (l *Lobby) Ticket(who protocol.PlayerID, id store.TicketID) (store.Ticket, error) {
	t, err := l.store.Ticket(id)
	if err != nil || t.Member(who) < 0 {
		return store.Ticket{}, ErrTicketNotFound
	}
	return t, nil
}

// Wait returns a player's own ticket as soon as its state is final or another
// than seen, and as it is when ctx ends. An empty seen is the state at the
// call. While somebody waits, the ticket does not idle.
func (l *Lobby) Wait(ctx context.Context, who protocol.PlayerID, id store.TicketID, seen store.State) (store.Ticket, error) {
	t, err := l.Ticket(who, id)
	if err != nil {
		return t, err
	}
	if seen == "" {
		seen = t.State
	}
	if !l.polls.begin(id, time.Now()) {
		return store.Ticket{}, ErrTooManyPolls
	}
	defer func() { l.polls.end(id, time.Now()) }()
	if t, err = l.store.WaitTicket(ctx, id, seen); err != nil {
		return t, ErrTicketNotFound // swept meanwhile
	}
	return t, nil
}

// Cancel gives up a player's own ticket, for all its members. Doing so twice is
// no error, but it returns ErrTicketPlaced when it is too late.
func (l *Lobby) Cancel(who protocol.PlayerID, id store.TicketID) error {
	if _, err := l.Ticket(who, id); err != nil {
		return err
	}
	switch before, err := l.cancel(id, WhyPlayer); {
	case err != nil:
		return ErrTicketNotFound // swept meanwhile
	case before.State == store.Placed:
		return ErrTicketPlaced
	}
	return nil
}

// Leave is Cancel for whoever says so on a socket, where a player without a
// live ticket says nothing wrong.
func (l *Lobby) Leave(who protocol.PlayerID) {
	if t, err := l.store.TicketOf(who); err == nil {
		l.cancel(t.ID, WhyPlayer)
	}
}

// Withdraw is Cancel for whoever keeps the ticket in a player's name. One that
// is final, or that there is not, stays as it is.
func (l *Lobby) Withdraw(id store.TicketID) { l.cancel(id, WhyPlayer) }

// cancel makes a live ticket final and tells the room that it was in. It
// returns what the ticket was before.
func (l *Lobby) cancel(id store.TicketID, why string) (before store.Ticket, err error) {
	before, err = l.store.CancelTicket(id, why, time.Now())
	if err == nil && !before.State.Final() {
		l.cancelled(before)
	}
	return before, err
}

// cancelled is called once for each ticket that was, by whoever it concerns,
// with what it was before.
func (l *Lobby) cancelled(before store.Ticket) {
	l.ended(before)
	if !l.leaveRoom(before) {
		l.tell(before, l.news(before.ID))
	}
}

// leaveRoom tells a ticket's room that it was cancelled, if it is in one.
func (l *Lobby) leaveRoom(t store.Ticket) bool {
	r := l.roomOf(&t)
	if r != nil {
		r.left <- t.ID // never blocks: it holds one for each ticket, and each is cancelled once
	}
	return r != nil
}

// tell says something to a ticket's members who stand in the hall.
func (l *Lobby) tell(t store.Ticket, m protocol.Control) {
	msg := protocol.Append(nil, m)
	for _, member := range t.Members {
		l.deps.Hall.Tell(member.ID, msg)
	}
}

// ended is called once for each ticket that has become final.
func (l *Lobby) ended(t store.Ticket) {
	l.polls.forget(t.ID)
	if t.Party != "" && l.deps.Unqueued != nil {
		l.deps.Unqueued(t.Party, t.ID)
	}
}

// news is what a player's socket is told of a ticket that is not placed.
func (l *Lobby) news(id store.TicketID) protocol.Ticket {
	t, _ := l.store.Ticket(id) // those of the last minute are there
	news := protocol.Ticket{ID: string(id), Mode: t.Mode, State: string(t.State), Reason: t.Why}
	if t.State == store.Waiting {
		news.Wait = l.WhyWaiting(t)
	}
	return news
}

// RoomOf returns where the lobby room takes in connections in which a player's
// ticket is forming, if there is one.
func (l *Lobby) RoomOf(who protocol.PlayerID) (*socket.Inbox, bool) {
	t, err := l.store.TicketOf(who)
	if err != nil || t.State != store.Forming {
		return nil, false
	}
	r := l.roomOf(&t)
	if r == nil {
		return nil, false
	}
	return r.inbox, true
}

// AssignmentOf returns where a player shall play who was placed within the
// last few seconds, for one who connects only then: not in a match that is over
// or that the player has left for good.
func (l *Lobby) AssignmentOf(who protocol.PlayerID) (protocol.Assignment, bool) {
	t, err := l.store.TicketOf(who)
	if err != nil || t.State != store.Placed || time.Since(t.Changed) > assignmentNews {
		return protocol.Assignment{}, false
	}
	a := assignment(t, who)
	if m, err := l.store.Match(a.Match); err != nil || !m.Has(who) {
		return protocol.Assignment{}, false
	}
	return a, true
}

// assignmentNews is how long a player may take to join a match.
const assignmentNews = 10 * time.Second

func assignment(t store.Ticket, who protocol.PlayerID) protocol.Assignment {
	a := t.Assignments[t.Member(who)]
	return protocol.Assignment{URL: a.URL, Match: a.Match, Pass: a.Pass, Mode: t.Mode}
}
