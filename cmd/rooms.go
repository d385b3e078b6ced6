package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/rooms"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// openRooms makes the hub of the rooms that players make. It stands on the
// lobby, and the desk sends connections there.
func (s *Server) openRooms(modes []*game.Mode, d *desk) (err error) {
	s.rooms, err = rooms.New(rooms.Config{Modes: modes, Countdown: s.cfg.Countdown, Log: s.log}, rooms.Deps{
		Launch: s.launchRoom, Running: s.lobby.Running, Hall: s.hall.Take, Board: d.board, Teller: s.upgrader,
		Cleaner: s.social.Cleaner(), Social: roomTalk{s.social}, Enters: s.lobby.Leave,
	})
	d.rooms = s.rooms
	return err
}

func (s *Server) launchRoom(ctx context.Context, p rooms.Plan) ([]protocol.Assignment, error) {
	return s.lobby.Launch(ctx, lobby.Plan{Mode: p.Mode, Seats: p.Seats, Options: p.Options, Empty: p.Empty, Door: store.Door(p.Door)})
}

// roomTalk is what players in rooms are to each other. It implements
// [rooms.Social].
type roomTalk struct{ social *social.Social }

func (t roomTalk) MayTalk(p protocol.Player) error { return t.social.MayTalk(whoIs(p)) }

func (t roomTalk) Hears(p, from protocol.Player) bool { return t.social.Hears(whoIs(p), from.ID) }

func (t roomTalk) Overhear(from protocol.Player, room, text string, at time.Time, heard []protocol.PlayerID) uint64 {
	return t.social.Overhear(whoIs(from), room, text, at, heard)
}

func (t roomTalk) Friends(ctx context.Context, p, q protocol.Player) (bool, error) {
	return t.social.AreFriends(ctx, whoIs(p), q.ID)
}

// Room implements [socket.Usher]: who makes a room or joins one goes there.
func (d *desk) Room(c *socket.Conn, m protocol.Control) socket.Verdict {
	var to *socket.Inbox
	var note any
	err := error(rooms.ErrNoRoom)
	switch m := m.(type) {
	case protocol.RoomWatch:
		d.rooms.Watch(c.Player(), m)
		return socket.Continue
	case protocol.RoomCreate:
		to, note, err = d.rooms.Create(c.Player(), m)
	case protocol.RoomJoin:
		to, note, err = d.rooms.Join(c.Player(), m)
	}
	if err != nil {
		var why rooms.Refusal
		errors.As(err, &why)
		socket.RefuseRoom(c, m, string(why))
		return socket.Continue
	}
	d.hall.Give(c, to, note)
	return socket.Yield
}
