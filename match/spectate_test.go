package match

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// watch connects player i as one who watches; the last frame's is that of
// before, if there was one.
func (n *node) watch(id protocol.MatchID, i int, as ...func(*peer)) *peer {
	n.tb.Helper()
	return n.connect(i, protocol.Join{Match: id, Pass: n.watchPass(id, i)}, as...)
}

func (n *node) watchPass(id protocol.MatchID, i int) string {
	n.tb.Helper()
	l := n.order(protocol.Order{Match: id, Watch: playerN(i).ID})
	if l.Refuse != "" || l.Pass == "" {
		n.tb.Errorf("player %d may not watch: %q", i, l.Refuse)
	}
	return l.Pass
}

// watched is a mode of dots with spectators as given.
func watchedMode(tb testing.TB, end game.Tick, s game.Spectators) *game.Mode {
	m := dotsMode(func() game.Rules { return &dots{end: end} })
	m.Spectators = s
	return mustMode(tb, m)
}

func TestSpectatorsAreShownWhatEveryoneIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, watchedMode(t, 300, game.Spectators{}))
		passes := n.lease("m1", "dots", 2)
		early := n.watch("m1", 7)
		play(time.Second)
		early.see(func() {
			if early.joined == nil || early.joined.Seat != game.NoSeat || early.frames != 1 {
				t.Fatalf("before the match begins: joined %+v, %d frames", early.joined, early.frames)
			}
		})
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(100 * time.Millisecond)
		for range 100 {
			a.input(2)
			play(time.Second / 30)
		}
		late := n.watch("m1", 8)
		play(time.Second)
		late.see(func() {
			if late.joined.Tick < 90 || len(late.joined.Roster) != 4 || late.joined.Delay != 0 {
				t.Errorf("who comes late is told %+v", late.joined)
			}
		})
		play(10 * time.Second)
		for _, p := range []*peer{a, b, early, late} {
			p.sound()
			if over, ok := told[protocol.Over](p); !ok || over.Why != "finished" || over.Result[0].Score != 7 {
				t.Errorf("told %+v", over)
			}
			if got, want := p.mirror.Now().Hash(game.Whole), a.mirror.Now().Hash(game.Whole); got != want {
				t.Error("not all see the same world")
			}
		}
		wantEvents(t, early, 1, 300)
		wantEvents(t, late, late.events[0].Args[0], 300)
		if late.gaps+early.gaps != 0 {
			t.Error("events were lost")
		}
		if n.inHall() != 4 {
			t.Errorf("%d connections are in the hall, want 4", n.inHall())
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		if e := n.ended[0]; len(e.Seats) != 2 || len(e.Bots) != 2 {
			t.Errorf("the lobby was told %+v", e)
		}
	})
}

// TestSpectatorsLeaveNoTrace: a match that is watched has the same record as
// one that is not, and that replays.
func TestSpectatorsLeaveNoTrace(t *testing.T) {
	record := func(spectators int) (r *Record) {
		synctest.Test(t, func(t *testing.T) {
			n := mustNode(t, watchedMode(t, 300, game.Spectators{Delay: time.Second, Teams: true}))
			pass := n.lease("m1", "dots", 1)[0]
			for i := range spectators {
				p := n.watch("m1", 10+i)
				time.AfterFunc(time.Duration(i)*time.Second, func() { p.nc.Close() })
			}
			a := n.connect(0, protocol.Join{Match: "m1", Pass: pass})
			play(12 * time.Second)
			a.sound()
			replays(t, n, 300)
			r = n.host.Records()[0]
		})
		return r
	}
	with, without := record(7), record(0)
	if len(with.Segments) != len(without.Segments) || !bytes.Equal(with.Segments[0].Log, without.Segments[0].Log) {
		t.Error("the record of a match that was watched is another")
	}
}

// TestSpectatorsSeeItLater: every tick, and the result, as much later as the
// mode says, whenever they come.
func TestSpectatorsSeeItLater(t *testing.T) {
	for _, delay := range []time.Duration{30 * time.Millisecond, 2 * time.Second, 20 * time.Second} {
		t.Run(delay.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mode := watchedMode(t, 1200, game.Spectators{Delay: delay})
				ticks := mode.DelayTicks()
				n := mustNode(t, mode)
				passes := n.lease("m1", "dots", 1)
				later := func(p *peer) { p.watch = func() { p.wantLater(n, "m1", ticks) } }
				crowd := []*peer{n.watch("m1", 4, later)}
				a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
				for i, wait := range []time.Duration{3 * time.Second, 30 * time.Second, 6 * time.Second} { // the last one shortly before the end
					play(wait)
					crowd = append(crowd, n.watch("m1", 5+i, later))
				}
				for i := 0; len(a.overs()) == 0 && i < 10_000; i++ {
					play(10 * time.Millisecond)
				}
				play(delay - 50*time.Millisecond)
				for i, p := range crowd {
					if len(p.overs()) > 0 {
						t.Errorf("spectator %d was told of the end too early", i)
					}
				}
				play(time.Second)
				for i, p := range crowd {
					p.sound()
					if over, _ := told[protocol.Over](p); over.Why != "finished" || len(over.Result) != 1 {
						t.Errorf("spectator %d was told %+v", i, over)
					}
					if p.mirror.Now().Tick != 1200 || p.mirror.Now().Hash(game.Whole) != a.mirror.Now().Hash(game.Whole) || p.gaps > 0 {
						t.Errorf("spectator %d saw tick %d last, %d gaps", i, p.mirror.Now().Tick, p.gaps)
					}
					wantEvents(t, p, p.events[0].Args[0], 1200)
					if p.joined.Delay != ticks {
						t.Errorf("spectator %d was told of a delay of %d ticks, want %d", i, p.joined.Delay, ticks)
					}
				}
				if len(crowd[0].events) != 1200 {
					t.Errorf("who came first was told of %d ticks", len(crowd[0].events))
				}
				replays(t, n, 1200)
			})
		})
	}
}

// wantLater is called with each frame of who watches.
func (p *peer) wantLater(n *node, id protocol.MatchID, delay game.Tick) {
	now := p.mirror.Now()
	if m := n.host.match(id); m != nil && now.Tick+delay > m.tick {
		p.tb.Errorf("tick %d is shown in tick %d, %d later than it may be", now.Tick, m.tick, now.Tick+delay-m.tick)
	}
}

// TestWhatSpectatorsNeverSee: what is private, and what is a team's unless the
// mode shows that; at once or later.
func TestWhatSpectatorsNeverSee(t *testing.T) {
	for _, s := range []game.Spectators{{}, {Delay: time.Second}, {Teams: true}, {Teams: true, Delay: time.Second}} {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := mustNode(t, secretsMode(t, s))
				passes := n.lease("m1", "secrets", 2)
				p := n.watch("m1", 9, func(p *peer) { p.watch = func() { p.wantOnly(s.Teams) } })
				for i, pass := range passes {
					n.connect(i, protocol.Join{Match: "m1", Pass: pass})
				}
				play(5 * time.Second)
				p.sound()
				p.see(func() {
					if p.frames < 100 || len(p.lastHead.Own) > 0 {
						t.Errorf("%d frames, the last with %v of its own", p.frames, p.lastHead.Own)
					}
					if told := len(p.events) > 0; told != s.Teams {
						t.Errorf("told of the teams' events: %v", told)
					}
					if row := p.mirror.Now().Count(1) == 2; row != s.Teams {
						t.Errorf("shown the teams' rows: %v", row)
					}
				})
			})
		})
	}
}

// wantOnly is called with each frame of who watches secrets.
func (p *peer) wantOnly(teams bool) {
	now := p.mirror.Now()
	for seat := range 2 {
		if now.Own(2, 0, game.Seat(seat)) != 0 || len(p.mirror.Head().Own) > 0 {
			p.tb.Error("shown what is private")
		}
	}
	if !teams && (now.Count(1) > 0 || len(p.mirror.Events()) > 0) {
		p.tb.Error("shown what is a team's")
	}
	if now.Tick > 0 && now.Col(0, 0)[0] != int32(now.Tick) {
		p.tb.Error("not shown what everyone is")
	}
}

// secrets is a game of two teams that keep something from each other, and of
// two seats that do.
type secrets struct{ dots }

var secretsSchema = &game.Schema{
	Tables: []game.Table{
		{Name: "clock", Capacity: 1, Columns: []game.Column{{Name: "tick"}}},
		{Name: "plans", Capacity: 2, Audience: game.Team, Columns: []game.Column{{Name: "plan"}}},
		{Name: "hands", Capacity: 2, Audience: game.Private, Columns: []game.Column{{Name: "card"}}},
	},
	Events: []game.EventKind{{Name: "order"}},
}

func (*secrets) Start(w *game.World) {
	w.Table(0).SpawnAt(0)
	for team := range game.TeamID(2) {
		w.SetTeam(game.Seat(team), team+1)
		w.Table(1).SpawnFor(team + 1)
	}
}
func (*secrets) Join(*game.World, game.Seat)  {}
func (*secrets) Leave(*game.World, game.Seat) {}
func (*secrets) Step(w *game.World, _ []game.Input) {
	now := int32(w.Tick())
	w.Table(0).Col(0)[0] = now
	for i := range 2 {
		w.Table(1).Col(0)[i], w.Table(2).Col(0)[i] = 100*now, -now
		w.EmitTo(game.TeamID(i+1), 0)
	}
}

func secretsMode(tb testing.TB, s game.Spectators) *game.Mode {
	return mustMode(tb, game.Mode{Name: "secrets", New: func() game.Rules { return &secrets{} }, Schema: secretsSchema, Hz: 30, Seats: 2, Spectators: s})
}

func TestWhoMayWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		none := watchedMode(t, 0, game.Spectators{Most: -1})
		none.Name = "closed"
		n := mustNode(t, watchedMode(t, 0, game.Spectators{Most: 3}), none)
		passes := n.lease("m1", "dots", 2)
		n.lease("m2", "closed", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
		play(time.Second)
		for what, want := range map[string]protocol.Order{
			"seated": {Match: "m1", Watch: "p1"}, "forbidden": {Match: "m2", Watch: "p5"}, "over": {Match: "m3", Watch: "p5"},
		} {
			if l := n.order(want); l.Refuse != what || l.Pass != "" {
				t.Errorf("%+v is answered with %q", want, l.Refuse)
			}
		}
		pass := n.watchPass("m1", 5)
		sealed := func(p protocol.Pass) string { p.Expires = time.Now().Add(time.Minute); return p.Seal(passKey) }
		for i, c := range []struct {
			who  int
			pass string
			want protocol.Refused
		}{
			{6, pass, protocol.SeatNotYours}, {5, pass + "x", protocol.PassInvalid}, {5, "", protocol.SeatNotYours},
			{5, sealed(protocol.Pass{Match: "m2", Player: "p5", Seat: game.NoSeat}), protocol.PassInvalid},
			{0, sealed(protocol.Pass{Match: "m1", Player: "p0", Seat: game.NoSeat}), protocol.NotWatched},
		} {
			p := n.connect(c.who, protocol.Join{Match: "m1", Pass: c.pass})
			play(time.Second)
			if got, _ := told[protocol.Refused](p); got != c.want || p.joined != nil {
				t.Errorf("case %d: told %+v, want %+v", i, got, c.want)
			}
		}
		for i := range 3 {
			n.watch("m1", 5+i)
		}
		old := n.connect(4, protocol.Join{Match: "m1", Pass: sealed(protocol.Pass{Match: "m1", Player: "p4", Seat: game.NoSeat})})
		again := n.watch("m1", 5)
		play(time.Second)
		if got, _ := told[protocol.Refused](old); got != protocol.MatchFull {
			t.Errorf("the fourth is told %+v", got)
		}
		if l := n.order(protocol.Order{Match: "m1", Watch: "p8"}); l.Refuse != "crowded" {
			t.Errorf("the fourth is refused with %q", l.Refuse)
		}
		if l := n.order(protocol.Order{Match: "m1"}); l.Watching != 3 {
			t.Errorf("%d watch, want 3", l.Watching)
		}
		if w, _ := told[protocol.Watching](a); w.People != 3 {
			t.Errorf("players are told that %d watch", w.People)
		}
		if w, _ := told[protocol.Watching](again); w.People == 0 {
			t.Error("who watches is not told of how many do")
		}
		play(30 * time.Second)
		expired := n.connect(6, protocol.Join{Match: "m1", Pass: pass})
		play(time.Second)
		if got, _ := told[protocol.Refused](expired); got != protocol.PassExpired {
			t.Errorf("a pass of long ago: %+v", got)
		}
		a.sound()
		again.sound()
	})
}

// TestTheEndOfWatching: by a newer connection, a kick, a Leave, an input, and
// silence; none of them is the players' business.
func TestTheEndOfWatching(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, watchedMode(t, 0, game.Spectators{}))
		passes := n.lease("m1", "dots", 1)
		a := n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
		old, kicked, leaves, plays, mute := n.watch("m1", 5), n.watch("m1", 6), n.watch("m1", 7), n.watch("m1", 8), n.watch("m1", 9)
		play(time.Second)
		mute.see(func() { mute.mute = true })
		again := n.watch("m1", 5)
		if l := n.order(protocol.Order{Match: "m1", Kick: "p6"}); l.Refuse != "" {
			t.Errorf("the kick is refused: %s", l.Refuse)
		}
		leaves.send(protocol.Append(nil, protocol.Leave{}))
		plays.input(1)
		play(15 * time.Second)
		if code := old.goodbye(); code != protocol.Replaced.Code {
			t.Errorf("the older connection ended with %d", code)
		}
		if code := plays.goodbye(); code != protocol.BadSequence.Code {
			t.Errorf("who sent an input ended with %d", code)
		}
		if code := mute.goodbye(); code != protocol.Silent.Code {
			t.Errorf("who acks nothing ended with %d", code)
		}
		if got := kicked.overs(); !slices.Equal(got, []string{whyKicked}) {
			t.Errorf("who was kicked is told %v", got)
		}
		if got := leaves.overs(); !slices.Equal(got, []string{whyLeft}) {
			t.Errorf("who leaves is told %v", got)
		}
		if l := n.order(protocol.Order{Match: "m1", Watch: "p6"}); l.Refuse != "forbidden" {
			t.Errorf("who was kicked may watch again: %q", l.Refuse)
		}
		if l := n.order(protocol.Order{Match: "m1"}); l.Watching != 1 {
			t.Errorf("%d watch, want 1", l.Watching)
		}
		a.send(protocol.Append(nil, protocol.Leave{}))
		play(time.Second)
		if got := again.overs(); !slices.Equal(got, []string{whyAbandoned}) {
			t.Errorf("the match goes on for who watches: told %v", got)
		}
		again.sound()
		if got := n.outcomes(); !slices.Equal(got, []string{whyAbandoned}) {
			t.Errorf("the lobby was told %v", got)
		}
	})
}

// TestAServerThatStopsWaitsForNoSpectators, and tells none how it came out.
func TestAServerThatStopsWaitsForNoSpectators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, watchedMode(t, 300, game.Spectators{Delay: time.Minute}))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		p := n.watch("m1", 5)
		play(15 * time.Second)
		if a.sound(); len(a.overs()) != 1 || len(p.overs()) != 0 || n.host.Matches() != 0 || len(n.host.Records()) != 1 {
			t.Errorf("after the end: players were told %v, spectators %v", a.overs(), p.overs())
		}
		n.stop()
		synctest.Wait()
		if over, _ := told[protocol.Over](p); over.Why != whyDrained || over.Result != nil {
			t.Errorf("told %+v", over)
		}
	})
}

// TestAPanicInTheRestEndsNothingElse: who watches is told goodbye, by name; the
// result stands, and the other match goes on.
func TestAPanicInTheRestEndsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short := watchedMode(t, 300, game.Spectators{Delay: time.Minute})
		lasts := dotsMode(func() game.Rules { return &dots{} })
		lasts.Name = "lasts"
		n := mustNode(t, short, mustMode(t, lasts))
		n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		other := n.connect(0, protocol.Join{Match: "m2", Pass: n.lease("m2", "lasts", 1)[0]})
		p := n.watch("m1", 5)
		play(5 * time.Second)
		m := n.host.match("m1")
		play(10 * time.Second)
		if n.host.Matches() != 1 || p.goodbye() != 0 {
			t.Fatalf("%d matches, want one; who watches was told goodbye with %d", n.host.Matches(), p.goodbye())
		}
		for i := range m.stands.kept {
			m.stands.kept[i].body = nil // no body that can be parsed
		}
		play(time.Minute)
		if code := p.goodbye(); code != protocol.Internal.Code {
			t.Errorf("who watches was told goodbye with %d", code)
		}
		if got := n.outcomes(); !slices.Equal(got, []string{whyFinished}) {
			t.Errorf("the lobby was told %v", got)
		}
		other.sound()
		n.stop() // waits for the goroutines of all matches
	})
}

// TestNothingIsKeptForNobody: the stands are built for who comes first, and
// pulled down some time after the last has left, when they still serve.
func TestNothingIsKeptForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, watchedMode(t, 0, game.Spectators{Delay: 10 * time.Second}))
		n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		m := n.host.match("m1")
		has := func(want bool) {
			t.Helper()
			if play(0); (m.stands != nil) != want {
				t.Errorf("stands: %v, want %v", m.stands != nil, want)
			}
		}
		play(5 * time.Second)
		has(false)
		p := n.watch("m1", 5)
		play(20 * time.Second)
		has(true)
		var last game.Tick
		p.see(func() { last = p.mirror.Now().Tick })
		p.nc.Close()
		play(standsKept - 2*time.Second)
		again := n.connect(5, protocol.Join{Match: "m1", Pass: n.watchPass("m1", 5), Epoch: epoch, LastTick: last})
		play(time.Second)
		again.see(func() {
			if again.frames == 0 || again.gaps == 0 {
				t.Error("who is back is not shown the match at once, or not told that it missed some")
			}
		})
		again.sound()
		again.nc.Close()
		play(standsKept + 5*time.Second)
		has(false)
	})
}

// TestACrowdCostsNoMoreEncoding: 200 who watch have as many bodies made as one,
// and the steady tick allocates nothing.
func TestACrowdCostsNoMoreEncoding(t *testing.T) {
	for _, s := range []game.Spectators{{}, {Delay: time.Second, Teams: true}} {
		t.Run(fmt.Sprintf("%+v", s), func(t *testing.T) {
			made := map[int]int{}
			for _, crowd := range []int{0, 1, 200} {
				m := newSteady(t, watchedMode(t, 0, s), 2)
				m.fill(t, crowd)
				for range 60 {
					m.beat(true)
				}
				before := m.encoded()
				for range 100 {
					m.beat(true)
				}
				made[crowd] = m.encoded() - before
				allocs := 1.0
				for i := 0; i < 50 && allocs > 0 && !raceEnabled; i++ { // the far ends' buffers grow for a while
					allocs = testing.AllocsPerRun(20, func() { m.beat(true) })
				}
				if allocs > 0 && !raceEnabled {
					t.Errorf("%v allocations a tick with %d who watch", allocs, crowd)
				}
				m.sound(t)
				for _, c := range m.m.spectators {
					if c.sent != c.frames.tick() || c.sinceKey < 100 {
						t.Errorf("who watches was sent tick %d last, of %d", c.sent, c.frames.tick())
					}
				}
				if n := len(m.m.spectators); n != crowd {
					t.Errorf("%d watch, want %d", n, crowd)
				}
			}
			if made[200] != made[1] || s == (game.Spectators{Most: s.Most}) && made[1] != made[0] {
				t.Errorf("bodies made by how many watch: %v", made)
			}
		})
	}
}

// encoded is how many bodies were made for frames.
func (s *steady) encoded() int {
	n := s.m.frames.encoded
	if s.m.stands != nil {
		n += s.m.stands.frames.encoded
	}
	return n
}
