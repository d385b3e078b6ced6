package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// mustStandings is a session at a server that notes what it is asked, and
// answers with the text for the path.
func mustStandings(t *testing.T, answers map[string]string) (s *Session, asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.URL.RequestURI())
		answer, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(404)
			answer = `{"code":"not_ranked"}`
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	api := New(server.URL)
	t.Cleanup(api.Close)
	return &Session{api: api}, asked
}

func TestStandingsAreAskedFor(t *testing.T) {
	s, asked := mustStandings(t, nil)
	_, _ = s.Leaderboard(t.Context(), "a/b", Part{})
	_, _ = s.Leaderboard(t.Context(), "ffa", Part{Season: 2, Limit: 10, Offset: 30})
	_, _ = s.Ratings(t.Context(), "p/1")
	_, _, _ = s.Matches(t.Context(), Me, 0, 0)
	_, _, _ = s.Matches(t.Context(), Me, 5, 1<<53-1)
	_, err := s.Around(t.Context(), "ffa", "p&1", Part{Limit: 3})
	if want := []string{
		"/v1/leaderboards/a%2Fb?", "/v1/leaderboards/ffa?limit=10&offset=30&season=2", "/v1/players/p%2F1/ratings",
		"/v1/players/me/matches?", "/v1/players/me/matches?before=9007199254740991&limit=5", "/v1/leaderboards/ffa/around?limit=3&player=p%261",
	}; !slices.Equal(*asked, want) {
		t.Errorf("asked\n%q, want\n%q", *asked, want)
	}
	var refused *Problem
	if !errors.As(err, &refused) || refused.Code != "not_ranked" {
		t.Errorf("a refusal came as %v", err)
	}
}

func TestStandingsAreRead(t *testing.T) {
	at := time.Date(2026, 5, 2, 18, 30, 0, 0, time.UTC)
	board := `{"mode":"ffa","season":2,"begins":"2026-05-02T18:30:00Z","seasons":[2,1],"players":9,"standings":[
		{"rank":7,"player":{"id":"p1","name":"Ada"},"points":27,"wins":4,"losses":2,"matches":8,"last":"2026-05-02T18:30:00Z"}]}`
	s, _ := mustStandings(t, map[string]string{
		"/v1/leaderboards/ffa": board, "/v1/leaderboards/ffa/around": board,
		"/v1/players/p1/ratings": `{"ratings":[{"mode":"ffa","season":2,"points":27,"matches":8,"last":"2026-05-02T18:30:00Z","rank":7}]}`,
		"/v1/players/p1/matches": `{"matches":[{"id":"m1","mode":"ffa","at":"2026-05-02T18:30:00Z","why":"finished","outcome":"won","place":1,"score":23,"before":20,"after":27}],"next":4711}`,
	})
	want := Standing{7, Named{"p1", "Ada"}, 27, 4, 2, 8, at}
	top, errTop := s.Leaderboard(t.Context(), "ffa", Part{})
	near, errNear := s.Around(t.Context(), "ffa", "p1", Part{})
	for _, b := range []Board{top, near} {
		if b.Mode != "ffa" || b.Season != 2 || !slices.Equal(b.Seasons, []int{2, 1}) || !b.Begins.Equal(at) || !b.Ends.IsZero() || b.Players != 9 || !slices.Equal(b.Standings, []Standing{want}) {
			t.Errorf("board %+v", b)
		}
	}
	ratings, errRate := s.Ratings(t.Context(), "p1")
	if !slices.Equal(ratings, []Rating{{"ffa", 2, 27, 8, at, 7}}) {
		t.Errorf("ratings %+v", ratings)
	}
	page, next, errPage := s.Matches(t.Context(), "p1", 0, 0)
	if !slices.Equal(page, []Played{{"m1", "ffa", at, "finished", "won", 1, 23, 20, 27}}) || next != 4711 {
		t.Errorf("matches %+v, then %d", page, next)
	}
	if err := errors.Join(errTop, errNear, errRate, errPage); err != nil {
		t.Error(err)
	}
}
