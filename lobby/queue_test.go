package lobby

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
)

var epoch = time.Unix(1_000_000, 0)

func bot(game.Seat, uint64) game.Bot { return nil }

func modeOf(name string, seats, least int, fillAfter time.Duration, bot func(game.Seat, uint64) game.Bot) *game.Mode {
	return &game.Mode{Name: name, Game: game.DefaultGame, Title: name, Seats: seats, Hz: 30, MinPlayers: least, FillAfter: fillAfter, Bot: bot, BotSeats: seats}
}

// teams is a mode of so many teams, without bots.
func teams(name string, teams, size int, mm game.Matchmaking) *game.Mode {
	m := modeOf(name, teams*size, teams*size, 2*time.Second, nil)
	mm.Teams, mm.TeamSize = teams, size
	m.Matchmaking = mm
	return m
}

func queueOf(t testing.TB, m *game.Mode) *queue {
	t.Helper()
	queues, err := queuesOf([]*game.Mode{m})
	if err != nil {
		t.Fatal(err)
	}
	return queues[m.Name]
}

// waiters are tickets that came one each second from epoch on, of parties of
// these sizes.
func waiters(sizes ...int) (all []*store.Ticket) {
	for i, size := range sizes {
		x := &store.Ticket{ID: store.TicketID(fmt.Sprint(i)), Seq: uint64(i + 1), Created: epoch.Add(time.Duration(i) * time.Second)}
		for j := range size {
			x.Members = append(x.Members, store.Member{Player: protocol.Player{ID: protocol.PlayerID(fmt.Sprintf("%d-%d", i, j))}})
		}
		all = append(all, x)
	}
	return all
}

func ones(n int) []int { return slices.Repeat([]int{1}, n) }

func TestPlan(t *testing.T) {
	ffa := modeOf("ffa", 4, 1, 10*time.Second, bot)
	duel := modeOf("duel", 2, 2, 10*time.Second, nil)
	quartet := modeOf("quartet", 4, 3, 10*time.Second, nil)
	pairs := teams("pairs", 2, 2, game.Matchmaking{})
	for _, test := range []struct {
		what  string
		mode  *game.Mode
		wait  []int
		after time.Duration // since the first came
		sizes []int
	}{
		{"nobody", ffa, nil, time.Hour, nil},
		{"not yet full", ffa, ones(3), 9 * time.Second, nil},
		{"full at once", ffa, ones(4), 0, []int{4}},
		{"two full ones and a rest", ffa, ones(11), 0, []int{4, 4}},
		{"waited long enough", ffa, ones(3), 10 * time.Second, []int{3}},
		{"alone with bots", ffa, ones(1), 10 * time.Second, []int{1}},
		{"a rest counts its own oldest", ffa, ones(5), 13 * time.Second, []int{4}},
		{"and falls due with it", ffa, ones(5), 14 * time.Second, []int{4, 1}},
		{"a duel waits for the other", duel, ones(1), time.Hour, nil},
		{"a duel", duel, ones(2), 0, []int{2}},
		{"too few", quartet, ones(2), time.Hour, nil},
		{"enough, without bots", quartet, ones(3), 10 * time.Second, []int{3}},
		{"two parties", pairs, []int{2, 2}, 0, []int{4}},
		{"a party and two", pairs, []int{1, 2, 1}, 0, []int{4}},
		{"parties that do not add up", pairs, []int{2, 1}, time.Hour, nil},
	} {
		groups, result := queueOf(t, test.mode).plan(waiters(test.wait...), nil, epoch.Add(test.after))
		var sizes []int
		for _, g := range groups {
			sizes = append(sizes, len(g.Seats))
			checkSeats(t, test.mode, g)
		}
		if !slices.Equal(sizes, test.sizes) {
			t.Errorf("%s: groups of %v, want %v; %+v", test.what, sizes, test.sizes, result.Waiting)
		}
	}
}

// checkSeats: by number, each in one, and a party on one team.
func checkSeats(t *testing.T, m *game.Mode, g Group) {
	t.Helper()
	size := game.Seat(m.Seats / max(m.Matchmaking.Teams, 1))
	team := map[*store.Ticket]game.Seat{}
	for i, s := range g.Seats {
		if int(s.Number) >= m.Seats || i > 0 && s.Number <= g.Seats[i-1].Number {
			t.Errorf("%s: seats %+v", m.Name, g.Seats)
		}
		if of, known := team[s.Ticket]; known && of != s.Number/size {
			t.Errorf("%s: a party is parted", m.Name)
		}
		team[s.Ticket] = s.Number / size
	}
}

func TestModesThatCannotBeQueuedFor(t *testing.T) {
	m := modeOf("m", 4, 1, time.Second, nil)
	if _, err := queuesOf([]*game.Mode{m, m}); err == nil || !strings.Contains(err.Error(), "two modes") {
		t.Errorf("twice: %v", err)
	}
	odd := modeOf("odd", 4, 5, time.Second, nil)
	if _, err := queuesOf([]*game.Mode{odd}); err == nil || !strings.Contains(err.Error(), "odd") {
		t.Errorf("more players than seats: %v", err)
	}
}

// regional has regions and properties.
func regional() *game.Mode {
	return teams("regional", 2, 2, game.Matchmaking{Regions: []string{"eu", "us"}, Match: []string{"map", "ranked"}})
}

// measured is one player who has measured pings.
func measured(pings store.Pings) []Seeker {
	return []Seeker{{protocol.Player{ID: "p", Game: "main"}, pings}}
}

func players(all ...protocol.Player) (seekers []Seeker) {
	for _, p := range all {
		seekers = append(seekers, Seeker{Player: p})
	}
	return seekers
}

func TestWishes(t *testing.T) {
	ms := time.Millisecond
	asian, lunar := teams("asian", 2, 2, game.Matchmaking{Regions: []string{"asia"}}), teams("lunar", 2, 2, game.Matchmaking{Regions: []string{"moon"}})
	lunar.Game = "other"
	queues, err := queuesOf([]*game.Mode{regional(), asian, lunar})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 65)
	for _, test := range []struct {
		what string
		wish Wish
		want error
	}{
		{"plain", Wish{}, nil},
		{"all there is", Wish{Players: measured(store.Pings{"eu": 20 * ms, "us": 90 * ms}), Props: map[string]string{"map": "pit", "ranked": "yes"}}, nil},
		{"another mode's region", Wish{Players: measured(store.Pings{"asia": 20 * ms})}, nil},
		{"a member's unknown region", Wish{Players: append(measured(nil), Seeker{protocol.Player{ID: "q", Game: "main"}, store.Pings{"mars": ms}})}, ErrPings},
		{"another game's region", Wish{Players: measured(store.Pings{"moon": 20 * ms})}, ErrPings},
		{"an unknown region", Wish{Players: measured(store.Pings{"mars": 20 * ms})}, ErrPings},
		{"no ping", Wish{Players: measured(store.Pings{"eu": 0})}, ErrPings},
		{"a negative ping", Wish{Players: measured(store.Pings{"eu": -ms})}, ErrPings},
		{"an absurd ping", Wish{Players: measured(store.Pings{"eu": 11 * time.Second})}, ErrPings},
		{"an unknown property", Wish{Props: map[string]string{"colour": "red"}}, ErrProps},
		{"a known and an unknown one", Wish{Props: map[string]string{"map": "pit", "colour": "red"}}, ErrProps},
		{"an empty property", Wish{Props: map[string]string{"map": ""}}, ErrProps},
		{"a long property", Wish{Props: map[string]string{"map": long}}, ErrProps},
		{"garbage", Wish{Props: map[string]string{"map": "\xff"}}, ErrProps},
		{"an unknown mode", Wish{Mode: "chess"}, ErrModeUnknown},
		{"another game's player", Wish{Players: players(protocol.Player{ID: "p", Game: "other"})}, ErrModeUnknown},
		{"one of another game", Wish{Players: players(protocol.Player{ID: "p", Game: "main"}, protocol.Player{ID: "q", Game: "other"})}, ErrModeUnknown},
		{"nobody", Wish{Players: []Seeker{}}, ErrParty},
		{"nobody's id", Wish{Players: players(protocol.Player{Game: "main"})}, ErrParty},
		{"more than a team", Wish{Players: players(protocol.Player{ID: "p", Game: "main"}, protocol.Player{ID: "q", Game: "main"}, protocol.Player{ID: "r", Game: "main"})}, ErrParty},
		{"somebody twice", Wish{Players: players(protocol.Player{ID: "p", Game: "main"}, protocol.Player{ID: "p", Game: "main"})}, ErrParty},
	} {
		w := test.wish
		if w.Mode == "" {
			w.Mode = "regional"
		}
		if w.Players == nil {
			w.Players = measured(nil)
		}
		l := &Lobby{queues: queues}
		if _, err := l.ticket(w, epoch); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
}

// TestPropsAreOneText: equal where they are the same, whatever is in them.
func TestPropsAreOneText(t *testing.T) {
	q := queueOf(t, regional())
	seen := map[string]string{}
	for _, of := range []map[string]string{
		nil, {"map": "pit"}, {"ranked": "pit"}, {"map": "pit", "ranked": "yes"},
		{"map": `pit" ranked="yes`}, {"map": "pit ranked=yes"}, {"map": `pit\`},
	} {
		text, err := q.props(of)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[text]; ok {
			t.Errorf("%v and %s are both %s", of, other, text)
		}
		seen[text] = fmt.Sprint(of)
	}
}
