package cmd

import (
	"errors"
	"fmt"

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
	s.game = games(modes)[0]
	if s.secret, err = s.cfg.openSecret(s.node); err == nil {
		s.accounts, err = s.openAccounts(games(modes))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("data folder %s: %w", s.cfg.Data, err), s.node.Close())
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
