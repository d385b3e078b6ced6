package lobby

import (
	"context"
	"errors"
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
)

// Enqueue gives a player a ticket for a mode. It returns ErrModeUnknown
// for what is no mode of the player's game, ErrDraining, ErrQueueFull, or the live ticket that the player has already
// with ErrTicketExists: a client that has lost its id asks for that one, or
// cancels it.
func (l *Lobby) Enqueue(who protocol.Player, mode string) (store.Ticket, error) {
	if m := l.modes[mode]; m == nil || m.Game != who.Game {
		return store.Ticket{}, ErrModeUnknown
	}
	now := time.Now()
	id := newID[store.TicketID]()
	l.polls.expect(id, now)
	t, err := l.store.AddTicket(store.Ticket{ID: id, Player: who, Mode: mode, Created: now})
	if err != nil {
		l.polls.forget(id)
		return t, enqueueError(err)
	}
	l.rouse()
	return t, nil
}

func enqueueError(err error) error {
	switch {
	case errors.Is(err, store.ErrExists):
		return ErrTicketExists
	case errors.Is(err, store.ErrClosed):
		return ErrDraining
	case errors.Is(err, store.ErrFull):
		return ErrQueueFull
	}
	return err
}

// Ticket returns a player's own ticket. Another's is as if it were not there.
func (l *Lobby) Ticket(who protocol.PlayerID, id store.TicketID) (store.Ticket, error) {
	t, err := l.store.Ticket(id)
	if err != nil || t.Player.ID != who {
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

// Cancel gives up a player's own ticket. Doing so twice is no error, but it
// returns ErrTicketPlaced when it is too late.
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

// cancel makes a live ticket final and tells the room it was forming in. It
// returns what the ticket was before.
func (l *Lobby) cancel(id store.TicketID, why string) (before store.Ticket, err error) {
	before, err = l.store.CancelTicket(id, why, time.Now())
	if err != nil || before.State.Final() {
		return before, err
	}
	l.polls.forget(id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.rooms[before.Room]; r != nil {
		r.left <- id // never blocks: it holds one for each ticket, and each is cancelled once
	} else {
		l.deps.Hall.Tell(before.Player.ID, protocol.Append(nil, l.news(id)))
	}
	return before, nil
}

// news is what a player's socket is told of a ticket that is not placed.
func (l *Lobby) news(id store.TicketID) protocol.Ticket {
	t, _ := l.store.Ticket(id) // those of the last minute are there
	return protocol.Ticket{ID: string(id), Mode: t.Mode, State: string(t.State), Reason: t.Why}
}

// RoomOf returns where the lobby room takes in connections in which a player's
// ticket is forming, if there is one.
func (l *Lobby) RoomOf(who protocol.PlayerID) (*socket.Inbox, bool) {
	t, err := l.store.TicketOf(who)
	if err != nil || t.State != store.Forming {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	r, ok := l.rooms[t.Room]
	if !ok {
		return nil, false
	}
	return r.inbox, true
}

// AssignmentOf returns where a player shall play who was placed within the
// last few seconds, for one who connects only then.
func (l *Lobby) AssignmentOf(who protocol.PlayerID) (protocol.Assignment, bool) {
	t, err := l.store.TicketOf(who)
	if err != nil || t.State != store.Placed || time.Since(t.Changed) > assignmentNews {
		return protocol.Assignment{}, false
	}
	return assignment(t), true
}

// assignmentNews is how long a player may take to join a match.
const assignmentNews = 10 * time.Second

func assignment(t store.Ticket) protocol.Assignment {
	return protocol.Assignment{URL: t.Assignment.URL, Match: t.Assignment.Match, Pass: t.Assignment.Pass, Mode: t.Mode}
}
