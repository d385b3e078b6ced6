package account

import (
	"net/netip"
	"sync"
	"time"
)

// A lockout slows down who guesses passwords, and nobody else. It counts logins
// that failed, in memory, and has no lock that somebody could put on another's
// account:
//
//   - A pair of username and address is slowed down strongly: three free
//     failures, then 1 s, 2 s, 4 s … up to 15 minutes. Only that address suffers.
//   - An address is slowed down moderately, for a school or a provider may stand
//     behind it: 30 free failures over all usernames, then 2 s for each.
//   - A pair that has logged in before waits 5 s at most, and not at all for its
//     address: who plays from a café is not kept out by the one who guesses
//     there.
//   - Usernames are taken as they are given (by their skeleton): whether there is
//     such an account makes no difference.
//
// A login is counted as failed when it begins, so that a hundred at once are no
// hundred free guesses, and taken back when it was right or was not tried.
//
// What this leaves: who has 10,000 addresses has 30,000 free guesses on one
// account each hour, at the 20 hashes a second that the gate makes for all.
// Passwords that are common are refused for that reason.
//
// Failures are kept in buckets of half an hour and forgotten after an hour at
// the latest. A bucket that is full is closed early: that forgets failures, and
// never invents any. The gate makes some 36,000 hashes in its time, so it does
// not happen. A restart forgets all.
type lockout struct {
	most int // attempts in a bucket, and pairs that are known

	mu     sync.Mutex
	turned time.Time             // under mu: when now became so
	now    map[attempt]*failures // under mu
	before map[attempt]*failures // under mu
	known  map[attempt]time.Time // under mu: pairs that logged in, and when last
}

// An attempt is what failures are counted for: a pair, or with anyName an
// address.
type attempt struct {
	game Game
	name string // skeleton
	from netip.Prefix
}

type failures struct {
	count int
	last  time.Time
}

const (
	bucketLife    = 30 * time.Minute
	lockoutMost   = 1 << 16
	pairFree      = 3
	pairLongest   = 15 * time.Minute
	addressFree   = 30
	addressWait   = 2 * time.Second
	knownLongest  = 5 * time.Second
	prefixBitsIP6 = 64 // one household

	anyName = "\x00" // no skeleton
)

func newLockout() *lockout {
	return &lockout{most: lockoutMost, turned: time.Now(), now: make(map[attempt]*failures), known: make(map[attempt]time.Time)}
}

// pairOf names the attempt on a username from an address. Addresses of IPv6
// count by household, and unknown ones as one.
func pairOf(game Game, name string, addr netip.Addr) attempt {
	addr = addr.Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = prefixBitsIP6
	}
	from, _ := addr.Prefix(bits)
	return attempt{game, name, from}
}

func (a attempt) address() attempt { return attempt{a.game, anyName, a.from} }

// begin counts a login as failed, or returns a *WaitError of ErrSlowDown.
func (l *lockout) begin(pair attempt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.turn(now)
	p, a := l.failures(pair), l.failures(pair.address())
	_, known := l.known[pair]
	wait := time.Until(p.last.Add(pairWait(p.count, known)))
	if !known {
		wait = max(wait, time.Until(a.last.Add(addressDelay(a.count))))
	}
	if wait > 0 {
		return &WaitError{ErrSlowDown, wait}
	}
	p.count, p.last = p.count+1, now
	a.count, a.last = a.count+1, now
	return nil
}

func pairWait(failed int, known bool) time.Duration {
	longest := pairLongest
	if known {
		longest = knownLongest
	}
	if failed < pairFree {
		return 0
	}
	return min(longest, time.Second<<min(failed-pairFree, 20))
}

func addressDelay(failed int) time.Duration {
	if failed < addressFree {
		return 0
	}
	return addressWait
}

// right takes back the failures of a pair that logged in; its address is
// relieved of this one only.
func (l *lockout) right(pair attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.now, pair)
	delete(l.before, pair)
	l.relieve(pair.address())
	if len(l.known) >= l.most {
		l.forgetOldest()
	}
	l.known[pair] = time.Now()
}

// untried takes back a login that was counted and not tried.
func (l *lockout) untried(pair attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.relieve(pair)
	l.relieve(pair.address())
}

func (l *lockout) relieve(a attempt) {
	if f := l.now[a]; f != nil && f.count > 0 {
		f.count--
	}
}

// failures returns the count of an attempt in the bucket that stands now, with
// what the bucket before had.
func (l *lockout) failures(a attempt) *failures {
	f := l.now[a]
	if f == nil {
		if len(l.now) >= l.most {
			l.close(time.Now())
		}
		f = &failures{}
		if old := l.before[a]; old != nil {
			*f = *old
		}
		l.now[a] = f
	}
	return f
}

func (l *lockout) turn(now time.Time) {
	for range 2 { // after an hour without any login both are over
		if now.Sub(l.turned) >= bucketLife {
			l.close(l.turned.Add(bucketLife))
		}
	}
	if now.Sub(l.turned) >= bucketLife {
		l.turned = now
	}
}

func (l *lockout) close(at time.Time) {
	l.before, l.now, l.turned = l.now, make(map[attempt]*failures), at
}

// forgetOldest makes room among the known by forgetting the older half of a
// handful: whom an attacker knows a password of is not worth a heap.
func (l *lockout) forgetOldest() {
	n, oldest := 0, attempt{}
	for pair, at := range l.known {
		if n == 0 || at.Before(l.known[oldest]) {
			oldest = pair
		}
		if n++; n == 8 {
			break
		}
	}
	delete(l.known, oldest)
}
