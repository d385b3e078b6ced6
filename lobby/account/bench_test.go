package account

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

func benchWorld(b *testing.B, cfg bus.Config, argon Argon) *world {
	b.Helper()
	cfg.Log = quiet
	if cfg.Dir == "" {
		cfg.Dir = b.TempDir()
	}
	node, err := bus.Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { node.Close() })
	w := &world{TB: b, node: node, cfg: Config{Games: []Game{chess}, Secrets: [][]byte{testSecret}, Argon: argon, Log: quiet}}
	w.restart()
	return w
}

// BenchmarkGuestLogin makes guests, from 16 goroutines a core, as requests do:
// with sync every login is on the disk before it is answered.
func BenchmarkGuestLogin(b *testing.B) {
	for _, way := range []string{"nosync", "sync"} {
		b.Run(way, func(b *testing.B) {
			w := benchWorld(b, bus.Config{NoSync: way == "nosync"}, tiny)
			b.SetParallelism(16)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := w.Guest(context.Background(), chess, "Ada"); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
		})
	}
}

// BenchmarkAuthenticate checks a token that was seen before, and one that was
// not.
func BenchmarkAuthenticate(b *testing.B) {
	w := benchWorld(b, bus.Config{Dir: bus.Memory}, tiny)
	s := w.mustGuest(chess, "Ada")
	b.Run("seen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Authenticate(chess, s.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.tokens.verify(chess, s.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("forged", func(b *testing.B) {
		forged := s.Access[:len(s.Access)-4] + "AAAA"
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Authenticate(chess, forged); err == nil {
				b.Fatal("taken")
			}
		}
	})
}

func BenchmarkRefresh(b *testing.B) {
	w := benchWorld(b, bus.Config{NoSync: true}, tiny)
	s := w.mustGuest(chess, "Ada")
	for b.Loop() {
		s = w.must(w.Refresh(context.Background(), chess, s.Refresh))
	}
}

// BenchmarkEnumeration prints how long a wrong password takes for a username
// that is there, beside one that is not: medians, and their ratio.
func BenchmarkEnumeration(b *testing.B) {
	w := benchWorld(b, bus.Config{Dir: bus.Memory}, Argon{})
	w.mustRegister(chess, "hopper", "correct horse")
	took := map[string][]time.Duration{}
	try := func(name string) {
		start := time.Now()
		_, right, err := w.try(context.Background(), chess, skeleton(name), "wrong horse")
		if right || err != nil {
			b.Fatal(right, err)
		}
		took[name] = append(took[name], time.Since(start))
	}
	runtime.GC()
	for b.Loop() {
		try("hopper")
		try("nobodyx")
	}
	here, not := median(took["hopper"]), median(took["nobodyx"])
	b.ReportMetric(float64(here.Microseconds()), "µs-there")
	b.ReportMetric(float64(not.Microseconds()), "µs-not")
	b.ReportMetric(float64(here)/float64(not), "ratio")
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
