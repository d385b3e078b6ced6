package cmd

import (
	"strings"
	"testing"
	"time"

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
