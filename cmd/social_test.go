package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// A friend is a player on a socket, and all that reaches it.
type friend struct {
	*client.Session
	client.Company
	t       *testing.T
	ctx     context.Context
	hall    *client.Hall
	told    chan protocol.Control
	notices []protocol.MailNotice // read on the test's goroutine when told has given a later message
	mode    game.Mode
}

// meeting bounds one of these tests.
func meeting(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// mustFriend logs a player in, by name, and has it stand in the hall.
func mustFriend(ctx context.Context, t *testing.T, s *Server, of, name string) *friend {
	t.Helper()
	api := client.New(s.URL(), client.WithGame(of))
	t.Cleanup(api.Close)
	session, err := api.LoginGuest(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	f := &friend{Session: session, t: t, ctx: ctx, mode: short(2)}
	f.enter()
	return f
}

// enter opens a socket.
func (f *friend) enter() {
	f.t.Helper()
	f.told = make(chan protocol.Control, 1024)
	told := f.told
	f.OnMail = func(n protocol.MailNotice) { f.notices = append(f.notices, n) }
	var err error
	f.hall, err = f.Enter(f.ctx, client.Options{Company: &f.Company, Bot: botFor(f.mode), Control: func(m protocol.Control) { told <- m }})
	if err != nil {
		f.t.Fatal(err)
	}
	hall := f.hall
	f.t.Cleanup(hall.Close)
	hear(f, "the welcome", func(protocol.Welcome) bool { return true })
}

// hear waits for a message of a kind.
func hear[M protocol.Control](f *friend, what string, is func(M) bool) (m M) {
	f.t.Helper()
	for {
		select {
		case got := <-f.told:
			if m, ok := got.(M); ok && is(m) {
				return m
			}
		case <-f.ctx.Done():
			f.t.Fatalf("%s did not come", what)
		}
	}
}

// sees waits until a friend is told to be somewhere.
func (f *friend) sees(of *friend, at protocol.PresenceState) {
	f.t.Helper()
	hear(f, fmt.Sprintf("presence %d of %s", at, of.Player.Name), func(m protocol.Presence) bool {
		return slices.ContainsFunc(m.People, func(p protocol.PresenceOf) bool {
			return p.Player == of.Player.ID && p.Tie == protocol.TieFriend && p.State == at
		})
	})
}

// does asks over REST, about another if there is a %s in the path.
func (f *friend) does(method, path string, of ...*friend) {
	f.t.Helper()
	if err := f.tries(method, path, nil, of...); err != nil {
		f.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (f *friend) tries(method, path string, body any, of ...*friend) error {
	for _, o := range of {
		path = strings.Replace(path, "%s", string(o.Player.ID), 1)
	}
	return f.Do(f.ctx, method, path, body, nil)
}

func befriend(a, b *friend) {
	a.t.Helper()
	a.does("PUT", "/v1/friends/%s", b)
	b.does("POST", "/v1/friends/%s/accept", a)
	a.sees(b, protocol.Online)
	b.sees(a, protocol.Online)
}

// inviting has a form a party with b.
func inviting(a, b *friend) (party string) {
	a.t.Helper()
	a.does("PUT", "/v1/party/invited/%s", b)
	i := hear(b, "the invitation", func(p protocol.Party) bool { return len(p.Invitations) == 1 })
	party = i.Invitations[0].Party
	b.does("POST", "/v1/party/invitations/"+party+"/accept")
	for _, f := range []*friend{a, b} {
		hear(f, "the party", func(p protocol.Party) bool { return p.ID == party && len(p.Members) == 2 })
	}
	return party
}

// plays waits for the assignment and joins on the same socket.
func (f *friend) plays() *client.Game {
	f.t.Helper()
	a := hear(f, "the assignment", func(protocol.Assignment) bool { return true })
	g, err := f.hall.Join(f.ctx, client.Assignment{Match: a.Match, Pass: a.Pass})
	if err != nil {
		f.t.Fatal(err)
	}
	return g
}

// TestFriendsPlayTogether: two befriend, form a party, talk, queue and play
// together, and are seen where they are by a third, who stays.
func TestFriendsPlayTogether(t *testing.T) {
	t.Parallel()
	for _, beat := range []bool{true, false} {
		t.Run(fmt.Sprintf("beat=%v", beat), func(t *testing.T) {
			t.Parallel()
			s := mustServer(t, Config{Beat: beat, Countdown: 100 * time.Millisecond}, short(3))
			ctx := meeting(t)
			ada, bob, cyd := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob"), mustFriend(ctx, t, s, "main", "Cyd")
			befriend(ada, bob)
			befriend(cyd, ada)
			party := inviting(ada, bob)
			bob.hall.Say(protocol.ChannelParty, 7, "", "Ready?")
			line := hear(ada, "the line", func(c protocol.Chat) bool { return c.Text == "Ready?" })
			echo := hear(bob, "the echo", func(c protocol.Chat) bool { return c.Stamp == 7 })
			if line.From != bob.Player.ID || line.Name != "Bob" || echo.ID != line.ID || echo.Refused != "" {
				t.Errorf("line %+v, echo %+v", line, echo)
			}

			if err := ada.tries("POST", "/v1/party/ticket", map[string]string{"mode": "short"}); err != nil {
				t.Fatal(err)
			}
			games := []*client.Game{ada.plays(), bob.plays()}
			if games[0].Joined().Match != games[1].Joined().Match {
				t.Error("they play apart")
			}
			cyd.sees(ada, protocol.InMatch)
			cyd.hall.Say(protocol.ChannelWhisper, 8, ada.Player.ID, "Good luck!")
			hear(ada, "a whisper in a match", func(c protocol.Chat) bool { return c.Text == "Good luck!" })
			ada.hall.Say(protocol.ChannelWhisper, 9, cyd.Player.ID, "Thanks")
			hear(cyd, "a whisper out of a match", func(c protocol.Chat) bool { return c.Text == "Thanks" })
			for _, g := range games {
				if over, err := g.Wait(ctx); err != nil || over.Why != "finished" {
					t.Errorf("over: %+v, %v", over, err)
				}
			}
			m := hear(bob, "the result", func(m protocol.Mail) bool { return m.Notices[0].Kind == mail.KindResult })
			if n := m.Notices[0]; !strings.Contains(n.Data, string(games[0].Joined().Match)) || !strings.Contains(n.Text, "you are number") {
				t.Errorf("the result: %+v", n)
			}
			cyd.sees(ada, protocol.Online)
			if p := bob.Party(); p.ID != party || p.Ticket != "" {
				t.Errorf("the party afterwards: %+v", p)
			}
			bob.does("DELETE", "/v1/party")
			hear(bob, "the end of the party", func(p protocol.Party) bool { return p.ID == "" })
			bob.hall.Say(protocol.ChannelParty, 10, "", "Anybody?")
			if c := hear(bob, "the refusal", func(c protocol.Chat) bool { return c.Stamp == 10 }); c.Refused != "no_party" {
				t.Errorf("said to nobody: %+v", c)
			}
			ada.hall.Close()
			cyd.sees(ada, protocol.Offline)
		})
	}
}

// TestAPartyPlaysWhereAllOfItCan: the leader tells its own pings with the ticket
// and a member its own beforehand, over REST; the match is where both accept it.
func TestAPartyPlaysWhereAllOfItCan(t *testing.T) {
	t.Parallel()
	mode := short(2)
	mode.Matchmaking = game.Matchmaking{Regions: []string{"eu", "us"}, Match: []string{"map"}, Widen: []game.Window{{Ping: 80}}}
	s := mustServer(t, Config{Beat: true, Countdown: 100 * time.Millisecond}, mode)
	ctx := meeting(t)
	ada, bob := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")
	inviting(ada, bob)
	if err := bob.tries("PUT", "/v1/party/pings", map[string]any{"pings": map[string]int{"eu": 120, "us": 40}}); err != nil {
		t.Fatal(err)
	}
	wish := map[string]any{"mode": "short", "pings": map[string]int{"eu": 20, "us": 70}, "props": map[string]string{"map": "pit"}, "fresh": true}
	if err := ada.tries("POST", "/v1/party/ticket", wish); err != nil {
		t.Fatal(err)
	}
	hear(ada, "the assignment", func(protocol.Assignment) bool { return true })
	m := s.lobby.Matches(game.DefaultGame, lobby.MatchFilter{Player: bob.Player.ID, Most: 1})
	if len(m) != 1 || m[0].Region != "us" || m[0].Why.Ping != 70 || m[0].Props != `map="pit"` {
		t.Errorf("the match: %+v", m)
	}
}

// TestALobbyRoomIsSeen: for as long as the countdown lasts.
func TestALobbyRoomIsSeen(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true, Countdown: 20 * time.Second}, short(3))
	ctx := meeting(t)
	ada, bob := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")
	befriend(ada, bob)
	if _, err := bob.CreateTicket(ctx, "short"); err != nil {
		t.Fatal(err)
	}
	ada.sees(bob, protocol.InLobby)
	bob.hall.Say(protocol.ChannelWhisper, 1, ada.Player.ID, "Nice room")
	hear(ada, "a whisper out of a room", func(c protocol.Chat) bool { return c.Text == "Nice room" })
	ada.hall.Say(protocol.ChannelWhisper, 1, bob.Player.ID, "Is it?")
	hear(bob, "a whisper into a room", func(c protocol.Chat) bool { return c.Text == "Is it?" })
	bob.hall.Send(protocol.Leave{})
	ada.sees(bob, protocol.Online)
}

// TestFriendsAndMailOutliveTheServer.
func TestFriendsAndMailOutliveTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := meeting(t)
	var ada, bob *friend
	t.Run("before", func(t *testing.T) {
		s := mustServer(t, Config{Beat: true, Data: dir}, short(3))
		ada, bob = mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")
		befriend(ada, bob)
		bob.hall.Close()
		ada.sees(bob, protocol.Offline)
		ada.does("PUT", "/v1/party/invited/%s", bob)
	})
	t.Run("after", func(t *testing.T) {
		s := mustServer(t, Config{Beat: true, Data: dir}, short(3))
		ada, bob = ada.again(t, s), bob.again(t, s)
		bob.enter()
		m := hear(bob, "mail", func(m protocol.Mail) bool { return len(m.Notices) == 1 })
		if n := m.Notices[0]; n.Kind != mail.KindInvite || n.Text != "Ada has invited you to a party." || !strings.Contains(n.Data, string(ada.Player.ID)) {
			t.Errorf("mail: %+v", n)
		}
		for { // until the acknowledgement is written
			unread, err := s.mail.Unread(ctx, "main", bob.Player.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(unread) == 0 {
				break
			}
			<-time.After(5 * time.Millisecond)
		}
		bob.hall.Close()
		bob.enter()
		ada.enter()
		bob.sees(ada, protocol.Online)
		ada.hall.Say(protocol.ChannelWhisper, 1, bob.Player.ID, "There you are")
		hear(bob, "a whisper", func(c protocol.Chat) bool { return c.Text == "There you are" })
		if len(bob.notices) != 1 {
			t.Errorf("shown %d notices", len(bob.notices))
		}
	})
}

// again is the same player at a server that was started anew.
func (f *friend) again(t *testing.T, s *Server) *friend {
	t.Helper()
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	session, err := api.Restore(f.ctx, f.Refresh)
	if err != nil {
		t.Fatal(err)
	}
	return &friend{Session: session, t: t, ctx: f.ctx, mode: f.mode}
}

// TestOneWhoIsBlockedReachesNobody, and is not told.
func TestOneWhoIsBlockedReachesNobody(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, short(3))
	ctx := meeting(t)
	ada, eve := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Eve")
	befriend(ada, eve)
	ada.does("PUT", "/v1/blocks/%s", eve)
	hear(eve, "the end of the friendship", func(m protocol.Presence) bool {
		return slices.ContainsFunc(m.People, func(p protocol.PresenceOf) bool { return p.Player == ada.Player.ID && p.Tie == protocol.TieNone })
	})
	eve.does("PUT", "/v1/friends/%s", ada)
	eve.does("PUT", "/v1/party/invited/%s", ada)
	eve.hall.Say(protocol.ChannelWhisper, 1, ada.Player.ID, "Why?")
	if c := hear(eve, "the echo", func(c protocol.Chat) bool { return c.Stamp == 1 }); c.Refused != "" {
		t.Errorf("she is told: %+v", c)
	}
	ada.hall.Say(protocol.ChannelWhisper, 2, ada.Player.ID, "to myself") // is answered after all that
	hear(ada, "an answer", func(m protocol.Chat) bool {
		if m.From == eve.Player.ID {
			t.Errorf("heard %+v", m)
		}
		return m.Stamp == 2
	})
	if p, all := ada.Party(), ada.People(); len(p.Invitations) != 0 || len(all) != 0 {
		t.Errorf("she got through: %+v, %+v", p, all)
	}
}

// TestGamesNeverMeet: whatever a player tries with one of another game.
func TestGamesNeverMeet(t *testing.T) {
	t.Parallel()
	other := short(3)
	other.Game, other.Name = "other", "other"
	s := mustServer(t, Config{Beat: true}, short(3), other)
	ctx := meeting(t)
	ada, eve := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "other", "Eve")
	unknown := func(what string, err error) {
		t.Helper()
		var p *client.Problem
		if !errors.As(err, &p) || p.Status != 404 || p.Code != "player_unknown" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, verb := range [][2]string{{"PUT", "/v1/friends/%s"}, {"POST", "/v1/friends/%s/accept"}, {"PUT", "/v1/party/invited/%s"}, {"PUT", "/v1/blocks/%s"}, {"PUT", "/v1/mutes/%s"}} {
		unknown(verb[1], eve.tries(verb[0], verb[1], nil, ada))
	}
	unknown("report", eve.tries("POST", "/v1/reports", map[string]string{"player": string(ada.Player.ID), "reason": "x"}))
	eve.hall.Say(protocol.ChannelWhisper, 1, ada.Player.ID, "hello")
	if c := hear(eve, "the answer", func(c protocol.Chat) bool { return c.Stamp == 1 }); c.Refused != "player_unknown" {
		t.Errorf("a whisper: %+v", c)
	}
	if err := s.accounts.SetRole(ctx, account.Ref{Game: "other", Player: eve.Player.ID}, account.RoleAdmin); err != nil {
		t.Fatal(err)
	}
	if err := eve.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	unknown("mail", eve.tries("POST", "/v1/players/%s/mail", map[string]string{"kind": "a.b"}, ada))
	unknown("silence", eve.tries("PUT", "/v1/players/%s/silence", map[string]string{"until": "2099-01-01T00:00:00Z"}, ada))
}

// TestAnAccountTakesItsFriendsAlong when it is deleted, and all of it is in its
// export.
func TestAnAccountTakesItsFriendsAlong(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, short(3))
	ctx := meeting(t)
	ada, bob := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")
	befriend(ada, bob)
	ref := account.Ref{Game: "main", Player: ada.Player.ID}
	ada.hall.Close()
	bob.sees(ada, protocol.Offline)
	if _, err := s.mail.Send(ctx, "main", ref.Player, mail.Letter{Kind: mail.KindSystem, Text: "Hi"}); err != nil {
		t.Fatal(err)
	}
	x, err := s.accounts.Export(ctx, ref)
	if got := fmt.Sprint(x.Others); err != nil || !strings.Contains(got, "Bob friend") || !strings.Contains(got, "system") {
		t.Errorf("export: %s, %v", got, err)
	}
	if err := s.accounts.Delete(ctx, ref); err != nil {
		t.Fatal(err)
	}
	hear(bob, "the end of the friendship", func(m protocol.Presence) bool {
		return slices.ContainsFunc(m.People, func(p protocol.PresenceOf) bool { return p.Player == ref.Player && p.Tie == protocol.TieNone })
	})
	if left, err := s.mail.Unread(ctx, "main", ref.Player); err != nil || len(left) != 0 {
		t.Errorf("mail: %v, %v", left, err)
	}
}

// TestASecondSocketTakesOver: the player goes on being here, and is told
// everything on the newer one.
func TestASecondSocketTakesOver(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, short(3))
	ctx := meeting(t)
	ada, bob := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")
	befriend(ada, bob)
	old := bob.hall
	bob.enter()
	<-old.Done()
	if r := old.Goodbye(); r == nil || r.Code != protocol.Replaced.Code {
		t.Errorf("the older one ended by %v", r)
	}
	bob.sees(ada, protocol.Online)
	ada.hall.Say(protocol.ChannelWhisper, 1, bob.Player.ID, "Still there?")
	hear(bob, "a whisper", func(c protocol.Chat) bool { return c.Text == "Still there?" })
	if p := ada.People()[bob.Player.ID]; p.State != protocol.Online {
		t.Errorf("the friend is seen as %+v", p)
	}
	bob.hall.Close()
	ada.sees(bob, protocol.Offline)
}
