package board

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

var (
	arena = Ladder{"shooter", "arena"}
	duel  = Ladder{"shooter", "duel"}
	swarm = Ladder{"other", "arena"}
	epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
)

// small is a world with seasons of a day and little memory.
func small() Config {
	return Config{
		Seasons:      Seasons{Start: epoch, Length: 24 * time.Hour},
		Calendars:    map[Ladder]Seasons{swarm: {}},
		Kept:         2,
		Reset:        toward(1500, 50),
		HistoryEach:  5,
		HistoryTotal: 60,
	}
}

// toward returns a soft reset, for Config.Reset: each season that begins
// leaves so many percent of a score's distance from the mean. Whoever has not
// played in the season that ended begins the next one with the first match.
func toward(mean int64, percent int64) func(r Row, passed int) (score int64, keep bool) {
	return func(r Row, passed int) (int64, bool) {
		distance := r.Score - mean
		for range min(passed, 64) {
			distance = distance/100*percent + distance%100*percent/100
		}
		return mean + distance, r.Matches > 0
	}
}

func mustOpen(tb testing.TB, cfg Config) *Boards {
	tb.Helper()
	b, err := Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func mustApply(tb testing.TB, b *Boards, entries ...Entry) {
	tb.Helper()
	for _, e := range entries {
		if err := b.Apply(e); err != nil {
			tb.Fatal(err)
		}
	}
}

// played is a match of arena at so many hours, with a new rating each for the
// players of these letters.
func played(seq uint64, hours int, ratings map[string]int64) Entry {
	e := Entry{
		Seq: seq, At: epoch.Add(time.Duration(hours) * time.Hour), Ladder: arena,
		Match: protocol.MatchID(fmt.Sprint("m", seq)), Why: "decided",
	}
	for p, after := range ratings {
		e.Players = append(e.Players, Outcome{Player: protocol.PlayerID(p), Place: 1, Verdict: Won, Score: 7, Before: 1500, After: after})
	}
	return e
}

// random is a stream of n entries over some ten days, marks, malformed ones
// and forgotten players among them.
func random(seed uint64, n int) (all []Entry) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	at := epoch
	for seq := range uint64(n) {
		at = at.Add(time.Duration(rnd.Int64N(int64(20*24*time.Hour) / int64(n))))
		e := Entry{Seq: seq*2 + 1, At: at, Ladder: []Ladder{arena, duel, swarm}[rnd.IntN(3)]}
		e.Tally = Tally(rnd.IntN(3))
		if e.Ladder == duel && e.Tally == Rated {
			e.Tally = Points
		}
		switch rnd.IntN(12) {
		case 0:
		case 1:
			e.Forget = append(e.Forget, player(rnd.IntN(40)), "stranger")
		case 2:
			e.Match, e.Players = "m", []Outcome{{Player: "x"}, {Player: "x"}}
		default:
			e.Match, e.Why = protocol.MatchID(fmt.Sprint("m", seq)), "decided"
			for _, i := range rnd.Perm(40)[:1+rnd.IntN(6)] {
				e.Players = append(e.Players, Outcome{
					Player: player(i), Place: rnd.IntN(5), Verdict: Verdict(rnd.IntN(int(Lost) + 1)),
					Score: rnd.Int64N(9) - 2, Before: rnd.Int64N(99), After: 1400 + rnd.Int64N(200),
				})
			}
		}
		all = append(all, e)
	}
	return all
}

// feed applies entries, of which malformed ones are passed over.
func feed(b *Boards, entries []Entry) {
	for _, e := range entries {
		b.Apply(e)
	}
}

func snapshot(tb testing.TB, b *Boards) []byte {
	tb.Helper()
	var out bytes.Buffer
	c := b.Freeze()
	applied, err := c.applied, c.Write(&out)
	if err != nil || applied != b.Applied() {
		tb.Fatalf("snapshot of %d at %d: %v", applied, b.Applied(), err)
	}
	return out.Bytes()
}

func top(v *View) (all []string) {
	for _, s := range v.Top(100, 0) {
		all = append(all, fmt.Sprint(s.Rank, s.Player, s.Score))
	}
	return all
}
