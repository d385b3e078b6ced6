package match

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
)

// BenchmarkEncode is what it takes to make the frames of a tick, diff and all,
// for each client, in CPU time without the network. A body is made once for all at
// a base: a room of 100 takes as much for each as ten rooms of ten, though its
// bodies are eight times as long, and a hundred are told of a hundred. It prints
// what bodies and frames weigh, too.
//
//	go test -run x -bench Encode ./match
func BenchmarkEncode(b *testing.B) {
	for _, c := range []struct{ rooms, seats int }{{10, 10}, {1, 100}, {1, 16}} {
		b.Run(fmt.Sprintf("%dx%d", c.rooms, c.seats), func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			mode := mustMode(b, arena.NewMode(arena.Options{Name: "arena", Seats: c.seats, Hz: 30, RoundSeconds: 100_000}))
			rooms := make([]*flock, c.rooms)
			for i := range rooms {
				rooms[i] = newFlock(b, mode)
			}
			for range 300 {
				encode(rooms)
			}
			rooms[0].begin()
			spent := int64(0)
			for b.Loop() {
				spent += encode(rooms)
				rooms[0].ticks++
			}
			first := rooms[0]
			frames := float64(first.ticks * c.seats)
			b.ReportMetric(float64(spent)/frames/float64(c.rooms), "ns/client")
			b.ReportMetric(float64(first.bodies)/frames, "B/body")
			b.ReportMetric(float64(first.sizeP95()), "B/frame-p95")
		})
	}
}

// encode makes all rooms' next tick, and returns the CPU time that its frames
// took, in ns.
func encode(rooms []*flock) int64 {
	for _, f := range rooms {
		f.thinkAll()
		f.m.sim.Step(f.inputs)
	}
	begin := cpuTime()
	for _, f := range rooms {
		f.m.frames.advance(f.m.sim, f.m.sim.Now())
		f.compose()
	}
	return cpuTime() - begin
}

// thinkAll has each bot think.
func (f *flock) thinkAll() {
	now := f.m.sim.Now()
	for i := range f.inputs {
		f.inputs[i].Values = [game.MaxInputs]int32{}
		f.bots[i].Think(now, &f.inputs[i])
	}
}
