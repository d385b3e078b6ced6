package match

import (
	"math/rand/v2"
	"testing"

	"github.com/musterhq/muster/game"
)

// Signs of all kinds, at 30 Hz.
var (
	well    = signs{late: -1, empty: true}
	onWay   = signs{}
	late    = signs{late: 4}
	pending = signs{pending: 1}
	unsent  = signs{late: 1, unsent: 1}
	lingers = signs{late: 3}
)

// A climber is a ladder and the tick that it has come to.
type climber struct {
	ladder
	now game.Tick
}

func newClimber(hz int) *climber { return &climber{newLadder(hz), 1000} }

// feel gives the ladder the same signs for some ticks and returns the steps
// that it was on, in order.
func (c *climber) feel(s signs, ticks int) (steps []Step) {
	for range ticks {
		c.now++
		if c.judge(c.now, s) {
			steps = append(steps, c.step)
		}
	}
	return steps
}

// fall has the client fall behind and catch up.
func (c *climber) fall() { c.feel(late, 5); c.feel(well, 1) }

func TestWhatMakesAClientFallBehind(t *testing.T) {
	for _, c := range []struct {
		name string
		hz   int
		s    signs
		want bool
	}{
		{"all is well", 30, well, false},
		{"frames on their way", 30, onWay, false},
		{"an ack three ticks late", 30, lingers, false},
		{"four", 30, late, true},
		{"four at 60 Hz", 60, late, false},
		{"a tenth of a second at 60 Hz", 60, signs{late: 7}, true},
		{"a remainder", 30, pending, true},
		{"a late ack and bytes unsent", 30, unsent, true},
		{"bytes unsent alone", 30, signs{unsent: 100}, false},
	} {
		l := newClimber(c.hz)
		if l.feel(c.s, 1); l.behind != c.want {
			t.Errorf("%s: behind %v", c.name, l.behind)
		}
	}
}

// TestNothingIsDueUntilTheLineIsEmpty, whatever else the signs say.
func TestNothingIsDueUntilTheLineIsEmpty(t *testing.T) {
	l := newClimber(30)
	for _, s := range []signs{late, onWay, lingers, pending, {pending: 1, empty: true}} {
		if l.feel(s, 10); l.due(l.now) {
			t.Errorf("%+v: a frame is due", s)
		}
	}
	if l.feel(well, 1); !l.due(l.now) {
		t.Error("nothing is due on an empty line")
	}
}

// TestOneStallIsNoStepDown however long it was.
func TestOneStallIsNoStepDown(t *testing.T) {
	l := newClimber(30)
	l.feel(late, 1000)
	l.feel(well, 1)
	l.feel(well, fallsWithin*30)
	l.feel(pending, 100)
	l.feel(well, 1)
	if l.step != StepFull {
		t.Errorf("on step %v", l.step)
	}
}

func TestWhoFallsAgainAndAgainStepsDown(t *testing.T) {
	l := newClimber(30)
	for i, want := range []Step{StepFull, StepHalf, StepThird, StepKeys, StepKeys} {
		l.feel(well, 20)
		if l.fall(); l.step != want {
			t.Errorf("after %d falls on step %v, want %v", i+1, l.step, want)
		}
	}
}

// TestTheFrameThatCatchesUpIsNoStepDown: it is larger than others, and may be
// late for that alone.
func TestTheFrameThatCatchesUpIsNoStepDown(t *testing.T) {
	l := newClimber(30)
	for range 10 {
		l.feel(signs{late: 4, first: true}, 5)
		if !l.behind {
			t.Fatal("nothing is late")
		}
		l.feel(well, 1)
	}
	if l.step != StepFull {
		t.Errorf("on step %v", l.step)
	}
}

// TestCalmLeadsUp one step after the other, and not sooner for a frame that is late.
func TestCalmLeadsUp(t *testing.T) {
	l := newClimber(30)
	for range 4 {
		l.fall()
	}
	for _, want := range []Step{StepThird, StepHalf, StepFull} {
		if steps := l.feel(lingers, climbAfter*30-1); len(steps) > 0 {
			t.Errorf("on step %v too soon", steps)
		}
		if l.feel(well, 1); l.step != want {
			t.Errorf("on step %v, want %v", l.step, want)
		}
	}
	if steps := l.feel(well, 10_000); len(steps) > 0 {
		t.Errorf("and on to %v", steps)
	}
}

// TestClimbsThatAreNoUseBecomeRare: at a line that carries half the rate and no
// more, the client soon stands there for most of the time.
func TestClimbsThatAreNoUseBecomeRare(t *testing.T) {
	l := newClimber(30)
	var waits []game.Tick
	for range 12 {
		for l.step == StepFull {
			l.feel(well, 20)
			l.fall()
		}
		since := l.now
		for l.step == StepHalf {
			l.feel(well, 1)
		}
		waits = append(waits, l.now-since)
	}
	for i := range waits[1:] {
		if waits[i+1] < waits[i] {
			t.Fatalf("waits of %v ticks", waits)
		}
	}
	if got := waits[len(waits)-1]; got < 20*30 || got > longestClimb*30 {
		t.Errorf("the last wait was %d ticks, want some %d s", got, longestClimb)
	}
	l.feel(well, longestClimb*30+1) // the line got wider
	for l.step == StepFull {
		l.fall()
	}
	if l.patience != climbAfter*30 {
		t.Errorf("patience of %d ticks long after the last climb", l.patience)
	}
}

// TestStrides at every kind of rate: nobody is sent less than two frames a
// second, where there are as many ticks.
func TestStrides(t *testing.T) {
	for hz, want := range map[int][Steps]game.Tick{
		1: {1, 1, 1, 1}, 2: {1, 1, 1, 1}, 3: {1, 1, 1, 1}, 4: {1, 2, 2, 2}, 5: {1, 2, 2, 2}, 7: {1, 2, 3, 3},
		10: {1, 2, 3, 5}, 30: {1, 2, 3, 15}, 60: {1, 2, 3, 30}, 128: {1, 2, 3, 64},
	} {
		for step := range Step(Steps) {
			l := newLadder(hz)
			if l.step = step; l.stride() != want[step] {
				t.Errorf("%d Hz, step %v: a frame in %d ticks, want %d", hz, step, l.stride(), want[step])
			}
		}
	}
}

// TestAStepIsDueInTheSameTicksForAll however they came there.
func TestAStepIsDueInTheSameTicksForAll(t *testing.T) {
	for step := range Step(Steps) {
		a, b := newLadder(30), newLadder(30)
		a.step, b.step = step, step
		b.caught, b.calm, b.climbed = 17, 18, 19
		n := game.Tick(0)
		for tick := range game.Tick(300) {
			if a.due(tick) != b.due(tick) {
				t.Fatalf("step %v: tick %d is due for one of two", step, tick)
			}
			if a.due(tick) {
				n++
			}
		}
		if n != 300/a.stride() {
			t.Errorf("step %v: %d frames in 300 ticks", step, n)
		}
	}
}

// TestTheLadderHoldsWhateverTheSigns: a step at a time and only so long after
// the last, never off its ends, and nothing due while behind.
func TestTheLadderHoldsWhateverTheSigns(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 0))
	kinds := []signs{well, well, well, onWay, late, pending, unsent, lingers}
	seen := map[Step]bool{}
	for range 200 {
		l := newClimber(1 + chance.IntN(128))
		step, changed := l.step, l.now
		for range 200 {
			s := kinds[chance.IntN(len(kinds))]
			for range 1 + chance.IntN(400) {
				l.now++
				told := l.judge(l.now, s)
				if told != (l.step != step) {
					t.Fatalf("from %v to %v, told %v", step, l.step, told)
				}
				if l.step < step && (step-l.step > 1 || l.now-changed < climbAfter*l.second) || l.step > step && l.step-step > 1 || l.step > StepKeys {
					t.Fatalf("from %v to %v after %d ticks", step, l.step, l.now-changed)
				}
				if told {
					step, changed = l.step, l.now
				}
				if l.behind && l.due(l.now) {
					t.Fatal("a frame is due while behind")
				}
				seen[step] = true
			}
		}
	}
	if len(seen) != Steps {
		t.Errorf("only %v were seen", seen)
	}
}
