package lobby

import (
	"context"
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

// over keeps how a match came out, and answers with nothing once it is kept,
// else with why not. Until then the match's row stays, so that the host can ask
// again; after that a second end is nobody's. So is that of a match without a
// row, which was never placed by this lobby, or before it was started anew:
// matches live in the same process, and end with it.
func (l *Lobby) over(ctx context.Context, data []byte) []byte {
	var e protocol.Ended
	if err := protocol.Unmarshal(data, &e); err != nil {
		l.log.Error("malformed result", "err", err)
		return nil
	}
	m, err := l.store.Match(e.Match)
	if err != nil {
		l.log.Debug("result of a match that was not placed", "match", e.Match, "why", e.Why)
		return nil
	}
	e.Mode = m.Mode
	e.Game = l.queues[m.Mode].mode.Game
	e.Custom = m.Custom
	if l.deps.Results != nil {
		if err := l.deps.Results.Finish(ctx, e); err != nil {
			return []byte(err.Error())
		}
	}
	if _, err := l.store.EndMatch(e.Match); err == nil {
		l.results.add(e)
	}
	return nil
}

// Ready says why no match can begin now, nil if one can.
func (l *Lobby) Ready() error {
	switch {
	case l.Draining():
		return ErrDraining
	case l.deps.Ready != nil:
		return l.deps.Ready()
	}
	return nil
}
