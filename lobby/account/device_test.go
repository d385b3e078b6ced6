package account

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDevices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		ctx := t.Context()
		key := random(32)
		s := w.mustGuest(chess, "Ada")
		ref := s.Account.Ref
		w.wants("add", w.AddDevice(ctx, ref, Device{"laptop", key}), nil)
		w.wants("add to another", w.AddDevice(ctx, w.mustGuest(chess, "Bob").Account.Ref, Device{"laptop", key}), ErrTaken)
		w.wants("add in another game", w.AddDevice(ctx, w.mustGuest(arena, "Bob").Account.Ref, Device{"laptop", random(32)}), nil)
		for _, d := range []Device{{"", key}, {"a b", key}, {"x", key[:31]}, {"x", nil}, {string(make([]byte, 65)), key}} {
			w.wants("bad device", w.AddDevice(ctx, ref, d), ErrDeviceInvalid)
		}
		login := func(device, nonce string, proof []byte) error {
			return errOf(w.LoginDevice(ctx, chess, device, nonce, proof))
		}
		challenge := func(game Game, device string) string {
			nonce, err := w.Challenge(game, device)
			w.wants("challenge", err, nil)
			return nonce
		}
		nonce := challenge(chess, "laptop")
		w.wants("login", login("laptop", nonce, DeviceProof(key, chess, "laptop", nonce)), nil)
		w.wants("replay", login("laptop", nonce, DeviceProof(key, chess, "laptop", nonce)), ErrCredentials)
		nonce = challenge(chess, "laptop")
		w.wants("wrong proof", login("laptop", nonce, DeviceProof(random(32), chess, "laptop", nonce)), ErrCredentials)
		w.wants("right proof after a wrong one", login("laptop", nonce, DeviceProof(key, chess, "laptop", nonce)), ErrCredentials)
		other := challenge(arena, "laptop")
		w.wants("nonce of another game", login("laptop", other, DeviceProof(key, chess, "laptop", other)), ErrCredentials)
		other = challenge(chess, "phone")
		w.wants("nonce of another device", login("laptop", other, DeviceProof(key, chess, "laptop", other)), ErrCredentials)
		w.wants("unknown device", login("phone", other, DeviceProof(key, chess, "phone", other)), ErrCredentials)
		if len(other) != len(nonce) {
			t.Error("the challenge of an unknown device looks different")
		}
		nonce = challenge(chess, "laptop")
		for what, made := range map[string]string{"empty": "", "made up": nonce[:len(nonce)-2] + "AA", "newline": nonce[:5] + "\n" + nonce[6:], "huge": string(make([]byte, 1<<20))} {
			w.wants(what, login("laptop", made, DeviceProof(key, chess, "laptop", made)), ErrCredentials)
		}
		w.wants("no proof", login("laptop", nonce, nil), ErrCredentials)
		nonce = challenge(chess, "laptop")
		time.Sleep(30 * time.Second)
		w.wants("too late", login("laptop", nonce, DeviceProof(key, chess, "laptop", nonce)), ErrCredentials)
		w.wants("the only way in", w.RemoveDevice(ctx, ref, "laptop"), ErrLastCredential)
		w.wants("password", w.AddPassword(ctx, ref, Credentials{"hopper", "correct horse"}), nil)
		w.wants("remove", w.RemoveDevice(ctx, ref, "laptop"), nil)
		w.wants("remove again", w.RemoveDevice(ctx, ref, "laptop"), ErrNotFound)
		nonce = challenge(chess, "laptop")
		w.wants("removed", login("laptop", nonce, DeviceProof(key, chess, "laptop", nonce)), ErrCredentials)
		w.wants("free again", w.AddDevice(ctx, w.mustGuest(chess, "Cyd").Account.Ref, Device{"laptop", key}), nil)
	})
}

func TestADeviceLogsInAfterARestart(t *testing.T) {
	w := mustWorld(t)
	s, key := w.mustGuest(chess, "Ada"), random(32)
	w.wants("add", w.AddDevice(t.Context(), s.Account.Ref, Device{"laptop", key}), nil)
	w.cfg.Secrets = [][]byte{[]byte("a newer secret, of 32 bytes and more"), testSecret}
	w.restart()
	nonce, _ := w.Challenge(chess, "laptop")
	in := w.must(w.LoginDevice(t.Context(), chess, "laptop", nonce, DeviceProof(key, chess, "laptop", nonce)))
	if in.Account.Player != s.Account.Player || !w.alive(s) {
		t.Error("another player, or the old session is dead")
	}
}

func TestNobodyFillsTheNonces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOnce(nonceLife, 100)
		for i := range 1000 {
			o.spoil(string(rune(i)))
		}
		for i := range 50 {
			if first, err := o.use("right" + string(rune(i))); !first || err != nil {
				t.Fatalf("use %d: %v, %v", i, first, err)
			}
		}
		if _, err := o.use("one more"); err == nil {
			t.Error("not bounded")
		}
		time.Sleep(nonceLife)
		if first, _ := o.use("right0"); first {
			t.Error("forgotten after one life")
		}
		time.Sleep(nonceLife)
		time.Sleep(nonceLife)
		if first, err := o.use("right1"); !first || err != nil {
			t.Errorf("after three: %v, %v", first, err)
		}
	})
}
