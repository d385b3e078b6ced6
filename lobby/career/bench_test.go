package career

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// duels are n results among a tenth as many players, a second apart.
func duels(n int) func(i int) protocol.Ended {
	rnd := rand.New(rand.NewPCG(1, 1))
	return func(i int) protocol.Ended {
		e := played(fmt.Sprintf("m%025d", i), 1, 2)
		for j := range e.Seats {
			e.Seats[j].Player = player(rnd.IntN(max(n/10, 10))*2 + j)
		}
		return e
	}
}

// BenchmarkFold: what counting a duel costs once it is read.
func BenchmarkFold(b *testing.B) {
	next := duels(b.N)
	all := make([]bus.Record[result], b.N)
	for i := range all {
		all[i] = bus.Record[result]{Seq: uint64(i + 1), Value: resultOf(next(i), epoch.Add(time.Duration(i)*time.Second))}
	}
	f := mustFold(b, Config{})
	b.ReportAllocs()
	b.ResetTimer()
	for _, r := range all {
		f.apply(r)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "results/s")
}

// BenchmarkResultOf: what is kept of a match of a thousand seats in whose course
// as many have left as a match remembers.
func BenchmarkResultOf(b *testing.B) {
	e := played("m", make([]int32, 1000)...)
	for i := range 4096 {
		e.Seats = append(e.Seats, protocol.EndedSeat{Seat: game.Seat(i % 1000), Player: player(1000 + i), Left: true})
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := resultOf(e, epoch); len(r.Players) != len(e.Seats) {
			b.Fatalf("%d parts", len(r.Players))
		}
	}
}

// BenchmarkOpen: how long a start takes with so many results on the disk, and
// what memory is held after it, when all are read and when there is a snapshot
// of them; and how long that takes to write, and before that to freeze, while
// nothing is counted.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			node := mustKept(b, n)
			var c *Career
			b.Run("read", func(b *testing.B) { c = benchmarkOpen(b, node, Config{Log: quiet}, n) })
			if c == nil {
				b.Skip("there is nothing to write")
			}
			cfg := Config{Log: quiet, Snapshot: filepath.Join(b.TempDir(), "snapshot")}
			b.Run("write", func(b *testing.B) { benchmarkWrite(b, c.fold, cfg) })
			b.Run("snapshot", func(b *testing.B) {
				if c := benchmarkOpen(b, node, cfg, n); c.keeper.covers() != uint64(n) {
					b.Fatal("there is no snapshot")
				}
			})
		})
	}
}

func benchmarkOpen(b *testing.B, node *bus.Node, cfg Config, n int) (c *Career) {
	before := held()
	b.ResetTimer()
	for range b.N {
		c = nil
		var err error
		if c, err = Open(context.Background(), cfg, node); err != nil || c.fold.last() != uint64(n) {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "results/s")
	b.ReportMetric((held()-before)/1e6, "MB-held")
	return c
}

// held is the memory in use, in bytes.
func held() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

func benchmarkWrite(b *testing.B, f *fold, cfg Config) {
	of, err := fingerprint(Config{Model: f.model})
	if err != nil {
		b.Fatal(err)
	}
	var frozen time.Duration
	for range b.N {
		began := time.Now()
		cut := f.freeze(of)
		frozen += time.Since(began)
		if err := bus.ReplaceFile(cfg.Snapshot, cut.write); err != nil {
			b.Fatal(err)
		}
	}
	info, err := os.Stat(cfg.Snapshot)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(frozen.Seconds()*1e3/float64(b.N), "ms-frozen")
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}

// mustKept is a node with n results.
func mustKept(b *testing.B, n int) *bus.Node {
	b.Helper()
	node, err := bus.Open(bus.Config{Dir: b.TempDir(), NoSync: true, Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { node.Close() })
	s, err := bus.OpenStream[result](node, "results")
	if err != nil {
		b.Fatal(err)
	}
	next := duels(n)
	for i := range n {
		if _, err := s.Append(context.Background(), "", resultOf(next(i), epoch.Add(time.Duration(i)*time.Second))); err != nil {
			b.Fatal(err)
		}
	}
	return node
}
