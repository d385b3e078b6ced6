package match

import (
	"context"
	"crypto/rand"
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
	Traffic(Traffic)
	// Matches is told how many there are.
	Matches(n int)
	// Ended is told why one ended.
	Ended(mode, why string)
}

// Traffic is what a match wrote and read in a beat.
type Traffic struct {
	Frames, Keyframes, Bytes int // that were written
	Skips                    int // frames that clients were spared who were behind
	Inputs                   int
	Steps                    [Steps]int // clients by the step that they stood on
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
	id    string // that orders are addressed to
	cfg   Config
	bus   bus.Bus
	board *socket.Switchboard
	log   *slog.Logger
	modes map[string]*game.Mode
	news  *seatNews

	lost atomic.Int32   // rules that were given up, whose goroutines still run
	wg   sync.WaitGroup // of the matches that the lobby was not told the end of

	mu       sync.Mutex // guards what follows
	draining bool       // no match is taken any more
	matches  map[protocol.MatchID]*Match
	records  []*Record // of the matches that ended last
}

// keptRecords is how many records of ended matches stay in memory.
const keptRecords = 8

// NewHost makes a host. Nothing runs until Run.
func NewHost(cfg Config, b bus.Bus, board *socket.Switchboard) (*Host, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Host{id: rand.Text(), cfg: cfg, bus: b, board: board, log: cfg.Log,
		modes: map[string]*game.Mode{}, matches: map[protocol.MatchID]*Match{}, news: newSeatNews()}
	for _, m := range cfg.Modes {
		h.modes[m.Name] = m
	}
	return h, nil
}

// Run takes matches until ctx is done. Then it ends those that still run,
// gives their connections to the hall, and returns.
func (h *Host) Run(ctx context.Context) error {
	cancel, err := h.answer()
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	var own sync.WaitGroup
	own.Go(func() { h.watch(stop) })
	own.Go(func() { h.tellSeats(stop) })
	<-ctx.Done()
	for _, m := range h.takeNoMore() {
		m.cancel()
	}
	cancel()
	h.wg.Wait()
	close(stop)
	own.Wait()
	return nil
}

// answer answers the bus until cancel.
func (h *Host) answer() (cancel func(), err error) {
	var served []func()
	cancel = func() {
		for _, end := range served {
			end()
		}
	}
	for subject, handle := range map[string]func(context.Context, []byte) []byte{
		protocol.SubjectStart: h.serve, protocol.SubjectOrder + h.id: h.serveOrder, protocol.SubjectSeat + h.id: h.serveSeats,
	} {
		end, err := h.bus.Serve(subject, handle)
		if err != nil {
			cancel()
			return nil, err
		}
		served = append(served, end)
	}
	return cancel, nil
}

// Drain takes no more matches. Those that run go on; it returns when they
// have ended, or with ctx's error when that is done first.
func (h *Host) Drain(ctx context.Context) error {
	for _, m := range h.takeNoMore() {
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
// after a match had to be given up, whose goroutine may hold a core.
func (h *Host) Ready() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.draining && h.lost.Load() == 0
}

func (h *Host) drains() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.draining
}

// takeNoMore has every further match refused and returns those there are.
func (h *Host) takeNoMore() []*Match {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	return h.running()
}

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
func (h *Host) serve(ctx context.Context, data []byte) []byte {
	var start protocol.Start
	placed := protocol.Placed{Refuse: "malformed"}
	if err := protocol.Unmarshal(data, &start); err == nil {
		placed = h.start(ctx, &start)
	}
	return protocol.Marshal(placed)
}

// start runs a match, or says why not. When ctx is done nobody hears the
// answer, and nobody would come.
func (h *Host) start(ctx context.Context, start *protocol.Start) protocol.Placed {
	mode := h.modes[start.Mode]
	if mode == nil {
		return protocol.Placed{Refuse: "unknown_mode"}
	}
	if refuse := h.refusal(start.Match); refuse != "" {
		return protocol.Placed{Refuse: refuse}
	}
	if start.Match == "" || !seatsFit(start, mode.Seats) || mode.CheckOptions(start.Options) != nil {
		return protocol.Placed{Refuse: "malformed"}
	}
	m, err := h.build(mode, start)
	if err != nil || ctx.Err() != nil {
		h.log.Error("match not started", "match", start.Match, "mode", mode.Name, "err", errors.Join(err, ctx.Err()))
		return protocol.Placed{Refuse: "failed"}
	}
	if refuse := h.launch(m); refuse != "" {
		return protocol.Placed{Refuse: refuse}
	}
	return protocol.Placed{URL: h.cfg.URL, Host: h.id, Passes: h.passes(start)}
}

// refusal says why a match of this id cannot be taken, if so.
func (h *Host) refusal(id protocol.MatchID) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refusalLocked(id)
}

func (h *Host) refusalLocked(id protocol.MatchID) string {
	switch {
	case h.draining || h.lost.Load() > 0:
		return "draining"
	case len(h.matches) >= h.cfg.MaxMatches:
		return "full"
	case h.matches[id] != nil:
		return "duplicate"
	}
	return ""
}

// seatsFit checks that there is somebody to play, each on one seat that the
// mode has, none of which is to stay empty.
func seatsFit(start *protocol.Start, most int) bool {
	taken, sitting := map[game.Seat]bool{}, map[protocol.PlayerID]bool{"": true}
	for _, s := range start.Seats {
		if int(s.Seat) >= most || taken[s.Seat] || sitting[s.Player.ID] {
			return false
		}
		taken[s.Seat], sitting[s.Player.ID] = true, true
	}
	for _, s := range start.Empty {
		if int(s) >= most || taken[s] {
			return false
		}
		taken[s] = true
	}
	return len(start.Seats) > 0
}

// build starts the rules on a goroutine of their own, since they may never
// return. That, and a panic in them, is an error.
func (h *Host) build(mode *game.Mode, start *protocol.Start) (*Match, error) {
	var m *Match
	done := make(chan error, 1)
	go func() {
		var err error
		m, err = h.tryBuild(mode, start)
		done <- err
	}()
	select {
	case err := <-done:
		return m, err
	case <-time.After(giveUpAfter):
		h.lost.Add(1)
		go func() { <-done; h.lost.Add(-1) }()
		return nil, errors.New("the rules do not return from their start")
	}
}

func (h *Host) tryBuild(mode *game.Mode, start *protocol.Start) (m *Match, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v\n%s", p, debug.Stack())
		}
	}()
	return newMatch(h, mode, start), nil
}

// launch gives the match its goroutine and opens its door, unless it must be
// refused after all: others were started, or a drain began, since we looked.
func (h *Host) launch(m *Match) (refuse string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if refuse := h.refusalLocked(m.id); refuse != "" {
		return refuse
	}
	h.matches[m.id] = m
	h.meterMatches(len(h.matches))
	h.board.Open(m.id, m.inbox)
	h.wg.Add(1) // under mu: never beside a Wait that follows takeNoMore
	go m.run()
	return ""
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
func (h *Host) ended(m *Match, r *Record, kept <-chan struct{}) {
	defer h.wg.Done()
	h.remove(m, r)
	m.showRest()
	<-kept
}

// keep has the lobby keep how a match came out; what it returns is closed when
// that is done, or was given up.
func (h *Host) keep(m *Match) (kept <-chan struct{}) {
	done, outcome := make(chan struct{}), m.outcome()
	go func() { defer close(done); h.tell(m, outcome) }()
	return done
}

// giveUp is called by the watchdog for a match whose goroutine is stuck, once
// its fate is settled.
func (h *Host) giveUp(m *Match) {
	h.lost.Add(1)
	h.closeDoor(m)
	h.remove(m, nil)
	go func() {
		defer h.wg.Done()
		h.tell(m, protocol.Ended{Match: m.id, Game: m.mode.Game, Mode: m.mode.Name, Why: whyFailed, Seats: m.invited()})
	}()
}

// closeDoor lets nobody into the match any more. Who stands at the door is
// told so, and goes back to the hall.
func (h *Host) closeDoor(m *Match) {
	close(m.gone)
	h.board.Close(m.id)
	for _, a := range m.inbox.Close() {
		a.Conn.Send(protocol.Append(nil, protocol.MatchNotFound))
		h.cfg.Hall(a.Conn, nil)
	}
}

func (h *Host) remove(m *Match, r *Record) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.matches, m.id)
	h.meterMatches(len(h.matches)) // under mu, so that the last told is the last
	if r != nil {
		h.records = append(h.records, r)
		if len(h.records) > keptRecords {
			h.records = append([]*Record(nil), h.records[1:]...)
		}
	}
}

func (h *Host) meterMatches(n int) {
	if h.cfg.Meter != nil {
		h.cfg.Meter.Matches(n)
	}
}

// How long the lobby is asked to keep a result: a full disk gets time to be
// cleared. Of a host that drains nobody can wait for that.
const (
	tellFor      = 5 * time.Minute
	tellDraining = 5 * time.Second
	tellAgain    = 200 * time.Millisecond // between two tries
	tellWait     = 5 * time.Second        // for the answer to one
)

// tell asks the lobby to keep how a match ended, until it has. It waits for
// that, so it never runs on a beat.
func (h *Host) tell(m *Match, e protocol.Ended) {
	if h.cfg.Meter != nil {
		h.cfg.Meter.Ended(e.Mode, e.Why)
	}
	data := protocol.Marshal(e)
	began := time.Now()
	for {
		err := h.report(data)
		if err == nil {
			return
		}
		if waited := time.Since(began); waited > tellFor || waited > tellDraining && h.drains() {
			m.log.Error("the result of a match is lost: the lobby did not keep it", "err", err, "result", e)
			return
		}
		time.Sleep(tellAgain)
	}
}

// report says once how a match ended.
func (h *Host) report(ended []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), tellWait)
	defer cancel()
	answer, err := h.bus.Request(ctx, protocol.SubjectOver, ended)
	if err == nil && len(answer) > 0 {
		err = errors.New(string(answer))
	}
	return err
}

// match returns one that runs, or nil.
func (h *Host) match(id protocol.MatchID) *Match {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.matches[id]
}

// running returns the matches there are.
func (h *Host) running() []*Match {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.matches))
}
