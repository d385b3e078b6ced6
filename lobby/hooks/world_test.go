package hooks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/bus/bustest"
)

func TestMain(m *testing.M) { bustest.Main(m) }

const game = "duel"

var quiet = slog.New(slog.DiscardHandler)

// A network is one within the process, so that time can be fake. Hosts are
// found by name.
type network struct {
	mu    sync.Mutex
	hosts map[string]*pipes
}

// pipes are a listener of a host.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.ended) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	p := n.hosts[address]
	n.mu.Unlock()
	if p == nil {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.ended:
		return nil, fmt.Errorf("dial %s: connection refused", address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// A studio is a server that takes webhooks.
type studio struct {
	*httptest.Server
	mu     sync.Mutex
	secret []string
	answer func(w http.ResponseWriter, r *http.Request, e Event) // nil: 204
	got    []Event
	tried  []time.Time
	t      *testing.T
}

func (n *network) mustServe(t *testing.T, host string) *studio {
	s := &studio{t: t}
	p := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}
	s.Server = httptest.NewUnstartedServer(s)
	s.Listener.Close()
	s.Listener = p
	s.Start()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts == nil {
		n.hosts = make(map[string]*pipes)
	}
	n.hosts[host+":80"] = p
	return s
}

func (s *studio) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		s.t.Error(err)
	}
	s.mu.Lock()
	answer, secrets := s.answer, s.secret
	s.tried = append(s.tried, time.Now())
	s.mu.Unlock()
	if len(secrets) > 0 {
		if err := Verify(r.Header.Get(SignatureHeader), body, time.Now(), Tolerance, secrets...); err != nil {
			s.t.Errorf("%s: %v", r.Header.Get(SignatureHeader), err)
		}
	}
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("%v, %s %v", err, r.Method, r.Header)
	}
	if answer != nil {
		answer(w, r, e)
		return
	}
	s.take(e)
	w.WriteHeader(http.StatusNoContent)
}

func (s *studio) take(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, e)
}

func (s *studio) answers(f func(w http.ResponseWriter, r *http.Request, e Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

func (s *studio) ids() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.got {
		all = append(all, e.ID)
	}
	return all
}

func (s *studio) attempts() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time{}, s.tried...)
}

func failing(w http.ResponseWriter, _ *http.Request, _ Event) { w.WriteHeader(500) }

// A house is a hub that runs.
type house struct {
	*Hub
	t    *testing.T
	stop func()
}

func mustRun(t *testing.T, n *bus.Node, cfg Config) *house {
	t.Helper()
	cfg.Log = quiet
	h, err := Open(n, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return &house{h, t, func() { cancel(); running.Wait() }}
}

// inHouse runs a test in a bubble with a hub on a network.
func inHouse(t *testing.T, cfg Config, test func(t *testing.T, h *house, net *network)) {
	synctest.Test(t, func(t *testing.T) {
		node, err := bus.Open(bus.Config{Dir: bus.Memory, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		defer node.Close()
		var net network
		cfg.PlainHTTP, cfg.dial = true, net.dial
		h := mustRun(t, node, cfg)
		test(t, h, &net)
		h.stop()
		for _, p := range net.hosts {
			p.Close()
		}
	})
}

func (h *house) mustAdd(host string, types ...string) (Endpoint, string) {
	h.t.Helper()
	e, secret, err := h.Add(context.Background(), game, "http://"+host+"/hooks", types)
	if err != nil {
		h.t.Fatal(err)
	}
	return e, secret
}

func (h *house) mustEmit(kind string, from, to int) {
	h.t.Helper()
	for i := from; i < to; i++ {
		if err := h.Emit(context.Background(), game, Event{ID: fmt.Sprint(i), Type: kind, Data: json.RawMessage(fmt.Sprint(i))}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *house) mustGet(id string) Endpoint {
	h.t.Helper()
	e, err := h.Get(context.Background(), game, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
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
