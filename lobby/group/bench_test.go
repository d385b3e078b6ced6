package group_test

import (
	"math/rand/v2"
	"testing"
	"time"

	. "github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/grouptest"
)

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
		crowd grouptest.Crowd
		size  int // of every party, 0 for any
		same  bool
	}{
		{"triples", teams4, grouptest.Crowd{Players: 10_000, Wait: 30 * time.Second, Regions: 4}, 3, false},
		{"impatient", impatient, grouptest.Crowd{Players: 10_000, Wait: 30 * time.Second, Regions: 4}, 3, false},
		{"narrow", narrow, grouptest.Crowd{Players: 100_000, Wait: 30 * time.Second, Regions: 4}, 0, false},
		{"same", duel, grouptest.Crowd{Players: 100_000, Wait: 30 * time.Second, Regions: 4}, 0, true},
		{"regions64", wide, grouptest.Crowd{Players: 10_000, Largest: 4, Wait: 30 * time.Second, Regions: 64}, 0, false},
		{"ffa100", Rules{TeamSize: 100, Widen: curve, Regions: 4}, grouptest.Crowd{Players: 10_000, Largest: 4, Wait: 30 * time.Second, Regions: 4}, 0, false},
	} {
		tickets := test.crowd.Tickets(rand.New(rand.NewPCG(1, 1)))
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
