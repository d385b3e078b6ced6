//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// figures are what was measured.
type figures struct {
	asked   map[string]bool // the parts that should be
	failed  []error         // and why some were not
	runs    []Run
	storm   *Storm
	metrics map[string]map[string]float64 // of Go benchmarks, by name and unit
}

// measureAll measures each part that the config asks for. One that fails leaves
// the others as they are.
func measureAll(ctx context.Context, cfg *config) *figures {
	f := &figures{asked: map[string]bool{}}
	for _, s := range cfg.shapes {
		r, err := measure(ctx, cfg, s)
		if f.tried(err, s.String()) {
			f.runs = append(f.runs, r)
		}
	}
	if cfg.handshakes > 0 || cfg.storm > 0 {
		s, err := measureStorm(ctx, cfg)
		if f.tried(err, partHandshakes(cfg.handshakes), partStorm(cfg.storm)) {
			f.storm = &s
		}
	}
	if cfg.goals {
		m, err := runBenchmarks(ctx)
		f.metrics = m
		f.tried(err, partBenchmarks)
	}
	return f
}

// tried writes down that parts were asked for, and whether it went well.
func (f *figures) tried(err error, parts ...string) (ok bool) {
	for _, part := range parts {
		f.asked[part] = true
		if err != nil {
			f.failed = append(f.failed, fmt.Errorf("NOT MEASURED: %s: %w", part, err))
		}
	}
	return err == nil
}

// A judged is a goal with what came of it.
type judged struct {
	What     string   `json:"what"`
	Measured *float64 `json:"measured"` // null if it was not
	Most     *float64 `json:"most,omitempty"`
	Verdict  string   `json:"verdict,omitempty"`
}

const (
	reached     = "reached"
	missed      = "MISSED"
	notMeasured = "NOT MEASURED"
)

// judge looks at the goals of all parts that were asked for.
func (f *figures) judge() (all []judged) {
	for i := range goals {
		if g := &goals[i]; f.asked[g.part] {
			all = append(all, g.judge(f))
		}
	}
	return all
}

func (g *goal) judge(f *figures) judged {
	j := judged{What: g.what}
	if g.exact || g.most > 0 {
		j.Most = &g.most
	}
	value, ok := g.value(f)
	switch {
	case !ok || math.IsNaN(value) || math.IsInf(value, 0):
		j.Verdict = notMeasured
		return j
	case j.Most != nil && value > g.most:
		j.Verdict = missed
	case j.Most != nil:
		j.Verdict = reached
	}
	j.Measured = &value
	return j
}

// verdict is an error unless everything was measured and every goal is reached.
func (f *figures) verdict() error {
	count := map[string]int{}
	for _, j := range f.judge() {
		count[j.Verdict]++
	}
	err := errors.Join(f.failed...)
	if bad := count[missed] + count[notMeasured]; bad > 0 {
		err = errors.Join(err, fmt.Errorf("%d goals missed, %d figures not measured", count[missed], count[notMeasured]))
	}
	return err
}

// A report is all of it as JSON.
type report struct {
	Runs       []Run                         `json:"runs"`
	Storms     []Storm                       `json:"storms,omitempty"`
	Benchmarks map[string]map[string]float64 `json:"benchmarks,omitempty"`
	Goals      []judged                      `json:"goals,omitempty"`
	Failed     []string                      `json:"failed,omitempty"`
}

func (f *figures) report() report {
	r := report{Runs: append([]Run{}, f.runs...), Benchmarks: f.metrics, Goals: f.judge()}
	if f.storm != nil {
		r.Storms = []Storm{*f.storm}
	}
	for _, err := range f.failed {
		r.Failed = append(r.Failed, err.Error())
	}
	return r
}

// print writes all of it for people.
func (f *figures) print(w io.Writer) {
	printTable(w, f.runs)
	if f.storm != nil {
		f.storm.print(w)
	}
	printGoals(w, f.judge())
	for _, err := range f.failed {
		fmt.Fprintln(w, err)
	}
}

func printGoals(w io.Writer, all []judged) {
	if len(all) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nfigure\tmeasured\tgoal\t\t")
	for _, j := range all {
		measured, most := "-", ""
		if j.Measured != nil {
			measured = fmt.Sprintf("%.2f", *j.Measured)
		}
		if j.Most != nil {
			most = fmt.Sprintf("≤ %v", *j.Most)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t\n", j.What, measured, most, j.Verdict)
	}
	_ = t.Flush()
}
