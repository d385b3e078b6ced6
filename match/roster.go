package match

import (
	"cmp"
	"slices"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// This file is who sits where, and who is told.

// rosterChunk is how many seats a client is told of at a time: all in most
// modes. A thousand with long names would not fit a connection's control lane.
const rosterChunk = 128

// rosterRoom is how many bytes may wait in a connection's control lane for the
// next chunk to be sent: it fits, and so does what else a beat brings.
const rosterRoom = 16 << 10

// rosterNews is what those who have heard of equally many changes hear next.
type rosterNews struct {
	after, upTo uint64 // changes, see Match.statuses
	message     []byte
}

// introduce tells those who have joined of the seats that they do not know yet,
// and then of those that have changed: a chunk a beat, to whom it has room for.
func (m *Match) introduce() {
	var news rosterNews
	for _, all := range [...][]*client{m.clients, m.spectators} {
		for _, c := range all {
			switch {
			case c.known == len(m.seats) && c.heard == m.statuses, !c.hears():
			case c.known < len(m.seats):
				c.conn.Send(protocol.Append(nil, protocol.Roster{Seats: c.meet()}))
			default:
				if news.message == nil || news.after != c.heard {
					news = m.newsAfter(c.heard)
				}
				c.conn.Send(news.message)
				c.heard = news.upTo
			}
		}
	}
}

// hears reports whether a chunk may be sent to the client now.
func (c *client) hears() bool {
	return c.greeted && c.conn.Pending() == 0 && c.conn.Queued() <= rosterRoom
}

// newsAfter makes the next chunk for those who have heard of so many changes.
func (m *Match) newsAfter(heard uint64) rosterNews {
	from, _ := slices.BinarySearchFunc(m.changes, heard+1, func(s game.Seat, change uint64) int {
		return cmp.Compare(m.seats[s].change, change)
	})
	changed := m.changes[from:min(from+rosterChunk, len(m.changes))]
	seats := make([]protocol.RosterSeat, len(changed))
	for i, s := range changed {
		seats[i] = m.rosterSeat(&m.seats[s])
	}
	upTo := m.seats[changed[len(changed)-1]].change
	return rosterNews{heard, upTo, protocol.Append(nil, protocol.Roster{Seats: seats})}
}

// meet returns the next seats that the client does not know.
func (c *client) meet() (seats []protocol.RosterSeat) {
	from := c.known
	c.known = min(from+rosterChunk, len(c.m.seats))
	seats = make([]protocol.RosterSeat, 0, c.known-from)
	for i := range c.m.seats[from:c.known] {
		seats = append(seats, c.m.rosterSeat(&c.m.seats[from+i]))
	}
	return seats
}

// setStatus changes who plays a seat, of which introduce tells everyone. A seat
// that changes again before that is told of once.
func (m *Match) setStatus(s *seat, status protocol.SeatStatus) {
	if s.status == status {
		return
	}
	s.status = status
	m.changed()
	if i := slices.Index(m.changes, s.number); i >= 0 {
		m.changes = slices.Delete(m.changes, i, i+1)
	}
	m.statuses++
	s.change = m.statuses
	m.changes = append(m.changes, s.number)
}

func (m *Match) rosterSeat(s *seat) protocol.RosterSeat {
	r := protocol.RosterSeat{Seat: s.number, Status: s.status, Player: s.player.ID, Name: s.player.Name}
	if s.status == protocol.SeatBot {
		r.Name = botName(s.number)
	}
	return r
}

// botNames are given to bots by seat.
var botNames = [...]string{
	"Ada", "Bolt", "Cyra", "Dax", "Echo", "Flint", "Gale", "Hex", "Ivo", "Juno",
	"Kite", "Lux", "Moss", "Nova", "Onyx", "Pike", "Quill", "Rook", "Sable", "Tycho",
}

func botName(s game.Seat) string { return botNames[int(s)%len(botNames)] + " (bot)" }
