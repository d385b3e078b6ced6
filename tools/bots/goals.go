package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

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
	"gap_p50":       func(r *Report) float64 { return r.Gap.P50 },
	"gap_p99":       func(r *Report) float64 { return r.Gap.P99 },
	"gap_p999":      func(r *Report) float64 { return r.Gap.P999 },
	"gap_max":       func(r *Report) float64 { return r.Gap.Max },
	"rtt_p50":       func(r *Report) float64 { return r.RTT.P50 },
	"rtt_p99":       func(r *Report) float64 { return r.RTT.P99 },
	"login_p99":     func(r *Report) float64 { return r.Login.P99 },
	"place_p99":     func(r *Report) float64 { return r.Place.P99 },
	"goodbyes":      func(r *Report) float64 { return float64(r.allGoodbyes()) },
	"lost":          func(r *Report) float64 { return float64(r.Lost) },
	"joined":        func(r *Report) float64 { return float64(r.Joined) },
	"desyncs":       func(r *Report) float64 { return float64(r.Desyncs) },
	"errors":        func(r *Report) float64 { return float64(r.Errors) },
	"updates_pct":   (*Report).updatesPercent,
	"watching":      func(r *Report) float64 { return float64(r.watchers().Joined) },
	"watch_gap_p99": func(r *Report) float64 { return r.watchers().Gap.P99 },
	"bytes":         func(r *Report) float64 { return r.BytesPerClientS },
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

// A Verdict is how a goal came out.
type Verdict struct {
	Goal string  `json:"goal"`
	Got  float64 `json:"got"`
	Met  bool    `json:"met"`
}

// judge holds a report against goals.
func (r *Report) judge(goals []goal) {
	for _, g := range goals {
		got := g.metric(r)
		r.Goals = append(r.Goals, Verdict{g.text, got, g.met(got)})
	}
}
