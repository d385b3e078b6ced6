package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A tally is what happened in an hour, or on the day.
type tally struct {
	arrived   int       // players, each time they queue
	matches   int       // made
	withBots  int       // of them; the others have gaps and favourites
	waits     []float64 // s, by player
	pings     []float64 // ms, by player
	gaps      []float64 // points of rating between the teams, by match
	random    float64   // sum of what chance would have given, by match
	favourite float64   // sum of the better side's true chances
}

func (t *tally) add(u *tally) {
	t.arrived += u.arrived
	t.matches += u.matches
	t.withBots += u.withBots
	t.waits = append(t.waits, u.waits...)
	t.pings = append(t.pings, u.pings...)
	t.gaps = append(t.gaps, u.gaps...)
	t.random += u.random
	t.favourite += u.favourite
}

// A summary is a tally in figures.
type summary struct {
	Wait50, Wait95, Wait99 float64 // s
	Gap                    float64 // points, mean
	OfRandom               float64 // %
	Ping95                 float64 // ms
	Favourite              float64 // %, 50 is fair
	Bots                   float64 // % of matches
}

func (t *tally) summary() (s summary) {
	s.Wait50, s.Wait95, s.Wait99 = quantile(t.waits, .5), quantile(t.waits, .95), quantile(t.waits, .99)
	s.Ping95 = quantile(t.pings, .95)
	sum := 0.
	for _, gap := range t.gaps {
		sum += gap
	}
	full := float64(max(len(t.gaps), 1))
	s.Gap, s.Favourite = sum/full, 100*t.favourite/full
	if t.random > 0 {
		s.OfRandom = 100 * sum / t.random
	}
	s.Bots = 100 * float64(t.withBots) / float64(max(t.matches, 1))
	return s
}

// quantile is of numbers that are sorted on the way.
func quantile(all []float64, q float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

// total is of the whole day.
func (d *day) total() *tally {
	all := &tally{}
	for _, h := range d.hours {
		all.add(h)
	}
	return all
}

// print writes the table of the day.
func (d *day) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %d players, seed %d, a cycle every %v\n\n", d.cfg.Mode, d.cfg.Players, d.cfg.Seed, queueCycle)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "hour\tqueued\tmatches\twait p50 s\tp95\tp99\tgap\tof random %\tping p95 ms\tfavourite %\tbots %\t")
	for i, h := range d.hours {
		row(w, fmt.Sprintf("%02d", i), h)
	}
	row(w, "day", d.total())
	_ = w.Flush()
	if n := len(d.tickets); n > 0 {
		fmt.Fprintf(out, "\n%d tickets wait at the end, the oldest for %v\n", n, d.now.Sub(d.tickets[0].Since).Round(time.Second))
	}
}

func row(w io.Writer, name string, t *tally) {
	s := t.summary()
	fmt.Fprintf(w, "%s\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.1f\t%.1f\t\n", name, t.arrived, t.matches,
		s.Wait50, s.Wait95, s.Wait99, s.Gap, s.OfRandom, s.Ping95, s.Favourite, s.Bots)
}
