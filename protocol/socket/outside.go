package socket

import "github.com/musterhq/muster/protocol"

// An Usher owns connections that are in no match, in the hall or in a lobby
// room, and is asked for what a player may want there.
type Usher interface {
	Join(c *Conn, join protocol.Join) Verdict
	Leave(c *Conn) Verdict
	Accept(c *Conn, accept protocol.Accept) Verdict
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
	case protocol.Say, protocol.MailAck:
		c.Said(msg)
	}
	return Continue
}
