package lobby

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/lobby/store"
)

// An intake is where tickets gather while others are written into the store:
// they go into one transaction then, so that the more come, the less each costs.
type intake struct {
	turn sync.Mutex // held while a batch is written

	mu   sync.Mutex
	next *batch // under mu; nil: nobody has come
}

// A batch is tickets that are written together, by the goroutine that came first.
type batch struct {
	tickets []*store.Ticket // under the intake's mu until it is the batch's turn
	added   []store.Added   // by the same index, when done is closed
	done    chan struct{}
}

// mostAtOnce bounds the tickets of one transaction, and with it how long
// others wait to write: some 3 ms.
const mostAtOnce = 512

// Enqueue gives a player or a party a ticket and returns when it is in the
// queue. It returns an error of a [Wish], what Ready does, ErrQueueFull, or the
// live ticket that one of them has already with ErrTicketExists: a client that
// has lost its id asks for that one, or cancels it.
func (l *Lobby) Enqueue(ctx context.Context, w Wish) (store.Ticket, error) {
	t, err := l.ticket(w, time.Now())
	if err != nil {
		return t, err
	}
	if err := l.Ready(); err != nil {
		return t, err
	}
	if err := ctx.Err(); err != nil {
		return t, fmt.Errorf("enqueue: %w", err) // nobody is there who would play
	}
	b, i := l.intake.join(&t)
	if i == 0 {
		l.write(b)
	}
	<-b.done
	a := b.added[i]
	return *a.Ticket, enqueueError(a.Err)
}

// join puts a ticket into the batch that is written next, and says where. Who
// is the first in it has to write it.
func (in *intake) join(t *store.Ticket) (b *batch, i int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.next == nil {
		in.next = &batch{done: make(chan struct{})}
	}
	b = in.next
	b.tickets = append(b.tickets, t)
	return b, len(b.tickets) - 1
}

// close keeps further tickets out of the batch that is written now.
func (in *intake) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.next = nil
}

// write puts a batch into the store when it is its turn.
func (l *Lobby) write(b *batch) {
	l.intake.turn.Lock()
	defer l.intake.turn.Unlock()
	runtime.Gosched() // who is about to come does so now
	l.intake.close()
	for some := range slices.Chunk(b.tickets, mostAtOnce) {
		b.added = append(b.added, l.add(some)...)
	}
	close(b.done)
	l.rouse()
}

func (l *Lobby) add(tickets []*store.Ticket) []store.Added {
	for _, t := range tickets {
		l.polls.expect(t.ID, t.Created)
	}
	all := l.store.AddTickets(tickets)
	for i, a := range all {
		if live := a.Ticket.ID == tickets[i].ID && a.Ticket.Seq > 0 && !a.Ticket.State.Final(); !live {
			l.polls.forget(tickets[i].ID)
		}
	}
	return all
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
