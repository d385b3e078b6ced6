package cmd

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/client"
)

// The tests' binary is a server, too, when this is in its environment: as
// Main, with a mode whose rounds take a second, and it prints the matches whose
// results it has kept.
const serveInstead = "MUSTER_TEST_SERVE"

func serveShort() int {
	var cfg Config
	if err := cfg.parse(os.Args[1:], os.LookupEnv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	s, err := New(cfg, short(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, advise(err))
		return 1
	}
	fmt.Printf("listening on %s\n", s.URL())
	go func() {
		told := map[protocol.MatchID]bool{}
		for range time.Tick(5 * time.Millisecond) {
			for _, e := range s.lobby.Results() {
				if !told[e.Match] {
					told[e.Match] = true
					fmt.Println("kept", e.Match)
				}
			}
		}
	}()
	if err := s.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, advise(err))
	}
	return 1
}

// A ledger is what a server has acknowledged.
type ledger struct {
	deeds []deed      // that players do all at once; set by newLedger
	some  func() bool // says, under mu, that something of all they do was acknowledged; likewise

	mu         sync.Mutex
	tokens     map[string]string    // of guests and accounts: the newest refresh token
	passwords  map[string]string    // of accounts, by username
	unanswered map[string]time.Time // whose refresh was on its way when the server died, and since when
	players    map[protocol.MatchID][]protocol.PlayerID
	kept       map[protocol.MatchID]bool
}

// A deed is done again and again, each time under another name.
type deed func(ctx context.Context, api *client.API, name string) error

func newLedger() *ledger {
	l := &ledger{tokens: map[string]string{}, passwords: map[string]string{}, unanswered: map[string]time.Time{},
		players: map[protocol.MatchID][]protocol.PlayerID{}, kept: map[protocol.MatchID]bool{}}
	l.deeds = []deed{l.logInAndRefresh, l.register, l.play}
	l.some = func() bool { return len(l.tokens) > 0 && len(l.passwords) > 0 && len(l.kept) > 0 }
	return l
}

func (l *ledger) note(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// TestNothingAcknowledgedIsLostToAKill kills the real process again and again
// while players log in, register, refresh, queue and play, and looks for all
// that any of them was told: with what is written put on the disk and without.
// MUSTER_KILLS is how often.
func TestNothingAcknowledgedIsLostToAKill(t *testing.T) {
	t.Parallel()
	kills := killsOr(6)
	for _, sync := range []string{"-sync=on", "-sync=off"} {
		t.Run(sync, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			l := newLedger()
			for i := range kills {
				l.liveAndDie(t, i, "-data", data, sync)
			}
			l.mustHold(t, data, sync)
			t.Logf("%d kills: %d logins, %d accounts, %d results", kills, len(l.tokens), len(l.passwords), len(l.kept))
			if !l.some() {
				t.Error("nothing was acknowledged: this says nothing")
			}
		})
	}
}

// killsOr is how often a server is killed: MUSTER_KILLS, or so often.
func killsOr(kills int) int {
	if n, err := strconv.Atoi(os.Getenv("MUSTER_KILLS")); err == nil {
		return n
	}
	return kills
}

// killable starts the server; kill ends it, and returns when all it has said is
// noted.
func (l *ledger) killable(t *testing.T, args ...string) (url string, kill func()) {
	t.Helper()
	p := exec.Command(os.Args[0], append([]string{"-addr", "127.0.0.1:0", "-log", "error", "-countdown", "1ms"}, args...)...)
	p.Env = append(os.Environ(), serveInstead+"=1")
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	noted := make(chan struct{})
	kill = sync.OnceFunc(func() {
		_ = p.Process.Kill()
		<-noted
		_ = p.Wait()
	})
	t.Cleanup(kill)
	first, err := lines.ReadString('\n')
	go func() {
		defer close(noted)
		for s := bufio.NewScanner(lines); s.Scan(); {
			if id, ok := strings.CutPrefix(s.Text(), "kept "); ok {
				l.note(func() { l.kept[protocol.MatchID(id)] = true })
			}
		}
	}()
	url, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	if !ok {
		t.Fatalf("the server said %q, %v", first, err)
	}
	return url, kill
}

// liveAndDie lets players do what they do until the server is killed.
func (l *ledger) liveAndDie(t *testing.T, round int, args ...string) {
	t.Helper()
	url, kill := l.killable(t, args...)
	again := client.New(url)
	defer again.Close()
	l.settle(t, again)
	ctx, cancel := context.WithCancel(t.Context())
	var players sync.WaitGroup
	for i := range 3 {
		api := client.New(url)
		defer api.Close()
		for n, do := range l.deeds {
			players.Go(func() {
				for j := 0; ctx.Err() == nil; j++ {
					if do(ctx, api, fmt.Sprintf("p%d_%d_%d_%d", round, i, n, j)) != nil {
						<-time.After(50 * time.Millisecond) // too many, or killed
					}
				}
			})
		}
	}
	time.AfterFunc(time.Duration(1200+rand.IntN(1800))*time.Millisecond, func() {
		l.awaitSome()
		kill()
		cancel()
	})
	players.Wait()
	<-ctx.Done()
	http.DefaultClient.CloseIdleConnections()
}

// awaitSome returns when there is something to lose since the first round, or
// nothing is to be hoped for.
func (l *ledger) awaitSome() {
	for end := time.Now().Add(patience); time.Now().Before(end); <-time.After(10 * time.Millisecond) {
		some := false
		l.note(func() { some = l.some() })
		if some {
			return
		}
	}
}

// logInAndRefresh notes each refresh token it is given. A refresh that was not
// answered may have happened; the token that was sent is then good once more.
func (l *ledger) logInAndRefresh(ctx context.Context, api *client.API, name string) error {
	s, err := api.LoginGuest(ctx, name)
	for i := 0; i < 4 && err == nil; i++ {
		l.note(func() { l.tokens[name], l.unanswered[name] = s.Refresh, time.Now() })
		if err = s.Renew(ctx); err == nil {
			l.note(func() { l.tokens[name] = s.Refresh; delete(l.unanswered, name) })
		}
	}
	return err
}

// settle asks again what the last server did not answer, as clients do at once:
// where the next one has taken longer to come up than that is good for, nothing
// was promised.
func (l *ledger) settle(t *testing.T, api *client.API) {
	t.Helper()
	for name, sent := range l.unanswered {
		s, err := api.Restore(t.Context(), l.tokens[name])
		if err != nil && time.Since(sent) > refreshGrace {
			delete(l.tokens, name)
			continue
		}
		if err != nil {
			t.Errorf("%s: the login is lost, whose refresh was not answered: %v", name, err)
			continue
		}
		l.tokens[name] = s.Refresh
	}
	clear(l.unanswered)
}

// refreshGrace is how long a refresh token that was used is good once more, as
// account.Config has it.
const refreshGrace = 10 * time.Second

func (l *ledger) register(ctx context.Context, api *client.API, name string) error {
	password := "correct horse " + name
	s, err := api.Register(ctx, name, password, "")
	if err == nil {
		l.note(func() { l.passwords[name], l.tokens[name] = password, s.Refresh })
	}
	return err
}

// play plays a match to its end; the server says when its result is kept.
func (l *ledger) play(ctx context.Context, api *client.API, name string) error {
	s, err := api.LoginGuest(ctx, name)
	if err != nil {
		return err
	}
	ticket, err := s.CreateTicket(ctx, "short")
	if err == nil {
		ticket, err = s.AwaitPlaced(ctx, ticket.ID)
	}
	if err != nil {
		return err
	}
	g, err := s.Join(ctx, ticket.Assignment, client.Options{Bot: botFor(short(1))})
	if err != nil {
		return err
	}
	defer func() { g.Cut(); <-g.Done() }()
	over, err := g.Wait(ctx)
	if err == nil && over.Why == "finished" {
		l.note(func() { l.players[over.Match] = append(l.players[over.Match], s.Player.ID) })
	}
	return err
}

// mustHold looks for all that was acknowledged, first as players do.
func (l *ledger) mustHold(t *testing.T, data, sync string) {
	t.Helper()
	url, kill := l.killable(t, "-data", data, sync)
	api := client.New(url)
	defer api.Close()
	l.settle(t, api)
	for name, token := range l.tokens {
		if _, err := api.Restore(t.Context(), token); err != nil {
			t.Errorf("%s: the login is lost: %v", name, err)
		}
	}
	few := 0
	for name, password := range l.passwords {
		if few++; few > 20 { // each takes a core 50 ms
			break
		}
		if _, err := api.LoginPassword(t.Context(), name, password); err != nil {
			t.Errorf("%s: the account is lost: %v", name, err)
		}
	}
	kill()
	node, err := bus.Open(bus.Config{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	results, err := career.Open(t.Context(), career.Config{}, node)
	if err != nil {
		t.Fatal(err)
	}
	for id, players := range l.players {
		for _, who := range players {
			if n := times(t, results.Boards(), who, id); n > 1 || n == 0 && l.kept[id] {
				t.Errorf("the result of match %s is there %d times for %s; kept: %v", id, n, who, l.kept[id])
			}
		}
	}
}

func times(t *testing.T, boards *board.Boards, who protocol.PlayerID, id protocol.MatchID) (n int) {
	t.Helper()
	page, err := boards.Matches(t.Context(), game.DefaultGame, who, 0, board.MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Matches {
		if m.ID == id {
			n++
		}
	}
	return n
}
