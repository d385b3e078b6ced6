package rooms

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/protocol"
)

// A wire is a Teller whose clients take in what they are told, or do not.
type wire struct {
	lists map[protocol.PlayerID]*protocol.RoomListMirror
	full  map[protocol.PlayerID]bool
	told  int
	most  int // bytes of a message
}

func (w *wire) Connected(p protocol.PlayerID) bool { return w.lists[p] != nil }

func (w *wire) Tell(p protocol.PlayerID, msg []byte) bool {
	if w.full[p] || w.lists[p] == nil {
		return false
	}
	m, err := protocol.ParseServer(msg)
	if err != nil {
		panic(err)
	}
	w.told++
	w.most = max(w.most, len(msg))
	return w.lists[p].Apply(m.(protocol.RoomList))
}

// TestTheListAsDeltas: after any changes each watcher has what matches, as far
// as the page goes, and knows whether there is more.
func TestTheListAsDeltas(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		w := &wire{lists: map[protocol.PlayerID]*protocol.RoomListMirror{}, full: map[protocol.PlayerID]bool{}}
		l := newList(w)
		filters := []protocol.RoomWatch{{}, {Mode: "b"}, {Open: true}, {Free: true}, {Text: "ROOM 1"}, {Mode: "a", Open: true, Free: true}}
		for i, f := range filters {
			id := protocol.PlayerID(fmt.Sprint("p", i))
			f.On, f.Stamp = true, uint32(i)
			w.lists[id] = &protocol.RoomListMirror{Stamp: f.Stamp}
			l.watch(protocol.Player{ID: id, Game: "main"}, f)
		}
		rooms := 20 + 200*int(seed%2)
		for range 40 {
			for range rnd.IntN(60) {
				code := fmt.Sprint("C", rnd.IntN(rooms))
				if rnd.IntN(3) == 0 {
					l.publish("main", code, nil)
					continue
				}
				l.publish([]string{"main", "main", "main", "other"}[rnd.IntN(4)], code, &protocol.RoomRow{Code: code, Title: "Room " + code[1:],
					Mode: []string{"a", "b"}[rnd.IntN(2)], Players: rnd.IntN(4), Size: 3, Locked: rnd.IntN(2) == 0})
			}
			for i := range filters {
				w.full[protocol.PlayerID(fmt.Sprint("p", i))] = rnd.IntN(5) == 0
			}
			l.beat()
		}
		clear(w.full)
		l.beat()
		for i, f := range filters {
			checkList(t, l, w.lists[protocol.PlayerID(fmt.Sprint("p", i))], f)
		}
		if told := w.told; t.Failed() || func() bool { l.beat(); return w.told != told }() {
			t.Fatalf("seed %d: wrong, or nothing new is told again", seed)
		}
	}
}

func checkList(t *testing.T, l *list, got *protocol.RoomListMirror, f protocol.RoomWatch) {
	t.Helper()
	want := map[string]protocol.RoomRow{}
	for _, r := range l.rows("main", f, 10000) {
		want[r.Code] = r
	}
	if len(got.Rows) != min(len(want), pageRows) || got.More != (len(want) > pageRows) {
		t.Errorf("%+v: %d rows, more %v, of %d", f, len(got.Rows), got.More, len(want))
	}
	for _, r := range got.Rows {
		if !reflect.DeepEqual(want[r.Code], r) {
			t.Errorf("%+v: shows %+v, want %+v", f, r, want[r.Code])
		}
	}
}

// TestWhoIsGoneIsNotTold any more, nor is who has ended the watch.
func TestWhoIsGoneIsNotTold(t *testing.T) {
	w := &wire{lists: map[protocol.PlayerID]*protocol.RoomListMirror{"a": {}, "b": {}}}
	l := newList(w)
	for _, id := range []protocol.PlayerID{"a", "b"} {
		l.watch(protocol.Player{ID: id, Game: "main"}, protocol.RoomWatch{On: true})
	}
	l.beat()
	delete(w.lists, "a")
	l.watch(protocol.Player{ID: "b", Game: "main"}, protocol.RoomWatch{})
	l.publish("main", "C", &protocol.RoomRow{Code: "C"})
	told := w.told
	l.beat()
	l.publish("main", "C", nil)
	l.beat()
	if len(l.watchers) != 0 || w.told != told {
		t.Errorf("%d watch, told %d times", len(l.watchers), w.told-told)
	}
}

// TestAPageFits: the largest page is less than the lane of control messages
// holds beside others.
func TestAPageFits(t *testing.T) {
	w := &wire{lists: map[protocol.PlayerID]*protocol.RoomListMirror{"a": {}}}
	l := newList(w)
	for i := range 300 {
		code := fmt.Sprint("C", i)
		l.publish("main", code, &protocol.RoomRow{Code: code, Title: strings.Repeat("t", maxTitle), Host: strings.Repeat("𝄞", 24), Mode: strings.Repeat("m", 32),
			Options: slices.Repeat([]int32{-1 << 31}, 16), Players: 1000, Bots: 1000, Size: 1000})
	}
	l.watch(protocol.Player{ID: "a", Game: "main"}, protocol.RoomWatch{On: true})
	l.beat()
	if len(w.lists["a"].Rows) != pageRows || w.most > 48<<10 {
		t.Errorf("%d rows in %d bytes", len(w.lists["a"].Rows), w.most)
	}
}

// TestWatchingOverTheSocket: the list follows rooms as they are, and ends on
// leaving the hall.
func TestWatchingOverTheSocket(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		eve, ada := w.come("eve"), w.come("ada")
		eve.watch(protocol.RoomWatch{Stamp: 9, Open: true})
		code := ada.must(protocol.RoomCreate{Mode: "ffa", Size: 2}).Code
		if l := eve.rows(); len(l) != 1 || l[0].Code != code || l[0].Host != "The ada" || l[0].Players != 1 {
			t.Errorf("eve sees %+v", l)
		}
		ada.must(number(protocol.RoomBot, 1))
		equal(t, "rows when it is full", len(eve.rows()), 0)
		ada.must(number(protocol.RoomBot, 1))
		equal(t, "rows when it is not", len(eve.rows()), 1)
		ada.must(number(protocol.RoomPrivate, 1))
		equal(t, "rows when it is unlisted", len(eve.rows()), 0)
		eve.must(protocol.RoomJoin{Code: code})
		ada.must(number(protocol.RoomPrivate, 0))
		equal(t, "rows of who has left the hall", len(eve.rows()), 0)
	})
}
