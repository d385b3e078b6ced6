package board

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/musterhq/muster/protocol"
)

// A model is a board as simple as can be: a slice that is sorted anew.
type model []row

func (m *model) set(seq uint64, r Row) {
	if i := m.find(r.Player); i >= 0 {
		if (*m)[i].Score == r.Score {
			seq = (*m)[i].reached
		}
		m.remove(r.Player)
	}
	*m = append(*m, row{r, seq})
	slices.SortFunc(*m, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.reached, b.reached), cmp.Compare(a.Player, b.Player))
	})
}

func (m *model) remove(p protocol.PlayerID) bool {
	i := m.find(p)
	if i >= 0 {
		*m = slices.Delete(*m, i, i+1)
	}
	return i >= 0
}

func (m *model) find(p protocol.PlayerID) int {
	return slices.IndexFunc(*m, func(r row) bool { return r.Player == p })
}

func (m *model) standings() (all []Standing) {
	for _, r := range *m {
		rank := 1
		for _, o := range *m {
			if o.Score > r.Score {
				rank++
			}
		}
		all = append(all, Standing{rank, r.Row})
	}
	return all
}

func (m *model) percentile(p protocol.PlayerID) float64 {
	me, below := (*m)[m.find(p)], 0.0
	for _, o := range *m {
		if o.Score < me.Score {
			below++
		} else if o.Score == me.Score && o.Player != p {
			below += 0.5
		}
	}
	if len(*m) == 1 {
		return 100
	}
	return 100 * below / float64(len(*m)-1)
}

// player is the i-th of some players with ids as long, and as mixed, as real ones.
func player(i int) protocol.PlayerID {
	return protocol.PlayerID(fmt.Sprintf("%016x%010d", uint64(i)*0x9e3779b97f4a7c15, i))
}

// TestModel: after any operations the board says what the model says.
func TestModel(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		b, m := New(), model{}
		players, scores := 1+rnd.IntN(400), 1+rnd.Int64N(200)
		for seq := uint64(1); seq < 1500; seq++ {
			p := player(rnd.IntN(players))
			if grow := seq < 1000; rnd.IntN(10) < 7 == grow {
				r := Row{Player: p, Score: rnd.Int64N(scores) - scores/2, Wins: uint32(seq)}
				b.Set(seq/3, r)
				m.set(seq/3, r)
			} else if got, want := b.Remove(p), m.remove(p); got != want {
				t.Fatalf("seed %d: Remove says %v, want %v", seed, got, want)
			}
			if seq%100 == 0 {
				compare(t, b, &m, rnd)
			}
		}
	}
}

func compare(t *testing.T, b *Board, m *model, rnd *rand.Rand) {
	t.Helper()
	want := m.standings()
	if got := b.Top(MaxPage, 0); !slices.Equal(got, want) {
		t.Fatalf("got  %v\nwant %v", got, want)
	}
	if b.Len() != len(want) {
		t.Fatalf("%d players, want %d", b.Len(), len(want))
	}
	from, n := rnd.IntN(len(want)+1), rnd.IntN(20)
	if got, want := b.Top(n, from), want[from:min(from+n, len(want))]; !slices.Equal(got, want) {
		t.Fatalf("Top(%d, %d) = %v, want %v", n, from, got, want)
	}
	for i, w := range want {
		if got, ok := b.Rank(w.Player); !ok || got != w {
			t.Fatalf("Rank = %v, want %v", got, w)
		}
		if got, _ := b.Percentile(w.Player); got != m.percentile(w.Player) {
			t.Fatalf("Percentile = %v, want %v", got, m.percentile(w.Player))
		}
		page, at, ok := b.Around(w.Player, n)
		if !ok || page[at] != w || !slices.Equal(page, want[max(i-n, 0):min(i+n+1, len(want))]) {
			t.Fatalf("Around(%d) = %v at %d", n, page, at)
		}
	}
}

// TestTies: ties share a rank, the next one's counts them, and who came first
// stands first for as long as the score stays.
func TestTies(t *testing.T) {
	b := New()
	for i, score := range []int64{7, 9, 5, 7} {
		b.Set(uint64(i+1), Row{Player: player(9 - i), Score: score})
	}
	b.Set(5, Row{Player: player(9), Score: 7, Wins: 1}) // stays where it was
	want := []string{"1 9", "2 7", "2 7", "4 5"}
	var got []string
	for _, s := range b.Top(10, 0) {
		got = append(got, fmt.Sprint(s.Rank, " ", s.Score))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if top := b.Top(2, 1); top[0].Player != player(9) || top[0].Wins != 1 || top[1].Player != player(6) {
		t.Errorf("ties are listed as %v", top)
	}
	b.Set(6, Row{Player: player(9), Score: 8})
	b.Set(7, Row{Player: player(9), Score: 7}) // left and came back
	if top := b.Top(2, 1); top[0].Player != player(6) {
		t.Errorf("ties are listed as %v", top)
	}
}

func TestNobody(t *testing.T) {
	b := New()
	for range 2 {
		_, ranked := b.Rank("x")
		_, placed := b.Percentile("x")
		_, _, around := b.Around("x", 5)
		if ranked || placed || around || b.Remove("x") {
			t.Error("a player who is not there stands somewhere")
		}
		for _, page := range [][2]int{{-1, 0}, {5, -1}, {0, 0}, {5, 9}, {1 << 62, 1 << 62}} {
			if got := b.Top(page[0], page[1]); len(got) != 0 {
				t.Errorf("Top(%v) = %v", page, got)
			}
		}
		b.Set(1, Row{Player: "a", Score: 1 << 62})
	}
	if s, _ := b.Rank("a"); s.Score != MaxScore {
		t.Errorf("score %d", s.Score)
	}
	if percent, _ := b.Percentile("a"); percent != 100 {
		t.Errorf("alone at %v %%", percent)
	}
	if page, at, _ := b.Around("a", 1<<62); len(page) != 1 || at != 0 {
		t.Errorf("around: %v at %d", page, at)
	}
}

// TestReaders: beside a writer, readers always see a whole board in order, with
// every player on it and ranks that fit the scores.
func TestReaders(t *testing.T) {
	b := New()
	const players = 500
	for i := range players {
		b.Set(1, Row{Player: player(i), Score: int64(i)})
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() { watch(t, b, rand.New(rand.NewPCG(uint64(i), 1)), done) })
	}
	rnd := rand.New(rand.NewPCG(9, 9))
	for seq := uint64(2); seq < 5000; seq++ {
		b.Set(seq, Row{Player: player(rnd.IntN(players)), Score: rnd.Int64N(300)})
		if seq%500 == 0 {
			if got := b.freeze().len(); got != players {
				t.Errorf("froze %d", got)
			}
		}
	}
	close(done)
	readers.Wait()
}

func watch(t *testing.T, b *Board, rnd *rand.Rand, done chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
		}
		page, at, ok := b.Around(player(rnd.IntN(500)), 20)
		if !ok || at >= len(page) {
			t.Error("a player was gone for a moment")
		}
		for i := 1; i < len(page); i++ {
			a, b := page[i-1], page[i]
			if a.Score < b.Score || (a.Score == b.Score) != (a.Rank == b.Rank) {
				t.Errorf("%v stands before %v", a, b)
			}
		}
	}
}
