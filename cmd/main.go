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
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol/bus"
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
	verb, dir, args := takeVerb(args)
	switch err := cfg.parse(args, os.LookupEnv, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err == nil && verb != nil && dir == "":
		err = errors.New("which DIR? -h tells how backup and restore are called")
		fallthrough
	case err != nil:
		fmt.Fprintln(os.Stderr, "muster:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var err error
	if verb != nil {
		err = verb(ctx, &cfg, dir, os.Stdout)
	} else {
		err = serve(ctx, cfg, modes)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "muster:", advise(err))
		return 1
	}
	return 0
}

// A verb is what else there is to do but serve, with a folder.
type verb func(ctx context.Context, cfg *Config, dir string, say io.Writer) error

// takeVerb takes a verb and its folder off the arguments.
func takeVerb(args []string) (do verb, dir string, flags []string) {
	verbs := map[string]verb{"backup": backup, "restore": restore}
	if len(args) == 0 || verbs[args[0]] == nil {
		return nil, "", args
	}
	do, flags = verbs[args[0]], args[1:]
	if len(flags) > 0 && !strings.HasPrefix(flags[0], "-") {
		dir, flags = flags[0], flags[1:]
	}
	return do, dir, flags
}

// serve runs a server until ctx ends, and another in its place where a backup
// was restored.
func serve(ctx context.Context, cfg Config, modes []game.Mode) error {
	for {
		s, err := New(cfg, modes...)
		if err != nil {
			return err
		}
		if cfg.Data == bus.Memory {
			s.log.Warn("nothing is kept: accounts and results end with this process")
		}
		fmt.Printf("listening on %s\n", s.URL())
		if url := s.AdminURL(); url != "" {
			fmt.Printf("metrics on %s/metrics\n", url)
		}
		if err := s.Run(ctx); !errors.Is(err, errRestored) || ctx.Err() != nil {
			return ignore(err, errRestored)
		}
		s.log.Info("beginning anew with what was restored")
		cfg.Addr = s.players.Addr().String() // the same, if it was any
		if s.admin != nil {
			cfg.Admin = s.admin.Addr().String()
		}
	}
}

// advise says in one line what went wrong, and what may help.
func advise(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	for _, a := range []struct {
		err  error
		help string
	}{
		{bus.ErrDamaged, "restore a backup with muster restore DIR; what is there now is kept beside it"},
		{bus.ErrInUse, "another server runs on it"},
		{bus.ErrNoSpace, "make room on its disk"},
		{bus.ErrRelease, "run the release that wrote it"},
	} {
		if errors.Is(err, a.err) {
			return text + ": " + a.help
		}
	}
	if file := (*fs.PathError)(nil); errors.As(err, &file) && errors.Is(file, fs.ErrPermission) {
		return text + ": it must belong to the user that runs the server, with all that is in it"
	}
	return text
}
