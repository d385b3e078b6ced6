package match

import (
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// Bounds on a client that falls behind.
const (
	stalledAfter = 2 * time.Second  // without an ack: its seat is played for it
	silentAfter  = 10 * time.Second // without an ack: goodbye
	aheadTicks   = 3                // that an ack may be overdue, at 30 Hz and below
)

// A client is a connection at its seat, or of somebody who watches. The match's
// goroutine owns it, and the connection with it.
type client struct {
	conn   *socket.Conn
	seat   *seat // nil: it watches, see spectate.go
	m      *Match
	frames *frames // that it is shown
	view   game.View
	from   *seat // of a plane, whose eye it looks through; nil: from the middle

	// What was written to the connection.
	sent      game.Tick // newest frame; the base of the next
	before    game.Tick // the one before, for linear bodies
	sentAny   bool      // false: the next frame is a keyframe
	sinceKey  int       // frames since the keyframe
	eventBase game.Tick // events up to here were told
	hashed    game.Tick // last tick whose hash was sent
	window    *window   // what it holds of cells, if any, see interest.go

	// What the client has seen.
	acked   game.Tick
	ackedAt time.Time
	heardAt game.Tick // the tick at which the last ack was read
	ackGap  game.Tick // ticks from the ack before it, up to half a second's
	stalled bool
	rtt     minimum   // of round trips, in eighths of a tick
	way     int32     // the round trip while nothing of ours waits on the line, in eighths
	alone   game.Tick // newest frame that was written when all before it had been acked
	first   game.Tick // frame with which it caught up
	ladder  ladder
	nudges  int // frames written since it fell behind

	greeted  bool   // it was sent Joined
	known    int    // seats, from the first, that it was told of
	heard    uint64 // of so many changes of statuses
	gap      bool   // events were lost to it that are not kept any more
	tokens   int    // inputs it may send, see refill
	filledAt time.Time
	leaving  bool // it asked to, for after Read
}

// Message takes in one message; it runs within conn.Read.
func (c *client) Message(_ *socket.Conn, b []byte) socket.Verdict {
	if protocol.IsControl(b) {
		return c.control(b)
	}
	if c.seat == nil {
		return c.bye(protocol.BadSequence)
	}
	in := &c.m.scratch.input
	if err := protocol.ParseInput(b, c.m.fields, in); err != nil {
		return c.bye(protocol.BadMessage)
	}
	if c.tokens--; c.tokens < 0 {
		return c.bye(protocol.Flood)
	}
	c.ack(in.Ack, in.Hold)
	c.m.count.Inputs++
	if !c.m.running {
		c.seat.inputs.spend(in)
		return socket.Continue
	}
	shown := min(8*int32(c.m.tick+1-c.acked)+int32(in.Lag), c.lagBound())
	c.seat.inputs.push(in, shown, c.m.tick, c.m.fields)
	return socket.Continue
}

func (c *client) control(b []byte) socket.Verdict {
	msg, err := protocol.ParseClient(b)
	if err != nil {
		return c.bye(protocol.BadMessage)
	}
	switch msg := msg.(type) {
	case protocol.Ack:
		c.ack(msg.Tick, msg.Hold)
	case protocol.Ping:
		c.conn.Send(protocol.Append(nil, protocol.Pong(msg)))
	case protocol.Say, protocol.MailAck:
		c.conn.Said(msg)
	case protocol.Leave:
		c.leaving = true
		return socket.Yield
	case protocol.Follow:
		return c.follow(msg.Seat)
	default:
		return c.bye(protocol.BadSequence)
	}
	return socket.Continue
}

// Bounds on a client's inputs: what a connection that stood still may have
// gathered before it is silent, and what may come in the long run.
const (
	floodBurst  = 10 // seconds' worth of inputs
	floodRefill = 3  // halves of the mode's rate, in inputs a second
)

// refill grants what may come in a second, once that has passed. It counts
// time and not ticks, of which an overloaded server does fewer.
func (c *client) refill(now time.Time) {
	if now.Sub(c.filledAt) >= time.Second {
		hz := c.m.mode.Hz
		c.tokens, c.filledAt = min(c.tokens+max(floodRefill*hz/2, hz+1), floodBurst*hz), now
	}
}

// look makes the client see what the view sees, from the next frame on, which
// then is a keyframe.
func (c *client) look(view game.View) {
	c.frames.see(view)
	c.view, c.sentAny = view, false
}

// missed has the client told of the events since it was here last, as far as
// they are kept.
func (c *client) missed(join *protocol.Join) {
	if join.Epoch == epoch && join.LastTick <= c.frames.tick() {
		c.eventBase = join.LastTick
	} else {
		c.gap = true
	}
}

func (c *client) bye(r protocol.Reason) socket.Verdict {
	c.conn.Goodbye(r)
	return socket.Yield
}

// ack notes that the client has seen a frame, given modulo 128. Acks of what
// lies ahead, or was acked before, are ignored.
func (c *client) ack(tick, hold uint8) {
	behind := game.Tick((uint8(c.sent) - tick) & 127)
	if !c.sentAny || behind > c.sent || c.sent-behind < c.acked {
		return
	}
	certain := c.sent-c.acked < 128 // else several ticks fit, of which we take the newest
	first := c.sent-behind > c.acked
	c.acked, c.ackedAt = c.sent-behind, c.m.now
	now := c.frames.tick()
	if c.heardAt != now {
		c.ackGap, c.heardAt = min(now-c.heardAt, c.halfSecond()), now
	}
	if certain && hold < longHold && c.m.running {
		trip := max(8*int32(now+1-c.acked)-int32(hold), 0)
		c.rtt.add(trip, now, game.Tick(2*c.m.mode.Hz))
		if trip < c.way || first && c.acked == c.alone {
			c.way = trip
		}
	}
}

// longHold says that the frame came in that long ago or longer: nothing can be
// told of the round trip.
const longHold = 127

// interpolation is how far apart, in eighths of a tick, the frames may be that
// a client shows the others between.
const interpolation = 8 * 4

// lagBound is the most a player may claim to see the past, in eighths: its
// round trip and the time to interpolate between frames.
func (c *client) lagBound() int32 { return c.rtt.value() + interpolation }

// write sends the client this tick's frame, where one is due: what it misses
// is in a later, larger one.
func (c *client) write() {
	if view := c.sees(); view != c.view {
		c.look(view)
	}
	c.m.count.Steps[c.ladder.step]++
	if !c.due() {
		return
	}
	head, body, behind := c.compose()
	if !c.conn.Frame(head, body, behind) {
		c.m.count.Skips++
		return
	}
	c.wrote(len(head) + len(body) + len(behind))
}

// compose makes this tick's frame: a head, which is in scratch.head as well, a
// body, and the cells and events behind it.
func (c *client) compose() (_, body, behind []byte) {
	f, head := c.frames, &c.m.scratch.head
	*head = protocol.Head{Tick: uint8(f.now.Tick & 127), Own: head.Own[:0]}
	if c.seat != nil {
		head.Ack, head.Slack = c.seat.inputs.taken, c.seat.inputs.slack()
	}
	body = c.body(f, head)
	behind = c.m.scratch.behind[:0]
	if f.interest != nil {
		behind = f.interest.cells(behind, c, head)
	}
	cells := len(behind)
	behind, gap := f.eventsSince(behind, c.view, c.eventBase)
	c.m.scratch.behind = behind
	if len(behind) > cells {
		head.Kind |= protocol.HasEvents
	}
	if gap || c.gap {
		head.Kind |= protocol.Gap
	}
	if second := game.Tick(c.m.mode.Hz); f.now.Tick/second != c.hashed/second || head.Kind&protocol.Keyframe != 0 {
		head.Kind |= protocol.Hashed // in the same tick for all who keep up
		head.Hash = f.hash(c.view)
	}
	c.m.scratch.bytes = protocol.AppendHead(c.m.scratch.bytes[:0], head)
	return c.m.scratch.bytes, body, behind
}

// body chooses the base and returns the body for it; head says which.
func (c *client) body(f *frames, head *protocol.Head) []byte {
	now := f.now.Tick
	if c.sentAny && now > c.sent {
		stride := now - c.sent
		linear := stride <= maxStride && c.sinceKey > 0 && c.sent-c.before == stride && f.layout.Space() == nil
		if body := f.body(c.view, c.before, c.sent, linear); body != nil {
			head.Age = uint8(stride)
			if linear {
				head.Kind |= protocol.Linear
			}
			c.own(head, f.past.At(c.sent))
			return body
		}
	}
	head.Kind |= protocol.Keyframe
	c.own(head, nil)
	return f.key(c.view)
}

// sees is the view that the client has now.
func (c *client) sees() game.View {
	if c.seat == nil {
		return everyone
	}
	return game.View(c.m.sim.Team(c.seat.number))
}

// own puts into head what is for the seat alone.
func (c *client) own(head *protocol.Head, base *game.Snapshot) {
	if c.seat != nil {
		head.Own, head.OwnMask = game.DiffOwn(head.Own, base, c.frames.now, c.seat.number)
	}
}

// wrote notes that the connection was given what was composed, of n bytes.
func (c *client) wrote(n int) {
	head, now := &c.m.scratch.head, c.frames.now.Tick
	if head.Kind&protocol.Keyframe != 0 {
		c.sinceKey = 0
		c.m.count.Keyframes++
	} else {
		c.sinceKey++
	}
	if head.Kind&protocol.Hashed != 0 {
		c.hashed = now
	}
	if !c.sentAny {
		c.sentAny, c.acked = true, now // there was nothing to ack before
	}
	if c.empty() {
		c.alone = now
	}
	if c.sent < c.ladder.caught {
		c.first = now
	}
	c.before, c.sent, c.eventBase, c.gap = c.sent, now, now, false
	if c.frames.interest != nil {
		c.frames.interest.commit(c.window)
	}
	c.m.count.Frames++
	c.m.count.Bytes += n
}

// due decides whether the client is sent this tick's frame: as its step has it,
// and none while it is behind, but for one now and then.
func (c *client) due() bool {
	if !c.sentAny {
		return true
	}
	now, s := c.frames.tick(), c.signs()
	if c.ladder.judge(now, s) {
		c.m.log.Debug("a client's rate has changed", "player", c.conn.Player().ID, "step", c.ladder.step, "late", s.late, "pending", s.pending, "unsent", s.unsent)
	}
	switch {
	case s.pending == 0 && c.m.why != "" && now == c.m.tick:
		return true // nobody shall miss how it ends
	case !c.ladder.behind:
		c.nudges = 0
		return c.ladder.due(now)
	case s.pending == 0 && c.nudge():
		c.nudges++
		return true
	}
	c.m.count.Skips++
	return false
}

// signs are how the client keeps up. The kernel is asked about those alone who
// are suspect.
func (c *client) signs() signs {
	oldest := c.oldest()
	s := signs{late: c.late(oldest), pending: c.conn.Pending(), first: oldest == c.first, empty: c.empty()}
	if s.late > 0 && !c.ladder.behind {
		s.unsent = c.conn.Unsent()
	}
	return s
}

// oldest is the oldest frame under way, as far as can be known.
func (c *client) oldest() game.Tick {
	switch {
	case c.acked < c.alone:
		return c.alone
	case c.acked < c.before:
		return min(c.acked+c.ladder.stride(), c.before)
	}
	return c.sent
}

// late is for how many ticks the ack of the oldest frame under way has been
// overdue, by the round trip and by the time from one ack to the next.
func (c *client) late(oldest game.Tick) int {
	if c.empty() {
		return 0
	}
	return int(c.frames.tick()-oldest) - int(c.way/8) - 1 - int(c.ackGap)
}

// empty reports whether nothing that was written is under way any more, as far
// as can be known of a client that acks some frames only.
func (c *client) empty() bool { return c.sent-c.acked < max(c.ackGap, 1) }

// nudge reports whether a client that is behind is sent a frame all the same:
// half a second after the last, then one second, two and four. Who sends no
// inputs acks some frames only, and may have nothing to ack before the next one
// comes; but on a line that is too narrow for anything each makes the others
// later. What the kernel keeps is not added to, unless events would be lost.
func (c *client) nudge() bool {
	since := c.frames.tick() - c.sent
	if since >= eventsKept {
		return true
	}
	return since >= c.halfSecond()<<min(c.nudges, 3) && c.conn.Unsent() == 0
}

// eventsKept is for how many ticks a client can be left out and still be told of
// all events, should the frame after be due a little later.
const eventsKept = eventRing - 8

func (c *client) halfSecond() game.Tick { return game.Tick(c.m.mode.Hz+1) / 2 }

// live judges the sign of life. It returns false once the client is gone.
func (c *client) live(now time.Time) bool {
	switch silent := now.Sub(c.ackedAt); {
	case silent > silentAfter:
		c.conn.Goodbye(protocol.Silent)
		return false
	case silent > stalledAfter && !c.stalled:
		c.stalled = true
		c.mark(protocol.SeatAway)
	case silent <= stalledAfter && c.stalled:
		c.stalled = false
		c.mark(protocol.SeatPlayer)
	}
	return true
}

// mark changes the status of the client's seat.
func (c *client) mark(status protocol.SeatStatus) {
	if c.seat != nil {
		c.m.setStatus(c.seat, status)
	}
}

// minimum is the least of the values of about the last window.
type minimum struct {
	now, last int32 // of the current and the previous half window
	since     game.Tick
	any       bool
}

func (m *minimum) add(v int32, at, window game.Tick) {
	v = max(v, 0)
	if !m.any {
		*m = minimum{v, v, at, true}
	}
	if past := at - m.since; past >= window/2 {
		m.last, m.now, m.since = m.now, v, at
		if past >= window {
			m.last = v // there was nothing in between
		}
	}
	m.now = min(m.now, v)
}

func (m *minimum) value() int32 { return min(m.now, m.last) }
