package match

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// TestALongRecordIsBoundedAndReplays plays 25 minutes, seats changing hands:
// the last ten at least are there, and lead to the same state.
func TestALongRecordIsBoundedAndReplays(t *testing.T) {
	bad := dotsMode(endless)
	bad.Hz = 10
	mode := mustMode(t, bad)
	s := newSteady(t, mode, 2)
	s.m.host.cfg.Bots = false
	const minute = 60 * 10
	most := 0
	for tick := range 25 * minute {
		if seat := &s.m.seats[2+tick/7%2]; tick%70 == 0 {
			s.m.enter(seat)
			seat.player = playerN(9)
		} else if tick%70 == 50 {
			seat.bot = nil
			s.m.vacate(seat, false)
		}
		s.beat(true)
		most = max(most, s.m.record.record.Size())
	}
	s.sound(t)
	r := s.m.finish()
	if n := len(r.Segments); n != segments || r.End-r.Segments[0].From < 10*minute || r.End-r.Segments[0].From > 15*minute {
		t.Errorf("%d segments from tick %d to %d", n, r.Segments[0].From, r.End)
	}
	if r.Size() > most || most > 2<<20 {
		t.Errorf("%d bytes, at most %d", r.Size(), most)
	}
	sim, err := r.Replay(mode)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sim.Now().Hash(0), s.m.sim.Now().Hash(0); got != want || sim.Now().Tick != s.m.tick {
		t.Error("the replay shows another state than the match")
	}
}

// TestARecordOfAFailureFailsAgain where the rules panicked, and says so.
func TestARecordOfAFailureFailsAgain(t *testing.T) {
	for _, where := range []string{"join", "leave", "step"} {
		synctest.Test(t, func(t *testing.T) {
			bad := dotsMode(func() game.Rules {
				joins := 0
				return &dots{hook: func(at string, w *game.World) {
					if at == "join" {
						joins++
					}
					if at == where && (at != "join" || joins == 2) && (at != "step" || w.Tick() == 20) {
						panic("a mistake in the rules")
					}
				}}
			})
			bad.Bot = nil
			n := mustNode(t, mustMode(t, bad))
			passes := n.lease("m1", "dots", 2)
			n.connect(0, protocol.Join{Match: "m1", Pass: passes[0]})
			b := n.connect(1, protocol.Join{Match: "m1", Pass: passes[1]})
			play(time.Second / 2)
			b.send(protocol.Append(nil, protocol.Leave{}))
			play(time.Second)
			if got := n.outcomes(); !slices.Equal(got, []string{"failed"}) {
				t.Fatalf("%s: the lobby was told %v", where, got)
			}
			n.accounted()
			r := n.host.Records()[0]
			if _, err := r.Replay(n.cfg.Modes[0]); !r.Failed || !errors.Is(err, ErrPanicked) {
				t.Errorf("%s: the replay ended with %v", where, err)
			}
			if where == "step" {
				if _, err := r.Replay(mustMode(t, dotsMode(endless))); !errors.Is(err, ErrDiverged) {
					t.Errorf("the rules mended: the replay ended with %v", err)
				}
			}
		})
	}
}

// TestAResultStandsThoughTheRecordFails: the last hash is our wish, not the
// players'.
func TestAResultStandsThoughTheRecordFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		saves := 0
		n := mustNode(t, mustMode(t, dotsMode(func() game.Rules {
			return &dots{end: 30, hook: func(at string, _ *game.World) {
				if at == "save" {
					if saves++; saves > 1 {
						panic("a mistake in the rules")
					}
				}
			}}
		})))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(3 * time.Second)
		if over, _ := told[protocol.Over](a); over.Why != "finished" || len(over.Result) != 1 {
			t.Errorf("told %+v", over)
		}
		if r := n.host.Records()[0]; !r.Failed || n.ended[0].Why != "finished" || len(n.ended[0].Result) != 1 {
			t.Errorf("the record has failed: %v; the lobby was told %+v", r.Failed, n.ended[0])
		}
	})
}

func TestRecordsThatCannotBeReplayed(t *testing.T) {
	mode := mustMode(t, dotsMode(endless))
	good := shortRecord(t, mode, 100)
	if _, err := good.Replay(mode); err != nil {
		t.Fatal(err)
	}
	other := *mode
	other.Name = "other"
	for name, c := range map[string]struct {
		mode *game.Mode
		harm func(*Record)
	}{
		"empty":            {mode, func(r *Record) { r.Segments = nil }},
		"of another mode":  {&other, func(*Record) {}},
		"a cut state":      {mode, func(r *Record) { r.Segments[0].State = r.Segments[0].State[:50] }},
		"a cut log":        {mode, func(r *Record) { r.Segments[0].Log = r.Segments[0].Log[:len(r.Segments[0].Log)/2] }},
		"another end":      {mode, func(r *Record) { r.End++ }},
		"a gap":            {mode, func(r *Record) { r.Segments[0].From++ }},
		"an unknown op":    {mode, func(r *Record) { r.Segments[0].Log = append([]byte{'?', 0}, r.Segments[0].Log...) }},
		"a seat too many":  {mode, func(r *Record) { r.Segments[0].Log = append([]byte{opJoin, 4}, r.Segments[0].Log...) }},
		"a field too many": {mode, func(r *Record) { r.Segments[0].Log = append([]byte{opInput, 0, 16, 2}, r.Segments[0].Log...) }},
		"out of bounds":    {mode, func(r *Record) { r.Segments[0].Log = append([]byte{opInput, 0, 2, 100}, r.Segments[0].Log...) }},
		"an endless int":   {mode, func(r *Record) { r.Segments[0].Log = append(slices.Repeat([]byte{opJoin, 255}, 20), 255, 255) }},
	} {
		r := *good
		r.Segments = slices.Clone(good.Segments)
		c.harm(&r)
		if _, err := r.Replay(c.mode); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: the replay ended with %v", name, err)
		}
	}
}

// shortRecord is of some ticks between bots.
func shortRecord(tb testing.TB, mode *game.Mode, ticks int) *Record {
	s := newSteady(tb, mode, 2)
	for range ticks {
		s.beat(true)
	}
	s.m.vacate(&s.m.seats[1], false)
	s.beat(true)
	return s.m.finish()
}

// FuzzReplay damages a record's log, and its state in one place: an error at
// worst. (The whole state as an input keeps the fuzzer busy with shortening it.)
func FuzzReplay(f *testing.F) {
	mode := mustMode(f, dotsMode(endless))
	good := shortRecord(f, mode, 3)
	f.Add(good.Segments[0].Log, uint32(good.End), uint16(0), byte(0))
	f.Add([]byte{opStep, opJoin, 3, opInput, 3, 3, 2, 4, opStep, opLeave, 3, opStep}, uint32(3), uint16(0), byte(0))
	f.Add([]byte{opHash, 0}, uint32(0), uint16(0), byte(1))
	f.Fuzz(func(t *testing.T, log []byte, end uint32, at uint16, by byte) {
		state := slices.Clone(good.Segments[0].State)
		state[int(at)%len(state)] ^= by
		r := Record{Mode: mode.Name, Segments: []Segment{{State: state, Log: log}}, End: game.Tick(end)}
		if _, err := r.Replay(mode); errors.Is(err, ErrPanicked) {
			t.Error(err) // these rules never do: it was us
		}
	})
}

// BenchmarkRecord prints what the record of a full 16-player arena weighs after
// a quarter of an hour, the most it comes to.
func BenchmarkRecord(b *testing.B) {
	mode := benchModes(b)[1]
	for b.Loop() {
		s := newSteady(b, mode, mode.Seats)
		for range 15*60*mode.Hz - 1 {
			s.beat(true)
		}
		r, held := s.m.finish(), 0
		for _, seg := range r.Segments {
			held += cap(seg.Log) + cap(seg.State)
		}
		b.ReportMetric(float64(r.Size()), "B/record")
		b.ReportMetric(float64(held), "B/match")
		b.ReportMetric(float64(len(r.Segments[0].State)), "B/state")
		b.ReportMetric(float64(len(r.Segments[0].Log))/float64(5*60*mode.Hz), "B/tick")
	}
}
