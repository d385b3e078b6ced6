package account

import (
	"math"
	"sync"
	"time"
)

// A Revocation says that access tokens are dead from now on.
type Revocation struct {
	Ref
	Session string // whose tokens alone it is; "" is all of the player
	Reason  Reason
}

// A Reason says why tokens are dead.
type Reason string

// The reasons.
const (
	ReasonBanned   Reason = "banned"
	ReasonLogout   Reason = "logged out"
	ReasonReuse    Reason = "refresh token stolen"
	ReasonRole     Reason = "role changed"
	ReasonPassword Reason = "password changed"
	ReasonDeleted  Reason = "account deleted"
)

// revoked is which access tokens are dead before they expire: pure memory, read
// at every request. An entry is forgotten when all tokens that it concerns have
// expired.
type revoked struct {
	mu        sync.RWMutex
	floors    map[Ref]floor         // under mu
	sessions  map[session]time.Time // under mu: until when to be remembered
	listeners []func(Revocation)    // under mu
}

// A floor is the lowest generation whose tokens are good.
type floor struct {
	generation uint32
	until      time.Time
}

// A session names a login of a player.
type session struct {
	Ref
	id string
}

// noGeneration is the floor of an account that is gone.
const noGeneration = math.MaxUint32

func newRevoked() *revoked {
	return &revoked{floors: make(map[Ref]floor), sessions: make(map[session]time.Time)}
}

// has says whether a token of that generation and session is dead.
func (v *revoked) has(s session, generation uint32) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, dead := v.sessions[s]
	return dead || generation < v.floors[s.Ref].generation
}

// caller says whether the token of a caller is dead.
func (v *revoked) caller(c Caller) bool { return v.has(session{c.Ref, c.Session}, c.generation) }

// raise makes tokens of lower generations dead.
func (v *revoked) raise(ref Ref, generation uint32, until time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	was := v.floors[ref]
	v.floors[ref] = floor{max(was.generation, generation), later(was.until, until)}
}

// end makes the tokens of one session dead.
func (v *revoked) end(s session, until time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sessions[s] = later(v.sessions[s], until)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// forget drops what has become needless.
func (v *revoked) forget(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for ref, f := range v.floors {
		if now.After(f.until) {
			delete(v.floors, ref)
		}
	}
	for s, until := range v.sessions {
		if now.After(until) {
			delete(v.sessions, s)
		}
	}
}

func (v *revoked) listen(f func(Revocation)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.listeners = append(v.listeners, f)
}

// tell calls the listeners, on the caller's goroutine and without a lock.
func (v *revoked) tell(r Revocation) {
	v.mu.RLock()
	all := v.listeners
	v.mu.RUnlock()
	for _, f := range all {
		f(r)
	}
}
