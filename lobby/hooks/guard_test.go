package hooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol/bus/bustest"
)

func TestAllowed(t *testing.T) {
	cfg := Config{Allow: mustPrefixes("10.1.0.0/16", "fd00:1::/32")}
	for address, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:2800:220:1::1": true, "10.1.2.3": true, "::ffff:10.1.2.3": true, "fd00:1::5": true,
		"127.0.0.1": false, "127.9.9.9": false, "10.2.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false,
		"198.18.0.1": false, "::": false, "::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false, "fe80::1": false,
		"fe80::1%eth0": false, "fc00::1": false, "fd00::1": false, "fec0::1": false, "ff02::1": false, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false,
	} {
		if got := cfg.allowed(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if cfg.allowed(netip.Addr{}) {
		t.Error("no address is allowed")
	}
}

// mustHub makes a hub on real sockets.
func mustHub(t *testing.T, cfg Config) *Hub {
	t.Helper()
	cfg.Log = quiet
	h, err := Open(bustest.Node(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.client.CloseIdleConnections)
	return h
}

func to(url string) *kept { return &kept{URL: url, Secrets: []secret{{Text: "s"}}} }

// TestNamesThatLeadInside: what counts is the address that is dialled.
func TestNamesThatLeadInside(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer s.Close()
	inside := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	for _, url := range []string{s.URL, inside, strings.Replace(s.URL, "127.0.0.1", "0.0.0.0", 1), strings.Replace(s.URL, "127.0.0.1", "2130706433", 1)} {
		h := mustHub(t, Config{PlainHTTP: true})
		err := h.post(context.Background(), to(url), nil)
		if err == nil || strings.Contains(err.Error(), "127.0.0.1:") {
			t.Errorf("%s: %v", url, err)
		}
		if !errors.Is(err, ErrTarget) && !strings.Contains(url, "2130706433") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
	h := mustHub(t, Config{PlainHTTP: true, Allow: mustPrefixes("127.0.0.0/8", "::1/128")})
	if err := h.post(context.Background(), to(inside), nil); err != nil || asked.Load() != 1 {
		t.Errorf("allowed: %v, asked %d times", err, asked.Load())
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(other.URL, code))
		h := mustHub(t, Config{PlainHTTP: true, Allow: mustPrefixes("127.0.0.0/8")})
		if err := h.post(context.Background(), to(s.URL), nil); err == nil || asked.Load() != 0 {
			t.Errorf("%d: %v, asked %d times", code, err, asked.Load())
		}
		s.Close()
	}
}

func TestAnAnswerIsBounded(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	h := mustHub(t, Config{PlainHTTP: true, Allow: mustPrefixes("127.0.0.0/8"), Timeout: 30 * time.Second})
	if err := h.post(context.Background(), to(s.URL), nil); err != nil { // reading on, it would be the time-out
		t.Error(err)
	}
}

func TestHTTPS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(202) }))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	h := mustHub(t, Config{Allow: mustPrefixes("127.0.0.0/8"), TLS: &tls.Config{RootCAs: roots}})
	if err := h.post(context.Background(), to(s.URL), []byte("{}")); err != nil {
		t.Error(err)
	}
	if err := mustHub(t, Config{Allow: mustPrefixes("127.0.0.0/8")}).post(context.Background(), to(s.URL), nil); err == nil {
		t.Error("a certificate of nobody was believed")
	}
}
