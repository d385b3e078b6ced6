package lobby

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/lobby/store"
)

// A newcomer is a ticket on its way into the store.
type newcomer struct {
	ticket *store.Ticket
	added  chan<- store.Added // holds one
}

// mostAtOnce bounds the tickets of one transaction, and with it how long
// others wait to write: some 3 ms.
const mostAtOnce = 512

// Enqueue gives a player or a party a ticket and returns when it is in the
// queue. It returns an error of a [Wish], what Ready does, ErrQueueFull, or the
// live ticket that one of them has already with ErrTicketExists: a client that
// has lost its id asks for that one, or cancels it.
func (l *Lobby) Enqueue(ctx context.Context, w Wish) (store.Ticket, error) {
	now := time.Now()
	t, err := l.ticket(w, now)
	if err != nil {
		return t, err
	}
	if err := l.Ready(); err != nil {
		return t, err
	}
	added := make(chan store.Added, 1)
	if err := l.knock(ctx, newcomer{&t, added}); err != nil {
		return t, err
	}
	select { // not ctx: it may be in the queue by now
	case a := <-added:
		return *a.Ticket, enqueueError(a.Err)
	case <-l.shut:
		return t, ErrDraining // and if it has come in, it was cancelled with all others
	}
}

// knock has a newcomer wait at the door. Where it is crowded until ctx ends,
// too many come at once.
func (l *Lobby) knock(ctx context.Context, n newcomer) error {
	select {
	case l.door <- n:
		return nil
	default:
	}
	select {
	case l.door <- n:
		return nil
	case <-l.shut:
		return ErrDraining
	case <-ctx.Done():
		return ErrQueueFull
	}
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

// takeIn puts tickets into the store until ctx is done: all that have come
// while the last ones were written go into one transaction, so that the more
// come, the less each costs.
func (l *Lobby) takeIn(ctx context.Context) {
	defer close(l.shut)
	for {
		select {
		case first := <-l.door:
			l.add(l.gather(first))
		case <-ctx.Done():
			return
		}
	}
}

// gather returns who stands at the door.
func (l *Lobby) gather(first newcomer) []newcomer {
	all := []newcomer{first}
	for len(all) < mostAtOnce {
		select {
		case n := <-l.door:
			all = append(all, n)
		default:
			return all
		}
	}
	return all
}

func (l *Lobby) add(all []newcomer) {
	tickets := make([]*store.Ticket, len(all))
	for i, n := range all {
		tickets[i] = n.ticket
		l.polls.expect(n.ticket.ID, n.ticket.Created)
	}
	for i, a := range l.store.AddTickets(tickets) {
		if live := a.Ticket.ID == tickets[i].ID && a.Ticket.Seq > 0 && !a.Ticket.State.Final(); !live {
			l.polls.forget(tickets[i].ID)
		}
		all[i].added <- a
	}
	l.rouse()
}
