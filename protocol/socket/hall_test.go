package socket

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
)

// A lodge is a hall in fake time, and a diary of what its handler heard.
type lodge struct {
	*Hall
	t      *testing.T
	up     *Upgrader
	mu     sync.Mutex
	diary  []string
	onMsg  func(c *Conn, msg string) Verdict
	cancel context.CancelFunc
	done   chan struct{}
}

// inHall runs test in a bubble with a hall, and closes it.
func inHall(t *testing.T, cfg HallConfig, test func(l *lodge)) {
	synctest.Test(t, func(t *testing.T) {
		l := &lodge{t: t, up: NewUpgrader(Config{}), done: make(chan struct{})}
		cfg.Handler = l
		cfg.Refused = func(c *Conn, note any) { l.note("refused %s %v", c.Player().ID, note) }
		l.Hall = NewHall(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		l.cancel = cancel
		go func() { l.Run(ctx); close(l.done) }()
		test(l)
		cancel()
		<-l.done
		equal(t, "left behind", l.Count(), 0)
		l.up.Close()
	})
}

func (l *lodge) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.diary = append(l.diary, fmt.Sprintf(format, args...))
}

func (l *lodge) Entered(c *Conn, note any) {
	l.note("entered %s %v", c.Player().ID, note)
	c.Send([]byte("welcome"))
}

func (l *lodge) Left(c *Conn, why error) { l.note("left %s %v", c.Player().ID, why) }

func (l *lodge) Message(c *Conn, msg []byte) Verdict {
	l.note("%s said %s", c.Player().ID, msg)
	if l.onMsg != nil {
		return l.onMsg(c, string(msg))
	}
	return Continue
}

// come makes a player whose client hears everything; what it heard is sent
// when the connection ends.
func (l *lodge) come(id protocol.PlayerID) (*Conn, *peer, chan string) {
	near, far := net.Pipe()
	c, err := l.up.Adopt(near, nil, protocol.Player{ID: id})
	must(l.t, err)
	p := newPeer(far)
	heard := make(chan string, 1)
	go func() { heard <- p.listen() }()
	return c, p, heard
}

// listen answers pings and returns all messages and the goodbye.
func (p *peer) listen() string {
	defer p.Close()
	var all []string
	for {
		op, body, err := p.read()
		switch {
		case err != nil:
			return strings.Join(append(all, err.Error()), ", ")
		case op == 0x88:
			return strings.Join(append(all, body[2:]), ", ")
		case op == 0x89:
			p.Write(frame(0x8a, body))
		case op == 0x82:
			all = append(all, body)
		}
	}
}

// beats lets the hall have n beats and come to rest.
func (l *lodge) beats(n int) {
	<-time.After(time.Duration(n) * 100 * time.Millisecond)
	synctest.Wait()
}

func (l *lodge) wrote(want ...string) {
	l.t.Helper()
	if got := l.read(); !slices.Equal(got, want) {
		l.t.Errorf("diary:\ngot  %q\nwant %q", got, want)
	}
}

// read returns what was written since it was last read.
func (l *lodge) read() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.diary = nil }()
	return l.diary
}

func TestHallGreetsTellsAndDrains(t *testing.T) {
	inHall(t, HallConfig{}, func(l *lodge) {
		c, p, heard := l.come("alice")
		equal(t, "told before she came", l.Tell("alice", []byte("x")), false)
		l.Take(c, "first time")
		equal(t, "told at the door", l.Tell("alice", []byte("news")), true)
		l.beats(1)
		go p.Write(binFrame("hi"))
		l.beats(2)
		l.wrote("entered alice first time", "alice said hi")
		l.Drain(protocol.Draining)
		l.beats(1)
		equal(t, "heard", <-heard, "welcome, news, server restarting")
		l.wrote("left alice 4012 server restarting")

		late, _, heard := l.come("bob")
		l.Take(late, nil)
		equal(t, "heard by who came late", <-heard, "server restarting")
	})
}

func TestHallNewestWins(t *testing.T) {
	inHall(t, HallConfig{}, func(l *lodge) {
		old, _, oldHeard := l.come("alice")
		l.Take(old, 1)
		l.beats(1)
		young, _, youngHeard := l.come("alice")
		l.Take(young, 2)
		l.beats(1)
		l.wrote("entered alice 1", "left alice 4001 replaced", "entered alice 2")
		equal(t, "the older heard", <-oldHeard, "welcome, replaced")
		equal(t, "count", l.Count(), 1)

		// three at once, at the same door
		for i := range 3 {
			c, _, _ := l.come("alice")
			l.Take(c, i)
		}
		l.beats(1)
		equal(t, "count", l.Count(), 1)
		equal(t, "the younger heard", <-youngHeard, "welcome, replaced")
	})
}

// A drain on the very beat on which one connection makes way for another.
func TestHallDrainsWhileOneIsReplaced(t *testing.T) {
	inHall(t, HallConfig{}, func(l *lodge) {
		var heard []chan string
		for i := range 3 {
			c, _, h := l.come("alice")
			l.Take(c, i)
			heard = append(heard, h)
		}
		l.Drain(protocol.Draining)
		l.beats(1)
		for i, want := range []string{"welcome, replaced", "welcome, replaced", "welcome, server restarting"} {
			equal(t, fmt.Sprint("heard by ", i), <-heard[i], want)
		}
		equal(t, "count", l.Count(), 0)
	})
}

func TestHallIsFull(t *testing.T) {
	inHall(t, HallConfig{Capacity: 1, Orders: 2}, func(l *lodge) {
		c, _, _ := l.come("alice")
		l.Take(c, nil)
		d, _, heard := l.come("bob")
		l.Take(d, nil)
		equal(t, "heard", <-heard, "server full")
		equal(t, "orders", fmt.Sprint(l.Tell("alice", nil), l.Tell("alice", nil), l.Tell("alice", nil)), "true true false")
		l.beats(1)
		equal(t, "orders on the next beat", l.Tell("alice", nil), true)
	})
}

// Give from inside a message: what came behind it goes to the new owner.
func TestHallGives(t *testing.T) {
	inHall(t, HallConfig{}, func(l *lodge) {
		match := NewInbox(1)
		l.onMsg = func(c *Conn, msg string) Verdict {
			equal(t, "give", l.Give(c, match, msg), true)
			equal(t, "give twice", l.Give(c, match, msg), false)
			return Yield
		}
		c, p, heard := l.come("alice")
		equal(t, "give from outside", l.Give(c, match, nil), false)
		l.Take(c, nil)
		l.beats(1)
		go p.Write(join(binFrame("join"), binFrame("input")))
		l.beats(2)
		l.wrote("entered alice <nil>", "alice said join", "left alice <nil>")
		a := <-match.Arrivals()
		var in log
		a.Conn.Read(&in)
		equal(t, "the match read", strings.Join(in.got, ","), "input")
		equal(t, "note", a.Note, any("join"))

		l.onMsg = nil
		l.Take(a.Conn, "back")
		l.beats(1)
		l.wrote("entered alice back")
		l.cancel()
		equal(t, "heard", <-heard, "welcome, welcome, server restarting")
	})
}

func TestHallMoves(t *testing.T) {
	inHall(t, HallConfig{}, func(l *lodge) {
		room := NewInbox(1)
		var conns []*Conn
		for _, id := range []protocol.PlayerID{"alice", "bob"} {
			c, _, _ := l.come(id)
			conns = append(conns, c)
			l.Take(c, nil)
		}
		l.beats(1)
		l.read()
		equal(t, "move", l.Move("alice", room, 1), true)
		equal(t, "move a stranger", l.Move("carol", room, 1), false)
		l.Move("bob", room, 2)
		l.beats(1)
		l.wrote("left alice <nil>", "refused bob 2")
		equal(t, "count", l.Count(), 1)
		left := room.Close()
		equal(t, "in the inbox", len(left), 1)
		equal(t, "who", left[0].Conn, conns[0])
		l.Take(left[0].Conn, "the room is gone")
		l.beats(1)
		l.wrote("entered alice the room is gone")
	})
}

// Who answers pings stays for ever; who does not, for 20 seconds.
func TestHallHeartbeat(t *testing.T) {
	inHall(t, HallConfig{}, func(l *lodge) {
		c, _, _ := l.come("alice")
		l.Take(c, nil)
		near, far := net.Pipe()
		dead, err := l.up.Adopt(near, nil, protocol.Player{ID: "dead"})
		must(t, err)
		go newPeer(far).br.Discard(1 << 20)
		l.Take(dead, nil)
		l.beats(1)
		l.read()
		l.beats(99)
		l.wrote()
		l.beats(2)
		l.wrote("left dead 4011 no sign of life")
		l.beats(10 * 3600)
		l.wrote()
		equal(t, "alice is there", l.Tell("alice", []byte("x")), true)
		far.Close()
	})
}

// In the race between Hand and Close nobody is lost.
func TestInboxLosesNobody(t *testing.T) {
	const conns = 200
	in := NewInbox(16)
	given := make(chan int)
	go func() {
		n := 0
		for range conns {
			if in.Hand(new(Conn), nil) {
				n++
			}
		}
		given <- n
	}()
	got := 0
	for range 50 {
		select {
		case <-in.Arrivals():
			got++
		default:
		}
	}
	got += len(in.Close())
	n := <-given
	equal(t, "arrived", got+len(in.Close()), n)
	equal(t, "handed to a closed inbox", in.Hand(new(Conn), nil), false)
}

func TestSwitchboard(t *testing.T) {
	s := NewSwitchboard()
	in := NewInbox(1)
	hand := func() string { return fmt.Sprint(s.Hand("m", new(Conn), nil)) }
	equal(t, "unknown", hand(), "false false")
	s.Open("m", in)
	equal(t, "open", hand(), "true true")
	equal(t, "full", hand(), "false true")
	s.Close("m")
	equal(t, "closed", hand(), "false false")
}
