//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// A lateness is how late the ticks of a server's matches began, as it tells in
// its metrics: how many there were since its start of at most so many seconds,
// the last bound being infinite.
type lateness []struct{ bound, ticks float64 }

// late asks the server, whose matches are all of one mode.
func (p *process) late(ctx context.Context) (l lateness, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.metrics, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return parseLateness(res.Body, stormShape.mode.Name)
}

func parseLateness(r io.Reader, mode string) (l lateness, err error) {
	form := fmt.Sprintf("muster_tick_lateness_seconds_bucket{mode=%q,le=", mode)
	for lines := bufio.NewScanner(r); lines.Scan(); {
		rest, ok := strings.CutPrefix(lines.Text(), form)
		if !ok {
			continue
		}
		var bound, ticks float64
		if _, err := fmt.Sscanf(strings.Replace(rest, `"`, "", 2), "%f} %f", &bound, &ticks); err != nil {
			return nil, fmt.Errorf("metrics: %q: %w", lines.Text(), err)
		}
		l = append(l, struct{ bound, ticks float64 }{bound, ticks})
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("metrics: no lateness of %s", mode)
	}
	return l, nil
}

// since is how late no more than a share of the ticks since an earlier moment
// began, in ms: between two bounds in proportion, beyond the last finite one
// that.
func (l lateness) since(before lateness, share float64) float64 {
	ticks := func(i int) float64 { return l[i].ticks - before[i].ticks }
	want := share * ticks(len(l)-1)
	low, below := 0.0, 0.0
	for i := range len(l) - 1 {
		if n := ticks(i); n >= want {
			return 1000 * (low + (l[i].bound-low)*(want-below)/max(n-below, 1))
		} else {
			low, below = l[i].bound, n
		}
	}
	return 1000 * low
}
