package career

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// TestWhoWasToldFindsIt: from Finish on, every question is answered with the
// result.
func TestWhoWasToldFindsIt(t *testing.T) {
	w := mustWorld(t)
	newcomer := w.Skill(duel.Game, duel.Mode, id(0))
	for n := range 20 {
		w.mustFinish(played(fmt.Sprint("m", n), 1, 2))
		h := w.history(id(0), 100)
		if len(h) != n+1 || h[0].ID != protocol.MatchID(fmt.Sprint("m", n)) || h[0].Verdict != board.Won || h[0].Score != 9 {
			t.Fatalf("after match %d: %+v", n, h)
		}
		v, _, ok := w.Boards().Current(duel)
		s, _ := v.Rank(id(0))
		if !ok || s.Rank != 1 || s.Matches != uint32(n+1) || s.Score != h[0].After || int(s.Score) != w.points(id(0)) {
			t.Fatalf("after match %d: %+v, %d points", n, s, w.points(id(0)))
		}
	}
	if a, b := w.Skill(duel.Game, duel.Mode, id(0)), w.Skill(duel.Game, duel.Mode, id(1)); a <= newcomer || b >= newcomer {
		t.Errorf("skills %f and %f, a newcomer's is %f", a, b, newcomer)
	}
	for _, foreign := range []board.Ladder{{Game: "chess", Mode: "duel"}, {Game: duel.Game, Mode: "other"}} {
		equal(t, "skill elsewhere", w.Skill(foreign.Game, foreign.Mode, id(0)), newcomer)
		if _, _, ok := w.Boards().Current(foreign); ok {
			t.Errorf("%v has a board", foreign)
		}
	}
}

func TestAMatchCountsOnce(t *testing.T) {
	w := mustWorld(t)
	w.mustFinish(played("m", 1, 2), played("m", 1, 2), played("m", 2, 1))
	once := w.Rating(duel.Game, duel.Mode, id(0))
	equal(t, "matches", once.Matches, 1)
	// When the stream has forgotten its id, the fold has not.
	if err := w.write(t.Context(), "an hour later", resultOf(played("m", 1, 2), time.Now().UTC())); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		equal(t, "matches", w.Rating(duel.Game, duel.Mode, id(0)).Matches, 1)
		equal(t, "in the history", len(w.history(id(0), 10)), 1)
		w.restart()
	}
}

// TestKilledBetweenKeptAndCounted: a result that is in the log is counted at the
// next start, and who tries again hears that all is well.
func TestKilledBetweenKeptAndCounted(t *testing.T) {
	w := mustWorld(t)
	w.mustFinish(played("m1", 1, 2))
	w.open() // and does not run: nothing is counted
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Finish(ctx, played("m2", 1, 2)) }()
	for last := uint64(0); last < 2; { // until it is kept
		var err error
		if last, err = w.stream.Last(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	equal(t, "before", len(w.history(id(0), 10)), 1)
	w.restart()
	equal(t, "after", len(w.history(id(0), 10)), 2)
	w.mustFinish(played("m2", 1, 2))
	equal(t, "after another try", len(w.history(id(0), 10)), 2)
	w.restart()
	equal(t, "at the end", w.Rating(duel.Game, duel.Mode, id(1)).Matches, 2)
}

// TestManyAtOnce: matches that end together all count, while many ask.
func TestManyAtOnce(t *testing.T) {
	w := mustWorld(t)
	const writers, each = 8, 20
	var ending sync.WaitGroup
	for i := range writers {
		ending.Go(func() {
			for j := range each {
				if err := w.Finish(context.Background(), played(fmt.Sprint(i, "-", j), 1, 2, 3)); err != nil {
					t.Error(err)
				}
				if h, err := w.Boards().Matches(context.Background(), duel.Game, id(2), 0, 1000); err != nil || !holds(h.Matches, i, j) {
					t.Errorf("%d-%d is not in the history: %v", i, j, err)
				}
				w.Skill(duel.Game, duel.Mode, id(i))
			}
		})
	}
	ending.Wait()
	equal(t, "matches", w.Rating(duel.Game, duel.Mode, id(0)).Matches, writers*each)
	before := w.fold
	w.restart()
	alike(t, before, w.fold)
}

func holds(all []board.Match, i, j int) bool {
	return slices.ContainsFunc(all, func(m board.Match) bool { return m.ID == protocol.MatchID(fmt.Sprint(i, "-", j)) })
}

// TestARestartChangesNothing, whenever it comes.
func TestARestartChangesNothing(t *testing.T) {
	w := mustWorld(t, func(c *Config) { c.HistoryEach, c.HistoryTotal = 3, 20 })
	rnd := rand.New(rand.NewPCG(3, 1))
	for n := range uint64(120) {
		w.mustFinish(randomEnded(rnd, n))
		if rnd.IntN(30) == 0 {
			if err := w.Forget(t.Context(), duel.Game, id(rnd.IntN(30))); err != nil {
				t.Fatal(err)
			}
		}
		if rnd.IntN(20) == 0 {
			before := w.fold
			w.restart()
			alike(t, before, w.fold)
		}
	}
}

// TestOldMatchesComeFromTheLog as they were when they were remembered.
func TestOldMatchesComeFromTheLog(t *testing.T) {
	w := mustWorld(t, func(c *Config) { c.HistoryEach, c.HistoryTotal = 2, 8 })
	rnd := rand.New(rand.NewPCG(4, 1))
	for n := range uint64(100) {
		w.mustFinish(randomEnded(rnd, n))
	}
	var few [30][]board.Match
	for p := range few {
		few[p] = w.history(id(p), 1+p%5)
	}
	w.cfg.HistoryEach, w.cfg.HistoryTotal = 1000, 100_000
	w.restart()
	matches := 0
	for p := range few {
		matches += len(few[p])
		if all := w.history(id(p), 1000); !slices.Equal(few[p], all) {
			t.Errorf("player %d:\n%+v\nwant\n%+v", p, few[p], all)
		}
	}
	if matches < 400 {
		t.Errorf("only %d matches were compared", matches)
	}
}

func TestForgotten(t *testing.T) {
	w := mustWorld(t, func(c *Config) { c.HistoryEach, c.HistoryTotal = 1, 2 })
	w.mustFinish(played("m1", 1, 2), played("m2", 1, 2))
	for range 2 { // doing so twice is no error
		if err := w.Forget(t.Context(), duel.Game, id(0)); err != nil {
			t.Fatal(err)
		}
	}
	w.mustFinish(played("m3", 1, 2)) // was running meanwhile
	for range 2 {
		equal(t, "matches of the forgotten", len(w.history(id(0), 10)), 0)
		equal(t, "matches of the other", len(w.history(id(1), 10)), 3)
		if r := w.Rating(duel.Game, duel.Mode, id(0)); r != rating.Default.Newcomer() {
			t.Errorf("rating %+v", r)
		}
		v, _, _ := w.Boards().Current(duel)
		if _, ok := v.Rank(id(0)); ok || v.Len() != 1 {
			t.Errorf("%d on the board, the forgotten %t", v.Len(), ok)
		}
		w.restart()
	}
}

func TestWhatCannotBeAResult(t *testing.T) {
	w := mustWorld(t)
	long := string(make([]byte, 65))
	for what, spoil := range map[string]func(*protocol.Ended){
		"no match":      func(e *protocol.Ended) { e.Match = "" },
		"no game":       func(e *protocol.Ended) { e.Game = "" },
		"no mode":       func(e *protocol.Ended) { e.Mode = "" },
		"a long match":  func(e *protocol.Ended) { e.Match = protocol.MatchID(long) },
		"nobody":        func(e *protocol.Ended) { e.Seats[0].Player.ID = "" },
		"a long player": func(e *protocol.Ended) { e.Seats[0].Player.ID = protocol.PlayerID(long) },
		"a long reason": func(e *protocol.Ended) { e.Why = string(make([]byte, 257)) },
	} {
		e := played("m", 1, 2)
		spoil(&e)
		if err := w.Finish(t.Context(), e); !errors.Is(err, ErrResult) {
			t.Errorf("%s: %v", what, err)
		}
	}
	odd := played("odd", -5, 1<<31-1)
	odd.Result = append(odd.Result, odd.Result...)
	w.mustFinish(odd, protocol.Ended{Match: "nobody came", Game: duel.Game, Mode: duel.Mode, Why: "abandoned"})
	equal(t, "kept", len(w.history(id(0), 10)), 1)
}

// TestAFullDisk refuses a result and loses none that was taken.
func TestAFullDisk(t *testing.T) {
	node, err := bus.Open(bus.Config{Dir: t.TempDir(), Most: 64 << 10, NoSync: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	w := &world{TB: t, node: node, cfg: Config{Log: quiet}, stop: func() {}}
	w.restart()
	kept := 0
	for ; err == nil && kept < 10_000; kept++ {
		err = w.Finish(t.Context(), played(fmt.Sprint("m", kept), 1, 2))
	}
	kept--
	if !errors.Is(err, bus.ErrNoSpace) || kept < 10 {
		t.Fatalf("after %d: %v", kept, err)
	}
	for range 2 {
		equal(t, "counted", w.Rating(duel.Game, duel.Mode, id(0)).Matches, kept)
		w.restart()
	}
	w.stop()
}
