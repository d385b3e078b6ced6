package game

import (
	"fmt"
	"time"
)

// Spectators says who may watch a match of a mode without a seat, and when they
// see what. The zero value lets people watch as it happens what everyone is
// shown: set a Delay where players could be told what they must not know. Of a
// space that is what is near the middle, or the eye of any seat that they choose
// to follow, within the space's Rate.
type Spectators struct {
	// Most may watch a match at a time. Default 200; below 0 nobody may.
	Most int
	// Delay is how long after the players spectators see a tick, the last one
	// and the result included: to whole ticks, at most MaxDelay. A match that is
	// watched keeps what happened meanwhile, as about one frame a tick.
	Delay time.Duration
	// Teams shows the rows of Team tables and the events of every team, where
	// else there is nothing of those. What is private is never shown.
	Teams bool
}

// MaxDelay bounds Spectators.Delay.
const MaxDelay = 5 * time.Minute

const defaultSpectators = 200

func (s *Spectators) defaults() {
	if s.Most == 0 {
		s.Most = defaultSpectators
	}
}

func (s *Spectators) check() error {
	if s.Delay < 0 || s.Delay > MaxDelay {
		return fmt.Errorf("a delay of %v, want 0 to %v", s.Delay, MaxDelay)
	}
	return nil
}

// DelayTicks is the Delay in ticks of the mode.
func (m *Mode) DelayTicks() Tick {
	return Tick((m.Spectators.Delay*time.Duration(m.Hz) + time.Second - 1) / time.Second)
}
