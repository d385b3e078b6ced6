package rooms

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// TestAnEvening: a room is made, joined by its code, played, and played again
// by the same people.
func TestAnEvening(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		code := ada.must(protocol.RoomCreate{Mode: "ffa", Size: 3, Title: "  An  evening ", Options: []int32{1}}).Code
		bob.must(protocol.RoomJoin{Code: " " + strings.ToLower(code)})
		r := bob.sees()
		if r.Code != code || r.Head.Title != "An evening" || r.Head.Host != "ada" || r.Head.Size != 3 || !slices.Equal(r.Head.Options, []int32{1, 5}) {
			t.Errorf("bob sees %+v", r)
		}
		equal(t, "fourth seat", r.Seats[3].Kind, protocol.RoomClosed)
		ada.must(number(protocol.RoomBot, 2))
		ada.refused(ErrNotReady, number(protocol.RoomStart, 1))
		for match := range 2 {
			bob.must(ready(1))
			ada.must(number(protocol.RoomStart, 1))
			if h := bob.sees().Head; h.Phase != protocol.RoomCounts || h.Starts <= 0 {
				t.Errorf("bob sees no countdown: %+v", h)
			}
			pass(5 * time.Second)
			p := w.plan(match)
			if len(p.Seats) != 2 || !slices.Equal(p.Empty, []game.Seat{3}) || !slices.Equal(p.Options, []int32{1, 5}) || p.Mode != "ffa" {
				t.Errorf("launched: %+v", p)
			}
			a, _ := last[protocol.Assignment](bob)
			equal(t, "pass", a.Pass, fmt.Sprintf("bob-%d", bob.seat(bob).Index))
			ada.goes()
			equal(t, "ada plays", bob.seat(ada).Playing, true)
			m := bob.goes()
			pass(time.Minute)
			equal(t, "rows playing", w.Rooms("main", protocol.RoomWatch{}, 10)[0].Playing, true)
			w.end(m)
			beats()
			for _, p := range []*peer{ada, bob} {
				s := p.seat(p)
				if !s.Here || s.Ready || s.Playing || p.sees().Head.Phase != protocol.RoomGathers {
					t.Errorf("%s comes back to %+v, %+v", p.ID, s, p.sees().Head)
				}
			}
		}
		ada.say(protocol.Leave{})
		beats()
		equal(t, "ada", ada.leftWith(), whyLeft)
		equal(t, "host", bob.sees().Head.Host, "bob")
		bob.say(protocol.Leave{})
		beats()
		equal(t, "rooms", w.Count(), 0)
	})
}

// TestTheCountdownStops when somebody is no longer ready, leaves, is lost or
// comes, and when something is changed.
func TestTheCountdownStops(t *testing.T) {
	for what, stop := range map[string]func(w *world, ada, bob *peer){
		"unready":  func(_ *world, _, bob *peer) { bob.must(ready(0)) },
		"leaves":   func(_ *world, _, bob *peer) { bob.say(protocol.Leave{}) },
		"lost":     func(_ *world, _, bob *peer) { bob.nc.Close() },
		"comes":    func(w *world, ada, _ *peer) { w.come("cyd").must(protocol.RoomJoin{Code: ada.sees().Code}) },
		"the host": func(_ *world, ada, _ *peer) { ada.must(number(protocol.RoomStart, 0)) },
		"options": func(_ *world, ada, _ *peer) {
			ada.must(protocol.RoomDo{Verb: protocol.RoomOptions, Values: []int32{1}})
		},
		"a seat": func(_ *world, _, bob *peer) { bob.must(number(protocol.RoomSit, 3)) },
		"a kick": func(_ *world, ada, bob *peer) { ada.must(about(protocol.RoomKick, bob)) },
	} {
		inWorld(t, nil, func(w *world) {
			ada, bob := w.come("ada"), w.come("bob")
			bob.must(protocol.RoomJoin{Code: ada.must(protocol.RoomCreate{Mode: "ffa"}).Code})
			bob.must(ready(1))
			ada.must(number(protocol.RoomStart, 1))
			stop(w, ada, bob)
			beats()
			equal(t, what, ada.sees().Head.Phase, protocol.RoomGathers)
			pass(10 * time.Second)
			equal(t, what+": launches", w.launches(), 0)
		})
	}
}

func TestNoHostForAMatch(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		w.settle(func() { w.refuse = errors.New("full") })
		ada := w.come("ada")
		ada.must(protocol.RoomCreate{Mode: "ffa"})
		ada.must(number(protocol.RoomStart, 1))
		pass(6 * time.Second)
		n, _ := last[protocol.Notice](ada)
		equal(t, "notice", n.Code, "no_host")
		equal(t, "phase", ada.sees().Head.Phase, protocol.RoomGathers)
		equal(t, "ready", ada.seat(ada).Ready, false)
	})
}

// TestALostMemberKeepsItsPlace, and the host is another after a while.
func TestALostMemberKeepsItsPlace(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		code := ada.must(protocol.RoomCreate{Mode: "ffa"}).Code
		bob.must(protocol.RoomJoin{Code: code})
		ada.nc.Close()
		pass(5 * time.Second)
		if s := bob.seat(ada); s.Index != 0 || s.Here || bob.sees().Head.Host != "ada" {
			t.Errorf("after 5 s: %+v, host %s", s, bob.sees().Head.Host)
		}
		pass(6 * time.Second)
		equal(t, "host", bob.sees().Head.Host, "bob")
		again := w.connect(ada.Player)
		equal(t, "seat", again.seat(again), protocol.RoomPlaceState{Kind: protocol.RoomPlayers, Player: "ada", Name: "The ada", Here: true})
		equal(t, "host", again.sees().Head.Host, "bob")
		again.nc.Close()
		pass(62 * time.Second)
		equal(t, "ada's seat", bob.seat(ada).Index, -1)
		third := w.connect(ada.Player)
		equal(t, "room of who comes too late", third.sees().Code, "")
	})
}

// TestWhoStaysInAMatch has a place until it ends, and a while longer.
func TestWhoStaysInAMatch(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		bob.must(protocol.RoomJoin{Code: ada.must(protocol.RoomCreate{Mode: "ffa"}).Code})
		bob.must(ready(1))
		ada.must(number(protocol.RoomStart, 1))
		pass(6 * time.Second)
		m := bob.goes()
		pass(time.Hour)
		equal(t, "phase", ada.sees().Head.Phase, protocol.RoomPlays)
		ada.refused(ErrPlaying, number(protocol.RoomStart, 1))
		bob.nc.Close() // the match does not even know
		w.end(m)
		pass(5 * time.Second)
		if s := ada.seat(bob); s.Index != 1 || s.Playing || s.Here {
			t.Errorf("bob's seat is %+v", s)
		}
		pass(time.Minute)
		equal(t, "bob's seat", ada.seat(bob).Index, -1)
	})
}

func TestTheNewestConnectionWins(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada := w.come("ada")
		ada.must(protocol.RoomCreate{Mode: "ffa"})
		again := w.connect(ada.Player)
		equal(t, "the older", ada.goodbye(), protocol.Replaced.Code)
		equal(t, "here", again.seat(again).Here, true)
	})
}

func TestPasswordsFriendsAndBans(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		code := ada.must(protocol.RoomCreate{Mode: "ffa", Password: "sesame"}).Code
		bob.refused(ErrPassword, protocol.RoomJoin{Code: code})
		bob.refused(ErrPassword, protocol.RoomJoin{Code: code, Password: "Sesame"})
		bob.must(protocol.RoomJoin{Code: code, Password: "sesame"})
		for _, m := range bob.all() {
			if strings.Contains(string(protocol.Append(nil, m)), "sesame") {
				t.Errorf("the password is told: %+v", m)
			}
		}
		equal(t, "locked", bob.sees().Head.Locked, true)
		bob.refused(ErrNotHost, about(protocol.RoomKick, ada))
		ada.refused(ErrSelf, about(protocol.RoomKick, ada))
		ada.must(about(protocol.RoomKick, bob))
		equal(t, "bob", bob.leftWith(), whyKicked)
		bob.must(protocol.RoomJoin{Code: code, Password: "sesame"})
		ada.must(about(protocol.RoomBan, bob))
		equal(t, "bob", bob.leftWith(), whyBanned)
		bob.refused(ErrBanned, protocol.RoomJoin{Code: code, Password: "sesame"})
		equal(t, "banned", fmt.Sprint(ada.sees().Head.Banned), "[{bob The bob}]")
		ada.refused(ErrPlayer, protocol.RoomDo{Verb: protocol.RoomUnban, Player: "cyd"})
		ada.must(about(protocol.RoomUnban, bob))
		equal(t, "banned still", len(ada.sees().Head.Banned), 0)
		bob.must(protocol.RoomJoin{Code: code, Password: "sesame"})
		bob.refused(ErrNotHost, about(protocol.RoomUnban, ada))
		ada.must(about(protocol.RoomBan, bob))
		ada.must(protocol.RoomDo{Verb: protocol.RoomPassword})
		ada.must(number(protocol.RoomPrivate, int(protocol.RoomFriends)))
		cyd := w.come("cyd")
		cyd.refused(ErrFriends, protocol.RoomJoin{Code: code})
		w.settle(func() { w.friends[[2]protocol.PlayerID{"ada", "cyd"}] = true })
		cyd.must(protocol.RoomJoin{Code: code})
		w.come("dan").refused(ErrNotFound, protocol.RoomJoin{Code: "NOSUCH"})
	})
}

// TestBansAreBounded: a host who has banned too many lifts one first.
func TestBansAreBounded(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		code := ada.must(protocol.RoomCreate{Mode: "ffa"}).Code
		for i := range protocol.MaxRoomBanned {
			p := w.come(fmt.Sprint("p", i))
			p.must(protocol.RoomJoin{Code: code})
			ada.must(about(protocol.RoomBan, p))
		}
		bob.must(protocol.RoomJoin{Code: code})
		ada.refused(ErrBans, about(protocol.RoomBan, bob))
		ada.must(protocol.RoomDo{Verb: protocol.RoomUnban, Player: "p7"})
		ada.must(about(protocol.RoomBan, bob))
		equal(t, "bob", bob.leftWith(), whyBanned)
	})
}

// TestARoomForFriends asks what is kept, be the host connected or not; nobody
// waits for the answer, and the host it is asked of is the one there is.
func TestARoomForFriends(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob, cyd := w.come("ada"), w.come("bob"), w.come("cyd")
		code := ada.must(protocol.RoomCreate{Mode: "ffa", Privacy: protocol.RoomFriends, Password: "x"}).Code
		w.settle(func() { w.friends[[2]protocol.PlayerID{"ada", "bob"}] = true })
		bob.refused(ErrPassword, protocol.RoomJoin{Code: code})
		ada.nc.Close()
		pass(time.Second)
		cyd.refused(ErrFriends, protocol.RoomJoin{Code: code, Password: "x"})
		bob.must(protocol.RoomJoin{Code: code, Password: "x"})
		ada = w.connect(ada.Player)

		w.settle(func() { w.friends[[2]protocol.PlayerID{"ada", "cyd"}] = true })
		w.settle(func() { w.looks = 2 * time.Second })
		cyd.say(protocol.RoomJoin{Stamp: 1000, Code: code, Password: "x"})
		ada.must(about(protocol.RoomHost, bob)) // is not held up
		pass(5 * time.Second)
		if r, _ := last[protocol.RoomReply](cyd); r.Stamp != 1000 || r.Refused != string(ErrFriends) {
			t.Errorf("cyd, no friend of the new host, is answered %+v", r)
		}
		w.settle(func() { w.looks = time.Minute })
		cyd.say(protocol.RoomJoin{Stamp: 1001, Code: code, Password: "x"})
		pass(friendsWait + time.Second)
		if r, _ := last[protocol.RoomReply](cyd); r.Stamp != 1001 || r.Refused != "busy" {
			t.Errorf("when it cannot be known, cyd is answered %+v", r)
		}
		w.settle(func() { w.looks = 2 * time.Second })
		cyd.say(protocol.RoomJoin{Stamp: 1002, Code: code, Password: "x"})
		beats()
		ada.say(protocol.Leave{})
		bob.say(protocol.Leave{})
		pass(5 * time.Second)
		if r, _ := last[protocol.RoomReply](cyd); r.Stamp != 1002 || r.Refused == "" {
			t.Errorf("of a room that has ended meanwhile, cyd is answered %+v", r)
		}
		w.settle(func() { w.looks = 0 })
		cyd.must(protocol.RoomCreate{Mode: "ffa"}) // is in the hall
	})
}

// TestFriendsSeeWhereTheyMayCome: into rooms that are not full, and never into
// one that only the host may tell of.
func TestFriendsSeeWhereTheyMayCome(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		code := ada.must(protocol.RoomCreate{Mode: "ffa", Size: 3}).Code
		bob.must(protocol.RoomJoin{Code: code})
		open := socket.Place{State: protocol.InLobby, Where: code, Joinable: true}
		shut := socket.Place{State: protocol.InLobby, Where: code}
		check := func(what string, ofAda, ofBob socket.Place) {
			t.Helper()
			beats()
			equal(t, what+": ada", w.place(ada), ofAda)
			equal(t, what+": bob", w.place(bob), ofBob)
		}
		check("public", open, open)
		ada.must(number(protocol.RoomBot, 2))
		check("full", shut, shut)
		ada.must(number(protocol.RoomBot, 2))
		check("again", open, open)
		ada.must(number(protocol.RoomPrivate, int(protocol.RoomFriends)))
		check("for the host's friends", open, shut)
		ada.must(about(protocol.RoomHost, bob))
		check("another host", shut, open)
		bob.must(number(protocol.RoomPrivate, int(protocol.RoomUnlisted)))
		check("unlisted", shut, shut)
	})
}

func TestGuessingIsBounded(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		code := ada.must(protocol.RoomCreate{Mode: "ffa", Password: "x"}).Code
		for range 10 {
			bob.refused(ErrPassword, protocol.RoomJoin{Code: code, Password: "y"})
		}
		bob.refused(ErrTooFast, protocol.RoomJoin{Code: code, Password: "x"})
		pass(time.Minute)
		bob.must(protocol.RoomJoin{Code: code, Password: "x"})
	})
}

// TestGamesAreApart: a room of one game is not there for players of another.
func TestGamesAreApart(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, eve := w.come("ada"), w.comeTo("eve", "other")
		code := ada.must(protocol.RoomCreate{Mode: "ffa"}).Code
		eve.refused(ErrNotFound, protocol.RoomJoin{Code: code})
		eve.refused(ErrMode, protocol.RoomCreate{Mode: "ffa"})
		eve.watch(protocol.RoomWatch{})
		equal(t, "rows", len(eve.rows()), 0)
		if _, ok := w.Hub.Room("other", code); ok {
			t.Error("it is found by REST")
		}
		eve.must(protocol.RoomCreate{Mode: "ffa-x"})
		eve.refused(ErrMode, protocol.RoomDo{Verb: protocol.RoomMode, Text: "ffa"})
	})
}

// TestSeats: teams, swaps that both must ask, and the host's hand.
func TestSeats(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob, cyd := w.come("ada"), w.come("bob"), w.come("cyd")
		code := ada.must(protocol.RoomCreate{Mode: "pairs"}).Code
		bob.must(protocol.RoomJoin{Code: code})
		cyd.must(protocol.RoomJoin{Code: code})
		equal(t, "bob is on the other team", ada.seat(bob).Index, 2)
		cyd.refused(ErrSeat, number(protocol.RoomSit, 2))
		cyd.refused(ErrSeat, number(protocol.RoomSit, 1024))
		cyd.must(number(protocol.RoomSit, 3))
		ada.must(about(protocol.RoomSwap, bob))
		equal(t, "before bob agrees", ada.seat(ada).Index, 0)
		equal(t, "bob sees the wish", bob.seat(ada).Swap, "bob")
		bob.must(about(protocol.RoomSwap, ada))
		if ada.seat(ada).Index != 2 || ada.seat(bob).Index != 0 || ada.seat(ada).Swap != "" {
			t.Errorf("after the swap ada has %+v, bob %+v", ada.seat(ada), ada.seat(bob))
		}
		ada.must(protocol.RoomDo{Verb: protocol.RoomPlace, Player: "cyd", Number: 0})
		equal(t, "cyd", ada.seat(cyd).Index, 0)
		equal(t, "bob", ada.seat(bob).Index, 3)
		ada.refused(ErrNoBots, number(protocol.RoomBot, 1))
		ada.refused(ErrSize, number(protocol.RoomSize, 2))
		ada.must(protocol.RoomDo{Verb: protocol.RoomMode, Text: "ffa", Values: []int32{0, 7}})
		ada.must(number(protocol.RoomBot, 1))
		dan := w.come("dan")
		dan.refused(ErrFull, protocol.RoomJoin{Code: code})
		ada.must(about(protocol.RoomHost, bob))
		ada.refused(ErrNotHost, number(protocol.RoomBot, 1))
		bob.must(number(protocol.RoomBot, 1))
		dan.must(protocol.RoomJoin{Code: code})
	})
}

func TestChat(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob, cyd := w.come("ada"), w.come("bob"), w.come("cyd")
		code := ada.must(protocol.RoomCreate{Mode: "ffa"}).Code
		bob.must(protocol.RoomJoin{Code: code})
		cyd.must(protocol.RoomJoin{Code: code})
		w.settle(func() { w.deaf["cyd"] = "ada" })
		talk := func(p *peer, text string) protocol.Chat {
			p.say(protocol.Say{Channel: protocol.ChannelRoom, Stamp: 7, Text: text})
			beats()
			c, _ := last[protocol.Chat](p)
			return c
		}
		equal(t, "answer", talk(ada, " hi \u202e there").Text, "hi there")
		if c, _ := last[protocol.Chat](bob); c.From != "ada" || c.Stamp != 0 || c.ID == 0 || c.Text != "hi there" {
			t.Errorf("bob hears %+v", c)
		}
		if c, ok := last[protocol.Chat](cyd); ok {
			t.Errorf("cyd, who has muted her, hears %+v", c)
		}
		equal(t, "kept for reports", fmt.Sprint(w.overheard), fmt.Sprintf("[%s ada: hi there [bob]]", code))
		equal(t, "empty", talk(bob, " ").Refused, "text_empty")
		equal(t, "long", talk(bob, strings.Repeat("x", 257)).Refused, "text_long")
		w.settle(func() { w.muted["cyd"] = true })
		equal(t, "muted", talk(cyd, "hm").Refused, "muted")
		for range 4 {
			talk(ada, "spam")
		}
		equal(t, "fast", talk(ada, "spam").Refused, "too_fast")
		equal(t, "outside", talk(w.come("dan"), "hello?").Refused, "no_room")
	})
}

// TestLimits of rooms.
func TestLimits(t *testing.T) {
	inWorld(t, func(c *Config) { c.MaxRooms = 2 }, func(w *world) {
		ada := w.come("ada")
		ada.must(protocol.RoomCreate{Mode: "ffa"})
		ada.refused(ErrInRoom, protocol.RoomCreate{Mode: "ffa"})
		w.come("bob").must(protocol.RoomCreate{Mode: "ffa"})
		w.come("cyd").refused(ErrRooms, protocol.RoomCreate{Mode: "ffa"})
		for range 5 {
			ada.say(protocol.Leave{})
			beats()
			ada.must(protocol.RoomCreate{Mode: "ffa"})
		}
		ada.say(protocol.Leave{})
		beats()
		ada.refused(ErrTooFast, protocol.RoomCreate{Mode: "ffa"})
		for what, m := range map[Refusal]protocol.RoomCreate{
			ErrMode: {Mode: "chess"}, ErrOptions: {Mode: "ffa", Options: []int32{2}}, ErrSize: {Mode: "ffa", Size: 5}, ErrText: {Mode: "ffa", Title: strings.Repeat("x", 65)},
		} {
			ada.refused(what, m)
		}
		ada.refused(ErrNoRoom, ready(1))
		pass(31 * time.Minute)
		equal(t, "rooms after half an hour of nothing", w.Count(), 0)
	})
}

func TestDraining(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada := w.come("ada")
		ada.must(protocol.RoomCreate{Mode: "ffa"})
		w.Drain()
		beats()
		equal(t, "ada", ada.leftWith(), whyDraining)
		ada.refused(ErrDraining, protocol.RoomCreate{Mode: "ffa"})
	})
}

// TestAFloodHoldsNobodyUp: who sends without end is read slowly, and others are
// served on each beat.
func TestAFloodHoldsNobodyUp(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		bob.must(protocol.RoomJoin{Code: ada.must(protocol.RoomCreate{Mode: "ffa"}).Code})
		done := make(chan bool)
		go func() {
			defer close(done)
			for i := range 400 {
				bob.say(protocol.RoomDo{Verb: protocol.RoomReady, Number: i % 2, Stamp: uint32(i)})
			}
		}()
		began := time.Now()
		ada.must(number(protocol.RoomSit, 3))
		equal(t, "ada waited", time.Since(began), 600*time.Millisecond)
		<-done
		pass(10 * time.Second)
		if r, _ := last[protocol.RoomReply](bob); r.Stamp != 399 {
			t.Errorf("the last of bob's verbs was not answered, but %d", r.Stamp)
		}
	})
}

// TestASlowClientDelaysNobody: one reads nothing at all.
func TestASlowClientDelaysNobody(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob := w.come("ada"), w.come("bob")
		bob.must(protocol.RoomJoin{Code: ada.must(protocol.RoomCreate{Mode: "ffa"}).Code})
		bob.gate <- struct{}{} // reads no more
		for i := range 60 {
			ada.must(number(protocol.RoomSit, 2+i%2))
		}
		if s := ada.seat(bob); s.Here {
			t.Errorf("after half a minute without reading bob is %+v", s)
		}
		<-bob.gate
		pass(time.Second)
	})
}
