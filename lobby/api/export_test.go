package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/protocol"
)

// A holder exports something.
type holder func(ctx context.Context, game string, of protocol.PlayerID) (any, error)

func (h holder) Export(ctx context.Context, of account.Ref) (any, error) {
	return h(ctx, string(of.Game), of.Player)
}
func (holder) Delete(context.Context, account.Ref) error { return nil }

// holds has a site's accounts take along what cmd has them take along.
func (s *site) holds() {
	for name, h := range map[string]holder{
		"career": func(ctx context.Context, game string, of protocol.PlayerID) (any, error) {
			return s.cfg.Career.Export(ctx, game, of)
		},
		"friends": func(ctx context.Context, game string, of protocol.PlayerID) (any, error) {
			return s.cfg.Social.Export(ctx, whoIs(protocol.Player{ID: of, Game: game}))
		},
		"mail": func(ctx context.Context, game string, of protocol.PlayerID) (any, error) {
			return s.cfg.Mail.Unread(ctx, game, of)
		},
		"saves": func(ctx context.Context, game string, of protocol.PlayerID) (any, error) {
			return s.cfg.Saves.Export(ctx, game, of)
		},
	} {
		s.cfg.Accounts.AddHolder(name, h)
	}
}

// TestExports is of all there can be of a player, and of one of whom there is
// nothing.
func TestExports(t *testing.T) {
	onSite(t, unlimited, func(s *site) {
		s.holds()
		ada, bob, mod := s.person("Ada"), s.person("Bob"), s.with(account.RoleModerator)
		ctx, until := s.t.Context(), time.Now().Add(time.Hour)
		credentials := account.Credentials{Username: "ada.lovelace", Password: "correct horse battery"}
		if err := s.cfg.Accounts.AddPassword(ctx, account.Ref{Game: game.DefaultGame, Player: ada.id}, credentials); err != nil {
			t.Fatal(err)
		}
		ada.sends("PUT", "/v1/account/devices/laptop", `{"key":"`+deviceKey+`"}`).is("device", 204, "")
		s.link(ada, "idp")
		bob.does("PUT", "/v1/friends/%s", ada)
		ada.does("PUT", "/v1/blocks/%s", mod).is("block", 204, "")
		ada.does("PUT", "/v1/mutes/%s", bob).is("mute", 204, "")
		if err := s.cfg.Social.Silence(ctx, mod.who(), ada.id, until, "flood"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.cfg.Mail.Send(ctx, game.DefaultGame, ada.id, mail.Letter{Kind: mail.KindSystem, Text: "Hi", Data: `{"gold":5}`}); err != nil {
			t.Fatal(err)
		}
		ada.sends("PUT", "/v1/saves/slot", `{"value":{"level":3},"public":true}`).is("save", 200, "")
		s.plays("won", "ffa", ada, bob)
		if err := s.cfg.Career.Finish(ctx, protocol.Ended{Match: "cut", Game: game.DefaultGame, Mode: "ffa", Why: "drained",
			Seats: []protocol.EndedSeat{{Player: protocol.Player{ID: ada.id}}}}); err != nil {
			t.Fatal(err)
		}
		if err := s.cfg.Accounts.Ban(ctx, account.Ref{Game: game.DefaultGame, Player: ada.id}, account.Ban{Until: until, Reason: "cheats", By: mod.id}); err != nil {
			t.Fatal(err)
		}
		shop := s.service("shop")
		skill := s.cfg.Career.Places(game.DefaultGame, ada.id)[0].Rating
		random := []string{fmt.Sprint(skill.Mu), "MU", fmt.Sprint(skill.Sigma), "SIGMA", string(ada.id), "ADA", string(bob.id), "BOB", string(mod.id), "MOD", s.idp.URL, "IDP"}
		shop.does("GET", "/v1/players/%s/account/export", ada).indented().golden("export", random...)
		dan := s.person("Dan")
		dan.does("GET", "/v1/account/export").indented().golden("export-empty", string(dan.id), "DAN")
	})
}

// indented is an answer that people read more easily.
func (a answer) indented() answer {
	a.t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, a.Body.Bytes(), "", "  "); err != nil {
		a.t.Error(err)
	}
	a.Body = &b
	return a
}
