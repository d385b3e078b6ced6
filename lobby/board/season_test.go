package board

import (
	"math/rand/v2"
	"testing"
	"time"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 18, 30, 0, 0, time.UTC) }

func TestSeasons(t *testing.T) {
	monthly := Seasons{Start: day(2024, 1, 31), Months: 1}
	weekly := Seasons{Start: day(2026, 3, 1), Length: 7 * 24 * time.Hour}
	for _, c := range []struct {
		Seasons
		at   time.Time
		want Season
	}{
		{Seasons{}, day(1970, 1, 1), 1},
		{Seasons{}, day(9999, 1, 1), 1},
		{monthly, day(1999, 1, 1), 1},
		{monthly, day(2024, 1, 31), 1},
		{monthly, day(2024, 2, 29).Add(-1), 1},
		{monthly, day(2024, 2, 29), 2}, // there is no 31st of February
		{monthly, day(2024, 3, 30), 2},
		{monthly, day(2024, 3, 31), 3},
		{monthly, day(2025, 2, 28), 14},
		{monthly, day(2025, 2, 28).In(time.FixedZone("east", 14*3600)), 14},
		{Seasons{Start: day(2026, 11, 15), Months: 3}, day(2027, 2, 15).Add(-1), 1},
		{Seasons{Start: day(2026, 11, 15), Months: 3}, day(2027, 2, 15), 2},
		{weekly, day(2026, 3, 8).Add(-time.Millisecond), 1},
		{weekly, day(2026, 3, 8), 2},
		{weekly, day(1970, 1, 1), 1},
	} {
		if got := c.At(c.at); got != c.want {
			t.Errorf("%v in %+v is season %d, want %d", c.at, c.Seasons, got, c.want)
		}
	}
	if b := (Seasons{}).Begins(2); !b.IsZero() || !monthly.Begins(0).IsZero() {
		t.Errorf("a season that never comes begins at %v", b)
	}
}

// TestSeasonsMeet: each season begins where the one before it ends, and a
// time is in the season that has begun last.
func TestSeasonsMeet(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		s := Seasons{Start: time.Unix(rnd.Int64N(4e9), 0)}
		if rnd.IntN(2) == 0 {
			s.Months = 1 + rnd.IntN(30)
		} else {
			s.Length = time.Duration(3600+rnd.IntN(1e8)) * time.Second
		}
		if err := s.validate(); err != nil {
			t.Fatal(err)
		}
		n := Season(1 + rnd.IntN(50))
		begins, ends := s.Begins(n), s.Begins(n+1)
		if n == 1 && !begins.Equal(s.Start) || !begins.Before(ends) {
			t.Fatalf("%+v: season %d from %v to %v", s, n, begins, ends)
		}
		for at, want := range map[time.Time]Season{begins: n, ends.Add(-1): n, ends: n + 1} {
			if got := s.At(at); got != want {
				t.Fatalf("%+v: %v is in season %d, want %d", s, at, got, want)
			}
		}
	}
}

func TestSeasonsRefused(t *testing.T) {
	for _, s := range []Seasons{
		{Months: 1},
		{Months: -1, Start: day(2026, 1, 1)},
		{Months: 1201, Start: day(2026, 1, 1)},
		{Months: 1, Length: time.Hour, Start: day(2026, 1, 1)},
		{Length: time.Hour - 1, Start: day(2026, 1, 1)},
		{Length: -time.Hour, Start: day(2026, 1, 1)},
		{Length: time.Hour + 1, Start: day(2026, 1, 1)},
		{Length: time.Hour},
		{Length: time.Hour, Start: day(2026, 1, 1).Add(1)},
		{Length: time.Hour, Start: day(12026, 1, 1)},
	} {
		if _, err := Open(Config{Seasons: s}); err == nil {
			t.Errorf("%+v is taken", s)
		}
		if _, err := Open(Config{Calendars: map[Ladder]Seasons{{"g", "m"}: s}}); err == nil {
			t.Errorf("%+v is taken for a ladder", s)
		}
	}
	for _, c := range []Config{{HistoryEach: -1}, {HistoryEach: 10_001, HistoryTotal: 1e6}, {HistoryEach: 10, HistoryTotal: 9}} {
		if _, err := Open(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
