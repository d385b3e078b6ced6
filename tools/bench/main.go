//go:build linux

// Command bench measures what the server costs beside what any server must:
//
//	floor   a bare gws server used in the ordinary way: a ReadLoop goroutine for
//	        each connection and WriteMessage on each tick, and no game at all
//	bound   one goroutine that reads and writes raw descriptors, and nobody who
//	        parses anything
//	server  the real one, cmd/muster, with the arena
//
// Each is a child process under the same clients, which send the same inputs at
// the same rate and get frames of the same mean size. They take turns over
// several rounds, so that what else the machine does hits all of them; the CPU
// is what each process accounts for itself, by client and tick.
//
//	go run ./tools/bench                              all sizes, a table, bench.svg, and the goals
//	go run ./tools/bench -only 50x10 -rounds 1 -for 8s
//	go run ./tools/bench -json                        one JSON object instead
//	go run ./tools/bench -only none                   the Go benchmarks that belong to it
//	go run ./tools/bench -only 50x10 -against ./muster-before   what a change has brought
//	go run ./tools/bench -handshakes 1000 -storm 5000             how it stands many who come at once
//
// The exit code is 1 if a goal was missed or something could not be measured,
// with -json too, and 2 for wrong arguments.
//
// The clients are one epoll loop in this process, so that they take little from
// the core they share with the server.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == serveArg {
		os.Exit(serve(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == crowdArg {
		os.Exit(runCrowd())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("-h lists what there is")

// A config says what to measure.
type config struct {
	shapes []shape
	rounds int
	period time.Duration // of one measurement
	json   bool
	goals  bool // run the Go benchmarks, too, that goals are about
	plot   string
	muster string // the server's binary
	other  string // of another server to compare it with, "" for none

	handshakes, storm int // clients that come at once
}

func run(ctx context.Context, args []string) error {
	cfg, err := parse(args)
	if err != nil {
		return err
	}
	if cfg.muster == "" {
		dir, err := os.MkdirTemp("", "muster-bench")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		cfg.muster = filepath.Join(dir, "muster")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", cfg.muster, "github.com/musterhq/muster/cmd/muster").CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	f := measureAll(ctx, &cfg)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if cfg.json {
		err = json.NewEncoder(os.Stdout).Encode(f.report())
	} else {
		f.print(os.Stdout)
	}
	if !cfg.json && cfg.plot != "" && len(f.runs) > 0 {
		err = plotRuns(cfg.plot, f.runs)
	}
	return errors.Join(err, f.verdict())
}

func parse(args []string) (cfg config, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure one size, such as 50x10 or 50x10@60, or the Go benchmarks alone: none")
	flags.IntVar(&cfg.rounds, "rounds", 3, "turns of each process")
	flags.DurationVar(&cfg.period, "for", 5*time.Second, "how long a turn measures")
	flags.BoolVar(&cfg.json, "json", false, "print one JSON object, and nothing else to stdout; draw nothing")
	flags.StringVar(&cfg.muster, "server", "", "the server's `binary`, by default built from what is here")
	flags.StringVar(&cfg.other, "against", "", "the `binary` of another server, such as one built before a change, that takes turns as well")
	flags.IntVar(&cfg.handshakes, "handshakes", 0, "have so many clients open their sockets at once, and measure that")
	flags.IntVar(&cfg.storm, "storm", 0, "have so many clients lose their sockets and come back at once, and measure that, and what those notice who play")
	flags.StringVar(&cfg.plot, "plot", "bench.svg", "where to draw the plot, empty for nowhere")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return cfg, err
	} else if err != nil {
		return cfg, fmt.Errorf("%w; %w", err, errUsage)
	}
	if cfg.rounds < 1 || cfg.period < time.Second || cfg.handshakes < 0 || cfg.storm < 0 || flags.NArg() > 0 {
		return cfg, fmt.Errorf("want -rounds 1 or more, -for 1s or more, and no other arguments; %w", errUsage)
	}
	return cfg, cfg.choose(*only)
}

// choose says what is measured: one size, the crowds that come at once alone,
// the Go benchmarks with those of the goals, or all there is.
func (c *config) choose(only string) error {
	crowds := c.handshakes > 0 || c.storm > 0
	switch {
	case only != "" && only != "none":
		s, err := parseShape(only)
		if err != nil {
			return fmt.Errorf("-only %w; %w", err, errUsage)
		}
		c.shapes = []shape{s}
	case crowds:
	default:
		c.goals, c.handshakes, c.storm = true, goalHandshakes, goalStorm
		if only == "" {
			c.shapes = shapes
		}
	}
	return nil
}
