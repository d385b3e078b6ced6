package api

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

// enter is the person of an answer with a session.
func (a answer) enter(s *site) person {
	a.t.Helper()
	var session sessionBody
	a.is("login", 200, "").read(&session)
	return person{s, session.Player.ID, "Authorization: Bearer " + session.Access, session.Refresh}
}

// with is a new guest with a role.
func (s *site) with(role account.Role) person {
	s.t.Helper()
	return s.person(string(role)).becomes(role)
}

// renewed is the person with new tokens.
func (p person) renewed() person {
	p.t.Helper()
	return p.ask("POST", "/v1/login/refresh", `{"refresh":"`+p.refresh+`"}`).enter(p.site)
}

func (p person) account() (body accountBody) {
	p.t.Helper()
	p.does("GET", "/v1/account").is("account", 200, "").read(&body)
	return body
}

const hopper = `{"username":"Hopper","password":"correct horse"}`

func TestRegister(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		if a := u.account(); a.Username != "Hopper" || a.Name != "Hopper" || a.Guest || a.Role != account.RolePlayer || a.Game != game.DefaultGame {
			t.Errorf("registered as %+v", a)
		}
		for body, want := range map[string]struct {
			status int
			code   string
		}{
			hopper: {409, "username_taken"},
			`{"username":"H0PPER","password":"correct horse"}`:                   {409, "username_taken"}, // looks like it
			`{"username":"hopper","password":"battery staple","game":"other"}`:   {404, "game_unknown"},
			`{"username":"ho","password":"correct horse"}`:                       {400, "name_invalid"},
			`{"username":"admin","password":"correct horse"}`:                    {400, "name_invalid"},
			`{"username":"grace","password":"correct horse","name":"\u202e"}`:    {400, "name_invalid"},
			`{"username":"grace","password":"short"}`:                            {400, "password_length"},
			`{"username":"grace","password":"` + strings.Repeat("x", 129) + `"}`: {400, "password_length"},
			`{"username":"grace","password":"password1"}`:                        {400, "password_common"},
			`{"username":"grace.hopper","password":"Grace.Hopper"}`:              {400, "password_common"},
			`{"username":"grace","password":"correct horse","role":"admin"}`:     {400, "body_invalid"},
			`{"username":"grace"}`:                                               {400, "password_length"},
		} {
			s.ask("POST", "/v1/register", body).is(body, want.status, want.code)
		}
		other := s.ask("POST", "/v1/register", `{"username":"Hopper","password":"battery staple","name":"Grace","game":"chess"}`).enter(s)
		if a := other.account(); a.Game != "chess" || a.Name != "Grace" || other.id == u.id {
			t.Errorf("in the other game: %+v", a)
		}
	})
}

// TestANameThatIsRefused says which rule it breaks, to people and to programs.
func TestANameThatIsRefused(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		for body, want := range map[string]problem{
			`{"username":"ho","password":"correct horse"}`:    {Rule: "username_length", Detail: "A username has 3 to 20 characters."},
			`{"username":"Admin","password":"correct horse"}`: {Rule: "username_reserved", Detail: "The username is kept for the house, or looks like one that is."},
			`{"username":"a b c","password":"correct horse"}`: {Rule: "username_characters", Detail: "A username has letters and digits, and between them single dots, dashes and underscores."},
		} {
			var got problem
			s.ask("POST", "/v1/register", body).is(body, 400, "name_invalid").read(&got)
			if got.Rule != want.Rule || got.Detail != want.Detail {
				t.Errorf("%s: %+v", body, got)
			}
		}
		var got problem
		s.ask("POST", "/v1/login/guest", `{"name":" "}`).is("nothing", 400, "name_invalid").read(&got)
		if got.Rule != "empty" || got.Detail != "A name has a character at least." {
			t.Errorf("an empty name: %+v", got)
		}
	})
}

func TestLoginWithAPassword(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		for _, body := range []string{hopper, `{"username":"hOPPER","password":"correct horse"}`} {
			if again := s.ask("POST", "/v1/login/password", body).enter(s); again.id != u.id {
				t.Errorf("%s is somebody else", body)
			}
		}
		wrong := s.ask("POST", "/v1/login/password", `{"username":"hopper","password":"wrong horse"}`).is("wrong password", 401, "login_failed")
		for what, body := range map[string]string{
			"nobody": `{"username":"nobodyx","password":"wrong horse"}`, "no username": `{"username":"","password":"wrong horse"}`,
			"no name": `{"username":"\u202e!","password":"wrong horse"}`, "too short": `{"username":"hopper","password":"x"}`,
			"too long": `{"username":"hopper","password":"` + strings.Repeat("x", 999) + `"}`, "another game": hopper[:len(hopper)-1] + `,"game":"chess"}`,
		} {
			if got := s.ask("POST", "/v1/login/password", body).is(what, 401, "login_failed"); got.Body.String() != wrong.Body.String() || len(got.Header()) != len(wrong.Header()) {
				t.Errorf("%s is told apart: %s %v", what, got.Body, got.Header())
			}
		}
		s.ask("POST", "/v1/login/password", hopper[:len(hopper)-1]+`,"game":"other"}`).is("no game", 404, "game_unknown")
	})
}

// TestGuessing is slowed down for who guesses, with a time to wait, and not for
// others.
func TestGuessing(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		guess := func() answer {
			return s.ask("POST", "/v1/login/password", `{"username":"hopper","password":"wrong horse"}`, "From-Address: 203.0.113.66:1")
		}
		for range 3 {
			guess().is("guess", 401, "login_failed")
		}
		time.Sleep(500 * time.Millisecond)
		if after := guess().is("a fourth", 429, "too_many_failures").Header().Get("Retry-After"); after != "1" {
			t.Errorf("Retry-After %q", after)
		}
		s.ask("POST", "/v1/login/password", hopper).is("the owner, from elsewhere", 200, "")

		change := `{"password":"wrong horse","new_password":"battery staple"}`
		for range 3 {
			u.sends("PUT", "/v1/account/password", change).is("wrong", 401, "login_failed")
		}
		u.sends("PUT", "/v1/account/password", change).is("a fourth time", 429, "too_many_failures")
	})
}

// TestAddingAPassword makes a guest a named account that has all it had.
func TestAddingAPassword(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.person("Ada")
		x := s.ticket(u.bearer, "duel")
		s.ask("POST", "/v1/register", hopper).is("register", 200, "")
		add := func(body string) answer { return u.sends("POST", "/v1/account/password", body) }
		add(hopper).is("taken", 409, "username_taken")
		add(`{"username":"a","password":"correct horse"}`).is("name", 400, "name_invalid")
		add(`{"username":"lovelace","password":"x"}`).is("short", 400, "password_length")
		add(`{"username":"lovelace","password":"iloveyou"}`).is("common", 400, "password_common")
		if !u.account().Guest {
			t.Error("a failure has changed the guest")
		}
		var got accountBody
		add(`{"username":"lovelace","password":"correct horse"}`).is("add", 200, "").read(&got)
		if got.ID != u.id || got.Guest || got.Username != "lovelace" || got.Name != "Ada" {
			t.Errorf("the guest has become %+v", got)
		}
		add(`{"username":"another","password":"correct horse"}`).is("twice", 409, "username_exists")
		if again := s.ask("POST", "/v1/login/password", `{"username":"lovelace","password":"correct horse"}`).enter(s); again.id != u.id {
			t.Error("the password is somebody else's")
		}
		u.sends("GET", "/v1/tickets/"+string(x.ID), "").is("the ticket there was", 200, "")
	})
}

func TestChangingAPassword(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		other := s.ask("POST", "/v1/login/password", hopper).enter(s)
		change := func(old, new string) answer {
			return u.sends("PUT", "/v1/account/password", fmt.Sprintf(`{"password":%q,"new_password":%q}`, old, new))
		}
		change("wrong horse", "battery staple").is("wrong", 401, "login_failed")
		change("correct horse", "x").is("short", 400, "password_length")
		change("correct horse", "12345678").is("common", 400, "password_common")
		now := change("correct horse", "battery staple").enter(s)
		for what, dead := range map[string]person{"this": u, "the other": other} {
			dead.sends("GET", "/v1/account", "").is(what, 401, "token_revoked")
			if a := s.ask("POST", "/v1/login/refresh", `{"refresh":"`+dead.refresh+`"}`); a.Code != 401 { // which of its codes depends on whose place the new login has
				t.Errorf("%s refreshes: %d", what, a.Code)
			}
		}
		if now.account().ID != u.id {
			t.Error("the new session is somebody else's")
		}
		s.ask("POST", "/v1/login/password", hopper).is("the old password", 401, "login_failed")
		s.person("Ada").sends("PUT", "/v1/account/password", `{"password":"correct horse","new_password":"battery staple"}`).is("a guest's", 401, "login_failed")
	})
}

// TestBannedPlayersAreTold until when and why, by each login that was right, and
// nobody else is.
func TestBannedPlayersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, unlimited)
		defer end()
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		u.sends("PUT", "/v1/account/devices/laptop", `{"key":"`+deviceKey+`"}`).is("device", 204, "")
		s.link(u, "idp")
		until := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		mod := s.with(account.RoleModerator)
		mod.sends("PUT", "/v1/players/"+string(u.id)+"/ban", `{"until":"`+until+`","reason":"flood"}`).is("ban", 204, "")
		for what, got := range map[string]answer{
			"password": s.ask("POST", "/v1/login/password", hopper), "refresh": s.ask("POST", "/v1/login/refresh", `{"refresh":"`+u.refresh+`"}`),
			"device": s.loginDevice("laptop", deviceKey), "oidc": s.loginOIDC("idp"),
		} {
			var p problem
			got.is(what, 403, "banned").read(&p)
			if p.Until.Format(time.RFC3339) != until || p.Reason != "flood" {
				t.Errorf("%s: %+v", what, p)
			}
		}
		s.ask("POST", "/v1/login/password", `{"username":"hopper","password":"wrong horse"}`).is("a stranger", 401, "login_failed")
		u.sends("GET", "/v1/account", "").is("the token", 401, "token_revoked")
		time.Sleep(time.Minute)
		if again := s.ask("POST", "/v1/login/password", hopper).enter(s); again.id != u.id || again.account().Ban != nil {
			t.Error("when it is over the player is not who they were")
		}
	})
}
