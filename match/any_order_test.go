package match

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// TestAMatchInAnyOrder does everything that can be done to a match, in any order
// and much of it between two beats, with rules that may panic anywhere: no
// connection is lost or given back twice, nobody hears two goodbyes, nobody is
// left without any, and each match has one end.
func TestAMatchInAnyOrder(t *testing.T) {
	for seed := range uint64(60) { // the same each time: a failure has a name to run it by
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { newMelee(t, rand.New(rand.NewPCG(seed, 0))).run() })
		})
	}
}

// A melee is a host with a few matches, and all who have come to them.
type melee struct {
	*node
	rnd     *rand.Rand // of the test's own goroutine
	matches []protocol.MatchID
	peers   []*peer
	torn    map[*peer]bool // cut or hung up: there may be nobody to say goodbye to
	stuck   bool           // rules may stand still until their match is given up
	asking  sync.WaitGroup // orders and asks for seats
}

func newMelee(t *testing.T, rnd *rand.Rand) *melee {
	m := &melee{rnd: rnd, torn: map[*peer]bool{}}
	m.node = mustNode(t, mustMode(t, m.mode()))
	for i := range 2 {
		id := protocol.MatchID(fmt.Sprintf("m%d", i))
		m.lease(id, "dots", 1+rnd.IntN(4))
		m.matches = append(m.matches, id)
	}
	return m
}

// mode is one of those whose matches go different ways.
func (m *melee) mode() game.Mode {
	chance := func(n int) bool { return m.rnd.IntN(n) == 0 }
	m.stuck = chance(5)
	at, spared := "", 6+m.rnd.IntN(60) // calls: the start has some
	if m.stuck || chance(2) {
		at = []string{"join", "leave", "step", "result", "save"}[m.rnd.IntN(5)]
	}
	var end game.Tick
	if chance(3) {
		end = game.Tick(1 + m.rnd.IntN(60))
	}
	mode := dotsMode(func() game.Rules {
		calls := 0
		return &dots{end: end, hook: func(where string, _ *game.World) {
			if calls++; where != at || calls <= spared {
				return
			}
			if !m.stuck {
				panic("of the rules")
			}
			<-time.After(7 * time.Second)
		}}
	})
	mode.Matchmaking.Backfill = true
	mode.MinPlayers = 1
	mode.Open = chance(2)
	if chance(2) {
		mode.Bot = nil
	}
	if chance(2) {
		mode.Spectators.Delay = 500 * time.Millisecond
	}
	return mode
}

func (m *melee) run() {
	for range 25 {
		for range m.rnd.IntN(8) {
			m.do()
		}
		switch m.rnd.IntN(6) {
		case 0: // goes on in the same moment
		case 1:
			play(time.Duration(m.rnd.IntN(1500)) * time.Millisecond)
		case 2:
			if m.rnd.IntN(4) == 0 {
				play(4 * time.Second)
			}
		default:
			play(time.Second / 30)
		}
	}
	if m.rnd.IntN(2) == 0 {
		now, cancel := context.WithCancel(m.tb.Context())
		cancel()
		_ = m.host.Drain(now)
		m.do() // beside it
	}
	m.stop()
	m.asking.Wait()
	play(10 * time.Second) // what was stuck returns
	m.settle()
}

// do does one thing to one match.
func (m *melee) do() {
	id, who := m.matches[m.rnd.IntN(len(m.matches))], m.rnd.IntN(6)
	if len(m.peers) == 0 || m.rnd.IntN(3) == 0 {
		mute := m.rnd.IntN(4) == 0
		m.peers = append(m.peers, m.connect(who, m.join(id), func(p *peer) { p.mute = mute }))
		return
	}
	p := m.peers[m.rnd.IntN(len(m.peers))]
	switch m.rnd.IntN(14) {
	case 0, 1:
		go p.send(protocol.Append(nil, protocol.Leave{}))
	case 2, 3:
		m.again(id)
	case 4:
		free := game.Seat(m.rnd.IntN(4))
		m.asking.Go(func() { _, _ = m.seat(id, on(free, who)) })
	case 5:
		m.asking.Go(func() { m.ordered(protocol.Order{Match: id, Kick: playerN(who).ID}) })
	case 6:
		end := m.rnd.IntN(4) == 0
		m.asking.Go(func() { m.ordered(protocol.Order{Match: id, End: end}) })
	case 7:
		m.up.End(playerN(who).ID, "", protocol.Kicked)
	case 8:
		m.up.Tell(playerN(who).ID, protocol.Append(nil, draining))
	case 9:
		m.torn[p] = true
		p.conn.Shut()
	case 10:
		m.torn[p] = true
		p.nc.Close()
	case 11:
		go p.send([]byte{0xc1})
	default:
		m.plays(p)
	}
}

// join is what a client may say: with a pass for a seat or to watch, perhaps
// used before or another's, or with none.
func (m *melee) join(id protocol.MatchID) protocol.Join {
	j := protocol.Join{Match: id, Epoch: uint32(m.rnd.IntN(2)), LastTick: game.Tick(m.rnd.IntN(9))}
	switch m.rnd.IntN(4) {
	case 0:
		j.Pass = protocol.Pass{Match: id, Player: playerN(m.rnd.IntN(6)).ID, Seat: game.NoSeat, Expires: time.Now().Add(time.Minute)}.Seal(passKey)
	case 1:
	default:
		j.Pass = protocol.Pass{Match: id, Player: playerN(m.rnd.IntN(6)).ID, Seat: game.Seat(m.rnd.IntN(4)), Expires: time.Now().Add(time.Minute)}.Seal(passKey)
	}
	return j
}

// again hands on somebody who was given back to the hall.
func (m *melee) again(id protocol.MatchID) {
	m.mu.Lock()
	if len(m.hall) == 0 {
		m.mu.Unlock()
		return
	}
	i := m.rnd.IntN(len(m.hall))
	c := m.hall[i]
	m.hall = slices.Delete(m.hall, i, i+1)
	m.mu.Unlock()
	if c.Ended() != nil {
		return
	}
	if ok, _ := m.board.Hand(id, c, m.join(id)); !ok {
		m.take(c, nil)
	}
}

// ordered gives an order, which nobody may be there to take.
func (m *melee) ordered(o protocol.Order) {
	_, _ = m.bus.Request(m.tb.Context(), protocol.SubjectOrder+m.host.id, protocol.Marshal(o))
}

// plays sends an input as a client does, if it has seen anything.
func (m *melee) plays(p *peer) {
	var here bool
	if p.see(func() { here = p.mirror != nil && p.mirror.Now() != nil }); here {
		go p.input(1, 1)
	}
}

// settle looks at what is left when all has ended.
func (m *melee) settle() {
	m.accounted()
	for _, c := range m.hall {
		c.Goodbye(protocol.Draining)
	}
	play(3 * time.Second)
	for i, p := range m.peers {
		byes := 0
		p.see(func() {
			for _, c := range p.control {
				if _, bye := c.(protocol.Goodbye); bye {
					byes++
				}
			}
		})
		if byes > 1 || byes == 0 && !m.torn[p] && !m.stuck {
			m.tb.Errorf("peer %d heard %d goodbyes", i, byes)
		}
		if p.goodbye() == protocol.Internal.Code {
			m.tb.Errorf("peer %d was told that something of ours is wrong", i)
		}
		p.sound()
	}
	if got := m.outcomes(); len(got) != len(m.matches) || m.host.Matches() != 0 {
		m.tb.Errorf("%d matches ended as %q, %d still run", len(m.matches), got, m.host.Matches())
	}
}

// TestAPanicInPartingEndsNothingElse: should giving a connection back fail, the
// match's others hear of it, the match is over, and the server stops in order.
func TestAPanicInPartingEndsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		passes := n.lease("m1", "dots", 2)
		var peers []*peer
		for i, pass := range passes {
			peers = append(peers, n.connect(i, protocol.Join{Match: "m1", Pass: pass}))
		}
		play(time.Second)
		n.host.cfg.Hall = func(c *socket.Conn, _ any) {
			c.Goodbye(protocol.ServerFull)
			panic("of the hall")
		}
		n.order(protocol.Order{Match: "m1", End: true})
		n.stop()
		play(time.Second)
		for i, want := range []uint16{protocol.ServerFull.Code, protocol.Internal.Code} {
			if code := peers[i].goodbye(); code != want {
				t.Errorf("player %d was told %d, want %d", i, code, want)
			}
		}
		if got := n.outcomes(); !slices.Equal(got, []string{whyEnded}) || n.host.Matches() != 0 {
			t.Errorf("ended as %q, %d matches run", got, n.host.Matches())
		}
	})
}
