package cmd

import (
	"errors"
	"maps"
	"testing"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestOldClientsAreTurnedAway over REST and, with the goodbye that says so, from
// the socket; who is here already stays.
func TestOldClientsAreTurnedAway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := mustServer(t, Config{MinClient: []string{"1.4"}}, short(1))
	old, young := client.New(s.URL(), client.WithVersion("1.3.9")), client.New(s.URL(), client.WithVersion("1.4.0"))
	t.Cleanup(old.Close)
	t.Cleanup(young.Close)
	var p *client.Problem
	if _, err := old.LoginGuest(ctx, "Ada"); !errors.As(err, &p) || p.Status != 426 || p.Code != "update_required" {
		t.Errorf("an old client logs in: %v", err)
	}
	session, err := young.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := session.CreateTicket(ctx, "short")
	if err == nil {
		ticket, err = session.AwaitPlaced(ctx, ticket.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	g, err := session.Join(ctx, ticket.Assignment, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Cut(); <-g.Done() })
	if err := s.versions.SetLeast(ctx, s.lobby.Games()[0], "2"); err != nil {
		t.Fatal(err)
	}
	_, err = session.Join(ctx, ticket.Assignment, client.Options{})
	var bye protocol.Reason
	if !errors.As(err, &bye) || bye != protocol.UpdateRequired {
		t.Errorf("an old client connects: %v", err)
	}
	awaitTicks(ctx, t, g, 3)
}

func TestLeastVersions(t *testing.T) {
	of := []account.Game{"main", "chess"}
	for text, want := range map[string]map[string]string{
		"": {}, "1.4": {"main": "1.4", "chess": "1.4"}, "chess=2": {"chess": "2"}, "1,chess=2": {"main": "1", "chess": "2"},
	} {
		var l list
		_ = l.Set(text)
		if got, err := leastVersions(l, of); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for _, wrong := range []string{"go=1", "x", "main=", "1.2.3.4.5"} {
		cfg := Config{Addr: "127.0.0.1:0", Data: ":memory:", Log: "error", MinClient: []string{wrong}}
		if s, err := New(cfg, short(1)); err == nil {
			t.Errorf("%q is taken", wrong)
			_ = s.players.Close()
		}
	}
}
