package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/account"
)

// Odd input for each operation of the document, made of its own examples, so
// that operations to come are met as well.

// mended are an example's fields set to what they are not.
func mended(example map[string]any) (bodies []string) {
	values := []string{`7`, `-1`, `1e400`, `99999999999999999999999999`, `0.1e-9`, `true`, `null`, `[]`, `{}`, `""`, `[["a"]]`, `{"a":{"b":7}}`,
		`"\u0000"`, `"\ud800"`, `"` + strings.Repeat("x", 3000) + `"`, `"😀"`, `"%s%n"`, `"../../etc"`, `"' or 1=1 --"`}
	for field := range example {
		for _, v := range values {
			rest := map[string]json.RawMessage{}
			for other, was := range example {
				rest[other], _ = json.Marshal(was)
			}
			rest[field] = json.RawMessage(v)
			body, _ := json.Marshal(rest)
			bodies = append(bodies, string(body))
		}
	}
	return bodies
}

// bodied calls with each operation that takes a body, and its example.
func bodied(t *testing.T, with func(o *op, example map[string]any, body string)) {
	t.Helper()
	n := 0
	for _, methods := range theContract().operations {
		for _, o := range methods {
			if example, ok := dig(o.def, "requestBody", "content", "application/json", "example").(map[string]any); ok {
				body, _ := json.Marshal(example)
				with(o, example, string(body))
				n++
			}
		}
	}
	if n < 3 {
		t.Errorf("only %d operations take a body", n)
	}
}

// target is a path of an operation, with something where it has parameters.
func (o *op) target(param string) string {
	parts := strings.Split(o.path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") {
			parts[i] = param
		}
	}
	return strings.Join(parts, "/")
}

// An adminFor asks as an admin: as a new one after each request that was
// granted, which may have ended its caller's login.
type adminFor struct {
	*site
	now person // the zero value: none yet
}

func (a *adminFor) asks(method, path, body string, headers ...string) answer {
	a.t.Helper()
	if a.now.bearer == "" {
		a.now = a.with(account.RoleAdmin)
	}
	got := a.ask(strings.ToUpper(method), path, body, append(headers, a.now.bearer)...)
	if got.Code < 400 {
		a.now = person{}
	}
	return got
}

func TestOddBodies(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		admin := &adminFor{site: s}
		bodied(t, func(o *op, example map[string]any, body string) {
			ask := func(body string) answer { return admin.asks(o.method, o.target("x"), body) }
			for what, odd := range map[string]string{
				"nothing": "", "space": " \n", "half": body[:len(body)/2], "unclosed": body[:len(body)-1],
				"twice": body + body, "trailing": body + " x", "a bracket behind": body + "]", "a zero behind": body + "\x00",
				"a BOM": "\ufeff" + body, "UTF-16": "\xff\xfe{\x00}\x00", "no UTF-8": strings.Replace(body, `":"`, "\":\"\xff", 1),
				"an overlong slash": strings.Replace(body, `":"`, "\":\"\xc0\xaf", 1), "half a surrogate as UTF-8": strings.Replace(body, `":"`, "\":\"\xed\xa0\x80", 1),
				"in a list": "[" + body + "]", "a string": `"` + "x" + `"`, "a number": "7", "true": "true", "NaN": "NaN", "a comment": "/**/" + body,
				"single quotes": strings.ReplaceAll(body, `"`, `'`), "a trailing comma": body[:len(body)-1] + ",}", "no JSON": "name=Ada",
				"lists": strings.Repeat("[", 4000), "objects": strings.Repeat(`{"a":`, 700), "deep and whole": strings.Repeat("[", 2000) + strings.Repeat("]", 2000),
				"deep in a field": body[:len(body)-1] + `,"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}",
				"one too many":    body[:len(body)-1] + `,"x_unknown":1}`, "a prototype": body[:len(body)-1] + `,"__proto__":{}}`,
				"a field twice": body[:len(body)-1] + "," + body[1:], "as a list": "[1,2]",
			} {
				if odd != body { // with a number where a text would be
					ask(odd).is(o.name()+" "+what, 400, "body_invalid")
				}
			}
			for field, v := range example {
				shout, _ := json.Marshal(map[string]any{strings.ToUpper(field): v})
				ask(string(shout)).is(o.name()+" in capitals", 400, "body_invalid")
				double := fmt.Sprintf(`{%q:"a",%q:"b"}`, field, field)
				ask(double).is(o.name()+" "+double, 400, "body_invalid")
				escaped := fmt.Sprintf(`{%q:"a","\u%04x%s":"b"}`, field, field[0], field[1:])
				ask(escaped).is(o.name()+" "+escaped, 400, "body_invalid")
			}
			for _, body := range mended(example) {
				if a := ask(body); a.Code >= 500 {
					t.Errorf("%s %.80s: %d %s", o.name(), body, a.Code, a.Body)
				}
			}
			for _, huge := range []string{`{"x":"` + strings.Repeat("a", 1<<20) + `"}`, body + strings.Repeat(" ", 1<<20), strings.Repeat("{", 2<<20)} {
				ask(huge).is(o.name()+" huge", 413, "body_too_large")
			}
		})
	})
}

func TestContentTypes(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		admin := &adminFor{site: s}
		bodied(t, func(o *op, _ map[string]any, body string) {
			ask := func(headers ...string) answer { return admin.asks(o.method, o.target("x"), body, headers...) }
			for _, wrong := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
				"application/json; charset=utf-16", "text/json", "*/*", "application/json, text/plain", ";", "\x00"} {
				ask("Content-Type: "+wrong).is(o.name()+" as "+wrong, 415, "content_type_unsupported")
			}
			ask("Content-Type: application/json", "Content-Type: text/plain").is(o.name()+" as two", 415, "content_type_unsupported")
			ask("Content-Type: application/json", "Content-Encoding: gzip").is(o.name()+" packed", 415, "content_type_unsupported")
			for _, right := range []string{"application/json", "Application/JSON;charset=UTF-8", `application/json; charset="utf-8"; v=1`} {
				if a := ask("Content-Type: " + right); a.Code == 415 {
					t.Errorf("%s as %s: %s", o.name(), right, a.Body)
				}
			}
		})
	})
}

func TestOddPaths(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		bearer := s.with(account.RoleAdmin).bearer
		for _, methods := range theContract().operations {
			for _, o := range methods {
				if !strings.Contains(o.path, "{") {
					continue
				}
				for _, id := range []string{"%00", "%ff%fe", "%2e%2e", "%2f", "%2e%2e%2f%2e%2e", "{id}", ":id", "*", "-1", "null", "%F0%9F%98%80",
					"a;b", "a%20b", "'%20or%201=1--", "%25", strings.Repeat("9", 4000), strings.Repeat("%F0%9F%98%80", 300)} {
					if a := s.ask(strings.ToUpper(o.method), o.target(id), "", bearer); a.Code < 400 || a.Code >= 500 {
						t.Errorf("%s %.40s: %d %s", o.name(), id, a.Code, a.Body)
					}
				}
			}
		}
	})
}

// TestRarerAnswers are those of the document that take an effort to get.
func TestRarerAnswers(t *testing.T) {
	for what, test := range map[string]struct{ method, path, body string }{
		"look":   {"GET", "/v1/tickets/x", ""},
		"cancel": {"DELETE", "/v1/tickets/x", ""},
		"ticket": {"POST", "/v1/tickets", `{"mode":"ffa"}`},
		"socket": {"GET", "/v1/socket", ""},
	} {
		onSite(t, nil, func(s *site) {
			_, bearer := s.guest("Ada")
			s.ask("GET", "/v1/socket", "", handshake(bearer)...).is("a site without sockets", 404, "not_found")
			time.Sleep(expiry)
			s.ask(test.method, test.path, test.body, bearer).is(what, 401, "token_expired")
			for range 600 {
				if s.ask(test.method, test.path, test.body).Code == 429 {
					break
				}
			}
			s.ask(test.method, test.path, test.body).is(what, 429, "rate_limited")
		})
	}
}

// TestAnAccountIsLimited wherever it asks from.
func TestAnAccountIsLimited(t *testing.T) {
	onSite(t, func(c *Config) {
		unlimited(c)
		c.Limits.PlayerRead = Rate{1, 4}
	}, func(s *site) {
		_, bearer := s.guest("Ada")
		_, another := s.guest("Bob")
		for i := range 4 {
			s.ask("GET", "/v1/tickets/x", "", bearer, fmt.Sprintf("From-Address: 203.0.113.%d:1", i)).is("look", 404, "ticket_not_found")
		}
		s.ask("DELETE", "/v1/tickets/x", "", bearer).is("too often", 429, "rate_limited")
		s.ask("DELETE", "/v1/tickets/x", "", another).is("another", 404, "ticket_not_found")
		time.Sleep(time.Second)
		s.ask("GET", "/v1/tickets/x", "", bearer).is("a second later", 404, "ticket_not_found")
	})
}

// TestRefreshing too late, and too often.
func TestRefreshing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, nil)
		defer end()
		session, _ := s.guest("Ada")
		time.Sleep(testRefreshLife + time.Minute)
		refresh := func() answer { return s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`) }
		refresh().is("too old", 401, "token_expired")
		for refresh().Code != 429 {
		}
		refresh().is("too often", 429, "rate_limited")
	})
}

// FuzzRequests sends anything to any operation: the answer is one that the
// document lists, and never a fault of ours.
func FuzzRequests(f *testing.F) {
	s, end := newSite(f, func(c *Config) {
		unlimited(c)
		c.Origins = []string{"https://friend.example"}
		c.TrustedProxies = []string{"192.0.2.0/24"}
		c.Log = slog.New(slog.DiscardHandler)
	})
	f.Cleanup(end)
	var ops []*op
	for _, path := range sortedKeys(theContract().operations) {
		for _, method := range sortedKeys(theContract().operations[path]) {
			ops = append(ops, theContract().operations[path][method])
		}
	}
	methods := []string{"", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}
	for i, o := range ops {
		example, _ := json.Marshal(dig(o.def, "requestBody", "content", "application/json", "example"))
		f.Add(uint(i), uint(i%len(methods)), "x", "", "", "", true, example)
		f.Add(uint(i), uint(0), "x", "", "", "", true, example)
		f.Add(uint(i), uint(0), "mfrggzdfmztwq2lknnwg23tpob", strings.Join(theContract().queryNames(o), "=1&"), "Content-Type", "application/json", true, example)
		f.Add(uint(i), uint(0), "%2e%2e/x", "wait=-1s", "Content-Type", "text/plain", false, []byte("{\"name\":\"\xff\"}"))
	}
	f.Add(uint(0), uint(0), "", "state=%zz", "Origin", "https://friend.example", true, []byte(`[[[[`))
	f.Add(uint(0), uint(7), "x", "", "X-Request-Id", "abc", false, []byte(`{"mode":"ffa","mode":"duel"}`))
	var admin person
	f.Fuzz(func(t *testing.T, which, method uint, id, query, header, value string, loggedIn bool, body []byte) {
		o := ops[which%uint(len(ops))]
		m := methods[method%uint(len(methods))]
		if m == "" {
			m = strings.ToUpper(o.method)
		}
		u, err := url.ParseRequestURI(o.target(id))
		if err != nil || !sendable(header, value) {
			return // net/http refuses these
		}
		u.RawQuery = query
		r := httptest.NewRequestWithContext(hungUp, m, "/", strings.NewReader(string(body)))
		r.URL, r.Host = u, "play.example"
		s := &site{Handler: s.Handler, cfg: s.cfg, t: t}
		if admin.bearer == "" || s.ask("GET", "/v1/account", "", admin.bearer).Code != 200 { // it has deleted itself, or so
			admin = s.with(account.RoleAdmin)
		}
		if loggedIn {
			r.Header.Set("Authorization", strings.TrimPrefix(admin.bearer, "Authorization: "))
		}
		if header != "" {
			r.Header.Add(header, value)
		}
		if a := s.send(r, string(body)); a.Code >= 500 {
			t.Errorf("%s %s: %d %s", m, u, a.Code, a.Body)
		}
	})
}

// hungUp is the context of a client that is gone already: it waits for nothing.
var hungUp = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// sendable says whether net/http would let a header in.
func sendable(name, value string) bool {
	for _, b := range []byte(name) {
		if b <= ' ' || b >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, b) >= 0 {
			return false
		}
	}
	for _, b := range []byte(value) {
		if b < ' ' && b != '\t' || b == 0x7f {
			return false
		}
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
