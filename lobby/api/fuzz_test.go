package api

import (
	"encoding/json"
	"testing"
)

// FuzzBodies: whatever comes, the answer is one we have words for.
func FuzzBodies(f *testing.F) {
	for _, body := range []string{``, `{}`, `{"name":"Ada"}`, `{"mode":"ffa"}`, `{"refresh":"a.b.c"}`, `{"name":"\ud800"}`, `[[[[`, `{"name":"Ada"}{}`, `nul`} {
		f.Add(body)
	}
	limits := Limits{Login: Rate{1e9, 1e9}, Ticket: Rate{1e9, 1e9}, Player: Rate{1e9, 1e9}, Read: Rate{1e9, 1e9}}
	s, end := newSite(f, func(c *Config) { c.Limits = limits })
	f.Cleanup(end)
	_, bearer := s.guest("Ada")
	f.Fuzz(func(t *testing.T, body string) {
		s := &site{Handler: s.Handler, t: t}
		for _, path := range []string{"/v1/login/guest", "/v1/login/refresh", "/v1/tickets"} {
			a := s.ask("POST", path, body, bearer)
			switch a.Code {
			case 200, 201:
			case 400, 401, 404, 409, 413:
				var p problem
				if err := json.Unmarshal(a.Body.Bytes(), &p); err != nil || p.Code == "" {
					t.Errorf("%s %q: %d %s", path, body, a.Code, a.Body)
				}
			default:
				t.Errorf("%s %q: %d %s", path, body, a.Code, a.Body)
			}
		}
	})
}
