package link

import "time"

// A line is the state of one direction of a connection.
type line struct {
	free   time.Time // when all that it was given has been sent
	newest time.Time // when the newest segment is due: none overtakes another
	bad    bool      // the newest segment was lost
}

// due says when a segment of n bytes that is sent now arrives.
func (l *Link) due(line *line, n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	sent := time.Now()
	if l.now.Rate > 0 {
		if line.free.After(sent) {
			sent = line.free
		}
		sent = sent.Add(time.Duration(n) * time.Second / time.Duration(l.now.Rate))
		line.free = sent
	}
	due := sent.Add(l.now.RTT/2 + l.jitter() + l.repeats(line))
	if due.Before(line.newest) {
		due = line.newest
	}
	line.newest = due
	return due
}

func (l *Link) jitter() time.Duration { return time.Duration(l.chance.Int64N(int64(l.now.Jitter) + 1)) }

// Of what is repeated. Linux repeats a segment at the earliest 200 ms after its
// answer was due, and doubles that with each try; that three later ones give a
// loss away sooner is rare where one is sent every 33 ms.
const (
	repeatAfter = 200 * time.Millisecond
	mostRepeats = 5 // a test shall not wait for minutes
)

// repeats says how much later a segment arrives for having been lost, perhaps
// again and again.
func (l *Link) repeats(line *line) (late time.Duration) {
	if line.bad = l.chance.Float64() < l.chanceOfLoss(line.bad); !line.bad {
		return 0
	}
	after := l.now.RTT + repeatAfter
	for range mostRepeats {
		late += after
		after *= 2
		if l.chance.Float64() >= l.now.Loss {
			break
		}
	}
	return late
}

// chanceOfLoss is Gilbert's: one loss is followed by another with such a
// chance that Burst are lost at a time on average, and one begins so rarely that
// Loss of all are lost.
func (l *Link) chanceOfLoss(bad bool) float64 {
	burst := float64(max(l.now.Burst, 1))
	if bad && burst > 1 {
		return 1 - 1/burst
	}
	if burst == 1 {
		return l.now.Loss
	}
	return l.now.Loss / (burst * (1 - l.now.Loss))
}
