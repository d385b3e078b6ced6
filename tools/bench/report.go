//go:build linux

package main

import (
	"fmt"
	"image/color"
	"io"
	"os"
	"text/tabwriter"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

func (r *Run) name() string {
	return shape{rooms: r.Rooms, seats: r.Players / r.Rooms, hz: r.Hz}.String()
}

func printTable(w io.Writer, runs []Run) {
	if len(runs) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "CPU us per client and tick:\tfloor\tbound\tserver\tserver/floor\tserver/bound\tbytes\tp95\tgap p50\tp99\tp999 ms\tfloor p99\tKiB/client\tupdates\tmachine busy\t")
	for _, r := range runs {
		fmt.Fprintf(t, "%s %s\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%.1f\t%.0f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f %%\t%.0f %%\t\n",
			r.Game, r.name(), r.FloorCPU, r.BoundCPU, r.ServerCPU, r.Ratio, r.ServerCPU/r.BoundCPU, r.PayloadMean, r.PayloadP95,
			r.Gap.P50, r.Gap.P99, r.Gap.P999, r.FloorGap.P99, r.RSS, r.Updates, r.Busy)
	}
	_ = t.Flush()
	for _, r := range runs {
		if r.OtherCPU > 0 {
			fmt.Fprintf(w, "%s %s: %.2f x the other server, which takes %.1f us\n", r.Game, r.name(), r.ServerCPU/r.OtherCPU, r.OtherCPU)
		}
	}
}

// plotRuns draws the three costs of each size beside each other.
func plotRuns(file string, runs []Run) error {
	p := plot.New()
	p.Title.Text = "CPU for each client and tick"
	p.Y.Label.Text = "µs"
	p.Y.Min = 0
	p.Legend.Top = true
	var names []string
	for _, r := range runs {
		names = append(names, r.name())
	}
	width := vg.Points(16)
	for i, way := range []struct {
		name  string
		color color.Color
		of    func(Run) float64
	}{
		{"bare gws (floor)", color.RGBA{0xb0, 0xb4, 0xbc, 0xff}, func(r Run) float64 { return r.FloorCPU }},
		{"Muster with the arena", color.RGBA{0xe8, 0x77, 0x22, 0xff}, func(r Run) float64 { return r.ServerCPU }},
		{"system calls alone (bound)", color.RGBA{0x2a, 0x6f, 0xbb, 0xff}, func(r Run) float64 { return r.BoundCPU }},
	} {
		var values plotter.Values
		for _, r := range runs {
			values = append(values, way.of(r))
		}
		bars, err := plotter.NewBarChart(values, width)
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width, bars.Offset = way.color, 0, vg.Length(i-1)*width
		p.Add(bars)
		p.Legend.Add(way.name, bars)
	}
	p.Y.Max *= 1.25 // room for the legend
	p.NominalX(names...)
	if err := p.Save(7*vg.Inch, 4*vg.Inch, file); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "drawn:", file)
	return nil
}
