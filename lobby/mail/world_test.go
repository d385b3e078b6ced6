package mail

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/bus/bustest"
)

func TestMain(m *testing.M) { bustest.Main(m) }

const (
	game = "duel"
	ada  = protocol.PlayerID("ada")
	bob  = protocol.PlayerID("bob")
)

var quiet = slog.New(slog.DiscardHandler)

// A wire is a Teller that keeps what it was told until the test hands it out.
type wire struct {
	mu    sync.Mutex
	dead  bool // Tell says so
	lossy bool // Tell does not
	queue map[protocol.PlayerID][][]byte
}

func (w *wire) Tell(p protocol.PlayerID, msg []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.dead && !w.lossy {
		if w.queue == nil {
			w.queue = make(map[protocol.PlayerID][][]byte)
		}
		w.queue[p] = append(w.queue[p], msg)
	}
	return !w.dead
}

func (w *wire) set(f func(w *wire)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w)
}

func (w *wire) next(p protocol.PlayerID) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue[p]) == 0 {
		return nil
	}
	msg := w.queue[p][0]
	w.queue[p] = w.queue[p][1:]
	return msg
}

func (w *wire) cut(p protocol.PlayerID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.queue, p)
}

// A post is an office that runs, in fake time.
type post struct {
	*Office
	wire wire
	t    *testing.T
	stop func()
}

func mustNode(t testing.TB, dir string) *bus.Node {
	t.Helper()
	n, err := bus.Open(bus.Config{Dir: dir, NoSync: true, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustPost(t *testing.T, n *bus.Node, cfg Config) *post {
	t.Helper()
	p := &post{t: t}
	cfg.Log = quiet
	var err error
	if p.Office, err = Open(n, &p.wire, cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { p.Run(ctx) })
	p.stop = func() { cancel(); running.Wait() }
	return p
}

// inPost runs a test in a bubble with an office on a node in memory.
func inPost(t *testing.T, cfg Config, test func(t *testing.T, p *post)) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, bus.Memory)
		defer n.Close()
		p := mustPost(t, n, cfg)
		defer p.stop()
		test(t, p)
	})
}

func (p *post) mustSend(to protocol.PlayerID, text string) uint64 {
	p.t.Helper()
	id, err := p.Send(context.Background(), game, to, Letter{Kind: KindSystem, Text: text, Key: text})
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

// A reader is a player's client: what it has shown outlives its connections.
type reader struct {
	protocol.MailReader
	shown []protocol.MailNotice
	gaps  int
}

// read takes one message in and returns the answer.
func (r *reader) read(t *testing.T, msg []byte) protocol.MailAck {
	t.Helper()
	m, err := protocol.ParseServer(msg)
	if err != nil {
		t.Fatal(err)
	}
	fresh, ack := r.Take(m.(protocol.Mail))
	r.shown = append(r.shown, fresh...)
	if ack.ID == 0 {
		r.gaps++
	}
	return ack
}

// drain lets a reader read and acknowledge until nothing more comes.
func (p *post) drain(r *reader, who protocol.PlayerID) {
	p.t.Helper()
	for synctest.Wait(); ; synctest.Wait() {
		msg := p.wire.next(who)
		if msg == nil {
			return
		}
		p.Acked(game, who, r.read(p.t, msg).ID)
	}
}

func (r *reader) texts() (all []string) {
	for _, n := range r.shown {
		all = append(all, n.Text)
	}
	return all
}

func numbered(from, to int) (all []string) {
	for i := from; i < to; i++ {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (p *post) mustUnread(who protocol.PlayerID) []protocol.MailNotice {
	p.t.Helper()
	all, err := p.Unread(context.Background(), game, who)
	if err != nil {
		p.t.Fatal(err)
	}
	if !slices.IsSortedFunc(all, func(a, b protocol.MailNotice) int { return int(a.ID) - int(b.ID) }) {
		p.t.Errorf("out of order: %v", all)
	}
	return all
}
