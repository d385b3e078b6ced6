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
			if refused := m.let(a.Conn, &join); refused.Code != "" {
				a.Conn.Send(protocol.Append(nil, refused))
				m.host.cfg.Hall(a.Conn, nil)
			}
		default:
			return
		}
	}
}

// let takes a connection in, to a seat or to watch, or says why not.
func (m *Match) let(conn *socket.Conn, join *protocol.Join) protocol.Refused {
	who := conn.Player().ID
	pass, refused := m.open(who, join.Pass)
	switch {
	case refused.Code != "":
		return refused
	case pass.Seat == game.NoSeat:
		return m.spectate(conn, join)
	}
	s, refused := m.seatFor(who, join.Pass != "", pass.Seat)
	if s != nil {
		m.sit(s, conn, join)
	}
	return refused
}

// open reads a player's pass. Without one, it is as for the seat that is kept
// for the player.
func (m *Match) open(who protocol.PlayerID, sealed string) (protocol.Pass, protocol.Refused) {
	if sealed == "" {
		if s := m.seatOf(who); s != nil {
			return protocol.Pass{Seat: s.number}, protocol.Refused{}
		}
		return protocol.Pass{}, protocol.SeatNotYours
	}
	pass, err := protocol.OpenPass(m.host.cfg.PassKey, sealed, m.now)
	switch {
	case errors.Is(err, protocol.ErrPassExpired):
		return pass, protocol.PassExpired
	case err != nil || pass.Match != m.id || pass.Seat.Index() >= len(m.seats):
		return pass, protocol.PassInvalid
	case pass.Player != who:
		return pass, protocol.SeatNotYours
	}
	return pass, protocol.Refused{}
}

// seatFor finds the seat that a player may take: with a pass the first time,
// and without one afterwards.
func (m *Match) seatFor(who protocol.PlayerID, first bool, number game.Seat) (*seat, protocol.Refused) {
	switch s := &m.seats[number]; {
	case s.player.ID != who || !first && !s.passed:
		return nil, protocol.SeatNotYours
	case first && s.passed:
		return nil, protocol.PassUsed
	default:
		return s, protocol.Refused{}
	}
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
	m.unwatch(s.player.ID, protocol.Replaced)
	c := &client{conn: conn, seat: s, from: s, m: m, frames: m.frames, ackedAt: m.now, eventBase: m.tick, tokens: floodBurst * m.mode.Hz, filledAt: m.now, ladder: newLadder(m.mode.Hz)}
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
	joined := protocol.Joined{
		Match: m.id, Epoch: epoch, Seat: game.NoSeat, Team: game.TeamID(c.view), Mode: m.mode.Name, Hz: m.mode.Hz,
		Tick: c.frames.tick(), Schema: c.frames.layout.Schema, Roster: c.meet(),
	}
	if c.seat != nil {
		joined.Seat = c.seat.number
	} else {
		joined.Delay = m.mode.DelayTicks()
	}
	c.conn.Send(protocol.Append(nil, joined))
	if m.pace.permille != 1000 {
		c.conn.Send(protocol.Append(nil, protocol.Pace{Permille: m.pace.permille}))
	}
	if m.noticed {
		c.conn.Send(protocol.Append(nil, draining))
	}
	if m.watching.told > 0 {
		c.conn.Send(protocol.Append(nil, protocol.Watching{People: m.watching.told}))
	}
	c.greeted, c.heard = true, m.statuses
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
	m.vacate(s, why == whyLeft)
}

// giveBack takes leave of a client with its last message.
func (m *Match) giveBack(c *client, last []byte) {
	m.drop(c)
	c.conn.Send(last)
	m.host.cfg.Hall(c.conn, nil)
}

// drop takes the client out of the match's lists.
func (m *Match) drop(c *client) {
	same := func(other *client) bool { return other == c }
	if c.seat != nil {
		m.clients = slices.DeleteFunc(m.clients, same)
		c.seat.client = nil
	} else {
		m.spectators = slices.DeleteFunc(m.spectators, same)
	}
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

// vacate takes the seat from its player for good, who wants that or not.
func (m *Match) vacate(s *seat, quit bool) {
	if s.passed {
		m.noteLeft(m.endedSeat(s))
	}
	left := protocol.LeftSeat{Seat: s.number, Player: s.player.ID, Kicked: slices.Contains(m.kicked, s.player.ID), Quit: quit}
	m.leaving = append(m.leaving, left)
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

// leftKept is how many of those who have left the lobby is told of at the end:
// the message fits the bus, however long a match has gone on.
const leftKept = 4096

// noteLeft notes that a player has left for good: each once, the newest last.
func (m *Match) noteLeft(gone protocol.EndedSeat) {
	gone.Left = true
	m.left = slices.DeleteFunc(m.left, func(s protocol.EndedSeat) bool { return s.Player.ID == gone.Player.ID })
	if len(m.left) == leftKept {
		m.left = slices.Delete(m.left, 0, 1)
	}
	m.left = append(m.left, gone)
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
			m.vacate(s, false)
		}
		held = held || s.player.ID != ""
	}
	if !held {
		m.why = whyAbandoned
	}
}

// tellAll sends a message to everyone here, but for who is about to be greeted
// with what it says.
func (m *Match) tellAll(msg protocol.Control) {
	b := protocol.Append(nil, msg)
	for _, all := range [...][]*client{m.clients, m.spectators} {
		for _, c := range all {
			if c.greeted {
				c.conn.Send(b)
			}
		}
	}
}
