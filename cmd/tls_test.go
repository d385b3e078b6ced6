package cmd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// An authority issues certificates that only these tests trust.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key := mustKey(t)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1000), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	return &authority{mustSign(t, form, form, key, key), key}
}

func mustKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustSign(t *testing.T, form, by *x509.Certificate, key, byKey *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, form, by, &key.PublicKey, byKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// issue writes a new certificate for this machine and its key into dir.
func (a *authority) issue(t *testing.T, dir string, serial int64) (certFile, keyFile string) {
	t.Helper()
	key := mustKey(t)
	cert := mustSign(t, &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, a.cert, key, a.key)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert.Raw}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// trust is the configuration of a client that knows the authority.
func (a *authority) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return &tls.Config{RootCAs: pool}
}

func TestAPlayersWayOverTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	for _, beat := range []bool{true, false} {
		t.Run(fmt.Sprintf("beat=%v", beat), func(t *testing.T) {
			t.Parallel()
			certFile, keyFile := ca.issue(t, t.TempDir(), 1)
			mode := short(3)
			s := mustServer(t, Config{Beat: beat, Countdown: 100 * time.Millisecond, TLSCert: certFile, TLSKey: keyFile}, mode)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			_, g := enter(ctx, t, s, "short", client.Options{Bot: botFor(mode)}, client.WithTLS(ca.trust()))
			over, err := g.Wait(ctx)
			if err != nil || over.Why != "finished" {
				t.Fatalf("over: %+v, %v", over, err)
			}
			g.With(func(m *protocol.Mirror) {
				if m.Desyncs != 0 || m.Now().Tick < 80 {
					t.Errorf("%d desyncs, %d ticks", m.Desyncs, m.Now().Tick)
				}
			})
		})
	}
}

// TestCertificateIsReloaded changes the files under a server with players, to
// another certificate and to garbage. Newcomers are shown the newest that is
// good; nobody else notices.
func TestCertificateIsReloaded(t *testing.T) {
	t.Parallel()
	ca, dir := newAuthority(t), t.TempDir()
	certFile, keyFile := ca.issue(t, dir, 1)
	sc := mustScene(t, Config{Beat: true, TLSCert: certFile, TLSKey: keyFile}, ca)
	if !strings.HasPrefix(sc.URL(), "https://") {
		t.Errorf("its URL is %s", sc.URL())
	}
	sc.awaitSerial(t, 1)
	ca.issue(t, dir, 2)
	sc.awaitSerial(t, 2)
	sc.check(t)
	if err := os.WriteFile(certFile, []byte("half a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	awaitTicks(sc.ctx, t, sc.players[0].Game, 45) // longer than the files are looked at again
	sc.awaitSerial(t, 2)
	sc.resume(t, sc.villains[0])
	sc.check(t)
}

// awaitSerial connects until it is shown the certificate of that number.
func (sc *scene) awaitSerial(t *testing.T, want int64) {
	t.Helper()
	for {
		p := sc.dial(t)
		got := p.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].SerialNumber.Int64()
		p.Close()
		if got == want {
			return
		}
		if sc.ctx.Err() != nil {
			t.Fatalf("still shown certificate %d, want %d", got, want)
		}
		awaitTicks(sc.ctx, t, sc.players[0].Game, 3)
	}
}

// A server does not start without what it was told to speak TLS with.
func TestTLSThatCannotBe(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	certFile, keyFile := ca.issue(t, dir, 1)
	_, otherKey := ca.issue(t, t.TempDir(), 2)
	for what, cfg := range map[string]Config{
		"no files":      {TLSCert: filepath.Join(dir, "none.pem"), TLSKey: filepath.Join(dir, "none.pem")},
		"another's key": {TLSCert: certFile, TLSKey: otherKey},
		"a key only":    {TLSKey: keyFile},
		"a cert as key": {TLSCert: certFile, TLSKey: certFile},
	} {
		cfg.Addr, cfg.Log, cfg.Data = "127.0.0.1:0", "error", ":memory:"
		if _, err := New(cfg, short(1)); err == nil {
			t.Errorf("%s: it starts", what)
		}
	}
}

// Neither old TLS nor plain HTTP gets anywhere on a TLS port.
func TestNothingElseOnTheTLSPort(t *testing.T) {
	ca := newAuthority(t)
	certFile, keyFile := ca.issue(t, t.TempDir(), 1)
	s := mustServer(t, Config{Beat: true, TLSCert: certFile, TLSKey: keyFile}, short(1))
	addr := s.players.Addr().String()
	old := ca.trust()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if p, err := dial(addr, old); err == nil {
		p.Close()
		t.Error("TLS 1.1 was spoken")
	}
	p, err := dial(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if status, _, _, _ := p.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); status != 400 {
		t.Errorf("plain HTTP: %d, want 400", status)
	}
}
