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
//	go run ./tools/bench -json
//	go run ./tools/bench -only none                   the Go benchmarks that belong to it
//	go run ./tools/bench -only 50x10 -against ./muster-before   what a change has brought
//	go run ./tools/bench -handshakes 1000 -storm 5000             how it stands many who come at once
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
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A config says what to measure.
type config struct {
	shapes []shape
	rounds int
	period time.Duration // of one measurement
	json   bool
	goals  bool // run the Go benchmarks, too, that goals are about
	plot   string
	muster string   // the server's binary
	other  string   // of another server to compare it with, "" for none
	args   []string // further ones of the server

	handshakes, storm int // clients that come at once; with any, nothing else is measured
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
	if cfg.handshakes > 0 || cfg.storm > 0 {
		return runStorm(ctx, &cfg)
	}
	var runs []Run
	for _, s := range cfg.shapes {
		r, err := measure(ctx, &cfg, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		runs = append(runs, r)
	}
	if cfg.json {
		return json.NewEncoder(os.Stdout).Encode(map[string][]Run{"runs": runs})
	}
	printTable(os.Stdout, runs)
	f := figures{runs: runs}
	if cfg.goals {
		cfg.handshakes, cfg.storm = 1000, 5000
		s, err := measureStorm(ctx, &cfg)
		if err != nil {
			return err
		}
		s.print(os.Stdout)
		f.storms = []Storm{s}
		if f.metrics, err = runBenchmarks(ctx); err != nil {
			return err
		}
	}
	printGoals(os.Stdout, &f)
	if cfg.plot == "" {
		return nil
	}
	return plotRuns(cfg.plot, runs)
}

func parse(args []string) (cfg config, err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure one size, such as 50x10 or 50x10@60, or the Go benchmarks alone: none")
	flags.IntVar(&cfg.rounds, "rounds", 3, "turns of each process")
	flags.DurationVar(&cfg.period, "for", 10*time.Second, "how long a turn measures")
	flags.BoolVar(&cfg.json, "json", false, "print one JSON object and draw nothing")
	flags.StringVar(&cfg.muster, "server", "", "the server's `binary`, by default built from what is here")
	flags.StringVar(&cfg.other, "against", "", "the `binary` of another server, such as one built before a change, that takes turns as well")
	flags.IntVar(&cfg.handshakes, "handshakes", 0, "have so many clients open their sockets at once, and measure that")
	flags.IntVar(&cfg.storm, "storm", 0, "have so many clients lose their sockets and come back at once, and measure that, and what those notice who play")
	flags.StringVar(&cfg.plot, "plot", "bench.svg", "where to draw the plot, empty for nowhere")
	if err := flags.Parse(args); err != nil {
		return cfg, err
	}
	if cfg.rounds < 1 || cfg.period < time.Second || flags.NArg() > 0 {
		return cfg, errors.New("want -rounds 1 or more, -for 1s or more, and no other arguments")
	}
	cfg.goals = *only == "" && !cfg.json
	switch cfg.shapes = shapes; *only {
	case "":
	case "none":
		cfg.shapes, cfg.goals, cfg.plot = nil, true, ""
	default:
		s, err := parseShape(*only)
		if err != nil {
			return cfg, fmt.Errorf("-only %w", err)
		}
		cfg.shapes = []shape{s}
	}
	return cfg, nil
}
