package api

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/musterhq/muster/lobby"
)

// TestTheQueueIsFull, and a ticket has so many polls.
func TestTheQueueIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSiteOver(t, lobby.Config{MaxTickets: 1, MaxPolls: 1}, nil)
		defer end()
		_, ada := s.guest("Ada")
		_, bob := s.guest("Bob")
		x := s.ticket(ada, "duel")
		s.ask("POST", "/v1/tickets", `{"mode":"duel"}`, bob).is("second ticket", 503, "queue_full")
		polled := make(chan answer)
		go func() { polled <- s.ask("GET", "/v1/tickets/"+string(x.ID)+"?wait=5s", "", ada) }()
		time.Sleep(time.Second)
		s.ask("GET", "/v1/tickets/"+string(x.ID)+"?wait=5s", "", ada).is("second poll", 429, "too_many_polls")
		(<-polled).is("first poll", 200, "")
	})
}

const friend = "Origin: https://friend.example"

// TestPagesOfOtherOrigins in the list may do everything, and no others.
func TestPagesOfOtherOrigins(t *testing.T) {
	onSite(t, func(c *Config) { c.Origins = []string{"https://friend.example"} }, func(s *site) {
		shared := func(a answer) bool {
			t.Helper()
			h := a.Header()
			if !slices.Contains(h.Values("Vary"), "Origin") {
				t.Errorf("%s: Vary %q", a.to.URL, h.Values("Vary"))
			}
			if h.Get("Access-Control-Allow-Origin") == "" {
				if h.Get("Access-Control-Allow-Credentials")+h.Get("Access-Control-Allow-Headers")+h.Get("Access-Control-Expose-Headers") != "" {
					t.Errorf("%s: shared by halves: %v", a.to.URL, h)
				}
				return false
			}
			if h.Get("Access-Control-Allow-Origin") != "https://friend.example" || h.Get("Access-Control-Allow-Credentials") != "true" {
				t.Errorf("%s: %v", a.to.URL, h)
			}
			return true
		}
		for _, route := range [][2]string{{"POST", "/v1/login/guest"}, {"POST", "/v1/tickets"}, {"GET", "/v1/tickets/x"}, {"DELETE", "/v1/tickets/x"}} {
			a := s.ask("OPTIONS", route[1], "", friend, "Access-Control-Request-Method: "+route[0], "Access-Control-Request-Headers: authorization,content-type")
			if !shared(a) || a.Code != 204 || !strings.Contains(a.Header().Get("Access-Control-Allow-Methods"), route[0]) ||
				!strings.Contains(a.Header().Get("Access-Control-Allow-Headers"), "Authorization, Content-Type") || a.Header().Get("Access-Control-Max-Age") == "" {
				t.Errorf("preflight of %v: %d %v", route, a.Code, a.Header())
			}
		}
		// A page there logs in, takes a ticket, waits for it and meets an error.
		login := s.ask("POST", "/v1/login/guest", `{"name":"Ada"}`, friend, "Content-Type: application/json").is("login", 200, "")
		var session sessionBody
		login.read(&session)
		bearer := "Authorization: Bearer " + session.Access
		ticket := s.ask("POST", "/v1/tickets", `{"mode":"duel"}`, friend, bearer).is("ticket", 201, "")
		twice := s.ask("POST", "/v1/tickets", `{"mode":"duel"}`, friend, bearer).is("twice", 409, "ticket_exists")
		look := s.ask("GET", ticket.Header().Get("Location"), "", friend, bearer).is("look", 200, "")
		absent := s.ask("GET", "/v1/nothing", "", friend).is("nothing", 404, "not_found")
		method := s.ask("PUT", "/v1/modes", "", friend).is("put", 405, "method_not_allowed")
		for _, a := range []answer{login, ticket, twice, look, absent, method} {
			if !shared(a) || !strings.Contains(a.Header().Get("Access-Control-Expose-Headers"), "Retry-After") {
				t.Errorf("%s: %v", a.to.URL, a.Header())
			}
		}
		for _, foreign := range [][]string{
			nil, {"Origin: null"}, {"Origin: *"}, {"Origin: https://evil.example"}, {"Origin: https://friend.example:8443"}, {"Origin: http://friend.example"},
			{"Origin: https://FRIEND.example"}, {"Origin: https://friend.example/"}, {"Origin: https://sub.friend.example"}, {"Origin: https://friend.example.evil.com"},
			{"Origin: "}, {friend, friend}, {"Origin: https://friend.example, https://evil.example"}, {"Origin: https://play.example"},
		} {
			preflight := s.ask("OPTIONS", "/v1/tickets", "", append(foreign, "Access-Control-Request-Method: POST")...)
			if shared(preflight) || shared(s.ask("GET", "/v1/modes", "", foreign...)) || preflight.Header().Get("Access-Control-Allow-Methods") != "" {
				t.Errorf("%q: %v", foreign, preflight.Header())
			}
		}
		if a := s.ask("GET", "/healthz", "", friend); a.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Error("health is shared")
		}
	})
}

func TestOriginsNoBrowserHas(t *testing.T) {
	s, end := newSite(t, nil)
	defer end()
	from := func(origin string) error {
		cfg := s.cfg
		cfg.Origins = []string{origin}
		_, err := New(cfg)
		return err
	}
	for _, origin := range []string{"https://Friend.example", "https://friend.example:443", "http://friend.example:80", "null", "HTTPS://friend.example"} {
		if from(origin) == nil {
			t.Errorf("%s was taken", origin)
		}
	}
	for _, origin := range []string{"https://friend.example:8443", "http://localhost:5173", "http://[::1]:8080", "capacitor://localhost"} {
		if err := from(origin); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

// TestOtherMethods: HEAD is GET without a body, OPTIONS lists what there is.
func TestOtherMethods(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		for path, allow := range map[string]string{
			"/healthz": "GET, HEAD, OPTIONS", "/v1/modes": "GET, HEAD, OPTIONS", "/v1/tickets": "OPTIONS, POST",
			"/v1/tickets/x": "DELETE, GET, HEAD, OPTIONS", "/v1/socket": "GET, OPTIONS", "/v1/docs": "GET, HEAD, OPTIONS",
		} {
			a := s.ask("OPTIONS", path, "").is("OPTIONS "+path, 204, "")
			if got := a.Header().Get("Allow"); got != allow || a.Header().Get("Access-Control-Allow-Methods") != "" {
				t.Errorf("%s: Allow %q, want %q", path, got, allow)
			}
			a = s.ask("BREW", path, "").is("BREW "+path, 405, "method_not_allowed")
			if got := a.Header().Get("Allow"); got != allow {
				t.Errorf("%s: Allow %q, want %q", path, got, allow)
			}
		}
		s.ask("OPTIONS", "/v1/nothing", "").is("nothing", 404, "not_found")
		for _, path := range []string{"/v1/modes", "/v1/openapi.json", "/v1/docs", "/v1/tickets/" + string(x.ID)} {
			get, head := s.ask("GET", path, "", bearer), s.ask("HEAD", path, "", bearer)
			if get.Code != 200 || head.Code != 200 || get.Header().Get("Content-Type") != head.Header().Get("Content-Type") {
				t.Errorf("%s: %d %v, %d %v", path, get.Code, get.Header(), head.Code, head.Header())
			}
		}
		s.ask("HEAD", "/v1/tickets/x", "", bearer).is("HEAD of none", 404, "ticket_not_found")
	})
	server := func() *httptest.Server { // what goes over the wire
		s, end := newSite(t, nil)
		t.Cleanup(end)
		return httptest.NewServer(s)
	}()
	defer server.Close()
	resp, err := http.Head(server.URL + "/v1/modes")
	if err != nil || resp.StatusCode != 200 || resp.ContentLength <= 0 {
		t.Errorf("HEAD over the network: %v %v", resp, err)
	}
}

func TestRequestIDs(t *testing.T) {
	onSite(t, func(c *Config) { c.TrustedProxies = []string{"10.0.0.0/8"} }, func(s *site) {
		ours := regexp.MustCompile(`^[A-Z2-7]{16}$`)
		const proxy = "From-Address: 10.1.2.3:5"
		for _, test := range []struct {
			what    string
			headers []string
			kept    bool
		}{
			{"given by a proxy", []string{proxy, "X-Request-Id: trace-1.A_b"}, true},
			{"longest", []string{proxy, "X-Request-Id: " + strings.Repeat("a", 64)}, true},
			{"given by nobody", []string{proxy}, false},
			{"given by a client", []string{"X-Request-Id: trace-1"}, false},
			{"with a line end", []string{proxy, "X-Request-Id: a\nmsg=forged"}, false},
			{"with a space", []string{proxy, "X-Request-Id: a b"}, false},
			{"too long", []string{proxy, "X-Request-Id: " + strings.Repeat("a", 65)}, false},
			{"empty", []string{proxy, "X-Request-Id: "}, false},
			{"two", []string{proxy, "X-Request-Id: a", "X-Request-Id: b"}, false},
		} {
			id := s.ask("GET", "/v1/modes", "", test.headers...).Header().Get("X-Request-Id")
			if test.kept != !ours.MatchString(id) || test.kept && !slices.Contains(test.headers, "X-Request-Id: "+id) {
				t.Errorf("%s: %q", test.what, id)
			}
			if !strings.Contains(s.log.String(), "request="+id+" ") {
				t.Errorf("%s: %q is not in the log", test.what, id)
			}
		}
		for _, path := range []string{"/v1/nothing", "/v1/tickets", "/healthz", "/v1/tickets/x"} {
			s.ask("GET", path, "") // whose id is checked with each answer
		}
	})
}

// TestRetryAfter is with each 429 and 503, whatever the refusal says.
func TestRetryAfter(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Minute: "60"} {
		for _, status := range []int{429, 503} {
			w := httptest.NewRecorder()
			c, _ := gin.CreateTestContext(w)
			refuse(c, &refusal{status: status, code: "x", detail: "x", after: after})
			if got := w.Header().Get("Retry-After"); got != want {
				t.Errorf("%d after %v: %q", status, after, got)
			}
		}
	}
}
