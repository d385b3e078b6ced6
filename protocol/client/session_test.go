package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// A vault is a server that gives out tokens and takes each refresh token once.
type vault struct {
	*httptest.Server
	mu   sync.Mutex
	n    int            // tokens given out; under mu
	life int            // seconds, of an access token; under mu
	lose int            // answers to refreshes that get lost; under mu
	used map[string]int // refresh tokens, and how often they came; under mu
}

func mustVault(t *testing.T) (*vault, *API) {
	t.Helper()
	v := &vault{life: 60, used: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/login/guest", v.give)
	mux.HandleFunc("POST /v1/login/refresh", v.refresh)
	mux.HandleFunc("POST /v1/logout", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) })
	v.Server = httptest.NewServer(mux)
	t.Cleanup(v.Close)
	api := New(v.URL, WithGame("chess"))
	t.Cleanup(api.Close)
	return v, api
}

func (v *vault) give(w http.ResponseWriter, r *http.Request) {
	var body struct{ Game string }
	if json.NewDecoder(r.Body).Decode(&body); body.Game != "chess" {
		w.WriteHeader(400)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.n++
	v.answer(w)
}

func (v *vault) answer(w http.ResponseWriter) {
	fmt.Fprintf(w, `{"player":{"id":"p1","name":"Ada"},"access":"a%d","refresh":"r%d","expires_in":%d}`, v.n, v.n, v.life)
}

func (v *vault) refresh(w http.ResponseWriter, r *http.Request) {
	var body struct{ Refresh string }
	json.NewDecoder(r.Body).Decode(&body)
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.used[body.Refresh]++; v.used[body.Refresh] == 1 {
		v.n++
	}
	if v.lose > 0 {
		v.lose--
		panic(http.ErrAbortHandler)
	}
	v.answer(w)
}

// set changes what the vault does from now on.
func (v *vault) set(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

// TestASessionRenewsItself once, however many use it, and keeps the newest
// tokens.
func TestASessionRenewsItself(t *testing.T) {
	v, api := mustVault(t)
	v.set(func() { v.life = 0 }) // old when it comes
	s, err := api.LoginGuest(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	v.set(func() { v.life = 60 })
	var using sync.WaitGroup
	for range 20 {
		using.Go(func() {
			if err := s.Logout(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	using.Wait()
	if s.Access != "a2" || s.Refresh != "r2" || time.Until(s.Expires) > time.Minute || v.used["r1"] != 1 {
		t.Errorf("holds %s and %s; the first refresh token came %d times", s.Access, s.Refresh, v.used["r1"])
	}
	back, err := api.Restore(t.Context(), s.Refresh)
	if err != nil || back.Refresh != "r3" || back.Player != s.Player {
		t.Errorf("restored %+v, %v", back, err)
	}
}

// TestALostAnswerIsAskedForAgain with the same token, which is what the server
// allows for.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	v, api := mustVault(t)
	s, err := api.LoginGuest(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	v.set(func() { v.lose = 1 })
	if err := s.Renew(t.Context()); err != nil || s.Refresh != "r2" || v.used["r1"] < 2 {
		t.Errorf("renewed to %s: %v", s.Refresh, err)
	}
	v.set(func() { v.lose = 9 })
	if err := s.Renew(t.Context()); err == nil || s.Refresh != "r2" {
		t.Errorf("lost for good, and holds %s: %v", s.Refresh, err)
	}
}
