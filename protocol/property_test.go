package protocol_test

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// seedFlag repeats a failed property test.
var seedFlag = flag.Uint64("seed", 0, "seed of the property tests; 0 is a new one")

// seeded returns chance whose seed is told if the test fails.
func seeded(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with -seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

// randomSchema has some tables of any audience, on both sides of 64 slots.
func randomSchema(r *rand.Rand) *game.Schema {
	s := &game.Schema{}
	for i := range 1 + r.IntN(5) {
		t := game.Table{Name: fmt.Sprint("t", i), Audience: game.Audience(r.IntN(4)),
			Capacity: []int{4, 5, 63, 64, 65, 100, 200}[r.IntN(7)]}
		for c := range r.IntN(6) {
			t.Columns = append(t.Columns, game.Column{Name: fmt.Sprint("c", c), Linear: r.IntN(2) == 0, Tick: r.IntN(4) == 0})
		}
		s.Tables = append(s.Tables, t)
	}
	for k := range r.IntN(4) {
		s.Events = append(s.Events, game.EventKind{Name: fmt.Sprint("e", k), Args: []string{"a", "b", "c", "d"}[:r.IntN(5)]})
	}
	for f := range r.IntN(game.MaxInputs + 1) {
		a, b := anyInt32(r), anyInt32(r)
		s.Inputs = append(s.Inputs, game.Field{Name: fmt.Sprint("f", f), Min: min(a, b), Max: max(a, b)})
	}
	return s
}

// anyInt32 is a small number most of the time, and an extreme one at times.
func anyInt32(r *rand.Rand) int32 {
	switch r.IntN(8) {
	case 0:
		return int32(r.Uint32())
	case 1:
		return [...]int32{math.MinInt32, math.MaxInt32, math.MinInt32 + 1, math.MaxInt32 - 1}[r.IntN(4)]
	}
	return int32(r.IntN(200) - 100)
}

// disturb does some of all that rules can do in a step.
func disturb(r *rand.Rand, w *game.World, s *game.Schema) {
	for t := range s.Tables {
		rows := w.Table(t)
		for range r.IntN(6) {
			disturbRow(r, rows, &s.Tables[t], r.IntN(s.Tables[t].Capacity))
		}
		for slot := rows.Next(-1); slot >= 0; slot = rows.Next(slot) {
			for c, col := range s.Tables[t].Columns {
				if col.Linear {
					rows.Col(c)[slot] += int32(slot * 7)
				}
			}
		}
	}
	for range r.IntN(3) {
		if len(s.Events) > 0 {
			kind := r.IntN(len(s.Events))
			args := []int32{anyInt32(r), anyInt32(r), anyInt32(r), anyInt32(r)}
			w.EmitTo(game.TeamID(r.IntN(3)), uint8(kind), args[:len(s.Events[kind].Args)]...)
		}
	}
}

func disturbRow(r *rand.Rand, rows game.Rows, t *game.Table, slot int) {
	switch what := r.IntN(8); {
	case t.Audience == game.Private && what < 4: // such rows are always there
	case what == 0:
		rows.SpawnAt(slot)
	case what == 1:
		rows.SpawnFor(game.TeamID(r.IntN(3)))
	case what == 2:
		rows.Despawn(slot)
	case what == 3 && rows.Live(slot):
		rows.Teleport(slot)
	case len(t.Columns) > 0 && rows.Live(slot):
		rows.Col(r.IntN(len(t.Columns)))[slot] += anyInt32(r)
	}
}

// TestClientsAgree has clients of every view, each skipping frames in its own
// way, go through a random match: all come to the state that a keyframe shows,
// and are told of each event once.
func TestClientsAgree(t *testing.T) {
	r := seeded(t)
	for range 60 {
		schema := randomSchema(r)
		first := game.Tick(r.IntN(300))
		s := newStage(t, schema, first, func(w *game.World) { disturb(r, w, schema) })
		var crowd []*skipper
		for i := range 10 {
			seat := i%5 - 1
			crowd = append(crowd, &skipper{link: s.link(seat, game.View(i%3)), patience: 1 + i})
			crowd[i].ring = []int{128, 5}[i%2]
		}
		for range 80 {
			for _, c := range crowd {
				c.turn(r)
			}
			s.step(func(w *game.World) { disturb(r, w, schema) })
		}
	}
}

// A skipper is a client that takes some frames and leaves others.
type skipper struct {
	*link
	patience int
	due      []protocol.TickEvent // what it is to be told next
}

func (c *skipper) turn(r *rand.Rand) {
	c.collect()
	if r.IntN(c.patience) > 0 && c.base >= 0 {
		return
	}
	c.hash, c.forget = true, r.IntN(40) == 0
	c.compare(c.send())
}

// collect notes what happened in the newest tick for the client to be told.
func (c *skipper) collect() {
	if c.base < 0 {
		return // who is not here yet is told nothing
	}
	for _, e := range c.now().Events {
		if e.Team == 0 || game.View(e.Team) == c.view {
			c.due = append(c.due, protocol.TickEvent{Tick: c.now().Tick, Event: game.Event{Kind: e.Kind, Args: e.Args}})
		}
	}
}

func (c *skipper) compare(frame []byte) {
	c.t.Helper()
	fresh := c.stage.link(c.seat, c.view)
	fresh.send()
	got, want := c.mirror.Now(), fresh.mirror.Now()
	if !reflect.DeepEqual(rows(got), rows(want)) || !reflect.DeepEqual(own(got, c.seat), own(want, c.seat)) || got.Tick != want.Tick {
		c.t.Fatalf("tick %d, frame %x: the client holds\n%v %v, a keyframe shows\n%v %v", c.now().Tick, frame,
			rows(got), own(got, c.seat), rows(want), own(want, c.seat))
	}
	if c.mirror.Desyncs != 0 {
		c.t.Fatalf("tick %d, frame %x: another hash", c.now().Tick, frame)
	}
	if c.mirror.Head().Kind&protocol.Gap != 0 {
		c.due = slices.DeleteFunc(c.due, func(e protocol.TickEvent) bool { return e.Tick+game.Tick(c.ring) <= got.Tick })
	}
	if told := c.mirror.Events(); len(told)+len(c.due) > 0 && !reflect.DeepEqual(told, c.due) {
		c.t.Fatalf("tick %d: told of %v, want %v", c.now().Tick, told, c.due)
	}
	c.due = nil
}

// TestNothingIsSmall: where nothing has changed, the frame is 11 bytes.
func TestNothingIsSmall(t *testing.T) {
	r := seeded(t)
	for range 30 {
		schema := randomSchema(r)
		s := newStage(t, schema, game.Tick(r.IntN(1000)), func(w *game.World) { disturb(r, w, schema) })
		l := s.link(0, 1)
		l.send()
		for range 9 {
			s.step(nil)
			if b := l.send(); len(b) != 11 {
				t.Fatalf("%x has %d bytes, want 11", b, len(b))
			}
		}
	}
}

// TestDesyncIsCounted: a client that holds something else notices.
func TestDesyncIsCounted(t *testing.T) {
	s := newStage(t, duel(), 0, startDuel)
	l := s.link(0, 0)
	for i := range 3 {
		l.hash = true
		b := l.frame()
		if i == 1 {
			b[len(b)-4] ^= 0x40 // a residual; the body's end is its, and two empty lists
		}
		if err := l.mirror.Frame(b); err != nil {
			t.Fatalf("%x: %v", b, err)
		}
		if want := min(i, 1); (l.mirror.Desyncs > 0) != (want > 0) {
			t.Fatalf("frame %d: %d desyncs", i, l.mirror.Desyncs)
		}
		s.step(walk)
	}
}

// TestInputsReturn: what is appended is parsed again.
func TestInputsReturn(t *testing.T) {
	r := seeded(t)
	for range 2000 {
		fields := randomSchema(r).Inputs
		in := protocol.Input{Seq: uint8(r.IntN(128)), Ack: uint8(r.IntN(128)), Hold: uint8(r.IntN(128)), Lag: uint8(r.IntN(128))}
		for i, f := range fields {
			in.Values[i] = int32(int64(f.Min) + r.Int64N(int64(f.Max)-int64(f.Min)+1))
		}
		var got protocol.Input
		b := protocol.AppendInput(nil, &in, fields)
		if err := protocol.ParseInput(b, fields, &got); err != nil || got != in {
			t.Fatalf("%x: got %+v, %v, want %+v", b, got, err, in)
		}
	}
}

// TestSchemasReturn: a client learns the schema as it is, but for what is
// hidden.
func TestSchemasReturn(t *testing.T) {
	r := seeded(t)
	for range 300 {
		want := randomSchema(r)
		if r.IntN(2) == 0 {
			want.Space = &game.Space{Width: 1 + r.Int32N(1000), Height: 1 + r.Int32N(1000), Cell: 1 + r.Int32N(99), Reach: r.Int32N(500), Rate: r.IntN(20_000)}
			want.Tables[0].Columns = append(want.Tables[0].Columns, game.Column{Name: "x", Axis: game.X}, game.Column{Name: "y", Axis: game.Y, Tick: true})
		}
		b := protocol.Append(nil, protocol.Joined{Match: "m", Mode: "m", Hz: 30, Schema: want})
		m, err := protocol.ParseServer(b)
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		for i := range want.Tables {
			if want.Tables[i].Audience == game.Nobody {
				want.Tables[i] = game.Table{Name: fmt.Sprint("hidden", i), Capacity: 1, Audience: game.Nobody}
			}
		}
		if got := m.(protocol.Joined).Schema; !reflect.DeepEqual(schemaJSON(got), schemaJSON(want)) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
}

// TestDamage feeds every parser with messages of which some bytes are others,
// or missing, or too many. They may accept or refuse, but not panic, and what
// a client has accepted can be applied.
func TestDamage(t *testing.T) {
	r := seeded(t)
	schema := randomSchema(r)
	s := newStage(t, schema, 0, func(w *game.World) { disturb(r, w, schema) })
	l := s.link(0, 1)
	frames := [][]byte{l.send()}
	for range 40 {
		s.step(func(w *game.World) { disturb(r, w, schema) })
		frames = append(frames, l.send())
	}
	controls := append(clientMessages(), serverMessages()...)
	for range 20_000 {
		b := damage(r, protocol.Append(nil, controls[r.IntN(len(controls))]))
		_, clientErr := protocol.ParseClient(b)
		_, serverErr := protocol.ParseServer(b)
		var in protocol.Input
		inputErr := protocol.ParseInput(damage(r, protocol.AppendInput(nil, &in, schema.Inputs)), schema.Inputs, &in)
		m, _ := protocol.NewMirror(schema, 0)
		keyErr := m.Frame(frames[0])
		frameErr := m.Frame(damage(r, frames[1+r.IntN(40)]))
		for _, err := range []error{clientErr, serverErr, inputErr, keyErr, frameErr} {
			if err != nil && !errors.Is(err, protocol.ErrMalformed) {
				t.Fatalf("%x: %v is not ErrMalformed", b, err)
			}
		}
	}
}

func damage(r *rand.Rand, b []byte) []byte {
	b = append([]byte{}, b...)
	for range r.IntN(4) {
		switch at := r.IntN(len(b) + 1); {
		case at == len(b):
			b = append(b, byte(r.Uint32()))
		case r.IntN(4) == 0:
			b = append(b[:at], b[at+1:]...)
		case r.IntN(4) == 0:
			b = b[:at]
		default:
			b[at] = [...]byte{byte(r.Uint32()), 0x90, 0xc0, 0xdc, 0xdd, 0xdb, 0xc6, 0xcf, 0xff, 0x7f}[r.IntN(10)]
		}
	}
	return b
}
