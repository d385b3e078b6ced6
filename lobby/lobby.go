package lobby

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

// A Lobby is one node's. Its methods may be called from any goroutine. None
// but Enqueue, Wait and Run blocks.
type Lobby struct {
	// set by New and never changed
	cfg    Config
	deps   Deps
	log    *slog.Logger
	queues map[string]*queue // by mode
	store  *store.Store

	polls    attendance
	results  results
	intake   intake
	wake     chan struct{} // tells the matchmaker that a ticket has come; holds one
	draining atomic.Bool
	roomsEnd context.Context // done when Drain was called
	endRooms context.CancelFunc
	running  sync.WaitGroup // the rooms

	mu    sync.Mutex
	rooms map[store.RoomID]*room // under mu
	held  map[string]time.Time   // under mu: until when a mode forms no group

	promised map[protocol.MatchID]map[game.Seat]bool // under mu: seats of running matches, by rooms
}

// Errors that callers decide by; the texts are for people.
var (
	ErrTicketNotFound = errors.New("there is no such ticket of yours")
	ErrTicketExists   = errors.New("you have a ticket already")
	ErrTicketPlaced   = errors.New("the ticket is placed: leave the match instead")
	ErrTooManyPolls   = errors.New("too many requests wait for this ticket")
	ErrQueueFull      = errors.New("too many players are waiting")
	ErrDraining       = errors.New("the server is about to restart")
)

// New returns a lobby; Run makes it live.
func New(cfg Config, deps Deps) (*Lobby, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if deps.Bus == nil || deps.Hall == nil || deps.Board == nil {
		return nil, errors.New("lobby: Bus, Hall and Board are required")
	}
	queues, err := queuesOf(cfg.Modes)
	if err != nil {
		return nil, err
	}
	l := &Lobby{
		cfg: cfg, deps: deps, log: cfg.Log, queues: queues,
		store:   store.New(cfg.MaxTickets),
		polls:   newAttendance(cfg.MaxPolls),
		results: results{most: cfg.ResultsKept},
		wake:    make(chan struct{}, 1),
		rooms:   make(map[store.RoomID]*room),
		held:    make(map[string]time.Time),

		promised: make(map[protocol.MatchID]map[game.Seat]bool),
	}
	l.roomsEnd, l.endRooms = context.WithCancel(context.Background())
	return l, nil
}

// Run groups tickets, keeps the rooms and has results kept,
// until ctx is done; then it drains and returns when nothing of it runs any
// more.
func (l *Lobby) Run(ctx context.Context) error {
	cancel, err := l.deps.Bus.Serve(protocol.SubjectOver, l.over)
	if err != nil {
		return err
	}
	defer cancel()
	unsubscribe, err := l.deps.Bus.Subscribe(protocol.SubjectSeats, l.freeSeats)
	if err != nil {
		return err
	}
	defer unsubscribe()
	var own sync.WaitGroup
	own.Go(func() { l.matchmake(ctx) })
	own.Go(func() { l.sweepAgainAndAgain(ctx) })
	own.Wait()
	l.Drain()
	l.running.Wait()
	return nil
}

// Drain ends matchmaking for good: no ticket is taken any more, those that
// wait or form are cancelled, and the rooms give their people back to the
// hall. It does not wait for them; Run does.
func (l *Lobby) Drain() {
	if l.draining.Swap(true) {
		return
	}
	for _, t := range l.store.Close(WhyDraining, time.Now()) {
		l.ended(t)
	}
	l.endRooms()
}

// Draining says that Drain was called.
func (l *Lobby) Draining() bool { return l.draining.Load() }

// Games are those whose modes there are, in the order they were given.
func (l *Lobby) Games() (all []string) {
	for _, m := range l.cfg.Modes {
		if !slices.Contains(all, m.Game) {
			all = append(all, m.Game)
		}
	}
	return all
}

// Modes are those that players are offered, in the order they were given.
func (l *Lobby) Modes() (shown []*game.Mode) {
	for _, m := range l.cfg.Modes {
		if !m.Hidden {
			shown = append(shown, m)
		}
	}
	return shown
}

// Offers says whether there is a mode of that name for a game's players, be it
// hidden or not.
func (l *Lobby) Offers(game, mode string) bool {
	q := l.queues[mode]
	return q != nil && q.mode.Game == game
}

// Mode is the mode of a name, hidden ones included, or nil.
func (l *Lobby) Mode(name string) *game.Mode {
	if q := l.queues[name]; q != nil {
		return q.mode
	}
	return nil
}

// Counts is how much is going on, for metrics.
type Counts struct{ Tickets, Rooms, Matches int }

// Counts looks.
func (l *Lobby) Counts() Counts {
	return Counts{l.store.Live(), l.store.Rooms(), l.store.Matches()}
}
