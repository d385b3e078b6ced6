package api

import (
	"context"
	"slices"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// behind makes a match of a player behind a door.
func (s *site) behind(d store.Door, of person) protocol.MatchID {
	s.t.Helper()
	all, err := s.lobby.Launch(context.Background(), lobby.Plan{Mode: "ffa", Seats: []protocol.StartSeat{{Player: of.who().Player}}, Door: d})
	if err != nil {
		s.t.Fatal(err)
	}
	return all[0].Match
}

// watches asks to watch a match.
func (p person) watches(id protocol.MatchID) answer {
	p.t.Helper()
	return p.does("POST", "/v1/matches/"+string(id)+"/watch")
}

// shownWatch is how a match is shown to be watched.
func (p person) shownWatch(id protocol.MatchID) *watchBody {
	p.t.Helper()
	var m matchBody
	p.does("GET", "/v1/matches/"+string(id)).is("look", 200, "").read(&m)
	return m.Watch
}

func TestWatching(t *testing.T) {
	onPitch(t, func(s *site, r *referee) {
		ada, bob, shop := s.person("Ada"), s.person("Bob"), s.backEnd(game.DefaultGame)
		id := shop.launches(bob).ID
		r.says(protocol.Looked{Pass: "no-seat"})
		var to seatlessBody
		ada.watches(id).is("watch", 200, "").read(&to)
		if want := (seatlessBody{assignmentBody{"ws://play.example/v1/socket", id, "no-seat"}, watchBody{1.5}}); to != want {
			t.Errorf("got %+v, want %+v", to, want)
		}
		if w := ada.shownWatch(id); w == nil || w.Delay != 1.5 {
			t.Errorf("shown %+v", w)
		}
		if w := bob.shownWatch(id); w != nil {
			t.Errorf("who plays is shown %+v", w)
		}
		for refuse, want := range map[string]result{
			"forbidden": {403, "watch_forbidden"}, "seated": {409, "plays_here"}, "crowded": {409, "spectators_full"},
			"busy": {503, "match_busy"}, "over": {404, "match_not_found"},
		} {
			r.says(protocol.Looked{Refuse: refuse})
			ada.watches(id).is(refuse, want.status, want.code)
		}
		ada.watches("x").is("none", 404, "match_not_found")
		s.of("chess", "Eve").watches(id).is("another game's", 404, "match_not_found")
		shop.watches(id).is("a service", 403, "forbidden")
		s.ask("POST", "/v1/matches/"+string(id)+"/watch", "").is("nobody", 401, "token_missing")
	})
}

// TestClosedDoors: a match of a room is for those whom the room lets in.
func TestClosedDoors(t *testing.T) {
	onPitch(t, func(s *site, r *referee) {
		r.says(protocol.Looked{Pass: "no-seat"})
		host, friend, inside, banned, other := s.person("Host"), s.person("Friend"), s.person("Inside"), s.person("Banned"), s.person("Other")
		befriend(host, friend)
		insiders.Store(inside.id, true)
		insiders.Store(banned.id, true)
		defer insiders.Clear()
		out := []protocol.PlayerID{banned.id}
		for what, c := range map[string]struct {
			door store.Door
			in   []person
		}{
			"public":      {store.Door{Room: "AB23CD", Banned: out}, []person{friend, inside, other}},
			"for friends": {store.Door{Closed: true, Room: "AB23CD", Friends: host.id, Banned: out}, []person{friend, inside}},
			"by code":     {store.Door{Closed: true, Room: "AB23CD", Banned: out}, []person{inside}},
			"of nobody":   {store.Door{Closed: true}, nil},
		} {
			id := s.behind(c.door, host)
			for _, p := range []person{friend, inside, banned, other} {
				want := result{403, "watch_forbidden"}
				in := slices.Contains(c.in, p)
				if in {
					want = result{200, ""}
				}
				p.watches(id).is(what, want.status, want.code)
				if shown := p.shownWatch(id) != nil; shown != in {
					t.Errorf("%s: shown to be watched %v, want %v", what, shown, in)
				}
			}
			listed, _ := other.matches("?watchable=true")
			if slices.Contains(listed, id) == c.door.Closed {
				t.Errorf("%s: listed %v", what, listed)
			}
		}
		if listed, _ := other.matches("?watchable=true&mode=duel"); len(listed) > 0 {
			t.Errorf("of a mode without any are listed %v", listed)
		}
		other.does("GET", "/v1/matches?watchable=false").is("watchable=false", 400, "filter_invalid")
	})
}

// TestFriendsAreFoundToBeWatched, and nobody else.
func TestFriendsAreFoundToBeWatched(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		ada, bob, eve := s.person("Ada"), s.person("Bob"), s.person("Eve")
		befriend(ada, bob)
		id := s.backEnd(game.DefaultGame).launches(bob).ID
		query := "?player=" + string(bob.id)
		if ids, _ := ada.matches(query); !slices.Equal(ids, []protocol.MatchID{id}) {
			t.Errorf("a friend finds %v", ids)
		}
		eve.does("GET", "/v1/matches"+query).is("a stranger", 400, "filter_invalid")
		private := s.behind(store.Door{Closed: true, Friends: bob.id}, bob)
		s.node.Close()
		eve.does("GET", "/v1/matches"+query).is("when nothing can be read", 503, "storage_unavailable")
		eve.watches(private).is("when nothing can be read", 503, "storage_unavailable")
	})
}

func TestWatchingIsLimited(t *testing.T) {
	onSite(t, func(c *Config) {
		unlimited(c)
		c.Limits.Player = Rate{1e-9, 1}
	}, func(s *site) {
		ada := s.person("Ada")
		ada.watches("x").is("the first", 404, "match_not_found")
		ada.watches("x").is("the second", 429, "rate_limited")
		s.person("Mod").becomes(account.RoleModerator).watches("x").is("somebody else", 404, "match_not_found")
	})
}
