package main

import (
	"fmt"
	"io"
	"maps"
	"time"
)

// A Report is what a run came to. Times are in ms.
type Report struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Mode    string    `json:"mode"` // the mix
	Servers []string  `json:"servers"`
	Net     string    `json:"net,omitempty"`

	Clients         int         `json:"clients"` // who play
	Joined          int         `json:"joined"`  // players who got into a match
	Matches         int         `json:"matches"`
	Updates         int64       `json:"updates"`
	UpdatesExpected int64       `json:"updates_expected"` // rate times time in matches, the first and the last included
	BytesPerClientS float64     `json:"bytes_per_client_s"`
	BytesPerUpdate  float64     `json:"bytes_per_update"`
	Gap             Percentiles `json:"gap_ms"` // between two frames of a client
	RTT             Percentiles `json:"rtt_ms"` // from an input to the frame that acks it
	Login           Percentiles `json:"login_ms"`
	Place           Percentiles `json:"place_ms"` // from the ticket to the assignment

	Desyncs    int64          `json:"desyncs"`
	Errors     int            `json:"errors"`
	Goodbyes   map[string]int `json:"goodbyes"`
	ErrorTexts map[string]int `json:"error_texts,omitempty"`
	Failovers  int64          `json:"failovers"` // to another address
	Walkouts   int64          `json:"walkouts"`  // matches left before their end
	Cuts       int64          `json:"cuts"`      // connections broken
	Resumes    int64          `json:"resumes"`   // seats taken up again after
	Lost       int64          `json:"lost"`      // seats that could not be

	Watchers *WatchReport `json:"watchers,omitempty"` // who watched instead of playing; in nothing above but desyncs, errors, goodbyes and churn

	Modes   []ModeReport `json:"modes"`
	Slowest []Slow       `json:"slowest"` // in the last seconds
	Goals   []Verdict    `json:"goals,omitempty"`
	Series  []Point      `json:"series"`
}

// A ModeReport is about one mode of the mix.
type ModeReport struct {
	Mode    string      `json:"mode"`
	Players int         `json:"players"`
	Joins   int64       `json:"joins"`
	Updates int64       `json:"updates"`
	Gap     Percentiles `json:"gap_ms"`
}

// A WatchReport is about those who watch.
type WatchReport struct {
	Clients         int            `json:"clients"`
	Joined          int            `json:"joined"` // who have come to watch a match
	Joins           int64          `json:"joins"`
	Updates         int64          `json:"updates"`
	UpdatesExpected int64          `json:"updates_expected"`
	BytesPerClientS float64        `json:"bytes_per_client_s"`
	Gap             Percentiles    `json:"gap_ms"`
	Missed          int64          `json:"event_gaps"` // times that events were lost to them
	Goodbyes        map[string]int `json:"goodbyes"`   // among all
}

func (s *stats) watchReport() *WatchReport {
	if s.cfg.Watch == 0 {
		return nil
	}
	w := &s.watchers
	s.mu.Lock()
	defer s.mu.Unlock()
	return &WatchReport{
		Clients: s.cfg.Watch, Joined: len(w.who), Joins: w.joins.Load(), Updates: w.updates.Load(), UpdatesExpected: w.expected.Load(),
		BytesPerClientS: w.bytesPerSecond(), Gap: w.gaps.percentiles(), Missed: w.missed.Load(), Goodbyes: maps.Clone(w.goodbyes),
	}
}

// bytesPerSecond is what one client was sent in a second of play.
func (t *ledger) bytesPerSecond() float64 {
	if played := time.Duration(t.played.Load()).Seconds(); played > 0 {
		return float64(t.bytes.Load()) / played
	}
	return 0
}

func (s *stats) report() *Report {
	p := s.progress(0)
	r := &Report{
		Started: s.start, Seconds: time.Since(s.start).Seconds(), Mode: s.cfg.Mode, Servers: s.cfg.servers, Net: s.cfg.netText,
		Clients: p.Clients, Joined: p.Joined, Matches: p.Matches, Updates: p.Updates, UpdatesExpected: s.expected.Load(),
		Gap: percentiles(s.gaps((*samples).all)), RTT: s.rtt.percentiles(), Login: s.login.percentiles(), Place: s.place.percentiles(),
		Desyncs: p.Desyncs, Errors: p.Errors, Goodbyes: p.Goodbyes, ErrorTexts: p.ErrorTexts,
		Failovers: p.Failovers, Walkouts: p.Walkouts, Cuts: p.Cuts, Resumes: p.Resumes, Lost: p.Lost,
		Slowest: p.Slowest, Series: p.Series, BytesPerClientS: s.bytesPerSecond(), Watchers: s.watchReport(),
	}
	if r.Updates > 0 {
		r.BytesPerUpdate = float64(s.bytes.Load()) / float64(r.Updates)
	}
	for i, m := range s.modes {
		r.Modes = append(r.Modes, ModeReport{s.cfg.mix.name(i), s.cfg.playersOf(i), m.joins.Load(), m.updates.Load(), m.gaps.percentiles()})
	}
	return r
}

// playersOf is how many play a mode of the mix.
func (c *Config) playersOf(mode int) (n int) {
	for i := range c.Clients {
		if c.modeOf(i) == mode && !c.watches(i) {
			n++
		}
	}
	return n
}

func (r *Report) print(w io.Writer) {
	fmt.Fprintf(w, "clients   %d, joined %d, in %d matches\n", r.Clients, r.Joined, r.Matches)
	fmt.Fprintf(w, "updates   %d of %d expected (%.1f %%)\n", r.Updates, r.UpdatesExpected, r.updatesPercent())
	fmt.Fprintf(w, "bytes     %.0f per client and second, %.1f per update\n", r.BytesPerClientS, r.BytesPerUpdate)
	fmt.Fprintf(w, "gap       p50 %.1f  p99 %.1f  p999 %.1f  max %.1f ms\n", r.Gap.P50, r.Gap.P99, r.Gap.P999, r.Gap.Max)
	fmt.Fprintf(w, "rtt       p50 %.1f  p99 %.1f ms\n", r.RTT.P50, r.RTT.P99)
	fmt.Fprintf(w, "login     p50 %.1f  p99 %.1f ms\n", r.Login.P50, r.Login.P99)
	fmt.Fprintf(w, "place     p50 %.0f  p99 %.0f ms\n", r.Place.P50, r.Place.P99)
	if len(r.Modes) > 1 {
		for _, m := range r.Modes {
			fmt.Fprintf(w, "%-9s %d players, %d joins, %d updates, gap p50 %.1f  p99 %.1f ms\n", m.Mode, m.Players, m.Joins, m.Updates, m.Gap.P50, m.Gap.P99)
		}
	}
	if v := r.Watchers; v != nil {
		fmt.Fprintf(w, "watchers  %d, joined %d, %d of %d updates, %.0f bytes per second, gap p50 %.1f  p99 %.1f ms, %d times events missed\n",
			v.Clients, v.Joined, v.Updates, v.UpdatesExpected, v.BytesPerClientS, v.Gap.P50, v.Gap.P99, v.Missed)
	}
	if r.Walkouts+r.Cuts+r.Failovers > 0 {
		fmt.Fprintf(w, "churn     %d left, %d cut off, %d resumed, %d seats lost; %d went to another address\n", r.Walkouts, r.Cuts, r.Resumes, r.Lost, r.Failovers)
	}
	fmt.Fprintf(w, "desyncs   %d\nerrors    %d %v\ngoodbyes  %v\n", r.Desyncs, r.Errors, r.ErrorTexts, r.Goodbyes)
}

func (r *Report) updatesPercent() float64 {
	return 100 * float64(r.Updates) / max(1, float64(r.UpdatesExpected))
}

func (r *Report) allGoodbyes() (n int) {
	for _, of := range r.Goodbyes {
		n += of
	}
	return n
}

// watchers are those there were, or nobody.
func (r *Report) watchers() *WatchReport {
	if r.Watchers == nil {
		return &WatchReport{}
	}
	return r.Watchers
}
