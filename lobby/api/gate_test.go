package api

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// upgradeCounts is an UpgradeMeter.
type upgradeCounts struct {
	mu                           sync.Mutex
	waiting, longest, away, done int
}

func (m *upgradeCounts) Waiting(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiting, m.longest = n, max(m.longest, n)
}

func (m *upgradeCounts) TurnedAway() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.away++
}

func (m *upgradeCounts) Upgraded(time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done++
}

// testGate is a gate with what it was told.
func testGate(u Upgrades) (*gate, *upgradeCounts) {
	counts := &upgradeCounts{}
	u.Meter = counts
	u.defaults()
	return newGate(u), counts
}

// after is when a refusal says to come back, 0 for none.
func after(t *testing.T, err error) time.Duration {
	t.Helper()
	var r *refusal
	if err == nil {
		return 0
	}
	if !errors.As(err, &r) || r.status != 503 || r.code != "busy" || r.after < leastAway || r.after >= mostAway {
		t.Errorf("refused with %+v", err)
		return time.Second
	}
	return r.after
}

// TestAThousandAtOnce are all let in, in the order in which they came, and no
// more at a time than shall be.
func TestAThousandAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, counts := testGate(Upgrades{AtOnce: 4})
		var order []int
		var inside, most int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				if d := after(t, g.enter(t.Context())); d > 0 {
					t.Errorf("%d is turned away for %s", i, d)
					return
				}
				mu.Lock()
				order = append(order, i)
				inside++
				most = max(most, inside)
				mu.Unlock()
				time.Sleep(time.Duration(1000+i) * time.Microsecond) // no two leave at one moment
				mu.Lock()
				inside--
				mu.Unlock()
				g.leave()
			})
			synctest.Wait()
		}
		all.Wait()
		if most != 4 || len(order) != 1000 || counts.longest != 996 || counts.waiting != 0 || counts.away != 0 {
			t.Errorf("%d at a time, %d let in, %+v", most, len(order), counts)
		}
		for i, who := range order {
			if i != who {
				t.Fatalf("%d is let in before %d", who, i)
			}
		}
	})
}

// TestAStormOfUpgrades: five thousand come at once to a short line. It never
// grows longer, and by coming back when they are told to all are let in, after
// few tries each: they do not come back all at once.
func TestAStormOfUpgrades(t *testing.T) {
	const crowd = 5000
	synctest.Test(t, func(t *testing.T) {
		g, counts := testGate(Upgrades{AtOnce: 2, Line: 64})
		var let, tries atomic.Int32
		var all sync.WaitGroup
		for range crowd {
			all.Go(func() {
				for {
					tries.Add(1)
					wait := after(t, g.enter(t.Context()))
					if wait == 0 {
						break
					}
					time.Sleep(wait)
				}
				time.Sleep(time.Millisecond)
				let.Add(1)
				g.leave()
			})
		}
		all.Wait()
		if let.Load() != crowd || counts.longest > 64 || counts.waiting != 0 || int(tries.Load()) != crowd+counts.away {
			t.Errorf("%d let in after %d tries, %+v", let.Load(), tries.Load(), counts)
		}
		if tries.Load() > 10*crowd {
			t.Errorf("%d tries", tries.Load())
		}
		t.Logf("%d tries, %d in line at most", tries.Load(), counts.longest)
	})
}

// TestARefusalIsNoPerson: for a while there are more than can be let in. They
// are told to come back when those before them are in, however often each has
// been told before, and however many hang up in line.
func TestARefusalIsNoPerson(t *testing.T) {
	const crowd, each = 400, 10 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		g, counts := testGate(Upgrades{AtOnce: 2, Line: 64})
		var longest atomic.Int64
		var all sync.WaitGroup
		end := time.Now().Add(20 * time.Second)
		for i := range crowd {
			all.Go(func() {
				for time.Now().Before(end) {
					ctx, cancel := t.Context(), context.CancelFunc(func() {})
					if i%4 == 0 {
						ctx, cancel = context.WithTimeout(ctx, each)
					}
					err := g.enter(ctx)
					cancel()
					switch {
					case err == nil:
						time.Sleep(each)
						g.leave()
					case err != errUpgrades: // which is the answer to who hung up
						wait := after(t, err)
						longest.Store(max(longest.Load(), int64(wait)))
						time.Sleep(wait)
					}
				}
			})
		}
		all.Wait()
		if fair := leastAway + time.Second + 2*crowd*each/2; time.Duration(longest.Load()) > fair || counts.away < 5*crowd {
			t.Errorf("told to come back after up to %s, want %s at most, %+v", time.Duration(longest.Load()), fair, counts)
		}
	})
}

// TestStrangersAtTheGate: who comes back at once again and again moves the
// answer no further than it may go, and it is short again soon after.
func TestStrangersAtTheGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := testGate(Upgrades{AtOnce: 1, Line: 1, Patience: time.Hour})
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		var waits sync.WaitGroup
		waits.Go(func() { _ = g.enter(t.Context()) })
		synctest.Wait()
		for range 30_000 {
			after(t, g.enter(t.Context()))
		}
		if d := after(t, g.enter(t.Context())); d < mostAway/2 {
			t.Errorf("so many were turned away, and the next comes back after %s", d)
		}
		g.leave() // one in the line has come in
		waits.Wait()
		g.leave()
		time.Sleep(mostAway)
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		waits.Go(func() { _ = g.enter(t.Context()) })
		synctest.Wait()
		if d := after(t, g.enter(t.Context())); d > 3*leastAway {
			t.Errorf("nobody is left, and the next comes back after %s", d)
		}
		g.leave()
		waits.Wait()
	})
}

// TestNobodyWaitsForEver: who hangs up leaves the line, and who has waited too
// long is told to come back. The place is the next one's.
func TestNobodyWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, counts := testGate(Upgrades{AtOnce: 1, Patience: time.Second})
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, hangUp := context.WithCancel(t.Context())
		var gone, tooLong, next error
		var all sync.WaitGroup
		all.Go(func() { gone = g.enter(ctx) })
		synctest.Wait()
		all.Go(func() { tooLong = g.enter(t.Context()) })
		synctest.Wait()
		hangUp()
		time.Sleep(time.Second / 2)
		all.Go(func() { next = g.enter(t.Context()) })
		time.Sleep(time.Second/2 + time.Millisecond)
		g.leave()
		all.Wait()
		if gone != errUpgrades || after(t, tooLong) == 0 || next != nil || counts.waiting != 0 || counts.away != 1 {
			t.Errorf("%v, %v, %v, %+v", gone, tooLong, next, counts)
		}
		g.leave()
		if err := g.enter(t.Context()); err != nil {
			t.Errorf("an empty gate: %v", err)
		}
	})
}

// BenchmarkGate is what an upgrade pays for being admitted, and one of too many
// for being turned away.
func BenchmarkGate(b *testing.B) {
	b.Run("let in", func(b *testing.B) {
		g, _ := testGate(Upgrades{})
		b.ReportAllocs()
		for b.Loop() {
			if err := g.enter(b.Context()); err != nil {
				b.Fatal(err)
			}
			g.leave()
		}
	})
	b.Run("turned away", func(b *testing.B) {
		g, _ := testGate(Upgrades{AtOnce: 1, Line: 1, Patience: time.Hour})
		_ = g.enter(b.Context())
		g.line.PushBack(make(chan struct{})) // one who never comes in
		b.ReportAllocs()
		for b.Loop() {
			if g.enter(b.Context()) == nil {
				b.Fatal("let in")
			}
		}
	})
}
