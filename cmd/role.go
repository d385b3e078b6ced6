package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol/bus"
)

const roleUsage = "usage: muster role [GAME/]USERNAME player|moderator|admin [flags]"

// runRole gives an account in the data folder a role, also while a server runs
// on it: so the first admin comes to be, who appoints the others over REST. An
// account that there is not is made, with a password that is printed once.
func runRole(args []string, modes []game.Mode, out, errs io.Writer) int {
	roles := []string{string(account.RolePlayer), string(account.RoleModerator), string(account.RoleAdmin)}
	if len(args) < 2 || strings.HasPrefix(args[0], "-") || !slices.Contains(roles, args[1]) {
		fmt.Fprintln(errs, roleUsage)
		return 2
	}
	cfg := Config{logTo: errs}
	switch err := cfg.parse(args[2:], os.LookupEnv, errs); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "muster:", err)
		return 2
	}
	if err := cfg.setRole(args[0], account.Role(args[1]), modes, out); err != nil {
		fmt.Fprintln(errs, "muster:", err)
		return 1
	}
	return 0
}

// setRole opens the data folder for it, or asks the server that runs there.
func (c Config) setRole(name string, role account.Role, modes []game.Mode, out io.Writer) (err error) {
	checked, _, err := check(modes, &c)
	if err != nil {
		return err
	}
	s := &Server{cfg: c, log: c.logger()}
	ctx := context.Background()
	switch err := s.openKept(checked); {
	case errors.Is(err, bus.ErrInUse):
		query := url.Values{"name": {name}, "role": {string(role)}}
		return noControl(callControl(c.Data).ask(ctx, "POST", "/role?"+query.Encode(), out))
	case err != nil:
		return err
	}
	defer func() { err = errors.Join(err, s.node.Close()) }()
	return s.setRole(ctx, name, role, out)
}

// role is setRole of a server that runs, as its control is asked for it.
func (s *Server) role(w http.ResponseWriter, r *http.Request) {
	var said bytes.Buffer
	query := r.URL.Query()
	if err := s.setRole(r.Context(), query.Get("name"), account.Role(query.Get("role")), &said); err != nil {
		http.Error(w, said.String()+err.Error(), http.StatusConflict)
		return
	}
	_, _ = said.WriteTo(w)
}

// setRole gives an account of the game that is named, or of the first, a role,
// and notes that the operator did.
func (s *Server) setRole(ctx context.Context, name string, role account.Role, out io.Writer) error {
	of := s.game
	if first, username, ok := strings.Cut(name, "/"); ok {
		of, name = account.Game(first), username
	}
	who, err := s.accounts.Find(ctx, of, name)
	if errors.Is(err, account.ErrNotFound) {
		who, err = s.newAccount(ctx, of, name, out)
	}
	if err == nil {
		err = s.accounts.SetRole(ctx, who.Ref, role)
	}
	s.operated("player.role", string(who.Player), err, slog.Any("role", role), slog.Any("game", of), slog.String("username", name))
	if err == nil {
		fmt.Fprintf(out, "%s is %s of %s\n", who.Username, role, of)
	}
	return err
}

func (s *Server) newAccount(ctx context.Context, of account.Game, name string, out io.Writer) (account.Account, error) {
	password := rand.Text()[:20]
	session, err := s.accounts.Register(ctx, of, "", account.Credentials{Username: name, Password: password})
	if err == nil {
		fmt.Fprintf(out, "made the account %s with the password %s\n", session.Account.Username, password)
	}
	return session.Account, err
}
