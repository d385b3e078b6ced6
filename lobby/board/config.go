package board

import (
	"errors"
	"fmt"
)

// A Config says what boards are like. It is part of the fold: one that has
// changed means that the log is folded anew, and [Restore] sees to that.
type Config struct {
	Seasons   Seasons            // of every ladder but those of Calendars
	Calendars map[Ladder]Seasons // of ladders that have their own
	Kept      int                // how many seasons back boards can be read, 3 if zero, none if negative

	// Reset brings a player into a new season: with what score to begin, or
	// not before the first match of it. It gets the player's last row, and how
	// many seasons have begun since. It must be a pure function. Nil begins
	// every season with an empty board. See [Toward].
	Reset func(r Row, passed int) (score int64, keep bool)

	HistoryEach  int // matches remembered of a player, 20 if zero
	HistoryTotal int // matches remembered of all players together, each player's own, 500,000 if zero; some 100 to 300 bytes each
	Log          Log // asked for what is not remembered; nil if nobody can be

	Revision uint32 // a number of the caller's: another one when Reset, or how entries are made, has changed
}

func (c Config) complete() (Config, error) {
	c.Kept = or(c.Kept, 3)
	c.HistoryEach = or(c.HistoryEach, 20)
	c.HistoryTotal = or(c.HistoryTotal, 500_000)
	return c, c.validate()
}

func or(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

func (c Config) validate() error {
	if c.HistoryEach < 0 || c.HistoryEach > 10_000 {
		return errors.New("a history has 1 to 10,000 matches")
	}
	if c.HistoryTotal < c.HistoryEach {
		return errors.New("all histories together are at least one")
	}
	if err := c.Seasons.validate(); err != nil {
		return fmt.Errorf("seasons: %w", err)
	}
	for l, s := range c.Calendars {
		if err := s.validate(); err != nil {
			return fmt.Errorf("seasons of %q %q: %w", l.Game, l.Mode, err)
		}
	}
	return nil
}

func (c Config) calendar(l Ladder) Seasons {
	if s, ok := c.Calendars[l]; ok {
		return s
	}
	return c.Seasons
}
