package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/game/swarm"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
	"github.com/musterhq/muster/protocol/link"
)

// A player is one simulated person, on its own goroutine.
type player struct {
	number  int
	watches bool // and does not play
	cfg     *Config
	mode    int // of the mix
	doors   []*client.API
	door    int // the address that it uses
	stats   *stats
	chance  *rand.Rand
	session *client.Session
	dial    func(context.Context, string) (net.Conn, error) // nil goes straight
}

// newPlayer spreads players over addresses and modes.
func newPlayer(number int, cfg *Config, doors []*client.API, s *stats) *player {
	p := &player{number: number, watches: cfg.watches(number), cfg: cfg, mode: cfg.modeOf(number), doors: doors, door: number % len(doors), stats: s}
	p.chance = rand.New(rand.NewPCG(p.seed(), 1))
	if cfg.Net != (link.Conditions{}) {
		p.dial = link.New(cfg.Net, p.seed()).Dial
	}
	return p
}

func (p *player) seed() uint64 { return uint64(p.cfg.Seed)<<20 + uint64(p.number) }

// live plays match after match until ctx is done, or watches them.
func (p *player) live(ctx context.Context) {
	if !sleep(ctx, p.cfg.Ramp.start(p.number, p.cfg.Clients)) {
		return
	}
	round := p.spectate
	if !p.watches {
		p.stats.begun.Add(1)
		round = p.round
	}
	for try := 0; ctx.Err() == nil; try++ {
		if err := round(ctx); err == nil {
			try = 0
		} else if ctx.Err() == nil {
			p.stats.failed(err)
			p.failOver(err)
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
	ticket, err := p.session.CreateTicket(ctx, p.cfg.mix.name(p.mode))
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
	p.session, err = p.doors[p.door].LoginGuest(ctx, fmt.Sprintf("bot %d", p.number))
	if err == nil {
		p.stats.login.add(time.Since(start))
	}
	return err
}

// failOver goes to the next address where one does not answer, or is about to
// end. What a server refuses, it refuses by any address.
func (p *player) failOver(err error) {
	if len(p.doors) == 1 || answered(err) {
		return
	}
	p.door = (p.door + 1) % len(p.doors)
	p.session = nil
	p.stats.failovers.Add(1)
}

// answered reports whether an error is a healthy server's word.
func answered(err error) bool {
	var problem *client.Problem
	var refused protocol.Refused
	var reason protocol.Reason
	switch {
	case errors.As(err, &problem):
		return problem.Status < 500
	case errors.As(err, &reason):
		return reason != protocol.Draining && reason != protocol.GoingAway
	}
	return errors.As(err, &refused)
}

// giveUp leaves the queue when time is up.
func (p *player) giveUp(ticket string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if ticket != "" {
		_ = p.session.CancelTicket(ctx, ticket)
	}
}

// How a player has ended a connection itself.
const (
	stayed int32 = iota
	cutOff
	walkedOut
)

// play plays a match to its end, over as many connections as that takes, or
// until the player has enough of it.
func (p *player) play(ctx context.Context, a client.Assignment) error {
	var patience <-chan time.Time
	if d := p.cfg.Churn.Leave; d > 0 {
		patience = time.After(p.about(d))
	}
	var lost *client.Resume
	for {
		how, resume, err := p.sit(ctx, a, lost, patience)
		var refused protocol.Refused
		switch {
		case err != nil && lost != nil && errors.As(err, &refused):
			p.stats.lost.Add(1) // the match went on without, or ended
			return nil
		case err != nil:
			return err
		case how == walkedOut:
			p.stats.walkouts.Add(1)
			sleep(ctx, p.about(p.cfg.Churn.Away))
			return nil
		case how == stayed || ctx.Err() != nil:
			return nil
		}
		p.stats.cuts.Add(1)
		if !sleep(ctx, p.about(p.cfg.Churn.Back)) {
			return nil
		}
		if lost = resume; p.watches {
			if a, err = p.askToWatch(ctx, a.Match); err != nil {
				return p.gone(ctx, err)
			}
		}
	}
}

// about is a time of chance with a mean.
func (p *player) about(mean time.Duration) time.Duration {
	return time.Duration(p.chance.ExpFloat64() * float64(mean))
}

// sit takes the seat, or takes it up again, and plays until the connection
// ends; an end that the player made is no error.
func (p *player) sit(ctx context.Context, a client.Assignment, lost *client.Resume, patience <-chan time.Time) (how int32, resume *client.Resume, err error) {
	view := newView(p.stats, p.number, p.mode, p.watches)
	g, err := p.session.Join(ctx, a, client.Options{Dial: p.dial, Bot: p.bot, Watch: view.frame, Control: view.control, Resume: lost})
	if err != nil {
		return stayed, nil, fmt.Errorf("join: %w", err)
	}
	if lost != nil {
		p.stats.resumes.Add(1)
	}
	view.joined(g.Joined(), a.Match)
	followSomebody(g, p.chance)
	stop := context.AfterFunc(ctx, func() { view.end(); g.Leave() })
	defer stop()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.Ramp.whole()+p.cfg.For+2*time.Second)
	defer cancel()
	var beside sync.WaitGroup
	beside.Go(func() { p.stats.sampleRTT(g, p.number) })
	var ended atomic.Int32
	beside.Go(func() { p.tire(g, view, &ended, patience) })
	defer beside.Wait()
	_, err = g.Wait(grace)
	view.end()
	resume = g.Resume()
	if r := g.Goodbye(); r != nil {
		p.stats.goodbye(*r, p.watches)
	}
	g.Cut()
	if how = ended.Load(); err != nil && ctx.Err() == nil && how != cutOff {
		return how, nil, fmt.Errorf("play: %w", err)
	}
	return how, resume, nil
}

// tire ends the connection as churn has it: cut off, as by a lost network, or
// left in good order. It returns when the connection has ended.
func (p *player) tire(g *client.Game, v *view, ended *atomic.Int32, patience <-chan time.Time) {
	var cut <-chan time.Time
	if d := p.cfg.Churn.Cut; d > 0 {
		timer := time.NewTimer(p.about(d))
		defer timer.Stop()
		cut = timer.C
	}
	select {
	case <-g.Done():
	case <-cut:
		ended.Store(cutOff)
		v.end()
		g.Cut()
	case <-patience:
		ended.Store(walkedOut)
		v.end()
		g.Leave()
	}
}

// known are the modes whose bots are known here.
var known = sync.OnceValue(func() []game.Mode { return slices.Concat(arena.Modes(), swarm.Modes()) })

// bot makes the policy for what is played: the game's own, or a random one.
func (p *player) bot(j *protocol.Joined) game.Bot {
	i := slices.IndexFunc(known(), func(m game.Mode) bool { return m.Name == j.Mode && m.Bot != nil })
	if i < 0 {
		return game.RandomBot(j.Schema)(j.Seat, p.seed())
	}
	return known()[i].Bot(j.Seat, p.seed())
}

// sleep waits for d and reports whether ctx is still good.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// backoff is how long to wait before the next try: what the server said and
// some, or full jitter up to 10 s.
func backoff(try int, err error) time.Duration {
	var problem *client.Problem
	if errors.As(err, &problem) && problem.RetryAfter > 0 {
		return problem.Delay()
	}
	most := min(500*time.Millisecond<<min(try, 5), 10*time.Second)
	return rand.N(most)
}
