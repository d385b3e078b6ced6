package client

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// Delay is how long to wait before asking again: as long as the server said and
// up to half as long again, at least a second, at random, for it says whole
// seconds to everybody that it turns away. Zero: it said nothing.
func (p *Problem) Delay() time.Duration {
	if p.RetryAfter <= 0 {
		return 0
	}
	return p.RetryAfter + rand.N(max(p.RetryAfter/2, time.Second))
}

// connect opens the socket, and tries again for as long as the server says that
// too many come at this moment.
func (g *Game) connect(ctx context.Context, s *Session, url string) error {
	for {
		err := g.open(ctx, s, url)
		var busy *Problem
		if !errors.As(err, &busy) || !busy.passes() {
			return err
		}
		select {
		case <-time.After(busy.Delay()):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// passes says whether it may work later, by itself.
func (p *Problem) passes() bool {
	return p.Delay() > 0 && (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests)
}

// refusedUpgrade is what a handshake was answered with. Of the body there is
// what came along with the head.
func refusedUpgrade(resp *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	return problem(resp, body)
}
