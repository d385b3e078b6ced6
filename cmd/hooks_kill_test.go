package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/protocol"
)

// A till is a studio's server that takes every event, as slowly as one that
// works, but for each seventh request, and remembers what it has taken.
type till struct {
	*httptest.Server
	t      *testing.T
	secret string // set before the first request

	mu    sync.Mutex
	asked int
	taken map[protocol.MatchID][]byte
	again int // that were taken before
	news  chan struct{}
}

func newTill(t *testing.T) *till {
	st := &till{t: t, taken: map[protocol.MatchID][]byte{}, news: make(chan struct{}, 1)}
	st.Server = httptest.NewServer(st)
	t.Cleanup(st.Close)
	return st
}

func (st *till) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was killed
	}
	var e hooks.Event
	if err := errors.Join(hooks.Verify(r.Header.Get(hooks.SignatureHeader), body, time.Now(), hooks.Tolerance, st.secret), json.Unmarshal(body, &e)); err != nil {
		st.t.Error(err)
	}
	if !st.take(protocol.MatchID(e.ID), body) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	select {
	case st.news <- struct{}{}:
	default:
	}
	<-time.After(100 * time.Millisecond) // it may be killed before it hears that it was taken
}

func (st *till) take(id protocol.MatchID, body []byte) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.asked++; st.asked%7 == 3 {
		return false
	}
	if was, ok := st.taken[id]; ok {
		st.again++
		if !bytes.Equal(was, body) {
			st.t.Errorf("%s was %s, and is %s", id, was, body)
		}
	}
	st.taken[id] = body
	return true
}

// lacks returns what of some was not taken.
func (st *till) lacks(all map[protocol.MatchID]bool) (missing []protocol.MatchID) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for id := range all {
		if st.taken[id] == nil {
			missing = append(missing, id)
		}
	}
	return missing
}

// TestWebhooksOutliveKills: the real server is killed again and again while
// players finish matches. Each result that was kept comes to the studio at
// least once, under the match's id and with the same bytes.
func TestWebhooksOutliveKills(t *testing.T) {
	t.Parallel()
	const networks = "127.0.0.0/8"
	cfg := Config{Data: t.TempDir(), WebhookNetworks: []string{networks}}
	st := newTill(t)
	t.Run("an endpoint is made", func(t *testing.T) {
		var err error
		if _, st.secret, err = mustServer(t, cfg, short(1)).hooks.Add(t.Context(), game.DefaultGame, st.URL, []string{hooks.MatchEnded}); err != nil {
			t.Fatal(err)
		}
	})
	l := newLedger()
	l.deeds = []deed{l.play, l.play}
	l.some = func() bool { return len(l.kept) > 0 }
	kills := killsOr(5)
	for i := range kills {
		l.liveAndDie(t, i, "-data", cfg.Data, "-webhook-networks", networks)
	}
	kept := l.results(t, mustServer(t, cfg, short(1)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for len(st.lacks(kept)) > 0 {
		select {
		case <-st.news:
		case <-ctx.Done():
			t.Fatalf("of %d results these were never posted: %v", len(kept), st.lacks(kept))
		}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	t.Logf("%d kills, %d results: %d requests, %d of which came again", kills, len(kept), st.asked, st.again)
	if len(kept) == 0 {
		t.Error("nothing was kept: this says nothing")
	}
}

// results are those that a server has said it keeps, and those that are found
// in its players' histories.
func (l *ledger) results(t *testing.T, s *Server) map[protocol.MatchID]bool {
	t.Helper()
	for _, players := range l.players {
		for _, who := range players {
			page, err := s.career.Boards().Matches(t.Context(), game.DefaultGame, who, 0, board.MaxPage)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Matches {
				l.kept[m.ID] = true
			}
		}
	}
	return l.kept
}
