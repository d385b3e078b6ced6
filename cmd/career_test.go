package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
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

// TestResultsOfARestoredBackup: what has come to results that are no more is
// not found, although a snapshot of it is still in the folder.
func TestResultsOfARestoredBackup(t *testing.T) {
	t.Parallel()
	cfg := Config{Data: filepath.Join(t.TempDir(), "data"), Log: "error", Sync: true}
	saved := filepath.Join(t.TempDir(), "saved")
	// finishes starts the server, which has to find some matches, and has others finished.
	finishes := func(found []string, matches ...string) {
		t.Helper()
		t.Run(fmt.Sprint(matches), func(t *testing.T) {
			s := mustServer(t, cfg)
			game := s.lobby.Games()[0]
			page, err := s.career.Boards().Matches(t.Context(), game, "ada", 0, 10)
			var got []string
			for _, m := range page.Matches {
				got = append(got, string(m.ID))
			}
			if slices.Reverse(got); err != nil || !slices.Equal(got, found) {
				t.Errorf("found %v, %v; want %v", got, err, found)
			}
			for _, m := range matches {
				e := protocol.Ended{Match: protocol.MatchID(m), Game: game, Mode: "ffa", Why: "finished", Seats: []protocol.EndedSeat{{Player: protocol.Player{ID: "ada"}}}}
				if err := s.career.Finish(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		})
		if _, err := os.Stat(cfg.resultsFile()); err != nil {
			t.Error(err)
		}
	}
	finishes(nil, "1")
	if err := backup(t.Context(), &cfg, saved, io.Discard); err != nil {
		t.Fatal(err)
	}
	finishes([]string{"1"}, "2", "3")
	for _, next := range [][]string{{"4"}, {"5", "6"}, {"7", "8", "9"}} {
		if err := restore(t.Context(), &cfg, saved, io.Discard); err != nil {
			t.Fatal(err)
		}
		finishes([]string{"1"}, next...)
	}
	finishes([]string{"1", "7", "8", "9"})
	if name := (&Config{Data: bus.Memory}).resultsFile(); name != "" {
		t.Errorf("in memory they are written to %q", name)
	}
}
