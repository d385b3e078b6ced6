// Package cmd wires a server together. A studio's whole program is
//
//	func main() { cmd.Main(mode) }
//
// with the modes of its game; tests start the same thing with New and Run.
package cmd

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/musterhq/muster/game"
)

// Main runs a server of the modes until SIGINT or SIGTERM, as the flags and
// the environment say, and does not return. Exit code 0 is an orderly end, 1
// an error, 2 wrong arguments.
func Main(modes ...game.Mode) {
	os.Exit(run(os.Args[1:], modes))
}

func run(args []string, modes []game.Mode) int {
	if len(args) > 0 && args[0] == "role" {
		return runRole(args[1:], modes, os.Stdout, os.Stderr)
	}
	var cfg Config
	switch err := cfg.parse(args, os.LookupEnv, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "muster:", err)
		return 2
	}
	s, err := New(cfg, modes...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "muster:", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	fmt.Printf("listening on %s\n", s.URL())
	if url := s.AdminURL(); url != "" {
		fmt.Printf("metrics on %s/metrics\n", url)
	}
	if err := s.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "muster:", err)
		return 1
	}
	return 0
}
