package lobby

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// leased is a host's answer to a lease, or why there is none.
type leased struct {
	store.Placing
	err error
}

// ask leases the group to a match host. The match is written down first, so
// that its end finds it however soon it comes; a lease that is refused or not
// answered in time is void, and its end, should it run, is nobody's.
func (r *room) ask(ctx context.Context, now time.Time) <-chan leased {
	if r.into != nil {
		return r.askSeats(ctx)
	}
	start := protocol.Start{Match: protocol.NewID[protocol.MatchID](), Mode: r.mode.Name, Seed: rand.Uint64(), Seats: r.startSeats(),
		Region: r.region, Why: r.why.String()}
	r.lobby.store.LeaseMatch(store.Match{ID: start.Match, Mode: start.Mode, Leased: now,
		Region: r.region, Props: r.people[0].ticket.Props, Why: r.why})
	answer := make(chan leased, 1)
	go func() {
		placing, err := r.lobby.request(ctx, protocol.SubjectStart, start.Match, start.Seats, start)
		if err != nil {
			r.lobby.store.EndMatch(start.Match)
		}
		answer <- leased{placing, err}
	}()
	return answer
}

// startSeats are those of the people who have not left.
func (r *room) startSeats() (seats []protocol.StartSeat) {
	for _, p := range r.people {
		if !p.left {
			seats = append(seats, protocol.StartSeat{Seat: p.seat, Player: p.who.Player})
		}
	}
	return seats
}

// request asks a host for seats in a match and reads its answer. The match in
// what it returns is the one asked for, also with an error.
func (l *Lobby) request(ctx context.Context, subject string, match protocol.MatchID, seats []protocol.StartSeat, ask any) (store.Placing, error) {
	p := store.Placing{Match: match}
	if err := l.Ready(); err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.LeaseTimeout)
	defer cancel()
	data, err := l.deps.Bus.Request(ctx, subject, protocol.Marshal(ask))
	if err != nil {
		return p, err
	}
	var placed protocol.Placed
	switch err := protocol.Unmarshal(data, &placed); {
	case err != nil:
		return p, fmt.Errorf("lease: malformed answer: %w", err)
	case placed.Refuse != "":
		return p, fmt.Errorf("lease: refused: %s", placed.Refuse)
	case len(placed.Passes) != len(seats):
		return p, fmt.Errorf("lease: %d passes for %d seats", len(placed.Passes), len(seats))
	}
	p.URL, p.Host, p.Revision = placed.URL, placed.Host, placed.Revision
	p.Seats = make(map[protocol.PlayerID]game.Seat, len(seats))
	p.Assignments = make(map[protocol.PlayerID]store.Assignment, len(seats))
	for i, s := range seats {
		p.Seats[s.Player.ID] = s.Seat
		p.Assignments[s.Player.ID] = store.Assignment{URL: placed.URL, Match: match, Pass: placed.Passes[i]}
	}
	return p, nil
}
