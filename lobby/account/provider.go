package account

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// A Provider of OpenID Connect lets players of one game in who have proven to it
// who they are.
type Provider struct {
	Game     Game
	Name     string // in requests, such as "google"
	Issuer   string // URL, where discovery begins
	ClientID string
	Secret   string // of the client, "" for a public one
	Redirect string // URL that the provider sends the player back to
	Scopes   []string
}

// String keeps the secret out of logs.
func (p Provider) String() string { return string(p.Game) + "/" + p.Name }

// GoString does, too.
func (p Provider) GoString() string { return p.String() }

// signatures are the algorithms that identity tokens may be signed with: all
// with a public key.
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}

// provider is a Provider in use. What discovery says is asked for when it is
// first needed, so that a server starts without its providers.
type provider struct {
	cfg  Provider
	http *http.Client

	mu    sync.Mutex
	found *oidc.Provider // under mu: nil until discovery has succeeded
}

func newProviders(cfg *Config) map[Game]map[string]*provider {
	all := make(map[Game]map[string]*provider)
	for _, p := range cfg.Providers {
		if all[p.Game] == nil {
			all[p.Game] = make(map[string]*provider)
		}
		all[p.Game][p.Name] = &provider{cfg: p, http: cfg.HTTP}
	}
	return all
}

// Providers are those of a game, by name, for players to choose from.
func (r *Registry) Providers(game Game) (all []Provider, err error) {
	if !r.cfg.hosts(game) {
		return nil, ErrGameUnknown
	}
	for _, p := range r.cfg.Providers {
		if p.Game == game {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(p, q Provider) int { return strings.Compare(p.Name, q.Name) })
	return all, nil
}

func (c *Config) validateProviders() error {
	for i, p := range c.Providers {
		again := slices.ContainsFunc(c.Providers[:i], func(o Provider) bool { return o.Game == p.Game && o.Name == p.Name })
		issuer, err := url.Parse(p.Issuer)
		if err != nil || issuer.Host == "" || !c.hosts(p.Game) || p.Name == "" || p.ClientID == "" || p.Redirect == "" || again {
			return fmt.Errorf("%w: provider %s", errConfig, p)
		}
	}
	return nil
}

// discover asks a provider where its ends are, once.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(p.context(ctx), p.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrProvider, p.cfg.Name, err)
	}
	p.found = found
	return found, nil
}

// context has both libraries use our client.
func (p *provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.http)
}

func (p *provider) oauth(found *oidc.Provider) *oauth2.Config {
	scopes := p.cfg.Scopes
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		scopes = append([]string{oidc.ScopeOpenID}, scopes...)
	}
	return &oauth2.Config{ClientID: p.cfg.ClientID, ClientSecret: p.cfg.Secret, Endpoint: found.Endpoint(), RedirectURL: p.cfg.Redirect, Scopes: scopes}
}

// exchange trades a code for what the provider says about the player, which
// must be signed by it, for us, for this nonce, and now.
func (p *provider) exchange(ctx context.Context, code, verifier, nonce string) (person, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return person{}, err
	}
	ctx = p.context(ctx)
	answer, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		// The error may hold the provider's whole answer: it is not for logs.
		return person{}, fmt.Errorf("%w: %s does not take the code", ErrCredentials, p.cfg.Name)
	}
	raw, ok := answer.Extra("id_token").(string)
	if !ok {
		return person{}, fmt.Errorf("%w: %s sends no identity token", ErrProvider, p.cfg.Name)
	}
	token, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.cfg.ClientID, SupportedSigningAlgs: signatures, Now: time.Now}).Verify(ctx, raw)
	if err != nil {
		return person{}, fmt.Errorf("%w: %s: %w", ErrCredentials, p.cfg.Name, err)
	}
	return personOf(token, p.cfg.ClientID, nonce)
}

// person is whom an identity token is about.
type person struct {
	Identity
	Name string // as the provider has it, for show
}

const maxSubject = 255 // bytes, by the specification

func personOf(token *oidc.IDToken, client, nonce string) (person, error) {
	var c struct {
		Authorized string `json:"azp"`
		Name       string `json:"name"`
		Preferred  string `json:"preferred_username"`
	}
	if err := token.Claims(&c); err != nil {
		return person{}, fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	switch {
	case nonce == "" || token.Nonce != nonce:
		return person{}, fmt.Errorf("%w: the nonce is another", ErrCredentials)
	case len(token.Audience) > 1 && c.Authorized != client, c.Authorized != "" && c.Authorized != client:
		return person{}, fmt.Errorf("%w: the token was made for another client", ErrCredentials)
	case token.Subject == "" || len(token.Subject) > maxSubject:
		return person{}, fmt.Errorf("%w: no subject", ErrCredentials)
	}
	if c.Preferred != "" {
		c.Name = c.Preferred
	}
	return person{Identity{token.Issuer, token.Subject}, c.Name}, nil
}

const maxAnswer = 1 << 20 // bytes of a provider's answer

func newHTTPClient() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: bounded{http.DefaultTransport}}
}

// bounded is a transport whose answers end after a while: the libraries read
// them whole.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(req)
	if err == nil {
		answer.Body = boundedBody{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	}
	return answer, err
}

type boundedBody struct {
	io.Reader
	io.Closer
}
