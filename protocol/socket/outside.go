package socket

import "github.com/musterhq/muster/protocol"

// An Usher owns connections that are in no match, in the hall or in a lobby
// room, and is asked for what a player may want there.
type Usher interface {
	Join(c *Conn, join protocol.Join) Verdict
	Leave(c *Conn) Verdict
	Accept(c *Conn, accept protocol.Accept) Verdict
	// Room is asked for a RoomCreate, RoomJoin, RoomDo or RoomWatch, and for what
	// is said to a room.
	Room(c *Conn, m protocol.Control) Verdict
}

// Outside serves one message of a connection that is in no match.
func Outside(u Usher, c *Conn, b []byte) Verdict {
	if protocol.IsInput(b) {
		return Continue // was under way when a match ended
	}
	msg, err := protocol.ParseClient(b)
	if err != nil {
		c.Goodbye(protocol.BadMessage)
		return Yield
	}
	switch msg := msg.(type) {
	case protocol.Join:
		return u.Join(c, msg)
	case protocol.Leave:
		return u.Leave(c)
	case protocol.Accept:
		return u.Accept(c, msg)
	case protocol.Ping:
		c.Send(protocol.Append(nil, protocol.Pong(msg)))
	case protocol.RoomCreate, protocol.RoomJoin, protocol.RoomDo, protocol.RoomWatch:
		return u.Room(c, msg)
	case protocol.Say:
		if msg.Channel == protocol.ChannelRoom {
			return u.Room(c, msg)
		}
		c.Said(msg)
	case protocol.MailAck:
		c.Said(msg)
	}
	return Continue
}

// RefuseRoom answers what Room was asked for with why it is not done. A
// RoomWatch has no answer.
func RefuseRoom(c *Conn, m protocol.Control, why string) {
	switch m := m.(type) {
	case protocol.RoomCreate:
		c.Send(protocol.Append(nil, protocol.RoomReply{Stamp: m.Stamp, Refused: why}))
	case protocol.RoomJoin:
		c.Send(protocol.Append(nil, protocol.RoomReply{Stamp: m.Stamp, Refused: why}))
	case protocol.RoomDo:
		c.Send(protocol.Append(nil, protocol.RoomReply{Stamp: m.Stamp, Refused: why}))
	case protocol.Say:
		c.Send(protocol.Append(nil, protocol.Chat{Channel: m.Channel, Stamp: m.Stamp, Refused: why}))
	}
}
