package board

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/musterhq/muster/protocol"
)

// A fakeLog knows all entries of its game, or fails.
type fakeLog struct {
	entries []Entry
	err     error
	asked   int
}

func (f *fakeLog) Matches(_ context.Context, game string, p protocol.PlayerID, before uint64, n int) (found []Match, err error) {
	f.asked++
	for _, e := range slices.Backward(f.entries) {
		if e.check() != nil || e.Game != game || before != 0 && e.Seq >= before || len(found) == n {
			continue
		}
		for _, o := range e.Players {
			if o.Player == p {
				found = append(found, Match{
					Seq: e.Seq, ID: e.Match, Ladder: e.Ladder, At: e.At.Truncate(1e6), Why: e.Why,
					Place: o.Place, Verdict: o.Verdict, Score: o.Score, Before: o.Before, After: o.After,
				})
			}
		}
	}
	return found, f.err
}

func mustPage(tb testing.TB, b *Boards, p protocol.PlayerID, before uint64, n int) Page {
	tb.Helper()
	page, err := b.Matches(context.Background(), arena.Game, p, before, n)
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

// TestPages: from memory and log together, pages of any size give a player's
// matches once each, newest first, as the log alone does.
func TestPages(t *testing.T) {
	log := slices.DeleteFunc(random(3, 400), func(e Entry) bool { return len(e.Forget) > 0 })
	f := &fakeLog{entries: log}
	cfg := small()
	cfg.Log = f
	b := mustOpen(t, cfg)
	feed(b, log)
	for i := range 41 {
		want, _ := f.Matches(context.Background(), arena.Game, player(i), 0, 1000)
		for _, n := range []int{1, 3, 5, 8, 1000} {
			var got []Match
			for next := uint64(0); ; {
				page := mustPage(t, b, player(i), next, n)
				got = append(got, page.Matches...)
				if next = page.Next; next == 0 {
					break
				}
				if len(page.Matches) != n || page.Partial {
					t.Fatalf("a page of %d has %d, partial %v", n, len(page.Matches), page.Partial)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("player %d by %d:\ngot  %v\nwant %v", i, n, got, want)
			}
		}
	}
}

// TestBounds: no more is remembered than shall be, those idle for longest go
// first, and the log is only asked for what is not there.
func TestBounds(t *testing.T) {
	f := &fakeLog{}
	cfg := small()
	cfg.HistoryEach, cfg.HistoryTotal, cfg.Log = 2, 4, f
	b := mustOpen(t, cfg)
	mustApply(t, b, played(1, 1, ratings{"a": 1, "b": 1}), played(2, 1, ratings{"b": 2}))
	mustPage(t, b, "a", 0, 5)
	mustPage(t, b, "b", 0, 5)
	mustPage(t, b, "z", 0, 5)
	if f.asked != 0 {
		t.Fatal("the log was asked for what is known")
	}
	mustApply(t, b, played(3, 1, ratings{"c": 1, "d": 1}))
	if b.history.count != 4 || b.history.pasts[owner{"shooter", "a"}] != nil {
		t.Errorf("%d remembered, want 4 without a's", b.history.count)
	}
	for i, p := range []protocol.PlayerID{"a", "z"} {
		if mustPage(t, b, p, 0, 5); f.asked != i+1 {
			t.Errorf("the log was asked %d times", f.asked)
		}
	}
	mustApply(t, b, played(4, 1, ratings{"b": 3}))
	if mustPage(t, b, "b", 0, 1); f.asked != 2 {
		t.Error("the log was asked for what is remembered")
	}
	if mustPage(t, b, "b", 0, 2); f.asked != 3 {
		t.Error("the log was not asked for what fell out of the ring")
	}
	f.err = errors.New("down")
	if _, err := b.Matches(context.Background(), arena.Game, "a", 0, 5); !errors.Is(err, f.err) {
		t.Errorf("error %v", err)
	}
}

func TestPartial(t *testing.T) {
	cfg := small()
	cfg.HistoryEach = 1
	b := mustOpen(t, cfg)
	mustApply(t, b, played(1, 1, ratings{"a": 1}))
	if page := mustPage(t, b, "a", 0, -3); page.Partial || len(page.Matches) != 1 || page.Next != 0 {
		t.Errorf("a whole history is %+v", page)
	}
	mustApply(t, b, played(2, 1, ratings{"a": 1}))
	if page := mustPage(t, b, "a", 0, 3); !page.Partial || len(page.Matches) != 1 || page.Matches[0].Seq != 2 {
		t.Errorf("what is left of a history is %+v", page)
	}
	if page, err := b.Matches(context.Background(), swarm.Game, "a", 0, 3); err != nil || len(page.Matches) != 0 {
		t.Errorf("another game's history: %+v, %v", page, err)
	}
}
