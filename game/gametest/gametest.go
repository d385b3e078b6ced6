// Package gametest is for the tests of games: bots play a mode, and the rules
// have to be exact. The same inputs give the same match on any number of cores,
// from any state that was saved, and as a file in testdata remembers it.
package gametest

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/musterhq/muster/game"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// MustMode returns m with what was left out filled in, ready for NewSim.
func MustMode(tb testing.TB, m game.Mode) *game.Mode {
	tb.Helper()
	mode, err := m.WithDefaults()
	if err != nil {
		tb.Fatal(err)
	}
	return mode
}

// A Party is a match whose seats are all taken, by bots.
type Party struct {
	*game.Sim
	Bots   []game.Bot        // by seat
	Inputs []game.Input      // of the last tick
	Change func(*game.Input) // if set, has the last word on what a bot says
}

// NewParty begins a match of m with these options.
func NewParty(m *game.Mode, seed uint64, options ...int32) *Party {
	p := &Party{Sim: game.NewSim(m, seed, options...)}
	for seat := range game.Seat(m.Seats) {
		p.Join(seat)
		p.Bots = append(p.Bots, m.Bot(seat, seed))
	}
	return p
}

// Play lets the bots of all who are there think, and plays a tick.
func (p *Party) Play() *game.Snapshot {
	view := p.Now()
	p.Inputs = p.Inputs[:0]
	for i, b := range p.Bots {
		seat := game.Seat(i)
		if !p.Joined(seat) {
			continue
		}
		p.Inputs = append(p.Inputs, game.Input{Seat: seat})
		in := &p.Inputs[len(p.Inputs)-1]
		b.Think(view, in)
		if p.Change != nil {
			p.Change(in)
		}
	}
	return p.Step(p.Inputs)
}

// Script plays so many ticks and returns their inputs.
func (p *Party) Script(ticks int) [][]game.Input {
	all := make([][]game.Input, ticks)
	for i := range all {
		p.Play()
		all[i] = slices.Clone(p.Inputs)
	}
	return all
}

// Round plays to the end and tells the exact hash every so many ticks and how
// it ended. before is called ahead of each tick, for seats to come and go.
func (p *Party) Round(every game.Tick, before func(now game.Tick)) string {
	var text strings.Builder
	var scratch []byte
	for over := false; !over; {
		before(p.Now().Tick)
		tick := p.Play().Tick
		var result game.Result
		result, over = p.Result()
		if tick%every == 0 || over {
			var h uint64
			h, scratch = p.Hash(scratch)
			fmt.Fprintf(&text, "%d %016x\n", tick, h)
		}
		if over {
			fmt.Fprintln(&text, result)
		}
	}
	return text.String()
}

// GoesOnAlike plays so many ticks. Before those that save names a copy is made
// by way of the saved state, which has to go on as the match does, for rest
// ticks or to the last. State with a byte too many has to be refused.
func (p *Party) GoesOnAlike(t *testing.T, ticks, rest int, save func(tick int) bool) {
	t.Helper()
	type copied struct {
		*game.Sim
		at int
	}
	var copies []copied
	for i := range ticks {
		if save(i) {
			copies = append(copies, copied{p.reload(t), i})
		}
		now := p.Play().Tick
		want, _ := p.Hash(nil)
		for _, c := range copies {
			c.Step(p.Inputs)
			if h, _ := c.Hash(nil); h != want {
				t.Fatalf("saved %d ticks before: differs at %d", i+1-c.at, now)
			}
		}
		copies = slices.DeleteFunc(copies, func(c copied) bool { return i+1-c.at == rest })
	}
}

func (p *Party) reload(t *testing.T) *game.Sim {
	t.Helper()
	state := p.Save(nil)
	loaded, err := game.LoadSim(p.Mode(), state)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := game.LoadSim(p.Mode(), append(state, 0)); err == nil {
		t.Error("accepts state that it did not write")
	}
	return loaded
}

// Alike wants play to tell the same on one core as on eight, and returns it.
func Alike[T comparable](t *testing.T, play func() T) T {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := play()
	runtime.GOMAXPROCS(8)
	if eight := play(); eight != one {
		t.Error("it differs with GOMAXPROCS 8")
	}
	return one
}

// Golden compares with a file in testdata, or rewrites it.
func Golden(t *testing.T, file string, got []byte) {
	t.Helper()
	file = "testdata/" + file
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; after a change that is meant, run go test with -update", file)
	}
}

// RandomInput is what a player of m may say, extremes and nonsense included.
func RandomInput(chance *game.Rand, m *game.Mode) (in game.Input) {
	in.Lag = chance.Between(0, int32(8*m.Lag))
	for f, field := range m.Schema.Inputs {
		switch chance.N(12) {
		case 0:
			in.Values[f] = field.Min
		case 1:
			in.Values[f] = field.Max
		case 2: // what a match would never pass on
			in.Values[f] = chance.Between(-1<<31, 1<<31-1)
			in.Lag = chance.Between(-1<<31, 1<<31-1)
		default:
			in.Values[f] = chance.Between(field.Min, field.Max)
		}
	}
	return in
}

// BenchBot measures the time that one bot of p takes for a tick.
func BenchBot(b *testing.B, p *Party) {
	for range 300 {
		p.Play()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += len(p.Bots) {
		view := p.Now()
		for seat, bot := range p.Bots {
			p.Inputs[seat] = game.Input{Seat: game.Seat(seat)}
			bot.Think(view, &p.Inputs[seat])
		}
		b.StopTimer()
		p.Step(p.Inputs)
		b.StartTimer()
	}
}
