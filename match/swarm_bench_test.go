package match

import (
	"slices"
	"testing"

	"github.com/musterhq/muster/game/swarm"
)

// BenchmarkSwarm is the tick of a thousand in one world, each of whom a bot
// plays, without the network: inputs taken in, the rules' step, and what each
// client is told, composed and written to a connection that takes all. It
// reports what that comes to for a client in a second, in the mean and for the
// one in twenty who is sent more than others, control messages and the heads of
// WebSocket included. How much of it is the rules' step, BenchmarkStep1000 in
// game/swarm says.
func BenchmarkSwarm(b *testing.B) {
	m := swarm.Modes()[1]
	m.MinPlayers = 1
	mode := mustMode(b, m)
	s := newSteady(b, mode, mode.Seats)
	for range 10 * mode.Hz {
		s.beat(true)
	}
	before := make([]uint64, len(s.m.clients))
	for i, c := range s.m.clients {
		before[i] = c.conn.BytesOut()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		s.send(true)
		b.StartTimer()
		s.m.beat(s.now)
	}
	b.StopTimer()
	sent, sum := make([]float64, len(before)), 0.0
	for i, c := range s.m.clients {
		sent[i] = float64(c.conn.BytesOut()-before[i]) * float64(mode.Hz) / float64(b.N)
		sum += sent[i]
	}
	slices.Sort(sent)
	b.ReportMetric(sum/float64(len(sent)), "B/s")
	b.ReportMetric(sent[len(sent)*95/100], "B/s-p95")
	s.sound(b)
}
