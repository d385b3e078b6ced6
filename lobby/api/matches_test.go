package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// A referee is the match host of a site where orders are concerned.
type referee struct {
	mu     sync.Mutex
	orders []protocol.Order // that came, but for looks
	answer protocol.Looked
}

func (r *referee) serve(_ context.Context, data []byte) []byte {
	var o protocol.Order
	if err := protocol.Unmarshal(data, &o); err != nil {
		panic(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if o.Kick != "" || o.End {
		r.orders = append(r.orders, o)
	}
	return protocol.Marshal(r.answer)
}

func (r *referee) says(l protocol.Looked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = l
}

func (r *referee) got() []protocol.Order {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.orders)
}

// onPitch is onSite with a referee.
func onPitch(t *testing.T, test func(s *site, r *referee)) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, unlimited)
		defer end()
		var r referee
		stop, err := s.bus.Serve(protocol.SubjectOrder+"h1", r.serve)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		test(s, &r)
	})
}

// launchedBody is what a match of chosen players is answered with.
type launchedBody struct {
	ID      protocol.MatchID
	Players []placedBody
}

// launches makes a match of chosen players.
func (p person) launches(players ...person) (l launchedBody) {
	p.t.Helper()
	var ids []string
	for _, q := range players {
		ids = append(ids, fmt.Sprintf(`{"id":%q}`, q.id))
	}
	p.sends("POST", "/v1/matches", `{"mode":"ffa","players":[`+strings.Join(ids, ",")+`]}`).is("launch", 201, "").read(&l)
	return l
}

// matches are the ids that a list has.
func (p person) matches(query string) (ids []protocol.MatchID, next protocol.MatchID) {
	p.t.Helper()
	var body struct {
		Matches []matchBody
		Next    protocol.MatchID
	}
	p.does("GET", "/v1/matches"+query).is("list "+query, 200, "").read(&body)
	for _, m := range body.Matches {
		ids = append(ids, m.ID)
	}
	return ids, body.Next
}

func TestMatchesOfChosenPlayers(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		shop, ada, bob := s.backEnd(game.DefaultGame), s.person("Ada"), s.person("Bob")
		waiting := s.ticket(ada.bearer, "duel")
		var l launchedBody
		shop.sends("POST", "/v1/matches", `{"mode":"ffa","players":[{"id":"`+string(ada.id)+`"},{"id":"`+string(bob.id)+`","seat":0}],"empty":[1,3]}`).is("launch", 201, "").read(&l)
		want := []placedBody{{ada.id, 2, "ws://play.example/v1/socket", "pass-2"}, {bob.id, 0, "ws://play.example/v1/socket", "pass-0"}}
		if !slices.Equal(l.Players, want) {
			t.Errorf("got %+v, want %+v", l.Players, want)
		}
		if told := s.ear.assigned(); len(told) != 2 || told[0].Match != l.ID || told[0].Pass != "pass-2" || told[1].Pass != "pass-0" {
			t.Errorf("the players are told %+v", told)
		}
		var x ticketBody
		s.ask("GET", "/v1/tickets/"+string(waiting.ID), "", ada.bearer).is("the ticket there was", 200, "").read(&x)
		if x.State != "cancelled" || x.Reason != "launched" {
			t.Errorf("the ticket is %+v", x)
		}
		s.person("Root").becomes(account.RoleAdmin).launches(ada)
		if want := "action=match.create target=" + string(l.ID) + ` actor="service shop"`; !strings.Contains(s.log.String(), want) {
			t.Errorf("no audit line %s", want)
		}
	})
}

func TestPlansThatCannotBe(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		shop, ada, bob, eve := s.backEnd(game.DefaultGame), s.person("Ada"), s.person("Bob"), s.of("chess", "Eve")
		a, b := string(ada.id), string(bob.id)
		for body, want := range map[string]result{
			`{}`:                          {404, "mode_unknown"},
			`{"mode":"ffa"}`:              {400, "plan_invalid"},
			`{"mode":"ffa","players":[]}`: {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `"},{"id":"` + a + `"}]}`:                             {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `","seat":1},{"id":"` + b + `","seat":1}]}`:           {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `","seat":4}]}`:                                       {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `","seat":-1}]}`:                                      {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `","seat":65536}]}`:                                   {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `"}],"empty":[0,1,2,3]}`:                              {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `"}],"empty":[65537]}`:                                {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `"}],"empty":[-1]}`:                                   {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `"}],"options":{"gravity":"no"}}`:                     {400, "plan_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `"}],"region":"mars"}`:                                {400, "plan_invalid"},
			`{"mode":"duel","players":[{"id":"` + a + `"}]}`:                                               {400, "plan_invalid"},
			`{"mode":"ffa","players":[` + strings.Repeat(`{"id":"`+a+`"},`, 1024) + `{"id":"` + a + `"}]}`: {400, "plan_invalid"},
			`{"mode":"chess","players":[{"id":"` + a + `"}]}`:                                              {404, "mode_unknown"},
			`{"mode":"ffa","players":[{"id":""}]}`:                                                         {404, "player_unknown"},
			`{"mode":"ffa","players":[{"id":"` + string(nobody.id) + `"}]}`:                                {404, "player_unknown"},
			`{"mode":"ffa","players":[{"id":"` + a + `"},{"id":"` + string(eve.id) + `"}]}`:                {404, "player_unknown"},
			`{"mode":"ffa","players":[{"id":"` + a + `","team":1}]}`:                                       {400, "body_invalid"},
			`{"mode":"ffa","players":["` + a + `"]}`:                                                       {400, "body_invalid"},
			`{"mode":"ffa","players":[{"id":"` + a + `","seat":1.5}]}`:                                     {400, "body_invalid"},
		} {
			shop.sends("POST", "/v1/matches", body).is(fmt.Sprintf("%.80s", body), want.status, want.code)
		}
		shop.sends("POST", "/v1/matches", `{"mode":"ffa","x":"`+strings.Repeat("x", maxPlan)+`"}`).is("huge", 413, "body_too_large")
		if ids, _ := shop.matches(""); len(ids) > 0 {
			t.Errorf("%v runs", ids)
		}
		if len(s.ear.assigned()) > 0 {
			t.Error("somebody was told of a match")
		}
	})
}

func TestMatchesAreListed(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		shop, mod := s.backEnd(game.DefaultGame), s.person("Mod").becomes(account.RoleModerator)
		ada, bob := s.person("Ada"), s.person("Bob")
		both, his := shop.launches(ada, bob).ID, shop.launches(bob).ID
		s.ticket(ada.bearer, "ffa")
		time.Sleep(20 * time.Second)
		for _, by := range []person{shop, mod} {
			all, next := by.matches("")
			if len(all) != 3 || !slices.IsSorted(all) || next != "" {
				t.Errorf("%v, next %q", all, next)
			}
			for query, want := range map[string]int{
				"?mode=ffa": 3, "?mode=duel": 0, "?custom=true": 2, "?joinable=true": 0, "?region=eu": 0, "?player=" + string(bob.id): 2,
				"?player=" + string(ada.id): 2, "?player=" + string(bob.id) + "&custom=true": 2, "?player=x": 0, "?limit=0": 0, "?after=zzz": 0, "?mode=": 3,
			} {
				if ids, _ := by.matches(query); len(ids) != want {
					t.Errorf("%s: %v", query, ids)
				}
			}
			var paged []protocol.MatchID
			for ids, next := by.matches("?limit=1"); ; ids, next = by.matches("?limit=1&after=" + string(next)) {
				paged = append(paged, ids...)
				if next == "" {
					break
				}
			}
			if !slices.Equal(paged, all) {
				t.Errorf("page by page %v, at once %v", paged, all)
			}
		}
		if ids, _ := bob.matches("?player=" + string(bob.id)); len(ids) != 2 || !slices.Contains(ids, both) || !slices.Contains(ids, his) {
			t.Errorf("one's own are %v", ids)
		}
		for _, wrong := range []string{"?joinable=1", "?custom=false", "?joinable=x", "?player=" + string(bob.id)} {
			ada.does("GET", "/v1/matches"+wrong).is(wrong, 400, "filter_invalid")
		}
		for _, wrong := range []string{"101", "-1", "x", "1e1"} {
			ada.does("GET", "/v1/matches?limit="+wrong).is(wrong, 400, "limit_invalid")
		}
	})
}

// TestMatchesAreShown: to players what anybody may know, to those who watch all.
func TestMatchesAreShown(t *testing.T) {
	onPitch(t, func(s *site, r *referee) {
		shop, ada, bob := s.backEnd(game.DefaultGame), s.person("Ada"), s.person("Bob")
		id := shop.launches(bob).ID
		time.Sleep(3 * time.Second)
		r.says(protocol.Looked{Running: true, Began: time.Now().UnixMilli(), Tick: 90, Hz: 30, Permille: 900, Slips: 2, Late: 1500 * time.Microsecond,
			Seats: []protocol.LookedSeat{{Seat: 0, Status: protocol.SeatPlayer, Player: bob.id, Name: "Bob", RTT: 40 * time.Millisecond}, {Seat: 1, Status: protocol.SeatBot, Name: "Bolt (bot)"}}})
		public := ada.does("GET", "/v1/matches/"+string(id)).is("a player", 200, "")
		if body := public.Body.String(); body != `{"id":"`+string(id)+`","mode":"ffa","age_seconds":3,"seats":4,"players":[{"seat":0,"name":"Bob"}],"joinable":false,"custom":true,"watch":{"delay_seconds":1.5}}` {
			t.Errorf("a player is shown %s", body)
		}
		if listed := ada.does("GET", "/v1/matches").Body.String(); listed != `{"matches":[`+public.Body.String()+`]}` {
			t.Errorf("a player is listed %s", listed)
		}
		for _, by := range []person{shop, s.person("Mod").becomes(account.RoleModerator), s.person("Root").becomes(account.RoleAdmin)} {
			var m matchBody
			by.does("GET", "/v1/matches/"+string(id)).is("who watches", 200, "").read(&m)
			if m.Made == nil || m.Live == nil {
				t.Fatalf("who watches is shown %+v", m)
			}
			if m.Players[0].ID != bob.id || m.Made.Why != "chosen" || m.Made.Host != "h1" || m.Live.State != "running" || m.Live.Tick != 90 || m.Live.Permille != 900 || m.Live.Late != 1.5 ||
				len(m.Live.Seats) != 2 || m.Live.Seats[0] != (seatBody{0, 0, "here", bob.id, "Bob", 40}) || m.Live.Seats[1].Status != "bot" {
				t.Errorf("who watches is shown %+v, %+v", m, m.Live)
			}
		}
		r.says(protocol.Looked{Refuse: "busy"})
		shop.does("GET", "/v1/matches/"+string(id)).is("a stuck one", 503, "match_busy")
		ada.does("GET", "/v1/matches/"+string(id)).is("to a player", 200, "")
		r.says(protocol.Looked{Refuse: "over"})
		shop.does("GET", "/v1/matches/"+string(id)).is("one that is over", 404, "match_not_found")
		for _, none := range []string{"x", string(nobody.id), "%00", strings.Repeat("a", 4000)} {
			ada.does("GET", "/v1/matches/"+none).is("none", 404, "match_not_found")
		}
	})
}

func TestOrdersToMatches(t *testing.T) {
	onPitch(t, func(s *site, r *referee) {
		shop, ada := s.backEnd(game.DefaultGame), s.person("Ada")
		mod, root := s.person("Mod").becomes(account.RoleModerator), s.person("Root").becomes(account.RoleAdmin)
		id := shop.launches(ada, root).ID
		kick, end, body := "/v1/matches/"+string(id)+"/kick", "/v1/matches/"+string(id)+"/end", `{"player":"`+string(ada.id)+`"}`
		for _, by := range []person{shop, mod, root} {
			by.sends("POST", kick, body).is("kick", 204, "")
		}
		shop.does("POST", end).is("end", 204, "")
		root.does("POST", end).is("end", 204, "")
		want := protocol.Order{Match: id, Kick: ada.id}
		if got := r.got(); !slices.Equal(got, []protocol.Order{want, want, want, {Match: id, End: true}, {Match: id, End: true}}) {
			t.Errorf("the host was told %+v", got)
		}
		mod.sends("POST", kick, `{"player":"`+string(root.id)+`"}`).is("one above", 403, "rank_too_low")
		mod.does("POST", end).is("end by a moderator", 403, "forbidden")
		ada.sends("POST", kick, body).is("by a player", 403, "forbidden")
		ada.does("POST", end).is("by a player", 403, "forbidden")
		ada.sends("POST", "/v1/matches", `{"mode":"ffa","players":[{"id":"`+string(ada.id)+`"}]}`).is("by a player", 403, "forbidden")
		r.says(protocol.Looked{Refuse: "not_here"})
		shop.sends("POST", kick, body).is("who is not here", 404, "player_not_in_match")
		root.sends("POST", kick, `{"player":"`+string(nobody.id)+`"}`).is("who has no account", 404, "player_not_in_match")
		r.says(protocol.Looked{Refuse: "busy"})
		shop.sends("POST", kick, body).is("a stuck one", 503, "match_busy")
		shop.does("POST", end).is("a stuck one", 503, "match_busy")
		for _, wrong := range []string{`{}`, `{"player":""}`, `{"player":7}`, `{"player":"x","why":"x"}`} {
			shop.sends("POST", kick, wrong).is(wrong, 400, "body_invalid")
		}
		shop.sends("POST", "/v1/matches/x/kick", body).is("none", 404, "match_not_found")
		shop.does("POST", "/v1/matches/x/end").is("none", 404, "match_not_found")
		for _, line := range []string{
			"action=match.kick target=" + string(id) + ` actor="service shop"`,
			"action=match.kick target=" + string(id) + " actor=" + string(mod.id),
			"action=match.end target=" + string(id) + " actor=" + string(root.id),
		} {
			if !strings.Contains(s.log.String(), line) {
				t.Errorf("no audit line %s", line)
			}
		}
	})
}

// TestMatchesOfOtherGames are not there, whatever a key's holder tries.
func TestMatchesOfOtherGames(t *testing.T) {
	onPitch(t, func(s *site, r *referee) {
		ada := s.person("Ada")
		id := string(s.backEnd(game.DefaultGame).launches(ada).ID)
		foreign := s.backEnd("chess")
		for _, by := range []person{foreign, s.of("chess", "Eve")} {
			if ids, _ := by.matches(""); len(ids) > 0 {
				t.Errorf("another game is shown %v", ids)
			}
			by.does("GET", "/v1/matches/"+id).is("look", 404, "match_not_found")
		}
		if ids, _ := foreign.matches("?player=" + string(ada.id)); len(ids) > 0 {
			t.Errorf("another game is shown %v", ids)
		}
		foreign.sends("POST", "/v1/matches/"+id+"/kick", `{"player":"`+string(ada.id)+`"}`).is("kick", 404, "match_not_found")
		foreign.does("POST", "/v1/matches/"+id+"/end").is("end", 404, "match_not_found")
		foreign.sends("POST", "/v1/matches", `{"mode":"ffa","players":[{"id":"`+string(ada.id)+`"}]}`).is("create", 404, "mode_unknown")
		if got := r.got(); len(got) > 0 {
			t.Errorf("the host was told %+v", got)
		}
	})
}

// TestMatchesWithoutAHost: what no host takes is not made, and can be tried
// again.
func TestMatchesWithoutAHost(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		shop, ada := s.backEnd(game.DefaultGame), s.person("Ada")
		id := string(shop.launches(ada).ID) // whose host takes no orders
		shop.sends("POST", "/v1/matches/"+id+"/end", "").is("a host that is gone", 503, "match_busy")
		s.refuse.Store(true)
		body := `{"mode":"ffa","players":[{"id":"` + string(ada.id) + `"}]}`
		shop.sends("POST", "/v1/matches", body).is("no host", 503, "no_host")
		s.lobby.Drain()
		shop.sends("POST", "/v1/matches", body).is("draining", 503, "draining")
	})
}

// TestARefusedPlanSaysWhatIsWrong with it, and what it may be.
func TestARefusedPlanSaysWhatIsWrong(t *testing.T) {
	onPitch(t, func(s *site, _ *referee) {
		shop, who := s.backEnd(game.DefaultGame), `"players":[{"id":"`+string(s.person("Ada").id)+`"}]`
		for body, want := range map[string]struct{ code, words string }{
			`{"mode":"ffa",` + who + `,"options":{"gravity":"no"}}`: {"plan_invalid", "ode ffa has no other options than these: "},
			`{"mode":"ffa",` + who + `,"options":{"round":[60]}}`:   {"body_invalid", "in options there is array where string is expected"},
			`{"mode":"ffa","players":["Ada"]}`:                      {"body_invalid", "in players there is string where object is expected"},
			`{"mode":"ffa","players":{}}`:                           {"body_invalid", "in players there is object where array is expected"},
			`{"mode":"ffa","players":[{"id":"a","seat":"first"}]}`:  {"body_invalid", "there is string where number is expected"},
			`{"mode":"ffa","players":[{"id":"a","seats":[]}]}`:      {"body_invalid", `there is no field "seats" within`},
		} {
			var p problem
			shop.sends("POST", "/v1/matches", body).is(body, 400, want.code).read(&p)
			if !strings.Contains(p.Detail, want.words) {
				t.Errorf("%s: %q does not say %q", body, p.Detail, want.words)
			}
		}
	})
}
