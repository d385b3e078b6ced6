// Command bots plays matches with simulated players, through the same doors as
// anyone: login and tickets over REST, the match over a socket. It is the
// project's load test. Every client checks every view hash it is sent.
//
//	go run ./tools/bots -server http://127.0.0.1:8080 -n 100 -for 20s
//	go run ./tools/bots -n 100 -for 20s -slo 'gap_p99<45ms,desyncs=0,errors=0'
//	go run ./tools/bots -n 100 -for 20s -net rtt=100ms,jitter=30ms,loss=1%
//
// It prints a line a second to stderr and a report to stdout at the end; with
// -json the report is one JSON object. The exit code is 1 where a goal of -slo
// is missed or nobody got into a match, 2 for wrong arguments.
//
// With the argument queue it plays a day of arrivals through the matchmaker
// instead, in fake time and without a server, and shows waits and quality:
//
//	go run ./tools/bots queue -seed 1 -players-per-day 20000 -mode 4v4 -plot day.svg
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/musterhq/muster/protocol/link"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	if len(args) > 0 && args[0] == "queue" {
		return runQueue(args[1:], os.Stdout)
	}
	var cfg Config
	flags := flag.NewFlagSet("bots", flag.ContinueOnError)
	flags.StringVar(&cfg.Server, "server", "http://127.0.0.1:8080", "address of the server")
	flags.IntVar(&cfg.Clients, "n", 100, "simulated players")
	flags.StringVar(&cfg.Mode, "mode", "", "mode to play (default arena-ffa)")
	seats := flags.Int("seats", 0, "play bench-`N`: rooms of exactly N, on a server started with -hidden")
	flags.DurationVar(&cfg.For, "for", 20*time.Second, "how long to play, from the moment all have been started")
	flags.DurationVar(&cfg.Ramp, "ramp", 0, "spread the logins over this time")
	flags.Int64Var(&cfg.Seed, "seed", 1, "seed of the bots' chance")
	flags.StringVar(&cfg.CA, "ca", "", "PEM `file` of certificates to trust beside the system's, such as the server's own")
	flags.Func("net", "network `conditions` of each player's socket, such as rtt=100ms,jitter=30ms,loss=1%,burst=3,rate=64KB", func(s string) (err error) {
		cfg.Net, err = link.Parse(s)
		return err
	})
	asJSON := flags.Bool("json", false, "print the report as one JSON object")
	slo := flags.String("slo", "", "goals that set the exit code, such as 'gap_p99<45ms,desyncs=0,errors=0'")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	goals, err := parseGoals(*slo)
	if err == nil {
		err = cfg.complete(*seats)
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bots:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report := Run(ctx, cfg, os.Stderr)
	if *asJSON {
		_ = json.NewEncoder(os.Stdout).Encode(report)
	} else {
		report.print(os.Stdout)
	}
	return judge(goals, report)
}

// judge says which goals were missed and returns the exit code.
// Where nobody got into a match there was no load, and no goal is met.
func judge(goals []goal, r *Report) (code int) {
	if r.Joined == 0 {
		fmt.Fprintln(os.Stderr, "bots: nobody got into a match")
		code = 1
	}
	for _, g := range goals {
		if got := g.metric(r); !g.met(got) {
			fmt.Fprintf(os.Stderr, "bots: missed %s: %g\n", g.text, got)
			code = 1
		}
	}
	return code
}
