package cmd

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// A stand is where a player's socket is when the tokens are taken back.
type stand struct {
	mode  string // to queue for; "" stays in the hall
	until func(m protocol.Control) bool
}

var stands = map[string]stand{
	"hall":  {"", func(m protocol.Control) bool { _, ok := m.(protocol.Welcome); return ok }},
	"room":  {"lounge", func(m protocol.Control) bool { _, ok := m.(protocol.Room); return ok }},
	"match": {"alone", func(m protocol.Control) bool { return m == nil }},
}

// deeds are all by which tokens are taken back, and what is said to sockets.
func deeds(s *Server, admin *client.Session) map[protocol.Reason]func(context.Context, *client.Session) error {
	as := func(by *client.Session, method, path, body string) func(context.Context, *client.Session) error {
		return func(ctx context.Context, to *client.Session) error {
			if by == nil {
				by = to
			}
			return granted(ctx, s, by, method, strings.ReplaceAll(path, "{id}", string(to.Player.ID)), body)
		}
	}
	return map[protocol.Reason]func(context.Context, *client.Session) error{
		protocol.Banned:    as(admin, "PUT", "/v1/players/{id}/ban", `{"until":"2040-01-01T00:00:00Z","reason":"flood"}`),
		protocol.Expired:   as(admin, "PUT", "/v1/players/{id}/role", `{"role":"moderator"}`),
		protocol.LoggedOut: func(ctx context.Context, to *client.Session) error { return to.Logout(ctx) },
		protocol.Deleted: func(ctx context.Context, to *client.Session) error {
			return granted(ctx, s, to, "DELETE", "/v1/account", "")
		},
	}
}

// granted sends a request as somebody, that must be granted.
func granted(ctx context.Context, s *Server, by *client.Session, method, path, body string) error {
	req, err := http.NewRequestWithContext(ctx, method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+by.Access)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return nil
}

// lounge is a mode whose room stands for the length of a test.
func lounge() game.Mode {
	m := short(30)
	m.Name = "lounge"
	return m
}

// mustAdmin logs in an admin.
func mustAdmin(t testing.TB, s *Server, api *client.API) *client.Session {
	t.Helper()
	admin, err := api.LoginGuest(t.Context(), "Root")
	if err == nil {
		err = s.accounts.SetRole(t.Context(), account.Ref{Game: game.DefaultGame, Player: admin.Player.ID}, account.RoleAdmin)
	}
	if err == nil {
		err = admin.Renew(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return admin
}

// seat has a new player's socket stand where it shall.
func (st stand) seat(t testing.TB, s *Server, api *client.API) (*client.Session, *peer) {
	t.Helper()
	who, err := api.LoginGuest(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	p, err := dial(strings.TrimPrefix(s.URL(), "http://"), nil)
	if err == nil {
		err = p.upgrade(who)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if st.mode != "" {
		if _, err := who.CreateTicket(t.Context(), st.mode); err != nil {
			t.Fatal(err)
		}
	}
	for joined := false; ; {
		m, err := p.next()
		if err != nil {
			t.Fatal(err)
		}
		if a, ok := m.(protocol.Assignment); ok && !joined { // it may be told twice
			joined = true
			p.send(protocol.Join{Match: a.Match, Pass: a.Pass})
		}
		if st.until(m) {
			return who, p
		}
	}
}

// TestRevokedSocketsSayGoodbye: whatever takes the tokens back, and wherever the
// socket stands, it ends with the reason's name; the player is not let in again.
func TestRevokedSocketsSayGoodbye(t *testing.T) {
	t.Parallel()
	for where, st := range stands {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			countdown := 10 * time.Millisecond
			if where == "room" {
				countdown = time.Hour
			}
			s := mustServer(t, Config{Beat: true, Countdown: countdown}, lounge(), alone())
			api := client.New(s.URL())
			t.Cleanup(api.Close)
			for want, do := range deeds(s, mustAdmin(t, s, api)) {
				who, p := st.seat(t, s, api)
				if err := do(t.Context(), who); err != nil {
					t.Fatal(err)
				}
				if got, ok := p.goodbye().(protocol.Reason); !ok || got.Code != want.Code || got.Text != want.Text {
					t.Errorf("%v: the socket ended with %v", want, got)
				}
				again, err := dial(strings.TrimPrefix(s.URL(), "http://"), nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := again.upgrade(who); err == nil || !strings.Contains(err.Error(), "token_revoked") {
					t.Errorf("%v: upgraded again: %v", want, err)
				}
				again.Close()
			}
		})
	}
}

// TestALogoutEndsItsOwnSockets and leaves those of another login alone; one
// everywhere, and a new password, end all.
func TestALogoutEndsItsOwnSockets(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true})
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	ctx := t.Context()
	first, err := api.Register(ctx, "hopper", "correct horse", "")
	if err != nil {
		t.Fatal(err)
	}
	login := func() *client.Session {
		other, err := api.LoginPassword(ctx, "hopper", "correct horse")
		if err != nil {
			t.Fatal(err)
		}
		return other
	}
	enter := func(who *client.Session) *peer {
		p, err := dial(strings.TrimPrefix(s.URL(), "http://"), nil)
		if err == nil {
			err = p.upgrade(who)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	p := enter(first)
	if err := login().Logout(ctx); err != nil {
		t.Fatal(err)
	}
	p.send(protocol.Leave{}) // it is heard after the other's end
	if m, err := p.next(); err != nil {
		t.Errorf("another login's logout: %v %v", m, err)
	}
	for what, do := range map[string]func(*client.Session) error{
		"everywhere": func(who *client.Session) error { return login().LogoutEverywhere(ctx) },
		"password":   func(who *client.Session) error { return login().ChangePassword(ctx, "correct horse", "correct horse") },
	} {
		who := login()
		p := enter(who)
		if err := do(who); err != nil {
			t.Fatal(what, err)
		}
		if got := p.goodbye(); got != error(protocol.LoggedOut) {
			t.Errorf("%s: the socket ended with %v", what, got)
		}
	}
}

// TestABanEnds: until then the player is told so, and afterwards is who they were.
func TestABanEnds(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true})
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	admin := mustAdmin(t, s, api)
	who, p := stands["hall"].seat(t, s, api)
	path := "/v1/players/" + string(who.Player.ID) + "/ban"
	if err := granted(t.Context(), s, admin, "PUT", path, `{"until":"2040-01-01T00:00:00Z"}`); err != nil {
		t.Fatal(err)
	}
	if got := p.goodbye(); got != error(protocol.Banned) {
		t.Errorf("ended with %v", got)
	}
	if _, err := api.Restore(t.Context(), who.Refresh); err == nil || !strings.Contains(err.Error(), "banned") {
		t.Errorf("refreshed: %v", err)
	}
	if err := granted(t.Context(), s, admin, "DELETE", path, ""); err != nil {
		t.Fatal(err)
	}
	back, err := api.Restore(t.Context(), who.Refresh)
	if err != nil || back.Player.ID != who.Player.ID {
		t.Fatalf("back as %v, %v", back, err)
	}
	if again, err := dial(strings.TrimPrefix(s.URL(), "http://"), nil); err != nil || again.upgrade(back) != nil {
		t.Error("not let in again")
	} else {
		again.Close()
	}
}

// TestRevokedBetweenCheckAndUpgrade: a socket that is opened while its tokens
// are taken back does not outlive them.
func TestRevokedBetweenCheckAndUpgrade(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true})
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	for range 50 {
		who, err := api.LoginGuest(t.Context(), "Ada")
		if err != nil {
			t.Fatal(err)
		}
		p, err := dial(strings.TrimPrefix(s.URL(), "http://"), nil)
		if err != nil {
			t.Fatal(err)
		}
		out := make(chan error)
		go func() { out <- who.Logout(t.Context()) }()
		if err := p.upgrade(who); err == nil {
			if bye := p.goodbye(); bye != error(protocol.LoggedOut) && bye != error(protocol.Expired) {
				t.Errorf("the socket ended with %v", bye)
			}
		}
		if err := <-out; err != nil {
			t.Error(err)
		}
		p.Close()
	}
}

// TestRevokedBeforeTheUpgrade is the same with the two in that order for sure.
func TestRevokedBeforeTheUpgrade(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true})
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	who, err := api.LoginGuest(t.Context(), "Ada")
	if err != nil {
		t.Fatal(err)
	}
	checked, err := s.accounts.Identify(who.Access)
	if err == nil {
		err = who.Logout(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.openSocket(w, r, checked) }))
	t.Cleanup(door.Close)
	p, err := dial(door.Listener.Addr().String(), nil)
	if err == nil {
		err = p.upgrade(who)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if bye := p.goodbye(); bye != error(protocol.Expired) {
		t.Errorf("the socket ended with %v", bye)
	}
}
