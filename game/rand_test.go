package game_test

import (
	"math"
	"testing"

	"github.com/musterhq/muster/game"
)

// TestRandGolden: the numbers are those of SplitMix64, for ever: records hang
// on them.
func TestRandGolden(t *testing.T) {
	r := game.Rand(1234567)
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := r.Next(); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
	r = 7
	var got [6]int32
	for i := range got {
		got[i] = r.N(1000)
	}
	if want := [6]int32{389, 16, 900, 582, 452, 249}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRandBounds(t *testing.T) {
	r := game.Rand(1)
	for range 10_000 {
		if v := r.N(1); v != 0 {
			t.Fatalf("N(1) is %d", v)
		}
		if v := r.N(math.MaxInt32); v < 0 || v == math.MaxInt32 {
			t.Fatalf("N(max) is %d", v)
		}
		if v := r.Between(-2, 2); v < -2 || v > 2 {
			t.Fatalf("Between(-2, 2) is %d", v)
		}
		if v := r.Between(9, 9); v != 9 {
			t.Fatalf("Between(9, 9) is %d", v)
		}
	}
	low, high := false, false
	for range 1000 {
		v := r.Between(math.MinInt32, math.MaxInt32)
		low, high = low || v < -1<<30, high || v > 1<<30
	}
	if !low || !high {
		t.Error("Between does not reach over all of int32")
	}
	for _, f := range []func(){func() { r.N(0) }, func() { r.N(-1) }, func() { r.Between(2, 1) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("an empty range does not panic")
				}
			}()
			f()
		}()
	}
}

// TestRandIsEven: chi squared over 100 drawers, with 99 degrees of freedom,
// is 99 ± 14; and neighbours do not hang together.
func TestRandIsEven(t *testing.T) {
	for seed := range game.Rand(5) {
		r, n := seed, 100_000
		var drawers [100]int
		rises, last := 0, int32(0)
		for range n {
			v := r.N(100)
			drawers[v]++
			if v > last {
				rises++
			}
			last = v
		}
		chi := 0
		for _, got := range drawers {
			chi += (got - n/100) * (got - n/100) / (n / 100)
		}
		if chi < 50 || chi > 170 {
			t.Errorf("seed %d: chi squared is %d, want about 99", seed, chi)
		}
		if want := n * 495 / 1000; rises < want-n/100 || rises > want+n/100 {
			t.Errorf("seed %d: %d of %d rise, want about %d", seed, rises, n, want)
		}
	}
}

func TestRandomBotKeepsBounds(t *testing.T) {
	schema := &game.Schema{Inputs: []game.Field{{Name: "a", Min: -3, Max: 5}, {Name: "b", Min: math.MinInt32, Max: math.MaxInt32}, {Name: "c", Min: 4, Max: 4}}}
	bot := game.RandomBot(schema)(2, 9)
	seen := map[int32]bool{}
	for range 2000 {
		var in game.Input
		bot.Think(nil, &in)
		if v := in.Values; v[0] < -3 || v[0] > 5 || v[2] != 4 || v[3] != 0 {
			t.Fatalf("it says %v", v)
		}
		seen[in.Values[0]] = true
	}
	if len(seen) != 9 {
		t.Errorf("it says %d things of 9", len(seen))
	}
}
