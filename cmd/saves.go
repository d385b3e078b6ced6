package cmd

import (
	"context"
	"encoding/json"
	"time"

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

// exportedSave is a save as its player gets it.
type exportedSave struct {
	Key    string          `json:"key"`
	At     time.Time       `json:"at"`
	Public bool            `json:"public"`
	Value  json.RawMessage `json:"value"`
}

// Export implements [account.Holder].
func (h saveHolder) Export(ctx context.Context, ref account.Ref) (any, error) {
	list, err := h.saves.Export(ctx, string(ref.Game), ref.Player)
	all := []exportedSave{}
	for _, s := range list {
		all = append(all, exportedSave{s.Key, s.At, s.Public, s.Value})
	}
	return all, err
}

// Delete implements [account.Holder].
func (h saveHolder) Delete(ctx context.Context, ref account.Ref) error {
	return h.saves.DeleteAll(ctx, string(ref.Game), ref.Player)
}
