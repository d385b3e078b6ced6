package account

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
)

func TestRefreshTokensAreUsedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		ctx := t.Context()
		first := w.mustGuest(chess, "Ada")
		second := w.must(w.Refresh(ctx, chess, first.Refresh))
		again := w.must(w.Refresh(ctx, chess, first.Refresh)) // the answer was lost
		if again.Refresh != second.Refresh || second.Refresh == first.Refresh {
			t.Error("the predecessor gives another successor, or the same token")
		}
		w.restart()
		if w.must(w.Refresh(ctx, chess, first.Refresh)).Refresh != second.Refresh {
			t.Error("another successor after a restart")
		}
		time.Sleep(11 * time.Second)
		third := w.must(w.Refresh(ctx, chess, second.Refresh))
		if !w.alive(third) {
			t.Error("not alive")
		}
		// The first is no predecessor any more: it was stolen.
		_, err := w.Refresh(ctx, chess, first.Refresh)
		w.wants("the first again", err, ErrTokenReused)
		for _, s := range []Session{first, second, third} {
			if w.alive(s) {
				t.Error("a session of a stolen row is alive")
			}
			_, err := w.Refresh(ctx, chess, s.Refresh)
			w.wants("refresh of a stolen row", err, ErrTokenRevoked)
		}
		if n := len(w.told); n != 1 || w.told[0].Reason != ReasonReuse || w.told[0].Session == "" {
			t.Errorf("told %+v", w.told)
		}
	})
}

func TestThePredecessorIsReusedAfterTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		first := w.mustGuest(chess, "Ada")
		second := w.must(w.Refresh(t.Context(), chess, first.Refresh))
		time.Sleep(10 * time.Second)
		_, err := w.Refresh(t.Context(), chess, first.Refresh)
		w.wants("after 10 s", err, ErrTokenReused)
		_, err = w.Refresh(t.Context(), chess, second.Refresh)
		w.wants("its successor", err, ErrTokenRevoked)
	})
}

func TestManyAtOnceGetTheSameSuccessor(t *testing.T) {
	w := mustWorld(t)
	w.crowd(w.mustGuest(chess, "Ada"))
}

// crowd has many come with one token at once, who all get the same successor.
func (w *world) crowd(s Session) {
	w.Helper()
	var all sync.Map
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			next, err := w.Refresh(w.Context(), chess, s.Refresh)
			if err != nil {
				w.Error(err)
			}
			all.Store(next.Refresh, true)
		})
	}
	done.Wait()
	n := 0
	all.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		w.Errorf("%d successors", n)
	}
}

func TestForeignRefreshTokens(t *testing.T) {
	w := mustWorld(t)
	s, other := w.mustGuest(chess, "Ada"), w.mustGuest(chess, "Bob")
	token, _ := parseRefresh(s.Refresh)
	foreign, _ := parseRefresh(other.Refresh)
	forged := token
	forged.secret[3] ^= 1
	moved := token
	moved.slot = 5
	taken := token
	taken.player = foreign.player
	for what, text := range map[string]string{
		"empty": "", "prefix": refreshPrefix, "access": s.Access, "forged": forged.String(), "other slot": moved.String(), "other player": taken.String(),
		"cut": s.Refresh[:len(s.Refresh)-1], "longer": s.Refresh + "A", "newline": s.Refresh[:20] + "\n" + s.Refresh[20:], "newline for one": s.Refresh[:20] + "\n" + s.Refresh[21:],
		"not counted": refreshPrefix + secretText.EncodeToString(make([]byte, refreshBytes)), "of the old format": oldPrefix + secretText.EncodeToString(make([]byte, oldBytes)),
		"one format in the other": oldPrefix + s.Refresh[len(refreshPrefix):], "last bits": s.Refresh[:len(s.Refresh)-1] + "_", "huge": string(make([]byte, 1<<20)),
	} {
		if text == s.Refresh {
			continue
		}
		_, err := w.Refresh(t.Context(), chess, text)
		w.wants(what, err, ErrTokenInvalid)
	}
	if !w.alive(s) || !w.alive(other) {
		t.Error("a made-up token has ended a session")
	}
	w.must(w.Refresh(t.Context(), chess, s.Refresh))
}

func TestLoginsEnd(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	w.mustRegister(chess, "hopper", "correct horse")
	login := func() Session { return w.must(w.Login(ctx, chess, Credentials{"hopper", "correct horse"}, home)) }
	a, b := login(), login()
	w.wants("logout", w.Logout(ctx, w.caller(a)), nil)
	if w.alive(a) || !w.alive(b) {
		t.Error("the wrong one is logged out")
	}
	_, err := w.Refresh(ctx, chess, a.Refresh)
	w.wants("refresh after logout", err, ErrTokenRevoked)
	w.wants("logout everywhere", w.LogoutEverywhere(ctx, b.Account.Ref), nil)
	_, err = w.Authenticate(chess, b.Access)
	w.wants("access after logout everywhere", err, ErrTokenRevoked)
	_, err = w.Refresh(ctx, chess, b.Refresh)
	w.wants("refresh after logout everywhere", err, ErrTokenRevoked)
	c := login()
	w.restart()
	if w.alive(a) || w.alive(b) || !w.alive(c) {
		t.Error("a restart has forgotten who is logged out")
	}
}

func TestOneLoginTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		ctx := t.Context()
		all := []Session{w.mustRegister(chess, "hopper", "correct horse")}
		for range maxSessions {
			time.Sleep(time.Second)
			all = append(all, w.must(w.Login(ctx, chess, Credentials{"hopper", "correct horse"}, home)))
		}
		_, err := w.Refresh(ctx, chess, all[0].Refresh)
		w.wants("the oldest", err, ErrTokenInvalid)
		for _, s := range all[1:] {
			w.must(w.Refresh(ctx, chess, s.Refresh))
		}
	})
}

func TestWhatExpiresIsSwept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t, func(c *Config) { c.RefreshLife = 12 * time.Hour; c.SweepMost = 8 })
		ctx := t.Context()
		var guests []Session
		for range 20 {
			guests = append(guests, w.mustGuest(chess, "x"))
		}
		named := w.mustRegister(chess, "hopper", "correct horse")
		time.Sleep(10 * time.Hour)
		kept := w.must(w.Refresh(ctx, chess, guests[3].Refresh))
		w.wants("logout of a guest", w.Logout(ctx, w.caller(kept)), nil)
		back := w.must(w.Refresh(ctx, chess, guests[7].Refresh))
		time.Sleep(3 * time.Hour)
		_, err := w.Refresh(ctx, chess, guests[0].Refresh)
		w.wants("after its life", err, ErrTokenExpired)
		time.Sleep(time.Hour)
		total := Swept{}
		for i := range 5 {
			s, err := w.Sweep(ctx)
			w.wants("sweep", err, nil)
			if s.Logins > 8 {
				t.Errorf("sweep %d: %+v", i, s)
			}
			total.Logins, total.Guests = total.Logins+s.Logins, total.Guests+s.Guests
		}
		if want := (Swept{Logins: 19, Guests: 18}); total != want {
			t.Errorf("swept %+v, want %+v", total, want)
		}
		if a, f := count(w, w.accounts), count(w, w.families); a != 3 || f != 2 {
			t.Errorf("%d accounts and %d logins are left", a, f)
		}
		w.must(w.Refresh(ctx, chess, back.Refresh))
		w.must(w.Login(ctx, chess, Credentials{"hopper", "correct horse"}, home))
		if _, err := w.Account(ctx, named.Account.Ref); err != nil {
			t.Error(err)
		}
		time.Sleep(14 * time.Hour)
		for range 3 {
			_, err = w.Sweep(ctx)
			w.wants("sweep", err, nil)
			time.Sleep(20 * time.Minute) // until the guest's tokens would be gone
		}
		if a, f, i, n := count(w, w.accounts), count(w, w.families), count(w, w.intents), count(w, w.notes); a != 1 || f+i+n != 0 {
			t.Errorf("%d accounts, %d logins, %d intents, %d notes are left", a, f, i, n)
		}
	})
}

func TestRevocation(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	s := w.mustGuest(chess, "Ada")
	ref := s.Account.Ref
	ban := Ban{Until: time.Now().Add(time.Hour), Reason: "spam", By: "mod"}
	w.wants("ban", w.Ban(ctx, ref, ban), nil)
	_, err := w.Authenticate(chess, s.Access)
	w.wants("banned access", err, ErrTokenRevoked)
	_, err = w.Refresh(ctx, chess, s.Refresh)
	var banned *BannedError
	if !errors.As(err, &banned) || banned.Ban.Reason != "spam" || banned.Ban.By != "mod" {
		t.Errorf("banned refresh: %v", err)
	}
	if a, _ := w.Account(ctx, ref); a.Ban.Reason != "spam" {
		t.Errorf("the account shows %+v", a.Ban)
	}
	w.restart()
	if w.alive(s) {
		t.Error("a restart has forgotten the ban")
	}
	w.wants("unban", w.Unban(ctx, ref), nil)
	if w.alive(s) {
		t.Error("the token from before the ban is good again")
	}
	s = w.must(w.Refresh(ctx, chess, s.Refresh)) // a guest is not lost by a ban
	w.wants("role", w.SetRole(ctx, ref, RoleModerator), nil)
	if w.alive(s) {
		t.Error("the token of the old role is good")
	}
	s = w.must(w.Refresh(ctx, chess, s.Refresh))
	if w.caller(s).Role != RoleModerator {
		t.Errorf("the role is %s", w.caller(s).Role)
	}
	for _, role := range []Role{"", RoleService, "god"} {
		w.wants(string(role), w.SetRole(ctx, ref, role), ErrRoleUnknown)
	}
	w.wants("a ban that is over", w.Ban(ctx, ref, Ban{Until: time.Now()}), ErrBanInvalid)
	w.wants("a ban of nobody", w.Ban(ctx, Ref{chess, protocol.NewID[protocol.PlayerID]()}, ban), ErrNotFound)
	var told []Reason
	for _, r := range w.told {
		told = append(told, r.Reason)
		if r.Ref != ref {
			t.Errorf("told of %v", r.Ref)
		}
	}
	if len(told) != 2 || told[0] != ReasonBanned || told[1] != ReasonRole {
		t.Errorf("told %v", told)
	}
}

func TestListenersFindItDone(t *testing.T) {
	w := mustWorld(t)
	s := w.mustGuest(chess, "Ada")
	called := false
	w.OnRevoke(func(r Revocation) {
		called = true
		if w.alive(s) {
			t.Error("the token is still good when listeners are told")
		}
	})
	w.wants("ban", w.Ban(t.Context(), s.Account.Ref, Ban{Until: time.Now().Add(time.Hour)}), nil)
	if !called {
		t.Error("nobody was told")
	}
}
