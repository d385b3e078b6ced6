package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestTheReadmesGame builds the README's game as the outside module that it
// tells its reader to make, and plays it.
func TestTheReadmesGame(t *testing.T) {
	t.Parallel()
	source := mustReadmeGame(t)
	if n := strings.Count(source, "\n"); n >= 100 {
		t.Errorf("the game has %d lines, the README's promise is under 100", n)
	}
	url := mustStart(t, mustBuild(t, source), "-countdown", "100ms")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 3)
	for i := range 3 {
		go func() { done <- playCoins(ctx, url, i) }()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	resp, err := http.Get(url + "/play/coins")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if page, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(page), "<script") {
		t.Errorf("the debug page: %s", resp.Status)
	}
}

// playCoins plays at random until some coins were picked up.
func playCoins(ctx context.Context, url string, i int) error {
	api := client.New(url)
	defer api.Close()
	session, err := api.LoginGuest(ctx, fmt.Sprintf("toy %d", i))
	if err != nil {
		return err
	}
	ticket, err := session.CreateTicket(ctx, "coins")
	if err != nil {
		return err
	}
	if ticket, err = session.AwaitPlaced(ctx, ticket.ID); err != nil {
		return err
	}
	picked := make(chan struct{}, 1)
	g, err := session.Join(ctx, ticket.Assignment, client.Options{
		Bot: func(j *protocol.Joined) game.Bot { return game.RandomBot(j.Schema)(j.Seat, uint64(i)) },
		Watch: func(m *protocol.Mirror, _ int, _ time.Time) {
			if len(m.Events()) > 0 {
				select {
				case picked <- struct{}{}:
				default:
				}
			}
		},
	})
	if err != nil {
		return err
	}
	defer g.Cut()
	select {
	case <-picked:
	case <-ctx.Done():
		return fmt.Errorf("player %d: nobody picked up a coin: %w", i, ctx.Err())
	case <-g.Done():
		_, err := g.Wait(ctx)
		return fmt.Errorf("player %d: the match ended: %v", i, err)
	}
	var desyncs int
	g.With(func(m *protocol.Mirror) { desyncs = m.Desyncs })
	if desyncs > 0 {
		return fmt.Errorf("player %d: %d desyncs", i, desyncs)
	}
	return nil
}

// mustReadmeGame returns the Go program in the README.
func mustReadmeGame(t *testing.T) string {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(readme), "```go\n")
	source, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatal("the README has no Go program")
	}
	return source
}

// mustBuild builds a program as a module of its own that uses this one.
func mustBuild(t *testing.T, source string) (binary string) {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(mod), "\n") // the same versions, so that nothing is resolved anew
	mod = []byte("module example.com/coins\n" + requires +
		"\nrequire github.com/musterhq/muster v0.0.0\nreplace github.com/musterhq/muster => " + root + "\n")
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"go.mod": mod, "go.sum": sum, "main.go": []byte(source)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	binary = filepath.Join(dir, "coins")
	build := exec.Command("go", "build", "-mod=mod", "-o", binary, ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// mustStart runs a server's binary until the test ends and returns its URL.
func mustStart(t *testing.T, binary string, args ...string) (url string) {
	t.Helper()
	cmd, url := mustLaunch(t, binary, args...)
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return url
}

// mustLaunch starts a server's binary on any port and waits until it listens.
func mustLaunch(t *testing.T, binary string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"-addr", "127.0.0.1:0", "-data", ":memory:"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		_ = cmd.Process.Kill()
		t.Fatalf("the server said %q (%v)", line, err)
	}
	return cmd, url
}
