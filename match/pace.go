package match

import (
	"math/bits"
	"time"
)

// maxCatchUp bounds how many late ticks are made up for; the rest is slipped,
// and game time falls behind.
const maxCatchUp = 2

// A pace says when the next tick is due: deadlines a fixed interval apart on
// the monotonic clock, so that nothing drifts.
type pace struct {
	interval time.Duration
	due      time.Time

	Slips int      // ticks that were given up since the start
	late  lateness // of all ticks since the start

	// Since the last check, for telling clients that time is stretched.
	checked  time.Time
	slipped  int
	before   int // permille of the last check
	permille int // as last told
}

// phases are how many moments of the interval the matches of a rate share
// among them: enough to spread the work, and few enough that small matches are
// woken together. Waking a thread is a tenth and more of what a match of ten
// costs: the whole server took 0.83 of the CPU at 50 of those, tools/bench
// against a phase of its own for each.
const phases = 8

// newPace begins so that matches spread over the interval by their phase. They
// count it from the same moment, that those of one phase may tick at once.
func newPace(hz int, now time.Time, phase uint64) pace {
	interval := time.Second / time.Duration(hz)
	offset := time.Duration(phase%phases)*interval/phases - time.Duration(now.UnixNano())%interval
	if offset < 0 {
		offset += interval
	}
	return pace{interval: interval, due: now.Add(offset), checked: now, before: 1000, permille: 1000}
}

// wait is how long until the next tick is due.
func (p *pace) wait(now time.Time) time.Duration { return p.due.Sub(now) }

// tick accounts for the tick that begins now and returns how late it is.
func (p *pace) tick(now time.Time) (late time.Duration) {
	late = now.Sub(p.due)
	p.late.add(late)
	p.due = p.due.Add(p.interval)
	if behind := int(now.Sub(p.due)/p.interval) + 1; now.After(p.due) && behind > maxCatchUp {
		slip := behind - maxCatchUp
		p.Slips += slip
		p.slipped += slip
		p.due = p.due.Add(time.Duration(slip) * p.interval)
	}
	return late
}

// A lateness counts ticks by how late they began: up to 125 µs, and twice as
// much in each count that follows, the last one open.
type lateness [12]uint32

const leastLate = 125 * time.Microsecond

func (l *lateness) add(late time.Duration) {
	l[min(bits.Len64(uint64(max(late-1, 0)/leastLate)), len(l)-1)]++
}

// quantile is how late no more than a share of the ticks began, rounded up to
// the bound of a count.
func (l *lateness) quantile(share float64) time.Duration {
	sum, seen := 0.0, 0.0
	for _, n := range l {
		sum += float64(n)
	}
	for i, n := range l {
		if seen += float64(n); seen >= share*sum {
			return leastLate << i
		}
	}
	return 0 // cannot be: all of them are within the last
}

// stretchCheck is how often stretching is judged, and stretchStep, in
// permille, how much it must change to be told. Clients tick no slower than
// slowest, or they would hear of it late when it is over.
const (
	stretchCheck = 2 * time.Second
	stretchStep  = 50
	slowest      = 50
)

// stretch returns the rate of game time in permille of real time when clients
// should be told of a new one. It is slow as long as two checks in a row found
// it so: a process that once stood still is on time again, and its clients
// must not slow down for that.
func (p *pace) stretch(now time.Time) (permille int, changed bool) {
	if now.Sub(p.checked) < stretchCheck {
		return 0, false
	}
	rate := p.rate(now.Sub(p.checked))
	permille = max(rate, p.before)
	p.checked, p.slipped, p.before = now, 0, rate
	if permille > 1000-stretchStep {
		permille = 1000
	}
	if d := permille - p.permille; d == 0 || d > -stretchStep && d < stretchStep && permille != 1000 {
		return 0, false
	}
	p.permille = permille
	return permille, true
}

// rate is the permille of the ticks due in a time that were not given up.
func (p *pace) rate(passed time.Duration) int {
	due := max(int(passed/p.interval), 1)
	return max(1000-1000*p.slipped/due, slowest)
}
