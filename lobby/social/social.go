package social

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A Social is one node's. It is safe for concurrent use. What takes a context
// may wait for the disk; nothing else blocks.
type Social struct {
	// set by Open and never changed
	cfg     Config
	deps    Deps
	log     *slog.Logger
	rows    rows
	docket  *docket
	cleaner Cleaner
	talk    *Limiter[address] // lines of chat
	accuse  *Limiter[address] // reports

	pairs   pairs
	circle  circle
	desk    desk
	history history
	lastID  atomic.Uint64 // of a line of chat

	telling sync.Mutex // held from a look at what is told until it is told, so that the newest is told last
}

// Open opens what is kept on a node. [Social.Run] makes it live.
func Open(cfg Config, deps Deps) (*Social, error) {
	if err := deps.validate(); err != nil {
		return nil, err
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	rows, err := bus.OpenBucket[row](deps.Node, "social", bus.Kept)
	if err != nil {
		return nil, err
	}
	docket, err := openDocket(deps.Node)
	if err != nil {
		return nil, err
	}
	s := &Social{
		cfg: cfg, deps: deps, log: cfg.Log, rows: rows, docket: docket,
		cleaner: Cleaner{Most: cfg.Line, Normal: deps.Normal},
		talk:    NewLimiter[address](cfg.Talk), accuse: NewLimiter[address](cfg.Reports),
		pairs:  pairs{of: make(map[pair]*turn)},
		circle: circle{of: make(map[address]*person), due: make(map[address]*person)},
		desk:   desk{of: make(map[address]*line), wake: make(chan struct{}, 1), waiting: cfg.Waiting},
	}
	s.lastID.Store(uint64(time.Now().UnixMicro())) // so that ids go on rising after a restart
	return s, nil
}

// Run pays what a crash has left owed, serves the desk, pushes presence and
// ends what expires, until ctx is done.
func (s *Social) Run(ctx context.Context) {
	var own sync.WaitGroup
	own.Go(func() { s.payAll(ctx) })
	own.Go(func() { s.serve(ctx) })
	own.Go(func() { every(ctx, s.cfg.Beat, func(time.Time) { s.push() }) })
	own.Go(func() { every(ctx, s.cfg.Sweep, func(now time.Time) { s.sweep(now) }) })
	own.Go(func() { s.docket.follow(ctx, s.log) })
	own.Wait()
}

// every calls f again and again until ctx is done.
func every(ctx context.Context, pause time.Duration, f func(now time.Time)) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			f(now)
		}
	}
}

func (s *Social) sweep(now time.Time) {
	s.sweepParties(now)
	s.talk.Forget(now)
	s.accuse.Forget(now)
	for _, w := range s.circle.unloaded() {
		s.desk.ask(w.who, func(l *line) { l.presence = &w.at })
	}
}

// Greet is all that a player is told on coming into the hall: the party and the
// invitations, and friends with their presence. What was told before and is
// still under way may come after it; what is newer comes then, too.
func (s *Social) Greet(ctx context.Context, who Who) ([]protocol.Control, error) {
	r, err := s.rowOf(ctx, who.address())
	if err != nil {
		return nil, err
	}
	return s.greeting(who, r), nil
}

// greeting is of a row, or of a newer one if the circle has it.
func (s *Social) greeting(who Who, r row) []protocol.Control {
	if newer, ok := s.circle.row(who.address()); ok {
		r = newer
	}
	return append([]protocol.Control{s.viewOfParty(who.address())}, s.wholePresence(who.Game, who.ID, r)...)
}

// Enter is Greet for a hall, which must not wait: the player is told soon.
func (s *Social) Enter(who Who) {
	s.desk.ask(who, func(l *line) { l.greet = true })
}

func (s *Social) greet(ctx context.Context, who Who) error {
	r, err := s.rowOf(ctx, who.address())
	if err != nil {
		return err
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	for _, m := range s.greeting(who, r) {
		s.tell(who.ID, m)
	}
	return nil
}

func (s *Social) tell(p protocol.PlayerID, m protocol.Control) {
	s.deps.Teller.Tell(p, protocol.Append(nil, m))
}
