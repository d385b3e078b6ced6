package career

import (
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/board"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// TestTheFoldIsAFunction: the same results come to the same, to the last bit.
func TestTheFoldIsAFunction(t *testing.T) {
	cfg := Config{Seasons: board.Seasons{Start: epoch, Length: 30 * 24 * time.Hour}, HistoryEach: 5, HistoryTotal: 60}
	for seed := range uint64(10) {
		all := random(seed, 300)
		alike(t, mustFold(t, cfg, all...), mustFold(t, cfg, random(seed, 300)...))
		twice := mustFold(t, cfg, all[:200]...)
		for _, r := range all {
			twice.apply(r) // what is applied already is passed over
		}
		alike(t, mustFold(t, cfg, all...), twice)
	}
}

// TestBoardsShowRatings: whoever was rated in the open season stands on the
// board with that rating, and nobody else.
func TestBoardsShowRatings(t *testing.T) {
	cfg := Config{Seasons: board.Seasons{Start: epoch, Length: 30 * 24 * time.Hour}}
	for seed := range uint64(10) {
		f := mustFold(t, cfg, random(seed, 300)...)
		for l, all := range f.ratings {
			v, season, _ := f.boards.Current(l)
			here := 0
			for p, b := range all {
				s, ok := v.Rank(p)
				if b.season == season {
					here++
				}
				if ok != (b.season == season) || ok && (s.Score != f.points(b.Rating) || int(s.Matches) != b.Matches) {
					t.Errorf("%v %s: %+v of season %d; %+v of %d", l, p, b.Rating, b.season, s, season)
				}
			}
			if here == 0 || v.Len() != here {
				t.Errorf("%v: %d on the board, %d rated", l, v.Len(), here)
			}
		}
	}
}

// deeds are what a match did to its players' means and places.
func deeds(t *testing.T, e protocol.Ended) (moved []int, all []board.Match) {
	t.Helper()
	f := mustFold(t, Config{}, bus.Record[result]{Seq: 1, Value: resultOf(e, epoch)})
	l := board.Ladder{Game: e.Game, Mode: e.Mode}
	for _, s := range e.Seats {
		mu := f.model.At(f.ratings[l][s.Player.ID].Rating, epoch).Mu - f.model.Newcomer().Mu
		switch {
		case mu > 1e-9:
			moved = append(moved, 1)
		case mu < -1e-9:
			moved = append(moved, -1)
		default:
			moved = append(moved, 0)
		}
		page, _ := f.boards.Matches(t.Context(), e.Game, s.Player.ID, 0, 1)
		all = append(all, page.Matches...)
	}
	return moved, all
}

func TestHowMatchesCount(t *testing.T) {
	const won, lost, drew, unfinished = board.Won, board.Lost, board.Drew, board.Unfinished
	left := func(e protocol.Ended, i int) protocol.Ended { e.Seats[i].Left = true; return e }
	teams := func(e protocol.Ended, of ...game.TeamID) protocol.Ended {
		for i := range e.Seats {
			e.Seats[i].Team = of[i]
		}
		return e
	}
	withBots := func(e protocol.Ended, from int) protocol.Ended {
		for _, s := range e.Seats[from:] {
			e.Bots = append(e.Bots, protocol.EndedBot{Seat: s.Seat, Team: s.Team})
		}
		e.Seats = e.Seats[:from]
		return e
	}
	custom := func(e protocol.Ended) protocol.Ended { e.Custom = true; return e }
	why := func(e protocol.Ended, w string) protocol.Ended { e.Why = w; return e }
	for _, c := range []struct {
		what     string
		e        protocol.Ended
		moved    []int
		verdicts []board.Verdict
		places   []int
	}{
		{"a duel", played("m", 2, 1), []int{-1, 1}, []board.Verdict{lost, won}, []int{2, 1}},
		{"a duel of two who chose each other", custom(played("m", 2, 1)), []int{0, 0}, []board.Verdict{lost, won}, []int{2, 1}},
		{"a draw", played("m", 1, 1), []int{0, 0}, []board.Verdict{drew, drew}, []int{1, 1}},
		{"three", played("m", 1, 2, 3), []int{1, 1, -1}, []board.Verdict{won, lost, lost}, []int{1, 2, 3}},
		{"two at the top", played("m", 1, 1, 3), []int{1, 1, -1}, []board.Verdict{drew, drew, lost}, []int{1, 1, 3}},
		{"teams", teams(played("m", 1, 1, 3, 3), 1, 1, 2, 2), []int{1, 1, -1, -1}, []board.Verdict{won, won, lost, lost}, []int{1, 1, 3, 3}},
		{"teams by their best", teams(played("m", 1, 4, 2, 3), 1, 1, 2, 2), []int{1, 1, -1, -1}, []board.Verdict{won, won, lost, lost}, []int{1, 4, 2, 3}},
		{"teams that drew", teams(played("m", 1, 1, 1, 1), 1, 1, 2, 2), []int{0, 0, 0, 0}, []board.Verdict{drew, drew, drew, drew}, []int{1, 1, 1, 1}},
		{"who leads and leaves", left(played("m", 1, 2, 3), 0), []int{-1, 1, 1}, []board.Verdict{lost, won, lost}, []int{0, 2, 3}},
		{"who leaves a winning team", left(teams(played("m", 1, 1, 3, 3), 1, 1, 2, 2), 0), []int{-1, 1, -1, -1}, []board.Verdict{lost, won, lost, lost}, []int{1, 1, 3, 3}},
		{"alone with bots", withBots(played("m", 1, 2, 3), 1), []int{0}, []board.Verdict{won}, []int{1}},
		{"beaten by a bot", withBots(played("m", 2, 3, 1), 2), []int{1, -1}, []board.Verdict{lost, lost}, []int{2, 3}},
		{"a bot in each team", withBots(teams(played("m", 1, 2, 1, 2), 1, 2, 1, 2), 2), []int{1, -1}, []board.Verdict{won, lost}, []int{1, 2}},
		{"cut short", why(played("m", 1, 2), "drained"), []int{0, 0}, []board.Verdict{unfinished, unfinished}, []int{0, 0}},
		{"rules without places", played("m", 0, 0), []int{0, 0}, []board.Verdict{drew, drew}, []int{0, 0}},
	} {
		moved, all := deeds(t, c.e)
		if fmt.Sprint(moved) != fmt.Sprint(c.moved) {
			t.Errorf("%s: means moved %v, want %v", c.what, moved, c.moved)
		}
		if len(all) != len(c.verdicts) {
			t.Fatalf("%s: %d histories", c.what, len(all))
		}
		for i, m := range all {
			if m.Verdict != c.verdicts[i] || m.Place != c.places[i] {
				t.Errorf("%s: player %d: verdict %d in place %d, want %d in %d", c.what, i, m.Verdict, m.Place, c.verdicts[i], c.places[i])
			}
		}
	}
}

// TestBotsOfATeamSayLess: the same win is worth less with a bot on each side.
func TestBotsOfATeamSayLess(t *testing.T) {
	e := played("m", 1, 2)
	e.Seats[0].Team, e.Seats[1].Team = 1, 2
	gain := func(e protocol.Ended) float64 {
		f := mustFold(t, Config{}, bus.Record[result]{Seq: 1, Value: resultOf(e, epoch)})
		return f.ratings[duel][id(0)].Mu - f.model.Newcomer().Mu
	}
	plain := gain(e)
	e.Bots = []protocol.EndedBot{{Seat: 2, Team: 1}, {Seat: 3, Team: 2}}
	if bots := gain(e); bots <= 0 || bots >= plain {
		t.Errorf("gained %f with bots, %f without", bots, plain)
	}
}

// TestWhoComesBack to another seat has one part in the match, the later.
func TestWhoComesBack(t *testing.T) {
	e := played("m", 1, 2)
	gone := protocol.EndedSeat{Seat: 5, Player: player(0), Left: true}
	e.Seats = append([]protocol.EndedSeat{gone}, e.Seats...)
	r := resultOf(e, epoch)
	if len(r.Players) != 2 || r.Players[0].Left || r.Players[0].Rank != 1 {
		t.Errorf("%+v", r.Players)
	}
}

// TestNewSeason: the board begins empty; a player's first match of a season
// starts from a rating drawn towards a newcomer's.
func TestNewSeason(t *testing.T) {
	month := 30 * 24 * time.Hour
	cfg := Config{Seasons: board.Seasons{Start: epoch, Length: month}}
	var all []bus.Record[result]
	for n := range 50 {
		all = append(all, bus.Record[result]{Seq: uint64(n + 1), Value: resultOf(played(fmt.Sprint("m", n), 1, 2), epoch.Add(time.Duration(n)*time.Hour))})
	}
	f := mustFold(t, cfg, all...)
	old := f.ratings[duel][id(0)]
	others := played("turn", 1, 2)
	others.Seats[0].Player, others.Seats[1].Player = player(7), player(8)
	f.apply(bus.Record[result]{Seq: 51, Value: resultOf(others, epoch.Add(month+time.Hour))})
	v, season, _ := f.boards.Current(duel)
	equal(t, "season", season, 2)
	equal(t, "on the new board", v.Len(), 2)
	equal(t, "not touched yet", f.ratings[duel][id(0)], old)
	soft := f.at(duel, id(0), season, epoch.Add(month+time.Hour))
	middle := f.model.Newcomer().Mu
	if soft.Mu <= middle || soft.Mu-middle > 0.51*(old.Mu-middle) || soft.Sigma <= old.Sigma {
		t.Errorf("from %+v to %+v", old.Rating, soft)
	}
	f.apply(bus.Record[result]{Seq: 52, Value: resultOf(played("m52", 1, 2), epoch.Add(month+2*time.Hour))})
	now := f.ratings[duel][id(0)]
	equal(t, "season of the rating", now.season, 2)
	equal(t, "matches", now.Matches, 1)
	past, ok := f.boards.Board(duel, 1)
	if s, _ := past.Rank(id(0)); !ok || s.Score != f.points(old.Rating) || s.Matches != 50 {
		t.Errorf("frozen: %+v", s)
	}
	back := f.season(duel, epoch)
	equal(t, "season by a clock that was set back", back, 2)
	far := f.at(duel, id(0), 1_000_000, epoch.Add(3*month))
	if d := far.Mu - middle; d < 0 || d > 0.01 {
		t.Errorf("after a million seasons %f is left", d)
	}
}

// TestWhoWasAway is less certain, and moves further by the next match.
func TestWhoWasAway(t *testing.T) {
	gain := func(away time.Duration) float64 {
		f := mustFold(t, Config{})
		for n := range uint64(30) {
			f.apply(bus.Record[result]{Seq: n + 1, Value: resultOf(played(fmt.Sprint("m", n), 1+int32(n%2), 2-int32(n%2)), epoch)})
		}
		before := f.ratings[duel][id(0)].Mu
		f.apply(bus.Record[result]{Seq: 31, Value: resultOf(played("m31", 1, 2), epoch.Add(away))})
		return f.ratings[duel][id(0)].Mu - before
	}
	if soon, late := gain(time.Hour), gain(200*24*time.Hour); late < 1.5*soon {
		t.Errorf("gained %f, and %f after half a year", soon, late)
	}
}

// TestMetIsBounded and knows the latest.
func TestMetIsBounded(t *testing.T) {
	m := newMet()
	for n := range maxMet + 1000 {
		if m.again(protocol.MatchID(fmt.Sprint(n))) {
			t.Fatalf("%d was never met", n)
		}
	}
	if len(m.of) != maxMet || len(m.ring) != maxMet || !m.again(matchOf(1000)) || m.again(matchOf(999)) {
		t.Errorf("%d known, %d in order", len(m.of), len(m.ring))
	}
}

func matchOf(n int) protocol.MatchID { return protocol.MatchID(fmt.Sprint(n)) }
