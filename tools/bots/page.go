package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"slices"
	"strings"
	"time"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"ms": ms, "size": size}).Parse(pageText))

// A page is a report for people: all that page.html shows.
type page struct {
	*Report
	Title  string
	Facts  []fact
	Times  []timeRow
	Charts []chart
	Counts []countTable
}

// A fact is a number at the top of the page.
type fact struct {
	Name, Value string
	Bad         bool
}

type timeRow struct {
	Name string
	Percentiles
}

type countTable struct {
	Name string
	Rows []countRow
}

type countRow struct {
	Name string
	N    int
}

// writePage writes the report as one file that needs no other.
func (r *Report) writePage(file string) error {
	text, err := r.page()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func (r *Report) page() ([]byte, error) {
	p := page{Report: r, Title: fmt.Sprintf("%d bots, %s", r.Clients, r.Mode), Facts: r.facts(), Charts: charts(r.Series),
		Times: []timeRow{{"Gap between updates", r.Gap}, {"Round trip", r.RTT}, {"Login", r.Login}, {"From ticket to match", r.Place}},
		Counts: slices.DeleteFunc([]countTable{counted("Errors", r.ErrorTexts), counted("Goodbyes", r.Goodbyes)},
			func(t countTable) bool { return len(t.Rows) == 0 })}
	if r.Watchers != nil {
		p.Times = append(p.Times, timeRow{"Gap of who watches", r.Watchers.Gap})
	}
	if len(r.Modes) > 1 {
		for _, m := range r.Modes {
			p.Times = append(p.Times, timeRow{fmt.Sprintf("Gap in %s (%d bots)", m.Mode, m.Players), m.Gap})
		}
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, p)
	return b.Bytes(), err
}

func (r *Report) facts() []fact {
	facts := []fact{
		{"in a match", fmt.Sprintf("%d of %d", r.Joined, r.Clients), r.Joined < r.Clients},
		{"matches", fmt.Sprint(r.Matches), false},
		{"of the updates due", fmt.Sprintf("%.1f %%", r.updatesPercent()), r.updatesPercent() < 90},
		{"gap p99", ms(r.Gap.P99) + " ms", false},
		{"a client and second", size(r.BytesPerClientS), false},
		{"an update", size(r.BytesPerUpdate), false},
		{"desyncs", fmt.Sprint(r.Desyncs), r.Desyncs > 0},
		{"errors", fmt.Sprint(r.Errors), r.Errors > 0},
		{"goodbyes", fmt.Sprint(r.allGoodbyes()), r.allGoodbyes() > 0},
	}
	if w := r.Watchers; w != nil {
		facts = append(facts, fact{"watching", fmt.Sprintf("%d of %d", w.Joined, w.Clients), w.Joined < w.Clients}, fact{"events missed", fmt.Sprint(w.Missed), w.Missed > 0})
	}
	if r.Walkouts+r.Cuts+r.Failovers > 0 {
		facts = append(facts, fact{"matches left", fmt.Sprint(r.Walkouts), false}, fact{"cut off, resumed", fmt.Sprintf("%d, %d", r.Cuts, r.Resumes), false},
			fact{"seats lost", fmt.Sprint(r.Lost), r.Lost > 0}, fact{"to another address", fmt.Sprint(r.Failovers), r.Failovers > 0})
	}
	return facts
}

func counted(name string, counts map[string]int) countTable {
	t := countTable{Name: name}
	for _, what := range frequent(counts) {
		t.Rows = append(t.Rows, countRow{what, counts[what]})
	}
	return t
}

// charts are the plots of a run, over its seconds.
func charts(series []Point) []chart {
	of := func(name string, f func(*Point) float64) curve {
		c := curve{Name: name}
		for i := range series {
			c.Values = append(c.Values, f(&series[i]))
		}
		return c
	}
	at := of("", func(p *Point) float64 { return p.At }).Values
	all := []chart{
		{Title: "Gap between updates", Unit: "ms", Curves: []curve{
			of("p50", func(p *Point) float64 { return p.Gap.P50 }), of("p90", func(p *Point) float64 { return p.Gap.P90 }), of("p99", func(p *Point) float64 { return p.Gap.P99 })}},
		{Title: "Largest gaps", Unit: "ms", Curves: []curve{
			of("p99.9", func(p *Point) float64 { return p.Gap.P999 }), of("largest", func(p *Point) float64 { return p.Gap.Max })}},
		{Title: "Updates a second", Curves: []curve{
			of("came", func(p *Point) float64 { return p.Updates }), of("due", func(p *Point) float64 { return float64(p.Due) })}},
		{Title: "Traffic to all clients", Unit: "KB/s", Curves: []curve{of("bytes", func(p *Point) float64 { return p.Bytes / 1000 })}},
		{Title: "Players", Curves: []curve{
			of("playing", func(p *Point) float64 { return float64(p.Playing) }), of("begun", func(p *Point) float64 { return float64(p.Begun) })}},
		{Title: "Matches they are in", Curves: []curve{of("matches", func(p *Point) float64 { return float64(p.Matches) })}},
		{Title: "Round trip", Unit: "ms", Curves: []curve{
			of("p50", func(p *Point) float64 { return p.RTT.P50 }), of("p99", func(p *Point) float64 { return p.RTT.P99 })}},
		{Title: "Errors, and goodbyes by reason", Bars: true, Curves: append([]curve{of("errors", func(p *Point) float64 { return float64(p.Errors) })}, goodbyes(series)...)},
	}
	for i := range all {
		all[i].draw(at)
	}
	return all
}

// goodbyes are a curve for each reason that servers gave.
func goodbyes(series []Point) (all []curve) {
	sum := map[string]int{}
	for _, p := range series {
		for reason, n := range p.Goodbyes {
			sum[reason] += n
		}
	}
	for _, reason := range frequent(sum) {
		c := curve{Name: reason}
		for _, p := range series {
			c.Values = append(c.Values, float64(p.Goodbyes[reason]))
		}
		all = append(all, c)
	}
	return all
}

// ms is a time for people.
func ms(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// When is the start for people.
func (p page) When() string { return p.Started.UTC().Format(time.RFC1123) }

// Where is what was loaded, and how.
func (p page) Where() string {
	text := fmt.Sprintf("%.0f s on %s", p.Seconds, strings.Join(p.Servers, ", "))
	if p.Net != "" {
		text += ", over a network of " + p.Net
	}
	return text
}
