package hooks

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config says how events are delivered. A zero field means its default.
type Config struct {
	Timeout   time.Duration // of one attempt in all, default 10 s
	FirstWait time.Duration // before the second attempt, default 5 s; each wait is twice the one before, less up to half of it by chance
	MostWait  time.Duration // default 4 h
	GiveUp    time.Duration // how long nothing may be taken until an endpoint is disabled, default 5 days
	Grace     time.Duration // how long the secret before a rotation signs, too, default 24 h
	PerGame   int           // endpoints, default 16
	Most      int           // endpoints in all, and so requests under way, default 256

	PlainHTTP bool           // http: is as good as https:
	Allow     []netip.Prefix // networks that may be sent to although they are not public
	TLS       *tls.Config    // of requests, nil for the system's

	// Disabled, if set, hears that an endpoint was given up. It may be told
	// twice, and must not block for long.
	Disabled func(Endpoint)

	Log *slog.Logger // nil is slog.Default

	dial func(ctx context.Context, network, address string) (net.Conn, error) // of tests
}

func (c *Config) validate() error {
	whole(&c.Timeout, 10*time.Second)
	whole(&c.FirstWait, 5*time.Second)
	whole(&c.MostWait, 4*time.Hour)
	whole(&c.GiveUp, 5*24*time.Hour)
	whole(&c.Grace, 24*time.Hour)
	whole(&c.PerGame, 16)
	whole(&c.Most, 256)
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Disabled == nil {
		c.Disabled = func(Endpoint) {}
	}
	if min(c.Timeout, c.FirstWait, c.MostWait, c.GiveUp, c.Grace) < 0 || min(c.PerGame, c.Most) < 0 {
		return errors.New("hooks: a limit in Config is negative")
	}
	return nil
}

func whole[T int | time.Duration](field *T, byDefault T) {
	if *field == 0 {
		*field = byDefault
	}
}
