package lobby

import (
	"sync"
	"time"

	"github.com/musterhq/muster/lobby/store"
)

// attendance knows who still asks for which ticket. It is not in the store,
// where every poll would wake all others that wait for the same ticket.
type attendance struct {
	most int // polls of one ticket at a time

	mu sync.Mutex
	of map[store.TicketID]attendee // live tickets; under mu
}

type attendee struct {
	polls int       // under way
	last  time.Time // when one began or ended
}

func newAttendance(most int) attendance {
	return attendance{most: most, of: make(map[store.TicketID]attendee)}
}

// expect counts a new ticket's creation as its first poll.
func (a *attendance) expect(id store.TicketID, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.of[id]; !known {
		a.of[id] = attendee{last: now}
	}
}

// begin counts a poll. False says that there are too many; a ticket that is
// not expected may be polled without being counted.
func (a *attendance) begin(id store.TicketID, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	of, known := a.of[id]
	if known && of.polls >= a.most {
		return false
	}
	if known {
		a.of[id] = attendee{of.polls + 1, now}
	}
	return true
}

// end ends a poll that began.
func (a *attendance) end(id store.TicketID, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of, known := a.of[id]; known {
		a.of[id] = attendee{of.polls - 1, now}
	}
}

// touch counts what is as good as a poll.
func (a *attendance) touch(id store.TicketID, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of, known := a.of[id]; known {
		a.of[id] = attendee{of.polls, now}
	}
}

// idle says that nobody has asked for a ticket since a time.
func (a *attendance) idle(id store.TicketID, since time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	of, known := a.of[id]
	return !known || of.polls == 0 && of.last.Before(since)
}

// forget drops a ticket that is final.
func (a *attendance) forget(id store.TicketID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, id)
}
