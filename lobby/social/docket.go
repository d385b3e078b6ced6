package social

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A docket keeps reports, and what was done about them, in a log. Which are
// open is a fold of it; what they say is read from it again.
type docket struct {
	log *bus.Stream[entry] // never changed

	mu      sync.Mutex
	pending []filed       // under mu: by id
	folded  uint64        // under mu: the place up to which the log is in pending
	more    chan struct{} // under mu: closed when folded rises
}

// filed is a report that is open.
type filed struct {
	id      uint64
	game    string
	against protocol.PlayerID
}

// An entry is one record: a report, or the end of one.
type entry struct {
	Report  *Report  `msgpack:"r,omitempty"`
	Verdict *verdict `msgpack:"v,omitempty"`
}

type verdict struct {
	Report uint64            `msgpack:"r"`
	By     protocol.PlayerID `msgpack:"b"`
	Words  string            `msgpack:"w"`
}

func openDocket(node *bus.Node) (*docket, error) {
	log, err := bus.OpenStream[entry](node, "reports")
	if err != nil {
		return nil, err
	}
	return &docket{log: log, more: make(chan struct{})}, nil
}

// follow folds the log as it grows, until ctx is done.
func (d *docket) follow(ctx context.Context, log *slog.Logger) {
	for ctx.Err() == nil {
		err := d.log.Follow(ctx, d.place()+1, func(r bus.Record[entry]) error { d.fold(r); return nil })
		if err != nil && ctx.Err() == nil {
			log.Error("social: reports", "err", err)
			pause(ctx, time.Second)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (d *docket) place() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.folded
}

func (d *docket) fold(r bus.Record[entry]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.Seq <= d.folded {
		return
	}
	switch {
	case r.Value.Report != nil:
		d.pending = append(d.pending, filed{r.Seq, r.Value.Report.Game, r.Value.Report.Against.ID})
	case r.Value.Verdict != nil:
		if i, ok := d.find(r.Value.Verdict.Report); ok {
			d.pending = slices.Delete(d.pending, i, i+1)
		}
	}
	d.folded = r.Seq
	close(d.more)
	d.more = make(chan struct{})
}

// find returns where a report stands among the open ones. Under mu.
func (d *docket) find(id uint64) (int, bool) {
	return slices.BinarySearchFunc(d.pending, id, func(f filed, id uint64) int { return int(int64(f.id) - int64(id)) })
}

// current waits until everything that is in the log now is folded.
func (d *docket) current(ctx context.Context) error {
	last, err := d.log.Last(ctx)
	if err != nil {
		return err
	}
	for {
		d.mu.Lock()
		folded, more := d.folded, d.more
		d.mu.Unlock()
		if folded >= last {
			return nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// open keeps a report and returns its id.
func (d *docket) open(ctx context.Context, r Report) (uint64, error) {
	id, err := d.log.Append(ctx, protocol.NewID[string](), entry{Report: &r})
	if err != nil {
		return 0, fmt.Errorf("report: %w", err)
	}
	return id, nil
}

// resolve closes a report of a moderator's game. Of two who do so at once the
// second's words are kept and change nothing. It returns who was reported.
func (d *docket) resolve(ctx context.Context, by Who, id uint64, words string) (protocol.PlayerID, error) {
	if err := d.current(ctx); err != nil {
		return "", err
	}
	report, ok := d.pends(by.Game, id)
	if !ok {
		return "", ErrNoReport
	}
	_, err := d.log.Append(ctx, protocol.NewID[string](), entry{Verdict: &verdict{id, by.ID, words}})
	return report.against, err
}

// pends returns a report of a game that is open.
func (d *docket) pends(game string, id uint64) (filed, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, ok := d.find(id)
	if !ok || d.pending[i].game != game {
		return filed{}, false
	}
	return d.pending[i], true
}

// errPage ends a reading that has got what it wants.
var errPage = errors.New("the page is full")

// page reads the first open reports of a game after one.
func (d *docket) page(ctx context.Context, game string, after uint64, most int) (all []Report, err error) {
	if err := d.current(ctx); err != nil {
		return nil, err
	}
	ids := d.after(game, after, most)
	if len(ids) == 0 {
		return nil, nil
	}
	err = d.log.Read(ctx, ids[0], func(r bus.Record[entry]) error {
		if r.Value.Report != nil && slices.Contains(ids, r.Seq) {
			r.Value.Report.ID = r.Seq
			all = append(all, *r.Value.Report)
		}
		if r.Seq >= ids[len(ids)-1] {
			return errPage
		}
		return nil
	})
	if errors.Is(err, errPage) {
		err = nil
	}
	return all, err
}

// after returns the ids of open reports.
func (d *docket) after(game string, after uint64, most int) (ids []uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, _ := d.find(after + 1)
	for ; i < len(d.pending) && len(ids) < most; i++ {
		if d.pending[i].game == game {
			ids = append(ids, d.pending[i].id)
		}
	}
	return ids
}
