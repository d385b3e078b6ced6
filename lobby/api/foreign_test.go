package api

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// TestNothingCrossesGames: a back end and an admin of one game try every
// operation that there is on everything of another, and neither do anything to
// it nor are shown any of it.
func TestNothingCrossesGames(t *testing.T) {
	onPitch(t, func(s *site, r *referee) {
		shop, ada := s.backEnd(game.DefaultGame), s.person("Ada Byron")
		ticket := s.ticket(ada.bearer, "duel").ID
		match, hook := shop.launches(s.person("Bob")).ID, shop.hooked().ID
		ada.sends("PUT", "/v1/saves/slot", `{"value":"of Ada","public":true}`).saved("save")
		secret := []string{string(ada.id), string(ticket), string(match), hook, "Ada Byron", "of Ada"}
		root := s.of("chess", "Root")
		if err := s.cfg.Accounts.SetRole(s.t.Context(), account.Ref{Game: "chess", Player: root.id}, account.RoleAdmin); err != nil {
			t.Fatal(err)
		}
		root = s.ask("POST", "/v1/login/refresh", `{"game":"chess","refresh":"`+root.refresh+`"}`).enter(s)
		tried := 0
		for _, by := range []person{s.backEnd("chess"), root} {
			for _, methods := range theContract().operations {
				for _, o := range methods {
					if security, _ := o.def["security"].([]any); len(security) == 0 || ownThings(o.path) {
						continue
					}
					for _, id := range []string{string(ada.id), string(ticket), string(match), hook} {
						a := by.sends(strings.ToUpper(o.method), strings.NewReplacer("{id}", id, "{key}", "slot", "{mode}", "duel").Replace(o.path), o.exampleOf(ada.id))
						tried++
						if strings.Contains(o.path, "{id}") && a.Code < 400 || a.Code >= 500 {
							t.Errorf("%s with %s: %d %s", o.name(), id, a.Code, a.Body)
						}
						for _, told := range secret {
							if strings.Contains(a.Body.String(), told) && !strings.Contains(o.exampleOf(ada.id), told) {
								t.Errorf("%s tells of %s: %s", o.name(), told, a.Body)
							}
						}
					}
				}
			}
			by.does("GET", "/v1/webhooks").is("what is theirs", 200, "") // nothing of it was for want of a token
		}
		if tried < 200 {
			t.Errorf("only %d requests", tried)
		}
		s.untouched(ada, shop, match, hook, r)
	})
}

// ownThings says whether the path of an operation names what is the caller's
// own, whatever it is called.
func ownThings(path string) bool {
	return strings.HasPrefix(path, "/v1/account") || strings.HasPrefix(path, "/v1/saves") || strings.HasPrefix(path, "/v1/logout") || path == "/v1/socket"
}

// exampleOf is the example of an operation's body with somebody's id in it.
func (o *op) exampleOf(id protocol.PlayerID) string {
	body, _ := json.Marshal(dig(o.def, "requestBody", "content", "application/json", "example"))
	return strings.ReplaceAll(string(body), nowhere, string(id))
}

// untouched fails the test where something was done to what there is.
func (s *site) untouched(ada, shop person, match protocol.MatchID, hook string, r *referee) {
	s.t.Helper()
	if got := ada.does("GET", "/v1/saves/slot").saved("save"); string(got.Value) != `"of Ada"` {
		s.t.Errorf("the save is %s", got.Value)
	}
	if got := ada.account(); got.Role != account.RolePlayer || got.Ban != nil {
		s.t.Errorf("the account is %+v", got)
	}
	if all := shop.hooks(); len(all) != 1 || all[0].ID != hook || all[0].Disabled != "" || all[0].URL != "https://studio.example/muster" {
		s.t.Errorf("the webhooks are %+v", all)
	}
	if ids, _ := shop.matches(""); len(ids) != 1 || ids[0] != match || len(r.got()) > 0 {
		s.t.Errorf("matches %v, orders %v", ids, r.got())
	}
	if keys := s.cfg.Accounts.ServiceKeys(game.DefaultGame); len(keys) != 1 {
		s.t.Errorf("the service keys are %v", keys)
	}
	if v := s.cfg.Versions.Least(game.DefaultGame); v != "" {
		s.t.Errorf("the least version is %s", v)
	}
}
