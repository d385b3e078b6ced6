package match

import (
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A seat is one place in the match. The match's goroutine owns it.
type seat struct {
	number game.Seat
	player protocol.Player // nobody: the seat is a bot's, or empty
	status protocol.SeatStatus
	change uint64    // of all statuses, the one that made it so
	client *client   // nil while nobody is connected
	until  time.Time // how long the seat is kept for its player; zero: no end
	passed bool      // the player's pass has been used
	bot    game.Bot  // made when it is first needed

	inputs  inputQueue
	applied game.Input // what the rules were given last
}

// Bounds of a seat's input queue, in inputs.
const (
	queueCap    = 16 // beyond it the oldest is merged into the next
	burstAbove  = 3  // with more waiting than this, two are taken in a tick
	repeatTicks = 5  // the last input is repeated this long, then neutral
)

// Bounds of the target depth, in eighths of an input.
const (
	targetMin  = 4
	targetMax  = 24
	targetStep = 4
	calmUp     = 8   // ticks between two steps up
	calmDown   = 128 // ticks for an eighth down
)

// An inputQueue holds a seat's inputs in order until their tick.
type inputQueue struct {
	ring  [queueCap]queued
	first int
	count int

	any    bool  // whether an input was ever taken in
	newest uint8 // sequence of the newest taken in, modulo 128
	taken  uint8 // sequence of the last one that was used, modulo 128

	starved int // ticks in a row without an input
	target  int // eighths of an input that should wait after one was taken
	mean    int // eighths, exponential over about 16 ticks, times 16
	calm    int // ticks since the target last changed
}

// queued is an input, and how far in the past its player saw the others.
type queued struct {
	seq    uint8
	shown  int32 // eighths of a tick before the tick that was next when it was read
	readAt game.Tick
	values [game.MaxInputs]int32
}

// push takes in an input that was read at a tick. Inputs that are old or come
// twice are ignored: sequence numbers only go up, by less than 64.
func (q *inputQueue) push(in *protocol.Input, shown int32, at game.Tick, fields []game.Field) {
	if q.any {
		if ahead := (in.Seq - q.newest) & 127; ahead == 0 || ahead >= 64 {
			return
		}
	}
	q.any, q.newest = true, in.Seq
	if q.count == queueCap {
		q.drop(fields)
	}
	q.ring[(q.first+q.count)%queueCap] = queued{in.Seq, shown, at, in.Values}
	q.count++
}

// spend takes in an input from before the first tick. It counts as used, for
// the client not to wait for it, and comes to nothing.
func (q *inputQueue) spend(in *protocol.Input) {
	q.any, q.newest, q.taken = true, in.Seq, in.Seq
}

// drop removes the oldest input but keeps its button presses in the next, as
// far as the field's bounds have room for both.
func (q *inputQueue) drop(fields []game.Field) {
	old := q.pop()
	next := &q.ring[q.first]
	for i, f := range fields {
		if both := next.values[i] | old.values[i]; f.Bits && both >= f.Min && both <= f.Max {
			next.values[i] = both
		}
	}
}

func (q *inputQueue) pop() queued {
	x := q.ring[q.first]
	q.first = (q.first + 1) % queueCap
	q.count--
	return x
}

// take returns the input for this tick, or false when none has come. After a
// stall the inputs that piled up are used up two a tick.
func (q *inputQueue) take(fields []game.Field) (queued, bool) {
	if q.count == 0 {
		q.starve()
		return queued{}, false
	}
	burst := burstAbove + q.target/8
	if q.count > burst {
		q.drop(fields)
	}
	x := q.pop()
	q.taken, q.starved = x.seq, 0
	q.settle(8 * min(q.count, burst)) // what a stall piled up says nothing of the client's clock
	return x, true
}

// starve is a tick without an input. The first one raises the target, since
// the input may be late; after some it is clear that none is under way, from a
// hidden tab say, and nothing is to be learned from that.
func (q *inputQueue) starve() {
	q.starved++
	if q.any && q.starved <= repeatTicks {
		if q.starved == 1 && q.calm > calmUp {
			q.target, q.calm = min(q.target+targetStep, targetMax), 0
		}
		q.settle(-8)
	}
}

// settle updates the mean depth, and lets the target sink slowly.
func (q *inputQueue) settle(depth int) {
	q.mean += depth - q.mean/16
	if q.calm++; q.calm > calmDown {
		q.target, q.calm = max(q.target-1, targetMin), 0
	}
}

// slack tells the client whether it is early (positive) or late, in eighths
// of a tick.
func (q *inputQueue) slack() int8 {
	return int8(max(-32, min(127, q.mean/16-q.target)))
}

// input decides what the seat does in the coming tick, the tick after view.
func (s *seat) input(m *Match, view *game.Snapshot) game.Input {
	if s.playedByBot() {
		s.applied = game.Input{Seat: s.number} // in place: what a Bot is given escapes
		s.bot.Think(view, &s.applied)
		s.clamp(&s.applied, m.fields)
		return s.applied
	}
	if x, ok := s.inputs.take(m.fields); ok {
		s.applied = game.Input{Seat: s.number, Lag: m.lag(x, view.Tick), Values: x.values}
		return s.applied
	}
	if s.inputs.starved > repeatTicks || !s.inputs.any { // what was applied last may be a bot's
		for i, f := range m.fields {
			if !f.Keep {
				s.applied.Values[i] = f.Neutral()
			}
		}
	}
	s.applied.Seat = s.number
	return s.applied
}

func (s *seat) playedByBot() bool {
	return s.bot != nil && (s.status == protocol.SeatBot || s.status == protocol.SeatAway)
}

// neutral is the input of a seat that says nothing.
func neutral(fields []game.Field) (in game.Input) {
	for i, f := range fields {
		in.Values[i] = f.Neutral()
	}
	return in
}

// clamp keeps a bot to what a client could have sent.
func (s *seat) clamp(in *game.Input, fields []game.Field) {
	in.Seat, in.Lag = s.number, 0
	for i, f := range fields {
		in.Values[i] = max(f.Min, min(f.Max, in.Values[i]))
	}
	clear(in.Values[len(fields):])
}

// lag is how far in the past a player saw the others: what it says, and its
// round trip allows, plus the wait in the queue, within what the mode permits.
func (m *Match) lag(x queued, now game.Tick) int32 {
	shown := x.shown + 8*int32(now-x.readAt)
	return max(0, min(shown, int32(8*m.mode.Lag)))
}
