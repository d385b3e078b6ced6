package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/hooks"
)

const aHook = `{"url":"https://studio.example/muster","types":["match.ended"]}`

// hooked makes an endpoint.
func (p person) hooked() (h hookBody) {
	p.t.Helper()
	p.sends("POST", "/v1/webhooks", aHook).is("add", 201, "").read(&h)
	return h
}

func (p person) hooks() (all []hookBody) {
	p.t.Helper()
	var body struct{ Webhooks []hookBody }
	p.does("GET", "/v1/webhooks").is("list", 200, "").read(&body)
	return body.Webhooks
}

func TestWebhooks(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		for _, by := range []person{s.backEnd(game.DefaultGame), s.person("Root").becomes(account.RoleAdmin)} {
			if len(by.hooks()) != 0 {
				t.Error("there is one already")
			}
			made := by.hooked()
			path := "/v1/webhooks/" + made.ID
			if made.URL != "https://studio.example/muster" || len(made.Types) != 1 || !strings.HasPrefix(made.Secret, "whsec_") {
				t.Errorf("made %+v", made)
			}
			var got, set hookBody
			by.does("GET", path).is("get", 200, "").read(&got)
			if got.Secret != "" || got.URL != made.URL {
				t.Errorf("got %+v", got)
			}
			by.sends("PUT", path, `{"url":"https://studio.example/other","types":["*"]}`).is("set", 200, "").read(&set)
			if set.URL != "https://studio.example/other" || set.Types[0] != "*" {
				t.Errorf("set %+v", set)
			}
			by.does("POST", path+"/disable").is("disable", 200, "").read(&set)
			if set.Disabled != hooks.DisabledByHand {
				t.Errorf("disabled %+v", set)
			}
			set = hookBody{}
			by.does("POST", path+"/enable").is("enable", 200, "").read(&set)
			if set.Disabled != "" {
				t.Errorf("enabled %+v", set)
			}
			var secret struct{ Secret string }
			by.does("POST", path+"/secret").is("rotate", 200, "").read(&secret)
			if secret.Secret == made.Secret || !strings.HasPrefix(secret.Secret, "whsec_") {
				t.Error("the secret is the old one")
			}
			if all := by.hooks(); len(all) != 1 || all[0].ID != made.ID || all[0].Secret != "" {
				t.Errorf("list %+v", all)
			}
			by.does("DELETE", path).is("remove", 204, "")
			for _, v := range []string{"GET ", "PUT ", "DELETE ", "POST /enable", "POST /disable", "POST /secret"} {
				method, verb, _ := strings.Cut(v, " ")
				by.sends(method, path+verb, aHook).is(v+" of none", 404, "webhook_not_found")
			}
			if strings.Contains(s.log.String(), "whsec_") {
				t.Error("a secret is in the log")
			}
			for _, deed := range []string{"add", "set", "disable", "enable", "secret", "remove"} {
				want := "action=webhook." + deed + " target=" + made.ID + " actor="
				if !strings.Contains(s.log.String(), want) {
					t.Errorf("no audit line %s", want)
				}
			}
		}
	})
}

func TestWebhooksThatCannotBe(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		shop := s.backEnd(game.DefaultGame)
		path := "/v1/webhooks/" + shop.hooked().ID
		for body, code := range map[string]string{
			`{"url":"http://studio.example","types":["*"]}`:                                   "url_invalid",
			`{"url":"https://","types":["*"]}`:                                                "url_invalid",
			`{"url":"https://user:secret@studio.example","types":["*"]}`:                      "url_invalid",
			`{"url":"https://studio.example/` + strings.Repeat("x", 512) + `","types":["*"]}`: "url_invalid",
			`{"url":"file:///etc/passwd","types":["*"]}`:                                      "url_invalid",
			`{"types":["*"]}`: "url_invalid",
			`{"url":"https://127.0.0.1/","types":["*"]}`:                                       "target_forbidden",
			`{"url":"https://[::1]/","types":["*"]}`:                                           "target_forbidden",
			`{"url":"https://169.254.169.254/latest","types":["*"]}`:                           "target_forbidden",
			`{"url":"https://studio.example"}`:                                                 "types_invalid",
			`{"url":"https://studio.example","types":["*","match.ended"]}`:                     "types_invalid",
			`{"url":"https://studio.example","types":["match.ended","match.ended"]}`:           "types_invalid",
			`{"url":"https://studio.example","types":["match.end"]}`:                           "type_unknown",
			`{"url":"https://studio.example","types":["match.ended","Match Ended"]}`:           "type_unknown",
			`{"url":"https://studio.example","types":[` + strings.Repeat(`"a",`, 32) + `"a"]}`: "type_unknown",
			`{"url":"https://studio.example","types":"*"}`:                                     "body_invalid",
			`{"url":"https://studio.example","types":["*"],"secret":"mine"}`:                   "body_invalid",
		} {
			shop.sends("POST", "/v1/webhooks", body).is(body, 400, code)
			shop.sends("PUT", path, body).is(body, 400, code)
		}
		var typo problem
		shop.sends("POST", "/v1/webhooks", `{"url":"https://studio.example","types":["match.end"]}`).is("typo", 400, "type_unknown").read(&typo)
		for _, known := range []string{hooks.MatchEnded, hooks.PlayerDeleted} {
			if !strings.Contains(typo.Detail, known) {
				t.Errorf("%q does not name %s", typo.Detail, known)
			}
		}
		shop.hooked()
		shop.hooked()
		shop.sends("POST", "/v1/webhooks", aHook).is("one more", 409, "webhooks_full")
	})
}

// TestWebhooksAreTheGames: players have none to do with them, and other games
// find none.
func TestWebhooksAreTheGames(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		made := s.backEnd(game.DefaultGame).hooked()
		foreign := s.backEnd("chess")
		for _, v := range []string{"GET ", "PUT ", "DELETE ", "POST /enable", "POST /disable", "POST /secret"} {
			method, verb, _ := strings.Cut(v, " ")
			foreign.sends(method, "/v1/webhooks/"+made.ID+verb, aHook).is("foreign "+v, 404, "webhook_not_found")
		}
		if all := foreign.hooks(); len(all) != 0 {
			t.Errorf("another game is shown %+v", all)
		}
		foreign.hooked()
		for i, by := range []person{s.person("Ada"), s.person("Mod").becomes(account.RoleModerator)} {
			by.sends("POST", "/v1/webhooks", aHook).is(fmt.Sprint("player ", i), 403, "forbidden")
			by.does("GET", "/v1/webhooks").is(fmt.Sprint("player ", i), 403, "forbidden")
		}
		if all := s.backEnd(game.DefaultGame).hooks(); len(all) != 1 || all[0].URL != made.URL || all[0].Disabled != "" {
			t.Errorf("%+v", all)
		}
	})
}
