package cmd

import (
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/rooms"
	"github.com/musterhq/muster/lobby/store"
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
	rooms *rooms.Hub
}

// fresh is the note of a connection that comes from outside, and not back from
// a room or a match.
type fresh struct{}

// Entered implements [socket.HallHandler]. Who comes from outside is greeted,
// and told where to play if that was said while nobody listened.
func (d *desk) Entered(c *socket.Conn, note any) {
	who := c.Player()
	_, outside := note.(fresh)
	if outside {
		c.Send(protocol.Append(nil, protocol.Welcome{Version: protocol.Version, Player: who}))
	}
	if room, ok := d.lobby.RoomOf(who.ID); ok {
		d.hall.Give(c, room, nil)
		return
	}
	if a, ok := d.lobby.AssignmentOf(who.ID); ok && outside {
		c.Send(protocol.Append(nil, a))
	} else if o, ok := d.lobby.OfferOf(who.ID); ok {
		c.Send(protocol.Append(nil, o))
	}
	if room, ok := d.rooms.RoomOf(who.ID); ok {
		d.hall.Give(c, room, nil)
	}
}

// Left implements [socket.HallHandler]. The list of rooms is for those who are
// here.
func (d *desk) Left(c *socket.Conn, _ error) { d.rooms.Unwatch(c.Player()) }

// Message implements [socket.HallHandler].
func (d *desk) Message(c *socket.Conn, b []byte) socket.Verdict { return socket.Outside(d, c, b) }

// Join implements [socket.Usher]: it sends a connection on to its match.
func (d *desk) Join(c *socket.Conn, join protocol.Join) socket.Verdict {
	inbox, ok := d.board.Find(join.Match)
	if !ok {
		c.Send(protocol.Append(nil, protocol.MatchNotFound))
		return socket.Continue
	}
	d.hall.Give(c, inbox, join)
	return socket.Yield
}

// Leave implements [socket.Usher].
func (d *desk) Leave(c *socket.Conn) socket.Verdict {
	d.lobby.Leave(c.Player().ID)
	return socket.Continue
}

// Accept implements [socket.Usher]. An answer that comes too late is no news.
func (d *desk) Accept(c *socket.Conn, a protocol.Accept) socket.Verdict {
	_ = d.lobby.Accept(c.Player().ID, store.TicketID(a.Ticket), a.Yes)
	return socket.Continue
}

// refused hears that a match's inbox was full or closed in the meantime.
func (d *desk) refused(c *socket.Conn, note any) {
	switch note.(type) {
	case protocol.Join:
		c.Send(protocol.Append(nil, protocol.MatchFull))
	case rooms.Entry:
		rooms.Refuse(c, note, rooms.ErrFull)
	}
}
