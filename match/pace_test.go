package match

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// TestEveryRateKeepsItsTime has a match of each rate that there may be, all
// beside each other: each tick comes a whole number of intervals after the first.
func TestEveryRateKeepsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lasts = 3 * time.Second
		var mu sync.Mutex
		steps := map[int][]time.Time{}
		n := mustNode(t)
		for hz := 1; hz <= 128; hz++ {
			mode := dotsMode(func() game.Rules {
				return &dots{hook: func(at string, _ *game.World) {
					if at == "step" {
						mu.Lock()
						defer mu.Unlock()
						steps[hz] = append(steps[hz], time.Now())
					}
				}}
			})
			mode.Hz, mode.Seats = hz, 1
			m := newMatch(n.host, mustMode(t, mode), &protocol.Start{Match: protocol.MatchID(fmt.Sprint(hz)), Mode: "dots", Seed: uint64(hz),
				Seats: []protocol.StartSeat{{Player: playerN(0)}}})
			m.running = true // nobody is waited for
			if refuse := n.host.launch(m); refuse != "" {
				t.Fatal(refuse)
			}
		}
		time.Sleep(lasts)
		mu.Lock()
		defer mu.Unlock()
		for hz := 1; hz <= 128; hz++ {
			interval, at := time.Second/time.Duration(hz), steps[hz]
			if n := int(lasts / interval); len(at) != n && len(at) != n+1 {
				t.Errorf("%d Hz: %d ticks in %v", hz, len(at), lasts)
			}
			for i := range at {
				if want := at[0].Add(time.Duration(i) * interval); !at[i].Equal(want) {
					t.Fatalf("%d Hz: tick %d at %v, want %v", hz, i, at[i], want)
				}
			}
		}
	})
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
