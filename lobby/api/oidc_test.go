package api

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// arrive is the body that finishes a login, of the answer that began it.
func (s *site) arrive(began answer) (body string) {
	s.t.Helper()
	var flow flowBody
	began.is("begin", 200, "").read(&flow)
	state, code := s.idp.Authorize(s.t, flow.URL)
	return fmt.Sprintf(`{"secret":%q,"state":%q,"code":%q}`, flow.Secret, state, code)
}

func (s *site) beginOIDC(provider string) answer {
	return s.ask("POST", "/v1/login/oidc/"+provider, `{}`)
}

func (s *site) loginOIDC(provider string) answer {
	s.t.Helper()
	return s.ask("POST", "/v1/login/oidc", s.arrive(s.beginOIDC(provider)))
}

// link gives a person the identity that the provider lets in.
func (s *site) link(u person, provider string) answer {
	s.t.Helper()
	return s.ask("POST", "/v1/login/oidc", s.arrive(u.sends("POST", "/v1/account/identities", `{"provider":"`+provider+`"}`)))
}

func TestOIDC(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.loginOIDC("idp").enter(s)
		if a := u.account(); a.Name != "Ada" || a.Guest || len(a.Identities) != 1 || a.Identities[0].Issuer != s.idp.URL || a.Identities[0].Subject != "subject-1" {
			t.Errorf("logged in as %+v", a)
		}
		if again := s.loginOIDC("idp").enter(s); again.id != u.id {
			t.Error("the second time it is somebody else")
		}
		if got := s.ask("GET", "/v1/login/oidc", "").is("providers", 200, "").Body.String(); !strings.Contains(got, `{"name":"idp","redirect":"`) || strings.Contains(got, "secret") {
			t.Errorf("providers: %s", got)
		}
		s.ask("GET", "/v1/login/oidc?game=chess", "").is("of another game", 200, "")
		s.ask("GET", "/v1/login/oidc?game=other", "").is("of no game", 404, "game_unknown")
		s.beginOIDC("nobody").is("no provider", 404, "provider_unknown")
		s.beginOIDC("down").is("a provider that is down", 502, "provider_failed")
		s.ask("POST", "/v1/login/oidc/idp", `{"game":"other"}`).is("no game", 404, "provider_unknown")

		body := s.arrive(s.beginOIDC("idp"))
		foreign := s.ask("POST", "/v1/login/oidc", body[:len(body)-1]+`,"game":"chess"}`).is("another game", 401, "login_failed")
		for what, body := range map[string]string{
			"nothing": `{}`, "made up": `{"secret":"x","state":"y","code":"z"}`,
		} {
			if got := s.ask("POST", "/v1/login/oidc", body).is(what, 401, "login_failed"); got.Body.String() != foreign.Body.String() {
				t.Errorf("%s is told apart", what)
			}
		}
		s.ask("POST", "/v1/login/oidc", body).is("right", 200, "")
		s.ask("POST", "/v1/login/oidc", body).is("replayed", 401, "login_failed")
		body = s.arrive(s.beginOIDC("idp"))
		s.idp.URL = "https://evil.example" // says it is somebody else
		s.ask("POST", "/v1/login/oidc", body).is("evil", 401, "login_failed")
	})
}

// TestAProviderIsGoneMeanwhile: what begins and cannot end.
func TestFlowsThatCannotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, unlimited)
		defer end()
		body := s.arrive(s.beginOIDC("idp"))
		time.Sleep(11 * time.Minute)
		s.ask("POST", "/v1/login/oidc", body).is("late", 401, "login_failed")

		body = s.arrive(s.beginOIDC("idp"))
		s.idp.Silent = true
		s.ask("POST", "/v1/login/oidc", body).is("no identity", 502, "provider_failed")
		s.idp.Silent = false

		u := s.person("Ada")
		body = s.arrive(u.sends("POST", "/v1/account/identities", `{"provider":"idp"}`))
		u.sends("DELETE", "/v1/account", "").is("delete", 204, "")
		s.ask("POST", "/v1/login/oidc", body).is("nobody is left to link to", 404, "player_unknown")
	})
}

func TestIdentities(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.person("Gus")
		if linked := s.link(u, "idp").enter(s); linked.id != u.id {
			t.Error("linked to somebody else")
		}
		a := u.account()
		if a.Guest || len(a.Identities) != 1 {
			t.Errorf("linked: %+v", a)
		}
		if again := s.loginOIDC("idp").enter(s); again.id != u.id {
			t.Error("the identity is somebody else's")
		}
		s.link(s.person("Eve"), "idp").is("Gus's", 409, "credential_taken")
		for i := range 7 {
			s.idp.Subject = fmt.Sprint("more ", i)
			s.link(u, "idp").is("more", 200, "")
		}
		s.idp.Subject = "a ninth"
		s.link(u, "idp").is("a ninth", 409, "credentials_full")
		for i, identity := range u.account().Identities {
			path := "/v1/account/identities/" + identity.ID
			s.person("Eve").sends("DELETE", path, "").is("Gus's", 404, "credential_not_found")
			if i == 7 {
				u.sends("DELETE", path, "").is("the last", 409, "last_credential")
				break
			}
			u.sends("DELETE", path, "").is("unlink", 204, "")
			u.sends("DELETE", path, "").is("unlink again", 404, "credential_not_found")
		}
		u.sends("POST", "/v1/account/identities", `{"provider":"nobody"}`).is("no provider", 404, "provider_unknown")
		u.sends("POST", "/v1/account/identities", `{"provider":"down"}`).is("down", 502, "provider_failed")
	})
}
