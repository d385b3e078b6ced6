package match

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
)

// Config says how a host runs matches. The zero value of an optional field
// means its default.
type Config struct {
	Modes   []*game.Mode // that may be started
	PassKey []byte       // seals passes; shared by all nodes, at least 16 bytes
	// Hall takes a connection back that has left a match. It may be called by
	// any goroutine and never blocks.
	Hall func(c *socket.Conn, note any)

	URL        string        // of this host's socket, as clients are told; "" is the one they use
	Bots       bool          // fill empty seats with the modes' bots
	MaxMatches int           // at a time; default 1000
	PassLife   time.Duration // how long a pass is good; default 30 s
	Log        *slog.Logger  // default: slog.Default
	Meter      Meter         // optional
}

// A Meter is told what happens, by the goroutines of all matches at once. It
// must be quick and may not block.
type Meter interface {
	// Tick is told of every beat: how long it took and how late it began.
	Tick(mode string, took, late time.Duration)
	// Traffic is told what a beat wrote and read.
	Traffic(frames, keyframes, bytes, skips, inputs int)
	// Matches is told how many there are.
	Matches(n int)
	// Ended is told why one ended.
	Ended(mode, why string)
}

func (c Config) withDefaults() (Config, error) {
	if c.MaxMatches == 0 {
		c.MaxMatches = 1000
	}
	if c.PassLife == 0 {
		c.PassLife = 30 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if len(c.PassKey) < 16 {
		return c, errors.New("match: the pass key needs 16 bytes")
	}
	if c.Hall == nil {
		return c, errors.New("match: no hall to give connections back to")
	}
	return c, nil
}

// A Host runs the matches of one node. It takes them from the bus.
type Host struct {
	// Set by NewHost and never changed.
	cfg   Config
	bus   bus.Bus
	board *socket.Switchboard
	log   *slog.Logger
	modes map[string]*game.Mode
	born  time.Time

	draining atomic.Bool
	lost     atomic.Int32   // matches abandoned by the watchdog, whose goroutines still run
	wg       sync.WaitGroup // of the matches that end by themselves

	mu      sync.Mutex
	matches map[protocol.MatchID]*Match // guarded by mu
	records []*Record                   // guarded by mu: of the matches that ended last
}

// keptRecords is how many records of ended matches stay in memory.
const keptRecords = 8

// NewHost makes a host. Nothing runs until Run.
func NewHost(cfg Config, b bus.Bus, board *socket.Switchboard) (*Host, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Host{cfg: cfg, bus: b, board: board, log: cfg.Log, modes: map[string]*game.Mode{},
		born: time.Now(), matches: map[protocol.MatchID]*Match{}}
	for _, m := range cfg.Modes {
		h.modes[m.Name] = m
	}
	return h, nil
}

// clock is the process's monotonic time in ns, never 0.
func (h *Host) clock() int64 { return int64(time.Since(h.born)) + 1 }

// Run takes matches until ctx is done. Then it ends those that still run,
// gives their connections to the hall, and returns.
func (h *Host) Run(ctx context.Context) error {
	cancel, err := h.bus.Serve(protocol.SubjectStart, h.serve)
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	watched := make(chan struct{})
	go func() { defer close(watched); h.watch(stop) }()
	<-ctx.Done()
	h.draining.Store(true)
	cancel()
	for _, m := range h.running() {
		m.cancel()
	}
	h.wg.Wait()
	close(stop)
	<-watched
	return nil
}

// Drain takes no more matches. Those that run go on; it returns when they
// have ended, or with ctx's error when that is done first.
func (h *Host) Drain(ctx context.Context) error {
	h.draining.Store(true)
	for _, m := range h.running() {
		m.drain()
	}
	done := make(chan struct{})
	go func() { h.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ready reports whether matches can be placed here: not while draining, nor
// after a match had to be abandoned, whose goroutine may hold a core.
func (h *Host) Ready() bool { return !h.draining.Load() && h.lost.Load() == 0 }

// Matches returns how many matches run.
func (h *Host) Matches() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.matches)
}

// Records returns the records of the matches that ended last, oldest first.
func (h *Host) Records() []*Record {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]*Record(nil), h.records...)
}

// serve answers one request to start a match.
func (h *Host) serve(_ context.Context, data []byte) []byte {
	var start protocol.Start
	placed := protocol.Placed{Refuse: "malformed"}
	if err := protocol.Unmarshal(data, &start); err == nil {
		placed = h.start(&start)
	}
	return protocol.Marshal(placed)
}

func (h *Host) start(start *protocol.Start) protocol.Placed {
	mode := h.modes[start.Mode]
	switch {
	case mode == nil:
		return protocol.Placed{Refuse: "unknown_mode"}
	case !h.Ready():
		return protocol.Placed{Refuse: "draining"}
	case h.Matches() >= h.cfg.MaxMatches:
		return protocol.Placed{Refuse: "full"}
	case !seatsFit(start.Seats, mode.Seats):
		return protocol.Placed{Refuse: "malformed"}
	}
	m, err := h.build(mode, start)
	if err != nil {
		h.log.Error("rules panicked at the start", "mode", mode.Name, "err", err)
		return protocol.Placed{Refuse: "failed"}
	}
	h.launch(m)
	return protocol.Placed{URL: h.cfg.URL, Passes: h.passes(start)}
}

func seatsFit(seats []protocol.StartSeat, most int) bool {
	taken := map[game.Seat]bool{}
	for _, s := range seats {
		if int(s.Seat) >= most || taken[s.Seat] {
			return false
		}
		taken[s.Seat] = true
	}
	return true
}

// build starts the rules; a panic in them is an error.
func (h *Host) build(mode *game.Mode, start *protocol.Start) (m *Match, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v\n%s", p, debug.Stack())
		}
	}()
	return newMatch(h, mode, start), nil
}

// launch gives the match its goroutine and opens its door.
func (h *Host) launch(m *Match) {
	h.mu.Lock()
	h.matches[m.id] = m
	n := len(h.matches)
	h.mu.Unlock()
	h.meterMatches(n)
	h.board.Open(m.id, m.inbox)
	h.wg.Add(1)
	go m.run()
}

// passes seals one pass for each seat.
func (h *Host) passes(start *protocol.Start) []string {
	passes := make([]string, len(start.Seats))
	for i, s := range start.Seats {
		passes[i] = protocol.Pass{Match: start.Match, Player: s.Player.ID, Seat: s.Seat,
			Expires: time.Now().Add(h.cfg.PassLife)}.Seal(h.cfg.PassKey)
	}
	return passes
}

// ended is called once by each match's goroutine that comes to an end.
func (h *Host) ended(m *Match, r *Record) {
	h.remove(m, r)
	h.publish(m, m.outcome(m.why))
	h.wg.Done()
}

// abandon is called by the watchdog for a match whose goroutine is stuck.
func (h *Host) abandon(m *Match) {
	h.lost.Add(1)
	h.board.Close(m.id)
	for _, a := range m.inbox.Close() {
		h.cfg.Hall(a.Conn, nil)
	}
	h.remove(m, nil)
	h.publish(m, protocol.Ended{Match: m.id, Mode: m.mode.Name, Why: whyAbandoned})
	h.wg.Done()
}

func (h *Host) remove(m *Match, r *Record) {
	h.mu.Lock()
	delete(h.matches, m.id)
	n := len(h.matches)
	if r != nil {
		h.records = append(h.records, r)
		if len(h.records) > keptRecords {
			h.records = append([]*Record(nil), h.records[1:]...)
		}
	}
	h.mu.Unlock()
	h.meterMatches(n)
}

func (h *Host) meterMatches(n int) {
	if h.cfg.Meter != nil {
		h.cfg.Meter.Matches(n)
	}
}

func (h *Host) publish(m *Match, e protocol.Ended) {
	if h.cfg.Meter != nil {
		h.cfg.Meter.Ended(e.Mode, e.Why)
	}
	if err := h.bus.Publish(protocol.SubjectOver, protocol.Marshal(e)); err != nil {
		m.log.Error("the lobby was not told that the match is over", "err", err)
	}
}

// running returns the matches there are.
func (h *Host) running() []*Match {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.matches))
}
