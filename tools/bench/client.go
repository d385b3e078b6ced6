//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
	"github.com/musterhq/muster/protocol/socket"
)

// A player is one client: a raw descriptor, and what it has read and seen. It
// does what a client must and no more: it acks each frame with its inputs, and
// does not look into bodies.
type player struct {
	fd   int
	in   []byte       // read and not yet a whole frame
	want []game.Field // what its inputs hold
	seen time.Time
	tick uint8 // of the newest frame
	seq  uint8
	now  [game.MaxInputs]int32 // the values it holds
	rest int                   // ticks until it changes one of them
	rng  *rand.Rand
}

// hotHead is what of a frame is looked at: [kind, tick, …].
const hotHead = 3

const handshake = "GET /v1/socket HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Protocol: " + socket.Subprotocol + "\r\n"

// A door is how a client gets in.
type door struct {
	number int
	mode   string        // of the real server, "" elsewhere
	gate   chan struct{} // bounds those who log in at a time
}

func (s shape) door(way string, number int, gate chan struct{}) door {
	d := door{number: number, gate: gate}
	if way == wayServer || way == wayOther {
		d.mode = s.mode.Name
	}
	return d
}

// place has the real server find a seat: login, ticket, assignment.
func (d door) place(ctx context.Context, api *client.API) (headers string, join []byte, err error) {
	d.gate <- struct{}{}
	session, err := api.LoginGuest(ctx, fmt.Sprint("bench ", d.number))
	<-d.gate
	if err != nil {
		return "", nil, err
	}
	ticket, err := session.CreateTicket(ctx, d.mode)
	if err != nil {
		return "", nil, err
	}
	if ticket, err = session.AwaitPlaced(ctx, ticket.ID); err != nil {
		return "", nil, err
	}
	join = protocol.Append(nil, protocol.Join{Match: ticket.Assignment.Match, Pass: ticket.Assignment.Pass})
	return "Authorization: Bearer " + session.Access + "\r\n", join, nil
}

// enter connects the client and, at the real server, takes its seat.
func (p *player) enter(ctx context.Context, url string, d door, api *client.API) (err error) {
	var headers string
	var join []byte
	if d.mode != "" {
		if headers, join, err = d.place(ctx, api); err != nil {
			return err
		}
	}
	nc, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return err
	}
	defer nc.Close()
	if _, err := nc.Write([]byte(handshake + headers + "\r\n")); err != nil {
		return err
	}
	br := bufio.NewReader(nc)
	res, err := http.ReadResponse(br, nil)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("the handshake was answered with %s", res.Status)
	}
	if join != nil {
		if _, err := nc.Write(masked(nil, join)); err != nil {
			return err
		}
	}
	p.in, _ = br.Peek(br.Buffered())
	p.in = append(make([]byte, 0, 32<<10), p.in...)
	p.fd, err = takeFD(nc)
	return err
}

// appendHeader appends the head of a WebSocket frame; mask is 0 or 0x80.
func appendHeader(dst []byte, opcode byte, n int, mask byte) []byte {
	switch {
	case n < 126:
		return append(dst, opcode, mask|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, opcode, mask|126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, opcode, mask|127), uint64(n))
}

// masked appends a client's frame; a mask of zeros changes nothing.
func masked(dst, msg []byte) []byte {
	return append(append(appendHeader(dst, 0x82, len(msg), 0x80), 0, 0, 0, 0), msg...)
}

var errClosed = errors.New("the server has closed a connection")

// take looks at the frames that have come whole, the last of them just then.
func (p *player) take(now time.Time, t *traffic) error {
	b := p.in
	for {
		opcode, payload, rest, ok := cutFrame(b)
		if !ok {
			break
		}
		if b = rest; opcode == 0x88 {
			return fmt.Errorf("%w: %q", errClosed, payload)
		}
		if opcode != 0x82 || len(payload) < hotHead || payload[1] > 127 {
			continue // of the control lane: there the first element is negative
		}
		t.frame(len(payload))
		if !p.seen.IsZero() {
			t.gapOf(now.Sub(p.seen))
		}
		p.seen, p.tick = now, payload[2]
	}
	p.in = append(p.in[:0], b...)
	return nil
}

// cutFrame takes a server's frame, which has no mask, off b.
func cutFrame(b []byte) (opcode byte, payload, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, b, false
	}
	n, head := int(b[1]), 2
	switch {
	case n == 126 && len(b) >= 4:
		n, head = int(binary.BigEndian.Uint16(b[2:])), 4
	case n == 127 && len(b) >= 10:
		n, head = int(binary.BigEndian.Uint64(b[2:])), 10
	case n >= 126:
		return 0, nil, b, false
	}
	if len(b) < head+n {
		return 0, nil, b, false
	}
	return b[0], b[head : head+n], b[head+n:], true
}

// input appends what the client does next: it holds its keys for a while, turns,
// and shoots now and then.
func (p *player) input(dst []byte, now time.Time, tick time.Duration) []byte {
	if p.rest--; p.rest <= 0 {
		p.rest = 3 + p.rng.IntN(15)
		i := p.rng.IntN(len(p.want))
		f := p.want[i]
		p.now[i] = f.Min + p.rng.Int32N(f.Max-f.Min+1)
	}
	p.seq++
	hold := min(now.Sub(p.seen)*8/tick, 127)
	msg := protocol.AppendInput(nil, &protocol.Input{Seq: p.seq, Ack: p.tick, Hold: uint8(hold), Values: p.now}, p.want)
	return masked(dst, msg)
}
