package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

// TestOldClients are told to update, wherever they would begin to play.
func TestOldClients(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		ada := s.person("Ada")
		shop := s.backEnd(game.DefaultGame)
		shop.sends("PUT", "/v1/client", `{"least":"1.4.2"}`).is("set", 200, "")
		for path, body := range map[string]string{
			"/v1/login/guest": `{"name":"Bob"}`, "/v1/login/refresh": `{"refresh":"` + ada.refresh + `"}`,
			"/v1/register": `{"username":"bob","password":"correct horse battery"}`, "/v1/login/password": `{"username":"bob","password":"wrong"}`,
			"/v1/login/device": `{"device":"x","nonce":"x","proof":"x"}`, "/v1/login/oidc": `{"secret":"x","state":"x","code":"x"}`,
			"/v1/tickets": `{"mode":"duel"}`,
		} {
			for old, detail := range map[string]string{
				"X-Nothing: x":         "This game wants clients of version 1.4.2 or newer, and this one does not say its own; a client says its version in the header Muster-Client.",
				"Muster-Client: ":      "This game wants clients of version 1.4.2 or newer, and this one does not say its own; a client says its version in the header Muster-Client.",
				"Muster-Client: new":   `This game wants clients of version 1.4.2 or newer, and "new" is no version; a client says its version in the header Muster-Client.`,
				"Muster-Client: 1.4.1": "Version 1.4.1 of this client is too old: this game wants 1.4.2 or newer.",
			} {
				var p problem
				ada.on(old, "POST", path, body).is(path+" "+old, http.StatusUpgradeRequired, "update_required").read(&p)
				if p.Least != "1.4.2" || p.Detail != detail {
					t.Errorf("%s: %+v", old, p)
				}
			}
			if a := ada.on("Muster-Client: 1.4.2", "POST", path, body); a.Code == http.StatusUpgradeRequired {
				t.Errorf("%s: a new client is refused: %s", path, a.Body)
			}
		}
		s.ask("POST", "/v1/login/guest", `{"name":"Eve","game":"chess"}`).is("another game", 200, "")
		ada.does("GET", "/v1/account").is("what is no play", 200, "")
		shop.sends("PUT", "/v1/client", `{"least":""}`).is("set", 200, "")
		s.person("Bob")
	})
}

func TestClientVersion(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		for _, by := range []person{s.backEnd(game.DefaultGame), s.person("Root").becomes(account.RoleAdmin)} {
			var got versionBody
			by.sends("PUT", "/v1/client", `{"least":"2.0"}`).is("set", 200, "").read(&got)
			if got.Least != "2.0" {
				t.Errorf("set %+v", got)
			}
			got = versionBody{}
			by.does("GET", "/v1/client").is("get", 200, "").read(&got)
			if got.Least != "2.0" {
				t.Errorf("got %+v", got)
			}
			for _, wrong := range []string{"x", "1.2.3.4.5", "-1", "1.", " 1"} {
				by.sends("PUT", "/v1/client", `{"least":"`+wrong+`"}`).is(wrong, 400, "version_invalid")
			}
			by.sends("PUT", "/v1/client", `{"least":1}`).is("a number", 400, "body_invalid")
			by.sends("PUT", "/v1/client", `{"least":""}`).is("any", 200, "")
		}
		ada := s.person("Ada")
		ada.does("GET", "/v1/client").is("a player", 403, "forbidden")
		ada.sends("PUT", "/v1/client", `{"least":"9"}`).is("a player", 403, "forbidden")
		chess := s.backEnd("chess")
		chess.sends("PUT", "/v1/client", `{"least":"9"}`).is("another game", 200, "")
		s.person("Bob")
		if !strings.Contains(s.log.String(), "how.least=2.0") {
			t.Error("no audit line")
		}
	})
}
