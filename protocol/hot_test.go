package protocol_test

import (
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// The hot path: what is done for every tick, client or message allocates
// nothing once its buffers have grown.

// melee is a world of the size that is common, in steady motion: 16 movers
// and some shots.
func melee(tb testing.TB) *stage {
	s := newStageOf(tb, 16, &game.Schema{
		Tables: []game.Table{
			{Name: "players", Capacity: 16, Columns: []game.Column{{Name: "x", Linear: true}, {Name: "y", Linear: true}, {Name: "aim"}, {Name: "hp"}}},
			{Name: "shots", Capacity: 128, Columns: []game.Column{{Name: "x"}, {Name: "y"}, {Name: "dx"}, {Name: "dy"}, {Name: "born", Tick: true}}},
			{Name: "self", Capacity: 16, Audience: game.Private, Columns: []game.Column{{Name: "ammo"}, {Name: "cooldown"}}},
		},
		Inputs: []game.Field{{Name: "dx", Min: -1, Max: 1}, {Name: "dy", Min: -1, Max: 1}, {Name: "aim", Max: 255}, {Name: "buttons", Max: 7}},
		Events: []game.EventKind{{Name: "hit", Args: []string{"by", "whom", "damage"}}},
	}, 1000, func(w *game.World) {
		for i := range 16 {
			w.Table(0).SpawnAt(i)
		}
	})
	for range 40 {
		s.step(brawl)
	}
	return s
}

func brawl(w *game.World) {
	x, y, aim := w.Table(0).Col(0), w.Table(0).Col(1), w.Table(0).Col(2)
	for i := range 15 { // one stands still
		x[i] += 20 + w.Rand.N(4)
		y[i] -= 20 + w.Rand.N(4)
		aim[i] = w.Rand.N(256)
	}
	w.Table(2).Col(1)[1] = int32(w.Tick() % 30)
	if w.Tick()%2 == 0 {
		w.Table(1).Despawn(w.Table(1).Next(-1) & 127)
		slot, _ := w.Table(1).Spawn()
		w.Table(1).Col(4)[slot] = int32(w.Tick())
		w.Emit(0, 1, 2, 30)
	}
}

// frames of a stretch of the match, beginning with a keyframe.
func (s *stage) frames(n int) (all [][]byte) {
	l := s.link(1, 0)
	all = append(all, l.send())
	for range n {
		s.step(brawl)
		all = append(all, l.send())
	}
	return all
}

func TestFramesDoNotAllocate(t *testing.T) {
	s := melee(t)
	n := len(s.kept)
	prev, base, now := s.kept[n-3], s.kept[n-2], s.kept[n-1]
	var d, parsed game.Delta
	var head, got protocol.Head
	var b []byte
	var events []protocol.TickEvent
	work := func() {
		d.Diff(prev, base, now, 0)
		head.Own, head.OwnMask = game.DiffOwn(head.Own[:0], base, now, 1)
		b = protocol.AppendBody(protocol.AppendHead(b[:0], &head), &d, s.layout, now.Tick)
		b = protocol.AppendEvents(b, now.Tick, now.Events, s.schema, 0)
		rest, err := protocol.ParseHead(b, s.layout.OwnColumns(), &got)
		if err == nil {
			_, rest, err = protocol.ParseBody(rest, s.layout, false, now.Tick, &parsed)
		}
		if err == nil {
			events, err = protocol.ParseEvents(rest, now.Tick, s.schema, events[:0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	work()
	if n := testing.AllocsPerRun(100, work); n != 0 {
		t.Errorf("a frame allocates %v times", n)
	}
}

func TestMirrorDoesNotAllocate(t *testing.T) {
	all := melee(t).frames(60)
	m, _ := protocol.NewMirror(melee(t).schema, 1)
	for _, b := range all[:40] {
		if err := m.Frame(b); err != nil {
			t.Fatal(err)
		}
	}
	i := 40
	if n := testing.AllocsPerRun(19, func() { _ = m.Frame(all[i]); i++ }); n != 0 {
		t.Errorf("a frame allocates %v times", n)
	}
}

func TestInputsDoNotAllocate(t *testing.T) {
	fields := fullFields()
	var in protocol.Input
	b := protocol.AppendInput(nil, &in, fields)
	bad := append([]byte{}, b[:len(b)-1]...)
	if n := testing.AllocsPerRun(100, func() {
		b = protocol.AppendInput(b[:0], &in, fields)
		if protocol.IsControl(b) || !protocol.IsInput(b) || protocol.ParseInput(b, fields, &in) != nil || protocol.ParseInput(bad, fields, &in) == nil {
			t.Fatal("an input that is none, or none that is")
		}
	}); n != 0 {
		t.Errorf("an input allocates %v times", n)
	}
}

func BenchmarkAppendBody(b *testing.B) {
	s := melee(b)
	n := len(s.kept)
	for _, kind := range []string{"plain", "linear"} {
		b.Run(kind, func(b *testing.B) {
			var d game.Delta
			if d.Diff(nil, s.kept[n-2], s.kept[n-1], 0); kind == "linear" {
				d.Diff(s.kept[n-3], s.kept[n-2], s.kept[n-1], 0)
			}
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = protocol.AppendBody(buf[:0], &d, s.layout, s.now().Tick)
			}
			b.ReportMetric(float64(len(buf)), "B/body")
		})
	}
}

func BenchmarkAppendHead(b *testing.B) {
	h := protocol.Head{Kind: protocol.Linear, Tick: 5, Age: 1, Ack: 9, Slack: -3, OwnMask: 3, Own: []int32{-1, 30}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = protocol.AppendHead(buf[:0], &h)
	}
}

func BenchmarkMirrorFrame(b *testing.B) {
	s := melee(b)
	all := s.frames(256)
	m, _ := protocol.NewMirror(s.schema, 1)
	b.ReportAllocs()
	i, size := 0, 0
	for b.Loop() {
		if err := m.Frame(all[i]); err != nil {
			b.Fatal(err)
		}
		size += len(all[i])
		if i++; i == len(all) {
			i = 0
		}
	}
	b.ReportMetric(float64(size)/float64(b.N), "B/frame")
}

func BenchmarkParseInput(b *testing.B) {
	fields := melee(b).schema.Inputs
	in := protocol.Input{Seq: 1, Ack: 2, Hold: 3, Lag: 16, Values: [game.MaxInputs]int32{-1, 1, 200, 3}}
	buf := protocol.AppendInput(nil, &in, fields)
	b.ReportAllocs()
	for b.Loop() {
		if protocol.ParseInput(buf, fields, &in) != nil {
			b.Fatal("refused")
		}
	}
}
