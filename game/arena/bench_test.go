package arena

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// BenchmarkStep16 steps a game of 16 with inputs that bots made before.
func BenchmarkStep16(b *testing.B) { benchStep(b, Options{Seats: 16}) }

// BenchmarkStep100 is the same with 100 on a map of nine copies.
func BenchmarkStep100(b *testing.B) { benchStep(b, Options{Seats: 100}) }

func benchStep(b *testing.B, opt Options) {
	const ticks = 1800
	opt.RoundSeconds = 3600
	p := newParty(b, opt, 7)
	inputs := p.Script(ticks)
	m := p.Mode()
	sim := newParty(b, opt, 7).Sim
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		if n > 0 && n%ticks == 0 {
			b.StopTimer()
			sim = game.NewSim(m, 7)
			for seat := range m.Seats {
				sim.Join(game.Seat(seat))
			}
			b.StartTimer()
		}
		sim.Step(inputs[n%ticks])
	}
}

// BenchmarkBot is the time one bot thinks in a game of 16, BenchmarkBot100 in
// one of 100.
func BenchmarkBot(b *testing.B)    { benchBot(b, Options{Seats: 16}) }
func BenchmarkBot100(b *testing.B) { benchBot(b, Options{Seats: 100}) }

func benchBot(b *testing.B, opt Options) {
	opt.RoundSeconds = 3600
	gametest.BenchBot(b, newParty(b, opt, 7))
}

// BenchmarkWire plays two minutes of 16 bots and reports what a tick changes:
// values, rows, and about how many bytes the body of a frame has for them.
func BenchmarkWire(b *testing.B) {
	const ticks = 3600
	for range b.N {
		p := newParty(b, Options{}, 7)
		var d game.Delta
		var changes, bytes [2]int
		var spawns int
		for range ticks {
			now := p.Play()
			if now.Tick < 3 {
				continue
			}
			base := p.At(now.Tick - 1)
			for i, prev := range []*game.Snapshot{nil, p.At(now.Tick - 2)} {
				d.Diff(prev, base, now, 0)
				changes[i] += len(d.Changes)
				bytes[i] += bodySize(&d, now)
			}
			spawns += len(d.Spawns)
		}
		b.ReportMetric(float64(changes[0])/ticks, "changes-plain/tick")
		b.ReportMetric(float64(changes[1])/ticks, "changes-linear/tick")
		b.ReportMetric(float64(bytes[0])/ticks, "B-plain/tick")
		b.ReportMetric(float64(bytes[1])/ticks, "B-linear/tick")
		b.ReportMetric(float64(spawns)/ticks, "spawns/tick")
	}
}

// bodySize is what protocol.AppendBody makes of d where every table has 9 to
// 16 rows, to within a few bytes; protocol itself lies above this package.
func bodySize(d *game.Delta, now *game.Snapshot) int {
	n, columns := 4, uint32(0)
	for _, c := range d.Changes {
		if columns>>c.Column&1 == 0 {
			columns |= 1 << c.Column
			n += 3
		}
		n += zigzagSize(c.By)
	}
	if len(d.Changes) > 0 {
		n += zigzagSize(int32(columns>>1)) + 2
	}
	values := d.Values
	for _, r := range d.Spawns {
		n += 2
		for _, col := range now.Layout().Schema.Tables[r.Table].Columns {
			if v := values[0]; col.Tick {
				n += zigzagSize(int32(now.Tick) - v)
			} else {
				n += zigzagSize(v)
			}
			values = values[1:]
		}
	}
	return n + 2*len(d.Despawns)
}

// zigzagSize is how many bytes msgpack needs for the zigzag of v.
func zigzagSize(v int32) int {
	switch z := uint32(v<<1) ^ uint32(v>>31); {
	case z < 128:
		return 1
	case z < 256:
		return 2
	case z < 1<<16:
		return 3
	}
	return 5
}
