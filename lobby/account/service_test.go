package account

import (
	"testing"
)

func TestServiceKeys(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	text, key, err := w.NewServiceKey(ctx, chess, "ratings page")
	w.wants("new", err, nil)
	other, _, err := w.NewServiceKey(ctx, chess, "another")
	w.wants("new", err, nil)
	for range 2 {
		if got, err := w.AuthenticateService(chess, text); err != nil || got != key || got.Name != "ratings page" {
			t.Errorf("got %+v, %v, want %+v", got, err, key)
		}
		if all := w.ServiceKeys(chess); len(all) != 2 || all[0] != key || len(w.ServiceKeys(arena)) != 0 {
			t.Errorf("listed %+v", all)
		}
		w.restart()
	}
	for what, bad := range map[string]string{"empty": "", "prefix": servicePrefix, "no id": servicePrefix + text[len(text)-44:], "cut": text[:len(text)-1],
		"longer": text + "A", "secret of another": text[:len(text)-43] + other[len(other)-43:], "newline": text[:len(text)-1] + "\n"} {
		w.wants(what, errOf(w.AuthenticateService(chess, bad)), ErrServiceKeyFailed)
	}
	w.wants("in another game", errOf(w.AuthenticateService(arena, text)), ErrServiceKeyFailed)
	w.wants("revoke in another game", w.RevokeServiceKey(ctx, arena, key.ID), ErrNotFound)
	w.wants("revoke", w.RevokeServiceKey(ctx, chess, key.ID), nil)
	w.wants("revoke again", w.RevokeServiceKey(ctx, chess, key.ID), ErrNotFound)
	for range 2 {
		w.wants("revoked", errOf(w.AuthenticateService(chess, text)), ErrServiceKeyFailed)
		w.wants("the other", errOf(w.AuthenticateService(chess, other)), nil)
		w.restart()
	}
	for _, name := range []string{"", "a\nb", "\xff", string(make([]byte, 65))} {
		_, _, err := w.NewServiceKey(ctx, chess, name)
		w.wants(name, err, ErrServiceKeyName)
	}
}
