package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/musterhq/muster/lobby/group"
)

// QueueConfig says what day to play through the matchmaker.
type QueueConfig struct {
	Seed     uint64
	Players  int           // who come, each once, for some games
	Mode     string        // 1v1 or 4v4
	Day      time.Duration // up to a day; shorter to try
	New      float64       // share of players never rated before
	Patience time.Duration // group.Rules.Patience
	BotsAt   time.Duration // group.Rules.FillAfter; 0 is never
	Plot     string        // file to draw, .svg or .png; empty for none
}

// queueCycle is how often the matchmaker looks.
const queueCycle = 250 * time.Millisecond

// runQueue is the subcommand queue: a day of arrivals in fake time.
//
//	go run ./tools/bots queue -seed 1 -players-per-day 20000 -mode 4v4 -plot day.svg
func runQueue(args []string, out io.Writer) int {
	cfg, err := parseQueue(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bots queue:", err)
		return 2
	}
	day := playDay(cfg)
	day.print(out)
	if cfg.Plot == "" {
		return 0
	}
	if err := day.plot(cfg.Plot); err != nil {
		fmt.Fprintln(os.Stderr, "bots queue:", err)
		return 1
	}
	return 0
}

func parseQueue(args []string) (cfg QueueConfig, err error) {
	flags := flag.NewFlagSet("bots queue", flag.ContinueOnError)
	flags.Uint64Var(&cfg.Seed, "seed", 1, "seed of the day's chance")
	flags.IntVar(&cfg.Players, "players-per-day", 20_000, "players who come, each for some games")
	flags.StringVar(&cfg.Mode, "mode", "1v1", "1v1 or 4v4; parties of up to four come in 4v4")
	flags.DurationVar(&cfg.Day, "day", 24*time.Hour, "how much of the day to play")
	flags.Float64Var(&cfg.New, "new", 0.1, "share of players who were never rated")
	flags.DurationVar(&cfg.Patience, "patience", time.Minute, "after how long others are kept for a ticket; 0 is never")
	flags.DurationVar(&cfg.BotsAt, "bots-at", 2*time.Minute, "after how long bots fill a match; 0 is never")
	flags.StringVar(&cfg.Plot, "plot", "", "draw waits against quality to this .svg or .png `file`")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	if flags.NArg() > 0 {
		return cfg, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	return cfg, cfg.check()
}

func (c *QueueConfig) check() error {
	switch {
	case c.Players < 1 || c.Players > 10_000_000:
		return fmt.Errorf("-players-per-day %d, want 1 to 10000000", c.Players)
	case c.Mode != "1v1" && c.Mode != "4v4":
		return fmt.Errorf("-mode %q, want 1v1 or 4v4", c.Mode)
	case c.Day < queueCycle || c.Day > 24*time.Hour:
		return fmt.Errorf("-day %v, want up to 24h", c.Day)
	case !(c.New >= 0 && c.New <= 1):
		return fmt.Errorf("-new %v, want 0 to 1", c.New)
	}
	if err := checkPlot(c.Plot); err != nil {
		return err
	}
	return c.rules().Validate()
}

// rules are those of the mode, with a curve as a studio might set it: fair at
// first, anybody near after a while.
func (c *QueueConfig) rules() group.Rules {
	r := group.Rules{Teams: 2, TeamSize: 1, Regions: len(queueRegions), Patience: c.Patience, PartyBonus: 25, Widen: []group.Window{
		{Gap: 150, Ping: 70},
		{After: 10 * time.Second, Gap: 250, Ping: 110},
		{After: 30 * time.Second, Gap: 500, Ping: 170},
		{After: time.Minute, Gap: 1000, Ping: 240},
		{After: 2 * time.Minute, Gap: 2500, Ping: 350},
	}}
	if c.Mode == "4v4" {
		r.TeamSize = 4
	}
	if c.BotsAt > 0 {
		r.Bots, r.MinPlayers, r.FillAfter = true, 1, c.BotsAt
	}
	return r
}
