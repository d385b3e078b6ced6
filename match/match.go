package match

import (
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// Why a match ended, as Over and Ended say it.
const (
	whyFinished  = "finished"  // the rules had a result
	whyFailed    = "failed"    // the rules panicked, or never returned
	whyAbandoned = "abandoned" // everyone left, or too few came
	whyDrained   = "drained"   // the server is stopping
	whyEnded     = "ended"     // by an operator
	whyKicked    = "kicked"    // told to one who was taken out of a match that goes on
	whyLeft      = "left"      // told to one who leaves a match that goes on
)

// Waits of a match.
const (
	joinWait = 10 * time.Second // for players who have a seat, before the first tick
	seatKept = 30 * time.Second // for a player whose connection is lost
)

// inboxSize bounds the connections that wait to be taken in at a beat; but all
// who have a seat may come at once.
const inboxSize = 64

// A Match is one match in motion.
type Match struct {
	// Set when it is made and never changed.
	id     protocol.MatchID
	mode   *game.Mode
	placed []protocol.StartSeat // who was to play, as the lobby said
	fields []game.Field         // of the mode's inputs
	host   *Host
	log    *slog.Logger
	inbox  *socket.Inbox
	stop   chan struct{} // closed by cancel
	gone   chan struct{} // closed when it has ended, or was given up
	orders chan order    // of operators
	asks   chan ask      // for seats; nil where nobody joins later
	cancel func()        // ends the match; from any goroutine, more than once

	// Owned by run.
	sim     *game.Sim
	frames  *frames
	record  *recorder
	seats   []seat
	clients []*client // of players
	turn    int       // whose turn it is to be written to first

	statuses uint64      // changes of who plays a seat so far, see roster.go
	changes  []game.Seat // that had any, by their last

	spectators []*client // those who watch, see spectate.go
	stands     *stands   // what they are shown, where it is not what everyone is; nil: that, or nobody watches
	watching   watching

	seatsRevision, seatsTold uint32 // of the free seats; see backfill.go

	pace    pace
	tick    game.Tick // that was computed last
	now     time.Time // of the current beat
	beats   int64     // since the start, those included in which others were waited for
	begun   time.Time
	late    time.Duration        // that beats begin, in the mean of some 16
	noticed bool                 // players were told that the server drains
	running bool                 // ticking: everyone is here, or was waited for
	left    []protocol.EndedSeat // players who took part and have left for good, see noteLeft
	leaving []protocol.LeftSeat  // since others were told
	kicked  []protocol.PlayerID
	why     string // set once it is over
	result  game.Result
	count   Traffic // of the current beat
	scratch scratch

	// Shared with the host and its watchdog.
	draining atomic.Bool  // set by drain
	busy     atomic.Int64 // number of the beat under way; 0: none
	fate     atomic.Int32 // who ends it, see settle
	mu       sync.Mutex
	conns    map[uint64]*socket.Conn // guarded by mu: changed when one comes or goes

	watched watched // owned by the watchdog
}

// Who ends a match: its own goroutine, or the watchdog for one that is stuck.
// The first to say so does, and the other must not.
const (
	fateOpen int32 = iota
	fateEnded
	fateStuck
)

// settle decides the match's fate. It reports whether that was still open.
func (m *Match) settle(fate int32) bool { return m.fate.CompareAndSwap(fateOpen, fate) }

// scratch is memory that every beat uses again.
type scratch struct {
	input  protocol.Input
	head   protocol.Head
	bytes  []byte // of the head
	behind []byte // of what follows the body
	inputs []game.Input
}

// newMatch starts the rules. Its panics are the caller's to recover.
func newMatch(h *Host, mode *game.Mode, start *protocol.Start) *Match {
	m := &Match{
		id: start.Match, mode: mode, placed: start.Seats, fields: mode.Schema.Inputs, host: h,
		log:    h.log.With("match", start.Match, "mode", mode.Name),
		inbox:  socket.NewInbox(max(inboxSize, mode.Seats)),
		stop:   make(chan struct{}),
		gone:   make(chan struct{}),
		orders: make(chan order, inboxSize),
		sim:    game.NewSim(mode, start.Seed, start.Options...),
		seats:  make([]seat, mode.Seats),
		conns:  map[uint64]*socket.Conn{},
	}
	if mode.Matchmaking.Backfill && !start.Closed {
		m.asks = make(chan ask, inboxSize)
	}
	m.cancel = sync.OnceFunc(func() { close(m.stop) })
	m.frames = newFrames(m.sim.Now().Layout(), epoch)
	if mode.Schema.Space != nil {
		m.frames.interest = newInterest(m.frames.layout, mode.Hz)
	}
	m.record = newRecorder(m.id, start.Seed, m.sim)
	for i := range m.seats {
		m.seats[i].number = game.Seat(i)
		m.seats[i].inputs.target = targetMin
		m.seats[i].applied = neutral(m.fields)
		if i < mode.BotSeats && mode.Bot != nil && h.cfg.Bots && !slices.Contains(start.Empty, game.Seat(i)) {
			m.seats[i].bot = mode.Bot(game.Seat(i), start.Seed+uint64(i))
		}
	}
	for _, s := range start.Seats {
		m.seats[s.Seat].player = s.Player
		m.seats[s.Seat].status = protocol.SeatAway
	}
	for i := range m.seats {
		if m.seats[i].player.ID == "" && m.seats[i].bot != nil {
			m.seats[i].status = protocol.SeatBot
			m.enter(&m.seats[i])
		}
	}
	return m
}

// epoch of a match that was never rebuilt.
const epoch = 1

// run is the match's goroutine.
func (m *Match) run() {
	m.now = time.Now()
	m.begun = m.now
	m.keepUntil(m.now.Add(m.host.cfg.PassLife))
	m.pace = newPace(m.mode.Hz, m.now, m.record.record.Seed)
	timer := time.NewTimer(m.pace.wait(m.now))
	defer timer.Stop()
	for m.why == "" {
		select {
		case <-timer.C:
			m.beat(time.Now())
			timer.Reset(m.pace.wait(time.Now()))
		case <-m.stop:
			m.why = whyDrained
		}
	}
	m.end()
}

// beat is one turn of the loop. A panic in it, which only the rules can
// cause, ends this match. The watchdog sees the whole of it: rules may be
// stuck in any of their methods, and a bot while it thinks.
func (m *Match) beat(now time.Time) {
	m.beats++
	m.busy.Store(m.beats)
	defer func() {
		m.busy.Store(0)
		if p := recover(); p != nil {
			m.failed(p)
		}
	}()
	m.now = now
	late := m.pace.tick(now)
	m.late += (late - m.late) / 16
	m.admit()
	m.reserve()
	m.read()
	m.notice()
	m.introduce()
	if m.ready() {
		m.step()
		m.write()
	} else {
		m.wait()
	}
	m.obey()
	m.tell()
	m.countSpectators()
	if m.fate.Load() == fateStuck {
		m.why = whyFailed
	}
	m.report(late)
}

// ready reports whether to tick: once everyone is here, or was waited for; an
// open match waits for enough only. Where too few have come, and there are no
// bots, there is no match.
func (m *Match) ready() bool {
	if m.running || !m.allHere() && !(m.mode.Open && m.enough()) && m.now.Sub(m.begun) <= joinWait {
		return m.running
	}
	m.fill()
	if m.running = m.enough(); !m.running {
		m.why = whyAbandoned
	}
	m.changed()
	return m.running
}

func (m *Match) enough() bool {
	n := 0
	for i := range m.seats {
		if m.sim.Joined(m.seats[i].number) {
			n++
		}
	}
	return n >= m.mode.MinPlayers
}

func (m *Match) allHere() bool {
	for i := range m.seats {
		if s := &m.seats[i]; s.player.ID != "" && s.client == nil {
			return false
		}
	}
	return true
}

// fill lets those who have not come be played by bots, or left out.
func (m *Match) fill() {
	for i := range m.seats {
		if s := &m.seats[i]; s.player.ID != "" && s.bot != nil {
			m.enter(s)
		}
	}
}

// wait keeps those who are here while others are waited for: they get the
// first keyframe, and signs of life.
func (m *Match) wait() {
	if m.frames.now == nil {
		m.frames.advance(m.sim, m.sim.Now())
	}
	for _, c := range m.clients {
		c.ackedAt = m.now // there is nothing new to ack
		if !c.sentAny {
			c.write()
		}
		_ = c.conn.Flush()
	}
	for _, c := range m.spectators {
		c.ackedAt = m.now
		c.show(!c.sentAny)
	}
}

// read takes in what every client has sent, and lets go of those who are gone.
func (m *Match) read() {
	for i := 0; i < len(m.clients); {
		c := m.clients[i]
		c.refill(m.now)
		if err := c.conn.Read(c); err != nil || !c.live(m.now) {
			m.lose(c)
			continue
		}
		if c.leaving {
			m.release(c, whyLeft)
			continue
		}
		i++
	}
	m.readSpectators()
	m.keepSeats()
}

// step gives the rules this tick's inputs.
func (m *Match) step() {
	view := m.sim.Now()
	inputs := m.scratch.inputs[:0]
	for i := range m.seats {
		if s := &m.seats[i]; m.sim.Joined(s.number) {
			inputs = append(inputs, s.input(m, view))
		}
	}
	m.scratch.inputs = inputs
	m.record.step(inputs)
	now := m.sim.Step(inputs)
	m.tick = now.Tick
	m.record.stepped(m.sim)
	m.frames.advance(m.sim, now)
	if result, over := m.sim.Result(); over {
		m.why, m.result = whyFinished, result
	}
}

// write sends every client its frame; whose turn is first goes round.
func (m *Match) write() {
	if permille, changed := m.pace.stretch(m.now); changed {
		m.tellAll(protocol.Pace{Permille: permille})
	}
	n := len(m.clients)
	for i := range n {
		c := m.clients[(i+m.turn)%n]
		c.write()
		_ = c.conn.Flush() // what went wrong, Read will say
	}
	m.turn++
	m.writeSpectators()
}

// report hands the counts of this beat to the metrics.
func (m *Match) report(late time.Duration) {
	if meter := m.host.cfg.Meter; meter != nil {
		meter.Tick(m.mode.Name, time.Since(m.now), late)
		meter.Traffic(m.count)
	}
	m.count = Traffic{}
}

// drain has the players told that the server is going to stop. From any
// goroutine.
func (m *Match) drain() { m.draining.Store(true) }

func (m *Match) notice() {
	if m.noticed || !m.draining.Load() {
		return
	}
	m.noticed = true
	m.tellAll(draining)
}

// draining tells everyone that the server is going to stop.
var draining = protocol.Notice{Code: "draining", Text: "The server restarts soon. This match may still finish."}

// end has it kept how the match came out, tells everyone, and gives their
// connections back: who is told of a result finds it wherever results are.
func (m *Match) end() {
	var record *Record
	if m.fate.Load() == fateOpen {
		record = m.finish()
	}
	if !m.settle(fateEnded) {
		m.returned()
		return
	}
	m.host.closeDoor(m)
	kept := m.host.keep(m)
	m.part(kept)
	m.log.Info("match over", "why", m.why, "ticks", m.tick, "slips", m.pace.Slips, "late_p99", m.pace.late.quantile(.99), "record", record.Size())
	m.host.ended(m, record, kept)
}

// part tells the players how the match came out, once that is kept, and gives
// their connections back.
func (m *Match) part(kept <-chan struct{}) {
	defer m.rescue("telling how a match came out")
	select {
	case <-kept:
	case <-time.After(overWait):
	}
	over := protocol.Append(nil, protocol.Over{Match: m.id, Why: m.why, Result: m.result})
	for len(m.clients) > 0 {
		m.giveBack(m.clients[0], over)
	}
}

// rescue keeps a panic which only we can cause, at the end of a match, from
// ending more than the connections that are still here.
func (m *Match) rescue(amid string) {
	if p := recover(); p != nil {
		m.log.Error(amid+" panicked", "panic", p, "stack", string(debug.Stack()))
		m.dismiss(protocol.Internal)
	}
}

// overWait is for how long players are held while nothing can be kept. Nobody
// reads their connections meanwhile, and who is banned is to be gone in a second.
const overWait = 750 * time.Millisecond

// finish completes the record. Asking the rules for their state one last time
// is their last chance to panic, or to be stuck. A result that they have given
// stands all the same.
func (m *Match) finish() (r *Record) {
	m.busy.Store(m.beats + 1)
	defer func() {
		m.busy.Store(0)
		if p := recover(); p != nil {
			m.panicked(p)
			r = m.record.finish(m.sim, true)
		}
	}()
	return m.record.finish(m.sim, m.why == whyFailed)
}

// failed ends the match after a panic of the rules.
func (m *Match) failed(p any) {
	m.why, m.result = whyFailed, nil
	m.panicked(p)
}

func (m *Match) panicked(p any) {
	m.log.Error("rules panicked", "panic", p, "tick", m.tick, "stack", string(debug.Stack()))
}

// returned cleans up after rules that came back when the watchdog had given
// them up, told the lobby and shut the connections.
func (m *Match) returned() {
	m.dismiss(protocol.MatchFailed)
	m.host.lost.Add(-1)
	m.log.Warn("the rules of a match that was given up returned")
}

// dismiss ends the connections of all who are still here.
func (m *Match) dismiss(why protocol.Reason) {
	for _, c := range slices.Concat(m.clients, m.spectators) {
		m.drop(c)
		c.conn.Goodbye(why)
	}
}

// outcome is what the lobby is told.
func (m *Match) outcome() protocol.Ended {
	e := protocol.Ended{Match: m.id, Game: m.mode.Game, Mode: m.mode.Name, Why: m.why, Ticks: m.tick, Result: m.result, Seats: m.left}
	for i := range m.seats {
		switch s := &m.seats[i]; {
		case s.passed:
			e.Seats = append(e.Seats, m.endedSeat(s))
		case s.playedByBot():
			e.Bots = append(e.Bots, protocol.EndedBot{Seat: s.number, Team: m.sim.Team(s.number)})
		}
	}
	return e
}

// invited are those who were to play: all that others than its goroutine may
// know of a match.
func (m *Match) invited() (all []protocol.EndedSeat) {
	for _, s := range m.placed {
		all = append(all, protocol.EndedSeat{Seat: s.Seat, Player: s.Player})
	}
	return all
}

func (m *Match) endedSeat(s *seat) protocol.EndedSeat {
	return protocol.EndedSeat{Seat: s.number, Team: m.sim.Team(s.number), Player: s.player}
}
