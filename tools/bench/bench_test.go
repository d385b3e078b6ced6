//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
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
	for _, bad := range []string{"-only 50", "-only 50x11", "-only 0x10", "-only 5x10@61", "-rounds 0", "-for 1ms", "more"} {
		if _, err := parse(strings.Fields(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	cfg, err := parse(strings.Fields("-only 50x10 -rounds 1 -for 8s"))
	if err != nil || cfg.shapes[0].String() != "50x10@30" || cfg.period != 8*time.Second {
		t.Errorf("parsed as %+v, %v", cfg, err)
	}
}

// TestGoals: what go test prints is read, and each figure is held against its goal.
func TestGoals(t *testing.T) {
	f := figures{runs: []Run{{Rooms: 50, Players: 500, Hz: 30, Ratio: .7}}, metrics: map[string]map[string]float64{}}
	cores := fmt.Sprintf("-%d", runtime.GOMAXPROCS(0))
	parseMetrics(f.metrics, "goos: linux\nBenchmarkMemory/match"+cores+"  1  3.5 KB/conn  0 B/op\nBenchmarkTick/arena-16"+cores+"  5  7 ns/op  0 allocs/op\nPASS\n")
	var out bytes.Buffer
	printGoals(&out, &f)
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"50x10@30 0.70 ≤ 0.65 MISSED", "in a match, KB 3.50 ≤ 14 reached", "arena of 16 0.00 ≤ 0 reached"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	if strings.Contains(got, "bound") {
		t.Errorf("a size that was not measured is in\n%s", &out)
	}
}
