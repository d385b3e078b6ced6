package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// backEnd is a server's API as a back end of its first game has it.
func backEnd(ctx context.Context, t *testing.T, s *Server, api *client.API) (svc *client.Service, key string) {
	t.Helper()
	key, _, err := s.accounts.NewServiceKey(ctx, account.Game(s.lobby.Games()[0]), "studio")
	if err != nil {
		t.Fatal(err)
	}
	return api.Service(key), key
}

func guests(ctx context.Context, t *testing.T, api *client.API, names ...string) (all []*client.Session) {
	t.Helper()
	for _, name := range names {
		s, err := api.LoginGuest(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestABackEndRunsAMatch from its players to its end, over REST alone; the
// players see all of it.
func TestABackEndRunsAMatch(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := mustServer(t, Config{}, short(600))
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	svc, _ := backEnd(ctx, t, s, api)
	players := guests(ctx, t, api, "Ada", "Bob")
	made, err := svc.CreateMatch(ctx, client.Plan{Mode: "short", Players: []client.Chosen{{ID: players[0].Player.ID}, {ID: players[1].Player.ID}}})
	if err != nil {
		t.Fatal(err)
	}
	var games []*client.Game
	for i, p := range players {
		a := client.Assignment{URL: made.Players[i].URL, Match: made.ID, Pass: made.Players[i].Pass}
		g, err := p.Join(ctx, a, client.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { g.Cut(); <-g.Done() })
		games = append(games, g)
	}
	awaitTicks(ctx, t, games[0], 5)
	m, err := svc.Match(ctx, made.ID)
	if err != nil || m.Live.State != "running" || m.Live.Tick == 0 || len(m.Live.Seats) != 4 || m.Live.Seats[1].Player != players[1].Player.ID || m.Live.Seats[1].Status != "here" {
		t.Errorf("%v, the match is %+v", err, m)
	}
	all, next, err := svc.Matches(ctx, url.Values{"player": {string(players[0].Player.ID)}, "custom": {"true"}})
	if err != nil || next != "" || len(all) != 1 || all[0].ID != made.ID {
		t.Errorf("%v, the matches are %+v", err, all)
	}
	if err := svc.Kick(ctx, made.ID, players[1].Player.ID); err != nil {
		t.Fatal(err)
	}
	if over, err := games[1].Wait(ctx); err != nil || over.Why != "kicked" {
		t.Errorf("who is kicked is told %+v, %v", over, err)
	}
	var p *client.Problem
	if err := svc.Kick(ctx, made.ID, players[1].Player.ID); !errors.As(err, &p) || p.Code != "player_not_in_match" {
		t.Errorf("kicked again: %v", err)
	}
	awaitTicks(ctx, t, games[0], 5)
	if err := svc.EndMatch(ctx, made.ID); err != nil {
		t.Fatal(err)
	}
	if over, err := games[0].Wait(ctx); err != nil || over.Why != "ended" || len(over.Result) > 0 {
		t.Errorf("who is left is told %+v, %v", over, err)
	}
	if _, err := svc.Match(ctx, made.ID); !errors.As(err, &p) || p.Code != "match_not_found" {
		t.Errorf("once it is over: %v", err)
	}
}

// TestTwoBackEndsWriteOneSave: none loses what the other has written.
func TestTwoBackEndsWriteOneSave(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := mustServer(t, Config{}, short(1))
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	svc, _ := backEnd(ctx, t, s, api)
	ada := guests(ctx, t, api, "Ada")[0].Player.ID
	if _, err := svc.PutSave(ctx, ada, "gold", client.Save{Value: json.RawMessage("0")}); err != nil {
		t.Fatal(err)
	}
	const each = 10
	done := make(chan error)
	for range 2 {
		go func() { done <- earn(ctx, svc, ada, each) }()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	if got, err := svc.Save(ctx, ada, "gold"); err != nil || string(got.Value) != "20" {
		t.Errorf("%v, %s of %d", err, got.Value, 2*each)
	}
}

// earn adds one to a save so many times.
func earn(ctx context.Context, svc *client.Service, who protocol.PlayerID, times int) error {
	for times > 0 {
		v, err := svc.Save(ctx, who, "gold")
		if err != nil {
			return err
		}
		var gold int
		if err := json.Unmarshal(v.Value, &gold); err != nil {
			return err
		}
		v.Value, _ = json.Marshal(gold + 1)
		var p *client.Problem
		switch _, err := svc.PutSave(ctx, who, "gold", v); {
		case err == nil:
			times--
		case errors.As(err, &p) && p.Code == "version_mismatch":
		default:
			return err
		}
	}
	return nil
}

// TestTheReadmesBackEnd runs the lines for back ends in the README.
func TestTheReadmesBackEnd(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## Your back end\n")
	_, rest, ok := strings.Cut(section, "```sh\n")
	script, _, end := strings.Cut(rest, "```")
	if !ok || !end || strings.Count(script, "\nmuster ") < 5 {
		t.Fatal("the README has no lines for back ends")
	}
	ctx := t.Context()
	s := mustServer(t, Config{})
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	_, key := backEnd(ctx, t, s, api)
	players := guests(ctx, t, api, "Ada", "Bob")
	sh := exec.CommandContext(ctx, "sh", "-euc", script)
	sh.Env = slices.Concat(os.Environ(), []string{"MUSTER=" + s.URL(), "KEY=" + key, "ADA=" + string(players[0].Player.ID), "BOB=" + string(players[1].Player.ID)})
	out, err := sh.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"matches":[]`, `"state":"waiting"`, `"value":{"gold":5}`, `"secret":"whsec_`, `"least":"1.4.2"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	if s.lobby.Counts().Matches != 0 {
		t.Error("the match runs on")
	}
}
