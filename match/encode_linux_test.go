package match

import (
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
)

// BenchmarkEncode is what it takes to make the frames of a tick, diff and all,
// for each client, without the network, and what bodies and frames weigh.
//
// In sizes ten rooms of ten and one room of a hundred take turns, tick by tick:
// whatever else the machine does, both meet it. A body is made once for all at a
// base, so a room of 100 takes less for each, though its bodies are eight times as
// long, and a hundred are told of a hundred.
//
//	go test -run x -bench Encode ./match
func BenchmarkEncode(b *testing.B) {
	b.Run("1x16", func(b *testing.B) {
		h := newHouse(b, 1, 16)
		for b.Loop() {
			h.tick()
		}
		first := h.rooms[0]
		frames := float64(first.ticks * h.seats)
		b.ReportMetric(h.nsPerClient(), "ns/client")
		b.ReportMetric(float64(first.bodies)/frames, "B/body")
		b.ReportMetric(float64(first.sizeP95()), "B/frame-p95")
	})
	b.Run("sizes", func(b *testing.B) {
		tens, hundred := newHouse(b, 10, 10), newHouse(b, 1, 100)
		for b.Loop() {
			tens.tick()
			hundred.tick()
		}
		b.ReportMetric(tens.nsPerClient(), "ns/client-10x10")
		b.ReportMetric(hundred.nsPerClient(), "ns/client-1x100")
		b.ReportMetric(hundred.nsPerClient()/tens.nsPerClient(), "1x100/10x10")
	})
}

// A house is so many arenas of so many seats, in which bots play.
type house struct {
	rooms []*flock
	seats int             // of each
	spent []time.Duration // by tick, on its frames
}

// newHouse returns one that has played for a while.
func newHouse(b *testing.B, rooms, seats int) *house {
	mode := mustMode(b, arena.NewMode(arena.Options{Name: "arena", Seats: seats, Hz: 30, RoundSeconds: 100_000}))
	h := &house{seats: seats}
	for range rooms {
		h.rooms = append(h.rooms, newFlock(b, mode))
	}
	for range 300 {
		h.tick()
	}
	for _, f := range h.rooms {
		f.begin()
	}
	h.spent = h.spent[:0]
	return h
}

// tick makes all rooms' next tick, and measures what its frames take.
func (h *house) tick() {
	for _, f := range h.rooms {
		f.thinkAll()
		f.m.sim.Step(f.inputs)
	}
	begin := time.Now()
	for _, f := range h.rooms {
		f.m.frames.advance(f.m.sim, f.m.sim.Now())
		f.compose()
		f.ticks++
	}
	h.spent = append(h.spent, time.Since(begin))
}

// nsPerClient is what the frames of a tick took for each client. It is a median, which
// does not heed the ticks in which the machine did something else for a while; nor the
// one in thirty in which a view is hashed.
func (h *house) nsPerClient() float64 {
	slices.Sort(h.spent)
	return float64(h.spent[len(h.spent)/2]) / float64(len(h.rooms)*h.seats)
}

// thinkAll has each bot think.
func (f *flock) thinkAll() {
	now := f.m.sim.Now()
	for i := range f.inputs {
		f.inputs[i].Values = [game.MaxInputs]int32{}
		f.bots[i].Think(now, &f.inputs[i])
	}
}
