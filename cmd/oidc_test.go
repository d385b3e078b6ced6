package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/musterhq/muster/lobby/oidctest"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/client"
)

func write(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "providers.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPlayersFromAProvider log in over REST and HTTP alone, each in their game,
// and a guest takes everything along.
func TestPlayersFromAProvider(t *testing.T) {
	t.Parallel()
	p := oidctest.Listen(t)
	one := `{"name":"idp","issuer":"` + p.URL + `","client_id":"c","client_secret":"s","redirect":"http://localhost/back"`
	s := mustServer(t, Config{Beat: true, OIDC: write(t, `[`+one+`},`+one+`,"game":"chess","scopes":["profile"]}]`)}, short(3), chess())
	login := func(api *client.API) *client.Session {
		flow, err := api.BeginOIDC(t.Context(), "idp")
		if err != nil {
			t.Fatal(err)
		}
		state, code := p.Authorize(t, flow.URL)
		who, err := api.FinishOIDC(t.Context(), flow, state, code)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := api.FinishOIDC(t.Context(), flow, state, code); err == nil || !strings.Contains(err.Error(), "login_failed") {
			t.Errorf("finished twice: %v", err)
		}
		return who
	}
	api, other := client.New(s.URL()), client.New(s.URL(), client.WithGame("chess"))
	t.Cleanup(api.Close)
	t.Cleanup(other.Close)
	first, again, there := login(api), login(api), login(other)
	if first.Player.ID != again.Player.ID || first.Player.ID == there.Player.ID || first.Player.Name != "Ada" {
		t.Errorf("logged in as %v, %v and in the other game as %v", first.Player, again.Player, there.Player)
	}
	guest, err := api.LoginGuest(t.Context(), "Gus")
	if err != nil {
		t.Fatal(err)
	}
	p.Subject = "subject-2"
	flow, err := guest.LinkOIDC(t.Context(), "idp")
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.Authorize(t, flow.URL)
	if linked, err := api.FinishOIDC(t.Context(), flow, state, code); err != nil || linked.Player.ID != guest.Player.ID {
		t.Errorf("linked to %+v, %v", linked, err)
	}
	if back := login(api); back.Player.ID != guest.Player.ID {
		t.Errorf("the identity is of %v", back.Player)
	}
}

// TestProvidersThatAreWrong keep the server from its start, with the reason.
func TestProvidersThatAreWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`[{"name":"x","issuer":"https://x","client_id":"x","redirect":"x","client":"x"}]`: "unknown field",
		`{`: "unexpected EOF", `[{"name":"x"}]`: "provider main/x",
		`[{"game":"go","name":"x","issuer":"https://x","client_id":"x","redirect":"x"}]`: "provider go/x",
	} {
		_, err := New(Config{Addr: "127.0.0.1:0", Log: "error", Data: bus.Memory, OIDC: write(t, text)}, short(3))
		if err == nil || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if _, err := New(Config{Addr: "127.0.0.1:0", Log: "error", Data: bus.Memory, OIDC: "nowhere.json"}, short(3)); err == nil {
		t.Error("a file that is not there was read")
	}
}
