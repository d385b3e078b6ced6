package lobby

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/lobby/group"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A look is what a cycle has seen of a queue. It never changes.
type look struct {
	rows []*store.Ticket // by Seq
	why  []group.Waiting // by the same index; zero for those who were grouped
}

func newLook(rows []*store.Ticket, waiting []group.Waiting) *look {
	k := &look{rows, make([]group.Waiting, len(rows))}
	for _, w := range waiting {
		k.why[w.Ticket] = w
	}
	return k
}

// at is what was seen of a ticket, zero if it was not there yet.
func (k *look) at(t *store.Ticket) (w group.Waiting) {
	if k == nil {
		return w
	}
	i, found := slices.BinarySearchFunc(k.rows, t.Seq, func(r *store.Ticket, seq uint64) int { return cmp.Compare(r.Seq, seq) })
	if found {
		w = k.why[i]
	}
	return w
}

// WhyWaiting says why a ticket waits, and perhaps how long it still will.
func (l *Lobby) WhyWaiting(t store.Ticket) protocol.Wait {
	q := l.queues[t.Mode]
	if q == nil {
		return protocol.Wait{}
	}
	return q.why(&t, q.looked.Load().at(&t), time.Now())
}

func (q *queue) why(t *store.Ticket, seen group.Waiting, now time.Time) protocol.Wait {
	waited := max(now.Sub(t.Created), 0)
	window := q.rules.Window(waited)
	w := protocol.Wait{Waited: waited, Gap: int(window.Gap), Ping: window.Ping, InRange: seen.InRange, Estimate: q.recent.more(waited)}
	if seen.Reason != 0 {
		w.Why = seen.Reason.Code()
	}
	return w
}

// newsTurns is over how many cycles the news of those who wait is spread.
const newsTurns = 8

// tellWaiting tells some of those who wait and have a socket why, each time
// others. The matchmaker alone calls it.
func (l *Lobby) tellWaiting(q *queue, k *look, now time.Time) {
	q.turn++
	for i, t := range k.rows {
		if t.Seq%newsTurns == q.turn%newsTurns && k.why[i].Reason != 0 && l.hasSocket(t) {
			l.tell(*t, protocol.Ticket{ID: string(t.ID), Mode: t.Mode, State: string(store.Waiting), Wait: q.why(t, k.why[i], now)})
		}
	}
}

func (l *Lobby) hasSocket(t *store.Ticket) bool {
	return slices.ContainsFunc(t.Members, func(m store.Member) bool { return l.deps.Hall.Here(m.ID) })
}

// recentWaits is how many waits an estimate is made of.
const recentWaits = 128

// recent are how long the last tickets of a queue have waited.
type recent struct {
	mu    sync.Mutex
	waits [recentWaits]time.Duration // a ring; under mu
	n     int                        // that there ever were; under mu
}

func (r *recent) add(wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waits[r.n%recentWaits] = wait
	r.n++
}

// more is how much longer a ticket will wait that has waited so long: the
// median of those who did longer. Zero: nobody did.
func (r *recent) more(waited time.Duration) time.Duration {
	var longer [recentWaits]time.Duration
	n := 0
	r.mu.Lock()
	for _, w := range r.waits[:min(r.n, recentWaits)] {
		if w > waited {
			longer[n] = w
			n++
		}
	}
	r.mu.Unlock()
	if n == 0 {
		return 0
	}
	slices.Sort(longer[:n])
	return longer[n/2] - waited
}
