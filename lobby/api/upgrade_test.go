package api

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// TestAnUpgradeOverTheNetwork: a browser's handshake through gin becomes a
// connection, whose answer names no token.
func TestAnUpgradeOverTheNetwork(t *testing.T) {
	up := socket.NewUpgrader(socket.Config{})
	conns := make(chan *socket.Conn, 1)
	s, end := newSite(t, func(c *Config) {
		c.Socket = func(w http.ResponseWriter, r *http.Request, who account.Caller) {
			conn, err := up.Upgrade(w, r, who.Who(), who.Session)
			if err != nil {
				t.Error(err)
				return
			}
			conn.Send(protocol.Append(nil, protocol.Welcome{Version: protocol.Version, Player: who.Who()}))
			conn.Goodbye(protocol.Normal)
			conns <- conn
		}
	})
	defer end()
	server := httptest.NewServer(s)
	defer server.Close()
	session, _ := s.guest("Ada")

	nc, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	headers := handshake("Host: "+server.Listener.Addr().String(), "Origin: "+server.URL,
		"Sec-WebSocket-Protocol: muster.v1, bearer."+session.Access)
	fmt.Fprintf(nc, "GET /v1/socket HTTP/1.1\r\n%s\r\n\r\n", strings.Join(headers, "\r\n"))
	r := bufio.NewReader(nc)
	resp, err := http.ReadResponse(r, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Protocol") != socket.Subprotocol {
		t.Fatalf("%v, %+v", err, resp)
	}
	<-conns
	frame := make([]byte, 2)
	if _, err := io.ReadFull(r, frame); err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, frame[1])
	if _, err := io.ReadFull(r, payload); err != nil {
		t.Fatal(err)
	}
	m, err := protocol.ParseServer(payload)
	if w, ok := m.(protocol.Welcome); !ok || w.Player.ID != session.Player.ID {
		t.Errorf("got %+v, %v", m, err)
	}
	nc.Close()
	up.Close()
	if log := s.log.String(); strings.Contains(log, session.Access) || !strings.Contains(log, "status=200") && !strings.Contains(log, "status=101") {
		t.Errorf("the log says %s", log)
	}
}
