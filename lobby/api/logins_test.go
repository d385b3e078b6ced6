package api

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

// TestLoginsAreLimited by address, and whatever else needs no token and is not
// for nothing.
func TestLoginsAreLimited(t *testing.T) {
	onSite(t, func(c *Config) {
		unlimited(c)
		none := Rate{1e-9, 0}
		c.Limits.Login, c.Limits.Password, c.Limits.Register, c.Limits.Read = none, none, none, none
	}, func(s *site) {
		for _, methods := range theContract().operations {
			for _, o := range methods {
				if security, _ := o.def["security"].([]any); len(security) > 0 || !slices.Contains(o.answers, result{429, "rate_limited"}) {
					continue
				}
				if a := s.ask(strings.ToUpper(o.method), o.target("x"), `{}`).is(o.name(), 429, "rate_limited"); a.Header().Get("Retry-After") == "" {
					t.Errorf("%s: no Retry-After", o.name())
				}
			}
		}
	})
}

// TestAnAccountChangesSlowly, wherever it asks from.
func TestAnAccountChangesSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, func(c *Config) { unlimited(c); c.Limits.PlayerAccount = Rate{0.2, 3} })
		defer end()
		ada, bob := s.person("Ada"), s.person("Bob")
		for range 3 {
			ada.sends("PATCH", "/v1/account", `{"name":"Ada"}`).is("rename", 200, "")
		}
		for _, v := range []verb{{"PATCH", "/v1/account", `{"name":"Ada"}`}, {"POST", "/v1/account/password", hopper}, {"GET", "/v1/account/export", ""}, {"DELETE", "/v1/account", ""}} {
			if after := ada.sends(v.method, v.path, v.body).is(v.path, 429, "rate_limited").Header().Get("Retry-After"); after != "5" {
				t.Errorf("%s: Retry-After %q", v.path, after)
			}
		}
		bob.sends("PATCH", "/v1/account", `{"name":"Bob"}`).is("another", 200, "")
		time.Sleep(5 * time.Second)
		ada.sends("PATCH", "/v1/account", `{"name":"Ada"}`).is("later", 200, "")
	})
}

// TestLoginsWithoutADisk: nobody is told that they are somebody.
func TestLoginsWithoutADisk(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		u := s.ask("POST", "/v1/register", hopper).enter(s)
		u.sends("PUT", "/v1/account/devices/laptop", `{"key":"`+deviceKey+`"}`).is("device", 204, "")
		proof, flow := s.prove("laptop", deviceKey), s.arrive(s.beginOIDC("idp"))
		s.node.Close()
		for _, v := range []verb{
			{"POST", "/v1/register", `{"username":"grace","password":"correct horse"}`}, {"POST", "/v1/login/password", hopper},
			{"POST", "/v1/login/device", proof}, {"POST", "/v1/login/oidc", flow},
		} {
			s.ask(v.method, v.path, v.body).is(v.path, 503, "storage_unavailable")
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
	guest, same := func() person { return s.person("Ada") }, func() person { return named }
	for _, test := range []struct {
		by func() person
		verb
	}{
		{guest, verb{"POST", "/v1/register", `{"username":"grace%d","password":"correct horse"}`}},
		{guest, verb{"POST", "/v1/login/password", `{"username":"grace%d","password":"wrong horse"}`}},
		{guest, verb{"POST", "/v1/account/password", `{"username":"ada%d","password":"correct horse"}`}},
		{same, verb{"PUT", "/v1/account/password", `{"password":"wrong horse %d","new_password":"battery staple"}`}},
	} {
		n := 0
		for ; n < 1000 && !s.queues(test.by(), test.verb, n); n += crowd {
		}
		if n >= 1000 {
			t.Errorf("%s: nobody was told that too many log in", test.path)
		}
	}
}

// crowd is how many come at once: more than twice as many as may wait.
const crowd = 40

// queues sends a crowd at once, each from an address of its own, and says
// whether one was refused because of the others.
func (s *site) queues(by person, v verb, from int) bool {
	var busy atomic.Bool
	var asking sync.WaitGroup
	for i := from; i < from+crowd; i++ {
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
