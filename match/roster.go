package match

import (
	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// This file is who sits where, and who is told.

// rosterChunk is how many seats a client is told of at a time: all in most
// modes. A thousand with long names would not fit a connection's control lane.
const rosterChunk = 128

// introduce tells those who have joined of the seats that they do not know yet,
// some at each beat.
func (m *Match) introduce() {
	for _, all := range [...][]*client{m.clients, m.spectators} {
		for _, c := range all {
			if c.greeted && c.known < len(m.seats) && c.conn.Pending() == 0 {
				c.conn.Send(protocol.Append(nil, protocol.Roster{Seats: c.meet()}))
			}
		}
	}
}

// meet returns the next seats that the client does not know.
func (c *client) meet() (seats []protocol.RosterSeat) {
	from := c.known
	c.known = min(from+rosterChunk, len(c.m.seats))
	for i := range c.m.seats[from:c.known] {
		seats = append(seats, c.m.rosterSeat(&c.m.seats[from+i]))
	}
	return seats
}

// setStatus changes who plays a seat and tells those who know of it.
func (m *Match) setStatus(s *seat, status protocol.SeatStatus) {
	if s.status == status {
		return
	}
	s.status = status
	m.changed()
	b := protocol.Append(nil, protocol.Roster{Seats: []protocol.RosterSeat{m.rosterSeat(s)}})
	for _, all := range [...][]*client{m.clients, m.spectators} {
		for _, c := range all {
			if c.known > int(s.number) {
				c.conn.Send(b)
			}
		}
	}
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
