package cmd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/protocol"
)

// BenchmarkReady is how long a server takes from New to the first answer that
// it is ready, with so many accounts and results of duels in its folder; when
// there is a snapshot of the results, and when all are read.
func BenchmarkReady(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		accounts, results := n, 10*n
		b.Run(fmt.Sprintf("accounts=%d/results=%d", accounts, results), func(b *testing.B) {
			cfg := Config{Addr: "127.0.0.1:0", Data: b.TempDir(), Log: "error", Season: "3mo"}
			fill(b, cfg, accounts, results)
			for _, way := range []string{"read", "snapshot"} {
				b.Run(way, func(b *testing.B) {
					for range b.N {
						if way == "read" {
							b.StopTimer()
							_ = os.Remove(cfg.resultsFile())
							b.StartTimer()
						}
						untilReady(b, cfg)
					}
				})
			}
		})
	}
}

// fill makes guests, and has two of them at a time finish a duel.
func fill(b *testing.B, cfg Config, accounts, results int) {
	b.Helper()
	s, err := New(cfg, arena.Modes()...)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	// Not the server's own, which would send mail.
	c, err := career.Open(ctx, career.Config{Log: s.log}, s.node)
	if err != nil {
		b.Fatal(err)
	}
	counting := start(c.Run)
	of := s.lobby.Games()[0]
	players := make([]protocol.Player, accounts)
	each(b, accounts, func(i int) error {
		session, err := s.accounts.Guest(ctx, account.Game(of), fmt.Sprint("Player ", i))
		players[i] = protocol.Player{ID: session.Account.Player, Game: of}
		return err
	})
	each(b, results, func(i int) error {
		e := protocol.Ended{Match: protocol.MatchID(fmt.Sprintf("m%025d", i)), Game: of, Mode: "duel", Why: career.Finished, Ticks: 3000}
		first := rand.IntN(accounts)
		for j, p := range []int{first, (first + 1 + rand.IntN(accounts-1)) % accounts} {
			e.Seats = append(e.Seats, protocol.EndedSeat{Seat: game.Seat(j), Player: players[p]})
			e.Result = append(e.Result, game.Placing{Seat: game.Seat(j), Rank: int32(1 + j), Score: 10})
		}
		return c.Finish(ctx, e)
	})
	cancel()
	if err := errors.Join(counting.stop(), s.players.Close(), s.node.Close()); err != nil {
		b.Fatal(err)
	}
}

// each does something n times, much of it at once.
func each(b *testing.B, n int, do func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var doing sync.WaitGroup
	for range 64 {
		doing.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	if doing.Wait(); b.Failed() {
		b.FailNow()
	}
}

// untilReady starts a server, and stops it when nobody counts.
func untilReady(b *testing.B, cfg Config) {
	b.Helper()
	began := time.Now()
	s, err := New(cfg, arena.Modes()...)
	if err != nil {
		b.Fatal(err)
	}
	wired := time.Since(began)
	running := start(s.Run)
	for {
		resp, err := http.Get(s.URL() + "/readyz")
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			break
		}
	}
	b.StopTimer()
	b.Logf("wired in %v, ready in %v", wired, time.Since(began))
	if err := running.stop(); err != nil {
		b.Fatal(err)
	}
	b.StartTimer()
}
