package cmd

import (
	"bytes"
	"context"
	"encoding/json"
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

// muster runs the binary with arguments to its end.
func muster(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), mustBinary(t), args...).CombinedOutput()
	return string(out), err
}

func mustMuster(t *testing.T, args ...string) (said string) {
	t.Helper()
	said, err := muster(t, args...)
	if err != nil {
		t.Fatalf("muster %s: %v: %s", strings.Join(args, " "), err, said)
	}
	return said
}

// stop ends the server as SIGTERM does.
func (p *process) stop(t *testing.T) {
	t.Helper()
	_ = p.Process.Signal(os.Interrupt)
	err := <-p.ended
	p.ended <- err
	if err != nil {
		t.Fatalf("the server ended with %v: %s", err, p.said.String())
	}
}

func mustGuest(t *testing.T, url, name string) *client.Session {
	t.Helper()
	api := client.New(url)
	t.Cleanup(api.Close)
	s, err := api.LoginGuest(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// renew uses up a refresh token, and returns the next one.
func renew(ctx context.Context, url, refresh string) (next string, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, "POST", url+"/v1/login/refresh", strings.NewReader(`{"refresh":"`+refresh+`"}`))
	if err != nil {
		return "", 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	var answer struct{ Refresh string }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.Refresh, resp.StatusCode, err
}

// knows says whether the server has the login that a session is of.
func knows(t *testing.T, url string, s *client.Session) bool {
	t.Helper()
	next, status, err := renew(t.Context(), url, s.Refresh)
	switch {
	case err == nil && status == http.StatusOK:
		s.Refresh = next
		return true
	case err != nil || status != http.StatusUnauthorized:
		t.Fatalf("refresh: %d, %v", status, err)
	}
	return false
}

// TestBackupAndRestore of a server that runs, of one that is stopped, and in a
// folder whose path is too long for a socket: who was there when the backup
// was made is there again, however often they renewed their login since, and who
// came later is not.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sub              string
		running, secrets bool
	}{
		"running":         {"data", true, false},
		"stopped":         {"data", false, false},
		"a long path":     {strings.Repeat("long", 30), true, false},
		"a secret of its": {"data", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, saved := filepath.Join(t.TempDir(), c.sub), filepath.Join(t.TempDir(), "saved")
			args := []string{"-data", data, "-drain", "1ms"}
			if c.secrets {
				args = append(args, "-secret", "0f8d1c2b7a6e5948-3b1d-bird-of-the-mine-71c")
			}
			s := mustProcess(t, nil, args...)
			early := mustGuest(t, s.url, "Early")
			if !c.running {
				s.stop(t)
			}
			mustMuster(t, append([]string{"backup", saved}, args...)...)
			if !c.running {
				s = mustProcess(t, nil, args...)
			}
			late := mustGuest(t, s.url, "Late")
			for range 2 {
				if !knows(t, s.url, early) || !knows(t, s.url, late) {
					t.Fatal("not known before the restore")
				}
			}
			if !c.running {
				s.stop(t)
			}
			said := mustMuster(t, append([]string{"restore", saved}, args...)...)
			if before, _ := filepath.Glob(filepath.Join(data, "before-*")); len(before) != 1 || !strings.Contains(said, before[0]) {
				t.Errorf("what was there before is in %q; said %s", before, said)
			}
			if !c.running {
				s = mustProcess(t, nil, args...)
			}
			for _, deed := range []string{"server.backup", "server.restore"} {
				if noted := strings.Contains(s.said.String(), "action="+deed+` target="" actor=operator outcome=ok`); noted != c.running {
					t.Errorf("the log tells of %s: %v", deed, noted)
				}
			}
			if !knows(t, s.url, early) || knows(t, s.url, late) {
				t.Errorf("early is known: %v, late: %v", knows(t, s.url, early), knows(t, s.url, late))
			}
			mode := func(path string) os.FileMode {
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				return info.Mode().Perm()
			}
			if m := mode(filepath.Join(saved, backupName)); m != 0o600 {
				t.Errorf("the backup is %v", m)
			}
			if _, err := os.Stat(filepath.Join(saved, "secret")); (err == nil) == c.secrets {
				t.Errorf("its secret: %v", err)
			} else if err == nil && mode(filepath.Join(saved, "secret")) != 0o600 {
				t.Error("anybody may read its secret")
			}
			s.stop(t)
		})
	}
}

// TestWhatIsNoBackup changes nothing and says why.
func TestWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	data, saved := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "saved")
	s := mustProcess(t, nil, "-data", data, "-drain", "1ms")
	ada := mustGuest(t, s.url, "Ada")
	mustMuster(t, "backup", saved, "-data", data)
	good, err := os.ReadFile(filepath.Join(saved, backupName))
	if err != nil {
		t.Fatal(err)
	}
	secret, _ := os.ReadFile(filepath.Join(saved, "secret"))
	damages := map[string]func(dir string){
		"truncated": func(dir string) { os.Truncate(filepath.Join(dir, backupName), int64(len(good)/2)) },
		"a byte changed": func(dir string) {
			os.WriteFile(filepath.Join(dir, backupName), bytes.Replace(good, []byte("kv."), []byte("kw."), 1), 0o600)
		},
		"empty":            func(dir string) { os.Truncate(filepath.Join(dir, backupName), 0) },
		"not there":        func(dir string) { os.Remove(filepath.Join(dir, backupName)) },
		"no secret":        func(dir string) { os.Remove(filepath.Join(dir, "secret")) },
		"another secret":   func(dir string) { os.WriteFile(filepath.Join(dir, "secret"), newSecret(), 0o600) },
		"half a secret":    func(dir string) { os.WriteFile(filepath.Join(dir, "secret"), secret[:9], 0o600) },
		"a secret for all": func(dir string) { os.Chmod(filepath.Join(dir, "secret"), 0o644) },
		"of a later format": func(dir string) {
			os.WriteFile(filepath.Join(dir, backupName), bytes.Replace(good, []byte(`"muster_backup":1`), []byte(`"muster_backup":2`), 1), 0o600)
		},
	}
	for _, running := range []bool{true, false} {
		for name, damage := range damages {
			bad := t.TempDir()
			os.WriteFile(filepath.Join(bad, backupName), good, 0o600)
			os.WriteFile(filepath.Join(bad, "secret"), secret, 0o600)
			damage(bad)
			said, err := muster(t, "restore", bad, "-data", data)
			if err == nil || !strings.HasPrefix(said, "muster: ") || strings.Count(said, "\n") != 1 || !strings.Contains(said, bad) {
				t.Errorf("%s, running %v: %v, said %s", name, running, err, said)
			}
			if left, _ := filepath.Glob(filepath.Join(data, ".staged-*")); len(left) > 0 {
				t.Errorf("%s: %q is left", name, left)
			}
		}
		if before, _ := filepath.Glob(filepath.Join(data, "before-*")); len(before) > 0 {
			t.Errorf("something was replaced: %q", before)
		}
		if running {
			s.stop(t)
		}
	}
	s = mustProcess(t, nil, "-data", data)
	if !knows(t, s.url, ada) {
		t.Error("Ada is lost")
	}
}

// TestWhereNothingCanBeBackedUp: wrong calls are refused in one line, and
// nothing is overwritten.
func TestWhereNothingCanBeBackedUp(t *testing.T) {
	t.Parallel()
	full, none := t.TempDir(), filepath.Join(t.TempDir(), "none")
	os.WriteFile(filepath.Join(full, "f"), nil, 0o600)
	data := t.TempDir()
	mustProcess(t, nil, "-data", data).stop(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"backup"}, "which DIR?"},
		{[]string{"restore", "-data", data}, "which DIR?"},
		{[]string{"backup", full, "-data", data}, "is not empty"},
		{[]string{"backup", none, "-data", filepath.Join(none, "x")}, "nothing is kept in"},
		{[]string{"backup", none, "-data", ":memory:"}, "in memory"},
		{[]string{"restore", full, "-data", ":memory:"}, "in memory"},
		{[]string{"restore", full, "-data", data}, "holds no backup"},
		{[]string{"backup", none, "another", "-data", data}, "unknown argument"},
	} {
		said, err := muster(t, c.args...)
		if err == nil || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%q: %v, said %s", c.args, err, said)
		}
	}
	if _, err := os.Stat(none); err == nil {
		t.Error("a folder was made for nothing")
	}
}

// TestARestoreThatIsKilled, at any moment, on a running and on a stopped
// server, leaves what was there or what was restored: whoever was in the one is
// known and whoever was in the other is not.
func TestARestoreThatIsKilled(t *testing.T) {
	t.Parallel()
	data, saved := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "saved")
	s := mustProcess(t, nil, "-data", data, "-drain", "1ms")
	early := mustGuest(t, s.url, "Early")
	mustMuster(t, "backup", saved, "-data", data)
	began := time.Now()
	mustMuster(t, "restore", saved, "-data", data)
	whole := time.Since(began)
	late := mustGuest(t, s.url, "Late")
	olds, news := 0, 0
	const kills = 12
	for i := range kills {
		running := i%3 == 2
		if !running {
			s.stop(t)
		}
		restore := exec.Command(mustBinary(t), "restore", saved, "-data", data)
		if err := restore.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(whole*time.Duration(i)/(kills-2), func() { _ = restore.Process.Kill() })
		_ = restore.Wait()
		if running { // it may have begun anew, or be about to
			_ = s.Process.Kill()
			<-s.ended
			s.ended <- nil
		}
		s = mustProcess(t, nil, "-data", data, "-drain", "1ms")
		isOld, isNew := knows(t, s.url, late), false
		if !isOld {
			isNew = knows(t, s.url, early)
		}
		if isOld == isNew {
			t.Fatalf("killed at %d of %d: neither old nor new", i, kills-2)
		}
		if isNew {
			news++
		} else {
			olds++
		}
		os.RemoveAll(saved)
		early = mustGuest(t, s.url, "Early")
		mustMuster(t, "backup", saved, "-data", data)
		late = mustGuest(t, s.url, fmt.Sprint("Late ", i))
	}
	t.Logf("%d times old, %d times new", olds, news)
}

// TestABackupUnderLoad: whoever had an answer before it began is in it.
func TestABackupUnderLoad(t *testing.T) {
	t.Parallel()
	data, saved := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "saved")
	s := mustProcess(t, nil, "-data", data, "-drain", "1ms", "-sync=off")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	api := client.New(s.url)
	defer api.Close()
	before := mustGuests(ctx, t, api, 50)
	more, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; more.Err() == nil; i++ {
			_, _ = api.LoginGuest(more, fmt.Sprint("Guest ", i))
		}
	}()
	mustMuster(t, "backup", saved, "-data", data)
	stop()
	<-done
	mustMuster(t, "restore", saved, "-data", data)
	for i, session := range before {
		if !knows(t, s.url, session) {
			t.Fatalf("guest %d of %d is lost", i, len(before))
		}
	}
}
