package cmd

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// musterBinary builds cmd/muster, once for all tests; TestMain removes it.
var musterBinary = sync.OnceValues(func() (binary string, err error) {
	if builtIn, err = os.MkdirTemp("", "muster-test-"); err != nil {
		return "", err
	}
	binary = filepath.Join(builtIn, "muster")
	out, err := exec.Command("go", "build", "-o", binary, "./muster").CombinedOutput()
	if err != nil {
		err = errors.Join(err, errors.New(string(out)))
	}
	return binary, err
})

var builtIn string // the directory of musterBinary; empty where none was built

func mustBinary(t *testing.T) string {
	t.Helper()
	binary, err := musterBinary()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// A process is the real server, and all that it has written.
type process struct {
	*exec.Cmd
	url, admin string
	said       journal
	ended      chan error
}

// mustProcess starts the binary with metrics, and waits until it listens.
func mustProcess(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	return mustRun(t, mustBinary(t), env, args...)
}

// mustRun is mustProcess of another program, which runs the binary in the end.
func mustRun(t *testing.T, program string, env []string, args ...string) *process {
	t.Helper()
	p := &process{ended: make(chan error, 1)}
	p.Cmd = exec.Command(program, append([]string{"-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-data", t.TempDir()}, args...)...)
	p.Cmd.Env = append(os.Environ(), env...)
	p.Cmd.Stderr = &p.said
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Cmd.Stdout = w
	err = p.Cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.Cmd.Wait() }()
	t.Cleanup(func() { _ = p.Process.Kill(); <-p.ended })
	out := bufio.NewReader(r)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server said %s", p.said.String())
		}
	})
	p.url, p.admin = line(t, out, "listening on "), strings.TrimSuffix(line(t, out, "metrics on "), "/metrics")
	copied := make(chan struct{})
	go func() { defer close(copied); defer r.Close(); _, _ = io.Copy(&p.said, out) }()
	t.Cleanup(func() { _ = p.Process.Kill(); <-copied })
	return p
}

func line(t *testing.T, r *bufio.Reader, prefix string) string {
	t.Helper()
	s, err := r.ReadString('\n')
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), prefix)
	if err != nil || !ok {
		t.Fatalf("the server said %q (%v), want %q", s, err, prefix)
	}
	return rest
}

// TestSecretsAreNeverTold plays a match on the real binary at its most
// talkative, gives it secrets wherever one can, and looks for them in all that
// it says to anybody else.
func TestSecretsAreNeverTold(t *testing.T) {
	t.Parallel()
	secret := "Canary-0f8d1c2b7a6e5948-3b1d-bird-of-the-mine"
	s := mustProcess(t, []string{"MUSTER_SECRET=" + secret}, "-hidden", "-log", "debug", "-countdown", "100ms", "-drain", "1ms")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.url)
	defer api.Close()
	session, err := api.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	first := []string{session.Access, session.Refresh}
	if err := session.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	ticket, err := session.CreateTicket(ctx, "bench-10")
	if err != nil {
		t.Fatal(err)
	}
	if ticket, err = session.AwaitPlaced(ctx, ticket.ID); err != nil {
		t.Fatal(err)
	}
	g, err := session.Join(ctx, ticket.Assignment, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Cut()
	awaitTicks(ctx, t, g, 10)
	canaries := []string{secret, first[0], first[1], session.Access, session.Refresh, ticket.Assignment.Pass}
	s.provoke(t, session, ticket.Assignment)
	defer http.DefaultClient.CloseIdleConnections()
	_, metrics := get(t, s.admin+"/metrics")
	_, cmdline := get(t, s.admin+"/debug/pprof/cmdline")
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("exit: %v", err)
	}
	s.ended <- nil
	log := s.said.String()
	if !strings.Contains(log, "code=token_invalid") || !strings.Contains(metrics, "muster_goodbyes_total") {
		t.Fatal("nothing was logged or counted, so there is nothing to see")
	}
	for _, c := range canaries {
		for _, shape := range shapes(c) {
			for where, text := range map[string]string{"log": log, "metrics": metrics, "cmdline": cmdline} {
				if at := strings.Index(text, shape); at >= 0 {
					t.Errorf("a secret is told in the %s: %.200s", where, text[max(0, at-100):])
				}
			}
		}
	}
}

// provoke does with a player's secrets what a client in error does.
func (s *process) provoke(t *testing.T, who *client.Session, a client.Assignment) {
	t.Helper()
	token, addr := who.Access, strings.TrimPrefix(s.url, "http://")
	for _, r := range []string{
		request("GET", "/v1/tickets/x?access_token="+token, ""),
		request("GET", "/v1/socket?bearer="+token, ""),
		request("POST", "/v1/tickets", `{"mode":"`+token+`"}`, bearer(token)),
		request("POST", "/v1/tickets", token, bearer(token)),
		request("POST", "/v1/tickets", `{"mode":"x"}`, bearer(who.Refresh)),
		request("POST", "/v1/tickets", `{"mode":"x"}`, "Cookie: t="+token, "Authorization: Basic "+token),
		request("POST", "/v1/login/guest", `{"name":"`+token+`"}`),
		request("POST", "/v1/login/refresh", `{"refresh":"`+token+`"}`),
		request("GET", "/v1/modes", "", "Referer: http://x/?"+token, "User-Agent: "+token, "X-Forwarded-For: "+token),
		handshake(bearer(token), "Sec-WebSocket-Protocol: muster.v2, bearer."+token),
		handshake(bearer(token), "Sec-WebSocket-Key: "+token),
		handshake("Sec-WebSocket-Protocol: muster.v1, bearer."+token, "Origin: http://evil.example/"+token),
		token + " " + token + " HTTP/1.1\r\n\r\n",
		"GET /v1/modes HTTP/1.1\r\nHost: " + token + " " + token + "\r\n\r\n",
	} {
		p, err := dial(addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, _ = p.ask(r) // refused, as others test
		p.Close()
	}
	for _, b := range [][]byte{
		message(protocol.Append(nil, protocol.Join{Match: a.Match, Pass: flip(a.Pass, len(a.Pass)-1)})),
		message(protocol.Append(nil, protocol.Join{Match: protocol.MatchID(a.Pass[:64]), Pass: token})),
		message([]byte(a.Pass)), frame(0x81, token), killer,
	} {
		p, err := dial(addr, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.upgrade(who); err != nil {
			t.Error(err)
		}
		_, _ = p.Write(b)
		_, _ = p.Write(frame(0x88, "\x03\xe8"+a.Pass[:100]))
		_ = p.goodbye()
		p.Close()
	}
}

// shapes are what a secret may look like: itself, its last part, which is what
// makes it one, and encoded.
func shapes(s string) []string {
	last := s[max(strings.LastIndexByte(s, '.')+1, 0):]
	return []string{s, last, last[:20], hex.EncodeToString([]byte(last)), base64.StdEncoding.EncodeToString([]byte(last))[:20]}
}

// Secrets that others could find are refused, and the refusal does not say
// them.
func TestSecretsThatAreNone(t *testing.T) {
	for _, s := range []string{
		"short", strings.Repeat("x", 31), strings.Repeat("x", 64), strings.Repeat("0123456789abcdef", 4), strings.Repeat("default", 6),
		"0123456789012345678901234567890123456789", "changemechangemechangemechangeme", "change-me-change-me-change-me-change-me",
		"default-secret-change-me-default-secret", "your-secret-here-your-secret-here-please", "MUSTER_SECRET_PLACEHOLDER_CHANGE_THIS",
		"passwordpasswordpasswordpassword", strings.Repeat(" ", 40), strings.Repeat("ab", 40), "example-secret-example-secret-example",
	} {
		for _, way := range []string{"flag", "env"} {
			args, env := []string{"-secret", s}, map[string]string{}
			if way == "env" {
				args, env = nil, map[string]string{"MUSTER_SECRET": s}
			}
			var out strings.Builder
			err := new(Config).parse(args, func(k string) (string, bool) { v, ok := env[k]; return v, ok }, &out)
			if err == nil {
				t.Errorf("%q was taken as a secret", s)
			} else if strings.Contains(err.Error()+out.String(), s) {
				t.Errorf("the refusal tells the secret: %v", err)
			}
		}
		if _, err := New(Config{Addr: "127.0.0.1:0", Log: "error", Data: ":memory:", Secret: s}, short(1)); err == nil {
			t.Errorf("%q was taken as a secret by New", s)
		}
	}
	for range 10_000 {
		var b [24]byte
		_, _ = rand.Read(b[:]) // cannot fail
		for _, s := range []string{string(newSecret()), hex.EncodeToString(b[:16]), base64.StdEncoding.EncodeToString(b[:])} {
			if guessable(s) {
				t.Fatalf("%s is random and was refused", s)
			}
		}
	}
}

// Without one each folder has its own, and each start that keeps nothing.
func TestNoSecretIsEveryFoldersOwn(t *testing.T) {
	a, b := mustServer(t, Config{Beat: true}, short(1)), mustServer(t, Config{Beat: true}, short(1))
	if len(a.secret) < 32 || string(a.secret) == string(b.secret) || string(a.key("accounts")) == string(a.key("passes")) {
		t.Error("secrets are short, or shared")
	}
}
