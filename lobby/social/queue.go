package social

import (
	"context"
	"fmt"
	"slices"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// QueueParty has the leader queue the whole party for a mode, or nobody of it.
// From then on who joins, leaves or leads gives the ticket up, and so does the
// leader. The ticket may have ended when it is returned. ErrNoParty,
// ErrNotLeader, ErrPartyQueued, ErrPartyAway, or why the queue has refused.
func (s *Social) QueueParty(ctx context.Context, who Who, w PartyWish) (store.TicketID, error) {
	p := s.partyOf(who)
	if p == nil {
		return "", ErrNoParty
	}
	id := protocol.NewID[store.TicketID]()
	c, err := s.deps.Store.QueueParty(p.ID, who.ID, w.Mode, id) // first, so that an end that comes at once is known
	if err != nil {
		return "", partyError(err, ErrNoParty)
	}
	if err := s.deps.Queue.Enqueue(ctx, ticketOf(c.After, w)); err != nil {
		s.Unqueued(p.ID, id)
		return "", fmt.Errorf("queue the party: %w", err)
	}
	if p := s.partyOf(who); p == nil || p.Ticket != id {
		s.deps.Queue.Cancel(id) // again, if the party has changed: the first may have come before the ticket
		return id, nil
	}
	s.partyChanged(c)
	return id, nil
}

// ticketOf is that of a party which shall be queued.
func ticketOf(p *store.Party, w PartyWish) PartyTicket {
	t := PartyTicket{ID: p.Ticket, Game: p.Game, Mode: w.Mode, Props: w.Props, Fresh: w.Fresh, Party: p.ID, Members: slices.Clone(p.Members)}
	if lead := &t.Members[p.Member(p.Leader)]; len(w.Pings) > 0 {
		lead.Pings = w.Pings
	}
	return t
}

// TellPings has a member say how far it is from the regions, for tickets to
// come: nobody else can know. They are forgotten when it leaves. ErrNoParty.
func (s *Social) TellPings(who Who, pings store.Pings) error {
	p := s.partyOf(who)
	if p == nil {
		return ErrNoParty
	}
	if err := s.deps.Store.MeasureParty(p.ID, who.ID, pings); err != nil {
		return partyError(err, ErrNoParty)
	}
	return nil
}

// CancelQueue has the leader give the party's ticket up. ErrNoParty,
// ErrNotLeader, ErrNotQueued.
func (s *Social) CancelQueue(who Who) error {
	p := s.partyOf(who)
	switch {
	case p == nil:
		return ErrNoParty
	case p.Leader != who.ID:
		return ErrNotLeader
	case p.Ticket == "":
		return ErrNotQueued
	}
	c, err := s.deps.Store.UnqueueParty(p.ID, p.Ticket)
	if err != nil {
		return partyError(err, ErrNotQueued)
	}
	s.partyChanged(c)
	return nil
}

// Unqueued says that a party's ticket has come to its end: placed, failed or
// cancelled. It is no error if the party has another by now.
func (s *Social) Unqueued(id store.PartyID, ticket store.TicketID) {
	c, err := s.deps.Store.UnqueueParty(id, ticket)
	if err != nil {
		return
	}
	for _, a := range concerned(c) {
		s.tellParty(a)
	}
}
