package career

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// Config says how results are counted. A zero field means its default. The
// first four are part of the fold: with others the same results come to
// something else.
type Config struct {
	Model   *rating.Model // default rating.Default
	Seasons board.Seasons // of all modes, default one that never ends

	HistoryEach  int // as in board.Config
	HistoryTotal int

	Snapshot      string // file from which a start goes on instead of reading all results; "": none
	SnapshotEvery int    // results from one to the next, default 50,000

	Log *slog.Logger // nil is slog.Default
}

// A Career keeps results, and what they come to. Its methods may be called from
// any goroutine.
type Career struct {
	log    *slog.Logger
	stream *bus.Stream[result]
	fold   *fold
	keeper *keeper             // nil without a file
	told   *bus.Bucket[uint64] // how far each of those who are told has got, by name
	tell   []teller            // set before Run
}

// Open reads the results there are, all or from a snapshot on. The node outlives
// the Career, which hears of no other result before Run.
func Open(ctx context.Context, cfg Config, node *bus.Node) (*Career, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Model == nil {
		cfg.Model = rating.Default
	}
	if cfg.SnapshotEvery == 0 {
		cfg.SnapshotEvery = snapshotEvery
	}
	c := &Career{log: cfg.Log}
	var err error
	if c.stream, err = bus.OpenStream[result](node, "results"); err != nil {
		return nil, err
	}
	if c.told, err = bus.OpenBucket[uint64](node, "results-told", bus.Kept); err != nil {
		return nil, err
	}
	if err := c.begin(ctx, cfg); err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	return c, c.stream.Read(ctx, c.fold.last()+1, c.apply)
}

// begin makes the fold that the results are added to, from a snapshot if there
// is one to be trusted.
func (c *Career) begin(ctx context.Context, cfg Config) (err error) {
	if cfg.Snapshot != "" {
		if c.keeper, err = newKeeper(cfg); err != nil {
			return err
		}
		if c.fold, err = c.keeper.load(ctx, c.stream); err == nil {
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			c.log.Warn("all results are read, instead of a snapshot of them", "file", cfg.Snapshot, "err", err)
		}
	}
	c.fold, err = openFold(cfg, c.stream)
	return err
}

func boardsOf(cfg Config, older *log) board.Config {
	return board.Config{Seasons: cfg.Seasons, HistoryEach: cfg.HistoryEach, HistoryTotal: cfg.HistoryTotal, Log: older}
}

// openFold makes one of no results.
func openFold(cfg Config, stream *bus.Stream[result]) (*fold, error) {
	older := &log{stream: stream}
	boards, err := board.Open(boardsOf(cfg, older))
	if err != nil {
		return nil, err
	}
	older.fold = newFold(cfg.Model, boards)
	return older.fold, nil
}

func (c *Career) apply(r bus.Record[result]) error {
	if err := c.fold.apply(r); err != nil {
		c.log.Error("a result is passed over", "match", r.Value.Match, "err", err)
	}
	return nil
}

// take is apply, where results go on coming.
func (c *Career) take(r bus.Record[result]) error {
	err := c.apply(r)
	c.keeper.due(c.fold)
	return err
}

// again is the pause after the stream could not be followed.
const again = time.Second

// Run takes in results as they are written, here or elsewhere, and tells those
// who want to know, until ctx is done.
func (c *Career) Run(ctx context.Context) error {
	var done []<-chan struct{}
	for _, t := range c.tell {
		done = append(done, c.runTeller(ctx, t))
	}
	c.keeper.due(c.fold)
	c.keepAt(ctx, func() error { return c.stream.Follow(ctx, c.fold.last()+1, c.take) })
	c.keeper.end(c.fold)
	for _, d := range done {
		<-d
	}
	return nil
}

// keepAt does something again whenever it fails, until ctx is done.
func (c *Career) keepAt(ctx context.Context, do func() error) {
	for {
		err := do()
		if ctx.Err() != nil {
			return
		}
		c.log.Error("results cannot be followed", "err", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(again):
		}
	}
}

// ErrResult is a result that cannot be, and is never kept.
var ErrResult = errors.New("malformed result")

// Bounds of what names things, in bytes: those of the boards.
const (
	maxName = 64
	maxWhy  = 256
)

func check(e protocol.Ended) error {
	for _, name := range []string{string(e.Match), e.Game, e.Mode} {
		if name == "" || len(name) > maxName {
			return fmt.Errorf("%w: a match, game or mode of %d bytes", ErrResult, len(name))
		}
	}
	for _, s := range e.Seats {
		if s.Player.ID == "" || len(s.Player.ID) > maxName {
			return fmt.Errorf("%w: a player of %d bytes", ErrResult, len(s.Player.ID))
		}
	}
	if len(e.Why) > maxWhy {
		return fmt.Errorf("%w: a reason of %d bytes", ErrResult, len(e.Why))
	}
	return nil
}

// Finish keeps how a match came out. When it returns nil the result is on the
// disk, and every question is answered with it. After an error it may be kept
// nevertheless: try again, a match counts once. bus.ErrDown and bus.ErrNoSpace
// say that nothing can be kept now.
func (c *Career) Finish(ctx context.Context, e protocol.Ended) error {
	if err := check(e); err != nil {
		return err
	}
	return c.write(ctx, "match/"+string(e.Match), resultOf(e, time.Now().UTC()))
}

// Forget takes a player off all boards, with ratings and history. What the log
// keeps of him is an id that is nobody's.
func (c *Career) Forget(ctx context.Context, game string, p protocol.PlayerID) error {
	return c.write(ctx, "forget/"+game+"/"+string(p), result{At: time.Now().UTC(), Game: game, Forget: []protocol.PlayerID{p}})
}

// write commits, and waits until the fold has it.
func (c *Career) write(ctx context.Context, id string, r result) error {
	seq, err := c.stream.Append(ctx, id, r)
	if err != nil {
		return err
	}
	return c.await(ctx, seq)
}

func (c *Career) await(ctx context.Context, seq uint64) error {
	for {
		news := c.fold.awaiting(seq)
		if news == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("result %d is kept and not yet counted: %w", seq, ctx.Err())
		case <-news:
		}
	}
}

// Skill is how good a player is, on the scale of rating.Model.Skill; who has
// never played is as good as a newcomer.
func (c *Career) Skill(game, mode string, p protocol.PlayerID) float64 {
	return c.fold.model.Skill(c.Rating(game, mode, p))
}

// Rating is what is believed of a player now; who was never rated is a newcomer.
func (c *Career) Rating(game, mode string, p protocol.PlayerID) rating.Rating {
	l, now := board.Ladder{Game: game, Mode: mode}, time.Now()
	season := c.fold.season(l, now)
	c.fold.mu.RLock()
	defer c.fold.mu.RUnlock()
	return c.fold.model.At(c.fold.at(l, p, season, now), now)
}

// Season is the one that is played now in a mode.
func (c *Career) Season(game, mode string) board.Season {
	return c.fold.season(board.Ladder{Game: game, Mode: mode}, time.Now())
}

// Boards are the leaderboards and histories, to be read.
func (c *Career) Boards() *board.Boards { return c.fold.boards }
