package socket

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

// Everything that can be done to a hall is done, in any order and much of it on
// the same beat, until it is drained or stopped amid all that. Nobody is lost,
// everybody hears one goodbye, and what follows connections loses none.
func TestHallInAnyOrder(t *testing.T) {
	for seed := range uint64(60) { // the same each time: a failure has a name to run it by
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newTurmoil(t, seed).run() })
		})
	}
}

// A turmoil is a hall, an owner beside it with a beat as long, and what is known
// of the connections that go to and fro between them.
type turmoil struct {
	*Hall
	t      *testing.T
	rnd    *rand.Rand // of the test's own goroutine
	up     *Upgrader
	beside *Inbox // of the other owner
	tiny   *Inbox // holds one, and nobody takes it out
	guests []*visitor
	meter  *tally
	log    strings.Builder // one line a panic; read when nobody writes any more

	mu     sync.Mutex
	inside map[*Conn]int // times entered and not left
	stand  map[*Conn]bool
	gone   map[*Conn]int
}

// A visitor is a client, and what it has heard.
type visitor struct {
	conn *Conn
	far  net.Conn
	torn bool // cut or hung up: there may be nobody to say goodbye to
	byes chan int
}

func newTurmoil(t *testing.T, seed uint64) *turmoil {
	m := &turmoil{
		t: t, rnd: rand.New(rand.NewPCG(seed, 0)), beside: NewInbox(4), tiny: NewInbox(1), meter: &tally{},
		inside: map[*Conn]int{}, stand: map[*Conn]bool{}, gone: map[*Conn]int{},
	}
	m.up = NewUpgrader(Config{Log: slog.New(slog.NewTextHandler(&m.log, nil)), Meter: m.meter, Follower: m})
	m.Hall = NewHall(HallConfig{Handler: m, Capacity: 12, Orders: 30, Refused: func(c *Conn, _ any) { c.Send([]byte("refused")) }})
	return m
}

func (m *turmoil) run() {
	var owners sync.WaitGroup
	ctx, cancel := context.WithCancel(m.t.Context())
	closing, leave := context.WithCancel(m.t.Context())
	owners.Go(func() { m.Run(ctx) })
	seed := m.rnd.Uint64()
	owners.Go(func() { m.own(closing, seed) })
	for range 12 {
		for range m.rnd.IntN(8) {
			m.do()
		}
		if m.rnd.IntN(4) > 0 {
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			m.check()
		}
	}
	if m.rnd.IntN(2) == 0 {
		m.Drain(protocol.Draining)
		m.do() // beside it
	}
	cancel()
	leave()
	owners.Wait()
	for _, a := range m.tiny.Close() {
		m.Take(a.Conn, nil)
	}
	m.up.Close()
	m.settle()
}

const ownPanic = "of a handler"

// do does one thing, to somebody.
func (m *turmoil) do() {
	if len(m.guests) == 0 || m.rnd.IntN(3) == 0 {
		m.come()
		return
	}
	v := m.guests[m.rnd.IntN(len(m.guests))]
	id := v.conn.Player().ID
	switch m.rnd.IntN(10) {
	case 0, 1, 2:
		says := []string{"stay", "give", "give tiny", "bye", "panic"}[m.rnd.IntN(5)]
		go v.far.Write(join(binFrame(says), binFrame("more")))
	case 3:
		m.Tell(id, []byte("news"))
	case 4, 5:
		m.Move(id, []*Inbox{m.beside, m.tiny}[m.rnd.IntN(2)], nil)
	case 6:
		m.up.Tell(id, []byte("a word"))
	case 7:
		m.up.End(id, "", protocol.Kicked)
	case 8:
		v.torn = true
		v.conn.Shut()
	case 9:
		v.torn = true
		v.far.Close()
	}
}

func (m *turmoil) come() {
	id := protocol.PlayerID(rune('a' + m.rnd.IntN(4)))
	near, far := net.Pipe()
	c, err := m.up.Adopt(near, nil, protocol.Player{ID: id})
	must(m.t, err)
	v := &visitor{conn: c, far: far, byes: make(chan int, 1)}
	m.guests = append(m.guests, v)
	go v.listen()
	m.Take(c, []string{"", "", "", "give", "panic"}[m.rnd.IntN(5)])
}

// listen counts goodbyes until the line is closed.
func (v *visitor) listen() {
	defer v.far.Close()
	n, br := 0, bufio.NewReader(v.far)
	for {
		_, b, err := sockettest.Read(br)
		if err != nil {
			v.byes <- n
			return
		}
		if msg, _ := protocol.ParseServer(b); msg != nil {
			if _, bye := msg.(protocol.Goodbye); bye {
				n++
			}
		}
	}
}

// own is the other owner: it gives back, ends and keeps.
func (m *turmoil) own(ctx context.Context, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	beat := time.NewTicker(100 * time.Millisecond)
	defer beat.Stop()
	var mine []*Conn
	for {
		select {
		case a := <-m.beside.Arrivals():
			mine = append(mine, a.Conn)
		case <-beat.C:
			kept := mine[:0]
			for _, c := range mine {
				if m.keeps(c, rnd.IntN(6)) {
					kept = append(kept, c)
				}
			}
			mine = kept
		case <-ctx.Done():
			for _, a := range m.beside.Close() {
				mine = append(mine, a.Conn)
			}
			for _, c := range mine {
				m.Take(c, nil)
			}
			return
		}
	}
}

func (m *turmoil) keeps(c *Conn, does int) bool {
	c.Read(elsewhere{})
	switch does {
	case 0:
		c.Goodbye(protocol.MatchFailed)
		m.Take(c, nil)
		return false
	case 1:
		m.Take(c, "give")
		return false
	case 2:
		m.Take(c, nil)
		return false
	}
	return c.Flush() == nil
}

// elsewhere is what the other owner reads with.
type elsewhere struct{}

func (elsewhere) Message(*Conn, []byte) Verdict { return Continue }

// check looks at the hall while it rests.
func (m *turmoil) check() {
	m.mu.Lock()
	defer m.mu.Unlock()
	here := map[protocol.PlayerID]int{}
	for c, n := range m.inside {
		if n < 0 || n > 1 {
			m.t.Errorf("a connection has entered %d times more than left", n)
		}
		here[c.Player().ID] += n
	}
	all := 0
	for id, n := range here {
		if all += n; n > 1 || m.Here(id) != (n == 1) {
			m.t.Errorf("%d connections of %s are in the hall, which says %v", n, id, m.Here(id))
		}
	}
	m.Hall.mu.Lock()
	all += len(m.door)
	m.Hall.mu.Unlock()
	equal(m.t, "count", m.Count(), all)
}

// settle looks at what is left when all has ended.
func (m *turmoil) settle() {
	m.check()
	equal(m.t, "count at the end", m.Count(), 0)
	for _, v := range m.guests {
		if n := <-v.byes; n > 1 || n == 0 && !v.torn {
			m.t.Errorf("a client of %s heard %d goodbyes", v.conn.Player().ID, n)
		}
		equal(m.t, "times gone", m.gone[v.conn], 1)
		equal(m.t, "stands", m.stand[v.conn], false)
	}
	for line := range strings.Lines(m.log.String()) {
		if !strings.Contains(line, ownPanic) {
			m.t.Error(line)
		}
	}
	equal(m.t, "closed", m.meter.closed.Load(), int64(len(m.guests)))
}

// Entered implements [HallHandler].
func (m *turmoil) Entered(c *Conn, note any) {
	m.mu.Lock()
	m.inside[c]++
	m.mu.Unlock()
	m.serve(c, fmt.Sprint(note))
}

// Left implements [HallHandler].
func (m *turmoil) Left(c *Conn, _ error) {
	m.mu.Lock()
	m.inside[c]--
	m.mu.Unlock()
}

// Message implements [Handler].
func (m *turmoil) Message(c *Conn, msg []byte) Verdict { return m.serve(c, string(msg)) }

func (m *turmoil) serve(c *Conn, what string) Verdict {
	switch {
	case what == "panic":
		panic(ownPanic)
	case what == "bye":
		c.Goodbye(protocol.Kicked)
	case strings.HasSuffix(what, "tiny"):
		return Verdict(m.Give(c, m.tiny, nil))
	case strings.HasPrefix(what, "give"):
		return Verdict(m.Give(c, m.beside, nil))
	}
	return Continue
}

// Stands implements [Follower].
func (m *turmoil) Stands(c *Conn, _ Place) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stand[c] = true
}

// Said implements [Follower].
func (m *turmoil) Said(*Conn, protocol.Control) {}

// Gone implements [Follower].
func (m *turmoil) Gone(c *Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone[c]++
	m.stand[c] = false
}
