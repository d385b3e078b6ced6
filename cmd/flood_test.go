package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFloodOfRequests has one address ask for more than it may, behind a proxy
// that is believed. It is told when to come back; others are served and play
// on, and no tale about where it comes from helps.
func TestFloodOfRequests(t *testing.T) {
	t.Parallel()
	sc := mustScene(t, Config{Beat: true, TrustedProxies: []string{"127.0.0.1"}}, nil)
	me := bearer(sc.villains[0].Access)
	for i, test := range []struct {
		what          string
		burst, second int
		ask           func(from string) string
	}{
		{"login", 100, 10, func(from string) string { return request("POST", "/v1/login/guest", `{"name":"Mallory"}`, from) }},
		{"refresh", 100, 10, func(from string) string { return request("POST", "/v1/login/refresh", `{"refresh":"x"}`, from) }},
		{"ticket", 100, 10, func(from string) string { return request("POST", "/v1/tickets", `{"mode":"none"}`, from) }},
		{"socket", 100, 20, func(from string) string { return request("GET", "/v1/socket", "", from) }},
		{"poll", 500, 50, func(from string) string { return request("GET", "/v1/tickets/x", "", from, me) }},
	} {
		p, began := sc.dial(t), time.Now()
		from := "203.0.113." + strconv.Itoa(i)
		passed := p.ask429(t, 2*test.burst, func(int) string { return test.ask("X-Forwarded-For: " + from) })
		passed += p.ask429(t, 20, func(n int) string {
			return test.ask(fmt.Sprintf("X-Forwarded-For: 198.51.100.%d, %s", n, from)) // as if the proxy were one of many
		})
		if most := test.burst + int(float64(test.second)*time.Since(began).Seconds()) + 1; passed < test.burst || passed > most {
			t.Errorf("%s: %d passed, %d to %d may", test.what, passed, test.burst, most)
		}
		if n := p.ask429(t, 1, func(int) string { return test.ask("X-Forwarded-For: 203.0.113.99") }); n != 1 {
			t.Errorf("%s: another address is refused, too", test.what)
		}
		sc.check(t)
	}
	if _, err := sc.api.LoginGuest(sc.ctx, "Ada"); err != nil {
		t.Errorf("a good login meanwhile: %v", err)
	}
}

// ask429 asks n times and returns how often it was not told that it was too
// often, and when to come back.
func (p *peer) ask429(t *testing.T, n int, ask func(i int) string) (passed int) {
	t.Helper()
	for i := range n {
		status, header, body, err := p.ask(ask(i))
		if err != nil {
			t.Fatal(err)
		}
		if status != 429 {
			passed++
			continue
		}
		if after, err := strconv.Atoi(header.Get("Retry-After")); after < 1 || after > 60 || !strings.Contains(body, `"rate_limited"`) {
			t.Errorf("Retry-After %d (%v) with %s", after, err, body)
		}
	}
	return passed
}

// TestSpoofedAddress: without a proxy that is believed no header changes whom
// a request counts for. An address of this machine may ask far more often than
// any other, so a believed one would soon be refused.
func TestSpoofedAddress(t *testing.T) {
	t.Parallel()
	for _, proxies := range [][]string{nil, {"127.0.0.2", "10.0.0.0/8", "::1"}} {
		s := mustServer(t, Config{Beat: true, TrustedProxies: proxies}, short(1))
		for _, name := range []string{"X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "X-Appengine-Remote-Addr", "Fly-Client-Ip"} {
			p, err := dial(s.players.Addr().String(), nil)
			if err != nil {
				t.Fatal(err)
			}
			value := "203.0.113.7"
			if name == "Forwarded" {
				value = "for=203.0.113.7"
			}
			for range 150 {
				if status, _, _, err := p.ask(request("POST", "/v1/login/refresh", `{"refresh":"x"}`, name+": "+value)); status != 401 {
					t.Fatalf("%s: %d, %v, want 401", name, status, err)
				}
			}
			p.Close()
		}
	}
}
