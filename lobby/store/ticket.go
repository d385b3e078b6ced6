package store

import (
	"context"
	"errors"
	"slices"
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
	Offered   State = "offered"   // grouped; its players are asked whether they accept
	Forming   State = "forming"   // grouped; its room counts down or asks for a host
	Placed    State = "placed"    // a match is there: see Assignments
	Cancelled State = "cancelled" // see Why
	Failed    State = "failed"    // see Why
)

// Final says that the state will not change any more.
func (s State) Final() bool { return s == Placed || s == Cancelled || s == Failed }

// A Ticket is the wish of a player or a party for a match. Its slices are never
// changed.
type Ticket struct {
	ID          TicketID
	Seq         uint64   // its place among all tickets; a ticket that returns to the queue keeps it
	Members     []Member // who has asked comes first; at least one
	Party       PartyID  // that it is of, else empty
	Mode        string
	Props       string // tickets of one match have the same, see package lobby
	Fresh       bool   // not into a match that runs already
	State       State
	Why         string       // for cancelled and failed: stable, see package lobby
	Created     time.Time    // when it entered the queue
	Changed     time.Time    // when it came into its state
	Tries       int          // hosts that did not take its group
	Room        RoomID       // while offered and forming
	Assignments []Assignment // once placed: of the members, in their order
}

// Pings are the round trips that a player has measured, by region. A region
// that is left out is out of reach; none at all: not measured, any will do.
type Pings map[string]time.Duration

// A Member is one of a ticket's players.
type Member struct {
	protocol.Player
	Skill float64  // points, to group by
	Pings []uint16 // ms by region of the mode, 0 for out of reach; none: not measured
}

// Owner is who has asked.
func (t *Ticket) Owner() protocol.Player { return t.Members[0].Player }

// Member returns where a player stands among the members, or -1.
func (t *Ticket) Member(id protocol.PlayerID) int {
	return slices.IndexFunc(t.Members, func(m Member) bool { return m.ID == id })
}

// An Assignment is where a placed ticket's player plays.
type Assignment struct {
	URL   string // of the socket, "" for the one this node serves
	Match protocol.MatchID
	Pass  string
}

const indexQueue = "queue"

func ticketSchema() *memdb.TableSchema {
	return table(tableTickets,
		unique(indexID, func(t *Ticket) []byte { return text(t.ID) }),
		unique(indexQueue, func(t *Ticket) []byte { return ascending(queue(t.Mode, t.State), t.Seq) }))
}

// queue is the common beginning of the tickets of a mode in one state.
func queue(mode string, state State) []byte {
	key := make([]byte, 0, len(mode)+len(state)+2+8) // with room for a Seq
	key = append(append(key, mode...), 0)
	return append(append(key, state...), 0)
}

// Added is what came of a ticket that was to be added.
type Added struct {
	Ticket *Ticket // the row in the queue; with ErrExists the one that is there
	Err    error   // ErrExists, ErrFull, ErrClosed
}

// AddTickets puts tickets into their modes' queues, all in one transaction,
// and sets their Seq. They are the store's from then on, not to be changed. One
// is refused with ErrExists where a member has a live ticket already.
func (s *Store) AddTickets(tickets []*Ticket) []Added {
	added := make([]Added, len(tickets))
	s.update(func(txn *memdb.Txn) error {
		for i := range tickets {
			added[i] = s.addTxn(txn, tickets[i])
		}
		return nil
	})
	return added
}

func (s *Store) addTxn(txn *memdb.Txn, t *Ticket) Added {
	if s.closed {
		return Added{t, ErrClosed}
	}
	if old := s.clashTxn(txn, t); old != nil {
		return Added{old, ErrExists}
	}
	if int(s.live.Load()) >= s.maxTickets {
		return Added{t, ErrFull}
	}
	s.seq++
	s.live.Add(1)
	t.Seq, t.State, t.Changed = s.seq, Waiting, t.Created
	s.players.add(t)
	putTxn(txn, tableTickets, t)
	return Added{t, nil}
}

// clashTxn returns a live ticket of a member, beside which another cannot be.
func (s *Store) clashTxn(txn *memdb.Txn, t *Ticket) *Ticket {
	for i := range t.Members {
		if live := s.liveTxn(txn, t.Members[i].ID); live != nil {
			return live
		}
	}
	return nil
}

// liveTxn returns the live ticket of a player, or nil.
func (s *Store) liveTxn(txn *memdb.Txn, p protocol.PlayerID) *Ticket {
	n, _ := s.players.newest(p)
	if !n.live {
		return nil
	}
	_, t := firstTxn[Ticket](txn, tableTickets, indexID, text(n.id))
	return t
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
	n, ok := s.players.newest(p)
	if !ok {
		return Ticket{}, ErrNotFound
	}
	return s.Ticket(n.id)
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

// WaitingIn returns the tickets in a mode's queue, oldest first. They are the
// rows themselves: not to be changed.
func (s *Store) WaitingIn(mode string) (all []*Ticket) {
	eachTxn(s.db.Txn(false), tableTickets, indexQueue, queue(mode, Waiting), func(t *Ticket) bool {
		all = append(all, t)
		return true
	})
	return all
}

// Live is how many tickets are not final.
func (s *Store) Live() int { return int(s.live.Load()) }

// CancelTicket cancels a live ticket and returns it as it was before; one that
// is final already stays as it is.
func (s *Store) CancelTicket(id TicketID, why string, at time.Time) (before Ticket, err error) {
	return s.cancelTicket(id, why, at, func(s State) bool { return !s.Final() })
}

// DeclineTicket is CancelTicket while the ticket is offered; one that is not
// stays as it is.
func (s *Store) DeclineTicket(id TicketID, why string, at time.Time) (before Ticket, err error) {
	return s.cancelTicket(id, why, at, func(s State) bool { return s == Offered })
}

func (s *Store) cancelTicket(id TicketID, why string, at time.Time, may func(State) bool) (before Ticket, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		_, t := firstTxn[Ticket](txn, tableTickets, indexID, text(id))
		if t == nil {
			return ErrNotFound
		}
		if before = *t; may(before.State) {
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
	s.players.end(&t)
	row := t
	putTxn(txn, tableTickets, &row)
	return t
}

// Close cancels every live ticket and returns them; from now on each that is
// added is refused with ErrClosed.
func (s *Store) Close(why string, at time.Time) (cancelled []Ticket) {
	s.update(func(txn *memdb.Txn) error {
		s.closed = true
		eachTxn(txn, tableTickets, indexID, nil, func(t *Ticket) bool {
			if !t.State.Final() {
				cancelled = append(cancelled, s.endTxn(txn, *t, Cancelled, why, at))
			}
			return true
		})
		return nil
	})
	return cancelled
}

// ForgetTickets deletes final tickets that were so before a time, and returns
// how many.
func (s *Store) ForgetTickets(before time.Time) (gone int) {
	s.update(func(txn *memdb.Txn) error {
		eachTxn(txn, tableTickets, indexID, nil, func(t *Ticket) bool {
			if t.State.Final() && t.Changed.Before(before) {
				s.players.forget(t)
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
