package rooms

import (
	"context"
	"errors"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// Why a member is out, as a RoomLeft says it.
const (
	whyLeft     = "left"
	whyKicked   = "kicked"
	whyBanned   = "banned"
	whyAway     = "away" // no connection for too long
	whyIdle     = "idle" // the room's end: nobody did anything
	whyDraining = "draining"
	whyFailed   = "failed" // the room's end: it is at fault itself
)

// A room is one room in motion: a goroutine with a slow beat that owns the
// connections of its members.
type room struct {
	// set by newRoom and never changed
	hub   *Hub
	code  string
	game  string
	inbox *socket.Inbox
	row   atomic.Pointer[protocol.RoomRow] // as the list has it or would; stored by run

	// owned by run
	table    *table
	view     view
	lines    map[protocol.PlayerID]*line // of those who are here
	launched chan launch
	listed   bool      // the list has the room
	touched  time.Time // when somebody last did something
}

// A line is a member's connection.
type line struct {
	conn *socket.Conn
	sent uint32 // the revision that the connection was sent last
	open bool   // friends are told that they may come
}

// A launch is what has come of a plan.
type launch struct {
	seats []protocol.StartSeat
	all   []protocol.Assignment
	err   error
}

// inboxSize bounds the connections that wait to be taken in at a beat.
const inboxSize = 64

// newRoom is a room whose first member sits at the table.
func newRoom(h *Hub, code, game string, t *table, now time.Time) *room {
	r := &room{
		hub: h, code: code, game: game, inbox: socket.NewInbox(inboxSize),
		table: t, view: newView(code), lines: make(map[protocol.PlayerID]*line),
		launched: make(chan launch, 1), touched: now,
	}
	r.publish()
	return r
}

// run is the room's goroutine. It ends with its last member, or when ctx is done.
func (r *room) run(ctx context.Context) {
	defer r.close()
	beat := time.NewTicker(r.hub.cfg.Beat)
	defer beat.Stop()
	why := ""
	for len(r.table.people) > 0 && why == "" {
		why = r.turn(ctx, beat.C)
	}
	for len(r.table.people) > 0 {
		r.out(r.table.people[0], why)
	}
}

// turn does the next thing there is to do, and says why the room is over, if so.
// A panic ends this room alone.
func (r *room) turn(ctx context.Context, beat <-chan time.Time) (why string) {
	defer func() {
		if p := recover(); p != nil {
			r.hub.log.Error("a room panicked", "room", r.code, "panic", p, "stack", string(debug.Stack()))
			why = whyFailed
		}
	}()
	select {
	case <-ctx.Done():
		return whyDraining
	case a := <-r.inbox.Arrivals():
		r.enter(ctx, a)
	case l := <-r.launched:
		r.settle(l, time.Now())
	case now := <-beat:
		return r.beat(ctx, now)
	}
	return ""
}

// close gives back who came too late. A launch that is still open is waited for;
// its context has ended, or it has a time of its own.
func (r *room) close() {
	if r.table.phase == protocol.RoomStarts {
		<-r.launched
	}
	r.hub.close(r)
	for _, a := range r.inbox.Close() {
		r.refuse(a, ErrNotFound)
	}
}

// enter takes in a connection: of a member, or of one who would be.
func (r *room) enter(ctx context.Context, a socket.Arrival) {
	who, now := a.Conn.Player(), time.Now()
	e, asked := a.Note.(Entry)
	p := r.table.person(who.ID)
	if p == nil {
		switch err := r.admit(a, e); {
		case err == ErrFriends:
			r.vouch(ctx, a, e)
			return
		case err != nil:
			r.refuse(a, err)
			return
		}
		p = r.table.person(who.ID)
	}
	if old := r.lines[who.ID]; old != nil {
		old.conn.Goodbye(protocol.Replaced)
	}
	r.lines[who.ID] = &line{conn: a.Conn}
	r.table.come(p)
	r.touched = now
	r.stands(r.lines[who.ID])
	if asked {
		a.Conn.Send(protocol.Append(nil, protocol.RoomReply{Stamp: e.stamp, Code: r.code}))
	}
	r.hub.deps.Enters(who.ID)
}

// stands has friends told that a member is here, and whether they may come.
func (r *room) stands(l *line) {
	l.open = r.open(l.conn.Player().ID)
	l.conn.Stands(socket.Place{State: protocol.InLobby, Where: r.code, Joinable: l.open})
}

// open says whether the friends of a member may come. A room for the host's
// friends is not shown to those of others.
func (r *room) open(member protocol.PlayerID) bool {
	t := r.table
	shown := t.privacy == protocol.RoomPublic || t.privacy == protocol.RoomFriends && member == t.host
	return shown && t.free() >= 0
}

// admit makes a newcomer a member.
func (r *room) admit(a socket.Arrival, e Entry) error {
	who := a.Conn.Player()
	if _, asked := a.Note.(Entry); !asked || e.made {
		return ErrNotFound // comes back, and is no member any more
	}
	if r.table.phase == protocol.RoomStarts {
		return ErrStarting
	}
	if err := r.table.admits(who.ID, e); err != nil {
		return err
	}
	if !r.hub.claim(who.ID, r) {
		return ErrInRoom
	}
	return r.table.add(who, time.Now())
}

// friendsWait bounds the look at who is a friend of whom.
const friendsWait = 5 * time.Second

// vouch finds out, beside the beat, whether a newcomer is a friend of the host:
// the connection comes in again with that in its note, or goes back to the hall.
func (r *room) vouch(ctx context.Context, a socket.Arrival, e Entry) {
	host := r.table.person(r.table.host).Player
	r.hub.running.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, friendsWait)
		defer cancel()
		friends, err := r.befriended(ctx, host, a.Conn)
		e.friend = host.ID
		switch {
		case err != nil:
			r.refuse(a, err)
		case !friends:
			r.refuse(a, ErrFriends)
		case !r.inbox.Hand(a.Conn, e):
			r.refuse(a, ErrNotFound)
		}
	})
}

// befriended looks up whether somebody's connection is that of a friend, and
// meanwhile heeds what others have to say to it.
func (r *room) befriended(ctx context.Context, host protocol.Player, c *socket.Conn) (friends bool, err error) {
	found := make(chan struct{})
	go func() {
		defer close(found)
		friends, err = r.hub.deps.Social.Friends(ctx, host, c.Player())
	}()
	beat := time.NewTicker(r.hub.cfg.Beat)
	defer beat.Stop()
	for {
		select {
		case <-found:
			return friends, errors.Join(err, c.Ended())
		case <-beat.C:
			_ = c.Heed()
		}
	}
}

// refuse gives a connection back to the hall.
func (r *room) refuse(a socket.Arrival, err error) {
	Refuse(a.Conn, a.Note, err)
	if a.Conn.Flush() == nil {
		r.hub.deps.Hall(a.Conn, nil)
	}
}

// Refuse answers the RoomCreate or RoomJoin that a note is of; another is of
// none.
func Refuse(c *socket.Conn, note any, err error) {
	if e, asked := note.(Entry); asked {
		c.Send(protocol.Append(nil, protocol.RoomReply{Stamp: e.stamp, Refused: code(err)}))
	}
}

func code(err error) string {
	if r, ok := err.(Refusal); ok {
		return string(r)
	}
	return social.Refusal(err)
}

// beat reads every connection, lets the clock act, and writes each once.
func (r *room) beat(ctx context.Context, now time.Time) (why string) {
	for _, p := range append([]*person(nil), r.table.people...) { // those who are out are out of the list
		if r.lines[p.ID] != nil {
			r.read(p, now)
		}
	}
	away, launch := r.table.clock(now, &r.hub.cfg, r.hub.deps.Running)
	for _, p := range away {
		r.out(p, whyAway)
	}
	if launch && len(r.table.people) > 0 {
		r.launch(ctx)
	}
	r.view.look(r.table, now)
	r.publish()
	for _, p := range r.table.people {
		r.write(p, now)
	}
	if now.Sub(r.touched) >= r.hub.cfg.IdleLife && r.table.phase != protocol.RoomPlays {
		return whyIdle
	}
	return ""
}

// read takes in what a member has sent. What moves the connection is done when
// Read has returned.
func (r *room) read(p *person, now time.Time) {
	l := r.lines[p.ID]
	asks := reading{room: r, by: p, line: l, now: now}
	_ = l.conn.Read(&asks)
	if asks.join != nil && l.conn.Ended() == nil {
		r.hand(p, l, *asks.join)
	}
	if asks.leave {
		r.out(p, whyLeft)
		return
	}
	if r.lines[p.ID] == l && l.conn.Heartbeat(now) != nil {
		r.lost(p, now)
	}
}

// lost notes that a member's connection has ended. The place is kept.
func (r *room) lost(p *person, now time.Time) {
	delete(r.lines, p.ID)
	r.table.lose(p, now)
}

// hand gives a member's connection to a match.
func (r *room) hand(p *person, l *line, join protocol.Join) {
	ok, known := r.hub.deps.Board.Hand(join.Match, l.conn, join)
	switch {
	case ok:
		delete(r.lines, p.ID)
		r.table.leaves(p, join.Match)
	case known:
		l.conn.Send(protocol.Append(nil, protocol.MatchFull))
	default:
		l.conn.Send(protocol.Append(nil, protocol.MatchNotFound))
	}
}

// write sends a member what has changed since the last time.
func (r *room) write(p *person, now time.Time) {
	l := r.lines[p.ID]
	if l == nil {
		return
	}
	if revision := r.view.news.Revision(); l.sent != revision {
		l.conn.Send(r.view.news.Message(l.sent, r.view.since))
		l.sent = revision
		if l.open != r.open(p.ID) {
			r.stands(l)
		}
	}
	if l.conn.Flush() != nil {
		r.lost(p, now)
	}
}

// out takes a member out, and gives the connection back to the hall.
func (r *room) out(p *person, why string) {
	r.table.remove(p.ID)
	r.hub.release(p.ID, r)
	left := protocol.Append(nil, protocol.RoomLeft{Code: r.code, Why: why})
	l := r.lines[p.ID]
	if l == nil {
		r.hub.deps.Teller.Tell(p.ID, left)
		return
	}
	delete(r.lines, p.ID)
	l.conn.Send(left)
	if l.conn.Flush() == nil {
		r.hub.deps.Hall(l.conn, nil)
	}
}

// launch asks for the match. Until the answer nobody changes anything.
func (r *room) launch(ctx context.Context) {
	plan := r.table.plan()
	plan.Door = r.table.door(r.code)
	r.table.phase = protocol.RoomStarts
	go func() {
		all, err := r.hub.deps.Launch(ctx, plan)
		r.launched <- launch{plan.Seats, all, err}
	}()
}

// settle tells the members where to play, or that there is no host for them.
func (r *room) settle(l launch, now time.Time) {
	if l.err != nil {
		r.hub.log.Warn("a room gets no match", "room", r.code, "err", l.err)
		r.table.rest()
		r.table.unready()
		r.say(protocol.Append(nil, protocol.Notice{Code: string(ErrNoMatch), Text: "There is no room for the match just now. Try again."}))
		return
	}
	r.table.started(l.all[0].Match, now)
	r.touched = now
	for i, s := range l.seats {
		if line := r.lines[s.Player.ID]; line != nil {
			line.conn.Send(protocol.Append(nil, l.all[i]))
		} else if r.table.person(s.Player.ID) != nil {
			r.hub.deps.Teller.Tell(s.Player.ID, protocol.Append(nil, l.all[i]))
		}
	}
}

// say sends everybody here a message.
func (r *room) say(msg []byte) {
	for _, l := range r.lines {
		l.conn.Send(msg)
	}
}

// publish has the list show the room as it is, if that is news.
func (r *room) publish() {
	row, listed := r.asRow(), r.table.privacy == protocol.RoomPublic
	if old := r.row.Load(); old != nil && sameRow(row, old) && listed == r.listed {
		return
	}
	r.row.Store(row)
	if r.listed = listed; !listed {
		row = nil
	}
	r.hub.list.publish(r.game, r.code, row)
}

func (r *room) asRow() *protocol.RoomRow {
	t := r.table
	row := &protocol.RoomRow{Code: r.code, Title: t.title, Mode: t.mode.Name, Options: t.options, Players: len(t.people),
		Bots: t.bots(), Size: t.size, Locked: t.locked, Playing: t.phase >= protocol.RoomStarts}
	if h := t.person(t.host); h != nil {
		row.Host = h.Name
	}
	return row
}
