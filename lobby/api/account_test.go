package api

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
)

func ref(s sessionBody) account.Ref { return account.Ref{Game: game.DefaultGame, Player: s.Player.ID} }

func TestWhatWasTakenBackIsRefused(t *testing.T) {
	onSite(t, func(c *Config) { c.Socket = func(http.ResponseWriter, *http.Request, account.Caller) {} }, func(s *site) {
		session, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		if err := s.cfg.Accounts.LogoutEverywhere(s.t.Context(), ref(session)); err != nil {
			t.Fatal(err)
		}
		s.ask("POST", "/v1/tickets", `{"mode":"ffa"}`, bearer).is("ticket", 401, "token_revoked")
		s.ask("GET", "/v1/tickets/"+string(x.ID), "", bearer).is("look", 401, "token_revoked")
		s.ask("HEAD", "/v1/tickets/"+string(x.ID), "", bearer).is("head", 401, "")
		s.ask("DELETE", "/v1/tickets/"+string(x.ID), "", bearer).is("cancel", 401, "token_revoked")
		s.ask("GET", "/v1/socket", "", handshake(bearer)...).is("socket", 401, "token_revoked")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`).is("refresh", 401, "token_revoked")
	})
}

// TestServicesDoNotPlay: a service key is let in, and not where players are.
func TestServicesDoNotPlay(t *testing.T) {
	onSite(t, func(c *Config) { c.Socket = func(http.ResponseWriter, *http.Request, account.Caller) {} }, func(s *site) {
		_, bearer := s.guest("Ada")
		x := s.ticket(bearer, "duel")
		key, k, err := s.cfg.Accounts.NewServiceKey(s.t.Context(), game.DefaultGame, "shop")
		if err != nil {
			t.Fatal(err)
		}
		service := "Authorization: Bearer " + key
		ticket := "/v1/tickets/" + string(x.ID)
		s.ask("POST", "/v1/tickets", `{"mode":"ffa"}`, service).is("ticket", 403, "forbidden")
		s.ask("GET", ticket, "", service).is("look", 403, "forbidden")
		s.ask("HEAD", ticket, "", service).is("head", 403, "")
		s.ask("DELETE", ticket, "", service).is("cancel", 403, "forbidden")
		s.ask("GET", "/v1/socket", "", handshake(service)...).is("socket", 403, "forbidden")
		for _, wrong := range []string{key + "A", key[:len(key)-1], "msk1." + k.ID + ".", "msk1.", "msk1.." + key[5:]} {
			s.ask("GET", ticket, "", "Authorization: Bearer "+wrong).is("wrong key "+wrong, 401, "token_invalid")
		}
		if err := s.cfg.Accounts.RevokeServiceKey(s.t.Context(), game.DefaultGame, k.ID); err != nil {
			t.Fatal(err)
		}
		s.ask("GET", ticket, "", service).is("revoked key", 401, "token_invalid")
	})
}

func TestWhoIsBanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, end := newSite(t, nil)
		defer end()
		session, _ := s.guest("Ada")
		ban := account.Ban{Until: time.Now().Add(time.Minute), Reason: "flood"}
		if err := s.cfg.Accounts.Ban(s.t.Context(), ref(session), ban); err != nil {
			t.Fatal(err)
		}
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`).is("refresh", 403, "banned")
		time.Sleep(time.Minute)
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`).is("when it is over", 200, "")
	})
}

func TestAnotherGame(t *testing.T) {
	onSite(t, nil, func(s *site) {
		s.ask("POST", "/v1/login/guest", `{"name":"Ada","game":"main"}`).is("named", 200, "")
		s.ask("POST", "/v1/login/guest", `{"name":"Ada","game":"other"}`).is("guest", 404, "game_unknown")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"x","game":"other"}`).is("refresh", 401, "token_invalid")
	})
}

func TestNothingCanBeKept(t *testing.T) {
	onSite(t, nil, func(s *site) {
		session, _ := s.guest("Ada")
		s.ask("GET", "/readyz", "").is("ready", 200, "")
		s.node.Close()
		s.ask("GET", "/readyz", "").is("not ready", 503, "storage_unavailable")
		s.ask("GET", "/healthz", "").is("alive", 200, "")
		s.ask("POST", "/v1/login/guest", `{"name":"Ada"}`).is("guest", 503, "storage_unavailable")
		s.ask("POST", "/v1/login/refresh", `{"refresh":"`+session.Refresh+`"}`).is("refresh", 503, "storage_unavailable")
	})
}
