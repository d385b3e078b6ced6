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

// BenchmarkGroupHard is of pools where little can be grouped, or all is alike.
func BenchmarkGroupHard(b *testing.B) {
	impatient := teams4
	impatient.Patience = 20 * time.Second
	narrow := duel
	narrow.Widen = []Window{{Gap: 0.001, Ping: 300}}
	wide := Rules{Teams: 2, TeamSize: 4, Regions: 64}
	for _, test := range []struct {
		name  string
		rules Rules
		crowd crowd
		size  int // of every party, 0 for any
		same  bool
	}{
		{"triples", teams4, crowd{players: 10_000, wait: 30 * time.Second, regions: 4}, 3, false},
		{"impatient", impatient, crowd{players: 10_000, wait: 30 * time.Second, regions: 4}, 3, false},
		{"narrow", narrow, crowd{players: 100_000, wait: 30 * time.Second, regions: 4}, 0, false},
		{"same", duel, crowd{players: 100_000, wait: 30 * time.Second, regions: 4}, 0, true},
		{"regions64", wide, crowd{players: 10_000, largest: 4, wait: 30 * time.Second, regions: 64}, 0, false},
		{"ffa100", Rules{TeamSize: 100, Widen: curve, Regions: 4}, crowd{players: 10_000, largest: 4, wait: 30 * time.Second, regions: 4}, 0, false},
	} {
		tickets := test.crowd.tickets(rand.New(rand.NewPCG(1, 1)))
		for i := range tickets {
			reshape(&tickets[i], test.size, test.same)
		}
		b.Run(test.name, func(b *testing.B) {
			var got Result
			b.ReportAllocs()
			for b.Loop() {
				got = Form(test.rules, tickets, nil, noon)
			}
			b.ReportMetric(float64(len(got.Groups)), "groups")
			b.ReportMetric(float64(len(got.Waiting)), "left")
		})
	}
}

func reshape(t *Ticket, size int, same bool) {
	if same {
		t.Members[0].Rating = 1000
	}
	for len(t.Members) < size {
		t.Members = append(t.Members, t.Members[0])
	}
}
