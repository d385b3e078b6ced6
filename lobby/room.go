package lobby

import (
	"context"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// A room is a group on its way to a match: a goroutine with a slow beat that
// owns the connections of its people, as far as they have any, shows them who
// is there, counts down and asks for a host.
type room struct {
	// set by newRoom and never changed
	lobby    *Lobby
	row      store.Room
	mode     *game.Mode
	inbox    *socket.Inbox
	left     chan store.TicketID // cancelled tickets of this room; holds all there can be
	deadline time.Time           // of the countdown

	// owned by run
	people []person
	view   roomView
	lease  <-chan leased // nil until a host was asked
	over   bool
	placed map[protocol.PlayerID]protocol.Assignment // who is to be told when the room closes
}

// A person has a seat in a room; the index is that of the match, too.
type person struct {
	ticket store.Ticket
	left   bool         // the ticket is cancelled
	conn   *socket.Conn // nil without a connection here
	sent   uint32       // revision of the view that conn was sent last
}

func newRoom(l *Lobby, g Group, now time.Time) *room {
	id := newID[store.RoomID]()
	r := &room{
		lobby: l, mode: g.Mode,
		row:      store.Room{ID: id, Mode: g.Mode.Name, Created: now},
		inbox:    socket.NewInbox(2*len(g.Tickets) + 2),
		left:     make(chan store.TicketID, len(g.Tickets)),
		deadline: now.Add(l.cfg.Countdown),
	}
	var seats []protocol.RoomSeat
	for _, t := range g.Tickets {
		r.row.Tickets = append(r.row.Tickets, t.ID)
		r.people = append(r.people, person{ticket: t})
		seats = append(seats, protocol.RoomSeat{Player: t.Player.ID, Name: t.Player.Name})
	}
	for range g.Bots {
		seats = append(seats, r.emptySeat())
	}
	r.view = newRoomView(string(id), g.Mode.Name, seats)
	return r
}

// emptySeat is a seat without a person: a bot's, where the mode has any.
func (r *room) emptySeat() protocol.RoomSeat {
	if r.mode.Bot == nil {
		return protocol.RoomSeat{}
	}
	return protocol.RoomSeat{Name: "bot", Here: true}
}

// run is the room's goroutine. It ends when the group is placed, has come to
// nothing, or when ctx is done.
func (r *room) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer r.close()
	defer cancel()
	beat := time.NewTicker(r.lobby.cfg.RoomBeat)
	defer beat.Stop()
	r.count(ctx, time.Now())
	for !r.over {
		select {
		case <-ctx.Done():
			r.dissolve(store.Blame{})
		case a := <-r.inbox.Arrivals():
			r.enter(a.Conn)
		case id := <-r.left:
			r.leave(id)
		case now := <-beat.C:
			r.beat(ctx, now)
		case l := <-r.lease:
			r.lease = nil
			r.settle(l)
		}
	}
}

// enter takes in a connection. An older one of the same player makes way.
func (r *room) enter(c *socket.Conn) {
	i := slices.IndexFunc(r.people, func(p person) bool { return p.ticket.Player.ID == c.Player().ID && !p.left })
	if i < 0 {
		r.lobby.deps.Hall.Take(c, nil) // has left meanwhile
		return
	}
	p := &r.people[i]
	if p.conn != nil {
		p.conn.Goodbye(protocol.Replaced)
	}
	p.conn, p.sent = c, 0
	c.Stands(socket.Place{State: protocol.InLobby, Where: string(r.row.ID)})
	r.show(i)
}

// show brings the view of one person up to date.
func (r *room) show(i int) {
	p := &r.people[i]
	if p.left {
		r.view.seat(i, r.emptySeat())
		return
	}
	who := p.ticket.Player
	r.view.seat(i, protocol.RoomSeat{Player: who.ID, Name: who.Name, Here: p.conn != nil})
}

// leave takes out a person whose ticket was cancelled. The room goes on with
// the others as long as they are enough for a match.
func (r *room) leave(id store.TicketID) {
	i := slices.IndexFunc(r.people, func(p person) bool { return p.ticket.ID == id })
	r.people[i].left = true
	r.show(i)
	r.giveBack(i, r.lobby.news(id))
	if r.lease == nil && r.staying() < r.mode.MinPlayers {
		r.dissolve(store.Blame{})
	}
}

func (r *room) staying() (n int) {
	for _, p := range r.people {
		if !p.left {
			n++
		}
	}
	return n
}

// giveBack hands a person's connection, if any, to the hall, with the last
// word on the room and what else there is to say.
func (r *room) giveBack(i int, more ...protocol.Control) {
	p := &r.people[i]
	if p.conn == nil {
		return
	}
	r.tell(p)
	for _, m := range more {
		p.conn.Send(protocol.Append(nil, m))
	}
	if p.conn.Flush() == nil {
		r.lobby.deps.Hall.Take(p.conn, nil)
	}
	p.conn = nil
}

// beat reads every connection, lets the clock act, and writes each once.
func (r *room) beat(ctx context.Context, now time.Time) {
	for i := range r.people {
		r.read(i, now)
	}
	r.count(ctx, now)
	for i := range r.people {
		r.write(i)
	}
}

// read takes in what a person has sent. What it asks for is done when Read has
// returned: a connection never changes hands inside a handler.
func (r *room) read(i int, now time.Time) {
	p := &r.people[i]
	if p.conn == nil {
		return
	}
	var asks wishes
	p.conn.Read(&asks)
	if asks.join != nil && p.conn.Ended() == nil {
		r.join(p, *asks.join)
	}
	if asks.leave {
		r.lobby.cancel(p.ticket.ID, WhyPlayer)
	}
	if p.conn != nil && p.conn.Heartbeat(now) != nil {
		p.conn = nil
	}
	r.show(i)
}

// join hands a person's connection on to a match: an older one to resume, or
// the one just placed, whose pass has come another way.
func (r *room) join(p *person, join protocol.Join) {
	ok, known := r.lobby.deps.Board.Hand(join.Match, p.conn, join)
	switch {
	case ok:
		p.conn = nil
	case known:
		p.conn.Send(protocol.Append(nil, protocol.MatchFull))
	default:
		p.conn.Send(protocol.Append(nil, protocol.MatchNotFound))
	}
}

// write sends a person what has changed.
func (r *room) write(i int) {
	p := &r.people[i]
	if p.conn == nil {
		return
	}
	r.tell(p)
	if p.conn.Flush() != nil {
		p.conn = nil
		r.show(i)
	}
}

// tell queues the news of the room for a person: whole at first, then what has
// changed since the last time. It is encoded once for all who know the same.
func (r *room) tell(p *person) {
	if p.sent == r.view.revision {
		return
	}
	p.conn.Send(r.view.news(p.sent))
	p.sent = r.view.revision
}

// count counts down, and asks for a host when the time has come.
func (r *room) count(ctx context.Context, now time.Time) {
	left := r.deadline.Sub(now)
	r.view.count(left)
	if left <= 0 && r.lease == nil && !r.over {
		r.lease = r.ask(ctx, now)
	}
}

// settle does what the answer to the lease asks for.
func (r *room) settle(l leased) {
	if l.err != nil {
		r.refused(l)
		return
	}
	r.over = true
	tickets, err := r.lobby.store.PlaceRoom(r.row.ID, l.match, l.assignments, time.Now())
	if err != nil {
		panic(err) // only the room itself closes its row
	}
	r.placed = make(map[protocol.PlayerID]protocol.Assignment, len(tickets))
	for _, t := range tickets {
		r.lobby.polls.forget(t.ID)
		r.placed[t.Player.ID] = assignment(t)
	}
}

// refused returns the group to the queue, and keeps the mode from trying again
// at once.
func (r *room) refused(l leased) {
	lobby := r.lobby
	lobby.log.Warn("no host took a match", "mode", r.mode.Name, "match", l.match, "players", r.staying(), "err", l.err)
	lobby.hold(r.mode.Name, time.Now().Add(lobby.cfg.LeasePause))
	r.dissolve(store.Blame{Why: WhyNoHost, MaxTries: lobby.cfg.LeaseTries})
}

// dissolve ends the room without a match: its tickets return to the queue.
func (r *room) dissolve(blame store.Blame) {
	r.over = true
	r.view.stop()
	failed, _ := r.lobby.store.ReturnRoom(r.row.ID, blame, time.Now())
	for _, t := range failed {
		r.lobby.polls.forget(t.ID)
	}
	r.lobby.rouse()
}

// close gives everybody back to the hall, those included who were on their way
// here, and tells them where to play if they are placed. A lease that is still
// open is waited for; its context has ended.
func (r *room) close() {
	r.lobby.unregister(r)
	if r.lease != nil {
		<-r.lease
	}
	for _, a := range r.inbox.Close() {
		r.enter(a.Conn)
	}
	for i := range r.people {
		r.dismiss(i)
	}
}

// dismiss gives a person back, and tells where to play or what became of the
// ticket, over the connection here or in the hall.
func (r *room) dismiss(i int) {
	p := &r.people[i]
	var news protocol.Control
	if assigned, placed := r.placed[p.ticket.Player.ID]; placed {
		news = assigned
	} else {
		news = r.lobby.news(p.ticket.ID)
	}
	switch {
	case p.conn != nil:
		r.giveBack(i, news)
	case !p.left:
		r.lobby.deps.Hall.Tell(p.ticket.Player.ID, protocol.Append(nil, news))
	}
}

// wishes is what one read of a connection has asked for. It is the handler
// that reads it.
type wishes struct {
	join  *protocol.Join
	leave bool
}

// Message implements [socket.Handler].
func (w *wishes) Message(c *socket.Conn, b []byte) socket.Verdict { return socket.Outside(w, c, b) }

// Join implements [socket.Usher].
func (w *wishes) Join(_ *socket.Conn, join protocol.Join) socket.Verdict {
	w.join = &join
	return socket.Yield
}

// Leave implements [socket.Usher].
func (w *wishes) Leave(*socket.Conn) socket.Verdict {
	w.leave = true
	return socket.Yield
}
