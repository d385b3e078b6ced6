package store

import (
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/go-memdb"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/protocol"
)

// A Match is leased to a host, and from Placed on it runs there. Its slices are
// never changed.
type Match struct {
	ID     protocol.MatchID
	Mode   string
	URL    string // of its socket, "" for the one this node serves
	Host   string // that takes orders about it
	Region string // where it shall be played, empty: anywhere
	Props  string // of all its tickets
	Leased time.Time
	Placed time.Time // zero until the host has answered

	Players []MatchPlayer       // who were placed in it, in the order in which that was
	Quit    []protocol.PlayerID // who have left it because they wanted to, the last mostQuit
	Custom  bool                // its players were chosen, not found: it says nothing of how good they are
	Door    Door                // who may watch it
	Why     group.Why           // it was made
	Joins   []group.Why         // of those who came later, the last mostJoins

	Free     []game.Seat // that players may join on, as far as the host has said
	FreeFrom time.Time   // since when there is any
	Revision uint32      // of Free
}

// mostJoins bounds Match.Joins: players come and go for as long as a match runs.
const mostJoins = 64

// mostQuit bounds Match.Quit.
const mostQuit = 256

// A MatchPlayer was placed in a match.
type MatchPlayer struct {
	ID    protocol.PlayerID
	Seat  game.Seat
	Skill float64 // points, when the ticket was made
	Name  string

	Left   bool // for good, or did not come in time
	Kicked bool // and is not let in again
}

// A Door says whom a match lets in to watch it. The zero value is open to all.
type Door struct {
	Closed  bool                // to all but those below
	Room    string              // whose members may
	Friends protocol.PlayerID   // whose friends may, who is no friend of nobody
	Banned  []protocol.PlayerID // who may not in any case
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

// A Placing is what a host has answered for a room.
type Placing struct {
	Match       protocol.MatchID
	Join        *group.Why // why these join a match that runs; nil if it begins with them
	Revision    uint32     // of the match's free seats without these, where they join
	URL         string
	Host        string // where they begin it
	Seats       map[protocol.PlayerID]game.Seat
	Assignments map[protocol.PlayerID]Assignment
}

// PlaceRoom closes a room whose players a host has taken: in one transaction,
// each of its tickets whose members all have an assignment is placed, which
// frees who waits for it, and the match is noted as running unless it is over
// already. Who would join one that is over goes back to the queue. The placed
// tickets are returned.
func (s *Store) PlaceRoom(id RoomID, p Placing, at time.Time) (placed []Ticket, err error) {
	err = s.update(func(txn *memdb.Txn) error {
		r, err := closeRoomTxn(txn, id)
		if err != nil {
			return err
		}
		over := p.Join != nil && matchTxn(txn, p.Match) == nil
		for _, t := range insideTxn(txn, r) {
			if t.Assignments = p.of(&t); t.Assignments == nil || over {
				t.Assignments = nil
				s.returnTxn(txn, t, Blame{}, at)
				continue
			}
			placed = append(placed, s.endTxn(txn, t, Placed, "", at))
		}
		placeMatchTxn(txn, p, placed, at)
		return nil
	})
	return placed, err
}

// LaunchMatch notes that a host has taken players who were chosen, and not found
// by the matchmaker. In one transaction their live tickets are cancelled, which
// are returned as they were before, and a ticket of them all is placed, so that
// they have their assignments as anybody has. It does not count as live ever.
func (s *Store) LaunchMatch(t Ticket, p Placing, why string, at time.Time) (cancelled []Ticket) {
	s.update(func(txn *memdb.Txn) error {
		for _, m := range t.Members {
			if live := s.liveTxn(txn, m.ID); live != nil {
				cancelled = append(cancelled, *live)
				s.endTxn(txn, *live, Cancelled, why, at)
			}
		}
		s.seq++
		t.Seq, t.State, t.Changed, t.Assignments = s.seq, Placed, at, p.of(&t)
		s.players.add(&t)
		putTxn(txn, tableTickets, &t)
		placeMatchTxn(txn, p, []Ticket{t}, at)
		return nil
	})
	return cancelled
}

// of returns the assignments of a ticket's members, nil where one is missing.
func (p *Placing) of(t *Ticket) []Assignment {
	all := make([]Assignment, len(t.Members))
	for i, m := range t.Members {
		a, ok := p.Assignments[m.ID]
		if !ok {
			return nil
		}
		all[i] = a
	}
	return all
}

func placeMatchTxn(txn *memdb.Txn, p Placing, placed []Ticket, at time.Time) {
	m := matchTxn(txn, p.Match)
	if m == nil {
		return
	}
	row := *m
	if p.Join != nil {
		row.Joins = append(slices.Clip(row.Joins[max(0, len(row.Joins)-mostJoins+1):]), *p.Join)
		row.free(p.without(row.Free), p.Revision, at)
	}
	row.URL, row.Players = p.URL, row.playersBut(placed, p.Seats)
	if row.Placed.IsZero() {
		row.Placed, row.Host = at, p.Host
	}
	for _, t := range placed {
		for _, member := range t.Members {
			row.Players = append(row.Players, MatchPlayer{ID: member.ID, Seat: p.Seats[member.ID], Skill: member.Skill, Name: member.Name})
		}
	}
	putTxn(txn, tableMatches, &row)
}

// playersBut are the players without those who have left and whose seat has
// another now, or who have come again. Who was kicked stays known.
func (m *Match) playersBut(placed []Ticket, seats map[protocol.PlayerID]game.Seat) []MatchPlayer {
	again, taken := make(map[protocol.PlayerID]bool), make(map[game.Seat]bool)
	for _, t := range placed {
		for _, member := range t.Members {
			again[member.ID], taken[seats[member.ID]] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(m.Players), func(p MatchPlayer) bool {
		return p.Left && !p.Kicked && (again[p.ID] || taken[p.Seat])
	})
}

// Has says whether a player was placed in the match and has not left it.
func (m *Match) Has(p protocol.PlayerID) bool {
	return slices.ContainsFunc(m.Players, func(has MatchPlayer) bool { return has.ID == p && !has.Left })
}

// Joinable says whether the matchmaker may place players in the match now.
func (m *Match) Joinable() bool { return len(m.Free) > 0 && !m.Custom }

// RunningMatches lists those that a host has taken and keep wants, at most so
// many, by their ids after one.
func (s *Store) RunningMatches(after protocol.MatchID, most int, keep func(*Match) bool) (all []Match) {
	eachFromTxn(s.db.Txn(false), tableMatches, indexID, text(after), func(m *Match) bool {
		if m.ID != after && !m.Placed.IsZero() && keep(m) {
			all = append(all, *m)
		}
		return len(all) < most
	})
	return all
}

// Sitting are the players who are in the match still, as far as is known: of
// those placed on one seat the last, unless it is free.
func (m *Match) Sitting() (all []MatchPlayer) {
	seen := make(map[game.Seat]bool, len(m.Players))
	for _, s := range m.Free {
		seen[s] = true
	}
	for _, p := range slices.Backward(m.Players) {
		if !p.Left && !seen[p.Seat] {
			seen[p.Seat] = true
			all = append(all, p)
		}
	}
	return all
}

// without are the seats that these do not get.
func (p *Placing) without(seats []game.Seat) (rest []game.Seat) {
	taken := slices.Collect(maps.Values(p.Seats))
	return slices.DeleteFunc(slices.Clone(seats), func(s game.Seat) bool { return slices.Contains(taken, s) })
}

// free notes which seats are, unless something newer is known.
func (m *Match) free(seats []game.Seat, revision uint32, at time.Time) bool {
	if revision < m.Revision {
		return false
	}
	if len(m.Free) == 0 {
		m.FreeFrom = at
	}
	m.Free, m.Revision = seats, revision
	return true
}

// leave notes who has left.
func (m *Match) leave(left []protocol.LeftSeat) {
	if len(left) == 0 {
		return
	}
	type place struct {
		player protocol.PlayerID
		seat   game.Seat
	}
	kicked := make(map[place]bool, len(left)) // who have left
	for _, l := range left {
		at := place{l.Player, l.Seat}
		kicked[at] = kicked[at] || l.Kicked
		if l.Quit {
			m.quit(l.Player)
		}
	}
	m.Players = slices.Clone(m.Players)
	for i := range m.Players {
		p := &m.Players[i]
		if k, gone := kicked[place{p.ID, p.Seat}]; gone {
			p.Left, p.Kicked = true, p.Kicked || k
		}
	}
}

// quit notes that a player has left by their own will: each once, the newest
// last.
func (m *Match) quit(p protocol.PlayerID) {
	rest := slices.DeleteFunc(slices.Clone(m.Quit), func(has protocol.PlayerID) bool { return has == p })
	m.Quit = append(rest[max(0, len(rest)-mostQuit+1):], p)
}

// FreeSeats notes which seats of a match are free, as its host has said, and
// who has left. It reports whether that is news: what is older than what is
// known of free seats, or of a match there is not, is none.
func (s *Store) FreeSeats(told protocol.Seats, at time.Time) (news bool) {
	s.update(func(txn *memdb.Txn) error {
		m := matchTxn(txn, told.Match)
		if m == nil {
			return errNothing
		}
		row := *m
		row.leave(told.Left)
		news = row.free(told.Free, told.Revision, at)
		putTxn(txn, tableMatches, &row)
		return nil
	})
	return news
}

// Joinable returns the matches of a mode that have free seats. They are the
// rows themselves: not to be changed.
func (s *Store) Joinable(mode string) (all []*Match) {
	eachTxn(s.db.Txn(false), tableMatches, indexID, nil, func(m *Match) bool {
		if m.Mode == mode && m.Joinable() {
			all = append(all, m)
		}
		return true
	})
	return all
}

func matchTxn(txn *memdb.Txn, id protocol.MatchID) *Match {
	_, m := firstTxn[Match](txn, tableMatches, indexID, text(id))
	return m
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
