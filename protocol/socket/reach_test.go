package socket

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/musterhq/muster/protocol"
)

// joinAs connects a player from a login.
func (w *world) joinAs(id protocol.PlayerID, session string) (*Conn, *peer) {
	return w.join(id + "\r\nSession: " + protocol.PlayerID(session))
}

// What others say to a player comes in order, between what the owner says.
func TestTell(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		c, p := w.join("alice")
		for i := range 3 {
			equal(t, "told", w.up.Tell("alice", fmt.Append(nil, "word ", i)), true)
		}
		equal(t, "a stranger is told", w.up.Tell("bob", nil), false)
		must(t, c.Read(&log{}))
		c.Send([]byte("after"))
		must(t, c.Flush())
		for _, want := range []string{"word 0", "word 1", "word 2", "after"} {
			_, got, err := p.read()
			must(t, err)
			equal(t, "message", got, want)
		}
		c.Goodbye(lastWords)
		equal(t, "told when gone", w.up.Tell("alice", []byte("late")), false)
	})
}

// The newest connection is told, and what is too much for its owner is refused.
func TestTellTheNewest(t *testing.T) {
	w := newWorld(t, "beat", Config{ControlQueue: 100})
	older, _ := w.join("alice")
	c, p := w.join("alice")
	equal(t, "told", w.up.Tell("alice", []byte("hello")), true)
	equal(t, "too much", w.up.Tell("alice", make([]byte, 96)), false)
	equal(t, "older is told", older.word.waits.Load(), false)
	must(t, c.Read(&log{}))
	must(t, c.Flush())
	_, got, err := p.read()
	must(t, err)
	equal(t, "message", got, "hello")

	c.Goodbye(lastWords)
	equal(t, "the older one is told now", w.up.Tell("alice", []byte("hello")), true)
	older.Goodbye(lastWords)
	equal(t, "connected", w.up.Connected("alice"), false)
	equal(t, "remembered", len(w.up.reach.of), 0)
}

// One session ends and the other goes on; then all end.
func TestEnd(t *testing.T) {
	overEach(t, Config{}, func(t *testing.T, w *world) {
		one, p := w.joinAs("alice", "s1")
		two, q := w.joinAs("alice", "s2")
		bob, _ := w.joinAs("bob", "s1")
		equal(t, "ended", w.up.End("alice", "s1", protocol.Kicked), 1)
		equal(t, "one", one.Read(&log{}), error(protocol.Kicked))
		must(t, two.Read(&log{}))
		got, err := p.goodbye()
		must(t, err)
		equal(t, "goodbye", got, "4002 kicked")

		w.up.Tell("alice", []byte("last"))
		equal(t, "ended", w.up.End("alice", "", protocol.Kicked), 1)
		w.up.End("alice", "", protocol.Replaced) // the first counts
		equal(t, "two", two.Read(&log{}), error(protocol.Kicked))
		_, first, err := q.read()
		must(t, err)
		equal(t, "told before", first, "last")
		must(t, bob.Read(&log{}))
		bob.Goodbye(lastWords)
	})
}

// TestReachRaces: players come and go while others talk to them and end them.
func TestReachRaces(t *testing.T) {
	w := newWorld(t, "beat", Config{})
	ids := []protocol.PlayerID{"a", "b", "c"}
	stop := make(chan struct{})
	var talkers sync.WaitGroup
	for i := range 3 {
		talkers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				w.up.Tell(ids[n%3], []byte("word"))
				if n%50 == i {
					w.up.End(ids[n%3], "", protocol.Kicked)
				}
			}
		})
	}
	for i := range 100 {
		c, p := w.join(ids[i%3])
		for j := 0; j < 20 && c.Read(&log{}) == nil; j++ {
			c.Flush()
		}
		c.Goodbye(lastWords)
		p.Close()
	}
	close(stop)
	talkers.Wait()
	equal(t, "remembered", len(w.up.reach.of), 0)
}

// BenchmarkReadNothing says what a beat pays that finds nothing, words included.
func BenchmarkReadNothing(b *testing.B) {
	w := newWorld(b, "beat", Config{})
	c, _ := w.join("alice")
	until(b, c, &log{}, func() bool { return true })
	b.ReportAllocs()
	for b.Loop() {
		c.Read(&log{})
	}
	c.Goodbye(lastWords)
}

// The order of messages from one teller is kept under load of many owners' beats.
func TestTellKeepsOrder(t *testing.T) {
	w := newWorld(t, "beat", Config{})
	c, p := w.join("alice")
	const words = 500
	go func() {
		for i := 0; i < words; {
			if w.up.Tell("alice", fmt.Append(nil, i)) {
				i++
			}
		}
	}()
	heard := make(chan []string)
	go func() {
		var all []string
		for len(all) < words {
			_, got, err := p.read()
			if err != nil {
				break
			}
			all = append(all, got)
		}
		heard <- all
	}()
	var all []string
	until(t, c, &log{}, func() bool {
		select {
		case all = <-heard:
			return true
		default:
			return false
		}
	})
	equal(t, "heard", len(all), words)
	sorted := slices.IsSortedFunc(all, func(a, b string) int {
		return len(a)*1000 - len(b)*1000 + strings.Compare(a, b)
	})
	equal(t, "in order", sorted, true)
	c.Goodbye(lastWords)
}
