package socket

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Every handshake that is not one of ours is answered 400 and upgrades
// nothing.
func TestHandshakeMatrix(t *testing.T) {
	w := newWorld(t, "beat", Config{})
	for _, tc := range []struct {
		name, cut, put string
		status         int
	}{
		{"as it should be", "", "", 101},
		{"split header lines", "Connection: Upgrade", "Connection: keep-alive\r\nConnection: x, upgrade", 101},
		{"lower case", "Upgrade: websocket", "upgrade: WEBSOCKET", 101},
		{"POST", "GET ", "POST ", 400},
		{"no connection header", "Connection: Upgrade\r\n", "", 400},
		{"connection not a token", "Connection: Upgrade", "Connection: Upgraded", 400},
		{"no upgrade header", "Upgrade: websocket\r\n", "", 400},
		{"upgrade to h2c", "Upgrade: websocket", "Upgrade: h2c", 400},
		{"version 8", "Version: 13", "Version: 8", 400},
		{"no key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "", 400},
		{"short key", "dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", 400},
		{"key not base64", "dGhlIHNhbXBsZSBub25jZQ==", "!!!!", 400},
		{"another subprotocol", "other, muster.v1", "muster.v2, bearer.x", 400},
		{"no subprotocol", "Sec-WebSocket-Protocol: other, muster.v1\r\n", "", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			nc := w.dial()
			defer nc.Close()
			io.WriteString(nc, strings.Replace(handshakeHead, tc.cut, tc.put, 1)+"\r\n")
			res, err := http.ReadResponse(bufio.NewReader(nc), nil)
			must(t, err)
			equal(t, "status", res.StatusCode, tc.status)
			equal(t, "connections", len(w.come) <= 1, true)
			if tc.status == http.StatusSwitchingProtocols {
				(<-w.come).Goodbye(lastWords)
			}
			equal(t, "upgraded", len(w.come), 0)
		})
	}
}

// HTTP/2 is not agreed to: a WebSocket could not be taken out of it.
func TestOnlyHTTP1(t *testing.T) {
	w := newWorld(t, "tls", Config{})
	nc := w.dial().(*tls.Conn)
	must(t, nc.Handshake())
	nc.Close()
	raw := nc.NetConn().RemoteAddr().String()
	nc, err := tls.Dial("tcp", raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	must(t, err)
	defer nc.Close()
	equal(t, "protocol", nc.ConnectionState().NegotiatedProtocol, "http/1.1")
}

// Certificates are taken up while the server runs, and broken ones are not.
func TestCertificatesReload(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	put := func(serial int64, age time.Duration) {
		cert, key := pemPair(t, serial)
		must(t, os.WriteFile(certFile, cert, 0o600))
		must(t, os.WriteFile(keyFile, key, 0o600))
		must(t, os.Chtimes(certFile, time.Time{}, time.Now().Add(-age)))
	}
	if _, err := Listen("127.0.0.1:0", certFile, keyFile); err == nil {
		t.Fatal("it listens without a certificate")
	}
	put(1, time.Hour)
	certs := &certificates{certFile: certFile, keyFile: keyFile}
	must(t, certs.load())
	serial := func() string {
		certs.looked = time.Time{} // as if a second had passed
		pair, err := certs.get(nil)
		must(t, err)
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		must(t, err)
		return fmt.Sprint(leaf.SerialNumber)
	}
	equal(t, "serial", serial(), "1")
	put(2, time.Minute)
	equal(t, "serial of the new", serial(), "2")
	must(t, os.WriteFile(certFile, []byte("half a cert"), 0o600))
	equal(t, "serial while broken", serial(), "2")
	put(3, 0)
	equal(t, "serial when mended", serial(), "3")

	ln, err := Listen("127.0.0.1:0", certFile, keyFile)
	must(t, err)
	ln.Close()
}
