package career

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/pack"
	"github.com/musterhq/muster/protocol/bus"
)

// A keeper writes what the results add up to into a file now and then, so that
// a start reads that and what came after. The file is worth nothing but time:
// the results are the truth, and whatever is odd about it has them all read.
type keeper struct {
	// set by newKeeper and never changed
	cfg Config
	of  string // the fingerprint

	mu      sync.Mutex
	written uint64    // under mu: the last result of what the file has, 0 without one
	again   time.Time // under mu: when to try again, where it was not to be written

	writing sync.WaitGroup // one at most
	busy    chan struct{}  // holds one while it does
}

// snapshotEvery is how many results a start reads at most, but for those that
// come while a snapshot is written: two seconds' worth.
const snapshotEvery = 50_000

// retryAfter is how long a snapshot that was not to be written waits for the
// next try, which holds up those who apply: a disk is not full for a moment.
const retryAfter = time.Minute

func newKeeper(cfg Config) (k *keeper, err error) {
	k = &keeper{cfg: cfg, busy: make(chan struct{}, 1)}
	k.of, err = fingerprint(cfg)
	return k, err
}

// load returns the fold that was written, if there is one, and the stream has
// what it was made of.
func (k *keeper) load(ctx context.Context, stream *bus.Stream[result]) (*fold, error) {
	f, err := readFold(k.cfg, k.of, stream)
	if err != nil {
		return nil, err
	}
	r, err := stream.Get(ctx, f.applied)
	switch {
	case errors.Is(err, bus.ErrNotFound):
		return nil, fmt.Errorf("%w: it is newer than the results", pack.ErrForeign)
	case err != nil:
		return nil, err
	case r.Value.stamp() != f.latest:
		return nil, fmt.Errorf("%w: it is of other results", pack.ErrForeign)
	}
	k.wrote(f.applied)
	return f, nil
}

var errOther = fmt.Errorf("%w: results count differently now", pack.ErrForeign)

func readFold(cfg Config, of string, stream *bus.Stream[result]) (*fold, error) {
	file, err := os.Open(cfg.Snapshot)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return thaw(cfg, of, stream, bufio.NewReaderSize(file, 1<<16))
}

// thaw reads a fold as [cut.write] has written it.
func thaw(cfg Config, of string, stream *bus.Stream[result], in io.Reader) (*fold, error) {
	older := &log{stream: stream}
	f := newFold(cfg.Model, nil)
	older.fold = f
	if err := f.thaw(in, of); err != nil {
		return nil, err
	}
	var err error
	if f.boards, err = board.Restore(boardsOf(cfg, older), in); err != nil {
		return nil, err
	}
	if f.boards.Applied() != f.applied {
		return nil, fmt.Errorf("%w: it is of two moments", pack.ErrDamaged)
	}
	return f, nil
}

// due has the fold written if enough was added to it. It is for whoever
// applies, who is held up while it is frozen.
func (k *keeper) due(f *fold) {
	if k == nil || !k.wants(f.last()) {
		return
	}
	select {
	case k.busy <- struct{}{}:
	default:
		return
	}
	c := f.freeze(k.of)
	k.writing.Go(func() {
		k.write(c)
		<-k.busy
	})
}

// wants says whether it is time to write what is made of the results up to one.
func (k *keeper) wants(last uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return last-k.written >= uint64(k.cfg.SnapshotEvery) && !time.Now().Before(k.again)
}

func (k *keeper) write(c *cut) {
	if err := bus.ReplaceFile(k.cfg.Snapshot, c.write); err != nil {
		k.cfg.Log.Error("the snapshot of results is not written", "err", err)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.again = time.Now().Add(retryAfter)
		return
	}
	k.wrote(c.applied)
}

func (k *keeper) wrote(last uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.written = last
}

// covers is the last result of what the file has.
func (k *keeper) covers() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.written
}

// end writes what was not written. Nobody applies any more.
func (k *keeper) end(f *fold) {
	if k == nil {
		return
	}
	k.writing.Wait()
	if f.last() > k.covers() {
		k.write(f.freeze(k.of))
	}
}
