//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// A Run is what one size has come to: medians over the rounds.
type Run struct {
	Game    string `json:"game"`
	Rooms   int    `json:"rooms"`
	Players int    `json:"players"`
	Hz      int    `json:"hz"`

	// µs of CPU for each client and tick.
	FloorCPU  float64 `json:"floor_cpu_us"`
	BoundCPU  float64 `json:"bound_cpu_us"`
	ServerCPU float64 `json:"server_cpu_us"`
	OtherCPU  float64 `json:"against_cpu_us,omitempty"` // of another server, with -against
	Ratio     float64 `json:"ratio"`                    // server / floor

	PayloadMean float64 `json:"payload_mean"` // bytes of the server's frames
	PayloadP95  float64 `json:"payload_p95"`
	Gap         Gap     `json:"gap_ms"`            // between two frames at a client of the server
	FloorGap    Gap     `json:"floor_gap_ms"`      // the same of the floor
	RSS         float64 `json:"rss_kb_per_client"` // of the server, beyond what it has without clients
	Updates     float64 `json:"updates_pct"`       // frames that came, of those that one a tick would be
	Busy        float64 `json:"machine_pct"`       // of all its cores, by whomever, while the server was measured
	FloorBusy   float64 `json:"floor_machine_pct"`
}

// A Gap is quantiles of time between frames, in ms.
type Gap struct {
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
}

// A turn is what one process has cost once.
type turn struct {
	cpu     time.Duration // for each client and tick
	rss     float64       // KiB for each client
	busy    float64       // percent of the machine
	traffic traffic
}

// The ways to serve, in the order of their first turns.
const (
	wayServer = "server"
	wayFloor  = "floor"
	wayBound  = "bound"
	wayOther  = "against" // another server, if one is to be compared with
)

func measure(ctx context.Context, cfg *config, s shape) (Run, error) {
	turns := map[string][]turn{}
	ways := []string{wayServer, wayFloor, wayBound}
	if cfg.other != "" {
		ways = append(ways, wayOther)
	}
	size := 0 // of a frame; the server's first turn tells
	for round := range cfg.rounds {
		for i := range ways {
			way := ways[(i+round)%len(ways)]
			if size == 0 {
				way = ways[i]
			}
			t, err := takeTurn(ctx, cfg, s, way, size)
			if err != nil {
				return Run{}, fmt.Errorf("%s: %w", way, err)
			}
			if size == 0 {
				size = int(t.traffic.mean() + .5)
			}
			turns[way] = append(turns[way], t)
			fmt.Fprintf(os.Stderr, "%-10s round %d  %-6s  %6.2f us per client and tick, %5.1f bytes, gap p99 %5.1f ms, updates %5.1f %%, machine %3.0f %% busy\n",
				s, round+1, way, t.us(), t.traffic.mean(), t.traffic.gap().P99, t.traffic.updates(s), t.busy)
		}
	}
	return summary(s, turns), nil
}

func (t turn) us() float64 { return float64(t.cpu) / float64(time.Microsecond) }

func summary(s shape, turns map[string][]turn) Run {
	of := func(way string, value func(turn) float64) float64 { return median(turns[way], value) }
	server := func(value func(turn) float64) float64 { return of(wayServer, value) }
	r := Run{
		Game: s.family, Rooms: s.rooms, Players: s.players(), Hz: s.hz,
		FloorCPU: of(wayFloor, turn.us), BoundCPU: of(wayBound, turn.us), ServerCPU: server(turn.us),
		PayloadMean: server(func(t turn) float64 { return t.traffic.mean() }),
		PayloadP95:  server(func(t turn) float64 { return t.traffic.p95() }),
		RSS:         server(func(t turn) float64 { return t.rss }),
		Updates:     server(func(t turn) float64 { return t.traffic.updates(s) }),
		Busy:        server(func(t turn) float64 { return t.busy }),
		FloorBusy:   of(wayFloor, func(t turn) float64 { return t.busy }),
	}
	if turns[wayOther] != nil {
		r.OtherCPU = of(wayOther, turn.us)
	}
	gap := func(way string) Gap {
		return Gap{
			of(way, func(t turn) float64 { return t.traffic.gap().P50 }),
			of(way, func(t turn) float64 { return t.traffic.gap().P99 }),
			of(way, func(t turn) float64 { return t.traffic.gap().P999 }),
		}
	}
	r.Gap, r.FloorGap = gap(wayServer), gap(wayFloor)
	r.Ratio = r.ServerCPU / r.FloorCPU
	return r
}

func median(turns []turn, value func(turn) float64) float64 {
	var all []float64
	for _, t := range turns {
		all = append(all, value(t))
	}
	slices.SortFunc(all, cmp.Compare[float64])
	return all[len(all)/2]
}

// settle is how long a turn runs before it counts.
const settle = 3 * time.Second

// takeTurn starts a process, fills it with players, and looks what they cost.
func takeTurn(ctx context.Context, cfg *config, s shape, way string, size int) (t turn, err error) {
	p, err := start(ctx, cfg, s, way, size)
	if err != nil {
		return t, err
	}
	defer p.end()
	empty, err := p.resident()
	if err != nil {
		return t, err
	}
	l, err := connect(ctx, p, s, way)
	if err != nil {
		return t, err
	}
	defer l.close()
	if err := l.play(ctx, settle); err != nil {
		return t, err
	}
	before, err := p.cpu()
	if err != nil {
		return t, err
	}
	machine, err := readMachine()
	if err != nil {
		return t, err
	}
	l.traffic = traffic{}
	if err := l.play(ctx, cfg.period); err != nil {
		return t, err
	}
	after, err := p.cpu()
	if err != nil {
		return t, err
	}
	busy, err := machine.busySince()
	if err != nil {
		return t, err
	}
	full, err := p.resident()
	// By the frames that came, which is one a tick, unless the machine is too
	// busy: who ticks less then is not the cheaper one.
	t = turn{(after - before) / time.Duration(max(l.traffic.frames, 1)), (full - empty) / float64(s.players()), busy, l.traffic}
	return t, err
}
