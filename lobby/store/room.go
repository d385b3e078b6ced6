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
	State   State      // of its tickets: Offered or Forming
	Created time.Time
}

func roomSchema() *memdb.TableSchema {
	return table(tableRooms, unique(indexID, func(r *Room) []byte { return text(r.ID) }))
}

// OpenRooms takes the rooms' tickets out of the queue, all in one transaction:
// they are in the state of their room. A room is opened with all its tickets
// or not at all; false says that one of them no longer waits.
func (s *Store) OpenRooms(rooms []Room) (opened []bool) {
	opened = make([]bool, len(rooms))
	s.update(func(txn *memdb.Txn) error {
		for i := range rooms {
			opened[i] = openTxn(txn, rooms[i])
		}
		return nil
	})
	return opened
}

func openTxn(txn *memdb.Txn, r Room) bool {
	tickets := make([]*Ticket, len(r.Tickets))
	for i, id := range r.Tickets {
		if _, tickets[i] = firstTxn[Ticket](txn, tableTickets, indexID, text(id)); tickets[i] == nil || tickets[i].State != Waiting {
			return false
		}
	}
	for _, t := range tickets {
		row := *t
		row.State, row.Room, row.Changed = r.State, r.ID, r.Created
		putTxn(txn, tableTickets, &row)
	}
	putTxn(txn, tableRooms, &r)
	return true
}

// FormRoom has the tickets of a room that was offered form: everybody has
// accepted. ErrStale says that one of them has left it.
func (s *Store) FormRoom(id RoomID, at time.Time) error {
	return s.update(func(txn *memdb.Txn) error {
		_, r := firstTxn[Room](txn, tableRooms, indexID, text(id))
		if r == nil {
			return ErrNotFound
		}
		tickets := insideTxn(txn, r)
		if len(tickets) != len(r.Tickets) {
			return ErrStale
		}
		for _, t := range tickets {
			t.State, t.Changed = Forming, at
			putTxn(txn, tableTickets, &t)
		}
		row := *r
		row.State = Forming
		putTxn(txn, tableRooms, &row)
		return nil
	})
}

// Rooms is how many rooms are open.
func (s *Store) Rooms() (n int) {
	eachTxn(s.db.Txn(false), tableRooms, indexID, nil, func(*Room) bool { n++; return true })
	return n
}

// ReturnRoom closes a room from which no match came. Those of its tickets that
// have not left it go back to their places in the queue; where blame is set a host
// did not take them, and those whose tries are used up fail instead and are
// returned.
func (s *Store) ReturnRoom(id RoomID, blame Blame, at time.Time) (failed []Ticket, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		r, err := closeRoomTxn(txn, id)
		if err != nil {
			return err
		}
		for _, t := range insideTxn(txn, r) {
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
	Join     bool   // a match that runs did not take them: they are not sent into one again
}

func (s *Store) returnTxn(txn *memdb.Txn, t Ticket, blame Blame, at time.Time) Ticket {
	if blame.Why != "" {
		t.Tries++
	}
	if blame.Why != "" && t.Tries >= blame.MaxTries {
		return s.endTxn(txn, t, Failed, blame.Why, at)
	}
	t.State, t.Room, t.Changed = Waiting, "", at
	t.Fresh = t.Fresh || blame.Join
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

// insideTxn returns the room's tickets that have not left it.
func insideTxn(txn *memdb.Txn, r *Room) (all []Ticket) {
	for _, id := range r.Tickets {
		if _, t := firstTxn[Ticket](txn, tableTickets, indexID, text(id)); t != nil && t.Room == r.ID {
			all = append(all, *t)
		}
	}
	return all
}
