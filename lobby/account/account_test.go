package account

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAGuestBecomesNamedAndLosesNothing(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	s := w.mustGuest(chess, "Ada")
	who := w.caller(s)
	if who.Player != s.Account.Player || who.Name != "Ada" || who.Role != RolePlayer || !s.Account.Guest() {
		t.Errorf("the guest is %+v, %+v", who, s.Account)
	}
	w.wants("add a password", w.AddPassword(ctx, who.Ref, Credentials{"ada.l", "correct horse"}), nil)
	w.wants("add another", w.AddPassword(ctx, who.Ref, Credentials{"lovelace", "correct horse"}), ErrHasUsername)
	if !w.alive(s) {
		t.Error("the session ended")
	}
	s = w.must(w.Refresh(ctx, chess, s.Refresh))
	in := w.must(w.Login(ctx, chess, Credentials{"ADA.L", "correct horse"}, home))
	if in.Account.Player != who.Player || in.Account.Name != "Ada" || in.Account.Username != "ada.l" || in.Account.Guest() {
		t.Errorf("logged in as %+v", in.Account)
	}
	if a, err := w.Find(ctx, chess, "adal"); err != nil || a.Player != who.Player {
		t.Errorf("found %+v, %v", a, err)
	}
	w.wants("rename", w.Rename(ctx, who.Ref, " Ada  Lovelace"), nil)
	if a, _ := w.Account(ctx, who.Ref); a.Name != "Ada Lovelace" {
		t.Errorf("renamed to %q", a.Name)
	}
	w.restart()
	if w.caller(in).Ref != who.Ref || w.must(w.Refresh(ctx, chess, s.Refresh)).Account.Player != who.Player {
		t.Error("another player after a restart")
	}
}

func TestUsernamesAreUniqueByTheirLooks(t *testing.T) {
	w := mustWorld(t)
	w.mustRegister(chess, "Marlon", "correct horse")
	for _, name := range []string{"marlon", "MARLON", "Marl0n", "маrlon", "Ｍａｒｌｏｎ", "mar1on", "marion", "mar.lon", "márlon", "rnarlon"} {
		_, err := w.Register(t.Context(), chess, "", Credentials{name, "correct horse"})
		w.wants(name, err, ErrNameTaken)
	}
	w.mustRegister(arena, "Marlon", "correct horse")
	w.mustRegister(chess, "Marlen", "correct horse")
	for _, name := range []string{"admin", "ADM1N", "Moderator", "ab", "a b c", "-abc", "a--b", "ab_", "<b>", "a@b.c", ""} {
		_, err := w.Register(t.Context(), chess, "", Credentials{name, "correct horse"})
		w.wants(name, err, ErrNameInvalid)
	}
}

func TestOneOfManyGetsTheName(t *testing.T) {
	w := mustWorld(t)
	errs := make(chan error)
	for range 20 {
		s := w.mustGuest(chess, "x")
		go func() {
			for {
				err := w.AddPassword(t.Context(), s.Account.Ref, Credentials{"the.one", "correct horse"})
				if !errors.Is(err, ErrBusy) {
					errs <- err
					return
				}
			}
		}()
	}
	won := 0
	for range 20 {
		err := <-errs
		if err == nil {
			won++
		} else if !errors.Is(err, ErrNameTaken) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d have the name", won)
	}
}

func TestPasswords(t *testing.T) {
	w := mustWorld(t)
	ctx := t.Context()
	for password, want := range map[string]error{
		"": ErrPasswordLength, "1234567": ErrPasswordLength, string(make([]byte, 129)): ErrPasswordLength,
		"password": ErrPasswordCommon, "PassWord1": ErrPasswordCommon, "aaaaaaaaaa": ErrPasswordCommon, "grace.hopper": ErrPasswordCommon,
		"Grace_Hopper": ErrPasswordCommon, "correct horse": nil,
	} {
		_, err := w.Register(ctx, chess, "", Credentials{"grace.hopper", password})
		w.wants(password, err, want)
	}
	old := w.must(w.Login(ctx, chess, Credentials{"grace.hopper", "correct horse"}, home))
	for _, c := range []Credentials{
		{"grace.hopper", "correct Horse"}, {"grace.hopper", "x"}, {"grace.hopper", string(make([]byte, 1<<20))},
		{"nobody.here", "correct horse"}, {"", "correct horse"}, {"\xff", "correct horse"},
	} {
		_, err := w.Login(ctx, chess, c, away)
		if err == nil || err.Error() != ErrCredentials.Error() {
			t.Errorf("%.40q: %v", c.Username, err)
		}
	}
	ref := old.Account.Ref
	_, err := w.ChangePassword(ctx, ref, "wrong horse", "battery staple", home)
	w.wants("wrong old password", err, ErrCredentials)
	s := w.must(w.ChangePassword(ctx, ref, "correct horse", "battery staple", home))
	if w.alive(old) || !w.alive(s) {
		t.Error("the old session lives, or the new one does not")
	}
	_, err = w.Refresh(ctx, chess, old.Refresh)
	w.wants("old refresh token", err, ErrTokenRevoked)
	_, err = w.Login(ctx, chess, Credentials{"grace.hopper", "correct horse"}, home)
	w.wants("old password", err, ErrCredentials)
	w.must(w.Login(ctx, chess, Credentials{"grace.hopper", "battery staple"}, home))
}

func TestAHashIsMadeAnewWithNewParameters(t *testing.T) {
	w := mustWorld(t)
	s := w.mustRegister(chess, "hopper", "correct horse")
	hash := func() string { a, _ := w.account(t.Context(), s.Account.Ref); return a.Password }
	was := hash()
	w.cfg.Argon = Argon{Memory: 16, Passes: 2, Threads: 1}
	w.restart()
	w.must(w.Login(t.Context(), chess, Credentials{"hopper", "correct horse"}, home))
	now := hash()
	if now == was || w.cfg.Argon.outdated(now) || !w.cfg.Argon.outdated(was) {
		t.Errorf("was %s, is %s", was, now)
	}
	w.must(w.Login(t.Context(), chess, Credentials{"hopper", "correct horse"}, home))
	if hash() != now {
		t.Error("made anew without need")
	}
}

func TestPHC(t *testing.T) {
	good := tiny.hash("correct horse")
	if !matches(good, "correct horse") || matches(good, "correct horsf") || matches(tiny.dummy(), "correct horse") {
		t.Errorf("%s matches the wrong ones", good)
	}
	if !matches(tiny.hash("caf\u00e9 noir"), "cafe\u0301 noir") {
		t.Error("two spellings of an accent are two passwords")
	}
	for _, bad := range []string{"", "$", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=16$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=0,p=1$AAAA$" + good[len(good)-43:],
		"$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$" + good[len(good)-43:], "$argon2id$v=19$m=8,t=1,p=0$AAAA$" + good[len(good)-43:], good + "A", good[:len(good)-1]} {
		if matches(bad, "correct horse") {
			t.Errorf("%q matches", bad)
		}
	}
}

func TestTheGateIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		free := make(chan struct{})
		done := make(chan error)
		for range hashQueue + 1 {
			go func() { done <- g.do(t.Context(), func() { <-free }) }()
		}
		synctest.Wait()
		var wait *WaitError
		if err := g.do(t.Context(), func() {}); !errors.Is(err, ErrBusy) || !errors.As(err, &wait) || wait.Retry < time.Second {
			t.Errorf("one too many: %v", err)
		}
		close(free)
		for range hashQueue + 1 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := g.do(t.Context(), func() {}); err != nil {
			t.Error(err)
		}
	})
}

func TestTheDayOfALoginIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		s := w.mustGuest(chess, "x")
		revision := func() uint64 { e, _ := w.accounts.get(t.Context(), s.Account.key()); return e.Revision }
		first := revision()
		s = w.must(w.Refresh(t.Context(), chess, s.Refresh))
		if revision() != first {
			t.Error("a refresh of the same day wrote the account")
		}
		time.Sleep(24 * time.Hour)
		s = w.must(w.Refresh(t.Context(), chess, s.Refresh))
		if want := day(time.Now()); !s.Account.Seen.Equal(want) || revision() == first {
			t.Errorf("seen %v, want %v", s.Account.Seen, want)
		}
	})
}
