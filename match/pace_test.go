package match

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// A diary is when the steps of matches began.
type diary struct {
	mu    sync.Mutex
	steps map[protocol.MatchID][]time.Time
}

// write starts a match whose steps are noted, and which does there what it is
// given to do. Nobody is waited for, and nobody connected.
func (d *diary) write(n *node, id protocol.MatchID, hz int, do func(game.Tick)) {
	n.tb.Helper()
	mode := dotsMode(func() game.Rules {
		return &dots{hook: func(at string, w *game.World) {
			if at == "step" {
				d.mu.Lock()
				d.steps[id] = append(d.steps[id], time.Now())
				d.mu.Unlock()
				do(w.Tick())
			}
		}}
	})
	mode.Hz, mode.Seats = hz, 1
	start := &protocol.Start{Match: id, Mode: "dots", Seed: uint64(hz), Seats: []protocol.StartSeat{{Player: playerN(0)}}}
	m := newMatch(n.host, mustMode(n.tb, mode), start)
	m.running = true
	if refuse := n.host.launch(m); refuse != "" {
		n.tb.Fatal(refuse)
	}
}

// keepsTime wants the steps of a match to have come a whole number of intervals
// after the first, none left out.
func (d *diary) keepsTime(t *testing.T, id protocol.MatchID, hz int, lasted time.Duration) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	interval, at := time.Second/time.Duration(hz), d.steps[id]
	if n := int(lasted / interval); len(at) != n && len(at) != n+1 {
		t.Errorf("%s: %d ticks in %v at %d Hz", id, len(at), lasted, hz)
	}
	for i := range at {
		if want := at[0].Add(time.Duration(i) * interval); !at[i].Equal(want) {
			t.Fatalf("%s: tick %d at %v, want %v", id, i, at[i], want)
		}
	}
}

func idle(game.Tick) {}

// TestEveryRateKeepsItsTime has a match of each rate that there may be, all
// beside each other: nothing drifts.
func TestEveryRateKeepsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasts = 3 * time.Second
		n, d := mustNode(t), diary{steps: map[protocol.MatchID][]time.Time{}}
		for hz := 1; hz <= 128; hz++ {
			d.write(n, protocol.MatchID(fmt.Sprint(hz)), hz, idle)
		}
		time.Sleep(lasts)
		for hz := 1; hz <= 128; hz++ {
			d.keepsTime(t, protocol.MatchID(fmt.Sprint(hz)), hz, lasts)
		}
	})
}

// TestNeighboursKeepTheirTime: a match that takes 150 ms for each tick, and one
// whose rules panic, harm none of fifty others. What share of a core is left to
// these BenchmarkNeighbour looks at.
func TestNeighboursKeepTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasts = 3 * time.Second
		n, d := mustNode(t), diary{steps: map[protocol.MatchID][]time.Time{}}
		d.write(n, "busy", 30, func(game.Tick) { time.Sleep(150 * time.Millisecond) })
		d.write(n, "panics", 30, func(tick game.Tick) {
			if tick == 20 {
				panic("rules do that")
			}
		})
		for i := range 50 {
			d.write(n, protocol.MatchID(fmt.Sprint(i)), 30, idle)
		}
		time.Sleep(lasts)
		for i := range 50 {
			d.keepsTime(t, protocol.MatchID(fmt.Sprint(i)), 30, lasts)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if n := len(d.steps["busy"]); n != 20 {
			t.Errorf("the busy match made %d ticks of 150 ms in %v", n, lasts)
		}
		if got := n.outcomes(); !slices.Equal(got, []string{whyFailed}) || len(d.steps["panics"]) != 20 {
			t.Errorf("ended: %v, after %d ticks", got, len(d.steps["panics"]))
		}
	})
}

// TestLatenessCounts: a quantile is the bound under which that share of the
// ticks began, early ones being on time.
func TestLatenessCounts(t *testing.T) {
	var l lateness
	for range 90 {
		l.add(-time.Second)
		l.add(0)
		l.add(leastLate)
	}
	for range 20 {
		l.add(leastLate + 1)
	}
	for range 9 {
		l.add(900 * time.Microsecond)
	}
	l.add(time.Hour)
	for share, want := range map[float64]time.Duration{.5: leastLate, .9: leastLate, .94: 2 * leastLate, .99: 8 * leastLate, 1: leastLate << 11} {
		if got := l.quantile(share); got != want {
			t.Errorf("quantile %v is %v, want %v", share, got, want)
		}
	}
	p := newPace(10, time.Unix(0, 0), 0)
	for range 100 {
		p.tick(p.due.Add(3 * time.Millisecond))
	}
	if got := p.late.quantile(.5); got != 4*time.Millisecond {
		t.Errorf("a pace whose ticks are 3 ms late says %v", got)
	}
}

// TestMatchesShareTheirWakes: those of a rate tick at a few moments of the
// interval, whenever they began.
func TestMatchesShareTheirWakes(t *testing.T) {
	for _, hz := range []int{1, 30, 60, 128} {
		wakes := map[time.Duration]int{}
		start, r := time.Unix(1_800_000_000, 0), game.Rand(1)
		for range 50 * phases {
			p := newPace(hz, start, r.Next())
			if wait := p.wait(start); wait < 0 || wait >= p.interval {
				t.Fatalf("%d Hz: the first tick is due in %v", hz, wait)
			}
			wakes[time.Duration(p.due.UnixNano())%p.interval]++
			start = start.Add(time.Duration(r.Between(0, 1_000_000_000)))
		}
		if len(wakes) != phases {
			t.Errorf("%d Hz: matches tick at %d moments of the interval, want %d", hz, len(wakes), phases)
		}
		for at, n := range wakes {
			if n < 20 || n > 100 {
				t.Errorf("%d Hz: %d of %d matches tick at %v", hz, n, 50*phases, at)
			}
		}
	}
}
