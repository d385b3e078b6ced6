package main

import (
	"slices"
	"sync"
	"time"
)

// samples is a set of durations, kept whole so that percentiles are exact.
type samples struct {
	mu   sync.Mutex
	us   []uint32 // µs
	seen int      // of them at the last fresh
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.us = append(s.us, uint32(d/time.Microsecond))
}

// all appends every sample, and fresh those since the last call of fresh.
func (s *samples) all(us []uint32) []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(us, s.us...)
}

func (s *samples) fresh(us []uint32) []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	us = append(us, s.us[s.seen:]...)
	s.seen = len(s.us)
	return us
}

// Percentiles of a set of times, in ms; zeros where there is nothing.
type Percentiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// percentiles sorts us.
func percentiles(us []uint32) Percentiles {
	if len(us) == 0 {
		return Percentiles{}
	}
	slices.Sort(us)
	at := func(p float64) float64 { return float64(us[min(len(us)-1, int(p*float64(len(us))))]) / 1000 }
	return Percentiles{at(.5), at(.9), at(.99), at(.999), at(1)}
}

func (s *samples) percentiles() Percentiles { return percentiles(s.all(nil)) }
