package lobby

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
)

// Config says how a lobby is run. A zero field means its default.
type Config struct {
	Modes []*game.Mode // what can be queued for, as game.Mode.WithDefaults made them; at least one

	Countdown    time.Duration // in the room before the lease; zero: none
	RoomBeat     time.Duration // between two reads of a room's connections, default 100 ms
	CycleEvery   time.Duration // between two cycles of the matchmaker at least, default 100 ms
	LeaseTimeout time.Duration // for a host to answer, default 2 s
	OrderTimeout time.Duration // for a host to do what an operator wants, default 3 s
	LeaseTries   int           // hosts that may refuse a ticket until it fails, default 5
	LeasePause   time.Duration // in which a mode forms no group after a refusal, default 500 ms

	MaxTickets  int           // that are not final, default 100,000
	MaxPolls    int           // at a time for one ticket, default 4
	TicketIdle  time.Duration // without poll or socket until a waiting ticket is cancelled, default 60 s
	TicketKeep  time.Duration // a final ticket can still be asked for, default 60 s
	MatchKeep   time.Duration // after a lease, should its end not be heard of, default 12 h
	SweepEvery  time.Duration // between two looks for what is to be forgotten, default 5 s
	ResultsKept int           // of matches that ended last, default 1,024

	Log *slog.Logger // nil is slog.Default
}

// Deps are what a lobby stands on.
type Deps struct {
	Bus   bus.Bus
	Hall  *socket.Hall        // where connections stand that are in no room
	Board *socket.Switchboard // where the matches of this node take in connections

	Results Results      // keeps how matches come out; nil: nobody does
	Ready   func() error // says why nothing can be kept now, so that no match shall begin; nil: always ready
	Ratings Ratings      // nil: all are equal
	// Unqueued, if set, is told that a party's ticket has become final, however
	// that came about. It must not block.
	Unqueued func(party store.PartyID, ticket store.TicketID)
}

// Results keeps results.
type Results interface {
	// Finish returns nil once a result is kept and counted; of one match it may
	// be called several times.
	Finish(ctx context.Context, e protocol.Ended) error
}

// Ratings say how good players are.
type Ratings interface {
	// Skill is a player's most likely one in a mode, in points, as
	// rating.Model.Skill gives it. It must be quick and may not block.
	Skill(game, mode string, p protocol.PlayerID) float64
}

// validate fills in defaults and refuses what cannot work.
func (c *Config) validate() error {
	if len(c.Modes) == 0 {
		return errors.New("lobby: no modes")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	c.defaults()
	if min(c.Countdown, c.RoomBeat, c.CycleEvery, c.LeaseTimeout, c.OrderTimeout, c.LeasePause,
		c.TicketIdle, c.TicketKeep, c.MatchKeep, c.SweepEvery) < 0 ||
		min(c.LeaseTries, c.MaxTickets, c.MaxPolls, c.ResultsKept) < 0 {
		return errors.New("lobby: a limit in Config is negative")
	}
	return nil
}

func (c *Config) defaults() {
	orElse(&c.RoomBeat, 100*time.Millisecond)
	orElse(&c.CycleEvery, 100*time.Millisecond)
	orElse(&c.LeaseTimeout, 2*time.Second)
	orElse(&c.OrderTimeout, 3*time.Second)
	orElse(&c.LeaseTries, 5)
	orElse(&c.LeasePause, 500*time.Millisecond)
	orElse(&c.MaxTickets, 100_000)
	orElse(&c.MaxPolls, 4)
	orElse(&c.TicketIdle, time.Minute)
	orElse(&c.TicketKeep, time.Minute)
	orElse(&c.MatchKeep, 12*time.Hour)
	orElse(&c.SweepEvery, 5*time.Second)
	orElse(&c.ResultsKept, 1024)
}

// orElse gives a field its default where it was left zero.
func orElse[T int | time.Duration](field *T, byDefault T) {
	if *field == 0 {
		*field = byDefault
	}
}
