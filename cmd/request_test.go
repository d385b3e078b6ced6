package cmd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// refused says whether a request got the problem it should.
func (p *peer) refused(request string, status int, code string) error {
	got, header, body, err := p.ask(request)
	if err != nil {
		return err
	}
	var problem client.Problem
	err = json.Unmarshal([]byte(body), &problem)
	if got != status || problem.Code != code || problem.Status != status || problem.Detail == "" || err != nil ||
		header.Get("Content-Type") != "application/problem+json" {
		return fmt.Errorf("%d %s %s, want %d %s", got, header.Get("Content-Type"), body, status, code)
	}
	return nil
}

// request is one as it goes over the wire.
func request(method, path, body string, headers ...string) string {
	head := append([]string{method + " " + path + " HTTP/1.1", "Host: muster.example", fmt.Sprint("Content-Length: ", len(body))}, headers...)
	return strings.Join(head, "\r\n") + "\r\n\r\n" + body
}

func bearer(token string) string { return "Authorization: Bearer " + token }

// badRequests asks for what there is not, in words that are not JSON. All of
// it over one connection, which none of it ends.
func badRequests(t *testing.T, sc *scene) {
	me := bearer(sc.villains[0].Access)
	guest := func(body string) string { return request("POST", "/v1/login/guest", body) }
	villain := 0 // another each time: one may ask for few tickets
	ticket := func(body string) string {
		villain++
		return request("POST", "/v1/tickets", body, bearer(sc.villains[villain%evil].Access))
	}
	p := sc.dial(t)
	for _, test := range []struct {
		request string
		status  int
		code    string
	}{
		{guest(""), 400, "body_invalid"},
		{guest("{"), 400, "body_invalid"},
		{guest("[]"), 400, "body_invalid"},
		{guest(`"Ada"`), 400, "body_invalid"},
		{guest(`{"name":1}`), 400, "body_invalid"},
		{guest(`{"name":"Ada"}{"name":"Bob"}`), 400, "body_invalid"},
		{guest(`{"name":"Ada"} x`), 400, "body_invalid"},
		{guest(`{"name":"Ada","admin":true}`), 400, "body_invalid"},
		{guest(`{'name':'Ada'}`), 400, "body_invalid"},
		{guest("\xff\xfe{\x00"), 400, "body_invalid"},
		{guest(strings.Repeat(`[`, 4000)), 400, "body_invalid"},
		{guest("null"), 400, "body_invalid"},
		{guest(`{"name":""}`), 400, "name_invalid"},
		{guest(`{"name":"\u0000"}`), 400, "name_invalid"},
		{guest(`{"name":"` + strings.Repeat("x", 25) + `"}`), 400, "name_invalid"},
		{ticket(`{"mode":["crowd"]}`), 400, "body_invalid"},
		{ticket(`{"mode":"there-is-none"}`), 404, "mode_unknown"},
		{ticket(`{"mode":"../crowd"}`), 404, "mode_unknown"},
		{ticket(`{"mode":"CROWD"}`), 404, "mode_unknown"},
		{ticket(`{"mode":"` + strings.Repeat("x", 4000) + `"}`), 404, "mode_unknown"},
		{ticket(`{}`), 404, "mode_unknown"},
		{request("GET", "/v1/tickets/nobodys", "", me), 404, "ticket_not_found"},
		{request("DELETE", "/v1/tickets/nobodys", "", me), 404, "ticket_not_found"},
		{request("GET", "/v1/tickets/x?wait=forever", "", me), 400, "wait_invalid"},
		{request("GET", "/v1/tickets/x?wait=-1s", "", me), 400, "wait_invalid"},
		{request("GET", "/v1/tickets/x?state=over", "", me), 400, "state_invalid"},
		{request("GET", "/v1/nothing", "", me), 404, "not_found"},
		{request("PUT", "/v1/tickets", "", me), 405, "method_not_allowed"},
		{request("BREW", "/v1/tickets", "", me), 405, "method_not_allowed"},
	} {
		if err := p.refused(test.request, test.status, test.code); err != nil {
			head, _, _ := strings.Cut(test.request, "\r\n")
			t.Errorf("%s: %v", head, err)
			p = sc.dial(t)
		}
	}
	large := guest(`{"name":"` + strings.Repeat("x", 5000) + `"}`)
	if err := p.refused(large, 413, "body_too_large"); err != nil {
		t.Error(err)
	}
	sc.notHTTP(t)
}

// notHTTP is answered by the HTTP server itself, and the connection ends.
func (sc *scene) notHTTP(t *testing.T) {
	for request, want := range map[string]int{
		"hello\r\n\r\n":                                                                                400,
		"GET /v1/modes HTTP/1.1\r\n\r\n":                                                               400, // no Host
		"GET /v1/modes HTTP/3.0\r\nHost: x\r\n\r\n":                                                    505,
		"GET /v1/modes HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n":                                          400,
		"GET /v1/modes HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n":                               400,
		"GET /v1/modes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n":                         501,
		"GET /v1/modes HTTP/1.1\r\nHost: x\r\nX-Big: " + strings.Repeat("x", 16<<10) + "\r\n\r\n":      431,
		"GET /v1/modes HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-Many: x\r\n", 2<<10) + "\r\n\r\n":  431,
		"GET /" + strings.Repeat("x", 16<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n":                         431,
		handshake("Sec-WebSocket-Protocol: muster.v1, bearer." + strings.Repeat("x", 16<<10)):          431,
		handshake(bearer(strings.Repeat("x", 4<<10)), "Origin: http://muster.example"):                 401,
		"GET http://evil.example/v1/modes HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n": 200, // a name is not what we know ourselves by
	} {
		if got, _, _, err := sc.dial(t).ask(request); got != want {
			t.Errorf("%.40q: %d (%v), want %d", request, got, err, want)
		}
	}
}

// tokens that are none, or not for what they are used for.
func (sc *scene) badTokens(t *testing.T) map[string]string {
	good := sc.villains[0].Access
	parts := strings.Split(good, ".")
	other := mustServer(t, Config{Beat: true}, alone())
	api := client.New(other.URL())
	t.Cleanup(api.Close)
	foreign, err := api.LoginGuest(sc.ctx, "Mallory")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"":                                  "token_missing",
		"x":                                 "token_invalid",
		"..":                                "token_invalid",
		strings.Repeat("x", 2000):           "token_invalid",
		sc.villains[0].Refresh:              "token_invalid",
		foreign.Access:                      "token_invalid",
		flip(good, len(good)-3):             "token_invalid", // the signature
		flip(good, len(parts[0])+9):         "token_invalid", // the claims
		parts[0] + "." + parts[1]:           "token_invalid",
		parts[0] + "." + parts[1] + ".":     "token_invalid",
		unsigned(parts[1]) + ".":            "token_invalid",
		unsigned(parts[1]) + "." + parts[2]: "token_invalid",
		sc.confused(t, parts):               "token_invalid",
	}
}

// flip replaces one character of a text by another of base64's.
func flip(s string, at int) string {
	c := byte('A')
	if s[at] == c {
		c = 'B'
	}
	return s[:at] + string(c) + s[at+1:]
}

// unsigned are claims under a header that says they need no signature.
func unsigned(claims string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + claims
}

// confused are good claims under a header that has them checked by a MAC, whose
// key is the public key that everybody knows.
func (sc *scene) confused(t *testing.T, parts []string) string {
	t.Helper()
	var header map[string]any
	plain, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err := errors.Join(err, json.Unmarshal(plain, &header)); err != nil {
		t.Fatal(err)
	}
	header["alg"] = "HS256"
	plain, _ = json.Marshal(header)
	text := base64.RawURLEncoding.EncodeToString(plain) + "." + parts[1]
	return text + "." + base64.RawURLEncoding.EncodeToString(mac(sc.accounts.Keys(game.DefaultGame)[0].Key, text))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// badTokens are refused wherever a token is asked for, in all the ways that
// one can be given.
func badTokens(t *testing.T, sc *scene) {
	for token, code := range sc.badTokens(t) {
		p := sc.dial(t)
		inList, here := "Sec-WebSocket-Protocol: muster.v1, bearer."+token, "Origin: http://muster.example"
		for what, r := range map[string]string{
			"ticket":      request("POST", "/v1/tickets", `{"mode":"alone"}`, bearer(token)),
			"poll":        request("GET", "/v1/tickets/x?wait=1s", "", bearer(token)),
			"cancel":      request("DELETE", "/v1/tickets/x", "", bearer(token)),
			"socket":      handshake(bearer(token)),
			"subprotocol": handshake(inList, here),
		} {
			if err := p.refused(r, 401, code); err != nil {
				t.Errorf("%s with %.20q: %v", what, token, err)
			}
		}
		if token == sc.villains[0].Refresh {
			continue // which is what refreshes
		}
		if err := p.refused(request("POST", "/v1/login/refresh", `{"refresh":"`+token+`"}`), 401, "token_invalid"); err != nil {
			t.Errorf("refresh with %.20q: %v", token, err)
		}
	}
	if err := sc.dial(t).refused(request("POST", "/v1/login/refresh", `{"refresh":"`+sc.villains[0].Access+`"}`), 401, "token_invalid"); err != nil {
		t.Errorf("refresh with an access token: %v", err)
	}
	if err := sc.dial(t).refused("GET /v1/socket?access_token="+sc.villains[0].Access+" HTTP/1.1\r\nHost: x\r\n\r\n", 400, "query_invalid"); err != nil {
		t.Errorf("a token in the URL: %v", err)
	}
}

// badHandshakes are no upgrade to muster.v1.
func badHandshakes(t *testing.T, sc *scene) {
	me := bearer(sc.villains[0].Access)
	for _, test := range []struct {
		replaced string
		code     string
	}{
		{"Sec-WebSocket-Protocol: ", "subprotocol_required"},
		{"Sec-WebSocket-Protocol: muster.v2", "subprotocol_required"},
		{"Sec-WebSocket-Protocol: MUSTER.V1", "subprotocol_required"},
		{"Sec-WebSocket-Protocol: graphql-ws, mqtt", "subprotocol_required"},
		{"Upgrade: ", "upgrade_required"},
		{"Upgrade: h2c", "upgrade_required"},
		{"Sec-WebSocket-Version: 8", "upgrade_required"},
		{"Sec-WebSocket-Version: ", "upgrade_required"},
	} {
		if err := sc.dial(t).refused(handshake(me, test.replaced), 400, test.code); err != nil {
			t.Errorf("%s: %v", test.replaced, err)
		}
	}
	for _, replaced := range []string{"Sec-WebSocket-Key: ", "Sec-WebSocket-Key: c2hvcnQ=", "Sec-WebSocket-Key: !", "Connection: ", "Connection: close"} {
		if status, _, body, err := sc.dial(t).ask(handshake(me, replaced)); status != 400 || body == "" {
			t.Errorf("%s: %d %q, %v, want 400", replaced, status, body, err)
		}
	}
	status, header, _, err := sc.dial(t).ask(handshake(me, "Sec-WebSocket-Extensions: permessage-deflate"))
	if status != 101 || header.Get("Sec-WebSocket-Extensions") != "" || err != nil {
		t.Errorf("an offer to compress: %d %v, %v, want 101 without", status, header, err)
	}
}

// badOrigins are those of pages that try to use a player's token, or have it,
// and are not ours: cross-site WebSocket hijacking. There is no cookie to ride
// on either.
func badOrigins(t *testing.T, sc *scene) {
	token := sc.villains[0].Access
	inList := "Sec-WebSocket-Protocol: muster.v1, bearer." + token
	host := "Host: play.example:8080"
	for _, origin := range []string{
		"", "null", "*", "https://evil.example", "http://sub.play.example:8080", "http://play.example.evil.example",
		"http://play.example:8080.evil.example", "http://evilplay.example:8080", "http://play.example", "http://play.example:8081",
		"http://play.example:8080@evil.example", "file://play.example:8080", "http://play.example:8080/", "http://play.example:8080, http://evil.example",
	} {
		if err := sc.dial(t).refused(handshake(host, inList, "Origin: "+origin), 403, "origin_forbidden"); err != nil {
			t.Errorf("origin %q: %v", origin, err)
		}
		if origin == "" {
			continue // with the token in a header it is no browser's
		}
		if err := sc.dial(t).refused(handshake(host, bearer(token), "Origin: "+origin), 403, "origin_forbidden"); err != nil {
			t.Errorf("origin %q, with a header: %v", origin, err)
		}
	}
	for _, name := range []string{"access", "token", "session", "Authorization"} {
		if err := sc.dial(t).refused(handshake(host, "Origin: http://play.example:8080", "Cookie: "+name+"="+token), 401, "token_missing"); err != nil {
			t.Errorf("a token in the cookie %s: %v", name, err)
		}
	}
	if status, _, _, err := sc.dial(t).ask(handshake(host, inList, "Origin: http://play.example:8080")); status != http.StatusSwitchingProtocols {
		t.Errorf("our own page: %d, %v", status, err)
	}
}

// badPasses are tried by a player in the hall, who is refused each time and
// stands there as before; then the good one is good, once.
func badPasses(t *testing.T, sc *scene) {
	ada, adas := sc.assigned(t)
	bob, bobs := sc.assigned(t)
	seal := func(change func(*protocol.Pass)) string {
		p, err := protocol.OpenPass(sc.key("passes"), adas.Pass, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		change(&p)
		return p.Seal(sc.key("passes"))
	}
	p := sc.enter(t, ada)
	for _, test := range []struct {
		what  string
		match protocol.MatchID
		pass  string
		want  string
	}{
		{"an unknown match", "there-is-none", adas.Pass, "match_not_found"},
		{"no match", "", adas.Pass, "match_not_found"},
		{"no pass", adas.Match, "", "seat_not_yours"},
		{"no pass, the crowd's match", sc.match, "", "seat_not_yours"},
		{"another match's", adas.Match, bobs.Pass, "pass_invalid"},
		{"for another match", bobs.Match, adas.Pass, "pass_invalid"},
		{"for the crowd's match", sc.match, adas.Pass, "pass_invalid"},
		{"another's, for its match", bobs.Match, bobs.Pass, "seat_not_yours"},
		{"a flipped seal", adas.Match, flip(adas.Pass, len(adas.Pass)-3), "pass_invalid"},
		{"a flipped player", adas.Match, flip(adas.Pass, len(adas.Match)+2), "pass_invalid"},
		{"without a seal", adas.Match, adas.Pass[:strings.LastIndexByte(adas.Pass, '.')], "pass_invalid"},
		{"garbage", adas.Match, strings.Repeat("x", 512), "pass_invalid"},
		{"a foreign key's", adas.Match, protocol.Pass{Match: adas.Match, Player: ada.Player.ID, Expires: time.Now().Add(time.Hour)}.Seal([]byte("0123456789abcdef")), "pass_invalid"},
		{"expired", adas.Match, seal(func(p *protocol.Pass) { p.Expires = time.Now().Add(-time.Second) }), "pass_expired"},
		{"the bot's seat", adas.Match, seal(func(p *protocol.Pass) { p.Seat = 1 - p.Seat }), "seat_not_yours"},
		{"a seat there is not", adas.Match, seal(func(p *protocol.Pass) { p.Seat = 2 }), "pass_invalid"},
		{"another player's seat", adas.Match, seal(func(p *protocol.Pass) { p.Player = bob.Player.ID }), "seat_not_yours"},
		{"the good one", adas.Match, adas.Pass, "joined"},
	} {
		p.send(protocol.Join{Match: test.match, Pass: test.pass})
		if got := p.answer(); got != test.want {
			t.Errorf("%s: %s, want %s", test.what, got, test.want)
		}
	}
	p.awaitFrame(t)
	again := sc.enter(t, ada)
	again.send(protocol.Join{Match: adas.Match, Pass: adas.Pass})
	if got := again.answer(); got != "pass_used" {
		t.Errorf("a pass used twice: %s", got)
	}
	p.awaitFrame(t) // and whoever uses it first plays on
}

// assigned logs in a player and has it placed in a match alone.
func (sc *scene) assigned(t *testing.T) (*client.Session, client.Assignment) {
	t.Helper()
	sessions, tickets := sc.place(t, "alone", 1)
	return sessions[0], tickets[0].Assignment
}

// passAtOnce has one pass used from many sockets at the same time. One gets
// the seat.
func passAtOnce(t *testing.T, sc *scene) {
	ada, adas := sc.assigned(t)
	var mu sync.Mutex
	answers := map[string]int{}
	var joining sync.WaitGroup
	for range 20 {
		joining.Go(func() {
			p := sc.enter(t, ada)
			defer p.Close()
			p.send(protocol.Join{Match: adas.Match, Pass: adas.Pass})
			got := p.answer()
			mu.Lock()
			defer mu.Unlock()
			answers[got]++
		})
	}
	joining.Wait()
	if answers["joined"] != 1 || answers["joined"]+answers["pass_used"]+answers["4001 replaced"] != 20 {
		t.Errorf("answered %v", answers)
	}
}
