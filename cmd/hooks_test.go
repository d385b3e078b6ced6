package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// A studio is a server that takes webhooks, but for the first that comes.
type studio struct {
	*httptest.Server
	secret chan string      // holds it once it is known
	posted chan hooks.Event // what was signed as it should be
	began  bool             // used by one request at a time
}

func newStudio(t *testing.T) *studio {
	st := &studio{secret: make(chan string, 1), posted: make(chan hooks.Event, 16)}
	st.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret := <-st.secret
		defer func() { st.secret <- secret }()
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = hooks.Verify(r.Header.Get(hooks.SignatureHeader), body, time.Now(), hooks.Tolerance, secret)
		}
		var e hooks.Event
		if err == nil {
			err = json.Unmarshal(body, &e)
		}
		switch {
		case err != nil:
			t.Error(err)
		case !st.began:
			st.began = true
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			st.posted <- e
		}
	}))
	t.Cleanup(st.Close)
	return st
}

// await returns the next event that was taken.
func (st *studio) await(ctx context.Context, t *testing.T) (e hooks.Event) {
	t.Helper()
	select {
	case e = <-st.posted:
	case <-ctx.Done():
		t.Fatal("nothing was posted")
	}
	return e
}

// loopback lets webhooks go to this machine.
var loopback = Config{WebhookNetworks: []string{"127.0.0.0/8"}}

// TestResultsArePosted: of a match that is over a studio's server hears over
// REST alone, and again where it has not listened; then of an account that is
// gone.
func TestResultsArePosted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := mustServer(t, loopback, arena.NewMode(arena.Options{Name: "short", Seats: 2, RoundSeconds: 1, FillAfter: time.Millisecond}))
	st := newStudio(t)
	st.listen(ctx, t, s)
	session, g := enter(ctx, t, s, "short", client.Options{})
	select {
	case <-g.Done():
	case <-ctx.Done():
		t.Fatal("the match does not end")
	}
	e := st.await(ctx, t)
	var d endedData
	if err := json.Unmarshal(e.Data, &d); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(d.Players, func(p endedPlayer) bool { return p.Player == session.Player.ID })
	if e.Type != hooks.MatchEnded || e.ID != string(d.Match) || d.Mode != "short" || d.Why != "finished" || d.Ticks == 0 || i < 0 || d.Players[i].Verdict == "" {
		t.Errorf("posted %+v: %+v", e, d)
	}
	if err := s.accounts.Delete(ctx, account.Ref{Game: account.Game(s.lobby.Games()[0]), Player: session.Player.ID}); err != nil {
		t.Fatal(err)
	}
	if e := st.await(ctx, t); e.Type != hooks.PlayerDeleted || string(e.Data) != `{"player":"`+string(session.Player.ID)+`"}` {
		t.Errorf("posted %+v", e)
	}
}

// listen makes the studio an endpoint, as its own back end would.
func (st *studio) listen(ctx context.Context, t *testing.T, s *Server) {
	t.Helper()
	key, _, err := s.accounts.NewServiceKey(ctx, account.Game(s.lobby.Games()[0]), "studio")
	if err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequestWithContext(ctx, "POST", s.URL()+"/v1/webhooks", strings.NewReader(`{"url":"`+st.URL+`","types":["*"]}`))
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var made struct{ Secret string }
	if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatal(resp.Status, err)
	}
	st.secret <- made.Secret
}

// TestWebhooksOutliveTheServer: a result that was kept is posted by the next
// server, should the first have had no time for it.
func TestWebhooksOutliveTheServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cfg := loopback
	cfg.Data, cfg.Addr, cfg.Log, cfg.Bots = t.TempDir(), "127.0.0.1:0", "error", true
	first, err := New(cfg, arena.Modes()...) // and never run: nobody posts
	if err != nil {
		t.Fatal(err)
	}
	st := newStudio(t)
	game := first.lobby.Games()[0]
	_, secret, err := first.hooks.Add(ctx, game, st.URL, []string{"*"})
	if err != nil {
		t.Fatal(err)
	}
	st.secret <- secret
	who := protocol.Player{ID: "ada", Name: "Ada", Game: game}
	ended := protocol.Ended{Match: "m1", Game: game, Mode: "ffa", Why: "finished", Seats: []protocol.EndedSeat{{Player: who}}}
	running, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- first.career.Run(running) }()
	if err := first.career.Finish(ctx, ended); err != nil {
		t.Fatal(err)
	}
	stop()
	<-done
	if err := errors.Join(first.players.Close(), first.node.Close()); err != nil {
		t.Fatal(err)
	}
	mustServer(t, cfg)
	if e := st.await(ctx, t); e.ID != "m1" || e.Type != hooks.MatchEnded {
		t.Errorf("posted %+v", e)
	}
}
