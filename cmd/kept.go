package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol/bus"
)

// openKept opens the data folder, and the accounts in it of the players of all
// games that the modes are of.
func (s *Server) openKept(modes []*game.Mode) (err error) {
	s.node, err = bus.Open(bus.Config{Dir: s.cfg.Data, NoSync: !s.cfg.Sync, Log: s.log})
	if err != nil {
		return err
	}
	if s.secret, err = s.cfg.secret(); err == nil {
		s.accounts, err = s.openAccounts(games(modes))
	}
	if err != nil {
		return errors.Join(err, s.node.Close())
	}
	return nil
}

func (s *Server) openAccounts(games []account.Game) (*account.Registry, error) {
	providers, err := s.cfg.providers(games[0])
	if err != nil {
		return nil, err
	}
	return account.Open(account.Config{Games: games, Secrets: [][]byte{s.key("accounts")}, Providers: providers, Log: s.log}, s.node)
}

func games(modes []*game.Mode) (all []account.Game) {
	seen := map[string]bool{}
	for _, m := range modes {
		if !seen[m.Game] {
			seen[m.Game] = true
			all = append(all, account.Game(m.Game))
		}
	}
	return all
}

// secretName is where a secret lies that was made up: beside the log that it
// seals, for whoever has configured none.
const secretName = "secret"

// secret returns the configured one, or that of the data folder, where it makes
// one up at the first start.
func (c *Config) secret() ([]byte, error) {
	if c.Secret != "" {
		return []byte(c.Secret), nil
	}
	if c.Data == bus.Memory {
		return newSecret(), nil
	}
	path := filepath.Join(c.Data, secretName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		data = newSecret()
		return data, os.WriteFile(path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return nil, err
	}
	if data = []byte(strings.TrimSpace(string(data))); len(data) < 32 {
		return nil, fmt.Errorf("%s is damaged: restore it from a backup, for accounts and keys are sealed under it", path)
	}
	return data, nil
}

func newSecret() []byte { return []byte(rand.Text() + rand.Text()) }
