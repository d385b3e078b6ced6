package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
)

// style is how the parts of the picture look.
type style struct{ title, faint, value, line, good, warn, bad lipgloss.Style }

// newStyle uses the sixteen colours that every terminal has its own shades of,
// so that it need not be asked whether it is light or dark.
func newStyle() style {
	color := func(ansi string) lipgloss.Style { return lipgloss.NewStyle().Foreground(lipgloss.Color(ansi)) }
	return style{
		title: lipgloss.NewStyle().Bold(true), faint: lipgloss.NewStyle().Faint(true), value: lipgloss.NewStyle().Bold(true),
		line: color("6"), good: color("2"), warn: color("3"), bad: color("1").Bold(true),
	}
}

// What a row is made of: a label, a value, a sparkline as wide as there is
// room, and a word on the right.
const (
	labelWide, valueWide, noteWide = 9, 13, 18
	least                          = 60 // columns that it can be drawn in
)

// picture draws a run on a screen of so many columns and rows.
func (st style) picture(p *Progress, width, height int, stopping bool) string {
	width = max(least, width)
	rows := append(st.head(p, width), st.rates(p, width)...)
	rows = append(rows, "")
	rows = append(rows, st.gaps(p, width)...)
	rows = append(rows, "")
	foot := "Ctrl-C ends the run and reports"
	if stopping {
		foot = "The run ends; players leave …"
	}
	rows = append(rows, st.below(p, width, height-len(rows)-1)...)
	for len(rows) < height-1 {
		rows = append(rows, "")
	}
	rows = append(rows[:max(0, min(len(rows), height-1))], " "+st.faint.Render(foot))
	return strings.Join(rows, "\n")
}

// head is what is run, and how far it has come.
func (st style) head(p *Progress, width int) []string {
	at := time.Duration(last(p).At * float64(time.Second))
	clock := fmt.Sprintf("%v of %v", at.Round(time.Second), p.Of.Round(time.Second))
	room := width - 3 - len("muster bots ") - len(clock)
	name := fit(p.Wanted, room)
	done := min(width-2, int(float64(width-2)*at.Seconds()/max(1, p.Of.Seconds())))
	return []string{
		" " + st.title.Render("muster bots ") + name + pad(name, room+1) + clock,
		" " + st.line.Render(strings.Repeat("━", done)) + st.faint.Render(strings.Repeat("─", width-2-done)),
		"",
	}
}

func last(p *Progress) Point { return p.Series[len(p.Series)-1] }

func (st style) rates(p *Progress, width int) []string {
	now := last(p)
	due := st.good
	share := 100.0
	if now.Due > 0 {
		share = 100 * now.Updates / float64(now.Due)
	}
	if share < 90 {
		due = st.warn
	}
	each := 0.0
	if now.Playing > 0 {
		each = now.Bytes / float64(now.Playing)
	}
	of := func(f func(*Point) float64) []float64 { return values(p, f) }
	where := fmt.Sprintf("%d matches", now.Matches)
	if now.Watching > 0 {
		where += fmt.Sprintf(", %d watch", now.Watching)
	}
	return []string{
		st.row(width, "players", fmt.Sprintf("%d of %d", now.Playing, p.Clients), of(func(x *Point) float64 { return float64(x.Playing) }), where, st.faint),
		st.row(width, "updates", fmt.Sprintf("%.0f /s", now.Updates), of(func(x *Point) float64 { return x.Updates }), fmt.Sprintf("%.0f %% of those due", share), due),
		st.row(width, "traffic", size(now.Bytes)+"/s", of(func(x *Point) float64 { return x.Bytes }), size(each)+"/s each", st.faint),
	}
}

// gaps are between two updates of a player, and its round trips.
func (st style) gaps(p *Progress, width int) []string {
	row := func(name string, f func(*Point) float64) string {
		v := values(p, f)
		return st.row(width, name, fmt.Sprintf("%.1f ms", v[len(v)-1]), v, fmt.Sprintf("at most %.0f", slices.Max(v)), st.faint)
	}
	return []string{
		row("gap p50", func(x *Point) float64 { return x.Gap.P50 }),
		row("gap p99", func(x *Point) float64 { return x.Gap.P99 }),
		row("gap max", func(x *Point) float64 { return x.Gap.Max }),
		row("rtt p50", func(x *Point) float64 { return x.RTT.P50 }),
		row("rtt p99", func(x *Point) float64 { return x.RTT.P99 }),
	}
}

func values(p *Progress, f func(*Point) float64) []float64 {
	v := make([]float64, len(p.Series))
	for i := range p.Series {
		v[i] = f(&p.Series[i])
	}
	return v
}

func (st style) row(width int, label, value string, v []float64, note string, noteStyle lipgloss.Style) string {
	room := width - labelWide - valueWide - noteWide - 4
	line := spark(v, room)
	return " " + label + pad(label, labelWide) + pad(value, valueWide) + st.value.Render(value) + "  " +
		st.line.Render(line) + pad(line, room+1) + noteStyle.Render(fit(note, noteWide))
}

// below puts the slowest players beside what went wrong.
func (st style) below(p *Progress, width, rows int) (all []string) {
	half := width/2 - 1
	left, right := st.slow(p, half), st.wrong(p, width-half-2)
	for i := range min(max(len(left), len(right)), max(rows, 0)) {
		line := " "
		if i < len(left) {
			line += left[i].text
			line += strings.Repeat(" ", max(0, half-left[i].wide))
		} else {
			line += strings.Repeat(" ", half)
		}
		if i < len(right) {
			line += right[i].text
		}
		all = append(all, strings.TrimRight(line, " "))
	}
	return all
}

// A cell is a styled text and the columns that it takes.
type cell struct {
	text string
	wide int
}

func styled(s lipgloss.Style, text string) cell { return cell{s.Render(text), len([]rune(text))} }

func (st style) slow(p *Progress, width int) []cell {
	all := []cell{styled(st.title, fmt.Sprintf("slowest of %d s", slowSeconds))}
	for _, s := range p.Slowest {
		text := fmt.Sprintf("%-8s %-11s %4.0f ms, rtt %.0f", fmt.Sprintf("bot %d", s.Player), fit(s.Mode, 11), s.Gap, s.RTT)
		all = append(all, styled(st.faint, fit(text, width-2)))
	}
	return all
}

// wrong is what should not be, with the most frequent reasons, and churn, which
// was asked for.
func (st style) wrong(p *Progress, width int) []cell {
	count := func(name string, n int64) cell {
		s := st.good
		if n > 0 {
			s = st.bad
		}
		return styled(s, fmt.Sprintf("%-9s %d", name, n))
	}
	all := []cell{count("desyncs", p.Desyncs), count("errors", int64(p.Errors))}
	all = append(all, st.reasons(p.ErrorTexts, 3, width)...)
	goodbyes := 0
	for _, n := range p.Goodbyes {
		goodbyes += n
	}
	all = append(all, count("goodbyes", int64(goodbyes)))
	all = append(all, st.reasons(p.Goodbyes, 2, width)...)
	if n := p.Walkouts + p.Cuts + p.Lost; n > 0 {
		all = append(all, styled(st.faint, fit(fmt.Sprintf("churn     %d left, %d cut off", p.Walkouts, p.Cuts), width)),
			styled(st.faint, fit(fmt.Sprintf("          %d resumed, %d seats lost", p.Resumes, p.Lost), width)))
	}
	if p.Failovers > 0 {
		all = append(all, styled(st.warn, fmt.Sprintf("failover  %d to another address", p.Failovers)))
	}
	return all
}

// reasons are the most frequent, one a line.
func (st style) reasons(counts map[string]int, most, width int) (all []cell) {
	for _, name := range frequent(counts)[:min(most, len(counts))] {
		all = append(all, styled(st.faint, fit(fmt.Sprintf("  %4d  %s", counts[name], name), width)))
	}
	return all
}

// frequent are the names of what was counted, the most frequent first.
func frequent(counts map[string]int) (names []string) {
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(counts[b]-counts[a], strings.Compare(a, b)) })
	return names
}

// spark draws the last values, from 0 to their largest, one a column.
func spark(v []float64, width int) string {
	const bars = "▁▂▃▄▅▆▇█"
	v = v[max(0, len(v)-width):]
	most := max(slices.Max(v), 1e-9)
	var b strings.Builder
	for _, x := range v {
		b.WriteRune([]rune(bars)[min(7, max(0, int(8*x/most)))])
	}
	return b.String()
}

// pad is what a text lacks to be so wide.
func pad(text string, width int) string {
	return strings.Repeat(" ", max(0, width-len([]rune(text))))
}

// fit cuts what is wider.
func fit(text string, width int) string {
	if r := []rune(text); len(r) > width {
		return string(r[:max(0, width-1)]) + "…"
	}
	return text
}

// size is a number of bytes for people.
func size(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f KB", n/1e3)
	}
	return fmt.Sprintf("%.0f B", n)
}
