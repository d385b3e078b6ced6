package api

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/protocol"
)

// testSeasons are days, the first of which ends soon after the clock of bubbles
// begins.
var testSeasons = board.Seasons{Start: time.Date(1999, 12, 31, 0, 10, 0, 0, time.UTC), Length: 24 * time.Hour}

// plays has people end a match, the best first.
func (s *site) plays(match, mode string, best ...person) {
	s.t.Helper()
	e := protocol.Ended{Match: protocol.MatchID(match), Game: game.DefaultGame, Mode: mode, Why: career.Finished}
	for i, p := range best {
		seat := game.Seat(i)
		e.Seats = append(e.Seats, protocol.EndedSeat{Seat: seat, Player: protocol.Player{ID: p.id}})
		e.Result = append(e.Result, game.Placing{Seat: seat, Rank: int32(i + 1), Score: int32(10 - i)})
	}
	if err := s.cfg.Career.Finish(s.t.Context(), e); err != nil {
		s.t.Fatal(err)
	}
}

func (p person) board(path string) (body boardBody) {
	p.t.Helper()
	p.does("GET", "/v1/leaderboards/"+path).is(path, 200, "").read(&body)
	return body
}

func (p person) ratings() (all []ratingBody) {
	p.t.Helper()
	var body struct{ Ratings []ratingBody }
	p.does("GET", "/v1/players/me/ratings").is("ratings", 200, "").read(&body)
	return body.Ratings
}

type played struct {
	Matches []playedBody
	Next    uint64
}

func (p person) played(query string, of person) (body played) {
	p.t.Helper()
	p.does("GET", "/v1/players/%s/matches"+query, of).is("matches", 200, "").read(&body)
	return body
}

func TestLeaderboards(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(5)
		if got := all[0].board("ffa"); got.Season != 1 || len(got.Seasons) != 1 || got.Players != 0 || len(got.Standings) != 0 || !got.Ends.Equal(testSeasons.Begins(2)) {
			t.Errorf("an empty board: %+v", got)
		}
		for n := range 10 {
			s.plays(fmt.Sprint("m", n), "ffa", all[:4]...)
		}
		top := all[4].board("ffa")
		if top.Players != 4 || len(top.Standings) != 4 {
			t.Fatalf("got %+v", top)
		}
		for i, row := range top.Standings {
			if row.Rank != i+1 || row.Player.ID != all[i].id || row.Player.Name != fmt.Sprint("Player ", i) || row.Matches != 10 {
				t.Errorf("row %d: %+v", i, row)
			}
		}
		if a, z := top.Standings[0], top.Standings[3]; a.Wins != 10 || z.Losses != 10 || a.Points <= z.Points {
			t.Errorf("the first %+v, the last %+v", a, z)
		}
		if got := all[0].board("ffa?limit=1&offset=2"); len(got.Standings) != 1 || got.Standings[0].Rank != 3 || got.Players != 4 {
			t.Errorf("a page: %+v", got)
		}
		for _, none := range []string{"ffa?limit=0", "ffa?offset=4", "ffa?offset=9007199254740991", "duel"} {
			if got := all[0].board(none); len(got.Standings) != 0 {
				t.Errorf("%s: %+v", none, got)
			}
		}
		for _, path := range []string{"ffa/around?limit=1", "ffa/around?limit=1&player=me", "ffa/around?limit=1&season=1&player=" + string(all[2].id)} {
			if got := all[2].board(path); len(got.Standings) != 3 || got.Standings[1].Player.ID != all[2].id || got.Standings[0].Rank != 2 {
				t.Errorf("%s: %+v", path, got)
			}
		}
		r := all[0].ratings()
		if len(r) != 1 || r[0].Rank != 1 || int64(r[0].Points) != top.Standings[0].Points || r[0].Matches != 10 {
			t.Errorf("ratings %+v", r)
		}
	})
}

// TestSeasonsTurn: the new board is empty at once, the old one can be asked for.
func TestSeasonsTurn(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(2)
		s.plays("m1", "ffa", all...)
		time.Sleep(time.Until(testSeasons.Begins(2)))
		synctest.Wait()
		if got := all[0].board("ffa"); got.Season != 2 || len(got.Seasons) != 2 || got.Players != 0 {
			t.Errorf("the new season: %+v", got)
		}
		all[0].does("GET", "/v1/leaderboards/ffa/around").is("not yet", 404, "not_ranked")
		old := all[0].board("ffa?season=1")
		if old.Players != 2 || !old.Ends.Equal(testSeasons.Begins(2)) || old.Seasons[1] != 1 {
			t.Errorf("the old season: %+v", old)
		}
		for _, path := range []string{"ffa?season=3", "ffa/around?season=2147483647"} {
			all[0].does("GET", "/v1/leaderboards/"+path).is(path, 404, "season_unknown")
		}
	})
}

func TestMatchesOfPlayers(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(3)
		ada, bob, cyd := all[0], all[1], all[2]
		for n := range 7 {
			s.plays(fmt.Sprint("m", n), "duel", ada, bob)
		}
		if err := s.cfg.Career.Finish(s.t.Context(), protocol.Ended{Match: "cut", Game: game.DefaultGame, Mode: "ffa", Why: "drained",
			Seats: []protocol.EndedSeat{{Player: protocol.Player{ID: bob.id}}}}); err != nil {
			t.Fatal(err)
		}
		first := cyd.played("?limit=5", bob)
		second := cyd.played(fmt.Sprint("?limit=5&before=", first.Next), bob)
		if len(first.Matches) != 5 || len(second.Matches) != 3 || second.Next != 0 {
			t.Fatalf("pages of %d and %d", len(first.Matches), len(second.Matches))
		}
		if cut := first.Matches[0]; cut.ID != "cut" || cut.Outcome != "unfinished" || cut.Why != "drained" || cut.Before != cut.After {
			t.Errorf("the last: %+v", cut)
		}
		if m := second.Matches[2]; m.ID != "m0" || m.Outcome != "lost" || m.Place != 2 || m.Score != 9 || m.Mode != "duel" {
			t.Errorf("the first: %+v", m)
		}
		if mine := ada.played("", person{id: me}); len(mine.Matches) != 7 || mine.Matches[0].Outcome != "won" || mine.Matches[0].After <= mine.Matches[0].Before {
			t.Errorf("my own: %+v", mine)
		}
		if none := ada.played("", cyd); len(none.Matches) != 0 || none.Matches == nil {
			t.Errorf("of who has not played: %+v", none)
		}
	})
}

// TestBackEndsRead what every player of their game may: boards, ratings,
// matches, players by id and by name; and reports, which they do not close.
func TestBackEndsRead(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all, shop := s.people(2), s.service("shop")
		ada := all[0]
		s.plays("m1", "ffa", all...)
		credentials := account.Credentials{Username: "ada.lovelace", Password: "correct horse battery"}
		if err := s.cfg.Accounts.AddPassword(s.t.Context(), account.Ref{Game: game.DefaultGame, Player: ada.id}, credentials); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{
			"/v1/leaderboards/ffa", "/v1/leaderboards/ffa/around?player=" + string(ada.id), "/v1/players/" + string(ada.id) + "/ratings",
			"/v1/players/" + string(ada.id) + "/matches", "/v1/players/" + string(ada.id), "/v1/players?name=ada.lovelace",
		} {
			theirs, ours := all[1].does("GET", path).is(path, 200, ""), shop.does("GET", path).is(path, 200, "")
			if theirs.Body.String() != ours.Body.String() {
				t.Errorf("%s: a player reads %s, a back end %s", path, theirs.Body, ours.Body)
			}
		}
		shop.does("GET", "/v1/leaderboards/ffa/around").is("around nobody", 400, "parameter_missing")
		shop.does("GET", "/v1/leaderboards/ffa/around?player=me").is("around itself", 400, "parameter_missing")
		shop.does("GET", "/v1/players/me/ratings").is("its own", 404, "player_unknown")
		all[1].sends("POST", "/v1/reports", `{"player":"`+string(ada.id)+`","reason":"insults"}`).is("report", 201, "")
		var open struct{ Reports []reportBody }
		shop.does("GET", "/v1/reports").is("reports", 200, "").read(&open)
		if len(open.Reports) != 1 || open.Reports[0].Against.ID != ada.id {
			t.Fatalf("reports %+v", open)
		}
		shop.sends("POST", fmt.Sprintf("/v1/reports/%d/resolve", open.Reports[0].ID), `{"verdict":"warned"}`).is("resolve", 403, "forbidden")
	})
}

// TestOddQuestions about standings.
func TestOddQuestions(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		for path, code := range map[string]string{
			"leaderboards/ffa?season=x": "season_invalid", "leaderboards/ffa?season=2147483648": "season_invalid", "leaderboards/ffa?offset=-1": "offset_invalid",
			"leaderboards/ffa?limit=101": "limit_invalid", "leaderboards/ffa/around?season=-1": "season_invalid", "leaderboards/ffa/around?limit=51": "limit_invalid",
			"players/me/matches?before=9007199254740992": "before_invalid", "players/me/matches?limit=1e1": "limit_invalid",
		} {
			ada.does("GET", "/v1/"+path).is(path, 400, code)
		}
		for path, code := range map[string]string{
			"leaderboards/chess": "mode_unknown", "leaderboards/%00": "mode_unknown", "leaderboards/chess/around": "mode_unknown",
			"leaderboards/ffa?season=9": "season_unknown", "leaderboards/ffa/around?season=9": "season_unknown", "leaderboards/ffa/around?player=x": "not_ranked",
			"players/x/ratings": "player_unknown", "players/%00/matches": "player_unknown",
		} {
			ada.does("GET", "/v1/"+path).is(path, 404, code)
		}
	})
}

// TestStandingsNeverCrossGames: to players of another game neither boards nor
// players nor matches are there.
func TestStandingsNeverCrossGames(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(2)
		s.plays("m1", "ffa", all...)
		var session sessionBody
		s.ask("POST", "/v1/login/guest", `{"name":"Boris","game":"chess"}`).is("login", 200, "").read(&session)
		boris := person{s, session.Player.ID, "Authorization: Bearer " + session.Access, ""}
		boris.does("GET", "/v1/leaderboards/ffa").is("the board", 404, "mode_unknown")
		boris.does("GET", "/v1/leaderboards/ffa/around?player=%s", all[0]).is("around", 404, "mode_unknown")
		boris.does("GET", "/v1/players/%s/ratings", all[0]).is("ratings", 404, "player_unknown")
		boris.does("GET", "/v1/players/%s/matches", all[0]).is("matches", 404, "player_unknown")
		all[0].does("GET", "/v1/players/%s/matches", boris).is("the other way", 404, "player_unknown")
	})
}

// TestDeletedPlayersLeaveTheBoards, be their results forgotten or not yet.
func TestDeletedPlayersLeaveTheBoards(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		all := s.people(3)
		s.plays("m1", "ffa", all...)
		if err := s.cfg.Accounts.Delete(s.t.Context(), account.Ref{Game: game.DefaultGame, Player: all[0].id}); err != nil {
			t.Fatal(err)
		}
		if got := all[1].board("ffa"); len(got.Standings) != 2 || got.Standings[0].Rank != 2 {
			t.Errorf("not forgotten yet: %+v", got)
		}
		if err := s.cfg.Career.Forget(s.t.Context(), game.DefaultGame, all[0].id); err != nil {
			t.Fatal(err)
		}
		if got := all[1].board("ffa"); len(got.Standings) != 2 || got.Players != 2 || got.Standings[0].Rank != 1 {
			t.Errorf("forgotten: %+v", got)
		}
	})
}

// TestNoTicketsWhileNothingCanBeKept.
func TestNoTicketsWhileNothingCanBeKept(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		s.node.Close()
		ada.sends("POST", "/v1/tickets", `{"mode":"duel"}`).is("ticket", 503, "storage_unavailable")
	})
}
