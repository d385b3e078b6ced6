package rooms

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/social"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is a hub in fake time, with a hall whose desk is as that of a server,
// and matches that take whoever comes.
type world struct {
	*Hub
	t     *testing.T
	hall  *socket.Hall
	board *socket.Switchboard
	up    *socket.Upgrader

	mu        sync.Mutex
	plans     []Plan
	refuse    error
	playing   map[protocol.MatchID]*arena
	muted     map[protocol.PlayerID]bool
	deaf      map[protocol.PlayerID]protocol.PlayerID
	friends   map[[2]protocol.PlayerID]bool
	looks     time.Duration // how long Friends takes; set while nobody comes
	places    map[protocol.PlayerID]socket.Place
	overheard []string
	fatal     protocol.PlayerID // whose coming makes a room panic
}

// An arena is a match: the connections that have come to it.
type arena struct {
	inbox *socket.Inbox
}

func testModes() []*game.Mode {
	bot := func(game.Seat, uint64) game.Bot { return nil }
	return []*game.Mode{
		{Name: "ffa", Game: "main", Seats: 4, MinPlayers: 1, Bot: bot, Options: []game.Option{{Name: "map", Values: []string{"a", "b"}}, {Name: "round", Min: 1, Max: 9, Default: 5}}},
		{Name: "pairs", Game: "main", Seats: 4, MinPlayers: 2, Matchmaking: game.Matchmaking{Teams: 2, TeamSize: 2}},
		{Name: "ffa-x", Game: "other", Seats: 8, MinPlayers: 1, Bot: bot},
	}
}

// inWorld runs test in a bubble. Nothing may be left behind.
func inWorld(t *testing.T, adjust func(*Config), test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, board: socket.NewSwitchboard(), places: map[protocol.PlayerID]socket.Place{}, playing: map[protocol.MatchID]*arena{}, muted: map[protocol.PlayerID]bool{}, deaf: map[protocol.PlayerID]protocol.PlayerID{}, friends: map[[2]protocol.PlayerID]bool{}}
		w.up = socket.NewUpgrader(socket.Config{Linger: time.Second, MessagesPerSecond: 10000, BytesPerSecond: 1 << 20, Follower: w})
		w.hall = socket.NewHall(socket.HallConfig{Handler: w})
		cfg := Config{Modes: testModes(), Log: slog.New(slog.DiscardHandler)}
		if adjust != nil {
			adjust(&cfg)
		}
		same := func(s string) string { return s }
		var err error
		w.Hub, err = New(cfg, Deps{Launch: w.launch, Running: w.runs, Hall: w.hall.Take, Board: w.board, Teller: w.up,
			Cleaner: social.Cleaner{Most: 256, Normal: same}, Social: w, Enters: w.enters})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		hallCtx, closeHall := context.WithCancel(t.Context())
		var hub, hall sync.WaitGroup
		hub.Go(func() { w.Run(ctx) })
		hall.Go(func() { w.hall.Run(hallCtx) })
		test(w)
		w.endAll()
		cancel()
		hub.Wait()
		w.endAll() // that began since
		closeHall()
		hall.Wait()
		w.up.Close()
		if w.Count() != 0 || len(w.of) != 0 || len(w.list.sorted("main")) != 0 {
			t.Errorf("left behind: %d rooms, %d members, %d rows", w.Count(), len(w.of), len(w.list.sorted("main")))
		}
	})
}

func (w *world) enters(p protocol.PlayerID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p == w.fatal {
		panic("of a room")
	}
}

func (w *world) launch(_ context.Context, p Plan) (all []protocol.Assignment, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plans = append(w.plans, p)
	if w.refuse != nil {
		return nil, w.refuse
	}
	id := protocol.MatchID(fmt.Sprint("m", len(w.plans)))
	a := &arena{inbox: socket.NewInbox(16)}
	w.playing[id] = a
	w.board.Open(id, a.inbox)
	for _, s := range p.Seats {
		all = append(all, protocol.Assignment{Match: id, Pass: fmt.Sprintf("%s-%d", s.Player.ID, s.Seat), Mode: p.Mode})
	}
	return all, nil
}

func (w *world) runs(m protocol.MatchID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.playing[m] != nil
}

// end ends a match: whoever is there goes back to the hall.
func (w *world) end(m protocol.MatchID) {
	w.mu.Lock()
	a := w.playing[m]
	delete(w.playing, m)
	w.mu.Unlock()
	w.board.Close(m)
	for _, x := range a.inbox.Close() {
		x.Conn.Send(protocol.Append(nil, protocol.Over{Match: m, Why: "finished"}))
		w.hall.Take(x.Conn, nil)
	}
}

func (w *world) endAll() {
	w.mu.Lock()
	all := slices.Collect(maps.Keys(w.playing))
	w.mu.Unlock()
	for _, m := range all {
		w.end(m)
	}
}

func (w *world) plan(i int) Plan {
	w.mu.Lock()
	defer w.mu.Unlock()
	if i >= len(w.plans) {
		w.t.Fatalf("%d launches, want more than %d", len(w.plans), i)
	}
	return w.plans[i]
}

func (w *world) launches() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.plans)
}

// MayTalk, Hears, Overhear and Friends make the world what its players are to each other.
func (w *world) MayTalk(p protocol.Player) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.muted[p.ID] {
		return social.ErrMuted
	}
	return nil
}

func (w *world) Hears(p, from protocol.Player) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deaf[p.ID] != from.ID
}

func (w *world) Overhear(from protocol.Player, room, text string, _ time.Time, heard []protocol.PlayerID) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(heard)
	w.overheard = append(w.overheard, fmt.Sprint(room, " ", from.ID, ": ", text, " ", heard))
	return uint64(len(w.overheard))
}

// Friends takes a while, as a look into what is kept may.
func (w *world) Friends(ctx context.Context, p, q protocol.Player) (bool, error) {
	w.mu.Lock()
	looks := w.looks
	w.mu.Unlock()
	select {
	case <-time.After(looks):
	case <-ctx.Done():
		return false, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.friends[[2]protocol.PlayerID{p.ID, q.ID}], nil
}

// place is where a player stands, as friends may know it.
func (w *world) place(p *peer) socket.Place {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.places[p.ID]
}

// Stands, Said and Gone make the world a follower.
func (w *world) Stands(c *socket.Conn, at socket.Place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.places[c.Player().ID] = at
}

func (w *world) Said(*socket.Conn, protocol.Control) {}
func (w *world) Gone(*socket.Conn)                   {}

// What follows makes the world the hall's handler.

func (w *world) Entered(c *socket.Conn, _ any) {
	if room, ok := w.RoomOf(c.Player().ID); ok {
		w.hall.Give(c, room, nil)
	}
}

func (w *world) Left(c *socket.Conn, _ error) { w.Unwatch(c.Player()) }

func (w *world) Message(c *socket.Conn, b []byte) socket.Verdict { return socket.Outside(w, c, b) }

func (w *world) Join(c *socket.Conn, join protocol.Join) socket.Verdict {
	if in, ok := w.board.Find(join.Match); ok {
		w.hall.Give(c, in, join)
	}
	return socket.Yield
}

func (w *world) Leave(*socket.Conn) socket.Verdict                   { return socket.Continue }
func (w *world) Accept(*socket.Conn, protocol.Accept) socket.Verdict { return socket.Continue }

func (w *world) Room(c *socket.Conn, m protocol.Control) socket.Verdict {
	var to *socket.Inbox
	var note any
	err := error(ErrNoRoom)
	switch m := m.(type) {
	case protocol.RoomWatch:
		w.Watch(c.Player(), m)
		return socket.Continue
	case protocol.RoomCreate:
		to, note, err = w.Create(c.Player(), m)
	case protocol.RoomJoin:
		to, note, err = w.Hub.Join(c.Player(), m)
	}
	if err != nil {
		var why Refusal
		errors.As(err, &why)
		socket.RefuseRoom(c, m, string(why))
		return socket.Continue
	}
	w.hall.Give(c, to, note)
	return socket.Yield
}

// A peer is a player's client on a pipe.
type peer struct {
	protocol.Player
	w     *world
	nc    net.Conn
	stamp uint32
	gate  chan struct{} // who holds its one token keeps the peer from reading on

	mu     sync.Mutex
	room   protocol.RoomMirror
	list   protocol.RoomListMirror
	wrong  int // deltas that did not fit
	heard  []protocol.Control
	reason uint16 // of the close frame
}

func (w *world) come(name string) *peer { return w.comeTo(name, "main") }

func (w *world) comeTo(name, game string) *peer {
	return w.connect(protocol.Player{ID: protocol.PlayerID(name), Name: "The " + name, Game: game})
}

func (w *world) connect(who protocol.Player) *peer {
	w.t.Helper()
	near, far := net.Pipe()
	c, err := w.up.Adopt(near, nil, who)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &peer{Player: who, w: w, nc: far, gate: make(chan struct{}, 1)}
	go p.listen()
	w.t.Cleanup(func() { far.Close() })
	w.hall.Take(c, nil)
	beats()
	return p
}

// beats lets some pass, of the hall, of rooms and of the list.
func beats() { time.Sleep(600 * time.Millisecond) }

func (p *peer) listen() {
	r := bufio.NewReader(p.nc)
	for {
		first, payload, err := sockettest.Read(r)
		if err != nil {
			return
		}
		p.gate <- struct{}{}
		<-p.gate
		p.take(first, payload)
	}
}

func (p *peer) take(first byte, payload []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch first {
	case sockettest.Close:
		p.reason = binary.BigEndian.Uint16(payload)
		go p.nc.Close()
	case sockettest.Ping:
		go p.write(sockettest.Pong, payload)
	case sockettest.Binary:
		m, err := protocol.ParseServer(payload)
		if err != nil {
			p.w.t.Error(err)
		}
		p.heard = append(p.heard, m)
		switch m := m.(type) {
		case protocol.RoomState:
			if !p.room.Apply(m) {
				p.wrong++
			}
		case protocol.RoomList:
			p.list.Apply(m)
		}
	}
}

func (p *peer) write(first byte, b []byte) { p.nc.Write(sockettest.Frame(first, b)) }

func (p *peer) say(m protocol.Control) { p.write(sockettest.Binary, protocol.Append(nil, m)) }

// ask says something and returns why it was refused, if so.
func (p *peer) ask(m protocol.Control) protocol.RoomReply {
	p.w.t.Helper()
	p.stamp++
	switch x := m.(type) {
	case protocol.RoomCreate:
		x.Stamp = p.stamp
		m = x
	case protocol.RoomJoin:
		x.Stamp = p.stamp
		m = x
	case protocol.RoomDo:
		x.Stamp = p.stamp
		m = x
	}
	p.say(m)
	beats()
	if r, ok := last[protocol.RoomReply](p); ok && r.Stamp == p.stamp {
		return r
	}
	p.w.t.Fatalf("%s: %+v was not answered; it heard %+v", p.ID, m, p.all())
	return protocol.RoomReply{}
}

// must is ask for what is not refused.
func (p *peer) must(m protocol.Control) protocol.RoomReply {
	p.w.t.Helper()
	r := p.ask(m)
	if r.Refused != "" {
		p.w.t.Fatalf("%s: %+v is refused: %s", p.ID, m, r.Refused)
	}
	return r
}

func (p *peer) refused(why Refusal, m protocol.Control) {
	p.w.t.Helper()
	if r := p.ask(m); r.Refused != string(why) {
		p.w.t.Errorf("%s: %+v: got %q, want %q", p.ID, m, r.Refused, why)
	}
}

func number(v protocol.RoomVerb, n int) protocol.RoomDo { return protocol.RoomDo{Verb: v, Number: n} }

func about(v protocol.RoomVerb, of *peer) protocol.RoomDo {
	return protocol.RoomDo{Verb: v, Player: of.ID}
}

func ready(yes int) protocol.RoomDo { return protocol.RoomDo{Verb: protocol.RoomReady, Number: yes} }

// sees is the room as the client has it.
func (p *peer) sees() protocol.RoomMirror {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrong > 0 {
		p.w.t.Errorf("%s: %d deltas did not fit", p.ID, p.wrong)
	}
	r := p.room
	r.Seats = slices.Clone(r.Seats)
	return r
}

// seat is a member's as p sees it.
func (p *peer) seat(of *peer) protocol.RoomPlaceState {
	for _, s := range p.sees().Seats {
		if s.Player == of.ID {
			return s
		}
	}
	return protocol.RoomPlaceState{Index: -1}
}

func last[M protocol.Control](p *peer) (m M, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.heard {
		if c, is := c.(M); is {
			m, ok = c, true
		}
	}
	return m, ok
}

// leftWith is why p was told to be out.
func (p *peer) leftWith() string {
	m, _ := last[protocol.RoomLeft](p)
	return m.Why
}

// goes has a player join the match that it was assigned.
func (p *peer) goes() protocol.MatchID {
	p.w.t.Helper()
	a, ok := last[protocol.Assignment](p)
	if !ok {
		p.w.t.Fatalf("%s has no assignment", p.ID)
	}
	p.say(protocol.Join{Match: a.Match, Pass: a.Pass})
	beats()
	return a.Match
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// rows are the list of rooms as the client has it.
func (p *peer) rows() []protocol.RoomRow {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.list.Rows)
}

// watch subscribes.
func (p *peer) watch(m protocol.RoomWatch) {
	p.mu.Lock()
	p.list.Stamp = m.Stamp
	p.mu.Unlock()
	m.On = true
	p.say(m)
	beats()
}

func (p *peer) goodbye() uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}

func (p *peer) all() []protocol.Control {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.heard)
}

// settle changes what the world says of its players.
func (w *world) settle(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// pass turns the clock.
func pass(d time.Duration) { time.Sleep(d) }
