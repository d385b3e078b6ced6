// Command bots plays matches with simulated players, through the same doors as
// anyone: login and tickets over REST, the match over a socket. It is the
// project's load test. Every client checks every view hash it is sent.
//
//	go run ./tools/bots -server http://127.0.0.1:8080 -n 100 -for 20s
//	go run ./tools/bots -n 100 -for 20s -slo 'gap_p99<45ms,desyncs=0,errors=0'
//	go run ./tools/bots -n 100 -for 20s -net rtt=100ms,jitter=30ms,loss=1%
//	go run ./tools/bots -n 100 -watch 20 -for 20s
//	go run ./tools/bots -n 100 -for 2m -ramp 5x20s -mode arena-ffa=3,arena-duel=1 -churn cut=1m,leave=2m -report run.html
//
// On a terminal it draws one live screen of the run, else it prints a line a
// second to stderr; at the end comes a report to stdout, with -json as one JSON
// object, and with -report as a page with plots. The exit code is 1 where a goal
// of -slo is missed or nobody got into a match, 2 for wrong arguments.
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
	"syscall"
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
	var out output
	flags := flag.NewFlagSet("bots", flag.ContinueOnError)
	flags.StringVar(&cfg.Server, "server", "http://127.0.0.1:8080", "`addresses` of the server, with commas between: players are spread over them, and go to the next where one does not answer")
	flags.IntVar(&cfg.Clients, "n", 100, "simulated players")
	flags.IntVar(&cfg.Watch, "watch", 0, "`how many` of them watch matches instead of playing")
	flags.StringVar(&cfg.Mode, "mode", "", "mode to play (default arena-ffa), or a `mix` such as arena-ffa=3,arena-duel=1")
	seats := flags.Int("seats", 0, "play bench-`N`: rooms of exactly N, on a server started with -hidden")
	flags.DurationVar(&cfg.For, "for", 20*time.Second, "how long to play, from the moment all have been started")
	flags.Func("ramp", "spread the logins over this `time`, or in steps, such as 5x20s: a fifth every 20 s", func(s string) (err error) {
		cfg.Ramp, err = parseRamp(s)
		return err
	})
	flags.Func("churn", "mean times in which players `come and go`: leave=1m,away=5s (leave a match, queue again), cut=30s,back=1s (lose the connection, resume)", func(s string) (err error) {
		cfg.Churn, err = parseChurn(s)
		return err
	})
	flags.Int64Var(&cfg.Seed, "seed", 1, "seed of the bots' chance")
	flags.StringVar(&cfg.CA, "ca", "", "PEM `file` of certificates to trust beside the system's, such as the server's own")
	flags.Func("net", "network `conditions` of each player's socket, such as rtt=100ms,jitter=30ms,loss=1%,burst=3,rate=64KB", func(s string) (err error) {
		cfg.netText = s
		cfg.Net, err = link.Parse(s)
		return err
	})
	flags.BoolVar(&out.json, "json", false, "print the report as one JSON object")
	flags.StringVar(&out.page, "report", "", "write the report as a page with plots to this `file`")
	flags.BoolVar(&out.live, "live", isTerminal(os.Stdout), "draw a live screen of the run (default: on a terminal)")
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
	report := out.run(cfg)
	report.judge(goals)
	return max(out.write(report), verdict(report))
}

// output is what a run is shown as.
type output struct {
	json bool
	live bool
	page string // file; none if empty
}

// run simulates until the end or an interrupt.
func (o output) run(cfg Config) *Report {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if !o.live {
		return Run(ctx, cfg, lines{os.Stderr})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	screen := startScreen(os.Stdout, cancel)
	defer screen.close()
	return Run(ctx, cfg, screen)
}

// write puts the report where it is wanted, and returns the exit code.
func (o output) write(r *Report) int {
	if o.json {
		_ = json.NewEncoder(os.Stdout).Encode(r)
	} else {
		r.print(os.Stdout)
	}
	if o.page == "" {
		return 0
	}
	if err := r.writePage(o.page); err != nil {
		fmt.Fprintln(os.Stderr, "bots: -report:", err)
		return 1
	}
	return 0
}

// verdict says which goals were missed and returns the exit code.
// Where nobody got into a match there was no load, and no goal is met.
func verdict(r *Report) (code int) {
	if r.Joined == 0 && (r.Watchers == nil || r.Watchers.Joined == 0) {
		fmt.Fprintln(os.Stderr, "bots: nobody got into a match")
		code = 1
	}
	for _, v := range r.Goals {
		if !v.Met {
			fmt.Fprintf(os.Stderr, "bots: missed %s: %g\n", v.Goal, v.Got)
			code = 1
		}
	}
	return code
}
