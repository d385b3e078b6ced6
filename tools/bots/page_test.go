package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fixedReport is what a fixed run came to.
func fixedReport(seconds int) *Report {
	p := fixed(seconds)
	p.Series[seconds/2].Goodbyes = map[string]int{"too slow": 1, "server restarting": 4}
	p.Series[seconds/2].Errors = 7
	r := &Report{
		Started: time.Unix(1700000000, 0), Seconds: float64(seconds), Mode: "<b>mode</b>", Servers: []string{"http://10.0.0.1:8080"}, Net: "rtt=40ms",
		Clients: p.Clients, Joined: 1199, Matches: p.Matches, Updates: 99, UpdatesExpected: 100, Gap: Percentiles{33, 34, 40, 60, 88},
		Errors: p.Errors, ErrorTexts: map[string]int{"</script><script>alert(1)</script>": 7}, Goodbyes: p.Goodbyes, Cuts: p.Cuts, Resumes: p.Resumes,
		Modes:   []ModeReport{{Mode: "arena-ffa", Players: 900}, {Mode: "arena-duel", Players: 300}},
		Slowest: p.Slowest, Series: p.Series, Watchers: &WatchReport{Clients: 20, Joined: 19},
	}
	goals, _ := parseGoals("gap_p99<45ms,errors=0,gap_max<=88")
	r.judge(goals)
	return r
}

var data = regexp.MustCompile(`<script type="application/json">(.*)</script>`)

// TestThePageIsWhole: one file that asks nobody for more, shows all that is
// measured, and runs nothing that a server has said.
func TestThePageIsWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.html")
	r := fixedReport(30)
	if err := r.writePage(file); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, other := range []string{" src=", "<link", "@import", "url(", "<b>mode", "<script>alert", "ZgotmplZ"} {
		if strings.Contains(text, other) {
			t.Errorf("the page has %q", other)
		}
	}
	for _, what := range []string{"1199 of 1200", "99.0 %", "gap_p99&lt;45ms", "✓ met", "✗ missed", "Largest gaps", "server restarting",
		"Gap in arena-duel (300 bots)", "bot 1003", "rtt=40ms", "19 of 20", "Gap of who watches", "Tue, 14 Nov 2023"} {
		if !strings.Contains(text, what) {
			t.Errorf("the page has no %q", what)
		}
	}
	found := data.FindAllStringSubmatch(text, -1)
	if len(found) != len(charts(r.Series)) {
		t.Fatalf("%d charts have data", len(found))
	}
	for _, m := range found {
		var c struct {
			At     []float64
			Curves [][2]any
		}
		if err := json.Unmarshal([]byte(m[1]), &c); err != nil || len(c.At) != 30 || len(c.Curves) == 0 || len(c.Curves[0][1].([]any)) != 30 {
			t.Errorf("%v in %s", err, m[1])
		}
	}
}

func TestAPageOfNothing(t *testing.T) {
	if _, err := new(Report).page(); err != nil {
		t.Error(err)
	}
}

var number = regexp.MustCompile(`[0-9.]+`)

// TestChartsStayInside the plot, and touch its top with nothing.
func TestChartsStayInside(t *testing.T) {
	for _, seconds := range []int{1, 2, 30, 3000} {
		for _, c := range charts(fixedReport(seconds).Series) {
			for _, k := range c.Curves {
				if c.Bars {
					continue
				}
				for i, text := range number.FindAllString(k.Path, -1) {
					v, err := strconv.ParseFloat(text, 64)
					if err != nil || i%2 == 0 && (v < c.Left()-.1 || v > c.Right()+.1) || i%2 == 1 && (v < c.Top()-.1 || v > c.Bottom()+.1) {
						t.Fatalf("%s, %s of %d s: %s lies outside", c.Title, k.Name, seconds, text)
					}
				}
			}
			if len(c.YTicks) > ticksOfY+2 || len(c.XTicks) > ticksOfX+2 {
				t.Errorf("%s of %d s: %d and %d ticks", c.Title, seconds, len(c.XTicks), len(c.YTicks))
			}
		}
	}
}

func TestBarsStandUponEachOther(t *testing.T) {
	c := chart{Bars: true, Curves: []curve{{Values: []float64{0, 2}}, {Values: []float64{1, 3}}}}
	c.draw([]float64{1, 2})
	if c.largest() != 5 || c.most < 5 {
		t.Fatalf("the axis ends at %g", c.most)
	}
	var tops []float64
	for _, k := range c.Curves {
		all := number.FindAllString(k.Path, -1)
		v, _ := strconv.ParseFloat(all[len(all)-2], 64) // V of the last bar
		tops = append(tops, v)
	}
	if math.Abs(tops[0]-c.y(2)) > .1 || math.Abs(tops[1]-c.y(5)) > .1 {
		t.Errorf("tops at %v, want %v and %v", tops, c.y(2), c.y(5))
	}
}

func TestAxis(t *testing.T) {
	for _, c := range []struct{ value, end, step float64 }{{0, 1, 1}, {1, 1, .5}, {3.9, 4, 1}, {100, 100, 50}, {101, 150, 50}, {0.03, .03, .01}, {98765, 100000, 50000}} {
		if end, step := axis(c.value, 4); math.Abs(end-c.end) > c.end*1e-9 || math.Abs(step-c.step) > c.step*1e-9 {
			t.Errorf("%g: to %g by %g, want %g by %g", c.value, end, step, c.end, c.step)
		}
	}
}
