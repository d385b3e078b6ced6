package api

import (
	"container/list"
	"context"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// Upgrades say how sockets are opened when many come at once, as after a
// restart. A zero field means its default.
type Upgrades struct {
	// AtOnce are opened at a time; default 2 for each core. An upgrade waits for
	// nothing but a core, so more of them are no faster: they only stand in the
	// way of matches' ticks.
	AtOnce int
	// Line is how many wait for that, the first who came first; default 2,048, of
	// some 20 KB each. More are answered with 503 and a Retry-After.
	Line int
	// Patience is how long one waits at most, then gets the same answer; default 5 s.
	Patience time.Duration
	// Meter is told of all this. Optional.
	Meter UpgradeMeter
}

// An UpgradeMeter counts. Its methods are called by many goroutines, some of
// which hold locks.
type UpgradeMeter interface {
	Waiting(n int)               // so many stand in line now
	TurnedAway()                 // one was told to come back
	Upgraded(took time.Duration) // one was let in and has its socket, since it came
}

type noUpgradeMeter struct{}

func (noUpgradeMeter) Waiting(int)            {}
func (noUpgradeMeter) TurnedAway()            {}
func (noUpgradeMeter) Upgraded(time.Duration) {}

func (u *Upgrades) defaults() {
	orElse(&u.AtOnce, 2*runtime.GOMAXPROCS(0))
	orElse(&u.Line, 2048)
	orElse(&u.Patience, 5*time.Second)
	if u.Meter == nil {
		u.Meter = noUpgradeMeter{}
	}
}

// A gate lets in so many at a time, and has a line for those who come
// meanwhile. It stands before all that costs more than reading the request.
type gate struct {
	cfg Upgrades // never changed

	mu     sync.Mutex
	inside int        // under mu
	line   *list.List // of chan struct{}, closed when its turn has come; under mu

	// Since the line was last empty; under mu.
	since time.Time // when somebody first had to wait
	in    int       // let in

	// booked is when the last of those who were turned away is likely to be let
	// in, who come back one after another; under mu.
	booked time.Time
}

func newGate(cfg Upgrades) *gate {
	return &gate{cfg: cfg, line: list.New()}
}

// enter waits until its turn has come; who was let in leaves again. The error
// says when to come back.
func (g *gate) enter(ctx context.Context) error {
	g.mu.Lock()
	if g.inside < g.cfg.AtOnce { // then nobody waits
		g.inside++
		g.mu.Unlock()
		return nil
	}
	if g.line.Len() >= g.cfg.Line {
		defer g.mu.Unlock()
		return g.turnAway()
	}
	if g.line.Len() == 0 {
		g.since, g.in = time.Now(), 0
	}
	turn := make(chan struct{})
	place := g.line.PushBack(turn)
	g.cfg.Meter.Waiting(g.line.Len())
	g.mu.Unlock()

	patience := time.NewTimer(g.cfg.Patience)
	defer patience.Stop()
	select {
	case <-turn:
		return nil
	case <-ctx.Done(): // nobody hears the answer
		return g.giveUp(place, turn, func() error { return errUpgrades })
	case <-patience.C:
		return g.giveUp(place, turn, g.turnAway)
	}
}

// giveUp leaves the line with an answer, which is made under mu, unless its
// turn has come at the same moment.
func (g *gate) giveUp(place *list.Element, turn chan struct{}, answer func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-turn:
		return nil
	default:
	}
	g.line.Remove(place)
	g.cfg.Meter.Waiting(g.line.Len())
	return answer()
}

// leave lets in the next of the line.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	next := g.line.Front()
	if next == nil {
		g.inside--
		return
	}
	g.in++
	close(g.line.Remove(next).(chan struct{}))
	g.cfg.Meter.Waiting(g.line.Len())
}

// Between these one is told to come back.
const (
	leastAway = time.Second
	mostAway  = 10 * time.Second // some thousand sockets are opened in it
)

// turnAway is what one hears for whom there is no room: to come back when those
// before it are likely to be in, give or take a second, so that they do not
// come back all at once. Its turn is behind those of all who were turned away
// and are not due yet: who is back and hears it again counts once. Under mu.
func (g *gate) turnAway() error {
	g.cfg.Meter.TurnedAway()
	now, pace := time.Now(), g.pace()
	turn := now.Add(time.Duration(g.line.Len()) * pace)
	if turn.Before(g.booked) {
		turn = g.booked
	}
	wait := min(turn.Add(pace).Sub(now), mostAway-leastAway-time.Second)
	g.booked = now.Add(wait)
	r := *errUpgrades
	r.after = leastAway + wait + rand.N(time.Second)
	return &r
}

// pace is how long it takes to let one in, from one to the next. As long as few
// were let in a millisecond counts for most of it: one that was held up says
// little. Under mu.
func (g *gate) pace() time.Duration {
	const few = 64
	return (time.Since(g.since) + few*time.Millisecond) / time.Duration(g.in+few)
}

// admitted is a step in which only so many requests are at a time.
func (a *api) admitted() step {
	return step{do: a.admit, refuses: []error{errUpgrades}}
}

func (a *api) admit(c *gin.Context) {
	came := time.Now()
	if err := a.gate.enter(c.Request.Context()); err != nil {
		refuse(c, err)
		return
	}
	defer a.gate.leave()
	c.Next()
	if c.Writer.Status() < http.StatusBadRequest {
		a.gate.cfg.Meter.Upgraded(time.Since(came))
	}
}
