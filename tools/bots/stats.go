package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// stats gathers what all players see.
type stats struct {
	// Set by newStats and never changed.
	cfg   *Config
	start time.Time
	modes []*modeStats // by number in the mix
	seats []*seatStats // by player

	login, place, rtt samples

	ledger            // of who plays
	watchers watching // of who watches

	begun     atomic.Int64 // players, by the ramp
	desyncs   atomic.Int64
	failovers atomic.Int64
	walkouts  atomic.Int64 // of churn, as all below
	cuts      atomic.Int64
	resumes   atomic.Int64
	lost      atomic.Int64 // seats that could not be taken up again

	mu       sync.Mutex // guards what follows
	who      map[int]bool
	matches  map[protocol.MatchID]bool
	running  map[protocol.MatchID]int // players in it
	goodbyes map[string]int
	errors   map[string]int
	failures int

	// Of watch alone.
	series []Point
	last   totals
}

// A ledger is what those who play have seen, or those who watch.
type ledger struct {
	playing  atomic.Int64 // or watching
	hz       atomic.Int64 // updates a second that these should have
	updates  atomic.Int64
	bytes    atomic.Int64
	played   atomic.Int64 // ns of it, over all of them
	expected atomic.Int64 // updates
}

// watching is what is counted of those who watch.
type watching struct {
	ledger
	gaps   samples
	joins  atomic.Int64
	missed atomic.Int64 // times that events were lost to them

	// Guarded by the mu of stats.
	who      map[int]bool
	goodbyes map[string]int
}

// modeStats is what is counted for each mode by itself.
type modeStats struct {
	gaps    samples
	updates atomic.Int64
	joins   atomic.Int64
}

// seatStats is what one player has seen lately.
type seatStats struct {
	worst  atomic.Int64 // µs, the largest gap since it was last asked for
	rtt    atomic.Int64 // µs, the latest
	recent [slowSeconds]int64
}

func newStats(cfg *Config) *stats {
	s := &stats{cfg: cfg, start: time.Now(), who: map[int]bool{}, matches: map[protocol.MatchID]bool{}, running: map[protocol.MatchID]int{},
		goodbyes: map[string]int{}, errors: map[string]int{}}
	s.watchers.who, s.watchers.goodbyes = map[int]bool{}, map[string]int{}
	for range cfg.mix {
		s.modes = append(s.modes, &modeStats{})
	}
	for range cfg.Clients {
		s.seats = append(s.seats, &seatStats{})
	}
	return s
}

// joined counts a player into a match, parted out of it.
func (s *stats) joined(player, mode int, id protocol.MatchID) {
	s.modes[mode].joins.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.who[player], s.matches[id] = true, true
	s.running[id]++
}

func (s *stats) parted(id protocol.MatchID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[id]--; s.running[id] == 0 {
		delete(s.running, id)
	}
}

// watched counts somebody into a match to watch it.
func (s *stats) watched(player int) {
	s.watchers.joins.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers.who[player] = true
}

func (s *stats) goodbye(r protocol.Reason, watches bool) {
	if r == protocol.Normal || r.Code == 1000 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.goodbyes[r.Text]++
	if watches {
		s.watchers.goodbyes[r.Text]++
	}
}

func (s *stats) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures++
	if text := cause(err); len(s.errors) < 100 || s.errors[text] > 0 {
		s.errors[text]++
	}
}

// cause is an error's text without what is new each time, a ticket's address
// or a port of our own, so that the same cause counts as one.
func cause(err error) string {
	text := err.Error()
	var of *url.Error
	if errors.As(err, &of) {
		text = strings.Replace(text, of.Error(), of.Err.Error(), 1)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Addr != nil {
		text = strings.Replace(text, op.Error(), fmt.Sprintf("%s %s: %v", op.Op, op.Addr, op.Err), 1)
	}
	return text
}

// sampleRTT takes the round trip once a second while the game goes on, and at
// its end: a round may be over before the first second is. Before the first
// input is acked there is none.
func (s *stats) sampleRTT(g *client.Game, player int) {
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
			s.seats[player].rtt.Store(int64(rtt / time.Microsecond))
		}
	}
}

// gaps are those of all modes.
func (s *stats) gaps(take func(*samples, []uint32) []uint32) (us []uint32) {
	for _, m := range s.modes {
		us = take(&m.gaps, us)
	}
	return us
}

// told are copies of what players were told by servers, and of what failed.
func (s *stats) told() (goodbyes, errors map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.goodbyes), maps.Clone(s.errors)
}
