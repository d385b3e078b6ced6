package api

import (
	"fmt"
	"log/slog"
	"testing"
)

func benchSite(b *testing.B) *site {
	s, end := newSite(b, func(c *Config) { unlimited(c); c.Log = slog.New(slog.DiscardHandler) })
	b.Cleanup(end)
	b.ReportAllocs()
	return s
}

// BenchmarkLogin is a guest's login, without the network.
func BenchmarkLogin(b *testing.B) {
	s := benchSite(b)
	for b.Loop() {
		s.ask("POST", "/v1/login/guest", `{"name":"Ada"}`)
	}
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
