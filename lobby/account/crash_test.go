package account

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

var errCrash = errors.New("the process is gone")

// crash lets the nth write fail, and all after it. If stored it happens all the
// same, as the last write of a process may.
type crash struct {
	n      int
	stored bool
	writes int
}

func (c *crash) write(do func() error) error {
	c.writes++
	switch {
	case c.writes < c.n:
		return do()
	case c.writes == c.n && c.stored:
		return errors.Join(errCrash, do())
	}
	return errCrash
}

// crashes runs a verb in worlds that crash at each of its writes, and once in
// one that does not; then what must hold after a restart.
func crashes(t *testing.T, before func(*world) Session, verb func(*world, Session) error, after func(w *world, s Session, done bool)) {
	for n := 1; ; n++ {
		finished := false
		for _, stored := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d stored %v", n, stored), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := mustWorld(t)
					s := before(w)
					c := &crash{n: n, stored: stored}
					w.cfg.write = c.write
					w.restart()
					c.writes = 0
					err := verb(w, s)
					if finished = c.writes < n; finished != (err == nil) {
						t.Errorf("write %d of %d: %v", n, c.writes, err)
					}
					w.cfg.write = nil
					w.restart()
					after(w, s, err == nil)
					time.Sleep(2 * time.Minute)
					if _, err := w.Sweep(w.Context()); err != nil {
						t.Error(err)
					}
					if n := count(w, w.intents); n != 0 {
						t.Errorf("%d intents are left", n)
					}
				})
			})
		}
		if finished || t.Failed() {
			return
		}
	}
}

func TestACrashInARegistration(t *testing.T) {
	crashes(t, func(w *world) Session { return Session{} },
		func(w *world, _ Session) error {
			_, err := w.Register(w.Context(), chess, "", Credentials{"hopper", "correct horse"})
			return err
		},
		func(w *world, _ Session, done bool) {
			_, in := w.Login(w.Context(), chess, Credentials{"hopper", "correct horse"}, home)
			_, again := w.Register(w.Context(), chess, "", Credentials{"hopper", "correct horse"})
			if !done && errors.Is(in, ErrCredentials) { // it has not happened: the name is free
				w.wants("register again", again, nil)
			} else {
				w.wants("login", in, nil)
				w.wants("register again", again, ErrNameTaken)
			}
			if n := count(w, w.claimed); n != 1 {
				w.Errorf("%d claims", n)
			}
		})
}

func TestACrashInNamingAGuest(t *testing.T) {
	crashes(t, func(w *world) Session { return w.mustGuest(chess, "Ada") },
		func(w *world, s Session) error {
			return w.AddPassword(w.Context(), s.Account.Ref, Credentials{"hopper", "correct horse"})
		},
		func(w *world, s Session, done bool) {
			a, err := w.Account(w.Context(), s.Account.Ref)
			w.wants("account", err, nil)
			if done && a.Username == "" {
				w.Error("what was acknowledged is lost")
			}
			if a.Username == "" { // another can have it
				w.mustRegister(chess, "hopper", "battery staple")
			} else {
				w.must(w.Login(w.Context(), chess, Credentials{"hopper", "correct horse"}, home))
			}
			w.must(w.Refresh(w.Context(), chess, s.Refresh))
		})
}

func TestACrashInABan(t *testing.T) {
	crashes(t, func(w *world) Session { return w.mustGuest(chess, "Ada") },
		func(w *world, s Session) error {
			return w.Ban(w.Context(), s.Account.Ref, Ban{Until: time.Now().Add(time.Hour)})
		},
		func(w *world, s Session, done bool) {
			a, err := w.Account(w.Context(), s.Account.Ref)
			w.wants("account", err, nil)
			banned := !a.Ban.Until.IsZero()
			if done && !banned || banned == w.alive(s) {
				w.Errorf("done %v, banned %v, alive %v", done, banned, w.alive(s))
			}
		})
}

func TestACrashInALogout(t *testing.T) {
	crashes(t, func(w *world) Session { return w.mustGuest(chess, "Ada") },
		func(w *world, s Session) error { return w.Logout(w.Context(), w.caller(s)) },
		func(w *world, s Session, done bool) {
			_, err := w.Refresh(w.Context(), chess, s.Refresh)
			if done && err == nil || err != nil && w.alive(s) {
				w.Errorf("done %v, refresh %v, alive %v", done, err, w.alive(s))
			}
		})
}

func TestACrashInARefresh(t *testing.T) {
	crashes(t, func(w *world) Session { return w.mustGuest(chess, "Ada") },
		func(w *world, s Session) error {
			_, err := w.Refresh(w.Context(), chess, s.Refresh)
			return err
		},
		func(w *world, s Session, done bool) { // the client has only the old token
			next := w.must(w.Refresh(w.Context(), chess, s.Refresh))
			w.must(w.Refresh(w.Context(), chess, next.Refresh))
		})
}

func TestACrashInADeletion(t *testing.T) {
	crashes(t,
		func(w *world) Session {
			s := w.mustRegister(chess, "hopper", "correct horse")
			w.wants("device", w.AddDevice(w.Context(), s.Account.Ref, Device{"laptop", make([]byte, 32)}), nil)
			time.Sleep(2 * time.Minute)
			w.Sweep(w.Context())
			return s
		},
		func(w *world, s Session) error { return w.Delete(w.Context(), s.Account.Ref) },
		func(w *world, s Session, done bool) {
			time.Sleep(2 * time.Minute)
			_, err := w.Sweep(w.Context())
			w.wants("sweep", err, nil)
			_, err = w.Account(w.Context(), s.Account.Ref)
			if done && err == nil {
				w.Error("the account is still there")
			}
			if err == nil { // not even the intent was written
				w.must(w.Refresh(w.Context(), chess, s.Refresh))
				return
			}
			if a, c, f := count(w, w.accounts), count(w, w.claimed), count(w, w.families); a+c+f != 0 {
				w.Errorf("%d accounts, %d claims, %d logins are left", a, c, f)
			}
			if w.alive(s) {
				w.Error("a token of nobody is good")
			}
			w.mustRegister(chess, "hopper", "another horse")
		})
}

func TestACrashInAGuestLogin(t *testing.T) {
	crashes(t, func(w *world) Session { return Session{} },
		func(w *world, _ Session) error { _, err := w.Guest(w.Context(), chess, "Ada"); return err },
		func(w *world, _ Session, done bool) {
			a, f := count(w, w.accounts), count(w, w.families)
			if a > f || done && a != 1 {
				w.Errorf("done %v: %d accounts, %d logins: such an account is never swept", done, a, f)
			}
		})
}
