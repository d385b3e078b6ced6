package group

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"
)

// quality reports how good groups are, beside how long they took to make.
func quality(b *testing.B, got Result, random float64) {
	gap, oldest, grouped := 0., time.Duration(0), 0
	for _, g := range got.Groups {
		gap += g.Why.Gap / float64(len(got.Groups))
		grouped += g.Players
	}
	for _, w := range got.Waiting {
		oldest = max(oldest, w.Window.After)
	}
	b.ReportMetric(gap, "gap")
	b.ReportMetric(100*gap/random, "%random")
	b.ReportMetric(oldest.Seconds(), "oldest_left_s")
	b.ReportMetric(float64(grouped), "grouped")
	b.ReportMetric(float64(len(got.Waiting)), "left")
}

func BenchmarkGroup1v1(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			tickets := crowd{players: n, wait: 30 * time.Second, regions: 4}.tickets(rng)
			random := randomGap(duel, tickets, rng)
			var got Result
			b.ReportAllocs()
			for b.Loop() {
				got = Form(duel, tickets, nil, noon)
			}
			quality(b, got, random)
		})
	}
}

func BenchmarkGroup4v4(b *testing.B) {
	for _, n := range []int{10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			tickets := crowd{players: 3 * n, largest: 4, wait: 30 * time.Second, regions: 4}.tickets(rng)[:n]
			random := randomTeamGap(teams4, tickets, rng)
			var got Result
			b.ReportAllocs()
			for b.Loop() {
				got = Form(teams4, tickets, nil, noon)
			}
			quality(b, got, random)
		})
	}
}
