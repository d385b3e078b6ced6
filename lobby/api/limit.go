package api

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/musterhq/muster/lobby/account"
	"github.com/musterhq/muster/protocol"
)

// A bucket names what is limited.
type bucket int

const (
	bucketLogin bucket = iota
	bucketPassword
	bucketRegister
	bucketTicket
	bucketRead
	bucketSocket
	bucketFind
	bucketService

	// Of accounts, whatever the address.
	bucketPlayer
	bucketPlayerRead
	bucketPlayerChat
	bucketPlayerSocial
	bucketPlayerFind
	bucketPlayerSave
	bucketPlayerAccount
)

func newLimiters(l Limits) map[bucket]*limiter {
	return map[bucket]*limiter{
		bucketLogin:  newLimiter(l.Login, l.LoopbackFactor, l.Addresses),
		bucketTicket: newLimiter(l.Ticket, l.LoopbackFactor, l.Addresses),
		bucketRead:   newLimiter(l.Read, l.LoopbackFactor, l.Addresses),
		bucketSocket: newLimiter(l.Socket, l.LoopbackFactor, l.Addresses),
		bucketFind:   newLimiter(l.Find, l.LoopbackFactor, l.Addresses),

		bucketPlayer:     newLimiter(l.Player, 1, l.Addresses),
		bucketPlayerRead: newLimiter(l.PlayerRead, 1, l.Addresses),
		bucketPlayerChat: newLimiter(l.PlayerChat, 1, l.Addresses),

		bucketPlayerSocial: newLimiter(l.PlayerSocial, 1, l.Addresses),
		bucketPlayerFind:   newLimiter(l.PlayerFind, 1, l.Addresses),

		bucketService:       newLimiter(l.Service, l.LoopbackFactor, l.Addresses),
		bucketPlayerSave:    newLimiter(l.PlayerSave, 1, l.Addresses),
		bucketPassword:      newLimiter(l.Password, l.LoopbackFactor, l.Addresses),
		bucketRegister:      newLimiter(l.Register, l.LoopbackFactor, l.Addresses),
		bucketPlayerAccount: newLimiter(l.PlayerAccount, 1, l.Addresses),
	}
}

// perAddress is a step that lets an address pass as often as its bucket allows.
func (a *api) perAddress(b bucket) step {
	l := a.byName[b]
	return step{refuses: []error{tooMany(0)}, do: func(c *gin.Context) {
		key, loopback := addressKey(c.ClientIP())
		if after := l.take(key, loopback, time.Now()); after > 0 {
			refuse(c, tooMany(after))
		}
	}}
}

// perPlayer does the same for each player, whatever the address. The step
// [api.players] or [api.known] comes before it. Services are no players.
func (a *api) perPlayer(b bucket) step {
	return step{refuses: []error{tooMany(0)}, do: func(c *gin.Context) {
		if caller(c).Role == account.RoleService {
			return
		}
		if err := a.mayAccount(b, player(c).ID); err != nil {
			refuse(c, err)
		}
	}}
}

// mayAccount is for handlers that know the account only when they have looked
// at the body. It takes a token of the account's bucket, or returns the
// refusal. Only ask it about who has proven to be that player: else anybody
// could lock others out.
func (a *api) mayAccount(b bucket, who protocol.PlayerID) error {
	if after := a.byName[b].take(string(who), false, time.Now()); after > 0 {
		return tooMany(after)
	}
	return nil
}

// addressKey is what an address is known by: an IPv6 customer has a /64.
func addressKey(ip string) (key string, loopback bool) {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return ip, false
	}
	a = a.Unmap()
	if a.Is6() {
		p, _ := a.WithZone("").Prefix(64)
		return p.String(), a.IsLoopback()
	}
	return a.String(), a.IsLoopback()
}

// A limiter has a token bucket for each of the keys it met last; the one that
// was longest away makes room for a new one.
type limiter struct {
	rate   Rate
	factor int // of loopback
	most   int

	mu     sync.Mutex
	byKey  map[string]*list.Element // under mu
	latest *list.List               // of *keyed, the latest first; under mu
}

type keyed struct {
	key    string
	bucket *rate.Limiter
}

func newLimiter(r Rate, factor, most int) *limiter {
	return &limiter{rate: r, factor: factor, most: most, byKey: make(map[string]*list.Element), latest: list.New()}
}

// take takes one token. Where there is none it returns when there will be.
func (l *limiter) take(key string, loopback bool, now time.Time) (after time.Duration) {
	b := l.bucket(key, loopback)
	r := b.ReserveN(now, 1)
	if !r.OK() {
		return time.Second // a bucket that holds none
	}
	if after = r.DelayFrom(now); after > 0 {
		r.CancelAt(now)
	}
	return after
}

func (l *limiter) bucket(key string, loopback bool) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.byKey[key]; e != nil {
		l.latest.MoveToFront(e)
		return e.Value.(*keyed).bucket
	}
	if len(l.byKey) >= l.most {
		oldest := l.latest.Back()
		delete(l.byKey, l.latest.Remove(oldest).(*keyed).key)
	}
	k := &keyed{key, l.newBucket(loopback)}
	l.byKey[key] = l.latest.PushFront(k)
	return k.bucket
}

func (l *limiter) newBucket(loopback bool) *rate.Limiter {
	factor := 1
	if loopback {
		factor = l.factor
	}
	return rate.NewLimiter(rate.Limit(l.rate.PerSecond*float64(factor)), l.rate.Burst*factor)
}
