package store

import (
	"time"

	"github.com/hashicorp/go-memdb"
)

// RoomID names a lobby room, in the same form as a player's id.
type RoomID string

// A Room is a group of tickets on its way to a match.
type Room struct {
	ID      RoomID
	Mode    string
	Tickets []TicketID // as they were grouped; some may have left since. Never changed.
	Created time.Time
}

func roomSchema() *memdb.TableSchema {
	return table(tableRooms, unique(indexID, func(r *Room) []byte { return text(r.ID) }))
}

// OpenRoom takes the room's tickets out of the queue: they are forming. It is
// all or nothing: ErrStale says that one of them no longer waits.
func (s *Store) OpenRoom(r Room) error {
	return s.update(func(txn *memdb.Txn) error {
		for _, id := range r.Tickets {
			_, t := firstTxn[Ticket](txn, tableTickets, indexID, text(id))
			if t == nil || t.State != Waiting {
				return ErrStale
			}
			row := *t
			row.State, row.Room, row.Changed = Forming, r.ID, r.Created
			putTxn(txn, tableTickets, &row)
		}
		putTxn(txn, tableRooms, &r)
		return nil
	})
}

// Rooms is how many rooms are open.
func (s *Store) Rooms() (n int) {
	eachTxn(s.db.Txn(false), tableRooms, indexID, nil, func(*Room) bool { n++; return true })
	return n
}

// ReturnRoom closes a room from which no match came. Those of its tickets that
// still form go back to their places in the queue; where blame is set a host
// did not take them, and those whose tries are used up fail instead and are
// returned.
func (s *Store) ReturnRoom(id RoomID, blame Blame, at time.Time) (failed []Ticket, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		r, err := closeRoomTxn(txn, id)
		if err != nil {
			return err
		}
		for _, t := range formingTxn(txn, r) {
			if t = s.returnTxn(txn, t, blame, at); t.State == Failed {
				failed = append(failed, t)
			}
		}
		return nil
	})
	return failed, err
}

// Blame says why a room's tickets return to the queue. The zero value blames
// nobody and costs no try.
type Blame struct {
	Why      string // what a ticket fails with
	MaxTries int    // after which it does
}

func (s *Store) returnTxn(txn *memdb.Txn, t Ticket, blame Blame, at time.Time) Ticket {
	if blame.Why != "" {
		t.Tries++
	}
	if blame.Why != "" && t.Tries >= blame.MaxTries {
		return s.endTxn(txn, t, Failed, blame.Why, at)
	}
	t.State, t.Room, t.Changed = Waiting, "", at
	row := t
	putTxn(txn, tableTickets, &row)
	return t
}

func closeRoomTxn(txn *memdb.Txn, id RoomID) (*Room, error) {
	_, r := firstTxn[Room](txn, tableRooms, indexID, text(id))
	if r == nil {
		return nil, ErrNotFound
	}
	dropTxn(txn, tableRooms, r)
	return r, nil
}

// formingTxn returns the room's tickets that have not left it.
func formingTxn(txn *memdb.Txn, r *Room) (all []Ticket) {
	for _, id := range r.Tickets {
		if _, t := firstTxn[Ticket](txn, tableTickets, indexID, text(id)); t != nil && t.State == Forming && t.Room == r.ID {
			all = append(all, *t)
		}
	}
	return all
}
