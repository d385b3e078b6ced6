package cmd

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/client"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveInstead) != "" {
		os.Exit(serveShort())
	}
	// These tests wait far more than they work: more of them at a time than
	// there are cores.
	_ = flag.Set("test.parallel", "5")
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(builtIn) // nothing where it is empty
		os.Exit(code)
	}))
}

// mustServer runs a server in this process until the test ends.
func mustServer(t *testing.T, cfg Config, modes ...game.Mode) *Server {
	t.Helper()
	cfg.Addr, cfg.Log, cfg.Bots, cfg.Data = "127.0.0.1:0", cmp.Or(cfg.Log, "error"), true, cmp.Or(cfg.Data, bus.Memory)
	if len(modes) == 0 {
		modes = arena.Modes()
	}
	s, err := New(cfg, modes...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

// enter logs in, queues and joins: the whole way of a player.
func enter(ctx context.Context, t *testing.T, s *Server, mode string, opts client.Options, reach ...client.Option) (*client.Session, *client.Game) {
	t.Helper()
	api := client.New(s.URL(), reach...)
	t.Cleanup(api.Close)
	session, err := api.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := session.CreateTicket(ctx, mode)
	if err != nil {
		t.Fatal(err)
	}
	if ticket, err = session.AwaitPlaced(ctx, ticket.ID); err != nil {
		t.Fatal(err)
	}
	g, err := session.Join(ctx, ticket.Assignment, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Cut(); <-g.Done() })
	return session, g
}

// short is an arena whose round is over in seconds.
func short(seconds int) game.Mode {
	return arena.NewMode(arena.Options{Name: "short", Seats: 4, RoundSeconds: seconds, FillAfter: 50 * time.Millisecond})
}

func botFor(m game.Mode) func(*protocol.Joined) game.Bot {
	return func(j *protocol.Joined) game.Bot { return m.Bot(j.Seat, 1) }
}

func TestAPlayersWay(t *testing.T) {
	t.Parallel()
	for _, beat := range []bool{true, false} {
		t.Run(fmt.Sprintf("beat=%v", beat), func(t *testing.T) {
			t.Parallel()
			mode := short(3)
			s := mustServer(t, Config{Beat: beat, Countdown: 100 * time.Millisecond}, mode)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, g := enter(ctx, t, s, "short", client.Options{Bot: botFor(mode)})
			over, err := g.Wait(ctx)
			if err != nil || over.Why != "finished" || len(over.Result) != 4 {
				t.Fatalf("over: %+v, %v; want four placings", over, err)
			}
			g.With(func(m *protocol.Mirror) {
				if m.Desyncs != 0 || m.Now().Tick < 80 {
					t.Errorf("%d desyncs, %d ticks", m.Desyncs, m.Now().Tick)
				}
			})
			records := s.host.Records()
			checked, _ := mode.WithDefaults()
			if _, err := records[len(records)-1].Replay(checked); err != nil {
				t.Errorf("the record: %v", err)
			}
		})
	}
}

func TestResumeOverRealSockets(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true, Countdown: 100 * time.Millisecond}, short(30))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	session, g := enter(ctx, t, s, "short", client.Options{Bot: botFor(short(30))})
	for range 5 {
		awaitTicks(ctx, t, g, 10)
		g.Cut()
		<-g.Done()
		again, err := session.Join(ctx, client.Assignment{URL: wsOf(s), Match: g.Joined().Match},
			client.Options{Resume: g.Resume(), Bot: botFor(short(30))})
		if err != nil {
			t.Fatal(err)
		}
		if again.Joined().Seat != g.Joined().Seat {
			t.Errorf("resumed at seat %d, was at %d", again.Joined().Seat, g.Joined().Seat)
		}
		g = again
		t.Cleanup(func() { again.Cut(); <-again.Done() })
	}
	awaitTicks(ctx, t, g, 10)
}

// awaitTicks waits until the game has gone on.
func awaitTicks(ctx context.Context, t *testing.T, g *client.Game, n game.Tick) {
	t.Helper()
	now := func() (tick game.Tick) { g.With(func(m *protocol.Mirror) { tick = m.Now().Tick }); return tick }
	for start := now(); now() < start+n; {
		select {
		case <-ctx.Done():
			t.Fatal("the game does not go on")
		case <-g.Done():
			_, err := g.Wait(ctx)
			t.Fatalf("connection lost: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func wsOf(s *Server) string { return "ws" + strings.TrimPrefix(s.URL(), "http") + "/v1/socket" }

func TestPublicAndPrivateRoutes(t *testing.T) {
	s := mustServer(t, Config{Beat: true, Admin: "127.0.0.1:0"})
	for path, want := range map[string]int{
		"/": 200, "/healthz": 200, "/readyz": 200, "/v1/modes": 200, "/play/arena-ffa": 200,
		"/metrics": 404, "/debug/pprof/": 404, "/debug/vars": 404, "/admin": 404, "/v1/nothing": 404, "/v1/tickets/x": 401, "/v1/socket": 401,
	} {
		if got, _ := get(t, s.URL()+path); got != want {
			t.Errorf("public %s: %d, want %d", path, got, want)
		}
	}
	status, body := get(t, s.AdminURL()+"/metrics")
	for _, name := range []string{"muster_connections", "muster_matches", "muster_tick_duration_seconds", "muster_tick_lateness_seconds", "muster_frames_skipped_total"} {
		if status != 200 || !strings.Contains(body, name) {
			t.Errorf("metrics: %d, no %s", status, name)
		}
	}
	if got, _ := get(t, s.AdminURL()+"/debug/pprof/"); got != 200 {
		t.Errorf("pprof: %d", got)
	}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestConfig(t *testing.T) {
	env := map[string]string{"MUSTER_LOG": "warn", "MUSTER_TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16", "MUSTER_ADDR": ":1"}
	lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
	var c Config
	if err := c.parse([]string{"-addr", ":2", "-bots=false"}, lookup, io.Discard); err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":2" || c.Log != "warn" || c.Bots || len(c.TrustedProxies) != 2 {
		t.Errorf("parsed %+v", c)
	}
	for _, args := range [][]string{{"-beat=off", "-bots=on"}, {"-beat=false", "-bots"}} {
		var c Config
		if err := c.parse(args, func(string) (string, bool) { return "", false }, io.Discard); err != nil || c.Beat || !c.Bots {
			t.Errorf("%v: %+v, %v", args, c, err)
		}
	}
	for _, args := range [][]string{
		{"-beat=maybe"}, {"-log", "loud"}, {"-tls-cert", "x"}, {"-secret", "short"}, {"-trusted-proxies", "nowhere"},
		{"-countdown", "-1s"}, {"-nothing"}, {"what"},
	} {
		if err := new(Config).parse(args, lookup, io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
	env["MUSTER_BOTS"] = "perhaps"
	if err := new(Config).parse(nil, lookup, io.Discard); err == nil || !strings.Contains(err.Error(), "MUSTER_BOTS") {
		t.Errorf("a bad variable: %v, want its name", err)
	}
	var help strings.Builder
	if err := new(Config).parse([]string{"-h"}, func(string) (string, bool) { return "", false }, &help); err == nil {
		t.Error("-h is no error to stop at")
	}
	for _, want := range []string{"-addr", "-admin", "-bots", "-hidden", "-log", "-trusted-proxies", "SIGTERM", "MUSTER_"} {
		if !strings.Contains(help.String(), want) {
			t.Errorf("-h does not explain %s", want)
		}
	}
}

func TestModesAreChecked(t *testing.T) {
	good := short(1)
	bad := short(1)
	bad.Name = "Not A Name"
	hidden := short(1)
	hidden.Hidden = true
	for _, modes := range [][]game.Mode{{}, {good, good}, {bad}, {hidden}} {
		if _, err := New(Config{Addr: "127.0.0.1:0", Log: "error", Data: bus.Memory}, modes...); err == nil {
			t.Errorf("%d modes were accepted that should not be", len(modes))
		}
	}
}

// TestModesByFlag: what is hidden cannot be booked unless -hidden, and
// without bots nobody is matched alone.
func TestModesByFlag(t *testing.T) {
	t.Parallel()
	all := arena.Modes()
	public := len(slices.DeleteFunc(slices.Clone(all), func(m game.Mode) bool { return m.Hidden }))
	for _, c := range []struct {
		bots, hidden bool
		least, of    int
	}{{true, false, 1, public}, {false, false, 2, public}, {true, true, 1, len(all)}} {
		modes, names, err := check(all, &Config{Bots: c.bots, Hidden: c.hidden})
		if err != nil || len(modes) != c.of || slices.Contains(names, "bench-10") != c.hidden {
			t.Errorf("%+v: %v, %v", c, names, err)
		}
		for _, m := range modes {
			if m.MinPlayers != c.least {
				t.Errorf("%+v: %s needs %d players", c, m.Name, m.MinPlayers)
			}
		}
	}
	s := mustServer(t, Config{Beat: true})
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	session, err := api.LoginGuest(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	var problem *client.Problem
	if _, err := session.CreateTicket(t.Context(), "bench-10"); !errors.As(err, &problem) || problem.Code != "mode_unknown" {
		t.Errorf("a ticket for a hidden mode: %v, want mode_unknown", err)
	}
}

// TestDrain stops the real binary in the middle of a match.
func TestDrain(t *testing.T) {
	t.Parallel()
	process, url := mustLaunch(t, mustBinary(t), "-countdown", "100ms", "-drain", "2s", "-log", "error")
	defer process.Process.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(url)
	defer api.Close()
	session, err := api.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := session.CreateTicket(ctx, "arena-ffa")
	if err != nil {
		t.Fatal(err)
	}
	if ticket, err = session.AwaitPlaced(ctx, ticket.ID); err != nil {
		t.Fatal(err)
	}
	told := make(chan protocol.Notice, 1)
	g, err := session.Join(ctx, ticket.Assignment, client.Options{
		Bot: func(j *protocol.Joined) game.Bot { return game.RandomBot(j.Schema)(j.Seat, 1) },
		Control: func(m protocol.Control) {
			if n, ok := m.(protocol.Notice); ok {
				told <- n
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Cut()
	awaitTicks(ctx, t, g, 10)
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case n := <-told:
		if n.Code != "draining" {
			t.Errorf("noticed %+v", n)
		}
	case <-ctx.Done():
		t.Fatal("the players were not told")
	}
	var problem *client.Problem
	if _, err := session.CreateTicket(ctx, "arena-ffa"); !errors.As(err, &problem) || problem.Status != 503 {
		t.Errorf("a ticket while draining: %v, want 503", err)
	}
	if over, err := g.Wait(ctx); err != nil || over.Why != "drained" {
		t.Errorf("over: %+v, %v, want drained", over, err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("exit: %v, want code 0", err)
	}
}
