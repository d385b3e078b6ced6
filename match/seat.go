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
	client *client   // nil while nobody is connected
	until  time.Time // how long the seat is kept for its player; zero: no end
	passed bool      // the player's pass has been used
	bot    game.Bot  // made when it is first needed

	inputs  inputQueue
	applied game.Input // what the rules were given last
	starved int        // ticks in a row without an input
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
)

// An inputQueue holds a seat's inputs in order until their tick.
type inputQueue struct {
	ring  [queueCap]queued
	first int
	count int

	any    bool  // whether an input was ever taken in
	newest uint8 // sequence of the newest taken in, modulo 128
	taken  uint8 // sequence of the last one that was used, modulo 128

	target int // eighths of an input that should wait after one was taken
	mean   int // eighths, exponential over about 16 ticks, times 16
	calm   int // ticks since the target last changed
}

// queued is an input with the view lag it was sent with already made absolute.
type queued struct {
	seq    uint8
	shown  int32 // eighths of a tick behind the tick it was read at, unclamped
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

// drop removes the oldest input but keeps its button presses in the next.
func (q *inputQueue) drop(fields []game.Field) {
	old := q.pop()
	next := &q.ring[q.first]
	for i, f := range fields {
		if f.Bits {
			next.values[i] |= old.values[i]
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
		q.settle(-8, true)
		return queued{}, false
	}
	if q.count > burstAbove+q.target/8 {
		q.drop(fields)
	}
	x := q.pop()
	q.taken = x.seq
	q.settle(8*q.count, false)
	return x, true
}

// settle updates the mean depth and the target: quickly up when inputs came
// too late, slowly down again.
func (q *inputQueue) settle(depth int, late bool) {
	q.mean += depth - q.mean/16
	q.calm++
	switch {
	case late && q.any && q.calm > 8:
		q.target, q.calm = min(q.target+targetStep, targetMax), 0
	case q.calm > 128:
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
		s.starved = 0
		s.applied = game.Input{Seat: s.number, Lag: s.lag(m, x, view.Tick), Values: x.values}
		return s.applied
	}
	if s.starved++; s.starved > repeatTicks {
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
}

// lag is how far in the past the player saw the others: what it says, plus the
// wait in the queue, within what its round trip allows and the mode permits.
func (s *seat) lag(m *Match, x queued, now game.Tick) int32 {
	shown := x.shown + 8*int32(now-x.readAt)
	if s.client != nil {
		shown = min(shown, s.client.lagBound())
	}
	return max(0, min(shown, int32(8*m.mode.Lag)))
}
