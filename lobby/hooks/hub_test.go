package hooks

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

func TestEventsArriveInOrder(t *testing.T) {
	inHouse(t, Config{}, func(t *testing.T, h *house, net *network) {
		all, some := net.mustServe(t, "all"), net.mustServe(t, "some")
		defer all.Close()
		defer some.Close()
		_, secret := h.mustAdd("all", "*")
		all.secret = []string{secret}
		h.mustAdd("some", MatchEnded)
		h.mustEmit(MatchEnded, 0, 20)
		h.mustEmit(PlayerDeleted, 20, 40)
		h.mustEmit(MatchEnded, 10, 20) // again
		h.mustEmit(MatchEnded, 40, 41)
		synctest.Wait()
		check(t, "all", all.ids(), numbered(0, 41))
		check(t, "some", some.ids(), append(numbered(0, 20), "40"))
		if e := all.got[7]; e.Type != MatchEnded || string(e.Data) != "7" || !e.At.Equal(time.Now()) {
			t.Errorf("got %+v", e)
		}
	})
}

func TestWhatFailsIsTriedAgainLaterAndLater(t *testing.T) {
	inHouse(t, Config{}, func(t *testing.T, h *house, net *network) {
		s := net.mustServe(t, "a")
		defer s.Close()
		e, _ := h.mustAdd("a", "*")
		s.answers(failing)
		h.mustEmit(MatchEnded, 0, 3)
		time.Sleep(30 * time.Minute)
		tried := s.attempts()
		if len(tried) < 8 || len(tried) > 11 {
			t.Errorf("tried %d times in half an hour", len(tried))
		}
		for i := 1; i < len(tried); i++ {
			wait, most := tried[i].Sub(tried[i-1]), 5*time.Second<<(i-1)
			if wait < most/2 || wait > most+time.Second {
				t.Errorf("waited %v before attempt %d, want up to %v", wait, i, most)
			}
		}
		if now := h.mustGet(e.ID); now.Failing.IsZero() || now.Error != "the answer was 500" || now.Next.Before(time.Now()) {
			t.Errorf("it is %+v", now)
		}
		s.answers(nil)
		time.Sleep(90 * time.Minute)
		check(t, "got", s.ids(), numbered(0, 3))
		if now := h.mustGet(e.ID); !now.Failing.IsZero() || now.Error != "" || now.Position != 3 {
			t.Errorf("it is %+v", now)
		}
	})
}

func TestAnEndpointThatHangsDelaysNoOther(t *testing.T) {
	inHouse(t, Config{}, func(t *testing.T, h *house, net *network) {
		hangs, drips, fine := net.mustServe(t, "hangs"), net.mustServe(t, "drips"), net.mustServe(t, "fine")
		defer fine.Close()
		hangs.answers(func(_ http.ResponseWriter, r *http.Request, _ Event) { <-r.Context().Done() })
		drips.answers(func(w http.ResponseWriter, r *http.Request, _ Event) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte("x")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(time.Second)
			}
		})
		hung, _ := h.mustAdd("hangs", "*")
		for range 7 {
			h.mustAdd("hangs", "*")
		}
		h.mustAdd("drips", "*")
		h.mustAdd("nowhere", "*")
		h.mustAdd("fine", "*")
		began := time.Now()
		h.mustEmit(MatchEnded, 0, 50)
		synctest.Wait()
		check(t, "fine", fine.ids(), numbered(0, 50))
		if d := time.Since(began); d != 0 {
			t.Errorf("it took %v", d)
		}
		time.Sleep(11 * time.Second)
		if e := h.mustGet(hung.ID); e.Error != "there was no answer in time" {
			t.Errorf("it is %+v", e)
		}
		h.stop()
		hangs.Close()
		drips.Close()
	})
}

func TestAnEndpointThatTakesNothingIsDisabled(t *testing.T) {
	var told []Endpoint
	cfg := Config{GiveUp: 2 * time.Hour, MostWait: 10 * time.Minute, Disabled: func(e Endpoint) { told = append(told, e) }}
	inHouse(t, cfg, func(t *testing.T, h *house, net *network) {
		s := net.mustServe(t, "a")
		defer s.Close()
		e, _ := h.mustAdd("a", "*")
		s.answers(failing)
		h.mustEmit(MatchEnded, 0, 3)
		time.Sleep(110 * time.Minute)
		check(t, "disabled before its time", h.mustGet(e.ID).Disabled, "")
		time.Sleep(time.Hour)
		n := len(s.attempts())
		time.Sleep(time.Hour)
		check(t, "attempts", len(s.attempts()), n)
		if len(told) != 1 || told[0].ID != e.ID || told[0].Disabled != DisabledFailing || told[0].Error == "" || told[0].Position != 0 {
			t.Errorf("told %+v", told)
		}
		s.answers(nil)
		if err := h.Enable(t.Context(), game, e.ID); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		check(t, "got", s.ids(), numbered(0, 3))
		check(t, "told", len(told), 1)
	})
}

func TestARotatedSecretHoldsForAWhile(t *testing.T) {
	inHouse(t, Config{Grace: time.Hour}, func(t *testing.T, h *house, net *network) {
		s := net.mustServe(t, "a")
		defer s.Close()
		e, old := h.mustAdd("a", "*")
		fresh, err := h.Rotate(t.Context(), game, e.ID)
		if err != nil || fresh == old {
			t.Fatal(fresh, err)
		}
		for i, known := range [][]string{{old}, {fresh}, {fresh, old}} {
			s.secret = known
			h.mustEmit(MatchEnded, i, i+1)
			synctest.Wait()
		}
		time.Sleep(time.Hour)
		s.answers(func(w http.ResponseWriter, r *http.Request, e Event) {
			if n := strings.Count(r.Header.Get(SignatureHeader), "v1="); n != 1 {
				t.Errorf("%d signatures after the rotation", n)
			}
			s.take(e)
		})
		s.secret = []string{fresh}
		h.mustEmit(MatchEnded, 3, 4)
		synctest.Wait()
		check(t, "got", s.ids(), numbered(0, 4))
	})
}

func TestEndpointsAreSetStoppedAndForgotten(t *testing.T) {
	inHouse(t, Config{}, func(t *testing.T, h *house, net *network) {
		a, b := net.mustServe(t, "a"), net.mustServe(t, "b")
		defer a.Close()
		defer b.Close()
		a.answers(failing)
		e, _ := h.mustAdd("a", "*")
		h.mustEmit(MatchEnded, 0, 2)
		time.Sleep(10 * time.Minute)
		if err := h.Set(t.Context(), game, e.ID, "http://b/hooks", []string{MatchEnded}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // and not when a's next attempt would be
		check(t, "after Set", b.ids(), numbered(0, 2))
		if err := h.Disable(t.Context(), game, e.ID); err != nil {
			t.Fatal(err)
		}
		h.mustEmit(MatchEnded, 2, 4)
		time.Sleep(time.Minute)
		check(t, "while it is disabled", b.ids(), numbered(0, 2))
		h.Enable(t.Context(), game, e.ID)
		synctest.Wait()
		check(t, "after Enable", b.ids(), numbered(0, 4))
		if list, err := h.List(t.Context(), game); err != nil || len(list) != 1 || list[0].Position != 4 {
			t.Errorf("list: %+v, %v", list, err)
		}
		if err := h.Remove(t.Context(), game, e.ID); err != nil {
			t.Fatal(err)
		}
		h.mustEmit(MatchEnded, 4, 5)
		synctest.Wait()
		check(t, "after Remove", b.ids(), numbered(0, 4))
		_, err := h.Get(t.Context(), game, e.ID)
		_, again := h.Rotate(t.Context(), game, e.ID)
		for _, err := range []error{err, again, h.Enable(t.Context(), game, e.ID), h.Disable(t.Context(), game, ""), h.Enable(t.Context(), "", e.ID)} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("removed: %v", err)
			}
		}
	})
}

func TestGamesAreApart(t *testing.T) {
	inHouse(t, Config{}, func(t *testing.T, h *house, net *network) {
		a, b := net.mustServe(t, "a"), net.mustServe(t, "b")
		defer a.Close()
		defer b.Close()
		e, _ := h.mustAdd("a", "*")
		if _, _, err := h.Add(t.Context(), "arena", "http://b/hooks", []string{"*"}); err != nil {
			t.Fatal(err)
		}
		h.mustEmit(MatchEnded, 0, 2)
		synctest.Wait()
		check(t, "a", a.ids(), numbered(0, 2))
		check(t, "b", b.ids(), []string(nil))
		if _, err := h.Get(t.Context(), "arena", e.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("of another game: %v", err)
		}
		if err := h.Remove(t.Context(), "arena", e.ID); err != nil {
			t.Error(err)
		}
		h.mustGet(e.ID)
	})
}

func TestBadInput(t *testing.T) {
	inHouse(t, Config{PerGame: 2}, func(t *testing.T, h *house, _ *network) {
		h.cfg.PlainHTTP = false
		add := func(game, url string, types ...string) error {
			_, _, err := h.Add(t.Context(), game, url, types)
			return err
		}
		long := strings.Repeat("a", 600)
		emit := func(game string, e Event) error { return h.Emit(t.Context(), game, e) }
		for _, c := range []struct {
			note      string
			err, want error
		}{
			{"no game", add("", "https://a/", "*"), ErrGame},
			{"plain", add(game, "http://a.example/", "*"), ErrURL},
			{"a file", add(game, "file:///etc/passwd", "*"), ErrURL},
			{"no host", add(game, "https://:443/", "*"), ErrURL},
			{"a user", add(game, "https://u:p@a.example/", "*"), ErrURL},
			{"a fragment", add(game, "https://a.example/#x", "*"), ErrURL},
			{"long", add(game, "https://a.example/"+long, "*"), ErrURL},
			{"loopback", add(game, "https://127.0.0.1/", "*"), ErrTarget},
			{"loopback, hidden", add(game, "https://[::ffff:127.0.0.1]/", "*"), ErrTarget},
			{"link-local", add(game, "https://[fe80::1%25eth0]/", "*"), ErrTarget},
			{"metadata", add(game, "https://169.254.169.254/latest", "*"), ErrTarget},
			{"no types", add(game, "https://a.example/"), ErrTypes},
			{"all and one", add(game, "https://a.example/", "*", MatchEnded), ErrTypes},
			{"one twice", add(game, "https://a.example/", MatchEnded, MatchEnded), ErrTypes},
			{"all twice", add(game, "https://a.example/", "*", "*"), ErrTypes},
			{"a type with a typo", add(game, "https://a.example/", MatchEnded, "match.end"), ErrType},
			{"a type in capitals", add(game, "https://a.example/", "Match.Ended"), ErrType},
			{"fine", add(game, "https://a.example/", "*"), nil},
			{"fine", add(game, "https://a.example/", PlayerDeleted, MatchEnded), nil},
			{"one too many", add(game, "https://a.example/", "*"), ErrTooMany},
			{"an event of no game", emit("", Event{Type: MatchEnded}), ErrGame},
			{"an event of no type", emit(game, Event{}), ErrEvent},
			{"an event of an unknown type", emit(game, Event{Type: "match.end"}), ErrEvent},
			{"an event with a line's end", emit(game, Event{Type: MatchEnded, ID: "a\nb"}), ErrEvent},
			{"an event that is no JSON", emit(game, Event{Type: MatchEnded, Data: json.RawMessage("{")}), ErrEvent},
			{"a huge event", emit(game, Event{Type: MatchEnded, Data: json.RawMessage(`"` + strings.Repeat(long, 500) + `"`)}), ErrEvent},
			{"an event for a game without endpoints", emit("arena", Event{Type: MatchEnded}), nil},
		} {
			if !errors.Is(c.err, c.want) || c.want == nil && c.err != nil {
				t.Errorf("%s: got %v, want %v", c.note, c.err, c.want)
			}
		}
	})
}

// TestARestartInTheMiddle ends the process at each event, while its request is
// under way. All arrive, in order, and what comes twice has the same id.
func TestARestartInTheMiddle(t *testing.T) {
	const events = 5
	for at := range events {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			var net network
			cfg := Config{PlainHTTP: true, dial: net.dial}
			s := net.mustServe(t, "a")
			node := mustOpen(t, dir)
			h := mustRun(t, node, cfg)
			h.mustAdd("a", "*")
			s.answers(func(w http.ResponseWriter, r *http.Request, e Event) {
				s.take(e)
				if len(s.ids()) == at+1 {
					<-r.Context().Done() // it is done, and the answer is lost
				}
			})
			h.mustEmit(MatchEnded, 0, events)
			synctest.Wait()
			h.stop()
			node.Close()
			s.answers(nil)
			node = mustOpen(t, dir)
			h = mustRun(t, node, cfg)
			h.mustEmit(MatchEnded, events-1, events+1) // the first of these again
			synctest.Wait()
			want := append(numbered(0, at+1), numbered(at, events+1)...)
			check(t, "got", s.ids(), want)
			h.stop()
			node.Close()
			s.Close()
		})
	}
}

func TestARestartKeepsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		node := mustOpen(t, bus.Memory)
		defer node.Close()
		s := net.mustServe(t, "a")
		defer s.Close()
		s.answers(failing)
		cfg := Config{PlainHTTP: true, dial: net.dial}
		h := mustRun(t, node, cfg)
		e, _ := h.mustAdd("a", "*")
		time.Sleep(time.Second)
		h.mustEmit(MatchEnded, 0, 1)
		time.Sleep(10 * time.Minute)
		h.stop()
		tried, before := len(s.attempts()), h.mustGet(e.ID)
		h = mustRun(t, node, cfg)
		synctest.Wait()
		if after := h.mustGet(e.ID); len(s.attempts()) != tried || !after.Failing.Equal(before.Failing) || !after.Next.Equal(before.Next) {
			t.Errorf("%d attempts more, %+v, before %+v", len(s.attempts())-tried, after, before)
		}
		s.answers(nil)
		time.Sleep(20 * time.Minute)
		check(t, "got", s.ids(), numbered(0, 1))
		h.stop()
	})
}

func mustOpen(t *testing.T, dir string) *bus.Node {
	t.Helper()
	n, err := bus.Open(bus.Config{Dir: dir, NoSync: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
