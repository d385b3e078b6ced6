package match

import (
	"log/slog"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/swarm"
	"github.com/musterhq/muster/protocol"
)

// BenchmarkSwarm is a thousand players in one world: what the rules take of a
// tick, and what it takes to make every client's frame, without the network: of
// that, index is who lies in which cell, and frames is all that is done by cell and
// by client. It prints means of CPU time, whatever else the machine does, and what
// the clients are sent. In bots the game's own play, in crowd all make for one spot;
// in spot a thousand animals of the toy move in a square as large as a cell, across
// the corner of four, and stay there.
//
//	go test -run x -bench Swarm -benchmem ./match
func BenchmarkSwarm(b *testing.B) {
	modes := swarm.Modes()
	thousand := modes[len(modes)-1]
	spot := herdSize{seats: 1000, side: swarm.World, cell: 1536, reach: swarm.Sight, speed: 30, crowd: true}.mode()
	for _, c := range []struct {
		name  string
		mode  game.Mode
		steer func(f *flock, now *game.Snapshot)
	}{{"bots", thousand, (*flock).think}, {"crowd", thousand, (*flock).gather}, {"spot", spot, func(*flock, *game.Snapshot) {}}} {
		b.Run(c.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			f := newFlock(b, mustMode(b, c.mode))
			f.steer = c.steer
			for range 300 {
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

// A flock is a match whose clients are all written to, every tick, and their
// frames thrown away.
type flock struct {
	m       *Match
	clients []*client
	steer   func(f *flock, now *game.Snapshot) // sets the inputs
	inputs  []game.Input
	bots    []game.Bot

	bytes               []int        // by client
	sizes               [1 << 14]int // how many frames there were, by size
	bodies              int          // bytes
	ticks               int
	step, index, frames int64 // CPU time, ns
	made, told          int   // segments
}

func newFlock(tb testing.TB, mode *game.Mode) *flock {
	h := &Host{cfg: Config{}, log: slog.New(slog.DiscardHandler)}
	f := &flock{m: newMatch(h, mode, &protocol.Start{Match: "m", Mode: mode.Name, Seed: 1})}
	for i := range mode.Seats {
		f.m.sim.Join(game.Seat(i))
		c := &client{seat: &f.m.seats[i], from: &f.m.seats[i], m: f.m, frames: f.m.frames}
		c.look(c.sees())
		f.clients = append(f.clients, c)
		f.inputs, f.bots = append(f.inputs, game.Input{Seat: game.Seat(i)}), append(f.bots, mode.Bot(game.Seat(i), 1))
	}
	f.begin()
	return f
}

// begin forgets what was measured.
func (f *flock) begin() {
	f.bytes, f.sizes, f.bodies = make([]int, len(f.clients)), [len(f.sizes)]int{}, 0
	f.ticks, f.step, f.index, f.frames = 0, 0, 0, 0
	f.told = 0
	if x := f.m.frames.interest; x != nil {
		f.made = x.made
	}
}

// think has a quarter of the bots think, so that the benchmark gets somewhere.
func (f *flock) think(now *game.Snapshot) {
	for i := range f.inputs {
		f.inputs[i].Values[swarm.InButtons] = 0
		if (i+int(now.Tick))%4 == 0 {
			f.bots[i].Think(now, &f.inputs[i])
		}
	}
}

// gather has everyone make for the middle.
func (f *flock) gather(now *game.Snapshot) {
	for i := range f.inputs {
		x, y := now.Eye(game.Seat(i))
		f.inputs[i].Values[swarm.InAim] = game.Heading(swarm.World/2-x, swarm.World/2-y) & 255
		f.inputs[i].Values[swarm.InThrottle] = swarm.FullThrottle
	}
}

func (f *flock) tick() {
	f.steer(f, f.m.sim.Now())
	begin := cpuTime()
	now := f.m.sim.Step(f.inputs)
	stepped := cpuTime()
	f.m.frames.advance(f.m.sim, now)
	indexed := cpuTime()
	f.compose()
	f.frames += cpuTime() - indexed
	f.step, f.index, f.ticks = f.step+stepped-begin, f.index+indexed-stepped, f.ticks+1
}

// compose makes every client's frame.
func (f *flock) compose() {
	for i, c := range f.clients {
		head, body, behind := c.compose()
		n := len(head) + len(body) + len(behind)
		c.wrote(n)
		f.bytes[i] += n
		f.sizes[min(n, len(f.sizes)-1)]++
		f.bodies += len(body)
		if x := f.m.frames.interest; x != nil {
			f.told += len(x.plan.told)
		}
	}
}

// cpuTime is what this thread has used, in ns. Not by getrusage, which is as
// coarse as the scheduler's ticks.
func cpuTime() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		panic(err)
	}
	return t.Nano()
}

func (f *flock) report(b *testing.B) {
	ticks := f.ticks
	perSecond := func(n int) float64 { return float64(n) * float64(f.m.mode.Hz) / float64(ticks) }
	slices.Sort(f.bytes)
	sum := 0
	for _, n := range f.bytes {
		sum += n
	}
	b.ReportMetric(float64(f.step)/float64(ticks), "step-ns")
	b.ReportMetric(float64(f.index)/float64(ticks), "index-ns")
	b.ReportMetric(float64(f.frames)/float64(ticks), "frames-ns")
	b.ReportMetric(perSecond(sum)/float64(len(f.clients)), "B/s-mean")
	b.ReportMetric(perSecond(f.bytes[len(f.bytes)*95/100]), "B/s-p95")
	b.ReportMetric(float64(f.sizeP95()), "B/frame-p95")
	b.ReportMetric(float64(f.m.frames.interest.made-f.made)/float64(ticks), "segments-made")
	b.ReportMetric(float64(f.told)/float64(ticks*len(f.clients)), "segments/frame")
}

// sizeP95 is what 95 of 100 frames do not exceed.
func (f *flock) sizeP95() (size int) {
	for least := f.ticks * len(f.clients) * 95 / 100; size < len(f.sizes); size++ {
		if least -= f.sizes[size]; least < 0 {
			break
		}
	}
	return size
}
