package main

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The plot has two halves: what a wait buys, match by match, and how long the
// waits are over the day.
const (
	plotWidth  = 12 * vg.Inch
	plotHeight = 5 * vg.Inch
	plotPoints = 3000 // at most, so that the file stays small
)

var (
	plotBlue   = color.RGBA{R: 0x1f, G: 0x5f, B: 0xb4, A: 0xff}
	plotPale   = color.NRGBA{R: 0x1f, G: 0x5f, B: 0xb4, A: 0x60}
	plotOrange = color.RGBA{R: 0xe0, G: 0x6c, B: 0x10, A: 0xff}
)

func checkPlot(file string) error {
	switch ext := filepath.Ext(file); {
	case file == "" || ext == ".svg" || ext == ".png":
		return nil
	default:
		return fmt.Errorf("-plot %q, want a name that ends in .svg or .png", file)
	}
}

// plot draws the day to a file.
func (d *day) plot(file string) (err error) {
	if len(d.points) == 0 {
		return errors.New("no match to draw")
	}
	quality, err := d.plotQuality()
	if err != nil {
		return err
	}
	waits, err := d.plotWaits()
	if err != nil {
		return err
	}
	var canvas sheet = vgsvg.New(plotWidth, plotHeight)
	if filepath.Ext(file) == ".png" {
		canvas = vgimg.PngCanvas{Canvas: vgimg.New(plotWidth, plotHeight)}
	}
	tiles := draw.Tiles{Rows: 1, Cols: 2, PadX: vg.Inch / 2, PadTop: vg.Inch / 8, PadBottom: vg.Inch / 8, PadLeft: vg.Inch / 8, PadRight: vg.Inch / 8}
	halves := plot.Align([][]*plot.Plot{{quality, waits}}, tiles, draw.New(canvas))
	quality.Draw(halves[0][0])
	waits.Draw(halves[0][1])
	return write(file, canvas)
}

// A sheet is drawn upon and then written.
type sheet interface {
	vg.CanvasSizer
	io.WriterTo
}

func write(file string, canvas sheet) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(f); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// plotQuality sets the wait of each match against its gap.
func (d *day) plotQuality() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s, %d players a day: what waiting buys", d.cfg.Mode, d.cfg.Players)
	p.X.Label.Text, p.Y.Label.Text = "mean wait of a match (s)", "gap between its teams (points)"
	p.Add(plotter.NewGrid())
	dots, err := plotter.NewScatter(d.sample())
	if err != nil {
		return nil, err
	}
	dots.GlyphStyle = draw.GlyphStyle{Color: plotPale, Radius: vg.Points(1.5), Shape: draw.CircleGlyph{}}
	median, err := line(d.medians(), plotOrange)
	if err != nil {
		return nil, err
	}
	p.Add(dots, median)
	p.Y.Max *= 1.15 // room for the legend
	p.Legend.Add("a match", dots)
	p.Legend.Add("median", median)
	p.Legend.Top = true
	return p, nil
}

// sample is as many matches as the plot shall show, evenly over the day.
func (d *day) sample() (all plotter.XYs) {
	step := max((len(d.points)+plotPoints-1)/plotPoints, 1)
	for i := 0; i < len(d.points); i += step {
		all = append(all, plotter.XY{X: d.points[i].wait, Y: d.points[i].gap})
	}
	return all
}

// medians are of the gaps, by twentieths of the matches in the order of waits.
func (d *day) medians() (all plotter.XYs) {
	points := slices.Clone(d.points)
	slices.SortFunc(points, func(a, b point) int {
		if a.wait < b.wait {
			return -1
		}
		return 1
	})
	for part := range slices.Chunk(points, max(len(points)/20, 1)) {
		var gaps, waits []float64
		for _, p := range part {
			gaps, waits = append(gaps, p.gap), append(waits, p.wait)
		}
		all = append(all, plotter.XY{X: quantile(waits, .5), Y: quantile(gaps, .5)})
	}
	return all
}

// plotWaits shows the waits by hour.
func (d *day) plotWaits() (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text = "waits over the day"
	p.X.Label.Text, p.Y.Label.Text = "hour", "wait (s)"
	p.Add(plotter.NewGrid())
	var half, most plotter.XYs
	for i, h := range d.hours {
		s := h.summary()
		half, most = append(half, plotter.XY{X: float64(i), Y: s.Wait50}), append(most, plotter.XY{X: float64(i), Y: s.Wait95})
	}
	for _, l := range []struct {
		name   string
		points plotter.XYs
		color  color.Color
	}{{"p95", most, plotOrange}, {"p50", half, plotBlue}} {
		drawn, err := line(l.points, l.color)
		if err != nil {
			return nil, err
		}
		p.Add(drawn)
		p.Legend.Add(l.name, drawn)
	}
	p.Y.Min, p.Y.Max = 0, p.Y.Max*1.15
	p.Legend.Top = true
	return p, nil
}

func line(points plotter.XYs, c color.Color) (*plotter.Line, error) {
	l, err := plotter.NewLine(points)
	if err == nil {
		l.Color, l.Width = c, vg.Points(1.5)
	}
	return l, err
}
