package lobby

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/grouptest"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
)

// widening is like what a mode would have.
var widening = game.Matchmaking{
	Widen: []game.Window{{Gap: 100, Ping: 60}, {After: 10 * time.Second, Gap: 200, Ping: 90},
		{After: 30 * time.Second, Gap: 500, Ping: 150}, {After: time.Minute, Gap: 1200, Ping: 250}},
	Regions: []string{"a", "b", "c", "d"},
}

// rowsOf are tickets as the store has them.
func rowsOf(tickets []group.Ticket) []*store.Ticket {
	rows := make([]*store.Ticket, len(tickets))
	for i, t := range tickets {
		rows[i] = &store.Ticket{ID: store.TicketID(strconv.Itoa(i)), Seq: t.ID, Created: t.Since, State: store.Waiting}
		for j, m := range t.Members {
			who := protocol.Player{ID: protocol.PlayerID(fmt.Sprintf("%d-%d", i, j))}
			rows[i].Members = append(rows[i].Members, store.Member{Player: who, Skill: m.Rating, Pings: m.Pings})
		}
	}
	return rows
}

// planning measures a cycle's pure part: from the rows of the store to the
// seats of the groups.
func planning(b *testing.B, m *game.Mode, tickets []group.Ticket, chance func(group.Rules, []group.Ticket, *rand.Rand) float64) {
	q, rows := queueOf(b, m), rowsOf(tickets)
	random := chance(q.rules, tickets, rand.New(rand.NewPCG(1, 2)))
	var result group.Result
	b.ReportAllocs()
	for b.Loop() {
		_, result = q.plan(rows, nil, grouptest.Noon)
	}
	quality(b, result, random)
}

// quality reports how good groups are, beside how long they took to make.
func quality(b *testing.B, got group.Result, random float64) {
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
			crowd := grouptest.Crowd{Players: n, Wait: 30 * time.Second, Regions: 4}
			planning(b, teams("duel", 2, 1, widening), crowd.Tickets(rand.New(rand.NewPCG(1, 1))), grouptest.RandomGap)
		})
	}
}

func BenchmarkGroup4v4(b *testing.B) {
	for _, n := range []int{10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			crowd := grouptest.Crowd{Players: 3 * n, Largest: 4, Wait: 30 * time.Second, Regions: 4}
			planning(b, teams("teams", 2, 4, widening), crowd.Tickets(rand.New(rand.NewPCG(1, 1)))[:n], grouptest.RandomTeamGap)
		})
	}
}

// BenchmarkIntake puts tickets into the queue, as a thousand callers at a time
// do who each wait until theirs is there. Nobody is grouped meanwhile: the
// mode wants more players than come.
func BenchmarkIntake(b *testing.B) {
	m := teams("m", 2, 1, game.Matchmaking{Widen: widening.Widen, Regions: widening.Regions, Match: []string{"map"}})
	hall := socket.NewHall(socket.HallConfig{})
	l, err := New(Config{Modes: []*game.Mode{m}, MaxTickets: 1 << 30, CycleEvery: time.Hour, SweepEvery: time.Hour, Log: slog.New(slog.DiscardHandler)},
		Deps{Bus: bus.NewLocal(), Hall: hall, Board: socket.NewSwitchboard()})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { defer close(done); l.Run(ctx) }()
	var n atomic.Int64
	pings := store.Pings{"a": 20 * time.Millisecond, "b": 90 * time.Millisecond}
	b.ReportAllocs()
	b.SetParallelism(500)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := protocol.PlayerID(strconv.FormatInt(n.Add(1), 36))
			w := Wish{Players: []Seeker{{protocol.Player{ID: id, Game: game.DefaultGame}, pings}}, Mode: "m"}
			if _, err := l.Enqueue(ctx, w); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
	cancel()
	<-done
}
