package main

import (
	"fmt"
	"math"
	"strings"
)

// A chart is a plot over seconds, as an SVG of its own in page.html: curves, or
// bars that stand upon each other. Set Title, Unit, Bars and Curves; draw fills
// in the rest, in the units of the drawing.
type chart struct {
	Title, Unit string
	Bars        bool
	Curves      []curve

	At     []float64 // seconds, for the reader's pointer
	XTicks []tick
	YTicks []tick
	most   float64 // the top of the y axis
	until  float64 // the right of the x axis
}

type curve struct {
	Name   string
	Values []float64
	Path   string // of the SVG
}

// A tick is a line of the grid.
type tick struct {
	Pos  float64
	Text string
}

// The drawing: the plot and the room for its axes around it.
const (
	chartWide, chartHigh           = 560.0, 200.0
	plotLeft, plotTop              = 46.0, 8.0
	plotWide, plotHigh             = chartWide - plotLeft - 8, chartHigh - plotTop - 22
	ticksOfY, ticksOfX, barsFilled = 4, 8, .8
)

func (c *chart) draw(at []float64) {
	c.At = at
	c.until = 1
	if n := len(at); n > 0 {
		c.until = max(1, at[n-1])
	}
	most, step := axis(c.largest(), ticksOfY)
	c.most = most
	for v := 0.0; v <= most+step/2; v += step {
		c.YTicks = append(c.YTicks, tick{c.y(v), label(v)})
	}
	_, step = axis(c.until, ticksOfX)
	for s := 0.0; s <= c.until; s += step {
		c.XTicks = append(c.XTicks, tick{c.x(s), label(s)})
	}
	base := make([]float64, len(at))
	for i := range c.Curves {
		if c.Bars {
			c.Curves[i].Path = c.bars(c.Curves[i].Values, base)
		} else {
			c.Curves[i].Path = c.line(c.Curves[i].Values)
		}
	}
}

// largest is the largest value, or sum of bars.
func (c *chart) largest() (most float64) {
	for i := range c.At {
		sum := 0.0
		for _, k := range c.Curves {
			if sum += k.Values[i]; !c.Bars {
				most = max(most, k.Values[i])
			}
		}
		if c.Bars {
			most = max(most, sum)
		}
	}
	return most
}

// axis is where an axis ends that holds a value, and the step between its
// ticks: 1, 2 or 5 times a power of ten.
func axis(value float64, ticks int) (end, step float64) {
	if value <= 0 {
		return 1, 1
	}
	raw := value / float64(ticks)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step = power
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * power; step >= raw {
			break
		}
	}
	return math.Ceil(value/step) * step, step
}

func label(v float64) string {
	if v >= 10000 {
		return fmt.Sprintf("%gk", math.Round(v/100)/10)
	}
	return fmt.Sprintf("%g", math.Round(v*1000)/1000)
}

func (c *chart) x(seconds float64) float64 { return plotLeft + plotWide*seconds/c.until }
func (c *chart) y(value float64) float64   { return plotTop + plotHigh*(1-value/c.most) }

func (c *chart) line(values []float64) string {
	var b strings.Builder
	for i, v := range values {
		fmt.Fprintf(&b, "%c%.1f %.1f", "ML"[min(i, 1)], c.x(c.At[i]), c.y(v))
	}
	return b.String()
}

// bars stand on base, and raise it.
func (c *chart) bars(values, base []float64) string {
	var b strings.Builder
	wide := barsFilled * plotWide / max(1, c.until)
	for i, v := range values {
		if v == 0 {
			continue
		}
		bottom := c.y(base[i])
		base[i] += v
		fmt.Fprintf(&b, "M%.1f %.1fH%.1fV%.1fH%.1fZ", max(plotLeft, c.x(c.At[i])-wide), bottom, c.x(c.At[i]), c.y(base[i]), max(plotLeft, c.x(c.At[i])-wide))
	}
	return b.String()
}

// Left, Right, Top and Bottom are the plot's sides.
func (c chart) Left() float64   { return plotLeft }
func (c chart) Right() float64  { return plotLeft + plotWide }
func (c chart) Top() float64    { return plotTop }
func (c chart) Bottom() float64 { return plotTop + plotHigh }
func (c chart) Wide() float64   { return chartWide }
func (c chart) High() float64   { return chartHigh }
