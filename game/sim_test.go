package game_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
)

func mustLoad(t *testing.T, m *game.Mode, b []byte) *game.Sim {
	t.Helper()
	s, err := game.LoadSim(m, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hash(s *game.Sim) uint64 {
	h, _ := s.Hash(nil)
	return h
}

func TestSimIsDeterministic(t *testing.T) {
	m := toyMode(t)
	a, b, other := game.NewSim(m, 7), game.NewSim(m, 7), game.NewSim(m, 8)
	if hash(a) == hash(other) {
		t.Error("two seeds make the same world")
	}
	troupe := newTroupe(a, 1)
	for range 50 {
		troupe.play(20, b)
		if hash(a) != hash(b) || !bytes.Equal(a.Save(nil), b.Save(nil)) {
			t.Fatalf("tick %d: two sims of the same record differ", a.Now().Tick)
		}
	}
	ra, over := a.Result()
	if rb, _ := b.Result(); !over || !reflect.DeepEqual(ra, rb) {
		t.Errorf("results %v and %v, over %v", ra, rb, over)
	}
}

// TestLoadContinues saves at any time, also between joins and steps, and goes
// on with the copy beside the original.
func TestLoadContinues(t *testing.T) {
	m := toyMode(t)
	s := game.NewSim(m, 3)
	troupe := newTroupe(s, 2)
	for range 60 {
		saved := s.Save(nil)
		copied := mustLoad(t, m, saved)
		if !bytes.Equal(copied.Save(nil), saved) || hash(copied) != hash(s) {
			t.Fatalf("tick %d: what is loaded is not what was saved", s.Now().Tick)
		}
		troupe.play(3, copied)
		if !bytes.Equal(copied.Save(nil), s.Save(nil)) {
			t.Fatalf("tick %d: the copy went another way", s.Now().Tick)
		}
	}
}

// TestLoadKeepsWhatJoinsDid: a join changes the world and tells of it before
// the step that shows it.
func TestLoadKeepsWhatJoinsDid(t *testing.T) {
	m := rulesMode(t, 0, &probe{join: func(w *game.World, seat game.Seat) {
		w.Table(0).SpawnAt(int(seat))
		w.Emit(0, int32(seat))
	}})
	s := game.NewSim(m, 1)
	s.Join(1)
	copied := mustLoad(t, m, s.Save(nil))
	for _, x := range []*game.Sim{s, copied} {
		if x.Now().Live(0, 1) {
			t.Error("a snapshot has changed after it was made")
		}
		now := x.Step(nil)
		if !now.Live(0, 1) || len(now.Events) != 1 || now.Events[0].Args[0] != 1 {
			t.Errorf("got events %v", now.Events)
		}
		if now := x.Step(nil); len(now.Events) != 0 {
			t.Error("an event happened twice")
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	m := toyMode(t)
	s := game.NewSim(m, 3)
	newTroupe(s, 2).play(20)
	saved := s.Save(nil)
	for n := 0; n < len(saved); n += 1 + n/20 {
		if _, err := game.LoadSim(m, saved[:n]); err == nil {
			t.Fatalf("%d of %d bytes were enough", n, len(saved))
		}
	}
	lagless := *m
	lagless.Lag = 0
	if _, err := game.LoadSim(m, saved[:len(saved)-1]); err == nil {
		t.Error("all but one byte were enough")
	}
	if _, err := game.LoadSim(&lagless, saved); err == nil {
		t.Error("a past longer than the mode's was taken")
	}
	if _, err := game.LoadSim(m, append([]byte{99}, saved[1:]...)); err == nil {
		t.Error("another version was taken")
	}
	if _, err := game.LoadSim(rulesMode(t, 6, &probe{}), saved); err == nil {
		t.Error("a match of another schema was taken")
	}
}

// TestLoadRefusesWhatCannotBe: states of the right length that no match was
// ever in.
func TestLoadRefusesWhatCannotBe(t *testing.T) {
	emit := &probe{step: func(w *game.World) { w.Emit(0, 1) }}
	m := rulesMode(t, 2, emit)
	s := game.NewSim(m, 1)
	for range 5 {
		s.Step(nil)
	}
	saved := s.Save(nil)
	const past = 2 // where the past begins: version, count
	oldest := 4 + int(binary.LittleEndian.Uint32(saved[past:]))
	seats := len(saved) // from the end: the world of now without events, and the seats
	seats -= 4 + oldest - 4 - 18
	seats -= 2 * m.Seats
	spoil := func(at int, to byte) []byte {
		b := bytes.Clone(saved)
		b[at] = to
		return b
	}
	for what, b := range map[string][]byte{
		"a past that is too short":     append([]byte{saved[0], saved[1] - 1}, saved[past+oldest:]...),
		"ticks with a hole":            spoil(past+4, 0),
		"a row beyond its table":       spoil(past+4+4+8+7, 0x80),
		"a seat that is joined twice":  spoil(seats, 2),
		"a team there is not":          spoil(seats+1, 255),
		"a world of another tick":      spoil(seats+2*m.Seats+4, 9),
		"a snapshot of another length": spoil(past, saved[past]+1),
	} {
		if _, err := game.LoadSim(m, b); err == nil || !strings.Contains(err.Error(), "load match") {
			t.Errorf("%s: %v", what, err)
		}
	}
	eventless := *m
	schema := *m.Schema
	schema.Events = nil
	eventless.Schema = &schema
	if _, err := game.LoadSim(&eventless, saved); err == nil {
		t.Error("events of no kind were taken")
	}
}

// TestHashSeesAll: every byte of the state that the next step starts from
// counts.
func TestHashSeesAll(t *testing.T) {
	m := rulesMode(t, 0, &probe{save: []byte{0}})
	longer := rulesMode(t, 0, &probe{save: []byte{0, 0}})
	if hash(game.NewSim(m, 1)) == hash(game.NewSim(longer, 1)) {
		t.Error("zeros at the end of the rules' own state are not seen")
	}
	s := game.NewSim(m, 1)
	before := hash(s)
	s.Join(0)
	if hash(s) == before {
		t.Error("who sits where is not seen")
	}
}

func TestJoinsAndLeavesOnce(t *testing.T) {
	joined, left := 0, 0
	s := game.NewSim(rulesMode(t, 0, &probe{
		join:  func(*game.World, game.Seat) { joined++ },
		leave: func(*game.World, game.Seat) { left++ },
	}), 1)
	s.Leave(0)
	s.Join(0)
	s.Join(0)
	s.Leave(0)
	s.Leave(0)
	if joined != 1 || left != 1 || s.Joined(0) {
		t.Errorf("joined %d times, left %d times", joined, left)
	}
}

func TestPast(t *testing.T) {
	for _, lag := range []int{0, 1, 6, game.MaxLag} {
		stand := func(w *game.World) { w.Table(0).Col(0)[0] = int32(w.Tick()) * 10 }
		s := game.NewSim(rulesMode(t, lag, &probe{start: func(w *game.World) { w.Table(0).SpawnAt(0) }, step: func(w *game.World) {
			stand(w)
			for _, ticks := range []int{-1, 0, 1, 2, 5, 6, 12, 13, 1000} {
				want := int32(w.Tick()) - int32(min(max(ticks, 1), lag, int(w.Tick())))
				if got := w.Past(ticks).Col(0, 0)[0]; got != want*10 {
					t.Errorf("lag %d, tick %d: Past(%d) shows %d, want %d", lag, w.Tick(), ticks, got, want*10)
				}
			}
		}}), 1)
		for range 70 {
			s.Step(nil)
		}
	}
}

// TestPastAtTheBeginning: at tick 0 the present is all there is.
func TestPastAtTheBeginning(t *testing.T) {
	game.NewSim(rulesMode(t, 6, &probe{start: func(w *game.World) {
		w.Table(0).SpawnAt(0)
		if !w.Past(1).Live(0, 0) {
			t.Error("Past shows a world that never was")
		}
	}}), 1)
}

func TestAt(t *testing.T) {
	s := game.NewSim(toyMode(t), 1)
	if s.At(0) != s.Now() || s.At(1) != nil || s.At(0).Tick != 0 {
		t.Error("at tick 0")
	}
	if s.At(^game.Tick(0)) != nil {
		t.Error("a tick before the first is there")
	}
	newTroupe(s, 1).play(100)
	for back := range game.Tick(32) {
		if at := s.At(100 - back); at == nil || at.Tick != 100-back {
			t.Errorf("%d ticks back: %v", back, at)
		}
	}
	if s.At(100-32) != nil || s.At(101) != nil {
		t.Error("more is kept than there can be")
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	s := game.NewSim(toyMode(t), 1)
	for seat := range game.Seat(8) {
		s.Join(seat)
	}
	inputs := make([]game.Input, 8)
	for i := range inputs {
		inputs[i] = game.Input{Seat: game.Seat(i), Lag: 16, Values: [game.MaxInputs]int32{1, 1}}
	}
	for range 200 {
		s.Step(inputs)
	}
	if n := testing.AllocsPerRun(200, func() { s.Step(inputs) }); n != 0 {
		t.Errorf("a step allocates %v times", n)
	}
}

// A probe is rules that do what a test tells them.
type probe struct {
	start, step func(w *game.World)
	join, leave func(w *game.World, seat game.Seat)
	save        []byte
}

func (p *probe) Start(w *game.World) {
	if p.start != nil {
		p.start(w)
	}
}

func (p *probe) Join(w *game.World, seat game.Seat) {
	if p.join != nil {
		p.join(w, seat)
	}
}

func (p *probe) Leave(w *game.World, seat game.Seat) {
	if p.leave != nil {
		p.leave(w, seat)
	}
}

func (p *probe) Step(w *game.World, _ []game.Input) {
	if p.step != nil {
		p.step(w)
	}
}

func (p *probe) Result(*game.World) (game.Result, bool) { return nil, false }
func (p *probe) Save(dst []byte) []byte                 { return append(dst, p.save...) }

func (p *probe) Load(src []byte) error {
	if !bytes.Equal(src, p.save) {
		return errors.New("not a probe's state")
	}
	return nil
}

func rulesMode(t testing.TB, lag int, p *probe) *game.Mode {
	t.Helper()
	m, err := game.Mode{Name: "probe", New: func() game.Rules { return p }, Hz: 30, Seats: 4, Lag: lag, Schema: &game.Schema{
		Tables: []game.Table{{Name: "all", Capacity: 100, Columns: []game.Column{{Name: "x", Linear: true}, {Name: "n"}}},
			{Name: "teams", Capacity: 10, Audience: game.Team, Columns: []game.Column{{Name: "x"}}}},
		Events: []game.EventKind{{Name: "e", Args: []string{"a"}}},
	}}.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
