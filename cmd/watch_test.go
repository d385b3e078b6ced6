package cmd

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestAFriendWatches: finds the match of a friend, sees it from the hall's
// connection some time after the players, is counted, and comes back.
func TestAFriendWatches(t *testing.T) {
	t.Parallel()
	mode := arena.NewMode(arena.Options{Name: "late", Seats: 4, RoundSeconds: 3600, FillAfter: time.Millisecond})
	mode.Spectators = game.Spectators{Delay: 500 * time.Millisecond}
	s := mustServer(t, Config{Beat: true, Bots: true, Countdown: 100 * time.Millisecond}, mode)
	ctx := meeting(t)
	ada, bob, eve := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob"), mustFriend(ctx, t, s, "main", "Eve")
	befriend(ada, bob)
	ticket, err := ada.CreateTicket(ctx, "late")
	if err == nil {
		ticket, err = ada.AwaitPlaced(ctx, ticket.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ada.hall.Join(ctx, ticket.Assignment); err != nil {
		t.Fatal(err)
	}
	running, _, err := bob.Running(ctx, url.Values{"player": {string(ada.Player.ID)}})
	if err != nil || len(running) != 1 || running[0].Watch == nil || running[0].Watch.Delay != 0.5 {
		t.Fatalf("Bob finds %+v, %v", running, err)
	}
	if _, _, err := eve.Running(ctx, url.Values{"player": {string(ada.Player.ID)}}); err == nil {
		t.Error("a stranger finds where Ada plays")
	}
	if all, _, err := eve.Running(ctx, url.Values{"watchable": {"true"}, "mode": {"late"}}); err != nil || len(all) != 1 {
		t.Errorf("Eve may watch %+v, %v", all, err)
	}
	pass, err := bob.Watch(ctx, running[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	g, err := bob.hall.Join(ctx, pass)
	if err != nil {
		t.Fatal(err)
	}
	if j := g.Joined(); j.Seat != game.NoSeat || j.Delay != 15 {
		t.Errorf("joined %+v", j)
	}
	hear(ada, "how many watch", func(w protocol.Watching) bool { return w.People == 1 })
	tick := func() (now game.Tick) {
		g.With(func(m *protocol.Mirror) { now = m.Now().Tick })
		return now
	}
	for first := tick(); tick() < first+10; {
		<-time.After(10 * time.Millisecond)
	}
	g.Leave()
	hear(bob, "that it is over", func(o protocol.Over) bool { return o.Why == "left" })
	hear(ada, "how many watch", func(w protocol.Watching) bool { return w.People == 0 })
	var refused *client.Problem
	if _, err := ada.Watch(ctx, running[0].ID); !errors.As(err, &refused) || refused.Code != "plays_here" {
		t.Errorf("who plays is answered %v", err)
	}
}

// TestTheMatchOfARoomIsWatchedByItsMembers, and by nobody else where only who
// has the code is let in.
func TestTheMatchOfARoomIsWatchedByItsMembers(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true, Bots: true, Countdown: 100 * time.Millisecond}, short(3600))
	ctx := meeting(t)
	host, guest, eve := mustFriend(ctx, t, s, "main", "Host"), mustFriend(ctx, t, s, "main", "Guest"), mustFriend(ctx, t, s, "main", "Eve")
	host.hall.Send(protocol.RoomCreate{Stamp: 1, Mode: "short", Privacy: protocol.RoomUnlisted})
	code := hear(host, "the room", whatever[protocol.RoomReply]).Code
	host.hall.Send(protocol.RoomDo{Stamp: 2, Verb: protocol.RoomBot, Number: 2})
	host.hall.Send(protocol.RoomDo{Stamp: 3, Verb: protocol.RoomStart, Number: 1})
	a := hear(host, "the match", whatever[protocol.Assignment])
	if _, err := host.hall.Join(ctx, client.Assignment{Match: a.Match, Pass: a.Pass}); err != nil {
		t.Fatal(err)
	}
	guest.hall.Send(protocol.RoomJoin{Stamp: 1, Code: code})
	if r := hear(guest, "an answer", whatever[protocol.RoomReply]); r.Refused != "" {
		t.Fatalf("the guest is answered %+v", r)
	}
	var refused *client.Problem
	if _, err := eve.Watch(ctx, a.Match); !errors.As(err, &refused) || refused.Code != "watch_forbidden" {
		t.Errorf("a stranger is answered %v", err)
	}
	if all, _, err := eve.Running(ctx, url.Values{"watchable": {"true"}}); err != nil || len(all) != 0 {
		t.Errorf("a stranger may watch %+v, %v", all, err)
	}
	pass, err := guest.Watch(ctx, a.Match)
	if err != nil {
		t.Fatal(err)
	}
	g, err := guest.hall.Join(ctx, pass)
	if err != nil {
		t.Fatal(err)
	}
	g.Leave()
	hear(guest, "the room again", func(r protocol.RoomState) bool { return r.Base == 0 && r.Code == code })
}
