package match

import (
	"bytes"
	"runtime"
	"time"
)

// Patience with a step.
const (
	watchEvery  = 250 * time.Millisecond
	stuckAfter  = time.Second     // reported, with its stack
	giveUpAfter = 5 * time.Second // abandoned: its goroutine is lost, its players are not
)

// watch looks after the steps of all matches until stop is closed. A rule
// that never returns cannot be stopped in Go: what can be saved are its
// players, whose connections are shut down from here, and the other matches.
func (h *Host) watch(stop <-chan struct{}) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			for _, m := range h.running() {
				h.check(m)
			}
		case <-stop:
			return
		}
	}
}

func (h *Host) check(m *Match) {
	began := m.stepping.Load()
	if began == 0 {
		m.reported.Store(false)
		return
	}
	stuck := time.Duration(h.clock() - began)
	if stuck > stuckAfter && m.reported.CompareAndSwap(false, true) {
		m.log.Error("a step does not return", "after", stuck, "stacks", steppingStacks())
	}
	if stuck > giveUpAfter && m.abandoned.CompareAndSwap(false, true) {
		m.log.Error("match abandoned: its step never returned", "after", stuck)
		m.cut()
		h.abandon(m)
	}
}

// cut shuts the match's connections down, from outside its goroutine.
func (m *Match) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.conns {
		c.Shut()
	}
}

// steppingStacks returns the stacks of the goroutines that are in a step.
func steppingStacks() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found [][]byte
	for _, stack := range bytes.Split(buf, []byte("\n\n")) {
		if bytes.Contains(stack, []byte("match.(*Match).step")) {
			found = append(found, stack)
		}
	}
	return string(bytes.Join(found, []byte("\n\n")))
}
