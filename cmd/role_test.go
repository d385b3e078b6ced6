package cmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/client"
)

// role runs `muster role` over a data folder.
func role(dir string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = runRole(append(args, "-data", dir, "-sync=off"), []game.Mode{short(3), chess()}, &o, &e)
	return code, o.String(), e.String()
}

// chess is a mode of another game.
func chess() game.Mode {
	m := short(3)
	m.Game, m.Name = "chess", "blitz"
	return m
}

// TestTheFirstAdmin is made before the first start, and appoints another then.
func TestTheFirstAdmin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, out, errs := role(dir, "Hopper", "admin")
	_, password, made := strings.Cut(out, "made the account Hopper with the password ")
	password, _, _ = strings.Cut(password, "\n")
	if code != 0 || !made || !strings.Contains(out, "Hopper is admin of main") || !strings.Contains(errs, "actor=operator outcome=ok how.role=admin how.game=main") || strings.Count(errs, "\n") != 1 {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	s := mustServer(t, Config{Beat: true, Data: dir}, short(3), chess())
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	admin, err := api.LoginPassword(t.Context(), "hopper", password)
	if err != nil {
		t.Fatal(err)
	}
	who, err := api.LoginGuest(t.Context(), "Ada")
	if err == nil {
		err = granted(t.Context(), s, admin, "PUT", "/v1/players/"+string(who.Player.ID)+"/role", `{"role":"moderator"}`)
	}
	if err == nil {
		err = granted(t.Context(), s, admin, "POST", "/v1/service-keys", `{"name":"shop"}`)
	}
	if err != nil {
		t.Error(err)
	}
}

// A roleCase is a command muster role, its exit code and part of what it says.
type roleCase struct {
	name, role string
	code       int
	says       string
}

func mustAnswerRoles(t *testing.T, dir string, cases []roleCase) {
	t.Helper()
	for _, c := range cases {
		code, out, errs := role(dir, c.name, c.role)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s %s: %d %s%s", c.name, c.role, code, out, errs)
		}
	}
}

// TestRolesOfARunningServer are given and taken through its control: the account
// that is made can log in at once, the tokens of the old role are dead at once,
// and the log says who did it.
func TestRolesOfARunningServer(t *testing.T) {
	t.Parallel()
	var log journal
	dir := t.TempDir()
	s := mustServer(t, Config{Beat: true, Data: dir, Log: "info", logTo: &log}, short(3), chess())
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	code, out, errs := role(dir, "Hopper", "admin")
	_, password, made := strings.Cut(out, "made the account Hopper with the password ")
	password, _, _ = strings.Cut(password, "\n")
	if code != 0 || !made || !strings.Contains(out, "Hopper is admin of main") || errs != "" {
		t.Fatalf("%d: %s%s", code, out, errs)
	}
	admin, err := api.LoginPassword(t.Context(), "hopper", password)
	if err != nil {
		t.Fatal(err)
	}
	keys := func() error { return granted(t.Context(), s, admin, "POST", "/v1/service-keys", `{"name":"shop"}`) }
	if err := keys(); err != nil {
		t.Error(err)
	}
	mustAnswerRoles(t, dir, []roleCase{
		{"hopper", "player", 1, "appoint another first"}, {"Lovelace", "admin", 0, "Lovelace is admin of main"},
		{"HOPPER", "player", 0, "Hopper is player of main"}, {"chess/hopper", "moderator", 0, "hopper is moderator of chess"},
		{"go/hopper", "admin", 1, "does not host"}, {"a", "admin", 1, "a username has 3 to 20 characters"},
	})
	if err := keys(); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("the old role's token: %v", err)
	}
	for _, line := range []string{
		"msg=audit action=player.role target=" + string(admin.Player.ID) + " actor=operator outcome=ok how.role=admin how.game=main how.username=Hopper",
		"actor=operator outcome=\"" + account.ErrLastAdmin.Error() + "\" how.role=player how.game=main how.username=hopper",
	} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("the log does not say %s", line)
		}
	}
	if strings.Contains(log.String(), password) {
		t.Error("the log tells the password")
	}
}

// TestARoleWhereNobodyAnswers: the folder is held, and not by a server.
func TestARoleWhereNobodyAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	node, err := bus.Open(bus.Config{Dir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	if code, _, errs := role(dir, "Hopper", "admin"); code != 1 || !strings.Contains(errs, "does not answer") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestRolesAreTakenBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustAnswerRoles(t, dir, []roleCase{
		{"hopper", "admin", 0, "hopper is admin of main"}, {"hopper", "player", 1, "appoint another first"},
		{"lovelace", "admin", 0, "lovelace is admin of main"}, {"HOPPER", "player", 0, "hopper is player of main"},
		{"chess/hopper", "moderator", 0, "hopper is moderator of chess"}, {"go/hopper", "admin", 1, "does not host"},
		{"hopper", "god", 2, "usage"}, {"hopper", "service", 2, "usage"}, {"a", "admin", 1, "a username has 3 to 20 characters"},
		{"-h", "admin", 2, "usage"}, {"hopper", "-h", 2, "usage"},
	})
	if code := runRole([]string{"hopper"}, nil, &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
		t.Errorf("half a command: %d", code)
	}
	s := mustServer(t, Config{Beat: true, Data: dir}, short(3), chess())
	for of, want := range map[account.Game]account.Role{"main": account.RolePlayer, "chess": account.RoleModerator} {
		if who, err := s.accounts.Find(t.Context(), of, "hopper"); err != nil || who.Role != want {
			t.Errorf("%s: %v %v", of, who.Role, err)
		}
	}
}
