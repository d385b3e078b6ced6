package cmd

import (
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestOneAssignment: a socket hears of a placement once, whether it stood in
// the room or in the hall, and hears what the poll says.
func TestOneAssignment(t *testing.T) {
	t.Parallel()
	for _, countdown := range []time.Duration{500 * time.Millisecond, time.Nanosecond} {
		s := mustServer(t, Config{Beat: true, Countdown: countdown}, short(30))
		api := client.New(s.URL())
		t.Cleanup(api.Close)
		who, err := api.LoginGuest(t.Context(), "Ada")
		if err != nil {
			t.Fatal(err)
		}
		p, err := dial(strings.TrimPrefix(s.URL(), "http://"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		if err := p.upgrade(who); err != nil {
			t.Fatal(err)
		}
		ticket, err := who.CreateTicket(t.Context(), "short")
		if err == nil {
			ticket, err = who.AwaitPlaced(t.Context(), ticket.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		var told []protocol.Assignment
		for frames := 0; frames < 3; {
			switch m, err := p.next(); m := m.(type) {
			case protocol.Assignment:
				told = append(told, m)
				p.send(protocol.Join{Match: m.Match, Pass: m.Pass})
			case nil:
				if frames++; err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(told) != 1 || told[0].Match != ticket.Assignment.Match || told[0].Pass != ticket.Assignment.Pass {
			t.Errorf("countdown %v: told %+v, the poll said %+v", countdown, told, ticket.Assignment)
		}
	}
}

// TestAMatchThatWasLeftIsNotOfferedAgain: who leaves a match for good and comes
// back on a new socket at once, after a reload say, is not sent there.
func TestAMatchThatWasLeftIsNotOfferedAgain(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true, Countdown: 100 * time.Millisecond}, short(300))
	ctx := meeting(t)
	ada, bob := mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")
	inviting(ada, bob)
	if err := ada.tries("POST", "/v1/party/ticket", map[string]string{"mode": "short"}); err != nil {
		t.Fatal(err)
	}
	bob.plays()
	match := ada.plays().Joined().Match
	ada.hall.Send(protocol.Leave{})
	hear(ada, "the end for her", func(o protocol.Over) bool { return o.Match == match && o.Why == "left" })
	for m, err := s.lobby.Match(game.DefaultGame, match); m.Has(ada.Player.ID); m, err = s.lobby.Match(game.DefaultGame, match) {
		if err != nil || ctx.Err() != nil {
			t.Fatal("the lobby does not hear that she has left: ", err)
		}
		ada.does("GET", "/v1/party") // to do something meanwhile
	}
	ada.hall.Close()
	ada.enter()
	ada.hall.Send(protocol.Join{Match: "none"})
	for {
		switch m := (<-ada.told).(type) {
		case protocol.Assignment:
			t.Fatalf("sent to %+v again", m)
		case protocol.Refused:
			return // what was to be told came before it
		}
	}
}
