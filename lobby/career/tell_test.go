package career

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
)

// An ear writes down what it is told, and fails as often as it shall.
type ear struct {
	mu    sync.Mutex
	heard []Applied
	fail  int
}

func (e *ear) hear(_ context.Context, a Applied) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, a)
	if e.fail--; e.fail >= 0 {
		return errors.New("deaf")
	}
	return nil
}

func (e *ear) matches() (all []protocol.MatchID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.heard {
		all = append(all, a.Match)
	}
	return all
}

// TestToldAtLeastOnce, in order, through errors and restarts, and not of what
// was before.
func TestToldAtLeastOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mustWorld(t)
		w.mustFinish(played("before", 1, 2))
		e := &ear{fail: 3}
		listen := func() {
			w.open()
			if err := w.OnApplied(t.Context(), "ear", e.hear); err != nil {
				t.Fatal(err)
			}
			w.run()
		}
		listen()
		var want []protocol.MatchID
		for n := range 12 {
			match := fmt.Sprint("m", n)
			want = append(want, protocol.MatchID(match))
			w.mustFinish(played(match, 1, 2), played(match, 1, 2))
			if n%4 == 3 {
				listen()
			}
		}
		w.mustFinish(played("last", 2, 1))
		want = append(want, "last")
		for !slices.Contains(e.matches(), "last") {
			time.Sleep(10 * time.Millisecond)
		}
		got := e.matches()
		if !slices.Equal(slices.Compact(slices.Clone(got)), want) || len(got) < len(want)+3 {
			t.Errorf("heard %v, want each of %v, m0 four times", got, want)
		}
		last := e.heard[len(e.heard)-1]
		h := w.history(id(1), 1)[0]
		c := last.Players[1]
		if c.Player != id(1) || c.Place != 1 || c.Before != h.Before || c.After != h.After || last.Players[0].After >= last.Players[0].Before || last.Ticks != 900 {
			t.Errorf("told %+v, in the history %+v", last, h)
		}
		w.stop()
	})
}

// TestNotToldOfDoublesAndTheForgotten.
func TestNotToldOfDoublesAndTheForgotten(t *testing.T) {
	synctest.Test(t, notToldOfDoublesAndTheForgotten)
}

func notToldOfDoublesAndTheForgotten(t *testing.T) {
	w := mustWorld(t)
	w.open()
	e := &ear{}
	if err := w.OnApplied(t.Context(), "ear", e.hear); err != nil {
		t.Fatal(err)
	}
	w.mustForget(0) // not followed yet, so by ids alone
	for i, r := range []protocol.Ended{played("m", 1, 2), played("m", 2, 1), played("alone", 1)} {
		if _, err := w.stream.Append(t.Context(), fmt.Sprint(i), resultOf(r, epoch)); err != nil {
			t.Fatal(err)
		}
	}
	w.run()
	w.mustFinish(played("end", 1, 2))
	for !slices.Contains(e.matches(), "end") {
		time.Sleep(10 * time.Millisecond)
	}
	if got := e.matches(); !slices.Equal(got, []protocol.MatchID{"m", "alone", "end"}) {
		t.Errorf("heard %v", got)
	}
	w.stop()
	if len(e.heard[0].Players) != 1 || e.heard[0].Players[0].Player != id(1) || len(e.heard[1].Players) != 0 {
		t.Errorf("heard %+v", e.heard)
	}
}
