package social

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

func TestFriends(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(w.AskFriend(ctx, ada, bob.ID))
		w.must(w.AskFriend(ctx, ada, bob.ID))
		equal(t, "ada", w.ties(ada), "asked bob")
		equal(t, "bob", w.ties(bob), "asks ada")
		want(t, "nobody asked", w.AcceptFriend(ctx, ada, bob.ID), ErrNoRequest)
		w.must(w.AcceptFriend(ctx, bob, ada.ID))
		equal(t, "ada", w.ties(ada), "friend bob")
		equal(t, "bob", w.ties(bob), "friend ada")
		want(t, "again", w.AskFriend(ctx, ada, bob.ID), ErrFriends)
		all, err := w.Friends(ctx, ada)
		if err != nil || len(all) != 1 || all[0].Name != "Bob" || all[0].Tie != protocol.TieFriend {
			t.Errorf("friends of ada: %+v, %v", all, err)
		}
		w.must(w.RemoveFriend(ctx, bob, ada.ID))
		equal(t, "ada", w.ties(ada), "")
		equal(t, "bob", w.ties(bob), "")
		want(t, "twice", w.RemoveFriend(ctx, bob, ada.ID), ErrNotFriends)
	})
}

// TestFriendsAreKnownWhileNobodyIsHere, and as the rows of both have it.
func TestFriendsAreKnownWhileNobodyIsHere(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		friends := func(what string, a, b Who, yes bool) {
			t.Helper()
			got, err := w.AreFriends(t.Context(), a, b.ID)
			if err != nil || got != yes {
				t.Errorf("%s: got %v, %v, want %v", what, got, err, yes)
			}
		}
		friends("strangers", ada, bob, false)
		w.must(w.AskFriend(t.Context(), ada, bob.ID))
		friends("asked", ada, bob, false)
		w.must(w.AcceptFriend(t.Context(), bob, ada.ID))
		friends("away", ada, bob, true)
		w.come(ada)
		friends("one is here", ada, bob, true)
		friends("the other way", bob, ada, true)
		friends("of another game", of("race", "ada"), of("race", "bob"), false)
		w.must(w.Block(t.Context(), bob, ada.ID))
		friends("blocked", ada, bob, false)
	})
}

// TestLinesOfARoomAreReported by who has heard them, and a player with the lines
// of where the other was last heard.
func TestLinesOfARoomAreReported(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		first := w.Overhear(ada, "ROOM", "hi", timeNow(), []protocol.PlayerID{bob.ID, cyd.ID})
		rude := w.Overhear(ada, "ROOM", "you stink", timeNow(), []protocol.PlayerID{bob.ID})
		if first >= rude {
			t.Errorf("ids fall: %d, %d", first, rude)
		}
		w.Overhear(of("race", "ada"), "ROOM", "of another game", timeNow(), []protocol.PlayerID{bob.ID})
		want(t, "unheard", second(w.ReportMessage(ctx, cyd, rude, "rude")), ErrNoMessage)
		want(t, "one's own", second(w.ReportMessage(ctx, ada, rude, "rude")), ErrNoMessage)
		want(t, "from another game", second(w.ReportMessage(ctx, of("race", "bob"), rude, "rude")), ErrNoMessage)
		want(t, "heard", second(w.ReportMessage(ctx, bob, rude, "rude")), nil)
		want(t, "the player", second(w.ReportPlayer(ctx, cyd, ada.ID, "rude")), nil)
		want(t, "a player who was not heard", second(w.ReportPlayer(ctx, ada, cyd.ID, "silent")), nil)
		all, err := w.Reports(ctx, dan, 0, 10)
		if err != nil || len(all) != 3 {
			t.Fatalf("reports: %+v, %v", all, err)
		}
		for i, r := range all[:2] {
			if r.Against.ID != ada.ID || r.Channel != protocol.ChannelRoom || r.Room != "ROOM" || len(r.Lines) != 2 || r.Lines[1].Text != "you stink" || r.Lines[1].ID != rude {
				t.Errorf("report %d: %+v", i, r)
			}
		}
		if all[0].Message != rude || all[1].Message != 0 || len(all[2].Lines) != 0 || all[2].Room != "" {
			t.Errorf("reports: %+v", all)
		}
	})
}

// TestAReportKeepsItsLines over a restart, after which lines that nobody has
// reported are gone.
func TestAReportKeepsItsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		life := func(do func(w *world)) {
			n := mustNode(t, dir)
			w := mustOpen(t, n, Config{})
			stop := w.run()
			do(w)
			stop()
			w.must(n.Close())
		}
		ctx := t.Context()
		var rude uint64
		life(func(w *world) {
			w.Overhear(ada, "ROOM", "hi", timeNow(), []protocol.PlayerID{bob.ID})
			rude = w.Overhear(ada, "ROOM", "you stink", timeNow(), []protocol.PlayerID{bob.ID, cyd.ID})
			want(t, "in time", second(w.ReportMessage(ctx, bob, rude, "rude")), nil)
		})
		life(func(w *world) {
			all, err := w.Reports(ctx, dan, 0, 10)
			if err != nil || len(all) != 1 || all[0].Message != rude || len(all[0].Lines) != 2 || all[0].Lines[1].Text != "you stink" {
				t.Errorf("reports: %+v, %v", all, err)
			}
			want(t, "too late", second(w.ReportMessage(ctx, cyd, rude, "rude")), ErrNoMessage)
		})
	})
}

func TestRequestsAreDeclinedTakenBackAndMet(t *testing.T) {
	inWorld(t, Config{}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(w.AskFriend(ctx, ada, bob.ID))
		w.must(w.DeclineFriend(ctx, bob, ada.ID))
		equal(t, "declined", w.ties(ada)+w.ties(bob), "")
		want(t, "twice", w.DeclineFriend(ctx, bob, ada.ID), ErrNoRequest)
		w.must(w.AskFriend(ctx, ada, bob.ID))
		w.must(w.RemoveFriend(ctx, ada, bob.ID))
		equal(t, "taken back", w.ties(ada)+w.ties(bob), "")
		w.must(w.AskFriend(ctx, ada, bob.ID))
		w.must(w.AskFriend(ctx, bob, ada.ID))
		equal(t, "both asked", w.ties(ada), "friend bob")
		want(t, "oneself", w.AskFriend(ctx, ada, ada.ID), ErrSelf)
		want(t, "nobody", w.AskFriend(ctx, ada, "zoe"), ErrPlayerUnknown)
		want(t, "no id", w.AskFriend(ctx, ada, ""), ErrPlayerUnknown)
	})
}

func TestTiesAreCounted(t *testing.T) {
	inWorld(t, Config{Friends: 2, Requests: 2}, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(w.AskFriend(ctx, ada, "p1"))
		w.must(w.AskFriend(ctx, ada, "p2"))
		want(t, "a third", w.AskFriend(ctx, ada, "p3"), ErrRequestsFull)
		w.must(w.AskFriend(ctx, who("p3"), ada.ID))
		w.must(w.AskFriend(ctx, who("p4"), ada.ID))
		want(t, "a third of ada", w.AskFriend(ctx, who("p5"), ada.ID), ErrTheirsFull)
		equal(t, "p5", w.ties(who("p5")), "")
		w.must(w.AcceptFriend(ctx, ada, "p3"))
		w.must(w.AcceptFriend(ctx, who("p1"), ada.ID))
		want(t, "a third friend", w.AcceptFriend(ctx, ada, "p4"), ErrFriendsFull)
		want(t, "a third friend of ada", w.AcceptFriend(ctx, who("p2"), ada.ID), ErrTheirsFull)
		equal(t, "the request stays", w.ties(who("p2")), "asks ada")
		equal(t, "and ada's", w.ties(ada), "friend p1, asked p2, friend p3, asks p4")
	})
}

// crashing is a bucket that takes so many writes, and then none.
type crashing struct {
	rows
	left int
}

var errCrash = errors.New("crashed")

func (c *crashing) Create(ctx context.Context, key string, r row) (uint64, error) {
	if c.left--; c.left < 0 {
		return 0, errCrash
	}
	return c.rows.Create(ctx, key, r)
}

func (c *crashing) Update(ctx context.Context, key string, r row, revision uint64) (uint64, error) {
	if c.left--; c.left < 0 {
		return 0, errCrash
	}
	return c.rows.Update(ctx, key, r, revision)
}

// crashes are verbs of ada's on bob, after what came before, and what the rows
// of both may be when it has happened.
var crashes = []struct {
	name        string
	before      func(w *world)
	verb        func(w *world) error
	ada, bob    string // if it has happened
	adaNo, boNo string // if it has not
}{
	{"ask", func(*world) {}, func(w *world) error { return w.AskFriend(context.Background(), ada, bob.ID) },
		"asked bob", "asks ada", "", ""},
	{"accept", func(w *world) { w.must(w.AskFriend(context.Background(), bob, ada.ID)) },
		func(w *world) error { return w.AcceptFriend(context.Background(), ada, bob.ID) },
		"friend bob", "friend ada", "asks bob", "asked ada"},
	{"ask back", func(w *world) { w.must(w.AskFriend(context.Background(), bob, ada.ID)) },
		func(w *world) error { return w.AskFriend(context.Background(), ada, bob.ID) },
		"friend bob", "friend ada", "asks bob", "asked ada"},
	{"decline", func(w *world) { w.must(w.AskFriend(context.Background(), bob, ada.ID)) },
		func(w *world) error { return w.DeclineFriend(context.Background(), ada, bob.ID) },
		"", "", "asks bob", "asked ada"},
	{"take back", func(w *world) { w.must(w.AskFriend(context.Background(), ada, bob.ID)) },
		func(w *world) error { return w.RemoveFriend(context.Background(), ada, bob.ID) },
		"", "", "asked bob", "asks ada"},
	{"remove", func(w *world) { w.befriend(ada, bob) },
		func(w *world) error { return w.RemoveFriend(context.Background(), ada, bob.ID) },
		"", "", "friend bob", "friend ada"},
	{"block", func(w *world) { w.befriend(bob, ada) },
		func(w *world) error { return w.Block(context.Background(), ada, bob.ID) },
		"", "", "friend bob", "friend ada"},
	{"forget", func(w *world) { w.befriend(bob, ada) },
		func(w *world) error { return w.Forget(context.Background(), ada) },
		"", "", "friend bob", "friend ada"},
}

func TestACrashBetweenAnyTwoWritesHeals(t *testing.T) {
	for _, c := range crashes {
		for writes := range 4 {
			for _, way := range []string{"run again", "ada comes", "a verb of bob's"} {
				t.Run(fmt.Sprint(c.name, " ", writes, " ", way), func(t *testing.T) {
					inBubble(t, func(t *testing.T, n *bus.Node) {
						w := mustOpen(t, n, Config{})
						c.before(w)
						w.rows = &crashing{w.rows, writes}
						err := c.verb(w)
						after := mustOpen(t, n, Config{}) // another process
						if way == "run again" || way == "ada comes" {
							defer after.run()()
						}
						heal(after, way)
						ok := after.ties(ada) == c.ada && after.ties(bob) == c.bob
						not := after.ties(ada) == c.adaNo && after.ties(bob) == c.boNo
						switch {
						case writes == 0 && !not, writes > 0 && !ok:
							t.Errorf("after %v: ada %q, bob %q", err, after.ties(ada), after.ties(bob))
						}
					})
				})
			}
		}
	}
}

// heal brings a world to itself after a crash.
func heal(w *world, way string) {
	switch way {
	case "run again":
		w.settle()
	case "ada comes":
		w.come(ada)
	default: // any verb between the two that is refused
		w.decide(context.Background(), bob, ada, func(*row, *tie) error { return errSame })
	}
}

// TestAVerbThatFailsHalfWayIsTriedAgain: the second call of it succeeds, or
// says that it has happened.
func TestAVerbThatFailsHalfWayIsTriedAgain(t *testing.T) {
	for _, c := range crashes {
		for writes := range 3 {
			t.Run(fmt.Sprint(c.name, " ", writes), func(t *testing.T) {
				inBubble(t, func(t *testing.T, n *bus.Node) {
					w := mustOpen(t, n, Config{})
					c.before(w)
					sound := w.rows
					w.rows = &crashing{sound, writes}
					c.verb(w)
					w.rows = sound
					switch err := c.verb(w); {
					case err == nil, errors.Is(err, ErrFriends), errors.Is(err, ErrNoRequest), errors.Is(err, ErrNotFriends):
					default:
						t.Errorf("again: %v", err)
					}
					equal(t, "ada", w.ties(ada), c.ada)
					equal(t, "bob", w.ties(bob), c.bob)
				})
			})
		}
	}
}
