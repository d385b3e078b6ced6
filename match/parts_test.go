package match

import (
	"testing"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

var queueFields = dotsSchema.Inputs

func push(q *inputQueue, seqs ...int) {
	for _, s := range seqs {
		in := protocol.Input{Seq: uint8(s & 127)}
		in.Values[0] = int32(s)
		q.push(&in, 0, 0, queueFields)
	}
}

func TestQueueKeepsOrderAndIgnoresWhatIsOld(t *testing.T) {
	q := inputQueue{target: targetMin}
	push(&q, 126, 127, 128, 128, 127, 1+128, 100) // wraps; twice, old, next, far behind
	var got []int32
	for {
		x, ok := q.take(queueFields)
		if !ok {
			break
		}
		got = append(got, x.values[0])
	}
	// With four waiting, two are taken in one tick.
	want := []int32{127, 128, 129}
	if len(got) != len(want) {
		t.Fatalf("took %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("took %v, want %v", got, want)
		}
	}
	if q.taken != 1 {
		t.Errorf("acks %d, want 1", q.taken)
	}
}

func TestQueueKeepsButtonPressesOfWhatItDrops(t *testing.T) {
	q := inputQueue{target: targetMin}
	press := protocol.Input{Seq: 1}
	press.Values = [game.MaxInputs]int32{9, 1, 77}
	q.push(&press, 0, 0, queueFields)
	for s := 2; s <= 40; s++ {
		push(&q, s)
	}
	if q.count != queueCap {
		t.Fatalf("%d wait, want %d", q.count, queueCap)
	}
	x, _ := q.take(queueFields)
	if x.values[1] != 1 {
		t.Error("the press was lost with the inputs that were dropped")
	}
	if x.values[0] == 9 || x.values[2] == 77 {
		t.Error("a value that is no button was carried on")
	}
	ticks := 1
	for q.count > burstAbove {
		q.take(queueFields)
		ticks++
	}
	if ticks > 10 {
		t.Errorf("%d ticks to use up a burst of %d, want two inputs a tick", ticks, queueCap)
	}
}

func TestStarvationRepeatsThenNeutral(t *testing.T) {
	m := &Match{mode: &game.Mode{}, fields: queueFields}
	s := &seat{applied: neutral(queueFields), inputs: inputQueue{target: targetMin}}
	in := protocol.Input{Seq: 1, Values: [game.MaxInputs]int32{4, 1, 99}}
	s.inputs.push(&in, 0, 0, queueFields)
	view := game.NewSnapshot(mustLayout(t))
	for tick := range 10 {
		got := s.input(m, view).Values
		want := [game.MaxInputs]int32{4, 1, 99}
		if tick > repeatTicks {
			want = [game.MaxInputs]int32{0, 0, 99} // the aim stays
		}
		if got != want {
			t.Errorf("tick %d: applied %v, want %v", tick, got, want)
		}
	}
	if s.inputs.slack() >= 0 {
		t.Errorf("slack %d of a starved seat, want below 0", s.inputs.slack())
	}
}

func mustLayout(t *testing.T) *game.Layout {
	l, err := dotsSchema.Layout()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSlackLeadsAClientToTheTarget(t *testing.T) {
	q := inputQueue{target: targetMin}
	seq, phase := 0, 0 // phase: eighths of a tick by which the client is early
	for range 600 {
		phase += 8
		phase -= int(q.slack()) * 20 / 8 * 8 / 1000 // as clients steer: 5 % at most
		for ; phase >= 8; phase -= 8 {
			seq++
			push(&q, seq)
		}
		q.take(queueFields)
	}
	if s := q.slack(); s < -8 || s > 16 {
		t.Errorf("slack settles at %d eighths", s)
	}
}

func TestPaceDoesNotDrift(t *testing.T) {
	start := time.Unix(0, 0)
	p := newPace(60, start, 12345)
	first := p.due
	now := start
	for i := range 72000 {
		now = p.due.Add(time.Duration(i%5) * time.Millisecond) // a little late, as timers are
		if late := p.tick(now); late != time.Duration(i%5)*time.Millisecond {
			t.Fatalf("tick %d: late %v", i, late)
		}
	}
	if want := first.Add(72000 * (time.Second / 60)); p.due != want || p.Slips != 0 {
		t.Errorf("after 72,000 ticks due at %v, want %v; %d slips", p.due, want, p.Slips)
	}
}

func TestPaceCatchesUpTwoTicksAndSlipsTheRest(t *testing.T) {
	p := newPace(10, time.Unix(0, 0), 0)
	now := p.due.Add(3 * time.Second) // the process stood still
	ticks := 0
	for p.wait(now) <= 0 {
		p.tick(now)
		ticks++
	}
	if ticks > 1+maxCatchUp || p.Slips < 25 {
		t.Errorf("%d ticks at once and %d slips after 3 s at 10 Hz", ticks, p.Slips)
	}
	for range 3 {
		if permille, changed := p.stretch(now); changed {
			t.Errorf("told %d permille for standing still once", permille)
		}
		now = now.Add(stretchCheck)
	}
}

// TestPaceTellsOfLastingOverload has every tick take twice its time for a
// while, at the fastest and the slowest rate.
func TestPaceTellsOfLastingOverload(t *testing.T) {
	for _, hz := range []int{1, 30, 128} {
		p := newPace(hz, time.Unix(0, 0), 0)
		var told []int
		now, end := p.due, p.due.Add(20*time.Second)
		for ; now.Before(end.Add(20 * time.Second)); now = now.Add(max(0, p.wait(now))) {
			p.tick(now)
			if permille, changed := p.stretch(now); changed {
				told = append(told, permille)
			}
			if now.Before(end) {
				now = now.Add(2 * p.interval)
			}
		}
		if n := len(told); n < 2 || n > 4 || told[0] < 400 || told[0] > 600 || told[n-1] != 1000 {
			t.Errorf("%d Hz: told %v, want about 500 and then 1000", hz, told)
		}
	}
}

func TestMinimumForgets(t *testing.T) {
	var m minimum
	for tick := range game.Tick(300) {
		v := int32(80)
		if tick < 100 {
			v = 8
		}
		m.add(v, tick, 60)
		if tick == 90 && m.value() != 8 {
			t.Errorf("minimum %d, want 8", m.value())
		}
	}
	if m.value() != 80 {
		t.Errorf("minimum %d long after, want 80", m.value())
	}
}

// TestTheTargetFollowsJitterNotSilence: who sends nothing for a while, as a
// hidden tab, is no later for it afterwards.
func TestTheTargetFollowsJitterNotSilence(t *testing.T) {
	q := inputQueue{target: targetMin}
	seq := 0
	for range 100 {
		seq++
		push(&q, seq)
		q.take(queueFields)
	}
	for range 3000 {
		q.take(queueFields)
	}
	if q.target > targetMin+targetStep || q.slack() < -12 {
		t.Errorf("after silence: target %d, slack %d", q.target, q.slack())
	}
	q = inputQueue{target: targetMin}
	for range 100 { // two inputs come together, ten ticks after the last
		for range 10 {
			q.take(queueFields)
		}
		for range 10 {
			seq++
			push(&q, seq)
		}
	}
	if q.target < targetMax-targetStep {
		t.Errorf("target %d for a line that comes in bursts, want about %d", q.target, targetMax)
	}
	for range 129 * (targetMax - targetMin) { // it is steady again, a little early
		seq++
		push(&q, seq)
		q.take(queueFields)
	}
	if q.target != targetMin {
		t.Errorf("target %d long after, want %d", q.target, targetMin)
	}
}

// TestAPileOfInputsDoesNotSlowTheClient: it says nothing of its clock.
func TestAPileOfInputsDoesNotSlowTheClient(t *testing.T) {
	q := inputQueue{target: targetMin}
	for s := 1; s <= queueCap; s++ {
		push(&q, s)
	}
	for s := queueCap + 1; s < queueCap+20; s++ {
		q.take(queueFields)
		push(&q, s)
	}
	if s := q.slack(); s > 8*burstAbove {
		t.Errorf("slack %d after a pile was used up", s)
	}
}

func TestMergedButtonsStayWithinBounds(t *testing.T) {
	fields := []game.Field{{Name: "buttons", Max: 5, Bits: true}}
	q := inputQueue{target: targetMin}
	for s, v := range []int32{4, 3, 1} {
		in := protocol.Input{Seq: uint8(s + 1)}
		in.Values[0] = v
		q.push(&in, 0, 0, fields)
	}
	q.drop(fields) // 4|3 is 7, which no client could send
	if got := q.ring[q.first].values[0]; got != 3 {
		t.Errorf("merged to %d, want 3", got)
	}
	q.drop(fields)
	if got := q.ring[q.first].values[0]; got != 3 {
		t.Errorf("merged to %d, want 1|3", got)
	}
}

// TestABotIsHeldToTheSchema even where it sets what no field names.
func TestABotIsHeldToTheSchema(t *testing.T) {
	in := game.Input{Seat: 9, Lag: 99, Values: [game.MaxInputs]int32{-100, 100, 3, 4, 5, 6, 7, 8}}
	(&seat{number: 2}).clamp(&in, queueFields)
	if want := (game.Input{Seat: 2, Values: [game.MaxInputs]int32{-5, 1, 3}}); in != want {
		t.Errorf("clamped to %+v, want %+v", in, want)
	}
}
