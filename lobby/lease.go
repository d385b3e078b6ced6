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
	match       protocol.MatchID
	assignments map[store.TicketID]store.Assignment
	err         error
}

// ask leases the group to a match host. The match is written down first, so
// that its end finds it however soon it comes; a lease that is refused or not
// answered in time is void, and its end, should it run, is nobody's.
func (r *room) ask(ctx context.Context, now time.Time) <-chan leased {
	start := protocol.Start{Match: newID[protocol.MatchID](), Mode: r.mode.Name, Seed: rand.Uint64()}
	var tickets []store.TicketID
	for i, p := range r.people {
		if !p.left {
			start.Seats = append(start.Seats, protocol.StartSeat{Seat: game.Seat(i), Player: p.ticket.Player})
			tickets = append(tickets, p.ticket.ID)
		}
	}
	r.lobby.store.LeaseMatch(store.Match{ID: start.Match, Mode: start.Mode, Leased: now})
	answer := make(chan leased, 1)
	go func() {
		l := leased{match: start.Match}
		if l.assignments, l.err = r.lobby.request(ctx, start, tickets); l.err != nil {
			r.lobby.store.EndMatch(start.Match)
		}
		answer <- l
	}()
	return answer
}

// request asks a host and reads its answer.
func (l *Lobby) request(ctx context.Context, start protocol.Start, tickets []store.TicketID) (map[store.TicketID]store.Assignment, error) {
	ctx, cancel := context.WithTimeout(ctx, l.cfg.LeaseTimeout)
	defer cancel()
	data, err := l.deps.Bus.Request(ctx, protocol.SubjectStart, protocol.Marshal(start))
	if err != nil {
		return nil, err
	}
	var placed protocol.Placed
	switch err := protocol.Unmarshal(data, &placed); {
	case err != nil:
		return nil, fmt.Errorf("lease: malformed answer: %w", err)
	case placed.Refuse != "":
		return nil, fmt.Errorf("lease: refused: %s", placed.Refuse)
	case len(placed.Passes) != len(tickets):
		return nil, fmt.Errorf("lease: %d passes for %d seats", len(placed.Passes), len(tickets))
	}
	assignments := make(map[store.TicketID]store.Assignment, len(tickets))
	for i, id := range tickets {
		assignments[id] = store.Assignment{URL: placed.URL, Match: start.Match, Pass: placed.Passes[i]}
	}
	return assignments, nil
}
