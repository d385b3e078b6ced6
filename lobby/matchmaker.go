package lobby

import (
	"context"
	"runtime/debug"
	"slices"
	"time"

	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/store"
)

// rouse has the matchmaker look soon.
func (l *Lobby) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// lookAgain is how long the matchmaker rests at most while somebody waits:
// windows widen without a word.
const lookAgain = 250 * time.Millisecond

// matchmake runs a cycle when a ticket comes, and when one is due while any
// waits, with a pause after each, until ctx is done. It alone opens rooms.
func (l *Lobby) matchmake(ctx context.Context) {
	pause, due := time.NewTimer(0), time.NewTimer(0)
	defer pause.Stop()
	defer due.Stop()
	due.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-due.C:
		}
		if rest, waiting := l.cycle(time.Now()); waiting {
			due.Reset(rest)
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

// cycle forms the groups there are, none while no match can begin. If anybody
// waits on, it says for how long to rest.
func (l *Lobby) cycle(now time.Time) (rest time.Duration, waiting bool) {
	rest = lookAgain
	if l.Ready() != nil {
		return rest, true
	}
	for _, m := range l.cfg.Modes {
		if next, waits := l.cycleMode(l.queues[m.Name], now); waits {
			rest, waiting = min(rest, next), true
		}
	}
	return rest, waiting
}

// cycleMode is a cycle of one mode. After a panic that mode rests for a while,
// and the others go on.
func (l *Lobby) cycleMode(q *queue, now time.Time) (rest time.Duration, waiting bool) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("matchmaking panicked", "mode", q.mode.Name, "panic", p, "stack", string(debug.Stack()))
			l.hold(q.mode.Name, now.Add(panicPause))
			rest, waiting = panicPause, true
		}
	}()
	rows := l.store.WaitingIn(q.mode.Name)
	held := l.heldUntil(q.mode.Name).Sub(now)
	if len(rows) == 0 {
		q.looked.Store(nil)
	}
	if len(rows) == 0 || held > 0 {
		return held, len(rows) > 0
	}
	groups, result := q.plan(rows, l.joinable(q), now)
	k := newLook(rows, result.Waiting)
	q.looked.Store(k)
	l.tellWaiting(q, k, now)
	stale := false
	for some := range slices.Chunk(groups, roomsAtOnce) {
		stale = !l.openRooms(q, some, now) || stale
	}
	return q.rest(result.Waiting), stale || len(result.Waiting) > 0
}

// rest is the time until one of those who wait has done so for FillAfter, or
// lookAgain.
func (q *queue) rest(waiting []group.Waiting) time.Duration {
	rest := lookAgain
	for i := range waiting {
		if left := q.mode.FillAfter - waiting[i].Window.After; left > 0 {
			rest = min(rest, left)
		}
	}
	return rest
}

// roomsAtOnce bounds the rooms of one transaction.
const roomsAtOnce = 64

// panicPause is how long a mode rests after a panic: each leaves its stack in
// the log.
const panicPause = 5 * time.Second

// hold keeps a mode from forming groups for a while, after a host has not
// taken one.
func (l *Lobby) hold(mode string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[mode] = until
}

// heldUntil is when a mode that was held may form groups again.
func (l *Lobby) heldUntil(mode string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held[mode]
}

// openRooms takes groups' tickets out of the queue and gives each group a room.
// False says that some group has come
// to nothing, since one of it has left the queue meanwhile.
func (l *Lobby) openRooms(q *queue, groups []Group, now time.Time) (all bool) {
	rooms := make([]*room, len(groups))
	rows := make([]store.Room, len(groups))
	for i := range groups {
		rooms[i] = newRoom(l, q, groups[i], now)
		rows[i] = rooms[i].row
		l.register(rooms[i])
	}
	all = true
	for i, opened := range l.store.OpenRooms(rows) {
		if !opened {
			l.unregister(rooms[i])
			all = false
			continue
		}
		l.promise(rooms[i])
		for _, s := range rooms[i].people {
			q.recent.add(now.Sub(s.ticket.Created))
		}
		l.running.Go(func() { rooms[i].run(l.roomsEnd) })
	}
	return all
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
