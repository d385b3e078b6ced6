package board

import (
	"context"
	"sync"

	"github.com/musterhq/muster/protocol"
)

// A Log knows every match, also those that are not remembered here. It must
// not tell of players that were forgotten.
type Log interface {
	// Matches returns up to n matches of a player with sequence numbers below
	// before (0: the latest), newest first. Fewer than n means that there are
	// no others.
	Matches(ctx context.Context, game string, p protocol.PlayerID, before uint64, n int) ([]Match, error)
}

// A Page is a part of a player's matches.
type Page struct {
	Matches []Match // newest first
	Next    uint64  // ask for what comes before this; 0 at the end
	Partial bool    // there may be older ones, but there is no Log to ask
}

// A history remembers the latest matches of those who played of late. It is
// bounded: when there are too many matches, those of the player who has been
// idle for longest go, all at once, and are the log's to tell.
type history struct {
	each, total int // set by init and never changed
	log         Log

	mu    sync.RWMutex
	pasts map[owner]*past
	idle  tree[*past] // longest idle first
	count int         // parts
	lost  bool        // some player's were dropped: whoever is not here is not known to have none
}

func (h *history) init(cfg *Config) {
	h.each, h.total, h.log = cfg.HistoryEach, cfg.HistoryTotal, cfg.Log
	h.pasts = make(map[owner]*past)
}

// apply remembers a match for all its players in one step.
func (h *history) apply(e *Entry) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := &match{e.Ladder, e.Match, e.Why, e.Seq, e.At.UnixMilli()}
	for i := range e.Players {
		o := &e.Players[i]
		h.push(owner{e.Game, o.Player}, part{m, int32(o.Place), o.Verdict, o.Score, o.Before, o.After})
	}
	for h.count > h.total {
		h.evict()
	}
	for _, p := range e.Forget {
		h.drop(h.pasts[owner{e.Game, p}])
	}
}

func (h *history) push(who owner, q part) {
	p := h.pasts[who]
	if p == nil {
		p = &past{owner: who, gen: h.idle.gen, whole: !h.lost}
	} else {
		h.idle.remove(p.key())
		p = p.own(h.idle.gen)
	}
	if p.push(q, h.each) {
		h.count++
	}
	h.pasts[who] = p
	h.idle.insert(p.key(), p)
}

func (h *history) evict() {
	for s := range h.idle.from(0) {
		h.drop(s.r)
		break
	}
	h.lost = true
}

func (h *history) drop(p *past) {
	if p == nil {
		return
	}
	h.idle.remove(p.key())
	delete(h.pasts, p.owner)
	h.count -= len(p.parts)
}

// freeze returns the history as it is now.
func (h *history) freeze() (idle grove[*past], lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.idle.freeze(), h.lost
}

// remembered returns up to n matches before a sequence number, and whether
// there were no others before them.
func (h *history) remembered(who owner, before uint64, n int) (found []Match, whole bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	p := h.pasts[who]
	if p == nil {
		return nil, !h.lost
	}
	for i := range p.parts {
		q := p.newest(i)
		if q.seq >= before {
			continue
		}
		if len(found) == n {
			return found, false
		}
		found = append(found, q.public())
	}
	return found, p.whole
}

// Matches returns up to n matches of a player of a game, [MaxPage] at most,
// with sequence numbers below before: 0 for the first page, then Page.Next.
// Who is unknown has none. What is no longer remembered is asked of
// Config.Log, whose error is returned.
func (b *Boards) Matches(ctx context.Context, game string, p protocol.PlayerID, before uint64, n int) (Page, error) {
	return b.history.page(ctx, owner{game, p}, before, min(max(n, 1), MaxPage))
}

func (h *history) page(ctx context.Context, who owner, before uint64, n int) (page Page, err error) {
	if before == 0 {
		before--
	}
	found, whole := h.remembered(who, before, n+1) // one more, to know whether there is one
	if len(found) <= n && !whole {
		if h.log == nil {
			return Page{Matches: found, Partial: true}, nil
		}
		if found, err = h.refill(ctx, who, before, found, n+1); err != nil {
			return Page{}, err
		}
	}
	page.Matches = found
	if len(found) > n {
		page.Matches, page.Next = found[:n], found[n-1].Seq
	}
	return page, nil
}

// refill adds what the log knows of older matches.
func (h *history) refill(ctx context.Context, who owner, before uint64, found []Match, n int) ([]Match, error) {
	if len(found) > 0 {
		before = found[len(found)-1].Seq
	}
	if before == ^uint64(0) {
		before = 0
	}
	older, err := h.log.Matches(ctx, who.game, who.player, before, n-len(found))
	if err != nil {
		return nil, err
	}
	return append(found, older[:min(len(older), n-len(found))]...), nil
}
