package cmd

import (
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// heard reads on to the next message of a kind that is as wanted.
func heard[M protocol.Control](t *testing.T, p *peer, wanted func(M) bool) M {
	t.Helper()
	for {
		m, err := p.next()
		if err != nil {
			t.Fatalf("waiting for %T: %v", *new(M), err)
		}
		if m, ok := m.(M); ok && wanted(m) {
			return m
		}
	}
}

func whatever[M protocol.Control](M) bool { return true }

// play joins the assigned match and reads on to its end.
func (p *peer) play(t *testing.T) {
	t.Helper()
	a := heard(t, p, whatever[protocol.Assignment])
	p.send(protocol.Join{Match: a.Match, Pass: a.Pass})
	for {
		m, err := p.next()
		if err != nil {
			t.Fatal(err)
		}
		if over, ok := m.(protocol.Over); ok {
			if over.Why != "finished" || len(over.Result) != 3 {
				t.Fatalf("over: %+v", over)
			}
			return
		}
		if m == nil {
			p.send(protocol.Ack{}) // the server need only see that we live
		}
	}
}

// TestARoomsWay: create, join by code, be ready, play, come back, play again.
func TestARoomsWay(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true, Countdown: 100 * time.Millisecond}, short(1))
	var peers []*peer
	for i := range 2 {
		api := client.New(s.URL())
		t.Cleanup(api.Close)
		session, err := api.LoginGuest(t.Context(), fmt.Sprint("Player ", i))
		if err != nil {
			t.Fatal(err)
		}
		p, err := dial(s.players.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		if err := p.upgrade(session); err != nil {
			t.Fatal(err)
		}
		peers = append(peers, p)
	}
	host, guest := peers[0], peers[1]
	host.send(protocol.RoomCreate{Stamp: 1, Mode: "short", Size: 3, Options: []int32{1}})
	code := heard(t, host, whatever[protocol.RoomReply]).Code
	guest.send(protocol.RoomJoin{Stamp: 2, Code: code})
	if r := heard(t, guest, whatever[protocol.RoomReply]); r.Refused != "" || r.Code != code {
		t.Fatalf("join: %+v", r)
	}
	host.send(protocol.RoomDo{Stamp: 3, Verb: protocol.RoomBot, Number: 2})
	for range 2 {
		guest.send(protocol.RoomDo{Stamp: 4, Verb: protocol.RoomReady, Number: 1})
		heard(t, guest, func(r protocol.RoomReply) bool { return r.Stamp == 4 && r.Refused == "" })
		startWhenReady(t, host)
		done := make(chan bool)
		go func() { defer close(done); guest.play(t) }()
		host.play(t)
		<-done
		heard(t, host, func(r protocol.RoomState) bool { return r.Base == 0 && r.Code == code })
		heard(t, guest, func(r protocol.RoomState) bool { return r.Base == 0 && r.Code == code })
	}
	guest.send(protocol.Leave{})
	if left := heard(t, guest, whatever[protocol.RoomLeft]); left.Why != "left" {
		t.Errorf("left: %+v", left)
	}
}

// startWhenReady asks again until everybody is there and the last match is over.
func startWhenReady(t *testing.T, host *peer) {
	t.Helper()
	for {
		host.send(protocol.RoomDo{Stamp: 5, Verb: protocol.RoomStart, Number: 1})
		r := heard(t, host, func(r protocol.RoomReply) bool { return r.Stamp == 5 })
		switch r.Refused {
		case "":
			return
		case "not_ready", "playing":
		default:
			t.Fatalf("start: %s", r.Refused)
		}
	}
}

// TestFriendsMeetInARoom: a friend sees where to go, comes in while the host is
// away, hears a line there and reports it.
func TestFriendsMeetInARoom(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, short(3))
	ctx := meeting(t)
	ada, bob, mod := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob"), mustFriend(ctx, t, s, "main", "Mod")
	befriend(ada, bob)
	ada.hall.Send(protocol.RoomCreate{Stamp: 1, Mode: "short", Privacy: protocol.RoomFriends})
	code := hear(ada, "the room", whatever[protocol.RoomReply]).Code
	seen := hear(bob, "where Ada is", func(m protocol.Presence) bool { return len(m.People) == 1 && m.People[0].State == protocol.InLobby })
	if p := seen.People[0]; !p.Joinable || p.Where != code {
		t.Errorf("Bob sees %+v, want room %s", p, code)
	}
	mod.hall.Send(protocol.RoomJoin{Stamp: 1, Code: code})
	if r := hear(mod, "an answer", whatever[protocol.RoomReply]); r.Refused != "friends_only" {
		t.Errorf("a stranger is answered %+v", r)
	}
	ada.hall.Close()
	bob.sees(ada, protocol.Offline)
	bob.hall.Send(protocol.RoomJoin{Stamp: 1, Code: code})
	if r := hear(bob, "an answer", whatever[protocol.RoomReply]); r.Refused != "" {
		t.Fatalf("a friend is answered %+v", r)
	}
	ada.enter()
	hear(ada, "the room", func(r protocol.RoomState) bool { return r.Code == code })
	bob.hall.Say(protocol.ChannelRoom, 1, "", "you stink")
	line := hear(ada, "a line", func(c protocol.Chat) bool { return c.Text == "you stink" })
	if err := ada.tries("POST", "/v1/reports", map[string]any{"message": line.ID, "reason": "rude"}); err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.SetRole(ctx, account.Ref{Game: game.DefaultGame, Player: mod.Player.ID}, account.RoleModerator); err != nil {
		t.Fatal(err)
	}
	if err := mod.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	var open struct {
		Reports []struct {
			Channel string
			Lines   []struct{ Text string }
		}
	}
	if err := mod.Do(ctx, "GET", "/v1/reports", nil, &open); err != nil {
		t.Fatal(err)
	}
	if len(open.Reports) != 1 || open.Reports[0].Channel != "room" || len(open.Reports[0].Lines) != 1 || open.Reports[0].Lines[0].Text != "you stink" {
		t.Errorf("the moderator reads %+v", open)
	}
}
