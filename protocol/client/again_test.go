package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestDelays are never shorter than what the server said, and spread.
func TestDelays(t *testing.T) {
	for _, said := range []time.Duration{time.Second, 10 * time.Second} {
		p, seen := &Problem{RetryAfter: said}, map[time.Duration]bool{}
		for range 1000 {
			d := p.Delay()
			if d < said || d >= said+max(said/2, time.Second) {
				t.Fatalf("%s became %s", said, d)
			}
			seen[d/(10*time.Millisecond)] = true
		}
		if len(seen) < 50 {
			t.Errorf("%s: only %d different delays", said, len(seen))
		}
	}
	if d := (&Problem{}).Delay(); d != 0 {
		t.Errorf("nothing said: %s", d)
	}
}

// busyDoor is a server that turns the first sockets away, with status and a
// Retry-After, and then says that the token is bad.
func busyDoor(t *testing.T, times int32, status int, after string) (s *Session, url string, asked *atomic.Int32) {
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > times {
			w.WriteHeader(401)
			fmt.Fprint(w, `{"code":"token_invalid","detail":"no"}`)
			return
		}
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, `{"code":"busy","detail":"later"}`)
	}))
	t.Cleanup(server.Close)
	api := New(server.URL)
	t.Cleanup(api.Close)
	return &Session{api: api, Access: "a"}, "ws" + strings.TrimPrefix(server.URL, "http"), asked
}

// TestTurnedAwayAndBack: who is told to come back does so, and not before.
func TestTurnedAwayAndBack(t *testing.T) {
	for _, status := range []int{503, 429} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s, url, asked := busyDoor(t, 1, status, "1")
			began := time.Now()
			_, err := s.Join(within(t), Assignment{URL: url}, Options{})
			var p *Problem
			if !errors.As(err, &p) || p.Status != 401 || asked.Load() != 2 || time.Since(began) < time.Second {
				t.Errorf("%v after %d tries and %s", err, asked.Load(), time.Since(began))
			}
		})
	}
}

// TestTurnedAwayForGood: without a word about when, and with other answers, it
// is the caller's to decide.
func TestTurnedAwayForGood(t *testing.T) {
	for _, test := range []struct {
		status int
		after  string
	}{{503, ""}, {403, "1"}} {
		s, url, asked := busyDoor(t, 9, test.status, test.after)
		_, err := s.Join(within(t), Assignment{URL: url}, Options{})
		var p *Problem
		if !errors.As(err, &p) || p.Status != test.status || asked.Load() != 1 {
			t.Errorf("%d: %v after %d tries", test.status, err, asked.Load())
		}
	}
}

// TestNobodyWaitsOnceItsTimeIsUp for a server that says to come back.
func TestNobodyWaitsOnceItsTimeIsUp(t *testing.T) {
	s, url, _ := busyDoor(t, 9, 503, "3600")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := s.Join(ctx, Assignment{URL: url}, Options{})
	var p *Problem
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if errors.As(err, &p) && p.Status != 503 {
		t.Errorf("%v", err)
	}
}
