package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// Config says how accounts are kept. A zero field means its default.
type Config struct {
	Games   []Game   // that the server hosts; at least one
	Secrets [][]byte // each of 32 random bytes or more: the first seals signing and device keys and stamps refresh tokens, all of them open and are known; required, and not kept in the data folder

	AccessLife  time.Duration // of an access token, default 15 min
	RefreshLife time.Duration // of a login that is not used, and so of a guest; default 30 days
	Grace       time.Duration // in which a refresh token gives the same successor again, default 10 s
	KeyLife     time.Duration // of a signing key, default 30 days
	KeyAhead    time.Duration // of its publication before it signs, default 1 day

	Argon     Argon      // default 19 MiB, 2 passes, 1 thread
	Providers []Provider // of OpenID Connect

	SweepEvery time.Duration // default 1 min
	SweepMost  int           // of each kind that one sweep handles, default 256

	HTTP *http.Client // to ask providers with, nil: one that waits 10 s and reads 1 MiB
	Log  *slog.Logger // nil is slog.Default

	write seam // tests let writes fail
}

// A Registry knows the players of all games of a server. It is safe for
// concurrent use.
type Registry struct {
	// set by Open and never changed
	cfg       Config
	log       *slog.Logger
	seals     sealer
	stamps    stamper
	keys      *keyring
	tokens    *tokens
	revoked   *revoked
	gate      *gate
	dummy     string // hash of no password
	lockout   *lockout
	nonces    *nonces
	states    *once // of OpenID Connect that were used
	providers map[Game]map[string]*provider

	accounts table[record]
	claimed  table[owner]
	families table[family]
	intents  table[intent]
	notes    table[note]
	services *services

	mu      sync.RWMutex
	holders map[string]Holder // under mu

	resigning sync.Mutex // held while roles change and accounts end: see mayResign
}

// Open reads what is kept about players, and finishes what a crash left half
// done. The node outlives the registry.
func Open(cfg Config, node *bus.Node) (*Registry, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	r := &Registry{
		cfg: cfg, log: cfg.Log, seals: newSealer(cfg.Secrets), stamps: newStamper(cfg.Secrets), revoked: newRevoked(), gate: newGate(), dummy: cfg.Argon.dummy(),
		lockout: newLockout(), nonces: newNonces(), states: newOnce(flowLife, maxStates), holders: make(map[string]Holder),
	}
	r.keys = &keyring{cfg: &r.cfg, seals: r.seals}
	r.tokens = newTokens(&r.cfg, r.keys, r.revoked)
	r.services = &services{}
	r.providers = newProviders(&r.cfg)
	if err := r.openTables(node); err != nil {
		return nil, err
	}
	ctx := context.Background()
	if err := errors.Join(r.keys.load(ctx), r.services.load(ctx), r.recall(ctx), r.settleClaims(ctx)); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Registry) openTables(node *bus.Node) error {
	var errs [7]error
	r.accounts, errs[0] = openTable[record](node, "accounts", r.cfg.write)
	r.claimed, errs[1] = openTable[owner](node, "claims", r.cfg.write)
	r.families, errs[2] = openTable[family](node, "families", r.cfg.write)
	r.intents, errs[3] = openTable[intent](node, "intents", r.cfg.write)
	r.notes, errs[4] = openTable[note](node, "notes", r.cfg.write)
	r.keys.table, errs[5] = openTable[keyRecord](node, "keys", r.cfg.write)
	r.services.table, errs[6] = openTable[serviceRecord](node, "services", r.cfg.write)
	return errors.Join(errs[:]...)
}

// validate fills in defaults and refuses what cannot work.
func (c *Config) validate() error {
	if len(c.Games) == 0 {
		return fmt.Errorf("%w: no games", errConfig)
	}
	for i, game := range c.Games {
		if !game.valid() || slices.Contains(c.Games[:i], game) {
			return fmt.Errorf("%w: game %q", errConfig, game)
		}
	}
	if len(c.Secrets) == 0 {
		return fmt.Errorf("%w: no secret", errConfig)
	}
	for _, secret := range c.Secrets {
		if len(secret) < 32 {
			return fmt.Errorf("%w: a secret of %d bytes, want 32 or more", errConfig, len(secret))
		}
	}
	c.defaults()
	if c.AccessLife < 0 || c.RefreshLife < c.AccessLife || c.KeyLife < 2*c.KeyAhead || c.Argon.Passes > maxArgonPasses || c.Argon.Memory > maxArgonMemory {
		return fmt.Errorf("%w: lives or hash parameters are out of range", errConfig)
	}
	return c.validateProviders()
}

func (c *Config) defaults() {
	set := func(d *time.Duration, to time.Duration) {
		if *d == 0 {
			*d = to
		}
	}
	set(&c.AccessLife, 15*time.Minute)
	set(&c.RefreshLife, 30*24*time.Hour)
	set(&c.Grace, 10*time.Second)
	set(&c.KeyLife, 30*24*time.Hour)
	set(&c.KeyAhead, 24*time.Hour)
	set(&c.SweepEvery, time.Minute)
	if c.SweepMost == 0 {
		c.SweepMost = 256
	}
	if c.Argon == (Argon{}) {
		c.Argon = Argon{Memory: 19 << 10, Passes: 2, Threads: 1}
	}
	c.Argon.Passes, c.Argon.Threads = max(c.Argon.Passes, 1), max(c.Argon.Threads, 1)
	if c.HTTP == nil {
		c.HTTP = newHTTPClient()
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

func (c *Config) hosts(game Game) bool { return slices.Contains(c.Games, game) }

// Run sweeps and changes keys until ctx ends. It sweeps again at once as long as
// there is more, so that what is cleared away keeps pace with what is written.
func (r *Registry) Run(ctx context.Context) {
	tick := time.NewTicker(r.cfg.SweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for more := true; more && ctx.Err() == nil; {
			s, err := r.Sweep(ctx)
			if err != nil && ctx.Err() == nil {
				r.log.Error("sweep of accounts", "err", err)
			}
			more = s.More && err == nil
		}
	}
}

// Account returns what is known of a player, or ErrNotFound.
func (r *Registry) Account(ctx context.Context, ref Ref) (Account, error) {
	a, err := r.account(ctx, ref)
	if err != nil {
		return Account{}, err
	}
	return a.shown(), nil
}

// Find returns the account of a username, or ErrNotFound. Any spelling will do
// that folds to the same.
func (r *Registry) Find(ctx context.Context, game Game, name string) (Account, error) {
	_, bones, err := username(name)
	if err != nil {
		return Account{}, ErrNotFound
	}
	a, err := r.holder(ctx, usernameClaim(game, bones))
	if err != nil {
		return Account{}, err
	}
	return a.shown(), nil
}

// account reads an account, or returns ErrNotFound.
func (r *Registry) account(ctx context.Context, ref Ref) (record, error) {
	e, err := r.accounts.get(ctx, ref.key())
	if errors.Is(err, bus.ErrNotFound) || err == nil && e.Value.Leaving {
		return record{}, ErrNotFound
	}
	return e.Value, err
}

// change replaces an account by what f makes of it, or returns ErrNotFound.
func (r *Registry) change(ctx context.Context, ref Ref, f func(*record) error) (record, error) {
	a, err := r.accounts.change(ctx, ref.key(), func(a *record) error {
		if a.Leaving {
			return ErrNotFound
		}
		return f(a)
	})
	if errors.Is(err, bus.ErrNotFound) {
		err = ErrNotFound
	}
	return a, err
}

// Rename changes the display name. Access tokens have the new one from the next
// refresh on.
func (r *Registry) Rename(ctx context.Context, ref Ref, name string) error {
	name, err := displayName(name)
	if err != nil {
		return err
	}
	_, err = r.change(ctx, ref, func(a *record) error { a.Name = name; return nil })
	return err
}
