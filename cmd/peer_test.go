package cmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

// A peer is a client down to single bytes, for what no decent one sends.
type peer struct {
	net.Conn
	br *bufio.Reader
}

// patience bounds what a test waits for. It ends what would never happen, and
// says nothing about speed.
const patience = 2 * time.Minute

// dial opens a connection to the server, under TLS where that is spoken.
func (sc *scene) dial(t *testing.T) *peer {
	t.Helper()
	p, err := dial(sc.Server.players.Addr().String(), sc.trust)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func dial(addr string, trust *tls.Config) (*peer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var nc net.Conn
	var err error
	if trust != nil {
		nc, err = (&tls.Dialer{Config: trust}).DialContext(ctx, "tcp", addr)
	} else {
		nc, err = new(net.Dialer).DialContext(ctx, "tcp", addr)
	}
	if err != nil {
		return nil, err
	}
	_ = nc.SetDeadline(time.Now().Add(patience))
	return &peer{nc, bufio.NewReader(nc)}, nil
}

// handshake is a good request for a socket but for the headers replaced;
// "Name: " leaves one out.
func handshake(replaced ...string) string {
	headers := []string{"Host: muster.example", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: muster.v1"}
	for _, h := range replaced {
		name, value, _ := strings.Cut(h, ": ")
		headers = without(headers, name+": ")
		if value != "" {
			headers = append(headers, h)
		}
	}
	return "GET /v1/socket HTTP/1.1\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
}

func without(all []string, prefix string) (left []string) {
	for _, s := range all {
		if !strings.HasPrefix(s, prefix) {
			left = append(left, s)
		}
	}
	return left
}

// ask sends a request as it stands and returns the answer, with its body read.
func (p *peer) ask(request string) (status int, header http.Header, body string, err error) {
	if _, err = io.WriteString(p, request); err != nil {
		return 0, nil, "", err
	}
	res, err := http.ReadResponse(p.br, nil)
	if err != nil {
		return 0, nil, "", err
	}
	if res.StatusCode == http.StatusSwitchingProtocols {
		return res.StatusCode, res.Header, "", nil
	}
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(b), err
}

// upgrade makes the peer's connection a socket of s.
func (p *peer) upgrade(s *client.Session) error {
	status, _, body, err := p.ask(handshake("Authorization: Bearer " + s.Access))
	if err == nil && status != http.StatusSwitchingProtocols {
		err = fmt.Errorf("handshake: %d %s", status, body)
	}
	return err
}

// enter opens a socket of s, which then stands in the hall.
func (sc *scene) enter(t *testing.T, s *client.Session) *peer {
	t.Helper()
	p := sc.dial(t)
	if err := p.upgrade(s); err != nil {
		t.Error(err)
	}
	return p
}

// frame is what a client sends, from its first byte on.
var frame = sockettest.Frame[string]

// message is a whole binary message.
func message(b []byte) []byte { return sockettest.Frame(sockettest.Binary, b) }

// send sends a control message. What goes wrong, reading will say.
func (p *peer) send(m protocol.Control) { _, _ = p.Write(message(protocol.Append(nil, m))) }

// next returns the next message: a control message, or nil for a frame. A
// goodbye's close frame is an error that says its code and text.
func (p *peer) next() (protocol.Control, error) {
	for {
		first, b, err := sockettest.Read(p.br)
		switch {
		case err != nil:
			return nil, err
		case first == sockettest.Close && len(b) >= 2:
			return nil, protocol.Reason{Code: binary.BigEndian.Uint16(b), Text: string(b[2:])}
		case first == sockettest.Binary && protocol.IsControl(b):
			return protocol.ParseServer(b)
		case first == sockettest.Binary:
			return nil, nil
		}
	}
}

// awaitFrame reads on to the first frame of a match.
func (p *peer) awaitFrame(t *testing.T) {
	t.Helper()
	if err := p.seekFrame(); err != nil {
		t.Error(err)
	}
}

func (p *peer) seekFrame() error {
	for {
		m, err := p.next()
		if refused, ok := m.(protocol.Refused); ok {
			return fmt.Errorf("refused: %s", refused.Code)
		}
		if m == nil {
			return err
		}
	}
}

// answer reads on to the answer to a Join, in short: "joined", the code of a
// refusal, or the goodbye.
func (p *peer) answer() string {
	for {
		m, err := p.next()
		if err != nil {
			return err.Error()
		}
		switch m := m.(type) {
		case protocol.Joined:
			return "joined"
		case protocol.Refused:
			return m.Code
		}
	}
}

// goodbye reads on to the goodbye, which must be said by a message and by the
// close frame alike, and to the end of the connection.
func (p *peer) goodbye() error {
	var told protocol.Reason
	for {
		m, err := p.next()
		if bye, ok := m.(protocol.Goodbye); ok {
			told = bye.Reason
		}
		said, ok := err.(protocol.Reason)
		switch {
		case !ok && err != nil:
			return err
		case !ok:
			continue
		case said.Code != told.Code || said.Text != told.Text:
			return fmt.Errorf("the close frame says %v, the message %v", said, told)
		}
		if _, err := p.br.ReadByte(); err != io.EOF {
			return fmt.Errorf("after %v: %v", told, err)
		}
		return told
	}
}

// flood writes b again and again until nobody takes it any more, while the
// caller reads. The returned function waits for it to end.
func (p *peer) flood(b []byte) (wait func()) {
	many := bytes.Repeat(b, max(1, 16<<10/len(b)))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := p.Write(many); err != nil {
				return
			}
		}
	}()
	return func() { p.Close(); <-done }
}
