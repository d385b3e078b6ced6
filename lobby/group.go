package lobby

import (
	"cmp"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
)

// A Group shall play one match together.
type Group struct {
	Mode    *game.Mode
	Tickets []store.Ticket // oldest first
	Bots    int            // that fill the other seats
}

// group decides who plays with whom. It is a pure function: of each mode's
// tickets, oldest first, full groups are made at once. What is left over
// becomes a group as well once its oldest ticket has waited for FillAfter and
// there are MinPlayers; bots fill it up where the mode has any. No ticket is
// in two groups; one that is in none goes on waiting.
func group(tickets []store.Ticket, modes map[string]*game.Mode, now time.Time) (groups []Group) {
	for name, queue := range queues(tickets) {
		m := modes[name]
		if m == nil {
			continue
		}
		for len(queue) >= m.Seats {
			groups = append(groups, newGroup(m, queue[:m.Seats]))
			queue = queue[m.Seats:]
		}
		if at, ok := fillsAt(m, queue); ok && !now.Before(at) {
			groups = append(groups, newGroup(m, queue))
		}
	}
	slices.SortFunc(groups, func(a, b Group) int { return bySeq(a.Tickets[0], b.Tickets[0]) })
	return groups
}

func newGroup(m *game.Mode, tickets []store.Ticket) Group {
	g := Group{Mode: m, Tickets: slices.Clip(tickets)}
	if m.Bot != nil {
		g.Bots = m.Seats - len(tickets)
	}
	return g
}

// queues parts tickets by mode, oldest first.
func queues(tickets []store.Ticket) map[string][]store.Ticket {
	byMode := make(map[string][]store.Ticket)
	for _, t := range tickets {
		byMode[t.Mode] = append(byMode[t.Mode], t)
	}
	for _, queue := range byMode {
		if !slices.IsSortedFunc(queue, bySeq) { // the store gives them in order
			slices.SortFunc(queue, bySeq)
		}
	}
	return byMode
}

func bySeq(a, b store.Ticket) int { return cmp.Compare(a.Seq, b.Seq) }

// fillsAt is when a queue too short for a full group becomes one, if ever.
func fillsAt(m *game.Mode, queue []store.Ticket) (at time.Time, ok bool) {
	if len(queue) == 0 || len(queue) < m.MinPlayers {
		return time.Time{}, false
	}
	return queue[0].Created.Add(m.FillAfter), true
}
