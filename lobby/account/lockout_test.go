package account

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// fail tries and fails until it has to wait longer than most, and returns how
// often that was and how long it took.
func fail(l *lockout, pair attempt, most time.Duration) (n int, took time.Duration) {
	start := time.Now()
	for ; n < 1000; n++ {
		var wait *WaitError
		if errors.As(l.begin(pair), &wait) {
			if wait.Retry > most {
				break
			}
			time.Sleep(wait.Retry)
			n--
		}
	}
	return n, time.Since(start)
}

func TestAGuesserIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLockout()
		if n, took := fail(l, pairOf(chess, "ada", away), 0); n != 3 || took != 0 {
			t.Errorf("%d free guesses in %v", n, took)
		}
		n, took := fail(l, pairOf(chess, "ada", away), 10*time.Minute)
		if n > 11 || took < 15*time.Minute {
			t.Errorf("%d guesses in %v", n, took)
		}
		if err := l.begin(pairOf(chess, "ada", home)); err != nil {
			t.Errorf("the owner is locked out: %v", err)
		}
		if err := l.begin(pairOf(arena, "ada", away)); err != nil {
			t.Errorf("another game: %v", err)
		}
	})
}

func TestAnAddressIsSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLockout()
		l.begin(pairOf(chess, "regular", away))
		l.right(pairOf(chess, "regular", away))
		n := 0
		for ; l.begin(pairOf(chess, fmt.Sprint("victim", n), away)) == nil; n++ {
		}
		if n != addressFree {
			t.Errorf("%d accounts tried", n)
		}
		if err := l.begin(pairOf(chess, "regular", away)); err != nil {
			t.Errorf("who logs in there every day: %v", err)
		}
		var wait *WaitError
		if err := l.begin(pairOf(chess, "newcomer", away)); !errors.As(err, &wait) || wait.Retry > addressWait {
			t.Errorf("a newcomer there: %v", err)
		}
		time.Sleep(2 * bucketLife)
		if err := l.begin(pairOf(chess, "newcomer", away)); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

func TestWhoHasLoggedInIsNeverLockedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLockout()
		pair := pairOf(chess, "ada", home)
		l.begin(pair)
		l.right(pair)
		if n, _ := fail(l, pair, knownLongest); n != 1000 {
			t.Errorf("locked out after %d failures by somebody at the same address", n)
		}
		time.Sleep(knownLongest)
		if err := l.begin(pair); err != nil {
			t.Error(err)
		}
	})
}

func TestOneHundredAtOnceAreNotFree(t *testing.T) {
	l := newLockout()
	tried := 0
	for range 100 {
		if l.begin(pairOf(chess, "ada", away)) == nil {
			tried++
		}
	}
	if tried != pairFree {
		t.Errorf("%d were tried", tried)
	}
	l.untried(pairOf(chess, "ada", away))
	if err := l.begin(pairOf(chess, "ada", away)); err != nil {
		t.Errorf("one was not tried, but: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	pair := func(s string) attempt { return pairOf(chess, "ada", netip.MustParseAddr(s)) }
	if pair("2001:db8::1") != pair("2001:db8::2:3:4:5") || pair("::ffff:192.0.2.1") != pair("192.0.2.1") || pair("fe80::1%eth0") != pair("fe80::1%eth1") {
		t.Error("one household is several")
	}
	if pair("2001:db8::1") == pair("2001:db8:0:1::1") || pair("192.0.2.1") == pair("192.0.2.2") {
		t.Error("two households are one")
	}
}

func TestTheLockoutIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLockout()
		l.most = 100
		for i := range 1000 {
			pair := pairOf(chess, fmt.Sprint(i), netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
			if err := l.begin(pair); err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				l.right(pair)
			}
		}
		if len(l.now) > l.most || len(l.before) > l.most || len(l.known) > l.most {
			t.Errorf("%d, %d failures and %d known", len(l.now), len(l.before), len(l.known))
		}
	})
}

func TestALoginThatIsSlowedDown(t *testing.T) {
	w := mustWorld(t)
	w.mustRegister(chess, "hopper", "correct horse")
	w.must(w.Login(t.Context(), chess, Credentials{"hopper", "correct horse"}, home))
	for _, name := range []string{"hopper", "nobody"} { // both answer the same
		for i := range 5 {
			want := ErrCredentials
			if i >= pairFree {
				want = ErrSlowDown
			}
			w.wants(fmt.Sprint(name, i), errOf(w.Login(t.Context(), chess, Credentials{name, "wrong horse"}, away)), want)
		}
	}
	w.must(w.Login(t.Context(), chess, Credentials{"hopper", "correct horse"}, home))
}
