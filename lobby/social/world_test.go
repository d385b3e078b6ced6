package social

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/lobby/store"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/bus/bustest"
)

func TestMain(m *testing.M) { bustest.Main(m) }

// A player of the small world: of the game duel, unless it is said.
func who(id string) Who { return of("duel", id) }

func of(game, id string) Who {
	return Who{game, protocol.Player{ID: protocol.PlayerID(id), Name: strings.ToUpper(id[:1]) + id[1:]}}
}

var ada, bob, cyd, dan = who("ada"), who("bob"), who("cyd"), who("dan")

// A hall is a Teller that keeps what everybody was told.
type hall struct {
	mu   sync.Mutex
	told map[protocol.PlayerID][]protocol.Control
}

func (h *hall) Tell(p protocol.PlayerID, msg []byte) bool {
	m, err := protocol.ParseServer(msg)
	if err != nil {
		panic(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told[p] = append(h.told[p], m)
	return true
}

// take returns what a player was told since it was last asked.
func (h *hall) take(p Who) []protocol.Control {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.told[p.ID]
	delete(h.told, p.ID)
	return all
}

// people are those of two games, and everybody whose name begins with p.
type people struct{}

func (people) Person(_ context.Context, game string, id protocol.PlayerID) (protocol.Player, error) {
	known := slices.Contains([]protocol.PlayerID{"ada", "bob", "cyd", "dan"}, id) || strings.HasPrefix(string(id), "p")
	if game != "duel" && game != "race" || !known {
		return protocol.Player{}, ErrPlayerUnknown
	}
	return of(game, string(id)).Player, nil
}

// A queue takes every party, unless it shall fail.
type queue struct {
	mu        sync.Mutex
	fail      error
	meanwhile func() // while the ticket is made
	live      map[store.TicketID]PartyTicket
}

func (q *queue) Enqueue(_ context.Context, t PartyTicket) error {
	if q.meanwhile != nil {
		q.meanwhile()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.fail == nil {
		q.live[t.ID] = t
	}
	return q.fail
}

func (q *queue) Cancel(id store.TicketID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.live, id)
}

// A world is a Social that runs, in fake time.
type world struct {
	*Social
	t     *testing.T
	hall  hall
	queue queue
}

var quiet = slog.New(slog.DiscardHandler)

func mustNode(t testing.TB, dir string) *bus.Node {
	t.Helper()
	n, err := bus.Open(bus.Config{Dir: dir, NoSync: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustOpen(t *testing.T, n *bus.Node, cfg Config) *world {
	t.Helper()
	w := &world{t: t, hall: hall{told: make(map[protocol.PlayerID][]protocol.Control)},
		queue: queue{live: make(map[store.TicketID]PartyTicket)}}
	cfg.Log = quiet
	var err error
	w.Social, err = Open(cfg, Deps{Node: n, Store: store.New(10), Teller: &w.hall, People: people{}, Queue: &w.queue,
		Normal: strings.NewReplacer("e\u0301", "é").Replace})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run has it run until stop.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

func inWorld(t *testing.T, cfg Config, test func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, bus.Memory)
		defer n.Close()
		w := mustOpen(t, n, cfg)
		defer w.run()()
		test(t, w)
	})
}

// inBubble runs a test on a node, in fake time.
func inBubble(t *testing.T, test func(t *testing.T, n *bus.Node)) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, bus.Memory)
		defer n.Close()
		test(t, n)
	})
}

// come brings players into the hall.
func (w *world) come(all ...Who) {
	for _, p := range all {
		w.SetPresence(p, Presence{State: protocol.Online})
	}
	w.settle()
}

// part takes players out of it.
func (w *world) part(all ...Who) {
	for _, p := range all {
		w.SetPresence(p, Presence{})
	}
	w.settle()
}

// settle lets everything happen that happens at once.
func (w *world) settle() { synctest.Wait() }

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// must fails the test on an error.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func want(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func second[A, B any](_ A, b B) B { return b }

// befriend makes friends of two.
func (w *world) befriend(a, b Who) {
	w.t.Helper()
	w.must(w.AskFriend(w.t.Context(), a, b.ID))
	w.must(w.AcceptFriend(w.t.Context(), b, a.ID))
}

// party makes a party of the first and the others.
func (w *world) party(first Who, others ...Who) store.PartyID {
	w.t.Helper()
	for _, p := range others {
		w.must(w.Invite(w.t.Context(), first, p.ID))
		w.must(w.AcceptInvite(p, store.PartyID(w.Party(first).ID)))
	}
	return store.PartyID(w.Party(first).ID)
}

// ties is what a player's row says, for people.
func (w *world) ties(p Who) string {
	w.t.Helper()
	r, _, err := w.read(context.Background(), p.address())
	w.must(err)
	var all []string
	for _, t := range r.Ties {
		text := fmt.Sprintf("%s %s", []string{"gone", "friend", "asked", "asks"}[t.Is], t.Player)
		if t.Owed {
			text += " owed"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// last returns the newest of a kind that a player was told since it was last
// asked, and how many there were.
func last[M protocol.Control](w *world, p Who) (m M, n int) {
	for _, x := range w.hall.take(p) {
		if x, ok := x.(M); ok {
			m = x
			n++
		}
	}
	return m, n
}
