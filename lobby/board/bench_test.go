package board

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// crowd is n players with ratings as a rating system spreads them, and the
// board that they are on.
func crowd(n int) ([]protocol.PlayerID, *Board) {
	ids := make([]protocol.PlayerID, n)
	for i := range ids {
		ids[i] = player(i)
	}
	rnd := rand.New(rand.NewPCG(1, uint64(n)))
	b := New()
	for i, id := range ids {
		b.Set(uint64(i), Row{Player: id, Score: rating(rnd), Matches: 9, Last: epoch.Unix()})
	}
	return ids, b
}

func rating(rnd *rand.Rand) int64 { return int64(1500 + 350*rnd.NormFloat64()) }

// heap is what is in use after a collection, bytes.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkLeaderboard reports what one board of so many players answers
// with, and what it holds per player beside the bytes of the id.
func BenchmarkLeaderboard(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchBoard(b, n) })
	}
}

func benchBoard(b *testing.B, n int) {
	empty := heap()
	ids, board := crowd(n)
	per := (heap()-empty)/float64(n) - 16 - 32 // the slice of ids, and their bytes as allocated
	rnd := rand.New(rand.NewPCG(4, 4))
	some := func() protocol.PlayerID { return ids[rnd.IntN(n)] }
	for _, bench := range []struct {
		name string
		op   func(i int)
	}{
		{"Top100", func(int) { board.Top(100, 0) }},
		{"Deep100", func(int) { board.Top(100, rnd.IntN(n)) }},
		{"AroundMe", func(int) { board.Around(some(), 10) }},
		{"Rank", func(int) { board.Rank(some()) }},
		{"Percentile", func(int) { board.Percentile(some()) }},
		{"Set", func(i int) { board.Set(uint64(n+i), Row{Player: some(), Score: rating(rnd)}) }},
		{"SetCopied", func(i int) { // as if the tree were immutable: a copy of each path
			board.freeze()
			board.Set(uint64(n+i), Row{Player: some(), Score: rating(rnd)})
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				bench.op(i)
			}
			b.ReportMetric(per, "B/player")
		})
	}
	b.Run("AroundMeBesideSet", func(b *testing.B) { benchBeside(b, ids, board) })
	if board.Len() != n {
		b.Fatal("players were lost")
	}
}

// benchBeside asks around players while a writer sets as fast as it can, and
// reports the slowest answer, too.
func benchBeside(b *testing.B, ids []protocol.PlayerID, board *Board) {
	done, ended := make(chan struct{}), make(chan int)
	go func() {
		rnd := rand.New(rand.NewPCG(5, 5))
		for sets := 0; ; sets++ {
			select {
			case <-done:
				ended <- sets
				return
			default:
				board.Set(uint64(sets), Row{Player: ids[rnd.IntN(len(ids))], Score: rating(rnd)})
			}
		}
	}()
	rnd := rand.New(rand.NewPCG(6, 6))
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		board.Around(ids[rnd.IntN(len(ids))], 10)
		took = append(took, time.Since(began))
	}
	close(done)
	b.ReportMetric(float64(<-ended)/b.Elapsed().Seconds(), "sets/s")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100])/1e3, "p99-µs")
}

// world is boards with n players on one board, each with one match or more
// to remember.
func world(b *testing.B, n int) *Boards {
	cfg := Config{Seasons: Seasons{Start: epoch, Months: 3}, Reset: toward(1500, 70)}
	boards := mustOpen(b, cfg)
	rnd := rand.New(rand.NewPCG(8, 8))
	for i := 0; i < n; i += 10 {
		mustApply(b, boards, crowded(rnd, uint64(i/10+1), i, n))
	}
	return boards
}

// crowded is a match of ten players from the i-th on, of n.
func crowded(rnd *rand.Rand, seq uint64, i, n int) Entry {
	e := Entry{Seq: seq, At: epoch.Add(time.Duration(seq)), Ladder: arena, Match: protocol.MatchID(fmt.Sprintf("match%021d", seq)), Why: "decided"}
	for j := range 10 {
		e.Players = append(e.Players, Outcome{Player: player((i + j) % n), Place: j, After: rating(rnd)})
	}
	return e
}

const million = 1_000_000

// BenchmarkApply is one match of ten players, a million of which are rated.
func BenchmarkApply(b *testing.B) {
	boards := world(b, million)
	rnd := rand.New(rand.NewPCG(9, 9))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		e := crowded(rnd, boards.Applied()+1, rnd.IntN(million), million)
		b.StartTimer()
		mustApply(b, boards, e)
	}
}

// BenchmarkSnapshot writes a million players while results go on, and reports
// the longest that one of them took, beside that of a second without.
func BenchmarkSnapshot(b *testing.B) {
	boards := world(b, million)
	alone := slowest(boards, time.After(time.Second))
	done, ended := make(chan time.Time), make(chan time.Duration)
	go func() { ended <- slowest(boards, done) }()
	var size counter
	for b.Loop() {
		size = 0
		boards.Freeze().Write(&size)
	}
	close(done)
	b.ReportMetric(float64(<-ended)/1e3, "slowest-µs")
	b.ReportMetric(float64(alone)/1e3, "slowest-alone-µs")
	b.ReportMetric(float64(size)/million, "B/player")
	b.ReportMetric(cutting(boards), "cut-µs")
}

// slowest applies a match a millisecond, some ten thousand players a second.
func slowest(boards *Boards, done <-chan time.Time) (most time.Duration) {
	rnd := rand.New(rand.NewPCG(7, 7))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		e := crowded(rnd, boards.Applied()+1, rnd.IntN(million), million)
		began := time.Now()
		boards.Apply(e)
		most = max(most, time.Since(began))
		select {
		case <-done:
			return most
		case <-tick.C:
		}
	}
}

// cutting is how long entries are held up for a cut, µs.
func cutting(boards *Boards) float64 {
	began := time.Now()
	for range 1000 {
		boards.Freeze()
	}
	return float64(time.Since(began)) / 1e3 / 1000
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// BenchmarkRestore reads a million players.
func BenchmarkRestore(b *testing.B) {
	boards := world(b, million)
	var out bytes.Buffer
	boards.Freeze().Write(&out)
	for b.Loop() {
		if _, err := Restore(boards.cfg, io.Reader(bytes.NewReader(out.Bytes()))); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRollover opens a season with a million players.
func BenchmarkRollover(b *testing.B) {
	_, board := crowd(million)
	for b.Loop() {
		if next := board.reset(1, toward(1500, 70)); next.Len() != million {
			b.Fatal("players were lost")
		}
	}
}

// BenchmarkHistory remembers half a million matches of so many players, ten in
// each match, and reports what one player's of one takes.
func BenchmarkHistory(b *testing.B) {
	for _, players := range []int{25_000, 500_000} {
		b.Run(strconv.Itoa(players), func(b *testing.B) {
			for b.Loop() {
				empty := heap()
				boards := mustOpen(b, Config{})
				rnd := rand.New(rand.NewPCG(8, 8))
				for i := 0; boards.history.count < boards.cfg.HistoryTotal && i < 3*boards.cfg.HistoryTotal; i += 10 {
					e := crowded(rnd, uint64(i/10+1), i, players)
					e.Tally = Unrated
					mustApply(b, boards, e)
				}
				b.ReportMetric((heap()-empty)/float64(boards.history.count), "B/match")
				runtime.KeepAlive(boards)
			}
		})
	}
}
