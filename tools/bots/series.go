package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// A Point is one second of a run.
type Point struct {
	At       float64        `json:"s"`     // since the start, at the second's end
	Begun    int64          `json:"begun"` // players, by the ramp
	Playing  int64          `json:"playing"`
	Watching int64          `json:"watching,omitempty"`
	Matches  int            `json:"matches"` // that they are in
	Updates  float64        `json:"updates_s"`
	Due      int64          `json:"updates_due_s"` // the rates of those who play
	Bytes    float64        `json:"bytes_s"`
	Gap      Percentiles    `json:"gap_ms"`
	RTT      Percentiles    `json:"rtt_ms"`
	Desyncs  int64          `json:"desyncs"` // of this second, as all below
	Errors   int            `json:"errors"`
	Goodbyes map[string]int `json:"goodbyes,omitempty"`
	Cuts     int64          `json:"cuts,omitempty"`
	Walkouts int64          `json:"walkouts,omitempty"`
}

// totals are what a point is the difference of.
type totals struct {
	at                                      time.Time
	updates, bytes, desyncs, cuts, walkouts int64
	errors                                  int
	goodbyes                                map[string]int
}

// Progress is what a run has come to so far.
type Progress struct {
	Of      time.Duration // the whole run
	Clients int           // who play
	Joined  int           // players who got into a match
	Matches int           // so far
	Updates int64
	Wanted  string  // modes
	Series  []Point // at least one while it goes on
	Slowest []Slow
	Watch   WatchProgress

	Desyncs, Failovers            int64
	Walkouts, Cuts, Resumes, Lost int64
	Errors                        int
	Goodbyes, ErrorTexts          map[string]int
}

// WatchProgress is about those who watch.
type WatchProgress struct {
	Joined         int
	Joins, Updates int64
}

// Slow is a player whose updates came late.
type Slow struct {
	Player int     `json:"player"`
	Mode   string  `json:"mode"`
	Gap    float64 `json:"gap_ms"` // its largest of the last seconds
	RTT    float64 `json:"rtt_ms"` // its latest
}

// How many seconds and players are looked at for the slowest.
const slowSeconds, slowMost = 10, 8

// watch shows a run of some length once a second until ctx is done.
func (s *stats) watch(ctx context.Context, of time.Duration, d display) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	s.last = totals{at: s.start, goodbyes: map[string]int{}}
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s.series = append(s.series, s.point(now))
			d.show(s.progress(of))
		}
	}
}

// point closes a second.
func (s *stats) point(now time.Time) Point {
	before, seconds := s.last, now.Sub(s.last.at).Seconds()
	goodbyes, _ := s.told()
	s.mu.Lock()
	matches, failures := len(s.running), s.failures
	s.mu.Unlock()
	s.last = totals{now, s.updates.Load(), s.bytes.Load(), s.desyncs.Load(), s.cuts.Load(), s.walkouts.Load(), failures, goodbyes}
	return Point{
		At: now.Sub(s.start).Seconds(), Begun: s.begun.Load(), Playing: s.playing.Load(), Watching: s.watchers.playing.Load(), Matches: matches,
		Updates: float64(s.last.updates-before.updates) / seconds, Due: s.hz.Load(), Bytes: float64(s.last.bytes-before.bytes) / seconds,
		Gap: percentiles(s.gaps((*samples).fresh)), RTT: percentiles(s.rtt.fresh(nil)),
		Desyncs: s.last.desyncs - before.desyncs, Errors: failures - before.errors, Goodbyes: since(goodbyes, before.goodbyes),
		Cuts: s.last.cuts - before.cuts, Walkouts: s.last.walkouts - before.walkouts,
	}
}

// since is what was counted between two times; nil where nothing was.
func since(now, before map[string]int) (more map[string]int) {
	for name, n := range now {
		if n > before[name] {
			if more == nil {
				more = map[string]int{}
			}
			more[name] = n - before[name]
		}
	}
	return more
}

func (s *stats) progress(of time.Duration) *Progress {
	p := &Progress{
		Of: of, Clients: s.cfg.Clients - s.cfg.Watch, Wanted: s.cfg.Mode, Updates: s.updates.Load(), Series: s.series, Slowest: s.slowest(),
		Desyncs: s.desyncs.Load(), Failovers: s.failovers.Load(), Walkouts: s.walkouts.Load(), Cuts: s.cuts.Load(), Resumes: s.resumes.Load(), Lost: s.lost.Load(),
	}
	p.Goodbyes, p.ErrorTexts = s.told()
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Joined, p.Matches, p.Errors = len(s.who), len(s.matches), s.failures
	p.Watch = WatchProgress{len(s.watchers.who), s.watchers.joins.Load(), s.watchers.updates.Load()}
	return p
}

// slowest are the players with the largest gaps of the last seconds, the worst
// first. It is called once a second.
func (s *stats) slowest() (all []Slow) {
	for i, seat := range s.seats {
		seat.recent[len(s.series)%slowSeconds] = seat.worst.Swap(0)
		if worst := slices.Max(seat.recent[:]); worst > 0 {
			all = append(all, Slow{i, s.cfg.mix.name(s.cfg.modeOf(i)), float64(worst) / 1000, float64(seat.rtt.Load()) / 1000})
		}
	}
	slices.SortFunc(all, func(a, b Slow) int { return cmp.Or(cmp.Compare(b.Gap, a.Gap), a.Player-b.Player) })
	return all[:min(slowMost, len(all))]
}

// lines shows a run as a line a second.
type lines struct{ w io.Writer }

func (l lines) show(p *Progress) {
	now := p.Series[len(p.Series)-1]
	watch := ""
	if now.Watching > 0 {
		watch = fmt.Sprintf(", %d watch", now.Watching)
	}
	fmt.Fprintf(l.w, "%4.0fs  playing %4d of %d in %d matches%s  %6.0f updates/s  %7.1f KB/s  gap p50 %.1f p99 %.1f ms  desyncs %d  errors %d\n",
		now.At, now.Playing, p.Clients, now.Matches, watch, now.Updates, now.Bytes/1000, now.Gap.P50, now.Gap.P99, p.Desyncs, p.Errors)
}
