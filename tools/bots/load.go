package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/game/swarm"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
	"github.com/musterhq/muster/protocol/link"
)

// Config says what to simulate.
type Config struct {
	Server  string
	Clients int
	Mode    string
	For     time.Duration // of play, after the ramp
	Ramp    time.Duration // over which logins are spread
	Seed    int64
	CA      string          // PEM file of certificates to trust beside the system's
	Net     link.Conditions // of each player's socket; REST goes straight

	trust *tls.Config // nil is Go's default
}

func (c *Config) complete(seats int) error {
	switch {
	case seats > 0 && c.Mode != "":
		return errors.New("-seats is a mode of its own: leave out -mode")
	case seats > 0:
		c.Mode = "bench-" + strconv.Itoa(seats)
	case c.Mode == "":
		c.Mode = "arena-ffa"
	}
	if u, err := url.Parse(c.Server); err != nil || u.Host == "" {
		return fmt.Errorf("-server %q is no address such as http://127.0.0.1:8080", c.Server)
	}
	if c.Clients < 1 || c.For <= 0 || c.Ramp < 0 {
		return errors.New("-n and -for must be above zero")
	}
	if c.CA != "" {
		return c.trustCA()
	}
	return nil
}

// trustCA trusts what the system does, and the certificates of a file.
func (c *Config) trustCA() error {
	certs, err := os.ReadFile(c.CA)
	if err != nil {
		return fmt.Errorf("-ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(certs) {
		return fmt.Errorf("-ca: %s holds no certificate in PEM", c.CA)
	}
	c.trust = &tls.Config{RootCAs: pool}
	return nil
}

// Run simulates until cfg.For is over or ctx is done, and reports.
func Run(ctx context.Context, cfg Config, status io.Writer) *Report {
	api := client.New(cfg.Server, client.WithTLS(cfg.trust))
	defer api.Close()
	ctx, cancel := context.WithTimeout(ctx, cfg.Ramp+cfg.For)
	defer cancel()
	stats := newStats(cfg.Clients)
	var wg sync.WaitGroup
	for i := range cfg.Clients {
		p := &player{number: i, cfg: &cfg, api: api, stats: stats}
		if cfg.Net != (link.Conditions{}) {
			p.dial = link.New(cfg.Net, p.seed()).Dial
		}
		wg.Go(func() { p.live(ctx) })
	}
	stats.watch(ctx, status)
	wg.Wait()
	return stats.report()
}

// A player is one simulated person, on its own goroutine.
type player struct {
	number  int
	cfg     *Config
	api     *client.API
	stats   *stats
	session *client.Session
	dial    func(context.Context, string) (net.Conn, error) // nil goes straight
}

func (p *player) seed() uint64 { return uint64(p.cfg.Seed)<<20 + uint64(p.number) }

// live plays match after match until ctx is done.
func (p *player) live(ctx context.Context) {
	if !sleep(ctx, p.cfg.Ramp*time.Duration(p.number)/time.Duration(p.cfg.Clients)) {
		return
	}
	for try := 0; ctx.Err() == nil; try++ {
		if err := p.round(ctx); err == nil {
			try = 0
		} else if ctx.Err() == nil {
			p.stats.failed(err)
			sleep(ctx, backoff(try, err))
		}
	}
}

// round logs in where that is still to do, and plays one match.
func (p *player) round(ctx context.Context) error {
	if err := p.login(ctx); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	start := time.Now()
	ticket, err := p.session.CreateTicket(ctx, p.cfg.Mode)
	if err != nil {
		return fmt.Errorf("ticket: %w", err)
	}
	if ticket, err = p.session.AwaitPlaced(ctx, ticket.ID); err != nil {
		if ctx.Err() != nil {
			p.giveUp(ticket.ID)
		}
		return fmt.Errorf("queue: %w", err)
	}
	p.stats.place.add(time.Since(start))
	return p.play(ctx, ticket.Assignment)
}

func (p *player) login(ctx context.Context) (err error) {
	if p.session != nil {
		return nil
	}
	start := time.Now()
	p.session, err = p.api.LoginGuest(ctx, fmt.Sprintf("bot %d", p.number))
	if err == nil {
		p.stats.login.add(time.Since(start))
	}
	return err
}

// giveUp leaves the queue when time is up.
func (p *player) giveUp(ticket string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if ticket != "" {
		_ = p.session.CancelTicket(ctx, ticket)
	}
}

func (p *player) play(ctx context.Context, a client.Assignment) error {
	view := &view{stats: p.stats}
	g, err := p.session.Join(ctx, a, client.Options{Dial: p.dial, Bot: p.bot, Watch: view.frame, Control: view.control})
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	view.joined(g.Joined())
	p.stats.joined(p.number, a.Match)
	stop := context.AfterFunc(ctx, func() { view.end(); g.Leave() })
	defer stop()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.Ramp+p.cfg.For+2*time.Second)
	defer cancel()
	var sampling sync.WaitGroup
	sampling.Go(func() { p.stats.sampleRTT(g) })
	defer sampling.Wait()
	_, err = g.Wait(grace)
	view.end()
	if r := g.Goodbye(); r != nil {
		p.stats.goodbye(*r)
	}
	g.Cut()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("play: %w", err)
	}
	return nil
}

// bot makes the policy for what is played: the game's own, or a random one.
func (p *player) bot(j *protocol.Joined) game.Bot {
	for _, m := range slices.Concat(arena.Modes(), swarm.Modes()) {
		if m.Name == j.Mode && m.Bot != nil {
			return m.Bot(j.Seat, p.seed())
		}
	}
	return game.RandomBot(j.Schema)(j.Seat, p.seed())
}

// sleep waits for d and reports whether ctx is still good.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// backoff is how long to wait before the next try: what the server said, and
// some, or full jitter up to 10 s.
func backoff(try int, err error) time.Duration {
	var problem *client.Problem
	if errors.As(err, &problem) && problem.RetryAfter > 0 {
		return problem.Delay()
	}
	most := min(500*time.Millisecond<<min(try, 5), 10*time.Second)
	return rand.N(most)
}
