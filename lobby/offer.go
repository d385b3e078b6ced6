package lobby

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// Why a ticket was cancelled whose match was offered.
const (
	WhyDeclined = "declined"  // one of its players did not want it
	WhySilent   = "no_answer" // one of its players did not say anything in time
)

// ErrNoOffer says that there is nothing to accept or to decline.
var ErrNoOffer = errors.New("no match is offered to the ticket")

// An offer asks the people of a room, who stand in the hall yet, whether they
// accept the match.
type offer struct {
	until time.Time
	news  chan struct{} // somebody has accepted; holds one

	mu       sync.Mutex
	accepted map[protocol.PlayerID]bool // under mu
}

func newOffer(until time.Time) *offer {
	return &offer{until: until, news: make(chan struct{}, 1), accepted: make(map[protocol.PlayerID]bool)}
}

func (o *offer) accept(who protocol.PlayerID) {
	o.mu.Lock()
	o.accepted[who] = true
	o.mu.Unlock()
	select {
	case o.news <- struct{}{}:
	default:
	}
}

func (o *offer) has(who protocol.PlayerID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.accepted[who]
}

func (o *offer) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.accepted)
}

// Accept says for a player yes or no to the match that is offered to a ticket.
// To do so twice is no error while it is offered; nor is a second yes, which may
// cross the last of the others' on its way, once the ticket is forming. After a
// no, the ticket is cancelled, and the others of the match wait on as before.
func (l *Lobby) Accept(who protocol.PlayerID, id store.TicketID, yes bool) error {
	t, err := l.Ticket(who, id)
	if err != nil {
		return err
	}
	r := l.roomOf(&t)
	if yes && t.State == store.Forming && r.accepted(who) {
		return nil
	}
	if t.State != store.Offered || r == nil {
		return ErrNoOffer
	}
	if yes {
		r.offer.accept(who)
		return nil
	}
	before, err := l.store.DeclineTicket(id, WhyDeclined, time.Now())
	if err != nil || before.State != store.Offered {
		return ErrNoOffer // it has ended meanwhile, or all have accepted
	}
	l.cancelled(before)
	return nil
}

// OfferOf returns the offer to a player's ticket, if there is one.
func (l *Lobby) OfferOf(who protocol.PlayerID) (protocol.Offer, bool) {
	t, err := l.store.TicketOf(who)
	if err != nil || t.State != store.Offered {
		return protocol.Offer{}, false
	}
	r := l.roomOf(&t)
	if r == nil {
		return protocol.Offer{}, false
	}
	return r.offered(&t, who), true
}

// roomOf returns the room that a ticket is in, or nil.
func (l *Lobby) roomOf(t *store.Ticket) *room {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rooms[t.Room]
}

// accepted says whether a player has accepted the match of a room, which may be
// nil or have asked nobody.
func (r *room) accepted(who protocol.PlayerID) bool {
	return r != nil && r.offer != nil && r.offer.has(who)
}

// offered is what a player is told of the room's offer.
func (r *room) offered(t *store.Ticket, who protocol.PlayerID) protocol.Offer {
	return protocol.Offer{Ticket: string(t.ID), Mode: t.Mode, Left: max(time.Until(r.offer.until), 0),
		Players: len(r.people), Accepted: r.offer.count(), You: r.offer.has(who)}
}

// agreed asks everybody, and says whether all have accepted in time. Else the
// room is over: who has declined or not answered leaves the queue, with the
// party, and the others go back to their places.
func (r *room) agreed(ctx context.Context) bool {
	late := time.NewTimer(time.Until(r.offer.until))
	defer late.Stop()
	beat := time.NewTicker(r.lobby.cfg.RoomBeat)
	defer beat.Stop()
	r.tellOffer()
	for told := 0; !r.over; {
		select {
		case <-ctx.Done():
			r.dissolve(store.Blame{})
		case id := <-r.left:
			r.leave(id)
			r.dissolve(store.Blame{})
		case <-late.C:
			if r.formed() {
				return true // the last yes came just in time
			}
			r.expire()
		case <-r.offer.news:
			if r.formed() {
				return true
			}
		case <-beat.C:
			if n := r.offer.count(); n > told {
				r.tellOffer()
				told = n
			}
		}
	}
	return false
}

// formed has the tickets form if all have accepted and none has left.
func (r *room) formed() bool {
	return r.offer.count() == len(r.people) && r.lobby.store.FormRoom(r.row.ID, time.Now()) == nil
}

// tellOffer tells everybody how far it is.
func (r *room) tellOffer() {
	for i := range r.people {
		p := &r.people[i]
		r.lobby.deps.Hall.Tell(p.who.ID, protocol.Append(nil, r.offered(p.ticket, p.who.ID)))
	}
}

// expire cancels the tickets of those who have not answered.
func (r *room) expire() {
	for i := range r.people {
		if p := &r.people[i]; !r.offer.has(p.who.ID) {
			r.lobby.cancel(p.ticket.ID, WhySilent)
		}
	}
	r.dissolve(store.Blame{})
}
