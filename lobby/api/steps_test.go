package api

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

// everyRoute calls with each route of an API, once for GET and HEAD.
func everyRoute(t *testing.T, s *site, with func(r route, path string)) {
	t.Helper()
	a, err := newAPI(s.cfg)
	if err == nil {
		_, err = a.routes()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range a.table {
		if r.method != "HEAD" && r.path != "/v1/socket" {
			with(r, strings.NewReplacer(":id", "x").Replace(r.path))
		}
	}
}

func (r route) needsToken() (needs bool) {
	for _, s := range r.steps {
		needs = needs || s.token
	}
	return needs
}

// TestEveryRouteChecksItsToken, whatever it is for.
func TestEveryRouteChecksItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, unlimited)
		defer end()
		old := s.with(account.RoleAdmin)
		time.Sleep(time.Hour)
		gone, player, shop := s.with(account.RoleAdmin), s.newcomer("Ada"), s.service("shop")
		if err := s.cfg.Accounts.LogoutEverywhere(t.Context(), account.Ref{Game: game.DefaultGame, Player: gone.id}); err != nil {
			t.Fatal(err)
		}
		everyRoute(t, s, func(r route, path string) {
			if !r.needsToken() {
				return
			}
			name := r.method + " " + r.path
			s.ask(r.method, path, `{}`).is(name, 401, "token_missing")
			s.ask(r.method, path, `{}`, "Authorization: Bearer x").is(name, 401, "token_invalid")
			old.ask(r.method, path, `{}`).is(name, 401, "token_expired")
			gone.ask(r.method, path, `{}`).is(name, 401, "token_revoked")
			if forbidden := player.ask(r.method, path, `{}`); forbidden.Code != 403 {
				shop.ask(r.method, path, `{}`).is(name, 403, "forbidden")
				if strings.HasPrefix(r.path, "/v1/account") || strings.HasPrefix(r.path, "/v1/logout") {
					player = s.newcomer("Ada") // that may have been its end
				}
			}
		})
	})
}

// TestEveryRouteIsLimited by address, but for those that cost nothing.
func TestEveryRouteIsLimited(t *testing.T) {
	onSite(t, func(c *Config) {
		unlimited(c)
		one := Rate{0.0001, 1}
		c.Limits.Login, c.Limits.Password, c.Limits.Register, c.Limits.Read, c.Limits.Ticket = one, one, one, one, one
	}, func(s *site) {
		everyRoute(t, s, func(r route, path string) {
			if len(r.steps) == 0 {
				return
			}
			s.ask(r.method, path, `{}`)
			if after := s.ask(r.method, path, `{}`).is(r.method+" "+r.path, 429, "rate_limited").Header().Get("Retry-After"); after < "1" {
				t.Errorf("%s: Retry-After %q", r.path, after)
			}
		})
	})
}

// TestAccountsWithoutADisk: whatever reads or writes says so, and can be tried
// again.
func TestAccountsWithoutADisk(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		u.ask("PUT", "/v1/account/devices/laptop", `{"key":"`+deviceKey+`"}`).is("device", 204, "")
		admin := s.with(account.RoleAdmin)
		var key serviceKeyBody
		admin.ask("POST", "/v1/service-keys", `{"name":"shop"}`).is("key", 201, "").read(&key)
		proof, flow := s.prove("laptop", deviceKey), s.arrive(s.beginOIDC("idp"))
		s.node.Close()
		path := "/v1/players/" + string(u.id)
		for _, v := range []verb{
			{"POST", "/v1/register", `{"username":"grace","password":"correct horse"}`}, {"POST", "/v1/login/password", hopper},
			{"POST", "/v1/login/device", proof}, {"POST", "/v1/login/oidc", flow}, {"POST", "/v1/logout", ""}, {"POST", "/v1/logout/everywhere", ""},
			{"GET", "/v1/account", ""}, {"PATCH", "/v1/account", `{"name":"Ada"}`}, {"DELETE", "/v1/account", ""}, {"GET", "/v1/account/export", ""},
			{"POST", "/v1/account/password", hopper}, {"PUT", "/v1/account/password", `{"password":"correct horse","new_password":"battery staple"}`},
			{"PUT", "/v1/account/devices/laptop", `{"key":"` + deviceKey + `"}`}, {"DELETE", "/v1/account/devices/laptop", ""},
			{"POST", "/v1/account/identities", `{"provider":"idp"}`}, {"DELETE", "/v1/account/identities/x", ""},
			{"GET", path, ""}, {"GET", path + "/account", ""}, {"DELETE", path + "/account", ""}, {"GET", path + "/account/export", ""}, {"POST", path + "/logout", ""},
			{"PUT", path + "/ban", banned}, {"DELETE", path + "/ban", ""}, {"PUT", path + "/role", `{"role":"player"}`},
			{"POST", "/v1/service-keys", `{"name":"x"}`}, {"DELETE", "/v1/service-keys/" + key.ID, ""},
		} {
			a := v.by(admin, u).is(v.method+" "+v.path, 503, "storage_unavailable")
			if a.Header().Get("Retry-After") == "" {
				t.Errorf("%s: no Retry-After", v.path)
			}
		}
	})
}

// TestHashesQueueUp, and who finds the queue full is told to come back.
func TestHashesQueueUp(t *testing.T) {
	s, end := newSite(t, unlimited)
	defer end()
	slow, err := account.Open(account.Config{Games: []account.Game{game.DefaultGame}, Secrets: [][]byte{testSecret}, Argon: account.Argon{Memory: 4 << 10}}, s.node)
	if err == nil {
		s.cfg.Accounts = slow
		s.Handler, err = New(s.cfg)
	}
	if err != nil {
		t.Fatal(err)
	}
	named := s.ask("POST", "/v1/register", hopper).enter(s)
	guest := s.newcomer("Ada")
	for _, test := range []struct {
		by user
		verb
	}{
		{guest, verb{"POST", "/v1/register", `{"username":"grace%d","password":"correct horse"}`}},
		{guest, verb{"POST", "/v1/login/password", `{"username":"grace%d","password":"wrong horse"}`}},
		{guest, verb{"POST", "/v1/account/password", `{"username":"ada%d","password":"correct horse"}`}},
		{named, verb{"PUT", "/v1/account/password", `{"password":"wrong horse %d","new_password":"battery staple"}`}},
	} {
		for n := 0; !s.queues(test.by, test.verb, n); n += 100 {
			guest = s.newcomer("Ada")
		}
	}
}

// queues sends a hundred at once, each from an address of its own, and says
// whether one was refused because of the others.
func (s *site) queues(by user, v verb, from int) bool {
	var busy atomic.Bool
	var asking sync.WaitGroup
	for i := from; i < from+100; i++ {
		asking.Go(func() {
			a := s.ask(v.method, v.path, fmt.Sprintf(v.body, i), by.bearer, fmt.Sprintf("From-Address: 203.0.%d.%d:1", i/200, i%200))
			if a.Code == 503 {
				a.is(v.path, 503, "login_busy")
				busy.Store(true)
			}
		})
	}
	asking.Wait()
	return busy.Load()
}
