package match

import "github.com/musterhq/muster/game"

// A Step of the ladder is how often a client is sent a frame.
type Step uint8

const (
	StepFull  Step = iota // each tick
	StepHalf              // each second one
	StepThird             // each third one
	StepKeys              // twice a second: above 17 Hz, keyframes
	Steps     = iota
)

func (s Step) String() string { return [Steps]string{"full", "half", "third", "keys"}[s] }

// Times of the ladder, in seconds of ticks.
const (
	fallsWithin  = 2  // after it caught up, a client that falls behind again is sent too much
	climbAfter   = 3  // without falling behind
	longestClimb = 24 // after climbs that were no use, each of which doubles the time
)

// A ladder judges how often a client can be sent a frame.
//
//	full ──► half ──► third ──► keys     it falls behind again, soon after it caught up
//	     ◄──      ◄──       ◄──          it has kept up for a while
//
// A client falls behind when an ack is overdue, or bytes for it stand still.
// From then on nothing more is sent until all that is under way has arrived:
// so no queue grows, what it sees next is the newest, and the round trip of
// that frame is the line's own. To fall once is no step down, since a line that
// stood still for a moment is as wide as before.
type ladder struct {
	second   game.Tick // ticks in it
	step     Step
	behind   bool
	caught   game.Tick // when it caught up last; 0: never
	climbed  game.Tick // when it made its last step up; 0: never
	calm     game.Tick // since when it has stood on its step and kept up
	patience game.Tick // calm that makes a step up
}

// signs are what one tick tells of how a client keeps up.
type signs struct {
	late    int  // ticks for which an ack is overdue, negative while it is not
	pending int  // bytes that the connection could not write
	unsent  int  // bytes that the kernel has taken and not sent; 0 where nobody asked
	first   bool // the ack is that of the first frame since it caught up, which may be late for its size
	empty   bool // all that was written is acked
}

func newLadder(hz int) ladder {
	second := game.Tick(hz)
	return ladder{second: second, patience: climbAfter * second}
}

// judge takes a tick's signs. It reports whether the step has changed.
func (l *ladder) judge(now game.Tick, s signs) (changed bool) {
	switch {
	case l.behind && s.empty && s.pending == 0:
		l.behind, l.caught, l.calm = false, now, now
	case !l.behind && l.fallen(s):
		l.behind = true
		return !s.first && l.down(now)
	case !l.behind:
		return l.up(now)
	}
	return false
}

// fallen reports whether the signs say that more was sent than arrives. A late
// ack may be the client's own fault for a while, with bytes that wait to be
// sent it is the line's.
func (l *ladder) fallen(s signs) bool {
	return s.pending > 0 || s.late > l.slack() || s.late > 0 && s.unsent > 0
}

// slack is for how many ticks an ack may be overdue: 3, or a tenth of a second.
func (l *ladder) slack() int { return max(aheadTicks, int(l.second)/10) }

// down takes a step down, unless the client fell for the first time in a while.
func (l *ladder) down(now game.Tick) bool {
	if l.caught == 0 || now-l.caught > fallsWithin*l.second || l.step == StepKeys {
		return false
	}
	if l.climbed > 0 && now-l.climbed <= l.patience {
		l.patience = min(2*l.patience, longestClimb*l.second) // that step up was one too many
	} else {
		l.patience = climbAfter * l.second
	}
	l.step++
	return true
}

// up takes a step up, after a while in calm.
func (l *ladder) up(now game.Tick) bool {
	if l.step == StepFull || now-l.calm < l.patience {
		return false
	}
	l.step--
	l.climbed, l.calm = now, now
	return true
}

// due reports whether a frame is due in a tick. The ticks of a step are the
// same for all who stand on it, and so are the bases of their frames, which
// then are encoded once.
func (l *ladder) due(now game.Tick) bool { return !l.behind && now%l.stride() == 0 }

// stride is the ticks from one frame to the next.
func (l *ladder) stride() game.Tick {
	keys := max(l.second/2, 1)
	if l.step == StepKeys {
		return keys
	}
	return min(game.Tick(l.step)+1, keys)
}
