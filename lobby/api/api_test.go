package api

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/career"
	"github.com/musterhq/muster/lobby/hooks"
	"github.com/musterhq/muster/lobby/oidctest"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/lobby/version"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// expiry is when no access token is good any more that there is now. Fake time
// is not free: everything that looks around now and then does so in it.
const expiry = 16 * time.Minute

// testRefreshLife is how long the refresh tokens of sites are good.
const testRefreshLife = 30 * time.Minute

var testSecret = []byte("a secret for tests, 32 bytes or more")

// A site is an API over a lobby, with a match host that takes all.
type site struct {
	http.Handler
	t      testing.TB
	cfg    Config
	lobby  *lobby.Lobby
	node   *bus.Node
	bus    *bus.Local // to the match host
	queue  *partyQueue
	ear    *ear
	log    *syncBuffer
	idp    *oidctest.Provider
	refuse atomic.Bool // the match host takes no match
	free   bool        // answers are not held to the document
}

type noHall struct{}

func (noHall) Entered(*socket.Conn, any)                       {}
func (noHall) Left(*socket.Conn, error)                        {}
func (noHall) Message(*socket.Conn, []byte) (v socket.Verdict) { return v }

func testModes() []*game.Mode {
	bot := func(game.Seat, uint64) game.Bot { return nil }
	return []*game.Mode{
		{Game: game.DefaultGame, Name: "ffa", Title: "Free for all", About: "Everyone against everyone.", Seats: 4, Hz: 30, MinPlayers: 1, FillAfter: 2 * time.Second, Bot: bot, Spectators: game.Spectators{Delay: 1500 * time.Millisecond},
			Options: []game.Option{{Name: "map", Title: "Map", Values: []string{"forge", "pit"}}, {Name: "round", Title: "Seconds", Min: 60, Max: 600, Default: 300}}},
		{Game: game.DefaultGame, Name: "duel", Title: "Duel", Seats: 2, Hz: 60, MinPlayers: 2, FillAfter: 2 * time.Second},
		{Game: game.DefaultGame, Name: "pairs", Title: "Pairs", Seats: 4, Hz: 30, MinPlayers: 4, FillAfter: 2 * time.Second,
			Matchmaking: game.Matchmaking{Teams: 2, TeamSize: 2, Regions: []string{"eu", "us"}, Match: []string{"map"}, AcceptFor: 20 * time.Second}},
		{Game: game.DefaultGame, Name: "bench", Title: "Bench", Seats: 10, Hz: 30, MinPlayers: 1, FillAfter: 2 * time.Second, Hidden: true},
	}
}

// newSite wires a site; the returned function ends it.
func newSite(t testing.TB, adjust func(*Config)) (s *site, end func()) {
	return newSiteOver(t, lobby.Config{}, adjust)
}

// newSiteOver is newSite over a lobby with some limits of its own.
func newSiteOver(t testing.TB, cfg lobby.Config, adjust func(*Config)) (s *site, end func()) {
	s = &site{t: t, log: &syncBuffer{}}
	b := bus.NewLocal()
	s.bus = b
	hall := socket.NewHall(socket.HallConfig{Handler: noHall{}})
	var err error
	cfg.Modes, cfg.Countdown, cfg.Log = testModes(), 3*time.Second, slog.New(slog.DiscardHandler)
	s.lobby, err = lobby.New(cfg,
		lobby.Deps{Bus: b, Hall: hall, Board: socket.NewSwitchboard(), Ready: func() error { return s.node.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	node, err := bus.Open(bus.Config{Dir: bus.Memory})
	if err != nil {
		t.Fatal(err)
	}
	s.idp = oidctest.New()
	accounts, err := account.Open(account.Config{
		Games: []account.Game{game.DefaultGame, "chess"}, Secrets: [][]byte{testSecret}, RefreshLife: testRefreshLife,
		Argon: account.Argon{Memory: 8, Passes: 1, Threads: 1}, Providers: providers(s.idp.URL), HTTP: s.idp.Client,
	}, node)
	if err != nil {
		t.Fatal(err)
	}
	s.node = node
	friends, letters := s.openSocial(accounts)
	records, err := career.Open(context.Background(), career.Config{Seasons: testSeasons, Log: slog.New(slog.DiscardHandler)}, node)
	if err != nil {
		t.Fatal(err)
	}
	vault, err := saves.Open(node, saves.Config{MaxValue: 1 << 10, Quota: 4 << 10, Keys: 8})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := version.Open(context.Background(), node, nil)
	if err != nil {
		t.Fatal(err)
	}
	hub, err := hooks.Open(node, hooks.Config{PerGame: 3})
	if err != nil {
		t.Fatal(err)
	}
	s.cfg = Config{Lobby: s.lobby, Accounts: accounts, Social: friends, Mail: letters, Saves: vault, Hooks: hub, Career: records, Versions: gate, Rooms: testRooms, Tell: s.ear.Tell, Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if adjust != nil {
		adjust(&s.cfg)
	}
	if s.Handler, err = New(s.cfg); err != nil {
		t.Fatal(err)
	}
	stop, err := b.Serve(protocol.SubjectStart, s.host)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.lobby.Run(ctx) })
	running.Go(func() { friends.Run(ctx) })
	running.Go(func() { records.Run(ctx) })
	return s, func() {
		cancel()
		running.Wait()
		stop()
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	}
}

func (s *site) host(_ context.Context, data []byte) []byte {
	if s.refuse.Load() {
		return protocol.Marshal(protocol.Placed{Refuse: "full"})
	}
	var start protocol.Start
	if err := protocol.Unmarshal(data, &start); err != nil {
		panic(err)
	}
	p := protocol.Placed{Host: "h1"}
	for _, seat := range start.Seats {
		p.Passes = append(p.Passes, fmt.Sprintf("pass-%d", seat.Seat))
	}
	return protocol.Marshal(p)
}

// unlimited are limits that nobody meets.
func unlimited(c *Config) {
	much := Rate{1e9, 1e9}
	c.Limits = Limits{Login: much, Ticket: much, Read: much, Socket: much, Player: much, PlayerRead: much, PlayerChat: much,
		Password: much, Register: much, PlayerAccount: much, Service: much, PlayerSave: much,
		Find: much, PlayerFind: much, PlayerSocial: much}
}

// providers are those of a site: one that answers, and one that does not.
func providers(issuer string) (all []account.Provider) {
	for _, g := range []account.Game{game.DefaultGame, "chess"} {
		p := account.Provider{Game: g, Name: "idp", Issuer: issuer, ClientID: "client", Secret: "x", Redirect: "https://play.example/back"}
		all = append(all, p)
		p.Name, p.Issuer = "down", "https://down.example"
		all = append(all, p)
	}
	return all
}

// onSite runs test in fake time.
func onSite(t *testing.T, adjust func(*Config), test func(s *site)) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, adjust)
		defer end()
		test(s)
	})
}

// syncBuffer is a log that many may write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// An answer is what a request came to.
type answer struct {
	*httptest.ResponseRecorder
	t    testing.TB
	to   *http.Request
	body string // of the request
}

// ask sends a request from far away. Headers are given as "Name: value". The
// answer has to be one that the document lists.
func (s *site) ask(method, path, body string, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "play.example"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "From-Address" {
			r.RemoteAddr = value
			continue
		}
		r.Header.Add(name, value)
	}
	return s.send(r, body)
}

func (s *site) send(r *http.Request, body string) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	a := answer{w, s.t, r, body}
	if _, bench := s.t.(*testing.B); bench || s.free {
		return a
	}
	if _, known := theContract().find(r); !known && s.cfg.Static != nil && !ours(r) {
		return a // a page's
	}
	if err := a.hold(theContract()); err != nil {
		s.t.Errorf("%s %.60s: the answer is not what openapi.yaml says: %v\n%d %.500s", r.Method, r.URL, err, a.Code, a.Body)
	}
	return a
}

// hold holds the answer to a document.
func (a answer) hold(k *contract) error {
	return k.check(a.to, a.body, a.Code, a.Header(), a.Body.Bytes())
}

// is checks status and, of an error, the code.
func (a answer) is(what string, status int, code string) answer {
	a.t.Helper()
	var p problem
	if code != "" {
		a.read(&p)
		if got := a.Header().Get("Content-Type"); got != "application/problem+json" {
			a.t.Errorf("%s: content type %q", what, got)
		}
		if p.Status != a.Code || p.Title == "" || p.Detail == "" || p.Type == "" {
			a.t.Errorf("%s: problem %+v", what, p)
		}
	}
	if a.Code != status || p.Code != code {
		a.t.Errorf("%s: got %d %s, want %d %s: %s", what, a.Code, p.Code, status, code, a.Body)
	}
	return a
}

func (a answer) read(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body.Bytes(), v); err != nil {
		a.t.Errorf("%v: %s", err, a.Body)
	}
}

// newest is the version of a client that no server turns away.
const newest = "Muster-Client: 4294967295.4294967295.4294967295.4294967295"

func (s *site) guest(name string) (session sessionBody, bearer string) {
	s.t.Helper()
	s.ask("POST", "/v1/login/guest", `{"name":"`+name+`"}`, newest).is("login", 200, "").read(&session)
	return session, "Authorization: Bearer " + session.Access
}

func (s *site) ticket(bearer, mode string) (t ticketBody) {
	s.t.Helper()
	s.ask("POST", "/v1/tickets", `{"mode":"`+mode+`"}`, bearer).is("ticket", 201, "").read(&t)
	return t
}

// golden compares an answer with its file, in which what is random has a name.
func (a answer) golden(name string, random ...string) {
	a.t.Helper()
	body := a.Body.String()
	for i := 0; i < len(random); i += 2 {
		body = strings.ReplaceAll(body, random[i], random[i+1])
	}
	got := fmt.Sprintf("%d %s\n%s\n", a.Code, a.Header().Get("Content-Type"), body)
	file := filepath.Join("testdata", name+".golden")
	if *rewrite {
		os.MkdirAll("testdata", 0o755)
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			a.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		a.t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, got, want)
	}
}

func TestAnswers(t *testing.T) {
	onSite(t, nil, func(s *site) {
		login := s.ask("POST", "/v1/login/guest", `{"name":" Ada  Lovelace "}`)
		var session sessionBody
		login.read(&session)
		login.golden("login", string(session.Player.ID), "PLAYER", session.Access, "ACCESS", session.Refresh, "REFRESH")
		bearer := "Authorization: Bearer " + session.Access
		time.Sleep(time.Second)
		again := s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`)
		var renewed sessionBody
		again.read(&renewed)
		if renewed.Player != session.Player || renewed.Access == session.Access {
			t.Errorf("renewed %+v", renewed)
		}
		again.golden("login", string(renewed.Player.ID), "PLAYER", renewed.Access, "ACCESS", renewed.Refresh, "REFRESH")
		s.ask("GET", "/v1/modes", "").golden("modes")

		created := s.ask("POST", "/v1/tickets", `{"mode":"ffa"}`, bearer)
		var x ticketBody
		created.read(&x)
		created.golden("ticket_created", string(x.ID), "TICKET", `,"why":"alone"`, "") // if a cycle was that quick
		path := "/v1/tickets/" + string(x.ID)
		if got := created.Header().Get("Location"); got != path {
			t.Errorf("Location %q", got)
		}
		s.ask("GET", path, "", bearer).golden("ticket_waiting", string(x.ID), "TICKET", `,"why":"alone"`, "")
		s.ask("POST", "/v1/tickets", `{"mode":"duel"}`, bearer).golden("ticket_exists", string(x.ID), "TICKET")
		s.ask("GET", path+"?wait=25s&state=waiting", "", bearer).golden("ticket_forming", string(x.ID), "TICKET")
		placed := s.ask("GET", path+"?wait=25s&state=forming", "", bearer)
		placed.read(&x)
		placed.golden("ticket_placed", string(x.ID), "TICKET", string(x.Assignment.Match), "MATCH")
		s.ask("DELETE", path, "", bearer).golden("ticket_too_late")

		x = s.ticket(bearer, "duel")
		path = "/v1/tickets/" + string(x.ID)
		for range 2 {
			if a := s.ask("DELETE", path, "", bearer).is("cancel", 204, ""); a.Body.Len() > 0 {
				t.Errorf("cancel says %s", a.Body)
			}
		}
		s.ask("GET", path, "", bearer).golden("ticket_cancelled", string(x.ID), "TICKET")
		s.ask("GET", "/v1/tickets/"+strings.Repeat("a", 26), "", bearer).golden("ticket_not_found")
		s.ask("GET", "/healthz", "").is("health", 200, "")
		s.ask("HEAD", "/readyz", "").is("ready", 200, "")
		s.lobby.Drain()
		s.ask("GET", "/healthz", "").is("health", 200, "")
		s.ask("GET", "/readyz", "").golden("draining")
		s.ask("POST", "/v1/tickets", `{"mode":"ffa"}`, bearer).golden("draining")
	})
}

func TestLongPoll(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		poll := func(query string) (state string, took time.Duration) {
			began := time.Now()
			var got ticketBody
			s.ask("GET", "/v1/tickets/"+string(x.ID)+query, "", bearer).is(query, 200, "").read(&got)
			return string(got.State), time.Since(began)
		}
		for _, test := range []struct {
			query string
			took  time.Duration
		}{
			{"", 0}, {"?wait=0s", 0}, {"?wait=25s", 25 * time.Second}, {"?wait=10h", MaxWait},
			{"?wait=25s&state=waiting", 25 * time.Second}, {"?wait=25s&state=forming", 0},
		} {
			if state, took := poll(test.query); state != "waiting" || took != test.took {
				t.Errorf("%s: %s after %v", test.query, state, took)
			}
		}
		_, other := s.guest("Bob")
		go func() { time.Sleep(7 * time.Second); s.ticket(other, "duel") }()
		if state, took := poll("?wait=25s"); state != "forming" || took < 7*time.Second || took > 7200*time.Millisecond { // the time of a cycle or two
			t.Errorf("%s after %v", state, took)
		}
		if state, _ := poll("?wait=25s&state=forming"); state != "placed" {
			t.Errorf("then %s", state)
		}
		if state, took := poll("?wait=25s&state=placed"); state != "placed" || took != 0 {
			t.Errorf("final: %s after %v", state, took)
		}
	})
}

// TestAPollEndsWithItsClient: who hangs up leaves nothing behind.
func TestAPollEndsWithItsClient(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		ctx, cancel := context.WithCancel(context.Background())
		r := httptest.NewRequestWithContext(ctx, "GET", "/v1/tickets/"+string(x.ID)+"?wait=25s", nil)
		r.Header.Set("Authorization", strings.TrimPrefix(bearer, "Authorization: "))
		began, done := time.Now(), make(chan struct{})
		go func() { s.ServeHTTP(httptest.NewRecorder(), r); close(done) }()
		time.Sleep(time.Second)
		cancel()
		<-done
		if took := time.Since(began); took != time.Second {
			t.Errorf("ended after %v", took)
		}
	})
}

// TestAPollOutlastsTheReadTimeout: net/http lifts the deadline for reading a
// request once it was read; else it would end the request's context.
func TestAPollOutlastsTheReadTimeout(t *testing.T) {
	onSite(t, nil, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		pipes := make(pipeListener)
		server := &http.Server{Handler: s, ReadTimeout: 10 * time.Second, WriteTimeout: 45 * time.Second}
		go server.Serve(pipes)
		client := &http.Client{Transport: &http.Transport{DialContext: pipes.dial}}
		for range 2 { // on one connection
			began := time.Now()
			r, _ := http.NewRequest("GET", "http://play.example/v1/tickets/"+string(x.ID)+"?wait=25s", nil)
			r.Header.Set("Authorization", strings.TrimPrefix(bearer, "Authorization: "))
			resp, err := client.Do(r)
			if err != nil {
				t.Error(err)
				break
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if took := time.Since(began); resp.StatusCode != 200 || took != 25*time.Second {
				t.Errorf("%s after %v", resp.Status, took)
			}
		}
		client.CloseIdleConnections()
		server.Close()
	})
}

// pipeListener takes in pipes, whose deadlines keep fake time.
type pipeListener chan net.Conn

func (l pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()
	l <- far
	return near, nil
}

func (l pipeListener) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (l pipeListener) Close() error { close(l); return nil }
func (l pipeListener) Addr() net.Addr {
	return &net.UnixAddr{Name: "pipe", Net: "pipe"}
}

func TestSocketURLs(t *testing.T) {
	onSite(t, func(c *Config) { c.TrustedProxies = []string{"10.0.0.0/8", "192.0.2.7"} }, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "ffa")
		time.Sleep(6 * time.Second)
		for _, test := range []struct{ from, proto, want string }{
			{"203.0.113.5:1", "", "ws://play.example/v1/socket"},
			{"203.0.113.5:1", "https", "ws://play.example/v1/socket"}, // who says so?
			{"10.1.2.3:1", "https", "wss://play.example/v1/socket"},
			{"192.0.2.7:1", "https", "wss://play.example/v1/socket"},
			{"10.1.2.3:1", "http", "ws://play.example/v1/socket"},
		} {
			s.ask("GET", "/v1/tickets/"+string(x.ID), "", bearer, "From-Address: "+test.from, "X-Forwarded-Proto: "+test.proto).read(&x)
			if x.Assignment == nil || x.Assignment.URL != test.want {
				t.Errorf("%+v: %+v", test, x.Assignment)
			}
		}
	})
}

func TestStatic(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "page ", r.URL.Path) })
	onSite(t, func(c *Config) { c.Static = page }, func(s *site) {
		for _, path := range []string{"/", "/play/ffa", "/v10", "/v1x/y"} {
			if a := s.ask("GET", path, "").is(path, 200, ""); a.Body.String() != "page "+path {
				t.Errorf("%s: %s", path, a.Body)
			}
		}
		s.ask("HEAD", "/", "").is("HEAD", 200, "")
		for _, path := range []string{"/v1", "/v1/", "/v1/nothing", "/v1/tickets/a/b"} {
			s.ask("GET", path, "").is(path, 404, "not_found")
		}
		s.ask("POST", "/", "").is("POST", 404, "not_found")
	})
	onSite(t, nil, func(s *site) { s.ask("GET", "/", "").is("no page", 404, "not_found") })
}

// TestRoutes: the public port serves this and nothing else.
func TestRoutes(t *testing.T) {
	onSite(t, nil, func(s *site) {
		for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/vars", "/admin", "/v1/admin", "/v1/tickets"} {
			want, code := 404, "not_found"
			if path == "/v1/tickets" {
				want, code = 405, "method_not_allowed"
			}
			s.ask("GET", path, "").is(path, want, code)
		}
	})
}

func TestConfigs(t *testing.T) {
	s, end := newSite(t, nil)
	defer end()
	for what, cfg := range map[string]Config{
		"no lobby":        {},
		"a proxy by name": {Lobby: s.lobby, TrustedProxies: []string{"proxy.example"}},
		"a bad prefix":    {Lobby: s.lobby, TrustedProxies: []string{"10.0.0.0/99"}},
		"a bare origin":   {Lobby: s.lobby, Origins: []string{"play.example"}},
		"an origin *":     {Lobby: s.lobby, Origins: []string{"*"}},
		"with a path":     {Lobby: s.lobby, Origins: []string{"https://play.example/"}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	onSite(t, func(c *Config) {
		c.Static = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug in the page") })
	}, func(s *site) {
		a := s.ask("GET", "/", "").is("panic", 500, "internal")
		if id := a.Header().Get("X-Request-Id"); id == "" || !strings.Contains(s.log.String(), id) {
			t.Errorf("request %q is not in the log", id)
		}
		if !strings.Contains(s.log.String(), "a bug in the page") || strings.Contains(a.Body.String(), "bug") {
			t.Errorf("log %s\nanswer %s", s.log, a.Body)
		}
		s.ask("GET", "/readyz", "").is("afterwards", 200, "")
	})
}

// TestSecretsAreNotLogged: neither tokens, however they come, nor queries.
func TestSecretsAreNotLogged(t *testing.T) {
	onSite(t, nil, func(s *site) {
		session, bearer := s.guest("Ada")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`)
		x := s.ticket(bearer, "duel")
		s.ask("GET", "/v1/tickets/"+string(x.ID)+"?wait=0s&state=canaryquery", "", bearer)
		s.ask("GET", "/v1/socket", "", "Sec-WebSocket-Protocol: muster.v1, bearer."+session.Access)
		s.ask("GET", "/v1/socket?access="+session.Access, "")
		log := s.log.String()
		for _, secret := range []string{session.Access, session.Refresh, "canary", "Bearer", "access="} {
			if strings.Contains(log, secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		if n := strings.Count(log, "msg=request"); n != 6 {
			t.Errorf("%d lines for 6 requests:\n%s", n, log)
		}
	})
}
