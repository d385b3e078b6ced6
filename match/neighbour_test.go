package match

import (
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
)

// BenchmarkNeighbour prints the gaps between two ticks of fifty matches at 30
// Hz, alone and beside one that burns 150 ms of CPU on each tick. What counts is
// the difference of the two, which take turns, so that what else the machine
// does hits both.
func BenchmarkNeighbour(b *testing.B) {
	const rounds, lasts = 3, 2 * time.Second
	for b.Loop() {
		gaps := map[bool][]time.Duration{}
		for range rounds {
			for _, busy := range []bool{false, true} {
				gaps[busy] = append(gaps[busy], neighbourGaps(b, busy, lasts)...)
			}
		}
		for busy, name := range map[bool]string{false: "alone", true: "beside"} {
			slices.Sort(gaps[busy])
			ms := func(q int) float64 { return gaps[busy][len(gaps[busy])*q/1000].Seconds() * 1000 }
			b.ReportMetric(ms(500), "p50-ms-"+name)
			b.ReportMetric(ms(990), "p99-ms-"+name)
			b.ReportMetric(ms(999), "p999-ms-"+name)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// neighbourGaps are those of all fifty.
func neighbourGaps(b *testing.B, busy bool, lasts time.Duration) (gaps []time.Duration) {
	n, d := mustNode(b), diary{steps: map[protocol.MatchID][]time.Time{}}
	for i := range 50 {
		d.write(n, protocol.MatchID(fmt.Sprint(i)), 30, idle)
	}
	if busy {
		d.write(n, "busy", 30, func(game.Tick) {
			for began := time.Now(); time.Since(began) < 150*time.Millisecond; {
			}
		})
	}
	<-time.After(lasts)
	n.stop()
	delete(d.steps, "busy")
	for _, at := range d.steps {
		for i := 1; i < len(at); i++ {
			gaps = append(gaps, at[i].Sub(at[i-1]))
		}
	}
	return gaps
}

// BenchmarkSimulation has a thousand matches of ten of the arena's bots tick
// once, without clients: rules, bots, snapshots and records, on all cores. It
// prints how many times as fast as 30 Hz that goes, and what of the memory of a
// match is there when it begins, and what is the record.
func BenchmarkSimulation(b *testing.B) {
	const count, hz = 1000, 30
	mode := mustMode(b, arena.NewMode(arena.Options{Name: "bots", Seats: 10, Hz: hz, RoundSeconds: 100_000}))
	before := heap()
	matches := make([]*Match, count)
	for i := range matches {
		matches[i] = newSimulation(b, mode, uint64(i))
	}
	fresh := heap() - before
	now := time.Now()
	tick := func() {
		now = now.Add(time.Second / hz)
		var all sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for w := range workers {
			all.Go(func() {
				for i := w; i < count; i += workers {
					matches[i].beat(now)
				}
			})
		}
		all.Wait()
	}
	for range hz {
		tick()
	}
	ticks := 0
	for b.Loop() {
		tick()
		ticks++
	}
	for _, m := range matches {
		if m.why != "" || m.tick < hz {
			b.Fatalf("match %s stands at tick %d: %s", m.id, m.tick, m.why)
		}
	}
	logged := 0
	for _, m := range matches {
		logged += len(*m.record.log())
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(ticks*count)*float64(runtime.GOMAXPROCS(0)), "µs/match-tick")
	b.ReportMetric(float64(ticks)/hz/b.Elapsed().Seconds(), "x-real-time")
	b.ReportMetric(fresh/count/1024, "KB/match")
	b.ReportMetric(float64(logged)/count/(float64(matches[0].tick)/hz/60)/1024, "record_KB/match-minute")
}

// newSimulation is a match all of whose seats are bots', one of them in place
// of a player who is away: it would end without any.
func newSimulation(tb testing.TB, mode *game.Mode, seed uint64) *Match {
	h := &Host{cfg: Config{PassKey: passKey, Bots: true}, log: slog.New(slog.DiscardHandler), news: newSeatNews()}
	m := newMatch(h, mode, &protocol.Start{Match: protocol.MatchID(fmt.Sprint(seed)), Mode: mode.Name, Seed: seed,
		Seats: []protocol.StartSeat{{Player: playerN(0)}}})
	m.now, m.running = time.Now(), true
	m.begun, m.pace = m.now, newPace(mode.Hz, m.now, 0)
	m.fill()
	return m
}

// heap is how many bytes live.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// TestAllPlayersMayComeAtOnce: there is room at the door for each seat, though
// no beat comes in between.
func TestAllPlayersMayComeAtOnce(t *testing.T) {
	for _, seats := range []int{10, 100} {
		mode := mustMode(t, arena.NewMode(arena.Options{Name: "full", Seats: seats}))
		if m := newSimulation(t, mode, 1); cap(m.inbox.Arrivals()) < seats {
			t.Errorf("room for %d at the door of a match of %d", cap(m.inbox.Arrivals()), seats)
		}
	}
}
