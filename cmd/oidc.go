package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/musterhq/muster/lobby/account"
)

// providerFile is a provider of OpenID Connect as the file of -oidc has it.
type providerFile struct {
	Game     account.Game `json:"game"` // left out: that of the first mode
	Name     string       `json:"name"`
	Issuer   string       `json:"issuer"`
	ClientID string       `json:"client_id"`
	Secret   string       `json:"client_secret"` // left out: a public client, held by PKCE alone
	Redirect string       `json:"redirect"`
	Scopes   []string     `json:"scopes"`
}

// providers reads the file of -oidc: a JSON list. What is in it is checked when
// accounts are opened, and no provider is asked before a player wants it.
func (c *Config) providers(first account.Game) (all []account.Provider, err error) {
	if c.OIDC == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.OIDC)
	if err != nil {
		return nil, fmt.Errorf("-oidc: %w", err)
	}
	var list []providerFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("-oidc: %s: %w", c.OIDC, err)
	}
	for _, p := range list {
		if p.Game == "" {
			p.Game = first
		}
		all = append(all, account.Provider(p))
	}
	return all, nil
}
