package account

import (
	"context"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// TestGamesNeverMeet tries with every verb to reach what is of one game from
// another.
func TestGamesNeverMeet(t *testing.T) {
	w, p := mustOIDC(t)
	ctx := t.Context()
	s := w.mustRegister(chess, "hopper", "correct horse")
	key := random(32)
	w.wants("device", w.AddDevice(ctx, s.Account.Ref, Device{"laptop", key}), nil)
	w.must(p.login(t, w, chess))
	text, service, err := w.NewServiceKey(ctx, chess, "page")
	w.wants("service key", err, nil)
	there := Ref{arena, s.Account.Player} // the same player, as it were

	for what, got := range map[string]error{
		"authenticate":     errOf(w.Authenticate(arena, s.Access)),
		"refresh":          errOf(w.Refresh(ctx, arena, s.Refresh)),
		"service key":      errOf(w.AuthenticateService(arena, text)),
		"login":            errOf(w.Login(ctx, arena, Credentials{"hopper", "correct horse"}, home)),
		"find":             errOf(w.Find(ctx, arena, "hopper")),
		"account":          errOf(w.Account(ctx, there)),
		"rename":           w.Rename(ctx, there, "x"),
		"add password":     w.AddPassword(ctx, there, Credentials{"grace", "correct horse"}),
		"change password":  errOf(w.ChangePassword(ctx, there, "correct horse", "battery staple", home)),
		"add device":       w.AddDevice(ctx, there, Device{"phone", key}),
		"remove device":    w.RemoveDevice(ctx, there, "laptop"),
		"link":             errOf(w.LinkOIDC(ctx, there, "idp")),
		"unlink":           w.Unlink(ctx, there, Identity{p.URL, "subject-1"}),
		"logout everyhere": w.LogoutEverywhere(ctx, there),
		"ban":              w.Ban(ctx, there, Ban{Until: time.Now().Add(time.Hour)}),
		"unban":            w.Unban(ctx, there),
		"role":             w.SetRole(ctx, there, RoleAdmin),
		"export":           errOf(w.Export(ctx, there)),
		"delete":           w.Delete(ctx, there),
		"revoke key":       w.RevokeServiceKey(ctx, arena, service.ID),
		"device":           deviceLogin(ctx, w, arena, "laptop", key),
	} {
		if got == nil {
			t.Errorf("%s reaches another game", what)
		}
	}
	c := w.caller(s)
	c.Game = arena
	w.wants("logout of nobody", w.Logout(ctx, c), nil)
	f, err := w.BeginOIDC(ctx, chess, "idp")
	w.wants("begin", err, nil)
	state, code := p.authorize(t, f)
	w.wants("finish", errOf(w.FinishOIDC(ctx, arena, Callback{f.Secret, state, code})), ErrCredentials)

	if !w.alive(s) || len(w.told) != 0 {
		t.Errorf("it had an effect: told %v", w.told)
	}
	w.must(w.Refresh(ctx, chess, s.Refresh))
	w.must(w.Login(ctx, chess, Credentials{"hopper", "correct horse"}, home))
	w.mustRegister(arena, "hopper", "battery staple")
	for _, k := range w.Keys(chess) {
		for _, other := range w.Keys(arena) {
			if k.ID == other.ID || string(k.Key) == string(other.Key) {
				t.Error("two games share a signing key")
			}
		}
	}
}

func deviceLogin(ctx context.Context, w *world, game Game, id string, key []byte) error {
	nonce, err := w.Challenge(game, id)
	if err != nil {
		return err
	}
	return errOf(w.LoginDevice(ctx, game, id, nonce, DeviceProof(key, game, id, nonce)))
}

func TestGamesThatAreNotHosted(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	for _, game := range []Game{"", "go", "CHESS", "chess/../arena"} {
		for what, got := range map[string]error{
			"guest": errOf(w.Guest(ctx, game, "x")), "register": errOf(w.Register(ctx, game, "x", Credentials{"hopper", "correct horse"})),
			"login": errOf(w.Login(ctx, game, Credentials{"hopper", "correct horse"}, home)), "challenge": errOf(w.Challenge(game, "x")),
			"device": errOf(w.LoginDevice(ctx, game, "x", "x", nil)),
		} {
			w.wants(what, got, ErrGameUnknown)
		}
		w.wants("refresh", errOf(w.Refresh(ctx, game, "x")), ErrTokenInvalid)
		w.wants("account", errOf(w.Account(ctx, Ref{game, protocol.NewID[protocol.PlayerID]()})), ErrNotFound)
	}
}

func TestConfigs(t *testing.T) {
	good := Config{Games: []Game{chess}, Secrets: [][]byte{testSecret}}
	w := mustWorld(t)
	for what, spoil := range map[string]func(*Config){
		"no games": func(c *Config) { c.Games = nil }, "a game twice": func(c *Config) { c.Games = []Game{chess, chess} }, "a bad game": func(c *Config) { c.Games = []Game{"a b"} },
		"no secret": func(c *Config) { c.Secrets = nil }, "a short secret": func(c *Config) { c.Secrets = [][]byte{testSecret, []byte("short")} },
		"a provider of another game": func(c *Config) {
			c.Providers = []Provider{{Game: arena, Name: "x", Issuer: "https://x", ClientID: "x", Redirect: "x"}}
		},
		"a provider of nowhere": func(c *Config) { c.Providers = []Provider{{Game: chess, Name: "x", ClientID: "x", Redirect: "x"}} },
		"refresh before access": func(c *Config) { c.RefreshLife = time.Minute },
	} {
		c := good
		spoil(&c)
		w.wants(what, errOf(Open(c, w.node)), errConfig)
	}
	w.wants("good", errOf(Open(good, w.node)), nil)
}
