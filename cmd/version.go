package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/version"
)

// openVersions opens the gate at which clients are turned away that are too old.
func (s *Server) openVersions(of []account.Game) error {
	least, err := leastVersions(s.cfg.MinClient, of)
	if err == nil {
		s.versions, err = version.Open(context.Background(), s.node, least)
	}
	if err != nil {
		return fmt.Errorf("-min-client: %w", err)
	}
	return nil
}

// leastVersions reads 1.4.2, of all games, and main=1.4.2, of one.
func leastVersions(list []string, of []account.Game) (map[string]string, error) {
	least := map[string]string{}
	for _, entry := range list {
		game, v, one := strings.Cut(entry, "=")
		if one && !slices.Contains(of, account.Game(game)) {
			return nil, fmt.Errorf("there is no game %q", game)
		}
		for _, g := range of {
			if !one {
				least[string(g)] = entry
			} else if string(g) == game {
				least[game] = v
			}
		}
	}
	return least, nil
}
