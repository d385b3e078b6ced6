package store

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/protocol"
)

// TicketID names a ticket, in the same form as a player's id.
type TicketID string

// State is how far a ticket has come.
type State string

// The states of a ticket. The last three are final.
const (
	Waiting   State = "waiting"   // in its mode's queue
	Forming   State = "forming"   // grouped; its room counts down or asks for a host
	Placed    State = "placed"    // a match is there: see Assignment
	Cancelled State = "cancelled" // see Why
	Failed    State = "failed"    // see Why
)

// Final says that the state will not change any more.
func (s State) Final() bool { return s == Placed || s == Cancelled || s == Failed }

// A Ticket is one player's wish for a match.
type Ticket struct {
	ID         TicketID
	Seq        uint64 // its place among all tickets; a ticket that returns to the queue keeps it
	Player     protocol.Player
	Mode       string
	State      State
	Why        string     // for cancelled and failed: stable, see package lobby
	Created    time.Time  // when it entered the queue
	Changed    time.Time  // when it came into its state
	Tries      int        // hosts that did not take its group
	Room       RoomID     // while forming
	Assignment Assignment // once placed
}

// An Assignment is where a placed ticket's player plays.
type Assignment struct {
	URL   string // of the socket, "" for the one this node serves
	Match protocol.MatchID
	Pass  string
}

const (
	indexPlayer = "player"
	indexQueue  = "queue"
)

func ticketSchema() *memdb.TableSchema {
	return table(tableTickets,
		unique(indexID, func(t *Ticket) []byte { return text(t.ID) }),
		unique(indexPlayer, func(t *Ticket) []byte { return ascending(text(t.Player.ID), t.Seq) }),
		unique(indexQueue, func(t *Ticket) []byte { return ascending(queue(t.Mode, t.State), t.Seq) }))
}

// queue is the common beginning of the tickets of a mode in one state.
func queue(mode string, state State) []byte { return append(text(mode), text(state)...) }

// AddTicket puts a ticket into its mode's queue and sets its Seq. A player who
// has a live one gets that, with ErrExists.
func (s *Store) AddTicket(t Ticket) (Ticket, error) {
	err := s.update(func(txn *memdb.Txn) error {
		old := liveTxn(txn, t.Player.ID)
		switch {
		case s.closed:
			return ErrClosed
		case old != nil:
			t = *old
			return ErrExists
		case int(s.live.Load()) >= s.maxTickets:
			return ErrFull
		}
		s.seq++
		s.live.Add(1)
		t.Seq, t.State, t.Changed = s.seq, Waiting, t.Created
		row := t
		putTxn(txn, tableTickets, &row)
		return nil
	})
	return t, err
}

// liveTxn returns the player's ticket that is not final, or nil.
func liveTxn(txn *memdb.Txn, p protocol.PlayerID) *Ticket {
	last := lastTxn(txn, p)
	if last == nil || last.State.Final() {
		return nil
	}
	return last
}

// lastTxn returns the newest ticket of a player, or nil. Only the newest can
// be live.
func lastTxn(txn *memdb.Txn, p protocol.PlayerID) (last *Ticket) {
	eachTxn(txn, tableTickets, indexPlayer, text(p), func(t *Ticket) bool {
		last = t
		return true
	})
	return last
}

// Ticket returns a ticket.
func (s *Store) Ticket(id TicketID) (Ticket, error) {
	_, t := firstTxn[Ticket](s.db.Txn(false), tableTickets, indexID, text(id))
	if t == nil {
		return Ticket{}, ErrNotFound
	}
	return *t, nil
}

// TicketOf returns a player's newest ticket.
func (s *Store) TicketOf(p protocol.PlayerID) (Ticket, error) {
	t := lastTxn(s.db.Txn(false), p)
	if t == nil {
		return Ticket{}, ErrNotFound
	}
	return *t, nil
}

// WaitTicket returns a ticket as soon as its state is final or another than
// seen, and as it is when ctx ends.
func (s *Store) WaitTicket(ctx context.Context, id TicketID, seen State) (Ticket, error) {
	for {
		changed, t := firstTxn[Ticket](s.db.Txn(false), tableTickets, indexID, text(id))
		if t == nil {
			return Ticket{}, ErrNotFound
		}
		if t.State != seen || t.State.Final() || ctx.Err() != nil {
			return *t, nil
		}
		select {
		case <-changed: // perhaps by a neighbour in the tree: look again
		case <-ctx.Done():
		}
	}
}

// WaitingIn returns the tickets in a mode's queue, oldest first.
func (s *Store) WaitingIn(mode string) (all []Ticket) {
	eachTxn(s.db.Txn(false), tableTickets, indexQueue, queue(mode, Waiting), func(t *Ticket) bool {
		all = append(all, *t)
		return true
	})
	return all
}

// Live is how many tickets wait or form.
func (s *Store) Live() int { return int(s.live.Load()) }

// CancelTicket cancels a live ticket and returns it as it was before; one that
// is final already stays as it is.
func (s *Store) CancelTicket(id TicketID, why string, at time.Time) (before Ticket, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		_, t := firstTxn[Ticket](txn, tableTickets, indexID, text(id))
		if t == nil {
			return ErrNotFound
		}
		if before = *t; !before.State.Final() {
			s.endTxn(txn, before, Cancelled, why, at)
		}
		return nil
	})
	return before, err
}

// endTxn makes a live ticket final.
func (s *Store) endTxn(txn *memdb.Txn, t Ticket, state State, why string, at time.Time) Ticket {
	s.live.Add(-1)
	t.State, t.Why, t.Changed, t.Room = state, why, at, ""
	row := t
	putTxn(txn, tableTickets, &row)
	return t
}

// Close cancels every live ticket, and from now on AddTicket returns
// ErrClosed.
func (s *Store) Close(why string, at time.Time) {
	s.update(func(txn *memdb.Txn) error {
		s.closed = true
		eachTxn(txn, tableTickets, indexID, nil, func(t *Ticket) bool {
			if !t.State.Final() {
				s.endTxn(txn, *t, Cancelled, why, at)
			}
			return true
		})
		return nil
	})
}

// ForgetTickets deletes final tickets that were so before a time, and returns
// how many.
func (s *Store) ForgetTickets(before time.Time) (gone int) {
	s.update(func(txn *memdb.Txn) error {
		eachTxn(txn, tableTickets, indexID, nil, func(t *Ticket) bool {
			if t.State.Final() && t.Changed.Before(before) {
				dropTxn(txn, tableTickets, t)
				gone++
			}
			return true
		})
		if gone == 0 {
			return errNothing
		}
		return nil
	})
	return gone
}

// errNothing aborts a transaction that has nothing to commit.
var errNothing = errors.New("nothing to do")
