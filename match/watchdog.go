package match

import (
	"bytes"
	"runtime/pprof"
	"time"
)

// Patience with rules.
const (
	watchEvery  = 250 * time.Millisecond
	stuckAfter  = time.Second     // reported, with its stack
	giveUpAfter = 5 * time.Second // failed: its goroutine is lost, its players are not
)

// watched is what the watchdog has seen of a match.
type watched struct {
	beat   int64 // that was under way
	checks int   // checks in a row which saw that
}

// watch looks after the beats of all matches until stop is closed. A rule
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

// check counts how often it meets a match in the same beat. Counting its own
// turns, and not the time, it does not blame a match for a process that was
// stopped as a whole.
func (h *Host) check(m *Match) {
	w := &m.watched
	if beat := m.busy.Load(); beat == 0 || beat != w.beat {
		*w = watched{beat: beat}
		return
	}
	w.checks++
	switch stuck := time.Duration(w.checks) * watchEvery; {
	case stuck == stuckAfter:
		m.log.Error("rules do not return", "after", stuck, "stacks", beatingStacks())
	case stuck >= giveUpAfter && m.settle(fateStuck):
		m.log.Error("match failed: its rules never returned", "after", stuck)
		m.cut()
		h.giveUp(m)
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

// beatingStacks returns the stacks of the goroutines that are amid a beat. The
// profile is taken, since it stops the others for a moment only.
func beatingStacks() string {
	var all bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&all, 1)
	var found [][]byte
	for _, stack := range bytes.Split(all.Bytes(), []byte("\n\n")) {
		if bytes.Contains(stack, []byte("match.(*Match).beat")) || bytes.Contains(stack, []byte("match.(*Match).finish")) {
			found = append(found, stack)
		}
	}
	return string(bytes.Join(found, []byte("\n\n")))
}
