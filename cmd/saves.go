package cmd

import (
	"context"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/lobby/saves"
)

// openSaves opens what the game keeps of its players.
func (s *Server) openSaves() (err error) {
	if s.saves, err = saves.Open(s.node, saves.Config{}); err == nil {
		s.accounts.AddHolder("saves", saveHolder{s.saves})
	}
	return err
}

// saveHolder has accounts take their saves with them.
type saveHolder struct{ saves *saves.Vault }

// Export implements [account.Holder].
func (h saveHolder) Export(ctx context.Context, ref account.Ref) (any, error) {
	return h.saves.Export(ctx, string(ref.Game), ref.Player)
}

// Delete implements [account.Holder].
func (h saveHolder) Delete(ctx context.Context, ref account.Ref) error {
	return h.saves.DeleteAll(ctx, string(ref.Game), ref.Player)
}
