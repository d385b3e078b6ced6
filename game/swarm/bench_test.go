package swarm

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/gametest"
)

// BenchmarkStep60 steps a game of 60 with inputs that bots made before, and
// BenchmarkStep1000 one of a thousand, with some 4,000 pellets.
func BenchmarkStep60(b *testing.B)   { benchStep(b, 60) }
func BenchmarkStep1000(b *testing.B) { benchStep(b, 1000) }

func benchStep(b *testing.B, seats int) {
	const settled, ticks = 600, 400
	p := newParty(b, Options{Seats: seats, RoundSeconds: 3600}, 7)
	for range settled {
		p.Play()
	}
	start := p.Save(nil)
	inputs := p.Script(ticks)
	blobs := 0
	var sim *game.Sim
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; b.Loop(); n++ {
		if n%ticks == 0 {
			b.StopTimer()
			sim, _ = game.LoadSim(p.Mode(), start)
			b.StartTimer()
		}
		blobs += sim.Step(inputs[n%ticks]).Count(Blobs)
	}
	b.ReportMetric(float64(blobs)/float64(b.N), "blobs")
}

// BenchmarkBot is the time one bot takes for a tick in a game of 60, and
// BenchmarkBot1000 in one of a thousand, all of which it is shown.
func BenchmarkBot(b *testing.B)     { benchBot(b, 60) }
func BenchmarkBot1000(b *testing.B) { benchBot(b, 1000) }

func benchBot(b *testing.B, seats int) {
	gametest.BenchBot(b, newParty(b, Options{Seats: seats, RoundSeconds: 3600}, 7))
}
