package lobby

import (
	"context"
	"errors"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
)

// rouse has the matchmaker look soon.
func (l *Lobby) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// matchmake runs a cycle when a ticket comes and when a group falls due, with
// a pause after each, until ctx is done. It alone opens rooms.
func (l *Lobby) matchmake(ctx context.Context) {
	due := time.NewTimer(0)
	defer due.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-due.C:
		}
		if at, ok := l.cycle(time.Now()); ok {
			due.Reset(time.Until(at))
		} else {
			due.Stop()
		}
		pause.Reset(l.cfg.CycleEvery)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// cycle forms the groups there are, and returns when the next one falls due if
// no ticket comes before.
func (l *Lobby) cycle(now time.Time) (next time.Time, ok bool) {
	for _, m := range l.cfg.Modes {
		at, due := l.heldUntil(m.Name)
		if !due || !now.Before(at) {
			at, due = l.cycleMode(m, now)
		}
		if due && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return next, ok
}

func (l *Lobby) cycleMode(m *game.Mode, now time.Time) (next time.Time, ok bool) {
	waiting := l.store.WaitingIn(m.Name)
	taken := 0
	for _, g := range group(waiting, l.modes, now) {
		taken += len(g.Tickets)
		if err := l.openRoom(g, now); errors.Is(err, store.ErrStale) {
			l.rouse() // somebody has left the queue meanwhile: look again
		}
	}
	return fillsAt(m, waiting[taken:]) // groups are made of the oldest
}

// hold keeps a mode from forming groups for a while, after a host has not
// taken one.
func (l *Lobby) hold(mode string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[mode] = until
}

// heldUntil is when a mode that was held may form groups again.
func (l *Lobby) heldUntil(mode string) (at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok = l.held[mode]
	return at, ok
}

// openRoom takes a group's tickets out of the queue, gives them a room, and
// asks the hall to hand over those of their players who stand there. Who
// connects later is sent on by the hall, which asks RoomOf.
func (l *Lobby) openRoom(g Group, now time.Time) error {
	r := newRoom(l, g, now)
	l.register(r)
	if err := l.store.OpenRoom(r.row); err != nil {
		l.unregister(r)
		return err
	}
	for _, t := range g.Tickets {
		l.deps.Hall.Move(t.Player.ID, r.inbox, nil)
	}
	l.running.Go(func() { r.run(l.roomsEnd) })
	return nil
}

func (l *Lobby) register(r *room) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rooms[r.row.ID] = r
}

func (l *Lobby) unregister(r *room) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.rooms, r.row.ID)
}
