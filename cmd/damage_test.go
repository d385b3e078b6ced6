package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol/client"
)

// TestAFolderThatIsNotWholeIsRefused, in one line that names the folder and
// says what to do; nor does it heal by being tried again.
func TestAFolderThatIsNotWholeIsRefused(t *testing.T) {
	t.Parallel()
	good := t.TempDir()
	s := mustProcess(t, nil, "-data", good)
	mustGuest(t, s.url, "Ada")
	s.stop(t)
	const streams = "log/jetstream/$G/streams/"
	accounts := filepath.Join(streams, "kv-account-accounts")
	for name, c := range map[string]struct {
		damage func(dir string) error
		want   string
	}{
		"a bit of an account": {func(dir string) error { return flipBit(filepath.Join(dir, accounts, "msgs/1.blk")) }, "muster restore"},
		"half of a block": {func(dir string) error {
			return os.Truncate(filepath.Join(dir, accounts, "msgs/1.blk"), 40)
		}, "muster restore"},
		"no block":      {func(dir string) error { return os.Remove(filepath.Join(dir, accounts, "msgs/1.blk")) }, "muster restore"},
		"no accounts":   {func(dir string) error { return os.RemoveAll(filepath.Join(dir, accounts)) }, "muster restore"},
		"no log":        {func(dir string) error { return os.RemoveAll(filepath.Join(dir, "log")) }, "muster restore"},
		"no marks":      {func(dir string) error { return os.Remove(filepath.Join(dir, "marks.json")) }, "muster restore"},
		"damaged marks": {func(dir string) error { return os.Truncate(filepath.Join(dir, "marks.json"), 20) }, "muster restore"},
		"of a later release": {func(dir string) error {
			return replaceIn(filepath.Join(dir, "marks.json"), `"version": 1`, `"version": 2`)
		}, "run the release"},
		"no secret":        {func(dir string) error { return os.Remove(filepath.Join(dir, "secret")) }, "take it from a backup"},
		"half a secret":    {func(dir string) error { return os.Truncate(filepath.Join(dir, "secret"), 12) }, "take it from a backup"},
		"another secret":   {func(dir string) error { return os.WriteFile(filepath.Join(dir, "secret"), newSecret(), 0o600) }, "from a backup"},
		"a secret for all": {func(dir string) error { return os.Chmod(filepath.Join(dir, "secret"), 0o644) }, "chmod 600"},
		"a file":           {func(dir string) error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) }, "not a directory"},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		if err := errors.Join(os.CopyFS(dir, os.DirFS(good)), os.Chmod(filepath.Join(dir, "secret"), 0o600), c.damage(dir)); err != nil {
			t.Fatal(err)
		}
		said, code := refusal(t, "-data", dir)
		if code != 1 || strings.Count(said, "\n") != 1 || !strings.Contains(said, dir) || !strings.Contains(said, c.want) {
			t.Errorf("%s: code %d, said %s", name, code, said)
		}
		if again, _ := refusal(t, "-data", dir); again != said {
			t.Errorf("%s: the second time it said %s", name, again)
		}
	}
}

// refusal starts a server that does not come up, and returns what it says.
func refusal(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p := exec.CommandContext(ctx, mustBinary(t), append([]string{"-addr", "127.0.0.1:0", "-log", "error"}, args...)...)
	out, _ := p.CombinedOutput()
	return string(out), p.ProcessState.ExitCode()
}

func flipBit(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 4
	return os.WriteFile(path, data, 0o600)
}

func replaceIn(path, old, new string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(new), 1), 0o600)
}

// TestASecondServerOnAFolder is refused, and the first does not notice.
func TestASecondServerOnAFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := mustProcess(t, nil, "-data", data)
	said, code := refusal(t, "-data", data)
	if code != 1 || strings.Count(said, "\n") != 1 || !strings.Contains(said, data) || !strings.Contains(said, "another server runs on it") {
		t.Errorf("code %d, said %s", code, said)
	}
	mustGuest(t, s.url, "Ada")
}

// TestNothingIsKeptInMemory, and the server says so.
func TestNothingIsKeptInMemory(t *testing.T) {
	t.Parallel()
	s := mustProcess(t, nil, "-data", ":memory:")
	ada := mustGuest(t, s.url, "Ada")
	if s.stop(t); !strings.Contains(s.said.String(), "nothing is kept") {
		t.Errorf("it said %s", s.said.String())
	}
	s = mustProcess(t, nil, "-data", ":memory:")
	if knows(t, s.url, ada) {
		t.Error("Ada is known")
	}
}

// TestAFullDisk: nothing is written any more, and said so; what was there is
// there, a match that runs goes on, and all is well when there is space again.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 160)
	data := filepath.Join(disk, "data")
	s := mustProcess(t, nil, "-data", data, "-hidden", "-countdown", "1ms", "-drain", "1ms")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.url)
	defer api.Close()
	sessions := mustGuests(ctx, t, api, 2)
	game := mustPlay(ctx, t, sessions[0])
	filler := filepath.Join(disk, "filler")
	if err := fillTo(filler, disk, 60<<20); err != nil {
		t.Fatal(err)
	}
	s.becomes(ctx, t, http.StatusServiceUnavailable)
	_, err := api.LoginGuest(ctx, "Bob")
	if p, ok := err.(*client.Problem); !ok || p.Code != "storage_unavailable" || p.Status != 503 || p.RetryAfter == 0 {
		t.Errorf("a login on a full disk: %v", err)
	}
	if _, err := api.Modes(ctx); err != nil {
		t.Errorf("what needs no disk: %v", err)
	}
	awaitTicks(ctx, t, game, 3)
	if !strings.Contains(s.said.String(), "the data folder is full") {
		t.Errorf("it said %s", s.said.String())
	}
	if _, err := s.backupTo(t, filepath.Join(t.TempDir(), "saved"), data); err != nil {
		t.Errorf("a backup of a full folder: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.becomes(ctx, t, http.StatusOK)
	mustGuest(t, s.url, "Bob")
	awaitTicks(ctx, t, game, 3)
	if !knows(t, s.url, sessions[1]) {
		t.Error("a login of before is lost")
	}
}

func (p *process) backupTo(t *testing.T, dir, data string) (string, error) {
	said, err := muster(t, "backup", dir, "-data", data)
	if err != nil {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return said, err
}

// becomes waits until the server says that it is ready, or is not.
func (p *process) becomes(ctx context.Context, t *testing.T, status int) {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		resp, err := http.Get(p.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == status {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("not %d within a minute; it said %s", status, p.said.String())
		}
	}
}
