package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// stats gathers what all players see.
type stats struct {
	clients int
	start   time.Time

	login, place, rtt, gaps samples

	playing  atomic.Int64
	updates  atomic.Int64
	bytes    atomic.Int64
	desyncs  atomic.Int64
	played   atomic.Int64 // ns of play, over all players
	expected atomic.Int64 // updates

	mu       sync.Mutex // guards what follows
	who      map[int]bool
	matches  map[protocol.MatchID]bool
	goodbyes map[string]int
	errors   map[string]int
	failures int
}

func newStats(clients int) *stats {
	return &stats{clients: clients, start: time.Now(), who: map[int]bool{}, matches: map[protocol.MatchID]bool{},
		goodbyes: map[string]int{}, errors: map[string]int{}}
}

func (s *stats) joined(player int, id protocol.MatchID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.who[player], s.matches[id] = true, true
}

func (s *stats) goodbye(r protocol.Reason) {
	if r == protocol.Normal || r.Code == 1000 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.goodbyes[r.Text]++
}

func (s *stats) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures++
	if len(s.errors) < 100 {
		s.errors[err.Error()]++
	}
}

// samples is a set of durations, kept whole so that percentiles are exact.
type samples struct {
	mu sync.Mutex
	us []uint32 // µs
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.us = append(s.us, uint32(d/time.Microsecond))
}

// percentiles returns those asked for, in ms; zeros where there is nothing.
func (s *samples) percentiles(of ...float64) []float64 {
	s.mu.Lock()
	sorted := slices.Clone(s.us)
	s.mu.Unlock()
	slices.Sort(sorted)
	ms := make([]float64, len(of))
	for i, p := range of {
		if n := len(sorted); n > 0 {
			ms[i] = float64(sorted[min(n-1, int(p*float64(n)))]) / 1000
		}
	}
	return ms
}

// seen is a frame's tick and when it came.
type seen struct {
	tick game.Tick
	at   time.Time
}

// due is how many updates there should have been from a frame on, itself
// included, when the last to come was that and time has gone on until then. A
// server that is slow owes those that time asks for; one whose ticks come as
// early as jitter has it, no less than those it has made.
func (f seen) due(last seen, end time.Time, hz int) int64 {
	byTime := int64(end.Sub(f.at).Seconds() * float64(hz))
	return 1 + max(byTime, int64(last.tick-f.tick))
}

// view is what one player sees of one match. Frames come on one goroutine,
// end on any.
type view struct {
	stats *stats

	mu      sync.Mutex
	hz      int
	first   seen
	last    seen
	desyncs int
	over    bool
}

func (v *view) joined(j *protocol.Joined) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.hz = j.Hz
	v.stats.playing.Add(1)
}

// frame counts an update.
func (v *view) frame(m *protocol.Mirror, size int, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return
	}
	if m.Desyncs > v.desyncs {
		v.stats.desyncs.Add(int64(m.Desyncs - v.desyncs))
		v.desyncs = m.Desyncs
	}
	now := seen{m.Now().Tick, at}
	if now.tick == 0 {
		return // others are waited for; ticks have not begun
	}
	v.stats.updates.Add(1)
	v.stats.bytes.Add(int64(size))
	if v.first.tick == 0 {
		v.first = now
	} else {
		v.stats.gaps.add(at.Sub(v.last.at))
	}
	v.last = now
}

func (v *view) control(m protocol.Control) {
	if _, over := m.(protocol.Over); over {
		v.end()
	}
}

// end closes the account; once.
func (v *view) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over || v.hz == 0 {
		return
	}
	v.over = true
	v.stats.playing.Add(-1)
	if v.first.tick == 0 {
		return
	}
	end := time.Now()
	v.stats.played.Add(int64(end.Sub(v.first.at)))
	v.stats.expected.Add(v.first.due(v.last, end, v.hz))
}

// sampleRTT takes the round trip once a second while the game goes on, and at
// its end: a round may be over before the first second is. Before the first
// input is acked there is none.
func (s *stats) sampleRTT(g *client.Game) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for over := false; !over; {
		select {
		case <-g.Done():
			over = true
		case <-ticker.C:
		}
		if rtt := g.RTT(); rtt > 0 {
			s.rtt.add(rtt)
		}
	}
}

// watch prints a line a second until ctx is done.
func (s *stats) watch(ctx context.Context, w io.Writer) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var updates, bytes int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		u, b := s.updates.Load(), s.bytes.Load()
		p := s.gaps.percentiles(.5, .99)
		s.mu.Lock()
		failures, matches := s.failures, len(s.matches)
		s.mu.Unlock()
		fmt.Fprintf(w, "%4.0fs  playing %4d of %d in %d matches  %6d updates/s  %7.1f KB/s  gap p50 %.1f p99 %.1f ms  desyncs %d  errors %d\n",
			time.Since(s.start).Seconds(), s.playing.Load(), s.clients, matches, u-updates, float64(b-bytes)/1000,
			p[0], p[1], s.desyncs.Load(), failures)
		updates, bytes = u, b
	}
}
