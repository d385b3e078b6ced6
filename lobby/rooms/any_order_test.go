package rooms

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
)

// TestRoomsInAnyOrder does everything that can be done to rooms, in any order
// and much of it between two beats, and drains them or the hall amid that: no
// connection is lost, nobody hears two goodbyes nor is left without any, and
// nothing is left behind.
func TestRoomsInAnyOrder(t *testing.T) {
	for seed := range uint64(60) { // the same each time: a failure has a name to run it by
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var log strings.Builder
			inWorld(t, func(c *Config) {
				c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
				c.Countdown, c.AwayLife, c.HostLife, c.IdleLife = time.Second, 3*time.Second, time.Second, 20*time.Second
				c.Joins = social.Limit{Lines: 1000, Per: time.Second}
				c.Makes = c.Joins
			}, func(w *world) {
				b := &brawl{world: w, rnd: rand.New(rand.NewPCG(seed, 0)), torn: map[*peer]bool{}}
				w.t.Cleanup(b.settle) // when the world is no more
				b.run()
			})
			if log.Len() > 0 {
				t.Error(log.String()) // nothing of this is an error, least of all one that was survived
			}
		})
	}
}

// A brawl is a world in which anything happens.
type brawl struct {
	*world
	rnd   *rand.Rand
	peers []*peer
	conns []*socket.Conn // of the peers; only what is safe from any goroutine
	torn  map[*peer]bool // cut or hung up: there may be nobody to say goodbye to
}

func (b *brawl) run() {
	b.looks = time.Duration(b.rnd.IntN(3)) * 100 * time.Millisecond
	for range 50 {
		for range b.rnd.IntN(10) {
			b.do()
		}
		switch b.rnd.IntN(5) {
		case 0: // goes on in the same moment
		case 1:
			pass(time.Duration(b.rnd.IntN(4000)) * time.Millisecond)
		default:
			pass(100 * time.Millisecond)
			synctest.Wait()
		}
	}
	switch b.rnd.IntN(4) {
	case 0:
		b.Drain()
	case 1:
		b.hall.Drain(protocol.Draining)
	case 2:
		b.Drain()
		b.hall.Drain(protocol.Draining)
	}
	b.do() // beside it
}

// do does one thing, to somebody.
func (b *brawl) do() {
	if len(b.peers) == 0 || b.rnd.IntN(5) == 0 {
		b.comes()
		return
	}
	i := len(b.peers) - 1 - b.rnd.IntN(min(len(b.peers), 8)) // most of the others have ended
	p := b.peers[i]
	switch b.rnd.IntN(16) {
	case 0:
		go p.say(protocol.RoomCreate{Mode: b.mode(), Privacy: protocol.RoomPrivacy(b.rnd.IntN(3)), Title: "T"})
	case 1, 2:
		go p.say(protocol.RoomJoin{Code: b.code()})
	case 3:
		go p.say(protocol.Leave{})
	case 4:
		go p.say(protocol.Say{Channel: protocol.ChannelRoom, Text: "hello"})
	case 5, 8, 9:
		b.goesToMatch(p)
	case 10, 11:
		for _, p := range b.peers {
			go p.say(ready(1))
			go p.say(number(protocol.RoomStart, 1))
		}
	case 6:
		b.meanwhile()
	case 7:
		switch b.rnd.IntN(4) {
		case 0:
			b.torn[p] = true
			b.conns[i].Shut()
		case 1:
			b.torn[p] = true
			p.nc.Close()
		case 2:
			b.up.End(p.ID, "", protocol.Kicked)
		case 3:
			go p.say(protocol.RoomWatch{On: b.rnd.IntN(2) == 0})
		}
	default:
		go p.say(b.verb())
	}
}

func (b *brawl) comes() {
	near, far := net.Pipe()
	who := protocol.Player{ID: b.somebody(), Name: "X", Game: "main"}
	c, err := b.up.Adopt(near, nil, who)
	if err != nil {
		b.t.Fatal(err)
	}
	p := &peer{Player: who, w: b.world, nc: far, gate: make(chan struct{}, 1)}
	b.peers, b.conns = append(b.peers, p), append(b.conns, c)
	go p.listen()
	b.hall.Take(c, nil)
}

// meanwhile changes what is around the rooms.
func (b *brawl) meanwhile() {
	var over []protocol.MatchID
	b.world.settle(func() {
		b.refuse = nil
		if b.rnd.IntN(2) == 0 {
			b.refuse = errors.New("no host")
		}
		b.friends[[2]protocol.PlayerID{b.somebody(), b.somebody()}] = true
		for m := range b.playing {
			over = append(over, m)
		}
	})
	for _, m := range over[:len(over)/2] {
		b.end(m)
	}
}

func (b *brawl) goesToMatch(p *peer) {
	if a, ok := last[protocol.Assignment](p); ok {
		go p.say(protocol.Join{Match: a.Match, Pass: a.Pass})
	}
}

// verb is something that a member, or the host, may ask for.
func (b *brawl) verb() protocol.RoomDo {
	verbs := []protocol.RoomVerb{protocol.RoomReady, protocol.RoomReady, protocol.RoomSit, protocol.RoomSwap, protocol.RoomMode,
		protocol.RoomSize, protocol.RoomPrivate, protocol.RoomBot, protocol.RoomBot, protocol.RoomPlace, protocol.RoomKick, protocol.RoomBan,
		protocol.RoomHost, protocol.RoomStart, protocol.RoomStart, protocol.RoomStart, protocol.RoomUnban}
	return protocol.RoomDo{Verb: verbs[b.rnd.IntN(len(verbs))], Player: b.somebody(), Number: b.rnd.IntN(5), Text: b.mode()}
}

func (b *brawl) somebody() protocol.PlayerID { return protocol.PlayerID('a' + byte(b.rnd.IntN(5))) }

func (b *brawl) mode() string { return []string{"ffa", "pairs"}[b.rnd.IntN(2)] }

// code is a room's that there is, if any.
func (b *brawl) code() string {
	b.Hub.mu.Lock()
	defer b.Hub.mu.Unlock()
	for code := range b.rooms {
		return code
	}
	return "NONE"
}

// settle looks at what is left when all has ended.
func (b *brawl) settle() {
	pass(3 * time.Second)
	for i, p := range b.peers {
		byes := 0
		for _, m := range p.all() {
			if _, bye := m.(protocol.Goodbye); bye {
				byes++
			}
		}
		if byes > 1 || byes == 0 && !b.torn[p] {
			b.t.Errorf("peer %d, %s, heard %d goodbyes", i, p.ID, byes)
		}
		if p.sees(); b.up.Connected(p.ID) {
			b.t.Errorf("a connection of %s is left", p.ID)
		}
	}
}

// TestAPanicEndsOneRoom: its people are in the hall again, where they make
// another; the room beside it lives.
func TestAPanicEndsOneRoom(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		ada, bob, cleo := w.come("ada"), w.come("bob"), w.come("cleo")
		code := ada.must(protocol.RoomCreate{Mode: "ffa"}).Code
		bob.must(protocol.RoomCreate{Mode: "ffa"})
		w.settle(func() { w.fatal = cleo.ID })
		cleo.must(protocol.RoomJoin{Code: code})
		equal(t, "ada is out", ada.leftWith(), whyFailed)
		equal(t, "cleo is out", cleo.leftWith(), whyFailed)
		equal(t, "bob is out", bob.leftWith(), "")
		equal(t, "rooms", w.Count(), 1)
		bob.must(ready(1))
		ada.must(protocol.RoomCreate{Mode: "ffa"})
	})
}
