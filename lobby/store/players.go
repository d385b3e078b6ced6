package store

import (
	"sync"

	"github.com/musterhq/muster/protocol"
)

// players knows the newest ticket of each player; only that one can be live. It
// is no index of the table: memdb would have every write of a transaction copy
// its way through the tree again after each look between the writes.
type players struct {
	mu sync.RWMutex
	of map[protocol.PlayerID]newest // under mu; written inside write transactions only
}

type newest struct {
	id   TicketID
	live bool
}

func (p *players) newest(who protocol.PlayerID) (newest, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	n, ok := p.of[who]
	return n, ok
}

// add makes a ticket the newest of its members.
func (p *players) add(t *Ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range t.Members {
		p.of[t.Members[i].ID] = newest{t.ID, !t.State.Final()}
	}
}

// end notes that a ticket is final.
func (p *players) end(t *Ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range t.Members {
		if who := t.Members[i].ID; p.of[who].id == t.ID {
			p.of[who] = newest{id: t.ID}
		}
	}
}

// forget drops a ticket that is deleted.
func (p *players) forget(t *Ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range t.Members {
		if who := t.Members[i].ID; p.of[who].id == t.ID {
			delete(p.of, who)
		}
	}
}
