package cmd

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/mail"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// TestAMatchIsFoundAfterwards by its players, once each: on the board, in their
// ratings, their histories and their mail, and on a server that was started
// anew.
func TestAMatchIsFoundAfterwards(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx := meeting(t)
	var both []*friend
	var found [2]client.Played
	t.Run("before", func(t *testing.T) {
		s := mustServer(t, Config{Beat: true, Data: dir, Countdown: time.Millisecond}, short(1))
		both = []*friend{mustFriend(ctx, t, s, "main", "Ada"), mustFriend(ctx, t, s, "main", "Bob")}
		befriend(both[0], both[1])
		inviting(both[0], both[1])
		if err := both[0].tries("POST", "/v1/party/ticket", map[string]string{"mode": "short"}); err != nil {
			t.Fatal(err)
		}
		games := []*client.Game{both[0].plays(), both[1].plays()}
		for i, g := range games {
			over, err := g.Wait(ctx)
			if err != nil || over.Why != "finished" {
				t.Fatalf("over: %+v, %v", over, err)
			}
			found[i] = both[i].findsOnly(over.Match) // Over comes when it is kept
			letter := both[i].isMailed()
			if m := found[i]; letter != (resultLetter{m.ID, m.Outcome, m.Place, m.Score, m.Before, m.After}) {
				t.Errorf("mailed %+v, the match %+v", letter, m)
			}
			wantScore(t, found[i], over, g.Joined().Seat)
		}
	})
	t.Run("after", func(t *testing.T) {
		s := mustServer(t, Config{Beat: true, Data: dir}, short(1))
		for i, f := range both {
			if again := f.again(t, s).findsOnly(found[i].ID); again != found[i] {
				t.Errorf("found %+v, before %+v", again, found[i])
			}
		}
	})
}

// TestAMatchThatWasCutShortHasNoVerdict for anybody who is told of it, by the
// socket, by mail, in a history or as a server of the studio.
func TestAMatchThatWasCutShortHasNoVerdict(t *testing.T) {
	t.Parallel()
	ctx := meeting(t)
	s := mustServer(t, loopback, short(600))
	st := newStudio(t)
	st.listen(ctx, t, s)
	api := client.New(s.URL())
	t.Cleanup(api.Close)
	svc, _ := backEnd(ctx, t, s, api)
	session, g := enter(ctx, t, s, "short", client.Options{})
	awaitTicks(ctx, t, g, 5)
	if err := svc.EndMatch(ctx, g.Joined().Match); err != nil {
		t.Fatal(err)
	}
	if over, err := g.Wait(ctx); err != nil || over.Why != "ended" || len(over.Result) > 0 {
		t.Errorf("by the socket: %+v, %v", over, err)
	}
	if page, _, err := session.Matches(ctx, client.Me, 0, 0); err != nil || len(page) != 1 || page[0].Outcome != "unfinished" || page[0].Place != 0 {
		t.Errorf("in the history: %+v, %v", page, err)
	}
	var d endedData
	if err := json.Unmarshal(st.await(ctx, t).Data, &d); err != nil || len(d.Players) != 1 || d.Players[0].Verdict != "unfinished" || d.Players[0].Place != 0 || d.Why != "ended" {
		t.Errorf("posted: %+v, %v", d, err)
	}
	if letter := mailed(ctx, t, s, session.Player.ID); letter.Verdict != "unfinished" || letter.Place != 0 {
		t.Errorf("mailed: %+v", letter)
	}
}

// mailed waits for the letter about a player's one match.
func mailed(ctx context.Context, t *testing.T, s *Server, p protocol.PlayerID) (l resultLetter) {
	t.Helper()
	for range time.Tick(10 * time.Millisecond) {
		unread, err := s.mail.Unread(ctx, s.lobby.Games()[0], p)
		if err != nil {
			t.Fatal(err)
		}
		if len(unread) == 0 {
			continue
		}
		if err := json.Unmarshal([]byte(unread[0].Data), &l); err != nil || unread[0].Kind != mail.KindResult || !strings.Contains(unread[0].Text, "not played to its end") {
			t.Errorf("%v in %+v", err, unread)
		}
		break
	}
	return l
}

// findsOnly asks for all there is, which must be of this one match, of two.
func (f *friend) findsOnly(match protocol.MatchID) client.Played {
	f.t.Helper()
	page, next, err := f.Matches(f.ctx, client.Me, 0, 0)
	if err != nil || len(page) != 1 || page[0].ID != match || next != 0 {
		f.t.Fatalf("matches %+v, then %d, %v", page, next, err)
	}
	m := page[0]
	ratings, err := f.Ratings(f.ctx, client.Me)
	if err != nil || len(ratings) != 1 || ratings[0].Mode != "short" || ratings[0].Points != m.After || ratings[0].Matches != 1 {
		f.t.Fatalf("ratings %+v, %v; the match %+v", ratings, err, m)
	}
	for what, ask := range map[string]func(context.Context) (client.Board, error){
		"top": func(ctx context.Context) (client.Board, error) { return f.Leaderboard(ctx, "short", client.Part{}) },
		"around": func(ctx context.Context) (client.Board, error) {
			return f.Around(ctx, "short", client.Me, client.Part{})
		},
	} {
		b, err := ask(f.ctx)
		if err != nil || b.Players != 2 || len(b.Standings) != 2 {
			f.t.Fatalf("%s: %+v, %v", what, b, err)
		}
		f.stands(b, m, ratings[0].Rank)
	}
	return m
}

// stands looks for the player's one row.
func (f *friend) stands(b client.Board, m client.Played, rank int) {
	f.t.Helper()
	rows := 0
	for _, row := range b.Standings {
		if row.Player.ID != f.Player.ID {
			continue
		}
		rows++
		if row.Player.Name != f.Player.Name || row.Rank != rank || row.Points != m.After || row.Matches != 1 ||
			(row.Wins == 1) != (m.Outcome == "won") || (row.Losses == 1) != (m.Outcome == "lost") {
			f.t.Errorf("stands as %+v, rank %d, the match %+v", row, rank, m)
		}
	}
	if rows != 1 {
		f.t.Errorf("%d rows of the player on %+v", rows, b)
	}
}

// wantScore compares with what the match itself said.
func wantScore(t *testing.T, m client.Played, over *protocol.Over, seat game.Seat) {
	t.Helper()
	for _, p := range over.Result {
		if p.Seat == seat && (m.Score != int(p.Score) || m.Why != over.Why || m.Mode != "short" || m.Outcome == "") {
			t.Errorf("%+v, in the match %+v", m, p)
		}
	}
}

// A resultLetter is what programs read in mail about a match.
type resultLetter struct {
	Match                       protocol.MatchID
	Verdict                     string
	Place, Score, Before, After int
}

// isMailed waits for the one result, and for an answer to something said later.
func (f *friend) isMailed() (l resultLetter) {
	f.t.Helper()
	hear(f, "the result", func(m protocol.Mail) bool { return m.Notices[len(m.Notices)-1].Kind == mail.KindResult })
	f.hall.Say(protocol.ChannelWhisper, 99, f.Player.ID, "to myself")
	hear(f, "an answer", func(c protocol.Chat) bool { return c.Stamp == 99 })
	results := 0
	for _, n := range f.notices {
		if n.Kind != mail.KindResult {
			continue
		}
		results++
		if err := json.Unmarshal([]byte(n.Data), &l); err != nil {
			f.t.Errorf("mailed %q: %v", n.Data, err)
		}
	}
	if results != 1 {
		f.t.Errorf("%d results by mail: %+v", results, f.notices)
	}
	return l
}
