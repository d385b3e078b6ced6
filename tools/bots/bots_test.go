package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/musterhq/muster/cmd"
	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol/link"
)

func TestGoals(t *testing.T) {
	r := &Report{Joined: 100, Updates: 99, UpdatesExpected: 100, Gap: Percentiles{P99: 44.5}, Place: Percentiles{P99: 5200}}
	for text, want := range map[string]bool{
		"gap_p99<45ms":     true,
		"gap_p99<44.5":     false,
		"gap_p99<=44.5":    true,
		"place_p99<6s":     true,
		"desyncs=0":        true,
		"joined=99":        false,
		"updates_pct>=98":  true,
		"updates_pct>99.5": false,
	} {
		goals, err := parseGoals(text)
		if err != nil || len(goals) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		if got := goals[0].met(goals[0].metric(r)); got != want {
			t.Errorf("%s: met %v, want %v", text, got, want)
		}
	}
	if goals, err := parseGoals("gap_p99<45ms, desyncs=0 ,errors=0"); err != nil || len(goals) != 3 {
		t.Errorf("three goals: %v, %v", goals, err)
	}
	for _, bad := range []string{"gap", "gap_p99<", "nothing=0", "gap_p99<fast"} {
		if _, err := parseGoals(bad); err == nil {
			t.Errorf("%q was taken for a goal", bad)
		}
	}
}

// TestTheExitCodeIsTheVerdict: each goal must be met, and somebody have played.
func TestTheExitCodeIsTheVerdict(t *testing.T) {
	for _, c := range []struct {
		joined int
		goals  string
		want   int
	}{{5, "", 0}, {0, "", 1}, {5, "errors=0,gap_p99<45ms", 0}, {5, "errors=0,gap_p99<40ms", 1}, {0, "errors=0", 1}} {
		goals, err := parseGoals(c.goals)
		if err != nil {
			t.Fatal(err)
		}
		r := &Report{Joined: c.joined, Gap: Percentiles{P99: 41}}
		if r.judge(goals); verdict(r) != c.want || len(r.Goals) != len(goals) {
			t.Errorf("%+v: %v", c, r.Goals)
		}
	}
}

func TestPercentilesAreExact(t *testing.T) {
	var s samples
	for i := 1000; i > 0; i-- {
		s.add(time.Duration(i) * time.Millisecond)
	}
	if got, want := s.percentiles(), (Percentiles{501, 901, 991, 1000, 1000}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := new(samples).percentiles(); got != (Percentiles{}) {
		t.Errorf("of nothing: %v", got)
	}
}

func TestArguments(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-for", "0s"}, {"-server", "nowhere"}, {"-slo", "x"}, {"-seats", "10", "-mode", "arena-ffa"}, {"extra"},
		{"-ramp", "0x1s"}, {"-ramp", "soon"}, {"-ramp", "-1s"}, {"-mode", "arena-ffa=0"}, {"-churn", "leave"}, {"-churn", "rest=1s"}, {"-server", "http://127.0.0.1:1,nowhere"},
		{"-ca", "no-such-file"}, {"-ca", "bots_test.go"}, {"-n", "5", "-watch", "6"}, {"-watch", "-1"}} {
		if code := run(args); code != 2 {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
	}
}

func TestALoadThatNeverWasIsNoSuccess(t *testing.T) {
	if code := run([]string{"-server", "http://127.0.0.1:1", "-n", "1", "-for", "100ms"}); code != 1 {
		t.Errorf("without a server: exit code %d, want 1", code)
	}
}

// TestDueUpdates: 30 ticks a second, from tick 10 on. Both ends count.
func TestDueUpdates(t *testing.T) {
	begin := time.Now()
	first := seen{10, begin}
	for _, c := range []struct {
		last game.Tick
		took time.Duration
		want int64
	}{
		{10, 0, 1},
		{40, time.Second, 31},
		{40, time.Second + 30*time.Millisecond, 31}, // the next is not due yet
		{40, 999 * time.Millisecond, 31},            // the first came late
		{40, 2 * time.Second, 61},                   // the server stood still
		{25, time.Second, 31},                       // it is slow
	} {
		if got := first.due(seen{c.last, time.Time{}}, begin.Add(c.took), 30); got != c.want {
			t.Errorf("to tick %d in %v: %d, want %d", c.last, c.took, got, c.want)
		}
	}
}

// TestALoadOverABadNetwork: every frame that arrives is right, and late.
func TestALoadOverABadNetwork(t *testing.T) {
	ctx, s := mustServe(t, cmd.Config{})
	cfg := Config{Server: s.URL(), Clients: 3, For: 3 * time.Second, Net: link.Conditions{RTT: 100 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.05}}
	if err := cfg.complete(0); err != nil {
		t.Fatal(err)
	}
	r := Run(ctx, cfg, lines{io.Discard})
	if r.Joined != 3 || r.Errors != 0 || r.Desyncs != 0 || r.Updates == 0 {
		t.Errorf("%+v", r)
	}
	if r.RTT.P50 < 100 {
		t.Errorf("there and back takes %v ms, 100 are to be", r.RTT.P50)
	}
}

// mustServe runs a server of short rounds.
func mustServe(t *testing.T, cfg cmd.Config, more ...game.Mode) (context.Context, *cmd.Server) {
	t.Helper()
	cfg.Addr, cfg.Data, cfg.Log, cfg.Bots, cfg.Beat, cfg.Countdown = "127.0.0.1:0", ":memory:", "error", true, true, time.Millisecond
	modes := append(more, arena.NewMode(arena.Options{Name: "arena-ffa", Seats: 4, RoundSeconds: 1, FillAfter: time.Millisecond}))
	s, err := cmd.New(cfg, modes...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ctx, s
}

// TestALoadUnderTLS plays on a server whose certificate nobody but -ca trusts,
// and gets all the updates that were due and not one more.
func TestALoadUnderTLS(t *testing.T) {
	cert, key := mustCertificate(t)
	ctx, s := mustServe(t, cmd.Config{TLSCert: cert, TLSKey: key})
	cfg := Config{Server: s.URL(), Clients: 1, For: 200 * time.Millisecond}
	if err := cfg.complete(0); err != nil {
		t.Fatal(err)
	}
	if r := Run(ctx, cfg, lines{io.Discard}); r.Joined != 0 {
		t.Errorf("without -ca the certificate was trusted: %+v", r)
	}
	cfg.CA, cfg.Clients, cfg.For = cert, 4, 4*time.Second
	if err := cfg.complete(0); err != nil {
		t.Fatal(err)
	}
	r := Run(ctx, cfg, lines{io.Discard})
	if r.Joined != 4 || r.Errors != 0 || r.Desyncs != 0 {
		t.Errorf("with -ca: %+v", r)
	}
	if pct := r.updatesPercent(); pct > 110 || r.Updates == 0 { // rounds of a second, late frames among them
		t.Errorf("%d of %d updates: %.1f %%", r.Updates, r.UpdatesExpected, pct)
	}
}

// mustCertificate writes one that has signed itself, for 127.0.0.1.
func mustCertificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return mustPEM(t, "CERTIFICATE", der), mustPEM(t, "PRIVATE KEY", keyDER)
}

func mustPEM(t *testing.T, kind string, der []byte) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "it.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
