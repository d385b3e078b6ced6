package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// A reader is a client of mail down to single messages.
type reader struct {
	*peer
	protocol.MailReader
	t     *testing.T
	shown []string
}

// connect opens a socket anew.
func (r *reader) connect(s *Server, session *client.Session) {
	r.t.Helper()
	if r.peer != nil {
		r.Close()
	}
	var err error
	if r.peer, err = dial(s.players.Addr().String(), nil); err == nil {
		err = r.upgrade(session)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.Connected()
}

// next returns the next Mail.
func (r *reader) next() protocol.Mail {
	r.t.Helper()
	for {
		m, err := r.peer.next()
		if err != nil {
			r.t.Fatal(err)
		}
		if m, ok := m.(protocol.Mail); ok {
			return m
		}
	}
}

// take shows what of a Mail is new, and returns what to answer.
func (r *reader) take(m protocol.Mail) protocol.MailAck {
	fresh, ack := r.Take(m)
	for _, n := range fresh {
		r.shown = append(r.shown, n.Text[:2])
	}
	return ack
}

// TestMailOverADropAtEveryPoint: the connection is cut after each message, when
// it has come in, when it was shown, and when it was acknowledged; and on the
// next one once more. Each notice is shown once, in order.
func TestMailOverADropAtEveryPoint(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, short(3))
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	for first := range 3 {
		for fate := range 3 {
			t.Run(fmt.Sprint(first, fate), func(t *testing.T) {
				t.Parallel() // it may wait long for its turn, so its time begins here
				mailOverADrop(meeting(t), t, s, api, first, fate)
			})
		}
	}
}

func mailOverADrop(ctx context.Context, t *testing.T, s *Server, api *client.API, first, fate int) {
	session, err := api.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t}
	letters(ctx, t, s, session.Player.ID, 0, 8)
	r.connect(s, session)
	r.drop(first, fate)
	letters(ctx, t, s, session.Player.ID, 8, 10)
	r.connect(s, session)
	r.drop(0, (fate+1)%3)
	r.connect(s, session)
	for len(r.shown) < 10 {
		r.send(r.take(r.next()))
	}
	r.Close()
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("%02d", i))
	}
	if !slices.Equal(r.shown, want) {
		t.Errorf("shown %v", r.shown)
	}
}

// drop reads some messages as it should, and is cut off at the one after them:
// when that has come in, when it was shown, or when it was acknowledged.
func (r *reader) drop(messages, fate int) {
	for range messages {
		r.send(r.take(r.next()))
	}
	m := r.next()
	if fate == 0 {
		return
	}
	if ack := r.take(m); fate == 2 {
		r.send(ack)
	}
}

// letters sends some, of which three fill a message.
func letters(ctx context.Context, t *testing.T, s *Server, to protocol.PlayerID, from, until int) {
	t.Helper()
	for i := from; i < until; i++ {
		text := fmt.Sprintf("%02d%s", i, strings.Repeat(".", 1000))
		if _, err := s.mail.Send(ctx, "main", to, mail.Letter{Kind: mail.KindSystem, Text: text}); err != nil {
			t.Fatal(err)
		}
	}
}
