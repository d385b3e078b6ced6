package match

import (
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// This file has those who watch: clients without a seat. They are shown the
// bodies that are made for whoever sees what everyone does, so they cost a copy
// and a write each; they say nothing to the rules nor to the record, and the
// match does not go on for them.

// everyone is the view of what everyone sees.
const everyone game.View = 0

// watching is what others are told of how many watch.
type watching struct {
	told   int
	toldAt time.Time
	last   time.Time // when somebody did
}

const (
	watchingTold = time.Second      // between two news of how many
	standsKept   = 30 * time.Second // after the last has left
)

// Why somebody may not watch, as Looked says it.
const (
	refuseForbidden = "forbidden"
	refuseSeated    = "seated"
	refuseCrowded   = "crowded"
)

// watchRefusal says why somebody may not watch, if so. Who plays does not, or
// would see more than a player may.
func (m *Match) watchRefusal(who protocol.PlayerID) string {
	switch {
	case m.seatOf(who) != nil:
		return refuseSeated
	case m.mode.Spectators.Most < 0 || slices.Contains(m.kicked, who):
		return refuseForbidden
	case len(m.spectators) >= m.mode.Spectators.Most && m.spectator(who) == nil:
		return refuseCrowded
	}
	return ""
}

func (m *Match) spectator(who protocol.PlayerID) *client {
	for _, c := range m.spectators {
		if c.conn.Player().ID == who {
			return c
		}
	}
	return nil
}

// spectate lets a connection watch, or says why not. An older one of the same
// player is replaced. One that was here before is told of the events since.
func (m *Match) spectate(conn *socket.Conn, join *protocol.Join) protocol.Refused {
	who := conn.Player().ID
	switch m.watchRefusal(who) {
	case "":
	case refuseCrowded:
		return protocol.MatchFull
	default:
		return protocol.NotWatched
	}
	m.unwatch(who, protocol.Replaced)
	c := &client{conn: conn, m: m, frames: m.frames, ackedAt: m.now, eventBase: m.tick, ladder: newLadder(m.mode.Hz)}
	if m.apart() {
		c.frames, c.eventBase = m.seated().frames, m.stands.first()
	}
	if join.Epoch != 0 {
		c.missed(join)
	}
	m.spectators = append(m.spectators, c)
	m.hold(conn)
	conn.Stands(socket.Place{State: protocol.Online})
	c.look(everyone)
	m.greet(c)
	return protocol.Refused{}
}

// follow has a client that watches look through the eye of a seat, whoever has
// it, from its next frame on; of NoSeat, from the middle.
func (c *client) follow(number game.Seat) socket.Verdict {
	switch {
	case c.seat != nil:
		return c.bye(protocol.BadSequence)
	case number == game.NoSeat:
		c.from = nil
	case number.Index() >= len(c.m.seats):
		return c.bye(protocol.BadMessage)
	default:
		c.from = &c.m.seats[number]
	}
	return socket.Continue
}

// unwatch ends the connection of somebody who watches.
func (m *Match) unwatch(who protocol.PlayerID, why protocol.Reason) {
	if c := m.spectator(who); c != nil {
		c.conn.Goodbye(why)
		m.drop(c)
	}
}

// apart says whether those who watch are shown anything else than everyone is.
func (m *Match) apart() bool { return m.mode.DelayTicks() > 0 || m.mode.Spectators.Teams }

// seated returns the stands, which are built when somebody comes.
func (m *Match) seated() *stands {
	if m.stands == nil {
		m.stands = newStands(m.mode, m.sim.Now())
	}
	return m.stands
}

// readSpectators takes in what those who watch have sent.
func (m *Match) readSpectators() {
	for i := 0; i < len(m.spectators); {
		switch c := m.spectators[i]; {
		case c.conn.Read(c) != nil || !c.live(m.now):
			m.drop(c)
		case c.leaving:
			m.giveBack(c, protocol.Append(nil, protocol.Over{Match: m.id, Why: whyLeft}))
		default:
			i++
		}
	}
}

// writeSpectators shows the tick, or the one whose time has come.
func (m *Match) writeSpectators() {
	if m.stands != nil {
		m.stands.keep(m.sim.At(m.tick-1), m.sim.Now())
	}
	for _, c := range m.spectators {
		c.show(true)
	}
}

// show writes to who watches. While there is nothing to be shown, there is
// nothing to be acked.
func (c *client) show(frame bool) {
	switch {
	case c.frames.now == nil:
		c.ackedAt = c.m.now
		_ = c.conn.Heartbeat(c.m.now)
	case frame:
		c.write()
	}
	_ = c.conn.Flush()
}

// countSpectators tells everyone how many watch, and has the stands pulled down
// some time after the last has left.
func (m *Match) countSpectators() {
	w, n := &m.watching, len(m.spectators)
	if n > 0 {
		w.last = m.now
	} else if m.stands != nil && m.now.Sub(w.last) > standsKept {
		m.stands = nil
	}
	if n != w.told && m.now.Sub(w.toldAt) >= watchingTold {
		w.told, w.toldAt = n, m.now
		m.tellAll(protocol.Watching{People: n})
	}
}

// showRest shows those who watch the rest of a match that is over, as late as
// all before, and gives them back with its result. Of a server that stops
// nobody waits for that, and they are not told how it came out.
func (m *Match) showRest() {
	defer m.rescue("showing the rest of a match")
	tick := time.NewTicker(time.Second / time.Duration(m.mode.Hz))
	defer tick.Stop()
	over := protocol.Over{Match: m.id, Why: m.why, Result: m.result}
	for len(m.spectators) > 0 && m.stands != nil && m.stands.more() {
		if m.host.drains() {
			over = protocol.Over{Match: m.id, Why: whyDrained}
			break
		}
		m.now = <-tick.C
		m.readSpectators()
		m.stands.pass()
		for _, c := range m.spectators {
			c.show(true)
		}
	}
	last := protocol.Append(nil, over)
	for len(m.spectators) > 0 {
		m.giveBack(m.spectators[0], last)
	}
}
