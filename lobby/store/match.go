package store

import (
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/protocol"
)

// A Match is leased to a host, and from Placed on it runs there.
type Match struct {
	ID      protocol.MatchID
	Mode    string
	URL     string // of its socket, "" for the one this node serves
	Players []protocol.PlayerID
	Leased  time.Time
	Placed  time.Time // zero until the host has answered
}

func matchSchema() *memdb.TableSchema {
	return table(tableMatches, unique(indexID, func(m *Match) []byte { return text(m.ID) }))
}

// LeaseMatch writes a match down before a host is asked to run it, so that
// even one that ends before the answer is worked through is known.
func (s *Store) LeaseMatch(m Match) {
	s.update(func(txn *memdb.Txn) error {
		putTxn(txn, tableMatches, &m)
		return nil
	})
}

// PlaceRoom closes a room whose match a host has taken: in one transaction,
// each of its tickets that still forms and has an assignment is placed, which
// frees who waits for it, and the match is noted as running unless it is over
// already. The placed tickets are returned.
func (s *Store) PlaceRoom(id RoomID, match protocol.MatchID, assignments map[TicketID]Assignment, at time.Time) (placed []Ticket, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		r, err := closeRoomTxn(txn, id)
		if err != nil {
			return err
		}
		url := ""
		for _, t := range formingTxn(txn, r) {
			a, ok := assignments[t.ID]
			if !ok {
				s.returnTxn(txn, t, Blame{}, at)
				continue
			}
			t.Assignment, url = a, a.URL
			placed = append(placed, s.endTxn(txn, t, Placed, "", at))
		}
		placeMatchTxn(txn, match, url, placed, at)
		return nil
	})
	return placed, err
}

func placeMatchTxn(txn *memdb.Txn, id protocol.MatchID, url string, placed []Ticket, at time.Time) {
	_, m := firstTxn[Match](txn, tableMatches, indexID, text(id))
	if m == nil {
		return
	}
	row := *m
	row.URL, row.Placed, row.Players = url, at, nil
	for _, t := range placed {
		row.Players = append(row.Players, t.Player.ID)
	}
	putTxn(txn, tableMatches, &row)
}

// EndMatch deletes a match and returns what it was.
func (s *Store) EndMatch(id protocol.MatchID) (m Match, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		_, row := firstTxn[Match](txn, tableMatches, indexID, text(id))
		if row == nil {
			return ErrNotFound
		}
		m = *row
		dropTxn(txn, tableMatches, row)
		return nil
	})
	return m, err
}

// Match returns a match that is leased or runs.
func (s *Store) Match(id protocol.MatchID) (Match, error) {
	_, m := firstTxn[Match](s.db.Txn(false), tableMatches, indexID, text(id))
	if m == nil {
		return Match{}, ErrNotFound
	}
	return *m, nil
}

// Matches is how many matches are leased or run.
func (s *Store) Matches() (n int) {
	eachTxn(s.db.Txn(false), tableMatches, indexID, nil, func(*Match) bool { n++; return true })
	return n
}

// ForgetMatches deletes matches leased before a time, whose end was never
// heard of, and returns how many.
func (s *Store) ForgetMatches(before time.Time) (gone int) {
	s.update(func(txn *memdb.Txn) error {
		eachTxn(txn, tableMatches, indexID, nil, func(m *Match) bool {
			if m.Leased.Before(before) {
				dropTxn(txn, tableMatches, m)
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
