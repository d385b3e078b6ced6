//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain lets the test's own binary be the floor and the bound.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serveArg {
		os.Exit(serve(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// TestMeasure has ten players on each of the three, briefly: all of them serve
// everybody, and the frames of the bare ones are as large as the server's. How
// much of anything there is, only a quiet machine can say; memory even shrinks.
func TestMeasure(t *testing.T) {
	cfg := config{rounds: 1, period: time.Second, muster: filepath.Join(t.TempDir(), "muster")}
	if out, err := exec.Command("go", "build", "-o", cfg.muster, "../../cmd/muster").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r, err := measure(ctx, &cfg, mustShape("1x10"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Players != 10 || r.Updates <= 0 || r.PayloadMean < 10 || min(r.FloorCPU, r.BoundCPU, r.ServerCPU) <= 0 || r.Gap.P999 <= 0 {
		t.Errorf("measured %+v", r)
	}
	var table bytes.Buffer
	printTable(&table, []Run{r})
	if !strings.Contains(table.String(), "arena 1x10@30") {
		t.Errorf("the table is\n%s", &table)
	}
	svg := filepath.Join(t.TempDir(), "bench.svg")
	if err := plotRuns(svg, []Run{r}); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(svg); !bytes.Contains(data, []byte("<svg")) {
		t.Error("the plot is no SVG")
	}
	data, _ := json.Marshal(r)
	for _, field := range []string{"game", "rooms", "players", "hz", "floor_cpu_us", "bound_cpu_us", "server_cpu_us", "ratio",
		"payload_mean", "payload_p95", "gap_ms", "p50", "p99", "p999", "rss_kb_per_client", "updates_pct"} {
		if !bytes.Contains(data, []byte(`"`+field+`":`)) {
			t.Errorf("%s is not in %s", field, data)
		}
	}
}

// TestCutFrame: frames come out as they went in, however they are cut.
func TestCutFrame(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var sent [][]byte
	var wire []byte
	for range 200 {
		msg := bytes.Repeat([]byte{0x96, 1, 2}, rng.IntN(50))
		if rng.IntN(20) == 0 {
			msg = bytes.Repeat(msg, 500)
		}
		sent = append(sent, msg)
		wire = append(appendHeader(wire, 0x82, len(msg), 0), msg...)
	}
	var got [][]byte
	var have []byte
	for len(wire) > 0 {
		n := min(1+rng.IntN(700), len(wire))
		have, wire = append(have, wire[:n]...), wire[n:]
		for {
			opcode, payload, rest, ok := cutFrame(have)
			if !ok {
				break
			}
			if opcode != 0x82 {
				t.Fatalf("opcode %#x", opcode)
			}
			got, have = append(got, slices.Clone(payload)), rest
		}
	}
	if !slices.EqualFunc(got, sent, bytes.Equal) || len(have) > 0 {
		t.Errorf("%d of %d frames came, %d bytes are left", len(got), len(sent), len(have))
	}
}

func TestQuantile(t *testing.T) {
	counts := []int32{0, 50, 49, 0, 1}
	for q, want := range map[float64]int{.01: 1, .5: 1, .51: 2, .99: 2, .999: 4, 1: 4} {
		if got := quantile(counts, q); got != want {
			t.Errorf("quantile %v: got %d, want %d", q, got, want)
		}
	}
	if got := quantile(make([]int32, 3), .5); got != 0 {
		t.Errorf("of nothing: %d", got)
	}
}

func TestParse(t *testing.T) {
	for _, bad := range []string{"-only 50", "-only 50x11", "-only 0x10", "-only 5x10@61", "-rounds 0", "-for 1ms", "-storm -1", "-what", "more"} {
		if err := run(t.Context(), strings.Fields(bad)); !errors.Is(err, errUsage) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, tc := range []struct {
		args              string
		shapes            int
		goals             bool
		handshakes, storm int
	}{
		{"", len(shapes), true, 1000, 5000},
		{"-json", len(shapes), true, 1000, 5000},
		{"-only none", 0, true, 1000, 5000},
		{"-only 50x10 -rounds 1 -for 8s", 1, false, 0, 0},
		{"-only 50x10 -storm 70", 1, false, 0, 70},
		{"-handshakes 10", 0, false, 10, 0},
	} {
		cfg, err := parse(strings.Fields(tc.args))
		if err != nil || len(cfg.shapes) != tc.shapes || cfg.goals != tc.goals || cfg.handshakes != tc.handshakes || cfg.storm != tc.storm {
			t.Errorf("%q is parsed as %+v, %v", tc.args, cfg, err)
		}
	}
	cfg, err := parse(strings.Fields("-only 50x10 -rounds 1 -for 8s"))
	if err != nil || cfg.shapes[0].String() != "50x10@30" || cfg.period != 8*time.Second {
		t.Errorf("parsed as %+v, %v", cfg, err)
	}
}

// someFigures are of one size, and of some Go benchmarks.
func someFigures(ratio float64, benchmarks string) *figures {
	f := &figures{asked: map[string]bool{}, metrics: map[string]map[string]float64{}}
	f.tried(nil, "50x10@30")
	f.runs = []Run{{Rooms: 50, Players: 500, Hz: 30, Ratio: ratio}}
	if benchmarks != "" {
		f.tried(nil, partBenchmarks)
		parseMetrics(f.metrics, strings.ReplaceAll(benchmarks, "#", fmt.Sprintf("-%d", runtime.GOMAXPROCS(0))))
	}
	return f
}

// TestGoals: what go test prints is read, and each figure is held against its goal.
func TestGoals(t *testing.T) {
	f := someFigures(.7, "goos: linux\nBenchmarkMemory/match#  1  3.5 KB/conn  0 B/op\nBenchmarkTick/arena-16#  5  7 ns/op  0 allocs/op\nPASS\n")
	var out bytes.Buffer
	f.print(&out)
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"50x10@30 0.70 ≤ 0.65 MISSED", "in a match, KB 3.50 ≤ 14 reached", "arena of 16 0.00 ≤ 0 reached",
		"netcode alone - ≤ 1 NOT MEASURED", "KB a minute - NOT MEASURED"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	if strings.Contains(got, "bound, CPU") || strings.Contains(got, "come back") {
		t.Errorf("what nobody asked for is in\n%s", &out)
	}
}

// TestVerdict: only what was measured and reached is a pass.
func TestVerdict(t *testing.T) {
	if err := someFigures(.5, "").verdict(); err != nil {
		t.Errorf("a goal reached: %v", err)
	}
	for what, f := range map[string]*figures{
		"a goal missed":      someFigures(.7, ""),
		"a ratio of nothing": someFigures(math.NaN(), ""),
		"nothing printed":    someFigures(.5, "PASS\n"),
	} {
		if f.verdict() == nil {
			t.Errorf("%s is a pass", what)
		}
	}
	f := someFigures(.5, "")
	if f.tried(errors.New("no server"), "1x100@30") || f.verdict() == nil {
		t.Error("what could not be measured is a pass")
	}
	var out bytes.Buffer
	f.print(&out)
	if !strings.Contains(out.String(), "NOT MEASURED: 1x100@30: no server") {
		t.Errorf("that is not told:\n%s", &out)
	}
}

// TestReport: there is one object, whose runs are a list even if there are none.
func TestReport(t *testing.T) {
	f := someFigures(.7, "BenchmarkTick/arena-16# 5 7 ns/op 0 allocs/op\n")
	f.storm = &Storm{Storm: &Opened{Clients: 5000}}
	f.tried(nil, partStorm(5000))
	for _, f := range []*figures{f, {}} {
		data, err := json.Marshal(f.report())
		if err != nil {
			t.Fatal(err)
		}
		var back struct {
			Runs []struct {
				Ratio float64 `json:"ratio"`
			} `json:"runs"`
			Goals []struct {
				Measured *float64 `json:"measured"`
				Verdict  string   `json:"verdict"`
			} `json:"goals"`
		}
		if err := json.Unmarshal(data, &back); err != nil || back.Runs == nil || len(back.Runs) != len(f.runs) || len(back.Goals) != len(f.judge()) {
			t.Errorf("%v in %s", err, data)
		}
	}
}

// TestLateness: of the ticks since a moment, in proportion between two bounds.
func TestLateness(t *testing.T) {
	metrics := func(a, b, all int) lateness {
		t.Helper()
		text := fmt.Sprintf(`# TYPE muster_tick_lateness_seconds histogram
muster_tick_lateness_seconds_bucket{mode="bench-10",le="0.001"} %d
muster_tick_lateness_seconds_bucket{mode="bench-10",le="0.005"} %d
muster_tick_lateness_seconds_bucket{mode="bench-10",le="+Inf"} %d
muster_tick_lateness_seconds_bucket{mode="other",le="0.001"} 7
`, a, b, all)
		l, err := parseLateness(strings.NewReader(text), "bench-10")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	before := metrics(50, 60, 70)
	for _, tc := range []struct {
		after lateness
		want  float64
	}{
		{metrics(150, 160, 170), .99},
		{metrics(50, 160, 170), 4.96},
		{metrics(50, 60, 170), 5}, // or later
		{before, 0},
	} {
		if got := tc.after.since(before, .99); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("%v: got %v ms, want %v", tc.after, got, tc.want)
		}
	}
	if _, err := parseLateness(strings.NewReader("muster_matches 1\n"), "bench-10"); err == nil {
		t.Error("metrics without lateness are taken")
	}
}

// TestArrival: a frame's time is when it came, not when it was read.
func TestArrival(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	fd, err := takeFD(near)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := stamped(fd); err != nil {
		t.Fatal(err)
	}
	far, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	// The kernel begins to note times a moment after it was told to.
	for end := time.Now().Add(2 * time.Minute); ; {
		began := time.Now()
		if _, err := far.Write([]byte("abc")); err != nil {
			t.Fatal(err)
		}
		first, rest := readTwice(t, fd)
		switch {
		case first != first.Round(0): // it has read the process's own clock
			if time.Now().After(end) {
				t.Fatal("the kernel notes nothing")
			}
		case first.Before(began.Add(-coarse)) || first.After(time.Now().Add(coarse)) || rest != first:
			t.Errorf("came at %v, and the rest of it at %v, want it between %v and %v", first, rest, began, time.Now())
			fallthrough
		default:
			return
		}
	}
}

// coarse is how far the kernel's clocks may be apart.
const coarse = 10 * time.Millisecond

// readTwice reads one byte of three that come, and then the others.
func readTwice(t *testing.T, fd int) (first, rest time.Time) {
	t.Helper()
	for n, err := 0, error(nil); n < 1; {
		if n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 120_000); err != nil && !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
	}
	var r receiver
	p := make([]byte, 8)
	n, first, err := r.read(fd, p[:1])
	m, rest, errRest := r.read(fd, p)
	if n != 1 || m != 2 || err != nil || errRest != nil {
		t.Fatalf("read %d, %v, then %d, %v", n, err, m, errRest)
	}
	if _, _, err := r.read(fd, p); !errors.Is(err, unix.EAGAIN) {
		t.Fatalf("read nothing: %v", err)
	}
	return first, rest
}
