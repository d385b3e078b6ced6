package lobby

import (
	"context"
	"time"

	"github.com/musterhq/muster/lobby/store"
)

// sweepAgainAndAgain runs until ctx is done.
func (l *Lobby) sweepAgainAndAgain(ctx context.Context) {
	tick := time.NewTicker(l.cfg.SweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			l.sweep(now)
		}
	}
}

// sweep cancels tickets that nobody asks for, so that the queues hold no
// ghosts, and forgets what nobody needs any more.
func (l *Lobby) sweep(now time.Time) {
	for _, m := range l.cfg.Modes {
		for _, t := range l.store.WaitingIn(m.Name) {
			l.sweepTicket(t, now)
		}
	}
	l.store.ForgetTickets(now.Add(-l.cfg.TicketKeep))
	l.store.ForgetMatches(now.Add(-l.cfg.MatchKeep))
}

func (l *Lobby) sweepTicket(t *store.Ticket, now time.Time) {
	if !l.polls.idle(t.ID, now.Add(-l.cfg.TicketIdle)) {
		return
	}
	if l.hasSocket(t) {
		l.polls.touch(t.ID, now)
		return
	}
	l.cancel(t.ID, WhyIdle)
}
