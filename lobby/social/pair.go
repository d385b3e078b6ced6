package social

import (
	"context"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// pairs has the verbs between two players come one after the other. Each is of
// several writes, and would find the other's half done.
type pairs struct {
	mu sync.Mutex
	of map[pair]*turn // under mu: who is at it, or waits
}

type pair struct {
	game string
	a, b protocol.PlayerID // in order
}

// A turn is held by who has put its one token in.
type turn struct {
	token chan struct{}
	users int // under pairs.mu
}

// take waits for a turn between two players, which done gives back.
func (p *pairs) take(ctx context.Context, one address, other protocol.PlayerID) (done func(), err error) {
	key := pair{one.game, min(one.player, other), max(one.player, other)}
	t := p.join(key)
	select {
	case t.token <- struct{}{}:
		return func() { <-t.token; p.leave(key, t) }, nil
	case <-ctx.Done():
		p.leave(key, t)
		return nil, ctx.Err()
	}
}

func (p *pairs) join(key pair) *turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.of[key]
	if t == nil {
		t = &turn{token: make(chan struct{}, 1)}
		p.of[key] = t
	}
	t.users++
	return t
}

func (p *pairs) leave(key pair, t *turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.users--; t.users == 0 {
		delete(p.of, key)
	}
}
