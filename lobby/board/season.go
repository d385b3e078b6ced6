package board

import (
	"errors"
	"time"
)

// A Season is counted from 1, the first of its calendar. Zero is none.
type Season int

// Seasons is a calendar, in UTC. The zero value is one season that never
// ends; else Start is set and either Months or Length. Season 1 begins at
// Start, and what was played before belongs to it, too.
type Seasons struct {
	Start  time.Time     // in whole seconds
	Months int           // how long each lasts; where a month lacks the day of Start, its last day does
	Length time.Duration // how long each lasts, in whole seconds, an hour at least
}

func (s Seasons) validate() error {
	switch {
	case s.endless():
		return nil
	case s.Months != 0 && s.Length != 0:
		return errors.New("a season lasts months or a duration, not both")
	case s.Months < 0 || s.Months > 1200:
		return errors.New("a season lasts 1 to 1200 months")
	case s.Months == 0 && (s.Length < time.Hour || s.Length%time.Second != 0):
		return errors.New("a season lasts an hour or more, in whole seconds")
	case !inRange(s.Start) || s.Start.Nanosecond() != 0:
		return errors.New("seasons start at a whole second of the years 1970 to 9999")
	}
	return nil
}

func (s Seasons) endless() bool { return s.Months == 0 && s.Length == 0 }

// At returns the season that a time is in.
func (s Seasons) At(t time.Time) Season {
	if s.endless() || t.Before(s.Start) {
		return 1
	}
	if s.Months == 0 {
		return Season((t.Unix()-s.Start.Unix())/int64(s.Length/time.Second)) + 1
	}
	n := Season(months(t)-months(s.Start))/Season(s.Months) + 1
	if t.Before(s.Begins(n)) {
		n--
	}
	return n
}

// Begins returns when a season begins, in UTC, which is when the one before it
// ends. The zero time for seasons that the calendar does not have.
func (s Seasons) Begins(n Season) time.Time {
	if n < 1 || s.endless() && n > 1 {
		return time.Time{}
	}
	start, past := s.Start.UTC(), int(n-1)
	if s.Months == 0 {
		return time.Unix(start.Unix()+int64(past)*int64(s.Length/time.Second), 0).UTC()
	}
	y, m, day := start.Date()
	last := time.Date(y, m+time.Month(past*s.Months)+1, 0, 0, 0, 0, 0, time.UTC)
	hour, minute, second := start.Clock()
	return time.Date(last.Year(), last.Month(), min(day, last.Day()), hour, minute, second, 0, time.UTC)
}

// months counts calendar months.
func months(t time.Time) int {
	y, m, _ := t.UTC().Date()
	return 12*y + int(m)
}

// inRange says whether a time is one that entries and calendars may have.
func inRange(t time.Time) bool {
	s := t.Unix()
	return s >= 0 && s < maxUnix
}

const maxUnix = 253402300800 // the year 10000, seconds
