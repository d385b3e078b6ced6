package rooms

import (
	"slices"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// A reading takes in what one member says on one beat. It is the handler that
// reads the connection, and its Usher.
type reading struct {
	room *room
	by   *person
	line *line
	now  time.Time

	done  int // verbs so far
	join  *protocol.Join
	leave bool
}

// verbsPerBeat is how much a member does on a beat; the rest waits for the next.
const verbsPerBeat = 8

// Message implements [socket.Handler].
func (d *reading) Message(c *socket.Conn, b []byte) socket.Verdict {
	if v := socket.Outside(d, c, b); v == socket.Yield {
		return v
	}
	d.done++
	return socket.Verdict(d.done >= verbsPerBeat)
}

// Join implements [socket.Usher].
func (d *reading) Join(_ *socket.Conn, join protocol.Join) socket.Verdict {
	d.join = &join
	return socket.Yield
}

// Leave implements [socket.Usher].
func (d *reading) Leave(*socket.Conn) socket.Verdict {
	d.leave = true
	return socket.Yield
}

// Accept implements [socket.Usher]. Who is in a room has no ticket.
func (d *reading) Accept(*socket.Conn, protocol.Accept) socket.Verdict { return socket.Continue }

// Room implements [socket.Usher].
func (d *reading) Room(c *socket.Conn, m protocol.Control) socket.Verdict {
	switch m := m.(type) {
	case protocol.RoomDo:
		d.room.touched = d.now
		d.reply(c, m.Stamp, d.do(m))
	case protocol.Say:
		d.room.touched = d.now
		if err := d.say(m); err != nil {
			c.Send(protocol.Append(nil, protocol.Chat{Channel: m.Channel, Stamp: m.Stamp, Refused: code(err)}))
		}
	default:
		socket.RefuseRoom(c, m, string(ErrInRoom))
	}
	return socket.Continue
}

func (d *reading) reply(c *socket.Conn, stamp uint32, err error) {
	answer := protocol.RoomReply{Stamp: stamp, Code: d.room.code}
	if err != nil {
		answer.Refused = code(err)
	}
	c.Send(protocol.Append(nil, answer))
}

// do carries out a verb.
func (d *reading) do(m protocol.RoomDo) (err error) {
	r := d.room
	if m.Verb == protocol.RoomTitle {
		if m.Text, err = r.hub.title.Clean(m.Text); err != nil {
			return ErrText
		}
	}
	out, err := r.table.do(deed{m, d.by, d.now}, r.hub.cfg.Countdown)
	if err != nil || out == nil {
		return err
	}
	if m.Verb == protocol.RoomBan {
		r.out(out, whyBanned)
	} else {
		r.out(out, whyKicked)
	}
	return nil
}

// say passes a line on to those here who hear it.
func (d *reading) say(m protocol.Say) error {
	r, from := d.room, d.by.Player
	if err := r.hub.talk.Take(from.ID, d.now); err != nil {
		return err
	}
	text, err := r.hub.deps.Cleaner.Clean(m.Text)
	if err != nil {
		return err
	}
	if err := r.hub.deps.Social.MayTalk(from); err != nil {
		return err
	}
	var heard []protocol.PlayerID
	for id, l := range r.lines {
		if id != from.ID && r.hub.deps.Social.Hears(l.conn.Player(), from) {
			heard = append(heard, id)
		}
	}
	id := r.hub.deps.Social.Overhear(from, r.code, text, d.now, heard)
	c := protocol.Chat{Channel: protocol.ChannelRoom, ID: id, From: from.ID, Name: from.Name, At: d.now.UnixMilli(), Text: text}
	msg := protocol.Append(nil, c)
	for _, id := range heard {
		r.lines[id].conn.Send(msg)
	}
	c.Stamp = m.Stamp
	d.line.conn.Send(protocol.Append(nil, c))
	return nil
}

func sameRow(a, b *protocol.RoomRow) bool {
	return slices.Equal(a.Options, b.Options) && a.Title == b.Title && a.Mode == b.Mode && a.Host == b.Host &&
		a.Players == b.Players && a.Bots == b.Bots && a.Size == b.Size && a.Locked == b.Locked && a.Playing == b.Playing
}
