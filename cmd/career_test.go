package cmd

import (
	"testing"
	"time"

	"github.com/musterhq/muster/lobby/board"
)

func TestSeasons(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]board.Seasons{
		"":                {},
		"3mo":             {Start: start, Months: 3},
		"1000h":           {Start: start, Length: 1000 * time.Hour},
		"1mo@2025-05-31":  {Start: time.Date(2025, 5, 31, 0, 0, 0, 0, time.UTC), Months: 1},
		"48h@1970-01-01":  {Start: time.Unix(0, 0).UTC(), Length: 48 * time.Hour},
		"1200mo":          {Start: start, Months: 1200},
		"1h0s@2026-01-01": {Start: start, Length: time.Hour},
	} {
		if got, err := parseSeasons(s); err != nil || got != want {
			t.Errorf("%q: %+v, %v", s, got, err)
		} else if _, err := board.Open(board.Config{Seasons: got}); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"3", "mo", "0mo", "-1mo", "1201mo", "1.5mo", "59m", "90m1ms", "3mo@", "3mo@1969-01-01", "3mo@2026-13-01", "@2026-01-01", "3mo@2026-01-01@2026-01-01", "99999999999mo", "never"} {
		if got, err := parseSeasons(s); err == nil {
			t.Errorf("%q was taken as %+v", s, got)
		}
	}
	cfg := Config{Season: "soon", Log: "info"}
	if cfg.validate() == nil {
		t.Error("a season of no length was taken")
	}
}
