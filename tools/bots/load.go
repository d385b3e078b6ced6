package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol/client"
	"github.com/musterhq/muster/protocol/link"
)

// Config says what to simulate.
type Config struct {
	Server  string // addresses, with commas between
	Clients int
	Watch   int           // of them, who do not play
	Mode    string        // see mix
	For     time.Duration // of play, after the ramp
	Ramp    Ramp          // over which logins are spread
	Churn   Churn
	Seed    int64
	CA      string          // PEM file of certificates to trust beside the system's
	Net     link.Conditions // of each player's socket; REST goes straight

	netText string      // Net as it was said
	trust   *tls.Config // nil is Go's default
	servers []string
	mix     mix
}

// complete checks the config and fills in what follows from it.
func (c *Config) complete(seats int) (err error) {
	switch {
	case seats > 0 && c.Mode != "":
		return errors.New("-seats is a mode of its own: leave out -mode")
	case seats > 0:
		c.Mode = "bench-" + strconv.Itoa(seats)
	case c.Mode == "":
		c.Mode = "arena-ffa"
	}
	if c.mix, err = parseMix(c.Mode); err != nil {
		return err
	}
	for s := range strings.SplitSeq(c.Server, ",") {
		if u, err := url.Parse(s); err != nil || u.Host == "" {
			return fmt.Errorf("-server %q is no address such as http://127.0.0.1:8080", s)
		}
		c.servers = append(c.servers, s)
	}
	if c.Clients < 1 || c.For <= 0 {
		return errors.New("-n and -for must be above zero")
	}
	if c.Watch < 0 || c.Watch > c.Clients {
		return fmt.Errorf("-watch %d of -n %d", c.Watch, c.Clients)
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

// A display shows how a run goes, about once a second. What it is given does not
// change any more.
type display interface{ show(*Progress) }

// Run simulates until cfg.For is over or ctx is done, and reports. The config
// must be complete.
func Run(ctx context.Context, cfg Config, d display) *Report {
	all := cfg.Ramp.whole() + cfg.For
	ctx, cancel := context.WithTimeout(ctx, all)
	defer cancel()
	var doors []*client.API
	for _, server := range cfg.servers {
		api := client.New(server, client.WithTLS(cfg.trust))
		defer api.Close()
		doors = append(doors, api)
	}
	stats := newStats(&cfg)
	var wg sync.WaitGroup
	for i := range cfg.Clients {
		p := newPlayer(i, &cfg, doors, stats)
		wg.Go(func() { p.live(ctx) })
	}
	stats.watch(ctx, all, d)
	wg.Wait()
	return stats.report()
}
