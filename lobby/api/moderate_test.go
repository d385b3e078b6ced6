package api

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

func TestTheOwnAccount(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		s.cfg.Accounts.AddHolder("shop", hats{})
		u := s.person("Ada")
		if a := u.account(); !a.Guest || a.ID != u.id || a.Username != "" || a.Created.IsZero() || a.Seen != time.Now().UTC().Format(time.DateOnly) {
			t.Errorf("a guest: %+v", a)
		}
		var renamed accountBody
		u.sends("PATCH", "/v1/account", `{"name":"  Ada   King "}`).is("rename", 200, "").read(&renamed)
		if renamed.Name != "Ada King" || u.account().Name != "Ada King" {
			t.Errorf("renamed %+v", renamed)
		}
		u.sends("PATCH", "/v1/account", `{"name":"\u202e"}`).is("a bad name", 400, "name_invalid")

		export := u.sends("GET", "/v1/account/export", "").is("export", 200, "")
		var x exportBody
		export.read(&x)
		if x.Account.ID != u.id || len(x.Logins) != 1 || x.Kept["shop"] != "4 hats" || !strings.HasPrefix(export.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("exported %+v", x)
		}
		u.sends("DELETE", "/v1/account", "").is("delete", 204, "")
		u.sends("GET", "/v1/account", "").is("deleted", 401, "token_revoked")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+u.refresh+`"}`).is("deleted", 401, "token_invalid")
	})
}

// hats is a holder of things.
type hats struct{}

func (hats) Export(context.Context, account.Ref) (any, error) { return "4 hats", nil }
func (hats) Delete(context.Context, account.Ref) error        { return nil }

func TestLogout(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		s.ask("POST", "/v1/register", hopper).is("register", 200, "")
		login := func() person { return s.ask("POST", "/v1/login/password", hopper).enter(s) }
		a, b, c := login(), login(), login()
		a.sends("POST", "/v1/logout", "").is("logout", 204, "")
		a.sends("POST", "/v1/logout", "").is("again", 401, "token_revoked")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+a.refresh+`"}`).is("refresh", 401, "token_revoked")
		b.sends("GET", "/v1/account", "").is("another login", 200, "")
		b.sends("POST", "/v1/logout/everywhere", "").is("everywhere", 204, "")
		for _, u := range []person{b, c} {
			u.sends("GET", "/v1/account", "").is("everywhere", 401, "token_revoked")
		}
		login().sends("GET", "/v1/account", "").is("a new login", 200, "")
	})
}

// verb is what somebody does to somebody.
type verb struct{ method, path, body string }

func (v verb) by(u person, to person) answer {
	u.t.Helper()
	return u.sends(v.method, strings.ReplaceAll(v.path, "{id}", string(to.id)), v.body)
}

const banned = `{"until":"2040-01-01T00:00:00Z","reason":"x"}`

// TestWhoMayDoWhatToWhom: each verb by each role to each role.
func TestWhoMayDoWhatToWhom(t *testing.T) {
	player, mod, admin, service := account.RolePlayer, account.RoleModerator, account.RoleAdmin, account.RoleService
	for _, test := range []struct {
		verb
		by   []account.Role // who may at all
		harm bool           // to those below alone
	}{
		{verb{"GET", "/v1/players/{id}", ""}, []account.Role{player, mod, admin, service}, false},
		{verb{"GET", "/v1/players/{id}/ratings", ""}, []account.Role{player, mod, admin, service}, false},
		{verb{"GET", "/v1/players/{id}/matches", ""}, []account.Role{player, mod, admin, service}, false},
		{verb{"GET", "/v1/players/{id}/account", ""}, []account.Role{mod, admin, service}, false},
		{verb{"GET", "/v1/players/{id}/account/export", ""}, []account.Role{admin, service}, false},
		{verb{"PUT", "/v1/players/{id}/ban", banned}, []account.Role{mod, admin}, true},
		{verb{"DELETE", "/v1/players/{id}/ban", ""}, []account.Role{mod, admin}, true},
		{verb{"POST", "/v1/players/{id}/logout", ""}, []account.Role{admin, service}, true},
		{verb{"PUT", "/v1/players/{id}/role", `{"role":"moderator"}`}, []account.Role{admin}, true},
		{verb{"DELETE", "/v1/players/{id}/account", ""}, []account.Role{admin, service}, true},
	} {
		onSite(t, unlimited, func(s *site) {
			callers := map[account.Role]person{player: s.person("Ada"), mod: s.with(mod), admin: s.with(admin), service: s.service("shop")}
			for by, u := range callers {
				for _, to := range []account.Role{player, mod, admin} {
					target, what := s.with(to), fmt.Sprintf("%s %s by %s to %s", test.method, test.path, by, to)
					got := test.verb.by(u, target)
					switch {
					case !contains(test.by, by):
						got.is(what, 403, "forbidden")
					case test.harm && !account.Above(by, to):
						got.is(what, 403, "rank_too_low")
					case got.Code >= 300:
						t.Errorf("%s: %d %s", what, got.Code, got.Body)
					}
				}
				if contains(test.by, by) {
					test.verb.by(u, person{id: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}).is(test.path, 404, "player_unknown")
					foreign := s.ask("POST", "/v1/login/guest", `{"name":"Eve","game":"chess"}`).enter(s)
					test.verb.by(u, foreign).is(test.path+" of another game", 404, "player_unknown")
					foreign.sends("GET", "/v1/account", "").is("untouched", 200, "")
				}
			}
		})
	}
}

func contains(all []account.Role, r account.Role) bool {
	return strings.Contains(fmt.Sprint(all), string(r))
}

// service is a back end.
func (s *site) service(name string) person {
	s.t.Helper()
	key, _, err := s.cfg.Accounts.NewServiceKey(context.Background(), game.DefaultGame, name)
	if err != nil {
		s.t.Fatal(err)
	}
	return person{s, "", "Authorization: Bearer " + key, ""}
}

// TestModeration: what the verbs do, and that the log tells of it.
func TestModeration(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u, mod, admin, shop := s.person("Ada"), s.with(account.RoleModerator), s.with(account.RoleAdmin), s.service("shop")
		path := "/v1/players/" + string(u.id)
		var public playerBody
		s.person("Bob").sends("GET", path, "").is("look", 200, "").read(&public)
		if public.Name != "Ada" || public.ID != u.id {
			t.Errorf("seen as %+v", public)
		}
		for what, body := range map[string]string{"past": `{"until":"2000-01-01T00:00:00Z"}`, "never": `{}`, "long": fmt.Sprintf(`{"until":"2040-01-01T00:00:00Z","reason":%q}`, strings.Repeat("x", 501))} {
			mod.sends("PUT", path+"/ban", body).is(what, 400, "ban_invalid")
		}
		mod.sends("PUT", path+"/ban", `{"until":"tomorrow"}`).is("no time", 400, "body_invalid")
		mod.sends("PUT", path+"/ban", banned).is("ban", 204, "")
		u.sends("GET", "/v1/account", "").is("banned", 401, "token_revoked")
		var seen accountBody
		mod.sends("GET", path+"/account", "").is("account", 200, "").read(&seen)
		if seen.Ban == nil || seen.Ban.Reason != "x" || seen.Ban.By != mod.id || seen.Ban.Until.Year() != 2040 {
			t.Errorf("banned: %+v", seen.Ban)
		}
		mod.sends("DELETE", path+"/ban", "").is("unban", 204, "")
		u = u.renewed()
		admin.sends("PUT", path+"/role", `{"role":"god"}`).is("no role", 400, "role_unknown")
		admin.sends("PUT", path+"/role", `{"role":"service"}`).is("none of accounts", 400, "role_unknown")
		admin.sends("PUT", path+"/role", `{"role":"moderator"}`).is("role", 204, "")
		u.sends("GET", "/v1/account", "").is("the old role's token", 401, "token_revoked")
		if u = u.renewed(); u.account().Role != account.RoleModerator {
			t.Errorf("the role is %+v", u.account())
		}
		admin.sends("POST", path+"/logout", "").is("logout", 204, "")
		u.sends("GET", "/v1/account", "").is("logged out", 401, "token_revoked")
		admin.sends("PUT", path+"/role", `{"role":"player"}`).is("role", 204, "")
		shop.sends("GET", path+"/account/export", "").is("export", 200, "")
		shop.sends("DELETE", path+"/account", "").is("delete", 204, "")
		mod.sends("GET", path+"/account", "").is("deleted", 404, "player_unknown")
		for _, line := range []string{
			"action=player.ban target=" + string(u.id) + " actor=" + string(mod.id), "action=player.unban", "action=player.role target=" + string(u.id) + " actor=" + string(admin.id),
			"action=player.logout", "action=player.read", "action=player.export target=" + string(u.id) + ` actor="service shop"`, "action=player.delete target=" + string(u.id) + ` actor="service shop"`,
		} {
			if !strings.Contains(s.log.String(), line) {
				t.Errorf("the log does not say %s", line)
			}
		}
	})
}

// TestTheLastAdmin gives the role away, or leaves, when there is another; of two
// who do so at once, one.
func TestTheLastAdmin(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		admin, mod := s.with(account.RoleAdmin), s.with(account.RoleModerator)
		role := func(u person) answer {
			return u.sends("PUT", "/v1/players/%s/role", `{"role":"player"}`, u)
		}
		admin.does("DELETE", "/v1/account").is("leave", 409, "last_admin")
		role(admin).is("give it away", 409, "last_admin")
		role(mod).is("a moderator", 403, "forbidden")
		admin.does("GET", "/v1/account").is("nothing has changed", 200, "")
		other := s.with(account.RoleAdmin)
		role(other).is("with another", 204, "")
		other = other.renewed().becomes(account.RoleAdmin)
		answers := make(chan answer, 2)
		go func() { answers <- admin.does("DELETE", "/v1/account") }()
		go func() { answers <- role(other) }()
		first, second := <-answers, <-answers
		if first.Code+second.Code != 204+409 {
			t.Errorf("at once: %d and %d", first.Code, second.Code)
		}
	})
}

func TestKeys(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		get := func(path string) (ids []string) {
			var set struct{ Keys []jwk }
			a := s.ask("GET", path, "").is(path, 200, "")
			a.read(&set)
			for _, k := range set.Keys {
				ids = append(ids, k.ID)
			}
			return ids
		}
		ours, others := get("/v1/keys"), get("/v1/keys?game=chess")
		if fmt.Sprint(ours) != fmt.Sprint(get("/v1/keys?game=main")) || fmt.Sprint(ours) == fmt.Sprint(others) {
			t.Errorf("keys %v, of the other game %v", ours, others)
		}
		s.ask("GET", "/v1/keys?game=other", "").is("no game", 404, "game_unknown")
		u := s.person("Ada")
		head, err := bytesText.DecodeString(strings.Split(strings.TrimPrefix(u.bearer, "Authorization: Bearer "), ".")[0])
		var h struct{ Kid string }
		if err != nil || json.Unmarshal(head, &h) != nil || !strings.Contains(fmt.Sprint(ours), h.Kid) {
			t.Errorf("%s is signed by none of %v", head, ours)
		}
	})
}

func TestServiceKeys(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		admin := s.with(account.RoleAdmin)
		var made serviceKeyBody
		admin.sends("POST", "/v1/service-keys", `{"name":"shop"}`).is("make", 201, "").read(&made)
		shop := person{s, "", "Authorization: Bearer " + made.Key, ""}
		shop.sends("GET", "/v1/players/"+string(admin.id)+"/account", "").is("let in", 200, "")
		list := admin.sends("GET", "/v1/service-keys", "").is("list", 200, "")
		var all struct{ Keys []serviceKeyBody }
		list.read(&all)
		if len(all.Keys) != 1 || all.Keys[0].ID != made.ID || all.Keys[0].Name != "shop" || strings.Contains(list.Body.String(), "msk1") {
			t.Errorf("listed %s", list.Body)
		}
		for _, name := range []string{"", strings.Repeat("x", 65), `\u202e`} {
			admin.sends("POST", "/v1/service-keys", `{"name":"`+name+`"}`).is("name "+name, 400, "service_key_name_invalid")
		}
		for _, u := range []person{shop, s.with(account.RoleModerator)} {
			u.sends("POST", "/v1/service-keys", `{"name":"x"}`).is("make", 403, "forbidden")
			u.sends("GET", "/v1/service-keys", "").is("list", 403, "forbidden")
			u.sends("DELETE", "/v1/service-keys/"+made.ID, "").is("revoke", 403, "forbidden")
		}
		admin.sends("DELETE", "/v1/service-keys/"+made.ID, "").is("revoke", 204, "")
		admin.sends("DELETE", "/v1/service-keys/"+made.ID, "").is("again", 404, "service_key_not_found")
		shop.sends("GET", "/v1/players/"+string(admin.id)+"/account", "").is("shut out", 401, "token_invalid")
		_, foreign, err := s.cfg.Accounts.NewServiceKey(s.t.Context(), "chess", "shop")
		if err != nil {
			t.Fatal(err)
		}
		admin.sends("DELETE", "/v1/service-keys/"+foreign.ID, "").is("another game's", 404, "service_key_not_found")
		if !strings.Contains(s.log.String(), "action=service_key.create target="+made.ID) || strings.Contains(s.log.String(), made.Key) {
			t.Error("the log does not tell of the key, or tells it")
		}
	})
}
