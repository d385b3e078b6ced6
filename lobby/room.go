package lobby

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// A room is a group on its way to a match: a goroutine with a slow beat that
// owns the connections of its people, as far as they have any, shows them who
// is there, counts down and asks for a host.
type room struct {
	// set by newRoom and never changed
	lobby  *Lobby
	row    store.Room
	mode   *game.Mode
	region string
	why    group.Why // the group was made
	inbox  *socket.Inbox
	left   chan store.TicketID // cancelled tickets of this room; holds all there can be
	offer  *offer              // that must be accepted first, or nil
	into   *store.Match        // that runs, whose seats these shall have; nil: a new one

	// owned by run
	people   []person  // by seat; only what is theirs here changes
	deadline time.Time // of the countdown
	view     roomView
	lease    <-chan leased // nil until a host was asked
	over     bool
	placed   map[protocol.PlayerID]protocol.Assignment // who is to be told when the room closes
}

// A person has a seat in a room, that of the match.
type person struct {
	seat   game.Seat
	who    store.Member
	ticket *store.Ticket // as it was in the queue
	left   bool          // the ticket is cancelled
	conn   *socket.Conn  // nil without a connection here
	sent   uint32        // revision of the view that conn was sent last
}

func newRoom(l *Lobby, q *queue, g Group, now time.Time) *room {
	id := protocol.NewID[store.RoomID]()
	r := &room{
		lobby: l, mode: q.mode, region: g.Region, why: g.Why, into: g.Match,
		row:   store.Room{ID: id, Mode: q.mode.Name, State: store.Forming, Created: now},
		inbox: socket.NewInbox(2*len(g.Seats) + 2),
	}
	if wait := q.mode.Matchmaking.AcceptFor; wait > 0 {
		r.row.State, r.offer = store.Offered, newOffer(now.Add(wait))
	}
	for _, s := range g.Seats {
		if n := len(r.people); n == 0 || r.people[n-1].ticket != s.Ticket { // a ticket's players sit side by side
			r.row.Tickets = append(r.row.Tickets, s.Ticket.ID)
		}
		r.people = append(r.people, person{seat: s.Number, who: s.Player, ticket: s.Ticket})
	}
	r.left = make(chan store.TicketID, len(r.row.Tickets))
	r.view = newRoomView(string(id), q.mode.Name, r.seats())
	return r
}

// seats are what the room shows at first: one of each person, and the others
// where they are a bot's or between those of people.
func (r *room) seats() []protocol.RoomSeat {
	n := int(r.people[len(r.people)-1].seat) + 1
	if r.mode.Bot != nil {
		n = max(n, r.mode.BotSeats)
	}
	seats := make([]protocol.RoomSeat, n)
	for i := range seats {
		seats[i] = r.emptySeat(game.Seat(i))
	}
	for _, p := range r.people {
		seats[p.seat] = protocol.RoomSeat{Player: p.who.ID, Name: p.who.Name}
	}
	return seats
}

// emptySeat is a seat without a person: a bot's, where the mode has any.
func (r *room) emptySeat(seat game.Seat) protocol.RoomSeat {
	if r.mode.Bot == nil || int(seat) >= r.mode.BotSeats {
		return protocol.RoomSeat{}
	}
	return protocol.RoomSeat{Name: "bot", Here: true}
}

// bring has the connections of the people come here from the hall.
func (r *room) bring() {
	for i := range r.people {
		r.lobby.deps.Hall.Move(r.people[i].who.ID, r.inbox, nil)
	}
}

// run is the room's goroutine. It ends when the group is placed, has come to
// nothing, or when ctx is done.
func (r *room) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer r.close()
	defer r.rescue()
	defer cancel()
	if r.offer != nil && !r.agreed(ctx) {
		return
	}
	r.bring()
	r.deadline = time.Now()
	if r.into == nil && !r.mode.Open {
		r.deadline = r.deadline.Add(r.lobby.cfg.Countdown)
	}
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

// rescue has a panic end this room alone: its tickets return to the queue.
func (r *room) rescue() {
	if p := recover(); p != nil {
		r.lobby.log.Error("a room panicked", "mode", r.mode.Name, "panic", p, "stack", string(debug.Stack()))
		r.lobby.hold(r.mode.Name, time.Now().Add(r.lobby.cfg.LeasePause))
		r.over = false // also where it fell while it was settled: a room whose row is closed returns nobody
		r.dissolve(store.Blame{Why: WhyNoHost, MaxTries: r.lobby.cfg.LeaseTries})
	}
}

// enter takes in a connection. An older one of the same player makes way.
func (r *room) enter(c *socket.Conn) {
	i := slices.IndexFunc(r.people, func(p person) bool { return p.who.ID == c.Player().ID && !p.left })
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
		r.view.seat(int(p.seat), r.emptySeat(p.seat))
		return
	}
	r.view.seat(int(p.seat), protocol.RoomSeat{Player: p.who.ID, Name: p.who.Name, Here: p.conn != nil})
}

// leave takes out the people of a ticket that was cancelled. The room goes on
// with the others as long as they are enough for a match.
func (r *room) leave(id store.TicketID) {
	news := r.lobby.news(id)
	for i := range r.people {
		if r.people[i].ticket.ID == id {
			r.people[i].left = true
			r.show(i)
			r.dismiss(i, news)
		}
	}
	if least := r.mode.MinPlayers; r.lease == nil && (r.staying() < least && r.into == nil || r.staying() == 0) {
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
	if p.sent == r.view.changes.Revision() {
		return
	}
	p.conn.Send(r.view.news(p.sent))
	p.sent = r.view.changes.Revision()
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
	tickets, err := r.lobby.store.PlaceRoom(r.row.ID, l.Placing, time.Now())
	if err != nil {
		panic(err) // only the room itself closes its row
	}
	r.placed = make(map[protocol.PlayerID]protocol.Assignment, len(r.people))
	for _, t := range tickets {
		r.lobby.ended(t)
		for _, m := range t.Members {
			r.placed[m.ID] = assignment(t, m.ID)
		}
	}
	if len(r.placed) < r.staying() {
		r.lobby.rouse() // some wait again: the match is over that they should have joined
	}
	r.lobby.log.Info("match made", "mode", r.mode.Name, "match", l.Match, "players", len(r.placed), "why", r.why)
}

// refused returns the group to the queue, and keeps the mode from trying again
// at once.
func (r *room) refused(l leased) {
	lobby := r.lobby
	if r.into != nil {
		lobby.log.Info("nobody could join a match", "match", l.Match, "err", l.err)
		r.dissolve(store.Blame{Join: true})
		return
	}
	lobby.log.Warn("no host took a match", "mode", r.mode.Name, "match", l.Match, "players", r.staying(), "err", l.err)
	lobby.hold(r.mode.Name, time.Now().Add(lobby.cfg.LeasePause))
	r.dissolve(store.Blame{Why: WhyNoHost, MaxTries: lobby.cfg.LeaseTries})
}

// dissolve ends the room without a match, unless it is over: its tickets return
// to the queue.
func (r *room) dissolve(blame store.Blame) {
	if r.over {
		return
	}
	r.over = true
	r.view.stop()
	failed, _ := r.lobby.store.ReturnRoom(r.row.ID, blame, time.Now())
	for _, t := range failed {
		r.lobby.ended(t)
	}
	r.lobby.rouse()
}

// close gives everybody back to the hall, those included who were on their way
// here, and tells them where to play if they are placed. A lease that is still
// open is waited for; its context has ended.
func (r *room) close() {
	r.lobby.unregister(r)
	r.lobby.release(r)
	if r.lease != nil {
		<-r.lease
	}
	for _, a := range r.inbox.Close() {
		r.enter(a.Conn)
	}
	for i := range r.people {
		r.takeLeave(i)
	}
}

// takeLeave dismisses a person with where to play, or what became of the
// ticket.
func (r *room) takeLeave(i int) {
	p := &r.people[i]
	if assigned, placed := r.placed[p.who.ID]; placed {
		r.dismiss(i, assigned)
	} else if !p.left {
		r.dismiss(i, r.lobby.news(p.ticket.ID))
	}
}

// dismiss tells a person something over the connection here, which goes back
// to the hall with it, or over the one there.
func (r *room) dismiss(i int, news protocol.Control) {
	if r.people[i].conn != nil {
		r.giveBack(i, news)
		return
	}
	r.lobby.deps.Hall.Tell(r.people[i].who.ID, protocol.Append(nil, news))
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

// Accept implements [socket.Usher]: it is too late to say no, and a yes was said.
func (w *wishes) Accept(*socket.Conn, protocol.Accept) socket.Verdict { return socket.Continue }

// Leave implements [socket.Usher].
func (w *wishes) Leave(*socket.Conn) socket.Verdict {
	w.leave = true
	return socket.Yield
}

// Room implements [socket.Usher]. Whoever is on the way to a match is in no room
// that players make.
func (w *wishes) Room(c *socket.Conn, m protocol.Control) socket.Verdict {
	socket.RefuseRoom(c, m, "placed")
	return socket.Continue
}
