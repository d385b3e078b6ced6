package lobby

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A world is a lobby in fake time, with a hall, and a match host that does as
// it is told.
type world struct {
	*Lobby
	t     *testing.T
	bus   *bus.Local
	hall  *socket.Hall
	board *socket.Switchboard
	up    *socket.Upgrader
	began time.Time

	stopHost func()
	fatal    atomic.Bool // that a party's ticket ends makes whoever ends it panic

	mu     sync.Mutex
	skills map[string]float64                                          // by game, mode and player
	gone   []store.TicketID                                            // of parties, that have become final
	answer func(ctx context.Context, s protocol.Start) protocol.Placed // nil: host
	starts []protocol.Start
	full   error            // why nothing can be kept
	kept   []protocol.Ended // results
}

// testModes: four play ffa with bots, two a duel without, three to four a trio,
// two teams of two pairs.
func testModes() []*game.Mode {
	return []*game.Mode{
		modeOf("ffa", 4, 1, 2*time.Second, bot),
		modeOf("duel", 2, 2, 2*time.Second, nil),
		modeOf("trio", 4, 3, 2*time.Second, nil),
		teams("pairs", 2, 2, game.Matchmaking{}),
	}
}

// inLobby runs test in a bubble with a lobby that counts down 3 s, and closes
// it. Nothing of it may be left behind.
func inLobby(t *testing.T, adjust func(*Config), test func(w *world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, bus: bus.NewLocal(), board: socket.NewSwitchboard(), up: socket.NewUpgrader(socket.Config{Linger: time.Second})}
		w.hall = socket.NewHall(socket.HallConfig{Handler: w})
		cfg := Config{Modes: testModes(), Countdown: 3 * time.Second, Log: slog.New(slog.DiscardHandler)}
		if adjust != nil {
			adjust(&cfg)
		}
		var err error
		if w.Lobby, err = New(cfg, Deps{Bus: w.bus, Hall: w.hall, Board: w.board, Results: w, Ready: w.ready, Ratings: w, Unqueued: w.unqueued}); err != nil {
			t.Fatal(err)
		}
		if w.stopHost, err = w.bus.Serve(protocol.SubjectStart, w.serve); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		hallCtx, closeHall := context.WithCancel(t.Context())
		running.Go(func() { w.hall.Run(hallCtx) })
		var lobby sync.WaitGroup
		lobby.Go(func() { w.Run(ctx) })
		synctest.Wait()
		w.began = time.Now()
		test(w)
		cancel()
		lobby.Wait()
		closeHall()
		running.Wait()
		w.stopHost()
		w.up.Close()
		if c := w.Counts(); c.Tickets != 0 || c.Rooms != 0 || len(w.rooms) != 0 || len(w.polls.of) != 0 {
			t.Errorf("left behind: %+v, %d rooms, %d polls", c, len(w.rooms), len(w.polls.of))
		}
	})
}

// Finish keeps results.
func (w *world) Finish(_ context.Context, e protocol.Ended) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full == nil {
		w.kept = append(w.kept, e)
	}
	return w.full
}

func (w *world) ready() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.full
}

// disk is full, or with nil no longer.
func (w *world) disk(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.full = err
}

func (w *world) results() []protocol.Ended {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kept
}

// end says how a match came out, as its host does, and returns the answer.
func (w *world) end(e protocol.Ended) string {
	w.t.Helper()
	answer, err := w.bus.Request(w.t.Context(), protocol.SubjectOver, protocol.Marshal(e))
	if err != nil {
		w.t.Error(err)
	}
	return string(answer)
}

// Skill makes the world rate its players: those whose ids it was told.
func (w *world) Skill(game, mode string, p protocol.PlayerID) float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.skills[game+"/"+mode+"/"+string(p)]
}

func (w *world) rate(mode string, p protocol.Player, skill float64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.skills == nil {
		w.skills = map[string]float64{}
	}
	w.skills[p.Game+"/"+mode+"/"+string(p.ID)] = skill
}

func (w *world) unqueued(_ store.PartyID, id store.TicketID) {
	if w.fatal.Load() {
		panic("of a party")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone = append(w.gone, id)
}

// serve is the match host.
func (w *world) serve(ctx context.Context, data []byte) []byte {
	var s protocol.Start
	if err := protocol.Unmarshal(data, &s); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	w.starts = append(w.starts, s)
	answer := w.answer
	w.mu.Unlock()
	if answer == nil {
		answer = host
	}
	return protocol.Marshal(answer(ctx, s))
}

// host takes any match, each as a host of its own.
func host(_ context.Context, s protocol.Start) (p protocol.Placed) {
	p.Host = string(s.Match)
	for _, seat := range s.Seats {
		p.Passes = append(p.Passes, fmt.Sprintf("%s-%d", seat.Player.Name, seat.Seat))
	}
	return p
}

func refusing(context.Context, protocol.Start) protocol.Placed {
	return protocol.Placed{Refuse: "full"}
}

func (w *world) hostAnswers(answer func(context.Context, protocol.Start) protocol.Placed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

func (w *world) started() []protocol.Start {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.starts
}

// Entered, Left and Message make the world the hall's handler; it does what
// that of a real server does.
func (w *world) Entered(c *socket.Conn, _ any) {
	if room, ok := w.RoomOf(c.Player().ID); ok {
		w.hall.Give(c, room, nil)
	} else if a, ok := w.AssignmentOf(c.Player().ID); ok {
		c.Send(protocol.Append(nil, a))
	}
}

func (w *world) Left(*socket.Conn, error) {}

func (w *world) Message(c *socket.Conn, b []byte) socket.Verdict {
	if m, _ := protocol.ParseClient(b); m == (protocol.Leave{}) {
		w.Leave(c.Player().ID)
	}
	c.Send(protocol.Append(nil, protocol.Notice{Code: "hall"}))
	return socket.Continue
}

func (w *world) guest(name string) protocol.Player {
	w.t.Helper()
	return protocol.Player{ID: protocol.NewID[protocol.PlayerID](), Name: name, Game: game.DefaultGame}
}

// queue gives each of the names a ticket of mode, one after the other.
func (w *world) queue(mode string, names ...string) (all []store.Ticket) {
	w.t.Helper()
	for _, name := range names {
		x, err := w.enqueue(w.guest(name), mode)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, x)
	}
	return all
}

// enqueue gives players of a party, or one alone, a ticket of mode.
func (w *world) enqueue(who protocol.Player, mode string, others ...protocol.Player) (store.Ticket, error) {
	wish := Wish{Mode: mode, Players: []Seeker{{Player: who}}}
	for _, o := range others {
		wish.Players = append(wish.Players, Seeker{Player: o})
	}
	return w.Enqueue(w.t.Context(), wish)
}

// await polls a ticket until it is in a state, and says how long after the
// world began that was.
func (w *world) await(x store.Ticket, want store.State) (store.Ticket, time.Duration) {
	w.t.Helper()
	seen := store.State("")
	for deadline := time.Now().Add(10 * time.Minute); time.Now().Before(deadline); {
		ctx, cancel := context.WithTimeout(w.t.Context(), 25*time.Second)
		now, err := w.Wait(ctx, x.Owner().ID, x.ID, seen)
		cancel()
		switch {
		case err != nil:
			w.t.Fatalf("%s: %v", x.Owner().Name, err)
		case now.State == want:
			return now, time.Since(w.began)
		case now.State.Final():
			w.t.Fatalf("%s is %s (%s), want %s", x.Owner().Name, now.State, now.Why, want)
		}
		seen = now.State
	}
	w.t.Fatalf("%s was never %s", x.Owner().Name, want)
	return x, 0
}

// pass turns the clock of the world.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) state(x store.Ticket) store.State {
	w.t.Helper()
	now, err := w.Ticket(x.Owner().ID, x.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return now.State
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// A peer is a player's client on a pipe. It writes down what it is told.
type peer struct {
	t  *testing.T
	nc net.Conn

	mu     sync.Mutex
	heard  []protocol.Control
	room   protocol.Room // as the messages about it add up
	wrong  int           // deltas that did not fit
	reason uint16        // of the close frame
}

// connect gives the hall a connection of who.
func (w *world) connect(who protocol.Player) *peer {
	w.t.Helper()
	near, far := net.Pipe()
	c, err := w.up.Adopt(near, nil, who)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &peer{t: w.t, nc: far}
	go p.listen()
	w.t.Cleanup(func() { far.Close() })
	w.hall.Take(c, nil)
	return p
}

func (p *peer) listen() {
	r := bufio.NewReader(p.nc)
	for {
		first, payload, err := sockettest.Read(r)
		if err != nil {
			return
		}
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
			p.t.Error(err)
		}
		p.heard = append(p.heard, m)
		if m, ok := m.(protocol.Room); ok && !apply(&p.room, m) {
			p.wrong++
		}
	}
}

func (p *peer) write(first byte, payload []byte) { p.nc.Write(sockettest.Frame(first, payload)) }

func (p *peer) say(m protocol.Control) { p.write(sockettest.Binary, protocol.Append(nil, m)) }

// sees is the room as the client has it.
func (p *peer) sees() protocol.Room {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrong > 0 {
		p.t.Errorf("%d deltas did not fit", p.wrong)
	}
	return p.room
}

// last returns the latest message of a kind.
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

func (p *peer) goodbye() uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reason
}
