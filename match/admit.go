package match

import (
	"errors"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// admit takes in the connections that wait at the door.
func (m *Match) admit() {
	for {
		select {
		case a := <-m.inbox.Arrivals():
			join, _ := a.Note.(protocol.Join)
			if s, refused := m.seatFor(a.Conn.Player().ID, &join); s == nil {
				a.Conn.Send(protocol.Append(nil, refused))
				m.host.cfg.Hall(a.Conn, nil)
			} else {
				m.sit(s, a.Conn, &join)
			}
		default:
			return
		}
	}
}

// seatFor finds the seat that a player may take: with a pass, its; without
// one, that which is kept for the player.
func (m *Match) seatFor(who protocol.PlayerID, join *protocol.Join) (*seat, protocol.Refused) {
	if join.Pass == "" {
		if s := m.seatOf(who); s != nil && s.passed {
			return s, protocol.Refused{}
		}
		return nil, protocol.SeatNotYours
	}
	pass, err := protocol.OpenPass(m.host.cfg.PassKey, join.Pass, m.now)
	switch {
	case errors.Is(err, protocol.ErrPassExpired):
		return nil, protocol.PassExpired
	case err != nil || pass.Match != m.id || int(pass.Seat) >= len(m.seats):
		return nil, protocol.PassInvalid
	case pass.Player != who || m.seats[pass.Seat].player.ID != who:
		return nil, protocol.SeatNotYours
	case m.seats[pass.Seat].passed:
		return nil, protocol.PassUsed
	}
	return &m.seats[pass.Seat], protocol.Refused{}
}

func (m *Match) seatOf(who protocol.PlayerID) *seat {
	for i := range m.seats {
		if who != "" && m.seats[i].player.ID == who {
			return &m.seats[i]
		}
	}
	return nil
}

// sit seats a connection. An older one of the same player is replaced.
func (m *Match) sit(s *seat, conn *socket.Conn, join *protocol.Join) {
	if s.client != nil {
		s.client.conn.Goodbye(protocol.Replaced)
		m.drop(s.client)
	}
	c := &client{conn: conn, seat: s, m: m, ackedAt: m.now, eventBase: m.tick, tokens: floodBurst * m.mode.Hz, filledAt: m.now, ladder: newLadder(m.mode.Hz)}
	if s.passed {
		c.missed(join)
	}
	s.client, s.passed, s.until = c, true, time.Time{}
	s.inputs = inputQueue{target: targetMin}
	m.clients = append(m.clients, c) // before the rules are asked, so that it is not lost if they panic
	m.hold(conn)
	conn.Stands(socket.Place{State: protocol.InMatch, Where: string(m.id)})
	m.enter(s)
	c.look(game.View(m.sim.Team(s.number)))
	m.setStatus(s, protocol.SeatPlayer)
	m.greet(c)
}

// greet tells a client all that those who were here before know.
func (m *Match) greet(c *client) {
	c.conn.Send(protocol.Append(nil, protocol.Joined{
		Match: m.id, Epoch: epoch, Seat: c.seat.number, Team: game.TeamID(c.view), Mode: m.mode.Name, Hz: m.mode.Hz,
		Tick: m.tick, Schema: m.mode.Schema, Roster: m.roster(),
	}))
	if m.pace.permille != 1000 {
		c.conn.Send(protocol.Append(nil, protocol.Pace{Permille: m.pace.permille}))
	}
	if m.noticed {
		c.conn.Send(draining)
	}
	c.greeted = true
}

// enter makes the seat part of the game. It is recorded first: should the
// rules panic, so will they in the replay.
func (m *Match) enter(s *seat) {
	if !m.sim.Joined(s.number) {
		m.record.join(s.number)
		m.sim.Join(s.number)
	}
}

// lose lets go of a connection that has ended; its seat is kept for a while.
func (m *Match) lose(c *client) {
	m.drop(c)
	c.seat.until = m.now.Add(seatKept)
	m.setStatus(c.seat, protocol.SeatAway)
}

// release gives a player who leaves back to the hall, and the seat to a bot.
func (m *Match) release(c *client, why string) {
	s := c.seat
	m.giveBack(c, protocol.Append(nil, protocol.Over{Match: m.id, Why: why}))
	m.vacate(s)
}

// giveBack takes leave of a client with its last message.
func (m *Match) giveBack(c *client, last []byte) {
	m.drop(c)
	c.conn.Send(last)
	m.host.cfg.Hall(c.conn, nil)
}

// drop takes the client out of the match's lists.
func (m *Match) drop(c *client) {
	for i := range m.clients {
		if m.clients[i] == c {
			m.clients = append(m.clients[:i], m.clients[i+1:]...)
			break
		}
	}
	c.seat.client = nil
	m.mu.Lock()
	delete(m.conns, c.conn.ID())
	m.mu.Unlock()
}

// hold lets the watchdog know of a connection.
func (m *Match) hold(conn *socket.Conn) {
	m.mu.Lock()
	m.conns[conn.ID()] = conn
	m.mu.Unlock()
}

// vacate takes the seat from its player for good.
func (m *Match) vacate(s *seat) {
	if s.passed {
		gone := m.endedSeat(s)
		gone.Left = true
		m.left = append(m.left, gone)
	}
	m.leaving = append(m.leaving, protocol.LeftSeat{Seat: s.number, Player: s.player.ID, Kicked: slices.Contains(m.kicked, s.player.ID)})
	m.changed()
	s.player, s.passed, s.until = protocol.Player{}, false, time.Time{}
	if s.bot != nil {
		m.enter(s)
		m.setStatus(s, protocol.SeatBot)
		return
	}
	m.setStatus(s, protocol.SeatEmpty)
	if m.sim.Joined(s.number) {
		m.record.leave(s.number)
		m.sim.Leave(s.number)
	}
}

// keepUntil keeps the seats for players who have not come yet: as long as
// their passes are good.
func (m *Match) keepUntil(t time.Time) {
	for i := range m.seats {
		if m.seats[i].player.ID != "" {
			m.seats[i].until = t
		}
	}
}

// keepSeats gives up the seats whose time is over, and the match when no
// player holds one any more.
func (m *Match) keepSeats() {
	held := false
	for i := range m.seats {
		s := &m.seats[i]
		if !s.until.IsZero() && m.now.After(s.until) {
			m.vacate(s)
		}
		held = held || s.player.ID != ""
	}
	if !held {
		m.why = whyAbandoned
	}
}

// setStatus changes who plays a seat and tells everyone.
func (m *Match) setStatus(s *seat, status protocol.SeatStatus) {
	if s.status == status {
		return
	}
	s.status = status
	m.changed()
	msg := protocol.Append(nil, protocol.Roster{Seats: []protocol.RosterSeat{m.rosterSeat(s)}})
	for _, c := range m.clients {
		if c.greeted { // who is about to be greeted is sent the whole roster
			c.conn.Send(msg)
		}
	}
}

func (m *Match) roster() []protocol.RosterSeat {
	seats := make([]protocol.RosterSeat, len(m.seats))
	for i := range m.seats {
		seats[i] = m.rosterSeat(&m.seats[i])
	}
	return seats
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
