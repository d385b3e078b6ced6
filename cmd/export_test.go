package cmd

import (
	"encoding/json"
	"net/http"
	"regexp"
	"testing"

	"github.com/musterhq/muster/protocol/client"
)

// TestAnExportIsSpeltLikeTheAPI: whoever keeps something of a player, in the
// export it has names like all the API's, lists where there is nothing, and no
// null.
func TestAnExportIsSpeltLikeTheAPI(t *testing.T) {
	t.Parallel()
	s, ctx := mustServer(t, Config{}), t.Context()
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	session, err := api.LoginGuest(ctx, "Ada")
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/v1/account/export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+session.Access)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var x map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&x); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, err)
	}
	spelt(t, "export", x)
	kept, _ := x["kept"].(map[string]any)
	for _, holder := range []string{"career", "friends", "mail", "saves"} {
		if kept[holder] == nil {
			t.Errorf("%s is not in it: %v", holder, kept)
		}
	}
}

var snake = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// spelt holds a JSON value to it.
func spelt(t *testing.T, at string, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil:
		t.Errorf("%s is null", at)
	case []any:
		for _, below := range v {
			spelt(t, at, below)
		}
	case map[string]any:
		for name, below := range v {
			if !snake.MatchString(name) {
				t.Errorf("%s has %q", at, name)
			}
			spelt(t, at+"."+name, below)
		}
	}
}
