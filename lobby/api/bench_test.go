package api

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musterhq/muster/lobby"
)

func benchSite(b *testing.B) *site {
	s, end := newSite(b, func(c *Config) { unlimited(c); c.Log = slog.New(slog.DiscardHandler) })
	b.Cleanup(end)
	b.ReportAllocs()
	return s
}

// BenchmarkGuestLogin is what that of lobby/account is, over REST without the
// network: guests who come from 16 goroutines a core, as requests do.
func BenchmarkGuestLogin(b *testing.B) {
	s := benchSite(b)
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.ask("POST", "/v1/login/guest", `{"name":"Ada"}`).is("login", 200, "")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "logins/s")
}

// BenchmarkTickets is a ticket's creation, one look at it and its
// cancellation, each by a player of its own.
func BenchmarkTickets(b *testing.B) {
	s := benchSite(b)
	var bearers []string
	for i := range 100 {
		_, bearer := s.guest(fmt.Sprint("Player ", i))
		bearers = append(bearers, bearer)
	}
	for i := 0; b.Loop(); i++ {
		bearer := bearers[i%len(bearers)]
		x := s.ticket(bearer, "duel")
		s.ask("GET", "/v1/tickets/"+string(x.ID), "", bearer)
		s.ask("DELETE", "/v1/tickets/"+string(x.ID), "", bearer)
	}
}

// BenchmarkIntakeREST is tickets created over REST, from the request to the
// answer, by many players at a time, each of whom queues once.
func BenchmarkIntakeREST(b *testing.B) {
	s, end := newSiteOver(b, lobby.Config{MaxTickets: 1 << 30, CycleEvery: time.Hour}, func(c *Config) {
		unlimited(c)
		c.Log = slog.New(slog.DiscardHandler)
	})
	b.Cleanup(end)
	s.free = true
	var bearers []string
	for i := range b.N {
		_, bearer := s.guest(fmt.Sprint("Player ", i))
		bearers = append(bearers, bearer)
	}
	var next atomic.Int64
	b.SetParallelism(100)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			bearer := bearers[next.Add(1)-1]
			s.ask("POST", "/v1/tickets", `{"mode":"pairs","pings":{"eu":20,"us":110}}`, bearer).is("created", 201, "")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
}
