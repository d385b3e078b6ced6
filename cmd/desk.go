package cmd

import (
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// A desk is where the hall's connections are served: it greets them, sends
// them on to their lobby room, and to the match they ask for. All its methods
// run on the hall's goroutine.
type desk struct {
	hall  *socket.Hall
	board *socket.Switchboard
	lobby *lobby.Lobby
}

// fresh is the note of a connection that comes from outside, and not back from
// a room or a match.
type fresh struct{}

// Entered implements [socket.HallHandler].
func (d *desk) Entered(c *socket.Conn, note any) {
	if _, ok := note.(fresh); ok {
		c.Send(protocol.Append(nil, protocol.Welcome{Version: protocol.Version, Player: c.Player()}))
	}
	who := c.Player().ID
	if room, ok := d.lobby.RoomOf(who); ok {
		d.hall.Give(c, room, nil)
	} else if a, ok := d.lobby.AssignmentOf(who); ok {
		c.Send(protocol.Append(nil, a))
	}
}

// Left implements [socket.HallHandler].
func (d *desk) Left(*socket.Conn, error) {}

// Message implements [socket.HallHandler].
func (d *desk) Message(c *socket.Conn, b []byte) socket.Verdict {
	if !protocol.IsControl(b) {
		// Inputs that were under way when a match ended are no fault.
		return socket.Continue
	}
	msg, err := protocol.ParseClient(b)
	if err != nil {
		c.Goodbye(protocol.BadMessage)
		return socket.Yield
	}
	switch msg := msg.(type) {
	case protocol.Join:
		return d.join(c, msg)
	case protocol.Ping:
		c.Send(protocol.Append(nil, protocol.Pong(msg)))
	case protocol.Leave:
		d.lobby.Leave(c.Player().ID)
	}
	return socket.Continue
}

// join sends a connection on to its match.
func (d *desk) join(c *socket.Conn, join protocol.Join) socket.Verdict {
	inbox, ok := d.board.Find(join.Match)
	if !ok {
		c.Send(protocol.Append(nil, protocol.Refused{Code: "match_not_found", Text: "The match is over, or was never here."}))
		return socket.Continue
	}
	d.hall.Give(c, inbox, join)
	return socket.Yield
}

// refused hears that a match's inbox was full or closed in the meantime.
func (d *desk) refused(c *socket.Conn, note any) {
	if _, ok := note.(protocol.Join); ok {
		c.Send(protocol.Append(nil, protocol.Refused{Code: "match_full", Text: "The match could not take you in just now."}))
	}
}
