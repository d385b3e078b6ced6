package lobby

import (
	"slices"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// results keeps how the latest matches came out, oldest first.
type results struct {
	most int

	mu  sync.Mutex
	all []protocol.Ended // under mu
}

func (r *results) add(e protocol.Ended) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) == r.most {
		r.all = slices.Delete(r.all, 0, 1)
	}
	r.all = append(r.all, e)
}

// Results is how the latest matches came out, oldest first, at most
// Config.ResultsKept.
func (l *Lobby) Results() []protocol.Ended {
	l.results.mu.Lock()
	defer l.results.mu.Unlock()
	return slices.Clone(l.results.all)
}

// over hears of a match that has ended. One without a row was never placed:
// its lease was answered too late.
func (l *Lobby) over(data []byte) {
	var e protocol.Ended
	if err := protocol.Unmarshal(data, &e); err != nil {
		l.log.Error("malformed result", "err", err)
		return
	}
	if _, err := l.store.EndMatch(e.Match); err != nil {
		l.log.Debug("result of a match that was not placed", "match", e.Match, "why", e.Why)
		return
	}
	l.results.add(e)
}
