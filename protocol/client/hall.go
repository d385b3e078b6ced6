package client

import (
	"context"
	"fmt"

	"github.com/musterhq/muster/protocol"
)

// A Hall is a connection that outlives matches: it begins in the server's hall,
// and comes back there from each match that it joins. It is one match at a
// time. Its methods may be called by any goroutine, but for Join.
type Hall struct{ g *Game }

// Enter opens a socket at the server's own address. The options are those of
// all matches that are joined on it.
func (s *Session) Enter(ctx context.Context, opts Options) (*Hall, error) {
	g := newGame(opts)
	g.stays = true
	if err := g.connect(ctx, s, s.api.socketURL()); err != nil {
		return nil, fmt.Errorf("enter: %w", err)
	}
	go g.read()
	return &Hall{g}, nil
}

// Join takes the seat of an assignment, on this connection. That it is refused
// ends the connection.
func (h *Hall) Join(ctx context.Context, a Assignment) (*Game, error) {
	h.g.begin()
	h.g.Send(protocol.Join{Match: a.Match, Pass: a.Pass})
	return h.g.await(ctx)
}

// Send writes any control message.
func (h *Hall) Send(m protocol.Control) { h.g.Send(m) }

// Say says something to the party, or whispers to somebody. It is answered by a
// Chat with the same stamp.
func (h *Hall) Say(channel protocol.Channel, stamp uint32, to protocol.PlayerID, text string) {
	h.Send(protocol.Say{Channel: channel, Stamp: stamp, To: to, Text: text})
}

// Close breaks the connection off, and returns when that is done.
func (h *Hall) Close() {
	h.g.Cut()
	<-h.g.done
}

// Done is closed when the connection has ended.
func (h *Hall) Done() <-chan struct{} { return h.g.done }

// Goodbye is the reason the server gave, nil where it gave none.
func (h *Hall) Goodbye() *protocol.Reason { return h.g.Goodbye() }
