package account

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol/bus"
)

// backup is what is kept, at this moment.
func (w *world) backup() []byte {
	w.Helper()
	var b bytes.Buffer
	if err := w.node.Backup(w.Context(), &b); err != nil {
		w.Fatal(err)
	}
	return b.Bytes()
}

// restore has the world be as it was when a backup was made.
func (w *world) restore(backup []byte) {
	w.Helper()
	dir := w.TempDir()
	staged, err := bus.Stage(w.Context(), dir, bytes.NewReader(backup))
	if err == nil {
		_, err = bus.Replace(dir, staged)
	}
	if err != nil {
		w.Fatal(err)
	}
	if w.node, err = bus.Open(bus.Config{Dir: dir, NoSync: true, Log: quiet}); err != nil {
		w.Fatal(err)
	}
	node := w.node
	w.Cleanup(func() { node.Close() })
	w.restart()
}

// mustRefresh goes on from a session, some times.
func (w *world) mustRefresh(s Session, times int) Session {
	w.Helper()
	for range times {
		s = w.must(w.Refresh(w.Context(), s.Account.Game, s.Refresh))
	}
	return s
}

// reused says that a session's refresh token came a second time and has ended
// its login, of which good was the current one.
func (w *world) reused(what string, s, good Session) {
	w.Helper()
	w.wants(what, errOf(w.Refresh(w.Context(), chess, s.Refresh)), ErrTokenReused)
	w.wants(what+", the good one", errOf(w.Refresh(w.Context(), chess, good.Refresh)), ErrTokenRevoked)
	if w.alive(good) {
		w.Errorf("%s: the login goes on", what)
	}
}

// TestARestoreLogsNobodyOut who was logged in when the backup was made, however
// often they have refreshed since, and the log tells of it.
func TestARestoreLogsNobodyOut(t *testing.T) {
	var log bytes.Buffer
	w := mustWorld(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	first := w.mustGuest(chess, "Ada")
	idle := w.mustGuest(chess, "Bob")
	backup := w.backup()
	latest := w.mustRefresh(first, 2)
	w.restore(backup)
	next := w.must(w.Refresh(t.Context(), chess, latest.Refresh))
	if next.Account.Player != first.Account.Player || !w.alive(next) {
		t.Errorf("gone on as %+v", next.Account)
	}
	if again := w.must(w.Refresh(t.Context(), chess, latest.Refresh)); again.Refresh != next.Refresh {
		t.Error("another successor where the answer was lost")
	}
	w.mustRefresh(next, 3)
	w.mustRefresh(idle, 1)
	if n := strings.Count(log.String(), "what was kept of it is of a backup"); n != 1 || !strings.Contains(log.String(), "kept=1 token=3") {
		t.Errorf("the log says it %d times: %s", n, &log)
	}
}

// TestTheftAfterARestore is found out as at any other time: of two who hold a
// row the one that comes with what is behind ends it.
func TestTheftAfterARestore(t *testing.T) {
	for what, play := range map[string]func(w *world, stolen, owner Session){
		"the thief is first": func(w *world, stolen, owner Session) {
			thief := w.mustRefresh(stolen, 1)
			owner = w.mustRefresh(owner, 1) // ahead of the thief's
			w.reused("the thief's next", thief, owner)
		},
		"the owner is first": func(w *world, stolen, owner Session) {
			owner = w.mustRefresh(owner, 1)
			w.reused("the thief's", stolen, owner)
		},
		"in turn": func(w *world, stolen, owner Session) {
			thief := w.mustRefresh(stolen, 1)
			owner = w.mustRefresh(owner, 1)
			time.Sleep(time.Minute)
			w.reused("the stolen one again", stolen, owner)
			w.wants("the thief's", errOf(w.Refresh(w.Context(), chess, thief.Refresh)), ErrTokenRevoked)
		},
		"the thief overtakes": func(w *world, stolen, owner Session) {
			w.reused("the owner's", owner, w.mustRefresh(stolen, 9))
		},
		"as far as each other": func(w *world, stolen, owner Session) {
			w.reused("the owner's", owner, w.mustRefresh(stolen, 3))
		},
		"before the rollback, too": func(w *world, stolen, owner Session) {
			owner = w.mustRefresh(owner, 1)
			w.restore(w.backup())
			w.reused("the thief's", stolen, owner)
		},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := mustWorld(t)
				first := w.mustGuest(chess, "Ada")
				backup := w.backup()
				stolen := w.mustRefresh(first, 2)
				owner := w.mustRefresh(stolen, 3)
				w.restore(backup)
				play(w, stolen, owner)
			})
		})
	}
}

// TestARollbackIsProvenByUsAlone: whoever reads what is kept, tags and all, can
// make no token that is ahead of it, nor have one of another login taken for it.
func TestARollbackIsProvenByUsAlone(t *testing.T) {
	for what, make := range map[string]func(w *world, f *family, t refreshToken) refreshToken{
		"with the keys of what is kept": func(w *world, f *family, t refreshToken) refreshToken {
			made := *f
			made.Generation += 7
			return made.token(newStamper([][]byte{f.Tag}), t.slot, [32]byte{1})
		},
		"a later number on an old one": func(w *world, f *family, t refreshToken) refreshToken {
			t.generation += 7
			copy(t.tag[:], f.tag(t))
			return t
		},
		"another time on an old one": func(w *world, f *family, t refreshToken) refreshToken {
			t.generation, t.born = t.generation+7, t.born+7
			copy(t.tag[:], f.tag(t))
			return t
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := mustWorld(t)
			s := w.mustGuest(chess, "Ada")
			token, _ := parseRefresh(s.Refresh)
			e, err := w.families.get(t.Context(), familyKey(s.Account.Ref, token.slot))
			if err != nil {
				t.Fatal(err)
			}
			used := token
			s = w.mustRefresh(s, 2)
			_, err = w.Refresh(t.Context(), chess, make(w, &e.Value, used).String())
			w.wants("made up", err, ErrTokenReused)
		})
	}
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	token, _ := parseRefresh(s.Refresh)
	e, err := w.families.get(t.Context(), familyKey(s.Account.Ref, token.slot))
	if err != nil {
		t.Fatal(err)
	}
	token.generation += 7
	copy(token.tag[:], e.Value.tag(token))
	s = w.must(w.Refresh(t.Context(), chess, token.String())) // it is the current one, whatever else it says
	if next, _ := parseRefresh(s.Refresh); next.generation != 2 {
		t.Errorf("made-up generations are believed: %d", next.generation)
	}
	other := w.mustRefresh(w.mustGuest(chess, "Bob"), 5)
	token, _ = parseRefresh(other.Refresh)
	token.player = s.Account.Player
	w.wants("of another login", errOf(w.Refresh(t.Context(), chess, token.String())), ErrTokenInvalid)
	w.mustRefresh(s, 1)
}

// TestEachBitOfATokenCounts: no token that differs from a good one does, and
// having tried ends nobody's login.
func TestEachBitOfATokenCounts(t *testing.T) {
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	good, err := secretText.DecodeString(strings.TrimPrefix(s.Refresh, refreshPrefix))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(good) {
		bad := bytes.Clone(good)
		bad[i/8] ^= 1 << (i % 8)
		w.wants(fmt.Sprintf("bit %d", i), errOf(w.Refresh(t.Context(), chess, refreshPrefix+secretText.EncodeToString(bad))), ErrTokenInvalid)
	}
	if token, ok := parseRefresh(s.Refresh); !ok || token.String() != s.Refresh {
		t.Errorf("%s is read as %s", s.Refresh, token)
	}
	w.mustRefresh(s, 1)
}

// TestWhoCameAfterTheBackup is not known: the account is gone, and a login to
// one that is there is made anew.
func TestWhoCameAfterTheBackup(t *testing.T) {
	w := mustWorld(t)
	hopper := Credentials{"hopper", "correct horse"}
	w.mustRegister(chess, hopper.Username, hopper.Password)
	backup := w.backup()
	guest := w.mustRefresh(w.mustGuest(chess, "Eve"), 2)
	login := w.mustRefresh(w.must(w.Login(t.Context(), chess, hopper, home)), 2)
	w.restore(backup)
	w.wants("a guest", errOf(w.Refresh(t.Context(), chess, guest.Refresh)), ErrTokenInvalid)
	w.wants("a login", errOf(w.Refresh(t.Context(), chess, login.Refresh)), ErrTokenInvalid)
	w.must(w.Login(t.Context(), chess, hopper, home))
	w.wants("in the place of another", errOf(w.Refresh(t.Context(), chess, login.Refresh)), ErrTokenInvalid)
}

// TestWhatWasEndedBeforeTheBackup stays so.
func TestWhatWasEndedBeforeTheBackup(t *testing.T) {
	w := mustWorld(t)
	s := w.mustRefresh(w.mustGuest(chess, "Ada"), 2)
	w.wants("logout", w.Logout(t.Context(), w.caller(s)), nil)
	other := w.mustRefresh(w.mustGuest(chess, "Bob"), 2)
	w.wants("logout everywhere", w.LogoutEverywhere(t.Context(), other.Account.Ref), nil)
	w.restore(w.backup())
	for _, s := range []Session{s, other} {
		w.wants("refresh", errOf(w.Refresh(t.Context(), chess, s.Refresh)), ErrTokenRevoked)
	}
}

// TestAnOldBackup is of a time when logins were used last that have been used
// since: they have not expired, and no sweep takes their guests.
func TestAnOldBackup(t *testing.T) {
	const unit = 10 * time.Minute // fake time costs the bus something, too
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t, func(c *Config) { c.AccessLife, c.RefreshLife = time.Minute, 12*unit })
		s, gone := w.mustGuest(chess, "Ada"), w.mustGuest(chess, "Bob")
		backup := w.backup()
		time.Sleep(10 * unit)
		s = w.mustRefresh(s, 1)
		time.Sleep(6 * unit)
		w.restore(backup)
		w.wants("sweep", errOf(w.Sweep(t.Context())), nil)
		w.wants("who was not there since", errOf(w.Refresh(t.Context(), chess, gone.Refresh)), ErrTokenExpired)
		back := w.mustRefresh(s, 1)
		time.Sleep(11 * unit)
		back = w.mustRefresh(back, 1)
		time.Sleep(8 * unit)
		if swept, err := w.Sweep(t.Context()); err != nil || swept.Guests != 1 {
			t.Errorf("swept %+v, %v", swept, err)
		}
		w.restore(backup)
		time.Sleep(9 * unit)
		w.wants("a later token that has expired", errOf(w.Refresh(t.Context(), chess, back.Refresh)), ErrTokenExpired)
	})
}

func TestManyAtOnceAfterARestore(t *testing.T) {
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	backup := w.backup()
	s = w.mustRefresh(s, 4)
	w.restore(backup)
	w.crowd(s)
}

// TestTokensOfTheOldFormat are good where they are current, and found out where
// they are not; from the next on they are counted.
func TestTokensOfTheOldFormat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		ref := w.mustGuest(chess, "Ada").Account.Ref
		old := w.mustOld(ref)
		backup := w.backup()
		next := w.must(w.Refresh(t.Context(), chess, old))
		if token, ok := parseRefresh(next.Refresh); !ok || token.generation != 1 {
			t.Errorf("the next is %s", next.Refresh)
		}
		if again := w.must(w.Refresh(t.Context(), chess, old)); again.Refresh != next.Refresh {
			t.Error("another successor where the answer was lost")
		}
		last := w.mustRefresh(next, 2)
		w.restore(backup)
		last = w.mustRefresh(last, 1)
		time.Sleep(time.Minute)
		w.wants("the old one again", errOf(w.Refresh(t.Context(), chess, old)), ErrTokenReused)
		w.wants("the last", errOf(w.Refresh(t.Context(), chess, last.Refresh)), ErrTokenRevoked)
	})
}

// mustOld makes a guest's login one of before tokens were counted, and returns
// its token.
func (w *world) mustOld(ref Ref) (text string) {
	w.Helper()
	_, err := w.families.change(w.Context(), familyKey(ref, 0), func(f *family) error {
		t := refreshToken{player: ref.Player, secret: [32]byte(random(32))}
		copy(t.tag[:], mac(f.Tag, "muster refresh tag", t.secret[:])) // as it was made then
		f.Current, f.Generation, text = t.hash(), 0, t.String()
		return nil
	})
	if err != nil || !strings.HasPrefix(text, "mr1.") || len(text) != 91 {
		w.Fatal(text, err)
	}
	return text
}

// TestASecretThatChanges costs nobody a login, and those that are known prove
// a rollback.
func TestASecretThatChanges(t *testing.T) {
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	backup := w.backup()
	late := w.mustRefresh(s, 2)
	w.cfg.Secrets = [][]byte{[]byte("another secret, 32 bytes or more …"), testSecret}
	w.restore(backup)
	w.mustRefresh(late, 2)
}
