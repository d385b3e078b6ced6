package cmd

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// queued logs a guest in and queues for a mode.
func queued(ctx context.Context, t *testing.T, api *client.API, name, mode string) (*client.Session, client.Ticket) {
	t.Helper()
	s, err := api.LoginGuest(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := s.CreateTicket(ctx, mode)
	if err != nil {
		t.Fatal(err)
	}
	return s, ticket
}

// TestBackfill: who comes later takes a bot's seat in the match that runs, and
// both play on.
func TestBackfill(t *testing.T) {
	t.Parallel()
	mode := arena.NewMode(arena.Options{Name: "open", Seats: 4, RoundSeconds: 3600, FillAfter: time.Millisecond})
	mode.Matchmaking = game.Matchmaking{Backfill: true}
	s := mustServer(t, Config{Beat: true, Bots: true}, mode)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.URL())
	defer api.Close()
	var first client.Assignment
	seats := map[game.Seat]bool{}
	for i := range 4 {
		session, ticket := queued(ctx, t, api, fmt.Sprint("Player ", i), "open")
		ticket, err := session.AwaitPlaced(ctx, ticket.ID)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = ticket.Assignment
		}
		if ticket.Assignment.Match != first.Match {
			t.Fatalf("player %d plays elsewhere", i)
		}
		frames := make(chan struct{}, 10)
		g, err := session.Join(ctx, ticket.Assignment, client.Options{Watch: func(*protocol.Mirror, int, time.Time) {
			select {
			case frames <- struct{}{}:
			default: // seen enough
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer g.Leave()
		seats[g.Joined().Seat] = true
		for range 10 {
			select {
			case <-frames:
			case <-ctx.Done():
				t.Fatalf("player %d is sent nothing", i)
			}
		}
	}
	if len(seats) != 4 {
		t.Errorf("four players sit on %d seats", len(seats))
	}
	_, late := queued(ctx, t, api, "Late", "open")
	if late.State != "waiting" && late.Assignment.Match == first.Match {
		t.Error("a full match took a fifth player")
	}
}

// TestAMatchIsAccepted: all are asked, and who declines is the only one to
// leave the queue.
func TestAMatchIsAccepted(t *testing.T) {
	t.Parallel()
	mode := arena.NewMode(arena.Options{Name: "asked", Seats: 2, MinPlayers: 2, RoundSeconds: 3600})
	mode.Matchmaking = game.Matchmaking{AcceptFor: time.Minute}
	s := mustServer(t, Config{Beat: true}, mode)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.URL())
	defer api.Close()
	ada, adas := queued(ctx, t, api, "Ada", "asked")
	bob, bobs := queued(ctx, t, api, "Bob", "asked")
	for state := adas.State; state != "offered"; {
		ticket, err := ada.Ticket(ctx, adas.ID, state, 20*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		state = ticket.State
	}
	if err := bob.Accept(ctx, bobs.ID, false); err != nil {
		t.Fatal(err)
	}
	if got, err := bob.Ticket(ctx, bobs.ID, "", 0); err != nil || got.State != "cancelled" {
		t.Errorf("who declined has %+v, %v", got, err)
	}
	cyd, cyds := queued(ctx, t, api, "Cyd", "asked")
	placed := make(chan client.Ticket, 2)
	for session, id := range map[*client.Session]string{ada: adas.ID, cyd: cyds.ID} {
		go func() {
			ticket, err := session.AwaitPlaced(ctx, id) // accepts
			if err != nil {
				t.Error(err)
			}
			placed <- ticket
		}()
	}
	if one, other := <-placed, <-placed; one.Assignment.Match == "" || one.Assignment.Match != other.Assignment.Match {
		t.Errorf("placed as %+v and %+v", one, other)
	}
}
