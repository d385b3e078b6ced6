package cmd

import (
	"testing"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/saves"
	"github.com/musterhq/muster/protocol/client"
)

// TestSavesGoWithTheAccount: its export has them, and its deletion takes them.
func TestSavesGoWithTheAccount(t *testing.T) {
	t.Parallel()
	s, ctx := mustServer(t, Config{}), t.Context()
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	session, err := api.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	of := account.Ref{Game: account.Game(s.lobby.Games()[0]), Player: session.Player.ID}
	draft := saves.Draft{Key: "slot", Value: []byte(`{"level":3}`), If: saves.New}
	if _, err := s.saves.Put(ctx, string(of.Game), of.Player, saves.Owner, draft); err != nil {
		t.Fatal(err)
	}
	x, err := s.accounts.Export(ctx, of)
	if err != nil {
		t.Fatal(err)
	}
	if all, _ := x.Others["saves"].([]saves.Save); len(all) != 1 || all[0].Key != "slot" || string(all[0].Value) != `{"level":3}` {
		t.Errorf("exported %+v", all)
	}
	if err := s.accounts.Delete(ctx, of); err != nil {
		t.Fatal(err)
	}
	if left, err := s.saves.Export(ctx, string(of.Game), of.Player); err != nil || len(left) > 0 {
		t.Errorf("%v: %v is left", err, left)
	}
}
