package match

import (
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// play lets both sides run for a while of fake time.
func play(d time.Duration) { <-time.After(d); synctest.Wait() }

func TestAMatchFromJoinToHall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{end: 300} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(100 * time.Millisecond)
		for range 200 {
			a.input(3, 1)
			play(time.Second / 30)
		}
		play(5 * time.Second)
		for i, p := range []*peer{a, b} {
			p.sound()
			over, ok := told[protocol.Over](p)
			if !ok || over.Why != "finished" || over.Result[0].Score != 7 {
				t.Errorf("player %d was told %+v", i, over)
			}
			if p.frames != 300 || p.keys != 1 {
				t.Errorf("player %d: %d frames, %d of them key, want 300 and 1", i, p.frames, p.keys)
			}
			wantEvents(t, p, 1, 300)
		}
		if x := a.mirror.Now().Col(0, 0)[0]; x < 590 || x > 650 {
			t.Errorf("200 inputs of 3 moved the dot to %d", x)
		}
		if got := a.mirror.Now().Col(0, 0)[0]; b.mirror.Now().Col(0, 0)[0] != got {
			t.Error("the players see different worlds")
		}
		if n.inHall() != 2 {
			t.Errorf("%d connections are back in the hall, want 2", n.inHall())
		}
		if got := n.outcomes(); !slices.Equal(got, []string{"finished"}) {
			t.Errorf("the lobby was told %v", got)
		}
		if n.host.Matches() != 0 {
			t.Error("the match is still there")
		}
		replays(t, n, 300)
	})
}

// replays runs the last record again and wants it to lead to the same state.
func replays(t *testing.T, n *node, ticks game.Tick) {
	t.Helper()
	records := n.host.Records()
	if len(records) == 0 {
		t.Fatal("no record")
	}
	r := records[len(records)-1]
	sim, err := r.Replay(n.cfg.Modes[0])
	if err != nil {
		t.Fatal(err)
	}
	if ticks != 0 && sim.Now().Tick != ticks {
		t.Errorf("the replay ended at tick %d, want %d", sim.Now().Tick, ticks)
	}
	damaged := *r
	damaged.Segments = slices.Clone(r.Segments)
	damaged.Segments[0].Log = slices.Clone(r.Segments[0].Log)
	for i, op := range damaged.Segments[0].Log {
		if op == opInput {
			damaged.Segments[0].Log[i+3]++ // another amount
			break
		}
	}
	if _, err := damaged.Replay(n.cfg.Modes[0]); err == nil {
		t.Error("a record with another input replays to the same state")
	}
}

// wantEvents checks that each tick from first to last told of itself once.
func wantEvents(t testing.TB, p *peer, first, last int32) {
	t.Helper()
	p.see(func() {
		want := first
		for _, e := range p.events {
			if e.Args[0] != want || e.Tick != game.Tick(want) {
				t.Errorf("event of tick %d says %d, want %d", e.Tick, e.Args[0], want)
				return
			}
			want++
		}
		if want != last+1 {
			t.Errorf("events up to tick %d, want %d", want-1, last)
		}
	})
}

func TestWhoDoesNotComeIsPlayedByABot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(9 * time.Second)
		a.see(func() {
			if a.mirror.Now().Tick != 0 {
				t.Error("the match did not wait for the second player")
			}
		})
		play(3 * time.Second)
		a.see(func() {
			if a.mirror.Now().Tick == 0 || !a.mirror.Now().Live(0, 1) {
				t.Error("the match did not begin, or the missing player's seat stays empty")
			}
		})
		late := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		if r, ok := told[protocol.Roster](a); !ok || r.Seats[0].Status != protocol.SeatPlayer {
			t.Errorf("the others were not told that the player has come: %+v", r)
		}
		late.sound()
		if late.joined == nil || late.joined.Seat != 1 {
			t.Error("who comes late was not let in")
		}
	})
}

func TestPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 3)
		other := n.lease("m2", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		forged := protocol.Pass{Match: "m1", Player: "p1", Seat: 1, Expires: time.Now().Add(time.Hour)}.Seal([]byte("another key of 16"))
		for _, c := range []struct {
			name   string
			player int
			pass   string
			want   string
		}{
			{"used", 0, passes[0], "pass_used"},
			{"another player's", 2, passes[1], "seat_not_yours"},
			{"of another match", 0, other[0], "pass_invalid"},
			{"forged", 1, forged, "pass_invalid"},
			{"garbage", 1, "x", "pass_invalid"},
			{"resume of a seat never taken", 1, "", "seat_not_yours"},
			{"resume without a seat", 9, "", "seat_not_yours"},
		} {
			p := n.connect(c.player, protocol.Join{Match: "m1", Pass: c.pass})
			play(100 * time.Millisecond)
			if r, _ := told[protocol.Refused](p); r.Code != c.want {
				t.Errorf("%s: refused with %q, want %q", c.name, r.Code, c.want)
			}
		}
		play(31 * time.Second)
		late := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(100 * time.Millisecond)
		if r, _ := told[protocol.Refused](late); r.Code != "pass_expired" {
			t.Errorf("after 31 s: refused with %q, want pass_expired", r.Code)
		}
		a.sound()
	})
}

func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(2 * time.Second)
		a.nc.Close()
		play(3 * time.Second) // 90 ticks: within the ring of events
		var last game.Tick
		a.see(func() { last = a.mirror.Now().Tick })
		if r, _ := told[protocol.Roster](b); r.Seats[0].Status != protocol.SeatAway {
			t.Errorf("the others were told %+v, want that seat 0 is away", r)
		}
		again := n.connect(0, protocol.Join{Match: "m1", Epoch: epoch, LastTick: last})
		play(time.Second)
		again.sound()
		again.see(func() {
			if again.gaps != 0 || again.keys != 1 {
				t.Errorf("%d gaps, %d keyframes; want 0 and 1", again.gaps, again.keys)
			}
		})
		wantEvents(t, again, int32(last)+1, int32(again.mirror.Now().Tick))

		again.nc.Close()
		play(6 * time.Second) // longer than the ring
		again.see(func() { last = again.mirror.Now().Tick })
		third := n.connect(0, protocol.Join{Match: "m1", Epoch: epoch, LastTick: last})
		play(time.Second)
		third.see(func() {
			if third.gaps != 1 {
				t.Errorf("after 180 ticks: %d gaps flagged, want 1", third.gaps)
			}
		})
		third.nc.Close()
		play(32 * time.Second)
		gone := n.connect(0, protocol.Join{Match: "m1", Epoch: epoch})
		play(time.Second)
		if r, _ := told[protocol.Refused](gone); r.Code != "seat_not_yours" {
			t.Errorf("after 32 s the seat is still kept (%q)", r.Code)
		}
	})
}

func TestTheNewestConnectionWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		b := n.connect(0, protocol.Join{Match: "m1", Epoch: epoch})
		play(time.Second)
		a.see(func() {
			if a.code != protocol.Replaced.Code {
				t.Errorf("the older connection was closed with %d, want %d", a.code, protocol.Replaced.Code)
			}
		})
		b.sound()
		if b.frames < 25 {
			t.Errorf("the newer connection got %d frames in a second", b.frames)
		}
	})
}

func TestLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		a.send(protocol.Append(nil, protocol.Leave{}))
		play(time.Second)
		if over, ok := told[protocol.Over](a); !ok || over.Why != "left" || n.inHall() != 1 {
			t.Errorf("told %+v, %d in the hall", over, n.inHall())
		}
		if r, _ := told[protocol.Roster](b); r.Seats[0].Status != protocol.SeatBot || r.Seats[0].Player != "" {
			t.Errorf("the seat of who left: %+v, want a bot's", r.Seats[0])
		}
		b.send(protocol.Append(nil, protocol.Leave{}))
		play(time.Second)
		if got := n.outcomes(); !slices.Equal(got, []string{"abandoned"}) {
			t.Errorf("the empty match: %v, want abandoned", got)
		}
		replays(t, n, 0)
	})
}

// TestTheLobbyIsToldWhoPlayed: who left, who stayed, and where a bot played on.
func TestTheLobbyIsToldWhoPlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{end: 300} })))
		passes := n.lease("m1", "dots", 3)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]}) // the third never comes
		play(5 * time.Second)
		a.send(protocol.Append(nil, protocol.Leave{}))
		play(time.Minute)
		if len(n.ended) != 1 {
			t.Fatalf("the lobby was told %v", n.outcomes())
		}
		e := n.ended[0]
		seats := []protocol.EndedSeat{{Seat: 0, Player: playerN(0), Left: true}, {Seat: 1, Player: playerN(1)}}
		bots := []protocol.EndedBot{{Seat: 0}, {Seat: 2}, {Seat: 3}}
		if e.Why != "finished" || e.Game != game.DefaultGame || !slices.Equal(e.Seats, seats) || !slices.Equal(e.Bots, bots) {
			t.Errorf("the lobby was told %+v", e)
		}
	})
}

func TestASilentClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(2 * time.Second)
		var before int
		a.see(func() { a.mute, before = true, a.frames })
		play(9 * time.Second)
		if r, _ := told[protocol.Roster](b); r.Seats[0].Status != protocol.SeatAway {
			t.Errorf("after 9 s of silence seat 0 is %v, want away", r.Seats[0].Status)
		}
		a.see(func() {
			if got := a.frames - before; got > 25 {
				t.Errorf("a silent client was sent %d frames in 9 s, want 2 a second", got)
			}
		})
		play(2 * time.Second)
		a.see(func() {
			if a.code != protocol.Silent.Code {
				t.Errorf("after 11 s: close code %d, want %d", a.code, protocol.Silent.Code)
			}
		})
		b.sound()
		wantEvents(t, b, 1, int32(b.mirror.Now().Tick))
	})
}

func TestAClientThatLagsGetsFewerLargerDeltas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(2 * time.Second)
		for range 5 { // acks stop for a second and come again
			a.see(func() { a.mute = true })
			play(time.Second)
			a.see(func() { a.mute = false })
			a.send(protocol.Append(nil, protocol.Ack{Tick: uint8(a.mirror.Now().Tick & 127)}))
			play(time.Second)
		}
		a.sound()
		a.see(func() {
			tick := int(a.mirror.Now().Tick)
			if a.frames > tick-100 {
				t.Errorf("%d frames in %d ticks: nothing was skipped", a.frames, tick)
			}
			if a.keys < 2 {
				t.Error("a base older than 8 ticks needs a keyframe, none came")
			}
			if a.gaps > 0 {
				t.Error("a gap within the ring of events")
			}
		})
		wantEvents(t, a, 1, int32(a.mirror.Now().Tick))
	})
}

// TestAClientThatOnlyAcks is a hidden tab, or one who watches: no inputs, and
// an ack only with a frame that comes 400 ms after the last.
func TestAClientThatOnlyAcks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(3 * time.Second)
		a.see(func() { a.ackEvery = 400 * time.Millisecond })
		play(2 * time.Second)
		var before int
		a.see(func() { before = a.frames })
		play(10 * time.Second)
		a.sound()
		a.see(func() {
			if got := a.frames - before; got < 290 {
				t.Errorf("%d frames in 10 s at 30 Hz", got)
			}
		})
	})
}

func TestBadMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want protocol.Reason
	}{
		{"garbage", []byte{0xc1}, protocol.BadMessage},
		{"empty", []byte{}, protocol.BadMessage},
		{"an input out of range", []byte{0x97, 1, 0, 0, 0, 100, 0, 0}, protocol.BadMessage},
		{"a huge array", []byte{0xdd, 0xff, 0xff, 0xff, 0xff}, protocol.BadMessage},
		{"an unknown control message", []byte{0x91, 0xe0}, protocol.BadMessage},
		{"bytes behind an input", []byte{0x97, 1, 0, 0, 0, 0, 0, 0, 0}, protocol.BadMessage},
		{"a second join", protocol.Append(nil, protocol.Join{Match: "m1"}), protocol.BadSequence},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
			passes := n.lease("m1", "dots", 2)
			a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
			b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
			play(time.Second)
			a.send(c.b)
			play(time.Second)
			a.see(func() {
				if a.code != c.want.Code {
					t.Errorf("%s: closed with %d, want %d", c.name, a.code, c.want.Code)
				}
			})
			b.sound()
			if b.frames < 50 {
				t.Errorf("%s: the other player got %d frames in 2 s", c.name, b.frames)
			}
		})
	}
}

func TestAFloodOfInputs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		start := b.mirror.Now().Col(0, 0)[0]
		for range 25 { // ten times the rate
			for range 30 {
				a.input(5)
			}
			play(100 * time.Millisecond)
		}
		a.see(func() {
			if a.code != protocol.Flood.Code {
				t.Errorf("closed with %d, want %d", a.code, protocol.Flood.Code)
			}
		})
		b.sound()
		b.see(func() {
			now := b.mirror.Now()
			if moved := now.Col(0, 0)[0] - start; moved > 5*int32(now.Tick) {
				t.Errorf("a flood moved the dot by %d in %d ticks", moved, now.Tick)
			}
		})
	})
}

func TestInputsWhileOthersAreWaitedForAreNoFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 2)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(100 * time.Millisecond)
		for range 31 * 15 { // the other never comes
			a.input(1)
			play(time.Second / 31)
		}
		a.see(func() {
			if a.code != 0 || a.mirror.Now().Tick < 100 {
				t.Errorf("closed with %d at tick %d", a.code, a.mirror.Now().Tick)
			}
		})
		a.sound()
	})
}

func TestAStallThatEndsIsNoFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(12 * time.Second)
		for range 240 { // eight seconds' worth at once
			a.input(1, 1)
		}
		play(2 * time.Second)
		a.see(func() {
			if a.code != 0 {
				t.Errorf("closed with %d", a.code)
			}
		})
		a.sound()
	})
}

func TestARulesPanicEndsItsMatchAlone(t *testing.T) {
	for _, where := range []string{"start", "join", "leave", "step", "result", "save"} {
		synctest.Test(t, func(t *testing.T) {
			var armed atomic.Bool
			bad := dotsMode(func() game.Rules {
				return &dots{hook: func(at string, _ *game.World) {
					if armed.Load() && at == where {
						panic("a mistake in the rules")
					}
				}}
			})
			bad.Name, bad.Bot = "bad", nil // no bot: leaving reaches the rules
			n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })), mustMode(t, bad))
			good := n.lease("good", "dots", 1)
			g := n.connect(0, protocol.Join{Match: "good", Pass: good[0]})
			play(time.Second)
			if where == "start" {
				armed.Store(true)
				if got := n.host.start(t.Context(), startOf("bad", "bad", 1)); got.Refuse != "failed" {
					t.Errorf("start: %+v, want failed", got)
				}
			} else {
				passes := n.lease("bad", "bad", 2)
				a := n.connect(0, protocol.Join{Match: "bad", Pass: passes[0]})
				b := n.connect(1, protocol.Join{Match: "bad", Pass: passes[1]})
				if where == "join" {
					armed.Store(true)
				}
				play(time.Second)
				armed.Store(true)
				b.send(protocol.Append(nil, protocol.Leave{}))
				play(time.Second)
				if where == "save" {
					play(6 * time.Minute) // it comes with the next segment
				}
				if over, _ := told[protocol.Over](a); where != "save" && over.Why != "failed" {
					t.Errorf("%s: told %+v, want failed", where, over)
				}
				if got := n.outcomes(); !slices.Contains(got, "failed") {
					t.Errorf("%s: the lobby was told %v", where, got)
				}
			}
			armed.Store(false)
			play(time.Second)
			g.sound()
			wantEvents(t, g, 1, int32(g.mirror.Now().Tick))
		})
	}
}

func TestARuleThatNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stuck := dotsMode(func() game.Rules {
			return &dots{hook: func(at string, w *game.World) {
				if at == "step" && w.Tick() == 30 {
					<-release
				}
			}}
		})
		stuck.Name = "stuck"
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })), mustMode(t, stuck))
		good := n.lease("good", "dots", 1)
		g := n.connect(0, protocol.Join{Match: "good", Pass: good[0]})
		passes := n.lease("stuck", "stuck", 1)
		a := n.connect(1, protocol.Join{Match: "stuck", Pass: passes[0]})
		_ = a
		b := n.connect(0, protocol.Join{Match: "stuck", Pass: passes[0]})
		play(10 * time.Second)
		if got := n.outcomes(); !slices.Equal(got, []string{"failed"}) {
			t.Errorf("the lobby was told %v, want failed", got)
		}
		select {
		case <-b.closed:
		default:
			t.Error("the player's connection still hangs")
		}
		if n.host.Ready() {
			t.Error("the node says it is ready, with a core lost")
		}
		g.sound()
		wantEvents(t, g, 1, int32(g.mirror.Now().Tick))
		close(release)
		play(time.Second)
		if !n.host.Ready() {
			t.Error("the step returned, but the node is not ready again")
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{end: 300} })))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		if err := n.host.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if m, ok := told[protocol.Notice](a); !ok || m.Code != "draining" {
			t.Error("the players were not told")
		}
		play(100 * time.Millisecond)
		if over, _ := told[protocol.Over](a); over.Why != "finished" {
			t.Errorf("told %+v: a drain lets a match finish", over)
		}
		if got := n.host.start(t.Context(), startOf("m2", "dots", 1)); got.Refuse != "draining" {
			t.Errorf("a draining host took a match: %+v", got)
		}
	})
}

func TestLagIsClamped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules { return &dots{} })))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		play(time.Second)
		most := int32(0)
		for i := range 90 {
			in := protocol.Input{Seq: uint8(i + 1), Ack: uint8(a.mirror.Now().Tick & 127), Lag: 127}
			a.send(protocol.AppendInput(nil, &in, dotsSchema.Inputs))
			play(time.Second / 30)
			a.see(func() { most = max(most, a.mirror.Now().Own(1, 0, 0)) })
		}
		if most < 8 || most > 6*8 {
			t.Errorf("a claim of 127 eighths was applied as %d, want at most the mode's 48, and the round trip", most)
		}
	})
}
