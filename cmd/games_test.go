package cmd

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol/client"
)

// askAs asks with somebody's token and returns the status.
func askAs(t *testing.T, s *Server, token, method, path, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestAccountsOfGamesNeverMeet: with all that somebody can have in one game, an admin's
// token and a service key too, nothing of another game is reached or changed.
func TestAccountsOfGamesNeverMeet(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, lounge(), chess())
	here, there := client.New(s.URL()), client.New(s.URL(), client.WithGame("chess"))
	t.Cleanup(here.Close)
	t.Cleanup(there.Close)
	ctx := t.Context()
	admin := mustAdmin(t, s, here)
	key, _, err := s.accounts.NewServiceKey(ctx, game.DefaultGame, "shop")
	if err != nil {
		t.Fatal(err)
	}
	ours, errA := here.Register(ctx, "hopper", "correct horse", "")
	theirs, errB := there.Register(ctx, "hopper", "battery staple", "")
	device := client.Device{ID: "laptop", Key: make([]byte, 32)}
	rand.Read(device.Key)
	if err := errors.Join(errA, errB, theirs.AddDevice(ctx, device)); err != nil {
		t.Fatal(err)
	}
	ticket, err := theirs.CreateTicket(ctx, "blitz")
	if err != nil {
		t.Fatal(err)
	}

	id := "/v1/players/" + string(theirs.Player.ID)
	for _, token := range []string{ours.Access, admin.Access, key} {
		for _, verb := range [][3]string{
			{"GET", id, ""}, {"GET", id + "/account", ""}, {"GET", id + "/account/export", ""}, {"DELETE", id + "/account", ""}, {"POST", id + "/logout", ""},
			{"PUT", id + "/ban", `{"until":"2040-01-01T00:00:00Z"}`}, {"DELETE", id + "/ban", ""}, {"PUT", id + "/role", `{"role":"admin"}`},
			{"PUT", id + "/silence", `{"until":"2040-01-01T00:00:00Z","reason":"x"}`}, {"POST", id + "/warning", `{"text":"x"}`}, {"POST", id + "/mail", `{"kind":"a.b","text":"x"}`},
			{"PUT", "/v1/friends/" + string(theirs.Player.ID), ""}, {"PUT", "/v1/party/invited/" + string(theirs.Player.ID), ""},
			{"POST", "/v1/reports", `{"player":"` + string(theirs.Player.ID) + `","reason":"x"}`},
			{"GET", "/v1/tickets/" + ticket.ID, ""}, {"DELETE", "/v1/tickets/" + ticket.ID, ""}, {"POST", "/v1/tickets", `{"mode":"blitz"}`},
		} {
			if got := askAs(t, s, token, verb[0], verb[1], verb[2]); got != 404 && got != 403 {
				t.Errorf("%s %s is answered with %d", verb[0], verb[1], got)
			}
		}
	}
	for what, login := range map[string]func() (*client.Session, error){
		"the other's password": func() (*client.Session, error) { return here.LoginPassword(ctx, "hopper", "battery staple") },
		"the other's device":   func() (*client.Session, error) { return here.LoginDevice(ctx, device) },
		"the other's refresh":  func() (*client.Session, error) { return here.Restore(ctx, theirs.Refresh) },
		"no such game": func() (*client.Session, error) {
			return client.New(s.URL(), client.WithGame("go")).LoginGuest(ctx, "Ada")
		},
	} {
		var refused *client.Problem
		if who, err := login(); !errors.As(err, &refused) || refused.Status != 401 && refused.Status != 404 {
			t.Errorf("%s: %+v, %v", what, who, err)
		}
	}

	// Nothing has come of it.
	for what, login := range map[string]func() (*client.Session, error){
		"password": func() (*client.Session, error) { return there.LoginPassword(ctx, "hopper", "battery staple") },
		"device":   func() (*client.Session, error) { return there.LoginDevice(ctx, device) },
		"refresh":  func() (*client.Session, error) { return there.Restore(ctx, theirs.Refresh) },
	} {
		if who, err := login(); err != nil || who.Player.ID != theirs.Player.ID {
			t.Errorf("%s: %v, %v", what, who, err)
		}
	}
	if _, err := theirs.Ticket(ctx, ticket.ID, "", 0); err != nil {
		t.Errorf("the ticket: %v", err)
	}
	who, err := s.accounts.Account(ctx, account.Ref{Game: "chess", Player: theirs.Player.ID})
	if err != nil || who.Role != account.RolePlayer || !who.Ban.Until.IsZero() {
		t.Errorf("the account: %+v, %v", who, err)
	}
}

// TestAGuestsAccount: one who plays, gets a password in the middle of it, and
// plays on; then comes back from elsewhere as the same.
func TestAGuestsAccount(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true}, alone())
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	guest, p := stands["match"].seat(t, s, api)
	if err := guest.AddPassword(t.Context(), "ada.lovelace", "analytical engine"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		p.awaitFrame(t)
	}
	back, err := api.LoginPassword(t.Context(), "Ada_Lovelace", "analytical engine")
	if err != nil || back.Player.ID != guest.Player.ID || back.Player.Name != "Ada" {
		t.Errorf("back as %+v, %v", back, err)
	}
	if err := back.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	for range 3 { // the first login goes on
		p.awaitFrame(t)
	}
}
