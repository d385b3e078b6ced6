package store

import (
	"errors"
	"sync/atomic"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/protocol"
)

// The tables.
const (
	tableTickets = "tickets"
	tableRooms   = "rooms"
	tableMatches = "matches"
)

// Errors that callers decide by.
var (
	ErrNotFound = errors.New("no such row")
	ErrExists   = errors.New("the player has a live ticket")
	ErrClosed   = errors.New("the queue is closed")
	ErrFull     = errors.New("the queue is full")
	ErrStale    = errors.New("a ticket of the group is no longer waiting")
)

// A Store holds the tables. It is safe for concurrent use.
type Store struct {
	db         *memdb.MemDB // set by New and never changed
	maxTickets int          // live ones; set by New and never changed

	// Written inside write transactions only, which exclude each other.
	seq    uint64 // of the ticket that came last
	closed bool   // no ticket is added any more

	live    atomic.Int64 // tickets that are not final
	players players
}

// New returns an empty Store that takes at most maxTickets live tickets.
func New(maxTickets int) *Store {
	db, err := memdb.NewMemDB(&memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		tableTickets: ticketSchema(),
		tableRooms:   roomSchema(),
		tableMatches: matchSchema(),
		tableParties: partySchema(), tablePartyClocks: partyClockSchema(),
	}})
	if err != nil {
		panic(err) // the schema above is a constant
	}
	return &Store{db: db, maxTickets: maxTickets, players: players{of: make(map[protocol.PlayerID]newest)}}
}

// update runs f in a write transaction and commits it unless f fails. Without
// the deferred Abort, a panic in f would block every later writer for ever.
func (s *Store) update(f func(txn *memdb.Txn) error) error {
	txn := s.db.Txn(true)
	defer txn.Abort()
	if err := f(txn); err != nil {
		return err
	}
	txn.Commit()
	return nil
}
