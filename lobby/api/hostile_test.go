package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/account"
)

func TestBadBodies(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		for _, test := range []struct {
			path, body string
			status     int
			code       string
		}{
			{"/v1/login/guest", ``, 400, "body_invalid"},
			{"/v1/login/guest", `{`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":"Ada"`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":"Ada"} x`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":"Ada"}{"name":"Ada"}`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":"Ada"}]`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":"Ada","admin":true}`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":5}`, 400, "body_invalid"},
			{"/v1/login/guest", `{"name":["Ada"]}`, 400, "body_invalid"},
			{"/v1/login/guest", `"Ada"`, 400, "body_invalid"},
			{"/v1/login/guest", `[]`, 400, "body_invalid"},
			{"/v1/login/guest", `null`, 400, "body_invalid"},
			{"/v1/login/guest", `name=Ada`, 400, "body_invalid"},
			{"/v1/login/guest", strings.Repeat("[", 4000), 400, "body_invalid"},
			{"/v1/login/guest", `{"name":"` + strings.Repeat("a", 5000) + `"}`, 413, "body_too_large"},
			{"/v1/login/guest", `{"name":"Ada"}` + strings.Repeat(" ", 5000), 413, "body_too_large"},
			{"/v1/login/guest", `{}`, 400, "name_invalid"},
			{"/v1/login/guest", `{"name":null}`, 400, "name_invalid"},
			{"/v1/login/guest", `{"name":"\u202eadA"}`, 400, "name_invalid"},
			{"/v1/login/guest", `{"name":"\ud800"}`, 400, "name_invalid"},
			{"/v1/login/guest", "{\"name\":\"a\xff\"}", 400, "body_invalid"},
			{"/v1/login/refresh", `{"refresh":"x"}`, 401, "token_invalid"},
			{"/v1/login/refresh", `{}`, 401, "token_invalid"},
			{"/v1/login/refresh", `{"access":"x"}`, 400, "body_invalid"},
			{"/v1/tickets", `{}`, 404, "mode_unknown"},
			{"/v1/tickets", `{"mode":"chess"}`, 404, "mode_unknown"},
			{"/v1/tickets", `{"mode":"FFA"}`, 404, "mode_unknown"},
			{"/v1/tickets", `{"mode":"ffa\u0000"}`, 404, "mode_unknown"},
			{"/v1/tickets", `{"mode":"ffa","player":"x"}`, 400, "body_invalid"},
		} {
			time.Sleep(time.Second) // the limits are another test's
			what := fmt.Sprintf("%s %.40s", test.path, test.body)
			s.ask("POST", test.path, test.body, bearer).is(what, test.status, test.code)
		}
	})
}

func TestBadQueriesAndMethods(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		for query, code := range map[string]string{
			"wait=abc": "wait_invalid", "wait=25": "wait_invalid", "wait=-1s": "wait_invalid", "wait=NaN": "wait_invalid",
			"state=lost": "state_invalid", "state=WAITING": "state_invalid",
		} {
			s.ask("GET", "/v1/tickets/"+string(x.ID)+"?"+query, "", bearer).is(query, 400, code)
		}
		for _, test := range [][2]string{
			{"GET", "/v1/login/guest"}, {"PUT", "/v1/login/guest"}, {"DELETE", "/v1/modes"}, {"PUT", "/v1/tickets"},
			{"POST", "/v1/tickets/" + string(x.ID)}, {"POST", "/v1/socket"}, {"POST", "/healthz"}, {"BREW", "/v1/modes"},
		} {
			a := s.ask(test[0], test[1], "{}", bearer).is(test[0]+" "+test[1], 405, "method_not_allowed")
			if a.Header().Get("Allow") == "" {
				t.Errorf("%s %s: no Allow", test[0], test[1])
			}
		}
		for _, id := range []string{"x", strings.Repeat("a", 5000), "%00", string(x.ID) + "%00"} {
			s.ask("GET", "/v1/tickets/"+id, "", bearer).is("id "+id[:min(len(id), 20)], 404, "ticket_not_found")
		}
	})
}

func TestForeignTickets(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, ada := s.guest("Ada")
		_, eve := s.guest("Eve")
		x := s.ticket(ada, "duel")
		forbidden := s.ask("GET", "/v1/tickets/"+string(x.ID)+"?wait=25s", "", eve).is("another's", 404, "ticket_not_found")
		absent := s.ask("GET", "/v1/tickets/"+strings.Repeat("a", 26)+"?wait=25s", "", eve).is("nobody's", 404, "ticket_not_found")
		if forbidden.Body.String() != absent.Body.String() {
			t.Errorf("they differ: %s, %s", forbidden.Body, absent.Body)
		}
		s.ask("DELETE", "/v1/tickets/"+string(x.ID), "", eve).is("cancelled by another", 404, "ticket_not_found")
		s.ask("GET", "/v1/tickets/"+string(x.ID), "", ada).is("still there", 200, "")
	})
}

func TestBadTokens(t *testing.T) {
	onSite(t, nil, func(s *site) {
		session, _ := s.guest("Ada")
		good := session.Access
		for what, test := range map[string]struct{ header, code string }{
			"none":             {"", "token_missing"},
			"no scheme":        {"Authorization: " + good, "token_missing"},
			"basic":            {"Authorization: Basic " + good, "token_missing"},
			"empty":            {"Authorization: Bearer ", "token_invalid"},
			"refresh":          {"Authorization: Bearer " + session.Refresh, "token_invalid"},
			"tampered":         {"Authorization: Bearer " + good[:len(good)-3] + "AAA", "token_invalid"},
			"alg none":         {"Authorization: Bearer eyJhbGciOiJub25lIn0." + strings.Split(good, ".")[1] + ".", "token_invalid"},
			"two in one":       {"Authorization: Bearer " + good + " " + good, "token_invalid"},
			"in a subprotocol": {"Sec-WebSocket-Protocol: bearer." + good, "token_missing"},
			"huge":             {"Authorization: Bearer " + strings.Repeat("a.", 100_000), "token_invalid"},
		} {
			for _, route := range [][2]string{{"POST", "/v1/tickets"}, {"GET", "/v1/tickets/x"}, {"DELETE", "/v1/tickets/x"}} {
				a := s.ask(route[0], route[1], `{"mode":"ffa"}`, test.header).is(what, 401, test.code)
				if a.Header().Get("WWW-Authenticate") != "Bearer" {
					t.Errorf("%s: no WWW-Authenticate", what)
				}
			}
		}
		both := []string{"Authorization: Bearer " + good, "Authorization: Bearer " + session.Refresh}
		s.ask("GET", "/v1/tickets/x", "", both...).is("two headers", 401, "token_missing")
		s.ask("GET", "/v1/tickets/x", "", "Authorization: bEARER "+good).is("any case", 404, "ticket_not_found")
		time.Sleep(expiry)
		s.ask("GET", "/v1/tickets/x", "", "Authorization: Bearer "+good).is("expired", 401, "token_expired")
	})
}

// handshake is a good one's headers but for those replaced; "Name: " leaves
// one out.
func handshake(replaced ...string) (headers []string) {
	good := []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: muster.v1"}
	for _, h := range append(good, replaced...) {
		name, value, _ := strings.Cut(h, ": ")
		for i, old := range headers {
			if strings.HasPrefix(old, name+": ") {
				headers = append(headers[:i:i], headers[i+1:]...)
				break
			}
		}
		if value != "" {
			headers = append(headers, h)
		}
	}
	return headers
}

func TestHandshakes(t *testing.T) {
	upgraded := 0
	counts := &upgradeCounts{}
	count := func(w http.ResponseWriter, r *http.Request, who account.Caller) {
		upgraded++
		w.WriteHeader(http.StatusSwitchingProtocols)
		w.Write([]byte(who.Name))
	}
	onSite(t, func(c *Config) {
		c.Socket = count
		c.Upgrades.Meter = counts
		c.Origins = []string{"https://friend.example"}
	}, func(s *site) {
		session, bearer := s.guest("Ada")
		inList := "Sec-WebSocket-Protocol: muster.v1, bearer." + session.Access
		same := "Origin: https://play.example"
		for _, test := range []struct {
			what    string
			headers []string
			status  int
			code    string
		}{
			{"header, no origin", handshake(bearer), 101, ""},
			{"header, same origin", handshake(bearer, same), 101, ""},
			{"header, plain origin", handshake(bearer, "Origin: http://play.example"), 101, ""},
			{"subprotocol, same origin", handshake(inList, same), 101, ""},
			{"subprotocol, a friend's", handshake(inList, "Origin: https://friend.example"), 101, ""},
			{"token first", handshake("Sec-WebSocket-Protocol: bearer."+session.Access+",muster.v1", same), 101, ""},

			{"subprotocol, no origin", handshake(inList), 403, "origin_forbidden"},
			{"evil", handshake(inList, "Origin: https://evil.example"), 403, "origin_forbidden"},
			{"evil with a header", handshake(bearer, "Origin: https://evil.example"), 403, "origin_forbidden"},
			{"null", handshake(inList, "Origin: null"), 403, "origin_forbidden"},
			{"null with a header", handshake(bearer, "Origin: null"), 403, "origin_forbidden"},
			{"below", handshake(inList, "Origin: https://sub.play.example"), 403, "origin_forbidden"},
			{"above", handshake(inList, "Origin: https://play.example.evil.com"), 403, "origin_forbidden"},
			{"beside", handshake(inList, "Origin: https://evilplay.example"), 403, "origin_forbidden"},
			{"another port", handshake(inList, "Origin: https://play.example:8443"), 403, "origin_forbidden"},
			{"as a user", handshake(inList, "Origin: https://play.example@evil.com"), 403, "origin_forbidden"},
			{"with a path", handshake(inList, "Origin: https://play.example/"), 403, "origin_forbidden"},
			{"another scheme", handshake(inList, "Origin: file://play.example"), 403, "origin_forbidden"},
			{"a friend's other port", handshake(inList, "Origin: https://friend.example:1"), 403, "origin_forbidden"},
			{"a friend in plain", handshake(inList, "Origin: http://friend.example"), 403, "origin_forbidden"},
			{"a star", handshake(inList, "Origin: *"), 403, "origin_forbidden"},
			{"two", append(handshake(inList, same), same), 403, "origin_forbidden"},

			{"no token", handshake(same), 401, "token_missing"},
			{"a refresh token", handshake("Authorization: Bearer "+session.Refresh, same), 401, "token_invalid"},
			{"garbage in the list", handshake("Sec-WebSocket-Protocol: muster.v1, bearer.x", same), 401, "token_invalid"},
			{"token in a cookie", handshake("Cookie: access="+session.Access, same), 401, "token_missing"},

			{"no subprotocol", handshake(bearer, "Sec-WebSocket-Protocol: "), 400, "subprotocol_required"},
			{"the next version", handshake(bearer, "Sec-WebSocket-Protocol: muster.v2"), 400, "subprotocol_required"},
			{"only the token", handshake("Sec-WebSocket-Protocol: bearer."+session.Access, same), 400, "subprotocol_required"},
			{"no upgrade", handshake(bearer, "Upgrade: "), 400, "upgrade_required"},
			{"h2c", handshake(bearer, "Upgrade: h2c"), 400, "upgrade_required"},
			{"version 8", handshake(bearer, "Sec-WebSocket-Version: 8"), 400, "upgrade_required"},
			{"no key", handshake(bearer, "Sec-WebSocket-Key: "), 400, "upgrade_required"},
			{"a short key", handshake(bearer, "Sec-WebSocket-Key: abc="), 400, "upgrade_required"},
		} {
			time.Sleep(time.Second)
			before := upgraded
			a := s.ask("GET", "/v1/socket", "", test.headers...).is(test.what, test.status, test.code)
			if opened := upgraded > before; opened != (test.status == 101) {
				t.Errorf("%s: upgraded %v", test.what, opened)
			}
			if test.status == 101 && a.Body.String() != "Ada" {
				t.Errorf("%s: as %s", test.what, a.Body)
			}
		}
		s.ask("GET", "/v1/socket?access="+session.Access, "", handshake(same)...).is("token in the URL", 400, "query_invalid")
		if counts.done != upgraded {
			t.Errorf("%d sockets were opened, and %d counted", upgraded, counts.done)
		}
	})
}

// TestSocketsBeingOpenedAreBounded, over the API: what is turned away has not
// even been asked who it is, what stands in line is let in.
func TestSocketsBeingOpenedAreBounded(t *testing.T) {
	var release chan struct{}
	counts := &upgradeCounts{}
	onSite(t, func(c *Config) {
		c.Upgrades = Upgrades{AtOnce: 3, Line: 2, Meter: counts}
		c.Socket = func(w http.ResponseWriter, _ *http.Request, _ account.Caller) {
			<-release
			w.WriteHeader(http.StatusSwitchingProtocols)
		}
	}, func(s *site) {
		release = make(chan struct{})
		_, bearer := s.guest("Ada")
		var opening sync.WaitGroup
		for range 5 {
			opening.Go(func() { s.ask("GET", "/v1/socket", "", handshake(bearer)...).is("in time", 101, "") })
		}
		synctest.Wait()
		for what, token := range map[string]string{"the sixth": bearer, "a bad token": "Authorization: Bearer x"} {
			a := s.ask("GET", "/v1/socket", "", handshake(token)...).is(what, 503, "busy")
			if seconds, err := strconv.Atoi(a.Header().Get("Retry-After")); err != nil || seconds < 1 || seconds > int(mostAway/time.Second) {
				t.Errorf("%s: Retry-After %q", what, a.Header().Get("Retry-After"))
			}
		}
		close(release)
		opening.Wait()
		s.ask("GET", "/v1/socket", "", handshake(bearer)...).is("later", 101, "")
		if counts.done != 6 || counts.away != 2 || counts.longest != 2 || counts.waiting != 0 {
			t.Errorf("%+v", counts)
		}
	})
}

func TestLimits(t *testing.T) {
	onSite(t, func(c *Config) { c.Limits.Login, c.Limits.LoopbackFactor = Rate{2, 4}, 5 }, func(s *site) {
		login := func(headers ...string) answer { return s.ask("POST", "/v1/login/guest", `{"name":"Ada"}`, headers...) }
		flood := func(from string) (passed int) {
			for range 30 {
				if login("From-Address: "+from, "X-Forwarded-For: 6.6.6.6").Code == 200 {
					passed++
				}
			}
			return passed
		}
		for from, want := range map[string]int{
			"203.0.113.1:1": 4, "203.0.113.2:1": 4, "[2001:db8::1]:1": 4, "127.0.0.1:1": 20, "[::1]:1": 20,
		} {
			if got := flood(from); got != want {
				t.Errorf("%s passed %d times, want %d", from, got, want)
			}
		}
		a := login("From-Address: 203.0.113.1:99", "X-Forwarded-For: 7.7.7.7").is("another port, another tale", 429, "rate_limited")
		if after := a.Header().Get("Retry-After"); after != "1" {
			t.Errorf("Retry-After %q", after)
		}
		login("From-Address: [2001:db8::2]:1").is("the neighbour in the same /64", 429, "rate_limited")
		login("From-Address: [2001:db8:0:1::2]:1").is("the next /64", 200, "")
		time.Sleep(time.Second)
		if got := flood("203.0.113.1:1"); got != 2 {
			t.Errorf("a second later %d pass", got)
		}
	})
}

func TestLimitsBehindAProxy(t *testing.T) {
	onSite(t, func(c *Config) { c.Limits.Login = Rate{1, 1}; c.TrustedProxies = []string{"10.0.0.1"} }, func(s *site) {
		login := func(forwarded string) answer {
			return s.ask("POST", "/v1/login/guest", `{"name":"Ada"}`, "From-Address: 10.0.0.1:5", "X-Forwarded-For: "+forwarded)
		}
		login("203.0.113.1").is("one", 200, "")
		login("203.0.113.2").is("another", 200, "")
		login("203.0.113.1").is("one again", 429, "rate_limited")
		login("6.6.6.6, 203.0.113.1").is("one, lying to the proxy", 429, "rate_limited")
	})
}

func TestAPlayerCannotChurn(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		made := 0
		for range 50 {
			a := s.ask("POST", "/v1/tickets", `{"mode":"duel"}`, bearer)
			if a.Code == 201 {
				made++
				var x ticketBody
				a.read(&x)
				s.ask("DELETE", "/v1/tickets/"+string(x.ID), "", bearer).is("cancel", 204, "")
			} else {
				a.is("too many", 429, "rate_limited")
			}
		}
		if made != 5 {
			t.Errorf("made %d tickets at once", made)
		}
	})
}

func TestLimitersForgetTheLongestAway(t *testing.T) {
	l := newLimiter(Rate{1, 1}, 1, 3)
	now := time.Unix(1, 0)
	for i := range 10_000 {
		l.take(fmt.Sprint(i), false, now)
	}
	l.take("9997", false, now) // stays in mind
	l.take("new", false, now)
	if len(l.byKey) != 3 || l.latest.Len() != 3 {
		t.Errorf("%d addresses, %d in order", len(l.byKey), l.latest.Len())
	}
	if after := l.take("9997", false, now); after != time.Second {
		t.Errorf("a known one waits %v", after)
	}
	if after := l.take("9998", false, now); after != 0 {
		t.Errorf("a forgotten one waits %v", after)
	}
}

func TestAnAccessTokenDoesNotRefresh(t *testing.T) {
	onSite(t, nil, func(s *site) {
		session, _ := s.guest("Ada")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Access+`"}`).is("refresh", 401, "token_invalid")
	})
}
