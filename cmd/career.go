package cmd

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/protocol/bus"
)

// openCareer reads the results there are, and has accounts take theirs with
// them.
func (s *Server) openCareer() error {
	seasons, err := parseSeasons(s.cfg.Season)
	if err != nil {
		return err
	}
	s.career, err = career.Open(context.Background(), career.Config{Seasons: seasons, Snapshot: s.cfg.resultsFile(), Log: s.log}, s.node)
	if err != nil {
		return err
	}
	s.accounts.AddHolder("career", careerHolder{s.career})
	return s.career.OnApplied(context.Background(), "mail", s.mailResult)
}

// resultsFile is where in the data folder lies what the results have come to.
// It is made again where it is not there, and is in no backup.
func (c *Config) resultsFile() string {
	if c.Data == bus.Memory {
		return ""
	}
	return filepath.Join(c.Data, "results.snapshot")
}

type careerHolder struct{ career *career.Career }

// Export implements [account.Holder].
func (h careerHolder) Export(ctx context.Context, ref account.Ref) (any, error) {
	return h.career.Export(ctx, string(ref.Game), ref.Player)
}

// Delete implements [account.Holder].
func (h careerHolder) Delete(ctx context.Context, ref account.Ref) error {
	return h.career.Forget(ctx, string(ref.Game), ref.Player)
}

// firstSeason is when seasons begin of which only the length is said.
const firstSeason = "2026-01-01"

// parseSeasons reads a season's length, as 3mo or 1000h, and if need be the day
// on which the first began: 3mo@2026-01-01. Without any there is one season,
// and it never ends.
func parseSeasons(s string) (board.Seasons, error) {
	if s == "" {
		return board.Seasons{}, nil
	}
	bad := fmt.Errorf("-season: %q is not of the form 3mo or 1000h, alone or with @2026-01-01", s)
	length, day, dated := strings.Cut(s, "@")
	if !dated {
		day = firstSeason
	}
	start, err := time.Parse(time.DateOnly, day)
	if err != nil || start.Year() < 1970 {
		return board.Seasons{}, bad
	}
	if months, ok := strings.CutSuffix(length, "mo"); ok {
		n, err := strconv.Atoi(months)
		if err != nil || n < 1 || n > 1200 {
			return board.Seasons{}, bad
		}
		return board.Seasons{Start: start, Months: n}, nil
	}
	each, err := time.ParseDuration(length)
	if err != nil || each < time.Hour || each%time.Second != 0 {
		return board.Seasons{}, bad
	}
	return board.Seasons{Start: start, Length: each}, nil
}
