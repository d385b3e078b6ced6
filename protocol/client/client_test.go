package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lxzan/gws"
	"go.uber.org/goleak"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fake is a server that does what the pass of a Join asks for.
type fake struct {
	gws.BuiltinEventHandler
	*httptest.Server
	states chan string           // of the ticket, one an answer
	asked  chan string           // the query of each poll
	joins  chan protocol.Join    // as they came
	said   chan protocol.Control // what else came
}

// keyframe of a world without tables, at tick 5.
var keyframe = []byte{0x96, 1, 5, 0, 0, 0, 0xc0, 0x95, 5, 1, 0x90, 0x90, 0x90}

func mustFake(t *testing.T) (*fake, *Session) {
	t.Helper()
	f := &fake{states: make(chan string, 8), asked: make(chan string, 8), joins: make(chan protocol.Join, 8), said: make(chan protocol.Control, 64)}
	up := gws.NewUpgrader(f, &gws.ServerOption{SubProtocols: []string{"muster.v1"}})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/login/guest", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Name string }
		if json.NewDecoder(r.Body).Decode(&body) != nil || body.Name == "" {
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(400)
			fmt.Fprint(w, `{"code":"name_invalid","detail":"no name"}`)
			return
		}
		fmt.Fprintf(w, `{"player":{"id":"p1","name":%q},"access":"a","refresh":"r","expires_in":60}`, body.Name)
	})
	mux.HandleFunc("GET /v1/tickets/t1", func(w http.ResponseWriter, r *http.Request) {
		f.asked <- r.URL.Query().Get("state")
		select {
		case state := <-f.states:
			fmt.Fprintf(w, `{"id":"t1","state":%q,"assignment":{"match":"m1"}}`, state)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /v1/socket", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a" {
			w.WriteHeader(401)
			return
		}
		if conn, err := up.Upgrade(w, r); err == nil {
			conn.ReadLoop()
		}
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	api := New(f.URL + "/")
	t.Cleanup(api.Close)
	s, err := api.LoginGuest(t.Context(), "Ada")
	if err != nil || s.Player != (protocol.Player{ID: "p1", Name: "Ada"}) || time.Until(s.Expires) > time.Minute {
		t.Fatalf("login: %+v, %v", s, err)
	}
	return f, s
}

func (f *fake) OnMessage(c *gws.Conn, msg *gws.Message) {
	defer msg.Close()
	if protocol.IsInput(msg.Bytes()) {
		return
	}
	m, err := protocol.ParseClient(msg.Bytes())
	join, ok := m.(protocol.Join)
	if err != nil || !ok {
		f.said <- m
		if _, leave := m.(protocol.Leave); leave {
			f.send(c, protocol.Over{Match: "m1", Why: "left"})
		}
		return
	}
	f.joins <- join
	switch join.Pass {
	case "refused":
		f.send(c, protocol.PassExpired)
	case "goodbye":
		f.send(c, protocol.Goodbye{Reason: protocol.Draining})
		c.WriteClose(protocol.Draining.Code, []byte(protocol.Draining.Text))
	case "close":
		c.WriteClose(protocol.Silent.Code, []byte(protocol.Silent.Text))
	case "lost":
		_ = c.NetConn().Close()
	case "garbage":
		_ = c.WriteMessage(gws.OpcodeBinary, []byte{0xc1})
	case "mute":
	default:
		f.send(c, protocol.Joined{Match: join.Match, Epoch: 1, Hz: 30, Mode: "m", Schema: &game.Schema{}})
		_ = c.WriteMessage(gws.OpcodeBinary, keyframe)
	}
}

func (f *fake) send(c *gws.Conn, m protocol.Control) {
	_ = c.WriteMessage(gws.OpcodeBinary, protocol.Append(nil, m))
}

func (f *fake) at(pass string) Assignment {
	return Assignment{URL: "ws" + strings.TrimPrefix(f.URL, "http") + "/v1/socket", Match: "m1", Pass: pass}
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func TestAProblemIsAnError(t *testing.T) {
	_, s := mustFake(t)
	var p *Problem
	if _, err := s.api.LoginGuest(within(t), ""); !errors.As(err, &p) || p.Status != 400 || p.Code != "name_invalid" || p.RetryAfter != 3*time.Second {
		t.Errorf("got %v", err)
	}
	if _, err := s.api.Modes(within(t)); !errors.As(err, &p) || p.Status != 404 || p.Code != "http" {
		t.Errorf("an answer that is no problem+json: %v", err)
	}
}

func TestAwaitPlacedAsksForWhatIsNew(t *testing.T) {
	f, s := mustFake(t)
	for _, state := range []string{"waiting", "forming", "placed"} {
		f.states <- state
	}
	ticket, err := s.AwaitPlaced(within(t), "t1")
	if err != nil || ticket.State != "placed" || ticket.Assignment.Match != "m1" {
		t.Errorf("%+v, %v", ticket, err)
	}
	if got := <-f.asked + "," + <-f.asked + "," + <-f.asked; got != ",waiting,forming" {
		t.Errorf("asked with %s", got)
	}
	f.states <- "cancelled"
	if _, err := s.AwaitPlaced(within(t), "t1"); err == nil {
		t.Error("a cancelled ticket was placed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := s.AwaitPlaced(ctx, "t1"); !errors.Is(err, context.Canceled) {
		t.Errorf("a poll that was given up: %v", err)
	}
}

func TestJoinPlayLeave(t *testing.T) {
	f, s := mustFake(t)
	seen := make(chan game.Tick, 1)
	g, err := s.Join(within(t), f.at("good"), Options{Watch: func(m *protocol.Mirror, _ int, _ time.Time) { seen <- m.Now().Tick }})
	if err != nil || g.Joined().Match != "m1" {
		t.Fatal(err)
	}
	if join := <-f.joins; join != (protocol.Join{Match: "m1", Pass: "good"}) {
		t.Errorf("joined with %+v", join)
	}
	if tick := <-seen; tick != 5 {
		t.Errorf("the keyframe shows tick %d", tick)
	}
	g.Leave()
	if over, err := g.Wait(within(t)); err != nil || over.Why != "left" {
		t.Errorf("%+v, %v", over, err)
	}
	<-g.Done()
}

func TestResume(t *testing.T) {
	f, s := mustFake(t)
	g, err := s.Join(within(t), f.at("unused"), Options{Resume: &Resume{Epoch: 3, Tick: 99}})
	if err != nil {
		t.Fatal(err)
	}
	if join := <-f.joins; join != (protocol.Join{Match: "m1", Epoch: 3, LastTick: 99}) {
		t.Errorf("resumed with %+v", join)
	}
	g.Cut()
	if _, err := g.Wait(within(t)); err == nil || g.Goodbye() != nil {
		t.Errorf("cut off: %v, %v", err, g.Goodbye())
	}
}

// TestJoinsThatFail say why, and leave nothing running.
func TestJoinsThatFail(t *testing.T) {
	f, s := mustFake(t)
	for pass, want := range map[string]error{"refused": protocol.PassExpired, "goodbye": protocol.Draining, "close": nil, "lost": nil, "garbage": nil} {
		_, err := s.Join(within(t), f.at(pass), Options{})
		if err == nil || errors.Is(err, context.DeadlineExceeded) || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", pass, err, want)
		}
		var r protocol.Reason
		if pass == "close" && (!errors.As(err, &r) || r.Code != protocol.Silent.Code) {
			t.Errorf("a close frame alone: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Join(ctx, f.at("mute"), Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
	stranger := &Session{api: s.api, Access: "x"}
	if _, err := stranger.Join(within(t), f.at("good"), Options{}); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a token: %v", err)
	}
}
