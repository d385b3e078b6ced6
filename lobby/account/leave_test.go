package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/oidctest"
	"github.com/musterhq/muster/protocol/bus"
)

// ratings is a holder that may fail.
type ratings struct {
	kept map[Ref]int
	err  error
}

func (h *ratings) Export(_ context.Context, ref Ref) (any, error) { return h.kept[ref], h.err }

func (h *ratings) Delete(_ context.Context, ref Ref) error {
	if h.err == nil {
		delete(h.kept, ref)
	}
	return h.err
}

func TestExportAndDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		ctx := t.Context()
		s := w.mustRegister(chess, "hopper", "correct horse")
		ref := s.Account.Ref
		h := &ratings{kept: map[Ref]int{ref: 1500}}
		w.AddHolder("ratings", h)
		w.must(w.Login(ctx, chess, Credentials{"hopper", "correct horse"}, home))
		x, err := w.Export(ctx, ref)
		w.wants("export", err, nil)
		if len(x.Logins) != 2 || x.Others["ratings"] != 1500 || !x.Password || x.Account.Username != "hopper" {
			t.Errorf("exported %+v", x)
		}
		if text, err := json.Marshal(x); err != nil || bytes.Contains(text, []byte("argon")) || bytes.Contains(text, []byte(refreshPrefix)) {
			t.Errorf("%s, %v", text, err)
		}
		h.err = errors.New("not now")
		w.wants("export", errOf(w.Export(ctx, ref)), h.err)
		w.wants("delete", w.Delete(ctx, ref), h.err)
		w.wants("gone for everyone", errOf(w.Account(ctx, ref)), ErrNotFound)
		w.wants("a second time", w.Delete(ctx, ref), ErrNotFound)
		w.wants("login", errOf(w.Login(ctx, chess, Credentials{"hopper", "correct horse"}, home)), ErrCredentials)
		w.wants("refresh", errOf(w.Refresh(ctx, chess, s.Refresh)), ErrTokenRevoked)
		if w.alive(s) || len(w.told) != 1 || w.told[0].Reason != ReasonDeleted {
			t.Errorf("told %v", w.told)
		}
		time.Sleep(2 * time.Minute)
		h.err = nil
		w.restart()
		w.AddHolder("ratings", h)
		w.wants("sweep", errOf(w.Sweep(ctx)), nil)
		if len(h.kept) != 0 || count(w, w.accounts)+count(w, w.claimed)+count(w, w.families)+count(w, w.intents) != 0 {
			t.Error("something is left")
		}
		if w.alive(s) {
			t.Error("a token of nobody is good after a restart")
		}
		w.wants("refresh", errOf(w.Refresh(ctx, chess, s.Refresh)), ErrTokenInvalid)
		w.mustRegister(chess, "Hopper", "another horse")
	})
}

// TestNoSecretIsKeptOrLogged looks for secrets in the data folder and the log.
func TestNoSecretIsKeptOrLogged(t *testing.T) {
	p := &idp{oidctest.New()}
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	dir := t.TempDir()
	node, err := bus.Open(bus.Config{Dir: dir, Log: logger, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, node: node, cfg: Config{Games: []Game{chess}, Secrets: [][]byte{[]byte("canary-server-secret-of-32-bytes-or-more")}, Argon: tiny, Log: logger,
		HTTP: p.Client, Providers: []Provider{p.provider(chess)}}}
	w.restart()
	ctx := t.Context()
	device := []byte("canary-device-key-of-32-bytes-xx")
	s := w.mustRegister(chess, "hopper", "canary-password")
	w.wants("wrong", errOf(w.Login(ctx, chess, Credentials{"hopper", "canary-wrong-password"}, netip.Addr{})), ErrCredentials)
	w.wants("device", w.AddDevice(ctx, s.Account.Ref, Device{"laptop", device}), nil)
	w.wants("device login", deviceLogin(ctx, w, chess, "laptop", device), nil)
	w.must(p.login(t, w, chess))
	next := w.must(w.Refresh(ctx, chess, s.Refresh))
	third := w.must(w.Refresh(ctx, chess, next.Refresh))
	w.wants("reuse", errOf(w.Refresh(ctx, chess, s.Refresh)), ErrTokenReused)
	changed := w.must(w.ChangePassword(ctx, s.Account.Ref, "canary-password", "canary-new-password", home))
	text, _, _ := w.NewServiceKey(ctx, chess, "page")
	seed := w.keys.signer(chess, time.Now()).private.Seed()

	secrets := [][]byte{[]byte("canary-"), device, seed, []byte(text), []byte(text[strings.LastIndexByte(text, '.')+1:])}
	for _, s := range []Session{s, next, third, changed} {
		token, _ := parseRefresh(s.Refresh)
		secrets = append(secrets, []byte(s.Access), []byte(s.Refresh), token.secret[:])
	}
	service, _ := secretText.DecodeString(text[strings.LastIndexByte(text, '.')+1:])
	secrets = append(secrets, service)
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
	look := func(where string, data []byte) {
		for i, secret := range secrets {
			if bytes.Contains(data, secret) {
				t.Errorf("secret %d (%.12q…) is in %s", i, secret, where)
			}
		}
	}
	look("the log", log.Bytes())
	files, found := 0, false
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		look(path, data)
		found = found || bytes.Contains(data, []byte("hopper")) // else the search proves nothing
		return err
	})
	if err != nil || files < 7 || !found {
		t.Errorf("%d files, username found %v, %v", files, found, err)
	}
}
