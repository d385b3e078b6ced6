//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// A goal is a figure of this project and the most that it shall be.
type goal struct {
	what string
	figure
	most  float64 // 0: there is no goal, the figure is told
	exact bool    // most is one even if it is 0
}

// A figure is a number of what was measured, and of which part of it.
type figure struct {
	part  string
	value func(*figures) (value float64, ok bool)
}

// The parts beside the sizes, which are parts by their names.
const (
	partBenchmarks = "Go benchmarks"
	goalHandshakes = 1000
	goalStorm      = 5000
)

func partHandshakes(n int) string { return fmt.Sprint(n, " handshakes") }
func partStorm(n int) string      { return fmt.Sprint("a storm of ", n) }

// goals are of these parts. Those of a part that nobody asked for are left out.
var goals = []goal{
	{what: "server / floor, CPU, 50x10@30", figure: ofRun("50x10@30", func(r *Run) float64 { return r.Ratio }), most: .65},
	{what: "server / bound, CPU, 100x10@30", figure: ofRun("100x10@30", toBound), most: 2},
	{what: "server / bound, CPU, 1x100@30", figure: ofRun("1x100@30", toBound), most: 2},
	{what: "p99 gap at the client, 50x10@60, ms", figure: ofRun("50x10@60", func(r *Run) float64 { return r.Gap.P99 }), most: 21},
	{what: "the same beyond the floor's, ms", figure: ofRun("50x10@60", func(r *Run) float64 { return r.Gap.P99 - r.FloorGap.P99 }), most: 1.5},
	// What a client takes in µs, a thousand take in ms.
	{what: "whole tick of a swarm of 1,000, ms of CPU", figure: ofRun("1x1000@20", func(r *Run) float64 { return r.ServerCPU }), most: 25},
	{what: "the same, its step and netcode", figure: swarmTick("step-ns", "index-ns", "frames-ns"), most: 8},
	{what: "the same, netcode alone", figure: swarmTick("index-ns", "frames-ns"), most: 1},
	{what: "swarm, bytes a second and client, mean", figure: of("Swarm/bots", "B/s-mean"), most: 2000},
	{what: "swarm, all in one spot, p95", figure: of("Swarm/spot", "B/s-p95"), most: 10_000},
	{what: "making frames, room of 100 / rooms of 10, a client", figure: of("Encode/sizes", "1x100/10x10"), most: 1},
	{what: "1,000 sockets opened at once, with auth, p99 ms", figure: ofHandshakes(func(o *Opened) float64 { return o.P99 }), most: 250},
	{what: "lost of these", figure: ofHandshakes(func(o *Opened) float64 { return float64(o.Lost) }), exact: true},
	{what: "lost of 5,000 that come back at once", figure: ofStorm(func(s *Storm) float64 { return float64(s.Storm.Lost) }), exact: true},
	{what: "p99 gap of those who play meanwhile, ms more", figure: ofStorm(func(s *Storm) float64 { return s.During.P99 - s.Before.P99 }), most: 2},
	{what: "99 % of the server's ticks meanwhile begin late by at most, ms", figure: ofStorm(func(s *Storm) float64 { return s.LateDuring })},
	{what: "bytes of a body, arena of 16, mean", figure: of("Encode/1x16", "B/body"), most: 60},
	{what: "bytes of an update, arena of 16, mean", figure: of("Payload/clients=16", "B/update"), most: 75},
	{what: "the same, p95", figure: of("Encode/1x16", "B/frame-p95"), most: 110},
	{what: "allocations of a steady tick, arena of 16", figure: of("Tick/arena-16", "allocs/op"), exact: true},
	{what: "memory for each player in a match, KB", figure: of("Memory/match", "KB/conn"), most: 14},
	{what: "the same, resident", figure: of("Memory/match", "rss_KB/conn"), most: 14},
	{what: "the same under TLS", figure: of("Memory/match-tls", "KB/conn")},
	{what: "memory for each player in the hall, KB", figure: of("Memory/hall", "KB/conn"), most: 10},
	{what: "the same, resident", figure: of("Memory/hall", "rss_KB/conn"), most: 10},
	{what: "the same under TLS", figure: of("Memory/hall-tls", "KB/conn")},
	{what: "10,000 in the hall, MB resident", figure: of("Memory/hall", "rss_MB-at-10000")},
	{what: "a match of 10 bots: snapshots, rules, bots, KB", figure: of("Simulation", "KB/match")},
	{what: "the same: its record, KB a minute", figure: of("Simulation", "record_KB/match-minute")},
	{what: "1,000 matches of 10 bots, times real time", figure: of("Simulation", "x-real-time")},
	{what: "p99 gap beside a match of 150 ms a tick, ms more", figure: besideBusy, most: 10},
}

// benchmarks are those that the goals look at: what to match, and how long.
var benchmarks = [][2]string{{"^Benchmark(Payload|Tick|Simulation|Swarm|Encode)$", "1s"}, {"^Benchmark(Memory|Neighbour)$", "1x"}}

func toBound(r *Run) float64 { return r.ServerCPU / r.BoundCPU }

func ofRun(name string, value func(*Run) float64) figure {
	return figure{name, func(f *figures) (float64, bool) {
		for i := range f.runs {
			if f.runs[i].name() == name {
				return value(&f.runs[i]), true
			}
		}
		return 0, false
	}}
}

func of(benchmark, unit string) figure {
	return figure{partBenchmarks, func(f *figures) (value float64, ok bool) {
		value, ok = f.metrics["Benchmark"+benchmark][unit]
		return value, ok
	}}
}

// swarmTick adds up parts of a tick of a thousand in one world, in ms.
func swarmTick(parts ...string) figure {
	return figure{partBenchmarks, func(f *figures) (ms float64, ok bool) {
		for _, part := range parts {
			ns, ok := f.metrics["BenchmarkSwarm/bots"][part]
			if !ok {
				return 0, false
			}
			ms += ns / 1e6
		}
		return ms, true
	}}
}

func ofHandshakes(value func(*Opened) float64) figure {
	return figure{partHandshakes(goalHandshakes), func(f *figures) (float64, bool) {
		if f.storm == nil || f.storm.Handshakes == nil {
			return 0, false
		}
		return value(f.storm.Handshakes), true
	}}
}

func ofStorm(value func(*Storm) float64) figure {
	return figure{partStorm(goalStorm), func(f *figures) (float64, bool) {
		if f.storm == nil || f.storm.Storm == nil {
			return 0, false
		}
		return value(f.storm), true
	}}
}

var besideBusy = figure{partBenchmarks, func(f *figures) (float64, bool) {
	m := f.metrics["BenchmarkNeighbour"]
	alone, ok := m["p99-ms-alone"]
	beside, okBeside := m["p99-ms-beside"]
	return beside - alone, ok && okBeside
}}

// runBenchmarks runs the Go benchmarks of matches, which need the module's
// source. With an error there are the metrics of those that went well.
func runBenchmarks(ctx context.Context) (metrics map[string]map[string]float64, err error) {
	metrics = map[string]map[string]float64{}
	for _, b := range benchmarks {
		fmt.Fprintln(os.Stderr, "go test -bench", b[0])
		out, failed := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", b[0], "-benchtime", b[1], "-benchmem",
			"-timeout", "10m", "github.com/musterhq/muster/match").CombinedOutput()
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("go test -bench %s: %w\n%s", b[0], failed, out))
		}
		parseMetrics(metrics, string(out))
	}
	return metrics, err
}

// parseMetrics reads the lines that go test prints: a name, behind it the
// number of cores unless that is one, how often it ran, and values with their
// units.
func parseMetrics(into map[string]map[string]float64, out string) {
	cores := fmt.Sprintf("-%d", runtime.GOMAXPROCS(0))
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		of := map[string]float64{}
		for i := 2; i+1 < len(words); i += 2 {
			if value, err := strconv.ParseFloat(words[i], 64); err == nil {
				of[words[i+1]] = value
			}
		}
		into[strings.TrimSuffix(words[0], cores)] = of
	}
}
