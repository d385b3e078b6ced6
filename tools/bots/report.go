package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// A Report is what a run came to. Times are in ms.
type Report struct {
	Clients         int            `json:"clients"`
	Joined          int            `json:"joined"` // players who got into a match
	Matches         int            `json:"matches"`
	Updates         int64          `json:"updates"`
	UpdatesExpected int64          `json:"updates_expected"` // rate times time in matches, the first and the last included
	BytesPerClientS float64        `json:"bytes_per_client_s"`
	BytesPerUpdate  float64        `json:"bytes_per_update"`
	Gap             Fine           `json:"gap_ms"` // between two frames of a client
	RTT             Percentiles    `json:"rtt_ms"` // from an input to the frame that acks it
	Login           Percentiles    `json:"login_ms"`
	Place           Percentiles    `json:"place_ms"` // from the ticket to the assignment
	Desyncs         int64          `json:"desyncs"`
	Errors          int            `json:"errors"`
	Goodbyes        map[string]int `json:"goodbyes"`
	ErrorTexts      map[string]int `json:"error_texts,omitempty"`
}

// Percentiles of a set of times, in ms.
type Percentiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// Fine percentiles go further into the tail.
type Fine struct {
	Percentiles
	P999 float64 `json:"p999"`
}

func (s *stats) report() *Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &Report{
		Clients: s.clients, Joined: len(s.who), Matches: len(s.matches),
		Updates: s.updates.Load(), UpdatesExpected: s.expected.Load(),
		Gap: s.gaps.fine(), RTT: s.rtt.spread(), Login: s.login.spread(), Place: s.place.spread(),
		Desyncs: s.desyncs.Load(), Errors: s.failures, Goodbyes: s.goodbyes, ErrorTexts: s.errors,
	}
	if played := time.Duration(s.played.Load()).Seconds(); played > 0 {
		r.BytesPerClientS = float64(s.bytes.Load()) / played
	}
	if r.Updates > 0 {
		r.BytesPerUpdate = float64(s.bytes.Load()) / float64(r.Updates)
	}
	return r
}

func (s *samples) spread() Percentiles {
	p := s.percentiles(.5, .99)
	return Percentiles{p[0], p[1]}
}

func (s *samples) fine() Fine { return Fine{s.spread(), s.percentiles(.999)[0]} }

func (r *Report) print(w io.Writer) {
	fmt.Fprintf(w, "clients   %d, joined %d, in %d matches\n", r.Clients, r.Joined, r.Matches)
	fmt.Fprintf(w, "updates   %d of %d expected (%.1f %%)\n", r.Updates, r.UpdatesExpected, r.updatesPercent())
	fmt.Fprintf(w, "bytes     %.0f per client and second, %.1f per update\n", r.BytesPerClientS, r.BytesPerUpdate)
	fmt.Fprintf(w, "gap       p50 %.1f  p99 %.1f  p999 %.1f ms\n", r.Gap.P50, r.Gap.P99, r.Gap.P999)
	fmt.Fprintf(w, "rtt       p50 %.1f  p99 %.1f ms\n", r.RTT.P50, r.RTT.P99)
	fmt.Fprintf(w, "login     p50 %.1f  p99 %.1f ms\n", r.Login.P50, r.Login.P99)
	fmt.Fprintf(w, "place     p50 %.0f  p99 %.0f ms\n", r.Place.P50, r.Place.P99)
	fmt.Fprintf(w, "desyncs   %d\nerrors    %d %v\ngoodbyes  %v\n", r.Desyncs, r.Errors, r.ErrorTexts, r.Goodbyes)
}

func (r *Report) updatesPercent() float64 {
	return 100 * float64(r.Updates) / max(1, float64(r.UpdatesExpected))
}

// A goal is one condition of -slo.
type goal struct {
	text   string
	name   string
	op     string
	bound  float64
	metric func(*Report) float64
}

// metrics are what goals may be about; times are in ms.
var metrics = map[string]func(*Report) float64{
	"gap_p50":     func(r *Report) float64 { return r.Gap.P50 },
	"gap_p99":     func(r *Report) float64 { return r.Gap.P99 },
	"gap_p999":    func(r *Report) float64 { return r.Gap.P999 },
	"rtt_p50":     func(r *Report) float64 { return r.RTT.P50 },
	"rtt_p99":     func(r *Report) float64 { return r.RTT.P99 },
	"login_p99":   func(r *Report) float64 { return r.Login.P99 },
	"place_p99":   func(r *Report) float64 { return r.Place.P99 },
	"joined":      func(r *Report) float64 { return float64(r.Joined) },
	"desyncs":     func(r *Report) float64 { return float64(r.Desyncs) },
	"errors":      func(r *Report) float64 { return float64(r.Errors) },
	"updates_pct": (*Report).updatesPercent,
	"bytes":       func(r *Report) float64 { return r.BytesPerClientS },
}

// parseGoals reads conditions such as 'gap_p99<45ms,desyncs=0'.
func parseGoals(s string) (goals []goal, err error) {
	for text := range strings.SplitSeq(s, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		g, err := parseGoal(text)
		if err != nil {
			return nil, err
		}
		goals = append(goals, g)
	}
	return goals, nil
}

func parseGoal(text string) (g goal, err error) {
	at := strings.IndexAny(text, "<>=")
	if at < 0 {
		return g, fmt.Errorf("goal %q has none of < <= = >= >", text)
	}
	g = goal{text: text, name: text[:at], op: text[at : at+1], metric: metrics[text[:at]]}
	bound := text[at+1:]
	if strings.HasPrefix(bound, "=") && g.op != "=" {
		g.op, bound = g.op+"=", bound[1:]
	}
	if g.metric == nil {
		return g, fmt.Errorf("goal %q is about nothing that is measured", text)
	}
	if g.bound, err = strconv.ParseFloat(bound, 64); err != nil {
		d, err := time.ParseDuration(bound)
		g.bound = float64(d) / float64(time.Millisecond)
		if err != nil {
			return g, fmt.Errorf("goal %q: %q is neither a number nor a time", text, bound)
		}
	}
	return g, nil
}

func (g goal) met(got float64) bool {
	switch g.op {
	case "<":
		return got < g.bound
	case "<=":
		return got <= g.bound
	case ">":
		return got > g.bound
	case ">=":
		return got >= g.bound
	}
	return got == g.bound
}
