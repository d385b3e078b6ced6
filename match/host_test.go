package match

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
	"github.com/musterhq/muster/protocol/socket"
)

func endless() game.Rules { return &dots{} }

func TestStartsThatAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		n.lease("m1", "dots", 1)
		same := startOf("m2", "dots", 2)
		same.Seats[1].Player = same.Seats[0].Player
		twice := startOf("m2", "dots", 2)
		twice.Seats[1].Seat = 0
		beyond := startOf("m2", "dots", 1)
		beyond.Seats[0].Seat = 4
		nobody := startOf("m2", "dots", 1)
		nobody.Seats[0].Player.ID = ""
		for _, c := range []struct {
			name  string
			start *protocol.Start
			want  string
		}{
			{"an id that runs", startOf("m1", "dots", 1), "duplicate"},
			{"another mode", startOf("m2", "chess", 1), "unknown_mode"},
			{"no id", startOf("", "dots", 1), "malformed"},
			{"no players", startOf("m2", "dots", 0), "malformed"},
			{"a player on two seats", same, "malformed"},
			{"two players on a seat", twice, "malformed"},
			{"a seat beyond the mode's", beyond, "malformed"},
			{"a player without an id", nobody, "malformed"},
		} {
			if got := n.host.start(t.Context(), c.start); got.Refuse != c.want {
				t.Errorf("%s: refused with %q, want %q", c.name, got.Refuse, c.want)
			}
		}
		for _, raw := range []string{"", "\x00", "\xdd\xff\xff\xff\xff", "\x80\x80"} {
			var got protocol.Placed
			answer, err := n.bus.Request(t.Context(), protocol.SubjectStart, []byte(raw))
			if protocol.Unmarshal(answer, &got) != nil || err != nil || got.Refuse == "" {
				t.Errorf("%q was answered with %+v, %v", raw, got, err)
			}
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if got := n.host.start(gone, startOf("m3", "dots", 1)); got.Refuse == "" || n.host.Matches() != 1 {
			t.Error("a match was started for a lobby that has given up waiting")
		}
	})
}

// TestStartsAtOnce has more matches asked for than there is room, and a drain
// in between: what is refused does not run, and what runs is told.
func TestStartsAtOnce(t *testing.T) {
	n := mustNode(t, mustMode(t, dotsMode(endless)))
	n.host.cfg.MaxMatches = 5
	var placed atomic.Int32
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			id := protocol.MatchID(fmt.Sprintf("m%d", i/2)) // each id twice
			if n.host.start(context.Background(), startOf(id, "dots", 1)).Refuse == "" {
				placed.Add(1)
			}
		})
	}
	wg.Wait()
	if placed.Load() != 5 || n.host.Matches() != 5 {
		t.Errorf("%d placed, %d run, want 5", placed.Load(), n.host.Matches())
	}
	n.host.mu.Lock()
	n.host.cfg.MaxMatches = 1000
	n.host.mu.Unlock()
	for i := range 40 {
		wg.Go(func() {
			n.host.start(context.Background(), startOf(protocol.MatchID(fmt.Sprintf("n%d", i)), "dots", 1))
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = n.host.Drain(ctx)
	wg.Wait()
	for _, m := range n.host.running() {
		if !m.draining.Load() {
			t.Errorf("match %s slipped past the drain", m.id)
		}
	}
}

func TestAStartThatNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := dotsMode(func() game.Rules {
			return &dots{hook: func(at string, _ *game.World) {
				if at == "start" {
					<-release
				}
			}}
		})
		n := mustNode(t, mustMode(t, stuck))
		if got := n.host.start(t.Context(), startOf("m1", "dots", 1)); got.Refuse != "failed" {
			t.Errorf("refused with %q, want failed", got.Refuse)
		}
		if n.host.Ready() {
			t.Error("the node says it is ready, with a core lost")
		}
		close(release)
		synctest.Wait()
		if !n.host.Ready() {
			t.Error("the start returned, but the node is not ready again")
		}
	})
}

// thinker is a bot that does as its test says.
type thinker func()

func (f thinker) Think(*game.Snapshot, *game.Input) { f() }

// TestRulesStuckAnywhere is the watchdog's case beyond Step.
func TestRulesStuckAnywhere(t *testing.T) {
	for _, where := range []string{"join", "leave", "step", "result", "save", "think"} {
		synctest.Test(t, func(t *testing.T) {
			var armed atomic.Bool
			release := make(chan struct{})
			hang := func(at string) {
				if armed.Load() && at == where {
					<-release
				}
			}
			mode := dotsMode(func() game.Rules {
				return &dots{hook: func(at string, _ *game.World) { hang(at) }}
			})
			mode.Bot = nil
			if where == "think" {
				mode.Bot = func(game.Seat, uint64) game.Bot { return thinker(func() { hang("think") }) }
			}
			n := mustNode(t, mustMode(t, mode))
			passes := n.lease("m1", "dots", 2)
			a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
			play(time.Second) // the other is waited for
			b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
			if where != "join" {
				play(time.Second)
			}
			armed.Store(true)
			if where == "leave" {
				b.send(protocol.Append(nil, protocol.Leave{}))
			}
			if where == "save" {
				n.host.running()[0].cancel() // the record's last hash
			}
			play(9 * time.Second)
			if got := n.outcomes(); !slices.Equal(got, []string{"failed"}) {
				t.Errorf("%s: the lobby was told %v, want failed", where, got)
			}
			if n.host.Ready() {
				t.Errorf("%s: the node says it is ready, with a core lost", where)
			}
			select {
			case <-a.closed:
			default:
				t.Errorf("%s: a player's connection still hangs", where)
			}
			if seats := n.ended[0].Seats; len(seats) != 2 || seats[1].Player != playerN(1) {
				t.Errorf("%s: the lobby was told of the players %+v", where, seats)
			}
			armed.Store(false)
			close(release)
			play(time.Second)
			if got := n.outcomes(); len(got) != 1 || !n.host.Ready() {
				t.Errorf("%s: after its return: told %v, ready %v", where, got, n.host.Ready())
			}
		})
	}
}

// TestAStepThatReturnsAsItIsGivenUp has the match and the watchdog come to the
// end at about the same time, in every order.
func TestAStepThatReturnsAsItIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const matches = 40
		var made atomic.Int64
		late := dotsMode(func() game.Rules {
			wait := giveUpAfter - watchEvery + time.Duration(made.Add(1))*25*time.Millisecond/2
			return &dots{end: 30, hook: func(at string, w *game.World) {
				if at == "step" && w.Tick() == 30 {
					time.Sleep(wait)
				}
			}}
		})
		n := mustNode(t, mustMode(t, late))
		for i := range matches {
			id := protocol.MatchID(fmt.Sprintf("m%d", i))
			n.connect(0, protocol.Join{Match: id, Pass: n.lease(id, "dots", 1)[0]})
		}
		play(20 * time.Second)
		why := map[string]int{}
		for _, w := range n.outcomes() {
			why[w]++
		}
		if why["finished"]+why["failed"] != matches || why["finished"] == 0 || why["failed"] == 0 {
			t.Errorf("%d matches ended as %v", matches, why)
		}
		if n.inHall() != why["finished"] {
			t.Errorf("%d connections in the hall of %d matches that finished", n.inHall(), why["finished"])
		}
		if !n.host.Ready() || n.host.Matches() != 0 {
			t.Errorf("ready %v, %d matches", n.host.Ready(), n.host.Matches())
		}
	})
}

// TestTheWatchdogCountsItsOwnTurns: a machine that slept is no reason to
// give up the matches that were amid a beat.
func TestTheWatchdogCountsItsOwnTurns(t *testing.T) {
	m := &Match{log: slog.New(slog.DiscardHandler)}
	m.busy.Store(7)
	for range int(giveUpAfter/watchEvery) - 1 { // one less than it takes, however long that was
		(&Host{}).check(m)
	}
	if m.fate.Load() != fateOpen {
		t.Error("given up too early")
	}
	m.busy.Store(8)
	for range int(giveUpAfter/watchEvery) - 1 {
		(&Host{}).check(m)
	}
	if m.fate.Load() != fateOpen {
		t.Error("two beats were taken for one")
	}
}

// fullBus refuses the first messages.
type fullBus struct {
	*bus.Local
	refuse atomic.Int32
}

func (b *fullBus) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	if b.refuse.Add(-1) >= 0 {
		return nil, errors.New("no room")
	}
	return b.Local.Request(ctx, subject, data)
}

func TestTheLobbyIsToldAgainWhenTheBusIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &fullBus{Local: bus.NewLocal()}
		b.refuse.Store(4)
		n := mustNodeOn(t, b, b.Local, mustMode(t, dotsMode(func() game.Rules { return &dots{end: 30} })))
		n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(5 * time.Second)
		if got := n.outcomes(); !slices.Equal(got, []string{"finished"}) {
			t.Errorf("the lobby was told %v", got)
		}
	})
}

// deafBus serves nothing.
type deafBus struct{ *bus.Local }

func (deafBus) Serve(string, func(context.Context, []byte) []byte) (func(), error) {
	return nil, errors.New("no connection")
}

func TestRunSaysThatTheBusFails(t *testing.T) {
	host, err := NewHost(Config{PassKey: passKey, Hall: func(*socket.Conn, any) {}}, deafBus{bus.NewLocal()}, socket.NewSwitchboard())
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Run(t.Context()); err == nil {
		t.Error("Run returned no error")
	}
}

// TestRunsEnd gives everyone back, the stuck match's players excepted.
func TestRunsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := dotsMode(func() game.Rules {
			return &dots{hook: func(at string, w *game.World) {
				if at == "step" && w.Tick() == 10 {
					<-release
				}
			}}
		})
		stuck.Name = "stuck"
		n := mustNode(t, mustMode(t, dotsMode(endless)), mustMode(t, stuck))
		a := n.connect(0, protocol.Join{Match: "good", Pass: n.lease("good", "dots", 1)[0]})
		b := n.connect(0, protocol.Join{Match: "bad", Pass: n.lease("bad", "stuck", 1)[0]})
		play(time.Second)
		n.stop()
		play(10 * time.Millisecond)
		if over, _ := told[protocol.Over](a); over.Why != "drained" || n.inHall() != 1 {
			t.Errorf("told %+v, %d in the hall", over, n.inHall())
		}
		select {
		case <-b.closed:
		default:
			t.Error("the stuck match's player still hangs")
		}
		got := n.outcomes()
		slices.Sort(got)
		if !slices.Equal(got, []string{"drained", "failed"}) {
			t.Errorf("the lobby was told %v", got)
		}
		close(release)
		synctest.Wait()
	})
}
