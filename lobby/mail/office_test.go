package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

func TestWhatCameBeforeIsToldOnConnect(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		for i := range 5 {
			p.mustSend(ada, fmt.Sprint(i))
		}
		p.Attach(game, ada)
		var r reader
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 5))
		check(t, "left", len(p.mustUnread(ada)), 0)
	})
}

func TestLiveMailFollowsWhatIsUnderWay(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		big := strings.Repeat("x", 1000)
		for i := range 60 { // more than a window
			p.mustSend(ada, fmt.Sprint(i, big))
		}
		p.Attach(game, ada)
		synctest.Wait()
		p.mustSend(ada, "live")
		synctest.Wait()
		under := 0
		for _, msg := range p.wire.queue[ada] {
			if under += len(msg); len(msg) > 8<<10 {
				t.Errorf("a message of %d bytes", len(msg))
			}
		}
		if under == 0 || under > 24<<10 {
			t.Errorf("%d bytes are under way, want less than a window", under)
		}
		var r reader
		p.drain(&r, ada)
		if n := len(r.shown); n != 61 || r.shown[60].Text != "live" || r.gaps != 0 {
			t.Errorf("%d shown, the last %q, %d gaps", n, r.shown[n-1].Text, r.gaps)
		}
	})
}

func TestALostMessageIsAskedFor(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		p.Attach(game, ada)
		var r reader
		p.mustSend(ada, "0")
		p.drain(&r, ada)
		p.wire.set(func(w *wire) { w.lossy = true })
		p.mustSend(ada, "1")
		synctest.Wait()
		p.wire.set(func(w *wire) { w.lossy = false })
		p.mustSend(ada, "2")
		p.drain(&r, ada)
		time.Sleep(time.Second)
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 3))
		check(t, "gaps", r.gaps, 1)
	})
}

// A hall that is full says so; the line tries again by itself.
func TestATellThatFailedIsTriedAgain(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		p.Attach(game, ada)
		p.wire.set(func(w *wire) { w.dead = true })
		p.mustSend(ada, "0")
		synctest.Wait()
		p.wire.set(func(w *wire) { w.dead = false })
		time.Sleep(2 * time.Second)
		var r reader
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 1))
	})
}

func TestAskingForTheBeginningCannotFlood(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		p.mustSend(ada, "0")
		p.Attach(game, ada)
		synctest.Wait()
		for range 1000 {
			p.Acked(game, ada, 0)
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		if n := len(p.wire.queue[ada]); n < 2 || n > 3 {
			t.Errorf("told %d times in a second", n)
		}
	})
}

func TestAKeyIsSentOnce(t *testing.T) {
	inPost(t, Config{MaxAge: 30 * time.Minute}, func(t *testing.T, p *post) {
		letter := Letter{Kind: KindResult, Data: "{}", Key: "result of m"}
		first, err := p.Send(t.Context(), game, ada, letter)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Ack(t.Context(), game, ada, first); err != nil {
			t.Fatal(err)
		}
		again, err := p.Send(t.Context(), game, ada, letter)
		if err != nil || again != first || len(p.mustUnread(ada)) != 0 {
			t.Errorf("again: %d, %v, want %d", again, err, first)
		}
		if other, err := p.Send(t.Context(), game, bob, letter); err != nil || len(p.mustUnread(bob)) != 1 {
			t.Errorf("to another: %d, %v", other, err)
		}
		time.Sleep(31 * time.Minute)
		if later, err := p.Send(t.Context(), game, ada, letter); err != nil || later <= first {
			t.Errorf("when it is forgotten: %d, %v", later, err)
		}
	})
}

func TestTheOldestMakeWayAndThatIsSaid(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		for i := range 130 {
			p.mustSend(ada, fmt.Sprint(i))
		}
		all := p.mustUnread(ada)
		if len(all) != 101 || all[0].Kind != KindLost || all[0].Data != "30" || all[1].Text != "30" {
			t.Errorf("%d unread, first %+v", len(all), all[0])
		}
		p.Attach(game, ada)
		var r reader
		p.drain(&r, ada)
		check(t, "shown", r.texts()[1:], numbered(30, 130))
		check(t, "left", len(p.mustUnread(ada)), 0)
	})
}

// What a reader was told of while it was still there counts as lost only if
// its acknowledgement does not come.
func TestWhatWasToldAndAcknowledgedIsNotLost(t *testing.T) {
	inPost(t, Config{Most: 3}, func(t *testing.T, p *post) {
		p.Attach(game, ada)
		for i := range 5 {
			p.mustSend(ada, fmt.Sprint(i))
			synctest.Wait()
		}
		var r reader
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 5))
		p.Attach(game, ada)
		time.Sleep(time.Second)
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 5))
	})
}

func TestMailExpires(t *testing.T) {
	inPost(t, Config{MaxAge: 30 * time.Minute}, func(t *testing.T, p *post) {
		p.mustSend(ada, "0")
		time.Sleep(29 * time.Minute)
		p.mustSend(ada, "1")
		time.Sleep(2 * time.Minute)
		all := p.mustUnread(ada)
		if len(all) != 2 || all[0].Kind != KindLost || all[0].Data != "1" || all[1].Text != "1" {
			t.Errorf("got %+v", all)
		}
		if err := p.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		e, err := p.boxes.Get(t.Context(), game+"\x00"+string(ada))
		if err != nil || len(e.Value.Kept) != 1 {
			t.Errorf("swept: %+v, %v", e.Value, err)
		}
	})
}

func TestGamesAndPlayersAreApart(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		p.mustSend(ada, "0")
		for _, a := range []address{{game, bob}, {"arena", ada}, {"due", "lada"}, {game + "a", "da"}} {
			if all, err := p.Unread(t.Context(), a.game, a.player); err != nil || len(all) != 0 {
				t.Errorf("%v has %v, %v", a, all, err)
			}
			if err := p.Ack(t.Context(), a.game, a.player, protocol.MaxMailID); err != nil {
				t.Error(err)
			}
		}
		check(t, "unread", len(p.mustUnread(ada)), 1)
		if err := p.Delete(t.Context(), game, ada); err != nil {
			t.Fatal(err)
		}
		check(t, "deleted", len(p.mustUnread(ada)), 0)
	})
}

func TestBadLetters(t *testing.T) {
	inPost(t, Config{}, func(t *testing.T, p *post) {
		for _, c := range []struct {
			game string
			to   protocol.PlayerID
			l    Letter
			want error
		}{
			{"", ada, Letter{Kind: KindSystem}, ErrAddress},
			{game, "", Letter{Kind: KindSystem}, ErrAddress},
			{"a\x00b", ada, Letter{Kind: KindSystem}, ErrAddress},
			{game, protocol.PlayerID(strings.Repeat("a", 65)), Letter{Kind: KindSystem}, ErrAddress},
			{game, ada, Letter{}, ErrKind},
			{game, ada, Letter{Kind: KindLost}, ErrKind},
			{game, ada, Letter{Kind: "gift"}, ErrKind},
			{game, ada, Letter{Kind: "x.Gift"}, ErrKind},
			{game, ada, Letter{Kind: "x." + strings.Repeat("a", 63)}, ErrKind},
			{game, ada, Letter{Kind: "x.gift", Text: strings.Repeat("a", 1025)}, ErrText},
			{game, ada, Letter{Kind: "x.gift", Data: "\xff"}, ErrText},
			{game, ada, Letter{Kind: "x.gift", Text: strings.Repeat("a", 1024), Data: strings.Repeat("a", 1024)}, nil},
		} {
			if _, err := p.Send(t.Context(), c.game, c.to, c.l); !errors.Is(err, c.want) {
				t.Errorf("%q %q %.80v: got %v, want %v", c.game, c.to, c.l, err, c.want)
			}
		}
	})
}

// Many senders, readers that come and go: each notice once, in order.
func TestManyAtOnce(t *testing.T) {
	inPost(t, Config{Most: 300}, func(t *testing.T, p *post) {
		const senders, letters = 8, 20
		var all sync.WaitGroup
		for i := range senders {
			all.Go(func() {
				for j := range letters {
					key := fmt.Sprint(i, "-", j)
					for range 2 {
						if _, err := p.Send(context.Background(), game, ada, Letter{Kind: KindSystem, Text: key, Key: key}); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		var r reader
		for range 20 {
			r.Connected()
			p.Attach(game, ada)
			time.Sleep(time.Second)
			p.drain(&r, ada)
			p.Detach(game, ada)
			p.wire.cut(ada)
		}
		all.Wait()
		p.Attach(game, ada)
		p.drain(&r, ada)
		seen := map[string]bool{}
		for i, n := range r.shown {
			if seen[n.Text] || i > 0 && n.ID <= r.shown[i-1].ID {
				t.Errorf("%q again or out of order", n.Text)
			}
			seen[n.Text] = true
		}
		check(t, "shown", len(r.shown), senders*letters)
		p.Detach(game, ada)
		synctest.Wait()
		check(t, "lines", len(p.lines.of), 0)
	})
}

func TestWithoutItsBusNothingIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, bus.Memory)
		p := mustPost(t, n, Config{})
		defer p.stop()
		p.mustSend(ada, "0")
		n.Close()
		p.Attach(game, ada)
		p.Acked(game, ada, 7)
		time.Sleep(time.Minute)
		synctest.Wait()
		if w := p.lines.of[address{game, ada}].wish; w.ack != 7 {
			t.Errorf("the acknowledgement is gone: %+v", w)
		}
		if _, err := p.Send(t.Context(), game, ada, Letter{Kind: KindSystem}); !errors.Is(err, bus.ErrDown) {
			t.Errorf("sent: %v", err)
		}
	})
}
