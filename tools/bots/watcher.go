package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// This file has the players who watch instead of play, as -watch says.

// watches says whether a player does: they are spread over all, so that they
// come with the ramp and are of every mode.
func (c *Config) watches(player int) bool {
	return (player+1)*c.Watch/c.Clients > player*c.Watch/c.Clients
}

// modeOf is which mode of the mix a player plays, or watches: both kinds are
// mixed by themselves.
func (c *Config) modeOf(player int) int {
	before := player * c.Watch / c.Clients // watchers
	if c.watches(player) {
		return c.mix.of(before)
	}
	return c.mix.of(player - before)
}

// lookAgain is how long to wait where there is no match to be watched.
const lookAgain = time.Second

// spectate logs in where that is still to do, and watches one match. That there
// is none yet, or that it is over or full meanwhile, is no error.
func (p *player) spectate(ctx context.Context) error {
	if err := p.login(ctx); err != nil {
		return fmt.Errorf("login: %w", err)
	}
	id, err := p.findMatch(ctx)
	if err != nil {
		return fmt.Errorf("find: %w", err)
	}
	var a client.Assignment
	if id != "" {
		a, err = p.askToWatch(ctx, id)
	}
	switch {
	case id == "" || missed(err):
		sleep(ctx, lookAgain)
		return nil
	case err != nil:
		return fmt.Errorf("watch: %w", err)
	}
	err = p.play(ctx, a)
	var refused protocol.Refused
	if errors.As(err, &refused) {
		return nil // it was over before we came
	}
	return err
}

// findMatch chooses one of those that are on, "" where there is none.
func (p *player) findMatch(ctx context.Context) (protocol.MatchID, error) {
	all, _, err := p.session.Running(ctx, url.Values{"mode": {p.cfg.mix.name(p.mode)}, "watchable": {"true"}})
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[p.chance.IntN(len(all))].ID, nil
}

// askToWatch asks for a pass, as long as the server only wants us to wait.
func (p *player) askToWatch(ctx context.Context, id protocol.MatchID) (client.Assignment, error) {
	for {
		a, err := p.session.Watch(ctx, id)
		var problem *client.Problem
		if !errors.As(err, &problem) || problem.RetryAfter == 0 || !sleep(ctx, problem.Delay()) {
			return a, err
		}
	}
}

// gone counts a match that cannot be watched on: that is no error.
func (p *player) gone(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return nil
	case missed(err):
		p.stats.lost.Add(1)
		return nil
	}
	return fmt.Errorf("watch: %w", err)
}

// missed says whether a match that was on is not to be watched any more.
func missed(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && (problem.Code == "match_not_found" || problem.Code == "spectators_full")
}

// followSomebody looks through the eye of a seat of chance, where there is a
// plane.
func followSomebody(g *client.Game, chance *rand.Rand) {
	j := g.Joined()
	if j.Seat != game.NoSeat || j.Schema.Space == nil || len(j.Roster) == 0 {
		return
	}
	g.Send(protocol.Follow{Seat: j.Roster[chance.IntN(len(j.Roster))].Seat})
}
