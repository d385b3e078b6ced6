package match

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/swarm"
	"github.com/musterhq/muster/protocol"
)

// BenchmarkSwarm is a thousand players in one world: what the rules take of a
// tick, and what it takes to make every client's frame, without the network. It
// prints medians over the ticks, and what the clients are sent. In crowd all
// make for one spot.
//
//	go test -run x -bench Swarm -benchmem ./match
func BenchmarkSwarm(b *testing.B) {
	for _, crowd := range []bool{false, true} {
		b.Run(map[bool]string{false: "spread", true: "crowd"}[crowd], func(b *testing.B) {
			f := newFlock(b, crowd)
			for range 400 {
				f.tick()
			}
			f.begin()
			b.ReportAllocs()
			for b.Loop() {
				f.tick()
			}
			f.report(b)
		})
	}
}

// A flock is a match of the swarm whose clients are all written to, every tick,
// and their frames thrown away.
type flock struct {
	m       *Match
	clients []*client
	crowd   bool
	inputs  []game.Input
	chance  game.Rand

	bytes             []int // by client
	sizes             []int // of frames
	step, index, rest []time.Duration
	made, told        int // segments
}

func newFlock(tb testing.TB, crowd bool) *flock {
	modes := swarm.Modes()
	mode := mustMode(tb, modes[len(modes)-1])
	h := &Host{cfg: Config{}, log: slog.New(slog.DiscardHandler)}
	f := &flock{m: newMatch(h, mode, &protocol.Start{Match: "m", Mode: mode.Name, Seed: 1}), crowd: crowd, chance: 1}
	for i := range mode.Seats {
		f.m.sim.Join(game.Seat(i))
		c := &client{seat: &f.m.seats[i], m: f.m, frames: f.m.frames}
		c.look(c.sees())
		f.clients = append(f.clients, c)
		f.inputs = append(f.inputs, game.Input{Seat: game.Seat(i)})
	}
	f.begin()
	return f
}

// begin forgets what was measured.
func (f *flock) begin() {
	f.bytes, f.sizes = make([]int, len(f.clients)), f.sizes[:0]
	f.step, f.index, f.rest = f.step[:0], f.index[:0], f.rest[:0]
	f.made, f.told = f.m.frames.interest.made, 0
}

// steer has everyone turn now and then, or make for the middle; some split.
func (f *flock) steer(now *game.Snapshot) {
	for i := range f.inputs {
		in := &f.inputs[i]
		in.Values[swarm.InThrottle] = swarm.FullThrottle
		in.Values[swarm.InButtons] = 0
		if f.chance.N(200) == 0 {
			in.Values[swarm.InButtons] = swarm.ButtonSplit
		}
		if f.crowd {
			x, y := now.Eye(game.Seat(i))
			in.Values[swarm.InAim] = game.Heading(swarm.World/2-x, swarm.World/2-y) & 255
		} else if f.chance.N(30) == 0 {
			in.Values[swarm.InAim] = f.chance.N(256)
		}
	}
}

func (f *flock) tick() {
	f.steer(f.m.sim.Now())
	begin := time.Now()
	now := f.m.sim.Step(f.inputs)
	stepped := time.Now()
	f.m.frames.advance(f.m.sim, now)
	indexed := time.Now()
	for i, c := range f.clients {
		head, body, behind := c.compose()
		n := len(head) + len(body) + len(behind)
		c.wrote(n)
		f.bytes[i] += n
		f.sizes = append(f.sizes, n)
		f.told += len(f.m.frames.interest.plan.told)
	}
	f.step, f.index, f.rest = append(f.step, stepped.Sub(begin)), append(f.index, indexed.Sub(stepped)), append(f.rest, time.Since(indexed))
}

func (f *flock) report(b *testing.B) {
	ticks := len(f.step)
	perSecond := func(n int) float64 { return float64(n) * float64(f.m.mode.Hz) / float64(ticks) }
	slices.Sort(f.bytes)
	slices.Sort(f.sizes)
	sum := 0
	for _, n := range f.bytes {
		sum += n
	}
	b.ReportMetric(median(f.step), "step-ns")
	b.ReportMetric(median(f.index), "index-ns")
	b.ReportMetric(median(f.rest), "frames-ns")
	b.ReportMetric(perSecond(sum)/float64(len(f.clients)), "B/s-mean")
	b.ReportMetric(perSecond(f.bytes[len(f.bytes)*95/100]), "B/s-p95")
	b.ReportMetric(float64(f.sizes[len(f.sizes)*95/100]), "B/frame-p95")
	b.ReportMetric(float64(f.m.frames.interest.made-f.made)/float64(ticks), "segments-made")
	b.ReportMetric(float64(f.told)/float64(ticks*len(f.clients)), "segments/frame")
}

func median(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Nanoseconds())
}
