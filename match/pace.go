package match

import "time"

// maxCatchUp bounds how many late ticks are made up for; the rest is slipped,
// and game time falls behind.
const maxCatchUp = 2

// A pace says when the next tick is due: deadlines a fixed interval apart on
// the monotonic clock, so that nothing drifts.
type pace struct {
	interval time.Duration
	due      time.Time

	Slips int // ticks that were given up since the start

	// Since the last check, for telling clients that time is stretched.
	checked  time.Time
	slipped  int
	permille int // as last told
}

// newPace begins so that matches spread over the interval by their phase.
func newPace(hz int, now time.Time, phase uint64) pace {
	interval := time.Second / time.Duration(hz)
	offset := time.Duration(phase % uint64(interval))
	return pace{interval: interval, due: now.Add(offset), checked: now, permille: 1000}
}

// wait is how long until the next tick is due.
func (p *pace) wait(now time.Time) time.Duration { return p.due.Sub(now) }

// tick accounts for the tick that begins now and returns how late it is.
func (p *pace) tick(now time.Time) (late time.Duration) {
	late = now.Sub(p.due)
	p.due = p.due.Add(p.interval)
	if behind := int(now.Sub(p.due)/p.interval) + 1; now.After(p.due) && behind > maxCatchUp {
		slip := behind - maxCatchUp
		p.Slips += slip
		p.slipped += slip
		p.due = p.due.Add(time.Duration(slip) * p.interval)
	}
	return late
}

// stretchCheck is how often stretching is judged, and stretchStep, in
// permille, how much it must change to be told.
const (
	stretchCheck = 2 * time.Second
	stretchStep  = 50
)

// stretch returns the rate of game time in permille of real time when clients
// should be told of a new one.
func (p *pace) stretch(now time.Time) (permille int, changed bool) {
	passed := now.Sub(p.checked)
	if passed < stretchCheck {
		return 0, false
	}
	due := int(passed / p.interval)
	permille = 1000 - 1000*min(p.slipped, due)/max(due, 1)
	p.checked, p.slipped = now, 0
	if permille > 1000-stretchStep {
		permille = 1000
	}
	if d := permille - p.permille; d > -stretchStep && d < stretchStep && permille != 1000 || permille == p.permille {
		return 0, false
	}
	p.permille = permille
	return permille, true
}
