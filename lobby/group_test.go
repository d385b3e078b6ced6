package lobby

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

var epoch = time.Unix(1_000_000, 0)

func bot(game.Seat, uint64) game.Bot { return nil }

func modeOf(name string, seats, least int, fillAfter time.Duration, bot func(game.Seat, uint64) game.Bot) *game.Mode {
	return &game.Mode{Name: name, Game: game.DefaultGame, Title: name, Seats: seats, Hz: 30, MinPlayers: least, FillAfter: fillAfter, Bot: bot}
}

// waiters are n tickets of a mode that came one each second from epoch on.
func waiters(mode string, n int) (all []store.Ticket) {
	for i := range n {
		all = append(all, store.Ticket{
			ID: store.TicketID(fmt.Sprintf("%s-%d", mode, i)), Seq: uint64(i + 1), Mode: mode,
			Player:  protocol.Player{ID: protocol.PlayerID(fmt.Sprintf("%s-player-%d", mode, i))},
			Created: epoch.Add(time.Duration(i) * time.Second),
		})
	}
	return all
}

func TestGroup(t *testing.T) {
	ffa := modeOf("ffa", 4, 1, 10*time.Second, bot)
	duel := modeOf("duel", 2, 2, 10*time.Second, nil)
	quartet := modeOf("quartet", 4, 3, 10*time.Second, nil)
	for _, test := range []struct {
		what  string
		mode  *game.Mode
		wait  int
		after time.Duration // since the first came
		sizes []int
		bots  int // of the last group
	}{
		{"nobody", ffa, 0, time.Hour, nil, 0},
		{"not yet full", ffa, 3, 9 * time.Second, nil, 0},
		{"full at once", ffa, 4, 0, []int{4}, 0},
		{"two full ones and a rest", ffa, 11, 0, []int{4, 4}, 0},
		{"waited long enough", ffa, 3, 10 * time.Second, []int{3}, 1},
		{"alone with bots", ffa, 1, 10 * time.Second, []int{1}, 3},
		{"a rest counts its own oldest", ffa, 5, 13 * time.Second, []int{4}, 0},
		{"and falls due with it", ffa, 5, 14 * time.Second, []int{4, 1}, 3},
		{"a duel waits for the other", duel, 1, time.Hour, nil, 0},
		{"a duel", duel, 2, 0, []int{2}, 0},
		{"too few", quartet, 2, time.Hour, nil, 0},
		{"enough, without bots", quartet, 3, 10 * time.Second, []int{3}, 0},
	} {
		groups := group(waiters(test.mode.Name, test.wait), map[string]*game.Mode{test.mode.Name: test.mode}, epoch.Add(test.after))
		var sizes []int
		for _, g := range groups {
			sizes = append(sizes, len(g.Tickets))
		}
		if !slices.Equal(sizes, test.sizes) {
			t.Errorf("%s: groups of %v, want %v", test.what, sizes, test.sizes)
		}
		if n := len(groups); n > 0 && groups[n-1].Bots != test.bots {
			t.Errorf("%s: %d bots, want %d", test.what, groups[n-1].Bots, test.bots)
		}
	}
}

// TestGroupProperties: whatever the queue, in whatever order it is given.
func TestGroupProperties(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		modes, tickets, now := anyQueue(r)
		groups := group(tickets, modes, now)
		if err := checkGroups(groups, tickets, modes, now); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		r.Shuffle(len(tickets), func(i, j int) { tickets[i], tickets[j] = tickets[j], tickets[i] })
		if again := group(tickets, modes, now); fmt.Sprint(again) != fmt.Sprint(groups) {
			t.Fatalf("seed %d: the order in which tickets are given matters", seed)
		}
	}
}

func anyQueue(r *rand.Rand) (modes map[string]*game.Mode, tickets []store.Ticket, now time.Time) {
	modes = make(map[string]*game.Mode)
	for i := range 1 + r.IntN(4) {
		seats := 1 + r.IntN(6)
		m := modeOf(fmt.Sprint("m", i), seats, 1+r.IntN(seats), time.Duration(r.IntN(20))*time.Second, nil)
		if r.IntN(2) == 0 {
			m.Bot = bot
		}
		modes[m.Name] = m
		tickets = append(tickets, waiters(m.Name, r.IntN(20))...)
	}
	tickets = append(tickets, waiters("gone", r.IntN(3))...) // of no mode
	slices.SortFunc(tickets, func(a, b store.Ticket) int { return a.Created.Compare(b.Created) })
	for i := range tickets {
		tickets[i].Seq = uint64(i + 1)
	}
	return modes, tickets, epoch.Add(time.Duration(r.IntN(40)) * time.Second)
}

func checkGroups(groups []Group, tickets []store.Ticket, modes map[string]*game.Mode, now time.Time) error {
	in := make(map[store.TicketID]bool)
	youngest := make(map[string]uint64)
	for _, g := range groups {
		n := len(g.Tickets)
		full, due := n == g.Mode.Seats, !now.Before(g.Tickets[0].Created.Add(g.Mode.FillAfter))
		switch {
		case n > g.Mode.Seats || !full && (n < g.Mode.MinPlayers || !due):
			return fmt.Errorf("%s made a group of %d, full %v, due %v", g.Mode.Name, n, full, due)
		case g.Bots > 0 && g.Mode.Bot == nil, g.Mode.Bot != nil && n+g.Bots != g.Mode.Seats:
			return fmt.Errorf("%s fills %d seats with %d bots", g.Mode.Name, g.Mode.Seats-n, g.Bots)
		}
		for _, x := range g.Tickets {
			if in[x.ID] || x.Mode != g.Mode.Name || x.Seq <= youngest[x.Mode] {
				return fmt.Errorf("ticket %s is in two groups, in a wrong one, or was overtaken", x.ID)
			}
			in[x.ID], youngest[x.Mode] = true, x.Seq
		}
	}
	return checkRest(in, youngest, tickets, modes, now)
}

// checkRest: who waits on must, and is younger than all who do not.
func checkRest(in map[store.TicketID]bool, youngest map[string]uint64, tickets []store.Ticket, modes map[string]*game.Mode, now time.Time) error {
	rest := make(map[string][]store.Ticket)
	for _, x := range tickets {
		if !in[x.ID] && modes[x.Mode] != nil {
			rest[x.Mode] = append(rest[x.Mode], x)
		}
	}
	for name, waiting := range rest {
		m := modes[name]
		due := len(waiting) >= m.MinPlayers && !now.Before(waiting[0].Created.Add(m.FillAfter))
		if len(waiting) >= m.Seats || due || waiting[0].Seq < youngest[name] {
			return fmt.Errorf("%d of %s were left waiting", len(waiting), name)
		}
	}
	return nil
}

func BenchmarkGroup(b *testing.B) {
	ffa := modeOf("ffa", 16, 1, 10*time.Second, bot)
	modes := map[string]*game.Mode{"ffa": ffa}
	for _, n := range []int{100, 10_000} {
		tickets := waiters("ffa", n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				group(tickets, modes, epoch)
			}
		})
	}
}
