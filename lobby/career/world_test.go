package career

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/lobby/rating"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/bus/bustest"
)

// TestMain is also the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv(finishIn); dir != "" {
		fmt.Fprintln(os.Stderr, finishForever(dir, os.Getenv(finishFrom)))
		os.Exit(1)
	}
	bustest.Main(m)
}

var (
	quiet = slog.New(slog.DiscardHandler)
	duel  = board.Ladder{Game: "shooter", Mode: "duel"}
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// A world is a Career on a node of its own, which can be lost and opened again.
type world struct {
	testing.TB
	*Career
	node *bus.Node
	cfg  Config
	stop func() // ends Run
}

func mustWorld(tb testing.TB, with ...func(*Config)) *world {
	tb.Helper()
	w := &world{TB: tb, node: bustest.Node(tb), cfg: Config{Log: quiet}, stop: func() {}}
	for _, f := range with {
		f(&w.cfg)
	}
	w.open()
	w.run()
	tb.Cleanup(func() { w.stop() })
	return w
}

// open reads everything anew, as after a crash.
func (w *world) open() {
	w.Helper()
	w.stop()
	c, err := Open(context.Background(), w.cfg, w.node)
	if err != nil {
		w.Fatal(err)
	}
	w.Career, w.stop = c, func() {}
}

func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.Career.Run(ctx) }()
	w.stop = func() { cancel(); <-done }
}

func (w *world) restart() {
	w.Helper()
	w.open()
	w.run()
}

func (w *world) mustFinish(all ...protocol.Ended) {
	w.Helper()
	for _, e := range all {
		if err := w.Finish(w.Context(), e); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) points(p protocol.PlayerID) int {
	return w.fold.model.Points(w.Rating(duel.Game, duel.Mode, p))
}

// history returns all that is known of a player's matches, page by page.
func (w *world) history(p protocol.PlayerID, page int) (all []board.Match) {
	w.Helper()
	for before := uint64(0); ; {
		got, err := w.Boards().Matches(w.Context(), duel.Game, p, before, page)
		if err != nil || got.Partial {
			w.Fatalf("partial %t, %v", got.Partial, err)
		}
		all = append(all, got.Matches...)
		if before = got.Next; before == 0 {
			return all
		}
	}
}

// played is a duel that ended, each of the players in the place of a number.
func played(match string, places ...int32) protocol.Ended {
	e := protocol.Ended{Match: protocol.MatchID(match), Game: duel.Game, Mode: duel.Mode, Why: Finished, Ticks: 900}
	for i, place := range places {
		seat := game.Seat(i)
		e.Seats = append(e.Seats, protocol.EndedSeat{Seat: seat, Player: player(i)})
		e.Result = append(e.Result, game.Placing{Seat: seat, Rank: place, Score: 10 - place})
	}
	return e
}

func player(i int) protocol.Player {
	return protocol.Player{ID: id(i), Name: fmt.Sprint("Player ", i), Game: duel.Game}
}

func id(i int) protocol.PlayerID { return protocol.PlayerID(fmt.Sprint("p", i)) }

// random are n results over a hundred days: of 1 to 16 players out of thirty,
// alone and in teams, with draws, leavers, bots, matches that were cut short,
// doubles, and players that are forgotten.
func random(seed uint64, n int) (all []bus.Record[result]) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	at := epoch
	for seq := range uint64(n) {
		at = at.Add(time.Duration(rnd.Int64N(int64(200*24*time.Hour) / int64(n))))
		r := resultOf(randomEnded(rnd, seq), at)
		if rnd.IntN(40) == 0 {
			r = result{At: at, Game: duel.Game, Forget: []protocol.PlayerID{id(rnd.IntN(30))}}
		}
		all = append(all, bus.Record[result]{Seq: seq + 1, Value: r})
	}
	return all
}

func randomEnded(rnd *rand.Rand, n uint64) protocol.Ended {
	if n > 0 && rnd.IntN(20) == 0 {
		n-- // again
	}
	e := protocol.Ended{Match: protocol.MatchID(fmt.Sprint("m", n)), Game: duel.Game, Mode: []string{"duel", "teams"}[rnd.IntN(2)], Why: Finished}
	if rnd.IntN(10) == 0 {
		e.Why = "abandoned"
	}
	teams := rnd.IntN(4)
	for i, p := range rnd.Perm(30)[:1+rnd.IntN(16)] {
		seat, team := game.Seat(i), game.TeamID(0)
		if teams > 1 {
			team = game.TeamID(1 + i%teams)
		}
		if rnd.IntN(6) == 0 {
			e.Bots = append(e.Bots, protocol.EndedBot{Seat: seat, Team: team})
		} else {
			e.Seats = append(e.Seats, protocol.EndedSeat{Seat: seat, Team: team, Player: player(p), Left: rnd.IntN(6) == 0})
		}
		e.Result = append(e.Result, game.Placing{Seat: seat, Rank: 1 + rnd.Int32N(4), Score: rnd.Int32N(100)})
	}
	return e
}

// mustFold is a fold without a stream.
func mustFold(tb testing.TB, cfg Config, all ...bus.Record[result]) *fold {
	tb.Helper()
	if cfg.Model == nil {
		cfg.Model = rating.Default
	}
	f, err := openFold(cfg, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range all {
		if err := f.apply(r); err != nil {
			tb.Fatal(err)
		}
	}
	return f
}

// alike fails the test unless two folds are the same to the last bit.
func alike(tb testing.TB, a, b *fold) {
	tb.Helper()
	var boards [2]bytes.Buffer
	for i, f := range []*fold{a, b} {
		if err := f.boards.Freeze().Write(&boards[i]); err != nil {
			tb.Fatal(err)
		}
	}
	switch {
	case !bytes.Equal(boards[0].Bytes(), boards[1].Bytes()):
		tb.Error("the boards differ")
	case !reflect.DeepEqual(a.ratings, b.ratings):
		tb.Error("the ratings differ")
	case !reflect.DeepEqual(a.tracks, b.tracks) || !reflect.DeepEqual(a.forgotten, b.forgotten) || !reflect.DeepEqual(a.met, b.met):
		tb.Error("what is known of matches and players differs")
	case a.applied != b.applied || a.applied == 0:
		tb.Errorf("applied %d and %d", a.applied, b.applied)
	}
}

func equal[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// mustForget writes that a player is to be forgotten, whether somebody counts
// or not.
func (w *world) mustForget(i int) {
	w.Helper()
	r := result{At: epoch, Game: duel.Game, Forget: []protocol.PlayerID{id(i)}}
	if _, err := w.stream.Append(w.Context(), fmt.Sprint("forget", i), r); err != nil {
		w.Fatal(err)
	}
}
