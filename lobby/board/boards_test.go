package board

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

type ratings = map[string]int64

// TestRollover: the time in a result turns the season; the old board is
// frozen, the new one opens with soft-reset scores, and what is too old goes.
func TestRollover(t *testing.T) {
	b := mustOpen(t, small())
	mustApply(t, b, played(1, 1, ratings{"a": 1700, "b": 1401, "c": 1500}), played(2, 23, ratings{"a": 1800}))
	first, s, _ := b.Current(arena)
	if got, want := top(first), []string{"1a1800", "2c1500", "3b1401"}; s != 1 || !slices.Equal(got, want) {
		t.Fatalf("season %d: %v, want %v", s, got, want)
	}
	mustApply(t, b, played(3, 24, ratings{"b": 1460}))
	second, s, _ := b.Current(arena)
	if got, want := top(second), []string{"1a1650", "2c1500", "3b1460"}; s != 2 || !slices.Equal(got, want) {
		t.Fatalf("season %d: %v, want %v", s, got, want)
	}
	if r, _ := second.Rank("a"); r.Wins != 0 || r.Matches != 0 || r.Last != 0 {
		t.Errorf("a new season opens with %+v", r)
	}
	mustApply(t, b, played(4, 23, ratings{"d": 1900})) // late: counts for the open one
	if first.Len() != 3 || second.Len() != 4 {
		t.Errorf("a late result changed the frozen board")
	}
	mustApply(t, b, Entry{Seq: 5, At: epoch.Add(72 * time.Hour), Ladder: arena}) // a mark, two seasons on
	third, _, _ := b.Current(arena)
	if got, want := top(third), []string{"1d1600", "2b1490"}; !slices.Equal(got, want) {
		t.Errorf("season 4: %v, want %v", got, want)
	}
	if got, want := b.Seasons(arena), []Season{4, 2}; !slices.Equal(got, want) {
		t.Errorf("seasons %v, want %v", got, want)
	}
	if v, ok := b.Board(arena, 2); !ok || v != second {
		t.Error("season 2 is not kept")
	}
	if _, ok := b.Board(arena, 1); ok {
		t.Error("season 1 is kept for too long")
	}
	if _, _, ok := b.Current(duel); ok || b.Seasons(duel) != nil {
		t.Error("a ladder nobody played has a board")
	}
}

func TestTallies(t *testing.T) {
	b := mustOpen(t, small())
	points := played(1, 1, ratings{"a": 0})
	points.Tally = Points
	again, unrated := points, played(3, 100, ratings{"a": 99, "b": 99})
	again.Seq, again.Players = 2, []Outcome{{Player: "a", Verdict: Lost, Score: -2}, {Player: "c", Score: 4}}
	unrated.Tally = Unrated
	mustApply(t, b, points, again, unrated)
	v, s, _ := b.Current(arena)
	want := []Standing{
		{1, Row{Player: "a", Score: 5, Wins: 1, Losses: 1, Matches: 2, Last: epoch.Unix() + 3600}},
		{2, Row{Player: "c", Score: 4, Matches: 1, Last: epoch.Unix() + 3600}},
	}
	if got := v.Top(9, 0); s != 1 || !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestForget: whoever is gone is on no board of the game, frozen ones
// included, and has no history; the other game's player of that id stays.
func TestForget(t *testing.T) {
	b := mustOpen(t, small())
	other := played(3, 25, ratings{"a": 3})
	other.Ladder = swarm
	mustApply(t, b, played(1, 1, ratings{"a": 1, "b": 2}), played(2, 25, ratings{"a": 1}), other,
		Entry{Seq: 4, At: epoch, Ladder: Ladder{Game: arena.Game}, Forget: []protocol.PlayerID{"a", "?"}})
	for _, s := range b.Seasons(arena) {
		if v, _ := b.Board(arena, s); v.Len() != 1 {
			t.Errorf("season %d has %v", s, top(v))
		}
	}
	if v, _, _ := b.Current(swarm); v.Len() != 1 {
		t.Error("another game's player was forgotten")
	}
	if page := mustPage(t, b, "a", 0, 9); len(page.Matches) != 0 {
		t.Errorf("remembered %v", page)
	}
}

// TestReplay: entries that come again change nothing, in whatever pieces the
// log is folded.
func TestReplay(t *testing.T) {
	for seed := range uint64(10) {
		log := random(seed, 300)
		once, often := mustOpen(t, small()), mustOpen(t, small())
		feed(once, log)
		rnd := rand.New(rand.NewPCG(seed, 1))
		for n := 0; n < len(log); {
			next := min(n+1+rnd.IntN(60), len(log))
			feed(often, log[rnd.IntN(n+1):next])
			n = next
		}
		if !bytes.Equal(snapshot(t, once), snapshot(t, often)) {
			t.Fatalf("seed %d: another fold of the same log", seed)
		}
	}
}

func TestMalformed(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, spoil := range map[string]func(*Entry){
		"no time":    func(e *Entry) { e.At = time.Time{} },
		"far future": func(e *Entry) { e.At = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"game":       func(e *Entry) { e.Game = long },
		"mode":       func(e *Entry) { e.Mode = long },
		"no mode":    func(e *Entry) { e.Mode = "" },
		"match":      func(e *Entry) { e.Match = protocol.MatchID(long) },
		"no match":   func(e *Entry) { e.Match = "" },
		"why":        func(e *Entry) { e.Why = long },
		"tally":      func(e *Entry) { e.Tally = 3 },
		"crowd":      func(e *Entry) { e.Players = make([]Outcome, maxPlayers+1) },
		"twice":      func(e *Entry) { e.Players = append(e.Players, e.Players[0]) },
		"nobody":     func(e *Entry) { e.Players[0].Player = "" },
		"player":     func(e *Entry) { e.Players[0].Player = protocol.PlayerID(long) },
		"place":      func(e *Entry) { e.Players[0].Place = -1 },
		"verdict":    func(e *Entry) { e.Players[0].Verdict = Lost + 1 },
		"score":      func(e *Entry) { e.Players[0].Score = MaxScore + 1 },
		"before":     func(e *Entry) { e.Players[0].Before = -MaxScore - 1 },
		"after":      func(e *Entry) { e.Players[0].After = MaxScore + 1 },
	} {
		b := mustOpen(t, small())
		e := played(7, 1, ratings{"a": 1})
		spoil(&e)
		if err := b.Apply(e); !errors.Is(err, ErrEntry) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, ok := b.Current(arena); ok || b.Applied() != 7 || b.history.count != 0 {
			t.Errorf("%s: not passed over", name)
		}
	}
}

// TestBeside: under -race, readers of everything beside the feed and
// snapshots, each of which is a whole one.
func TestBeside(t *testing.T) {
	log := random(5, 1500)
	b := mustOpen(t, small())
	done := make(chan struct{})
	var others sync.WaitGroup
	beside := func(look func()) {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					look()
				}
			}
		})
	}
	beside(func() {
		for _, s := range b.Seasons(arena) {
			if v, ok := b.Board(arena, s); ok {
				top(v)
			}
		}
	})
	beside(func() { mustPage(t, b, player(3), 0, 3) })
	beside(func() {
		got, err := Restore(small(), bytes.NewReader(snapshotBeside(t, b)))
		if err != nil {
			t.Error(err)
			return
		}
		want := mustOpen(t, small())
		feed(want, log[:(got.Applied()+1)/2])
		if !reflect.DeepEqual(snapshot(t, got), snapshot(t, want)) {
			t.Error("a snapshot beside the feed is no state between two entries")
		}
	})
	feed(b, log)
	close(done)
	others.Wait()
}

func snapshotBeside(t *testing.T, b *Boards) []byte {
	var out bytes.Buffer
	if err := b.Freeze().Write(&out); err != nil {
		t.Error(err)
	}
	return out.Bytes()
}
