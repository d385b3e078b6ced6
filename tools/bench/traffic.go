//go:build linux

package main

import (
	"math"
	"time"
)

// traffic is what the clients of a turn have got.
type traffic struct {
	period time.Duration
	frames int
	bytes  int
	sizes  [4096]int32       // frames by bytes, those that are larger with the last
	gaps   [maxGap + 1]int32 // by gapUnit, those that are longer with the last
}

const (
	gapUnit = 100 * time.Microsecond
	maxGap  = 20_000 // in gapUnit: 2 s
)

func (t *traffic) frame(size int) {
	t.frames++
	t.bytes += size
	t.sizes[min(size, len(t.sizes)-1)]++
}

func (t *traffic) gapOf(d time.Duration) { t.gaps[min(d/gapUnit, maxGap)]++ }

func (t *traffic) mean() float64 { return float64(t.bytes) / float64(max(t.frames, 1)) }

func (t *traffic) p95() float64 { return float64(quantile(t.sizes[:], .95)) }

func (t *traffic) gap() Gap {
	ms := func(q float64) float64 {
		return float64(quantile(t.gaps[:], q)) * float64(gapUnit) / float64(time.Millisecond)
	}
	return Gap{ms(.5), ms(.99), ms(.999)}
}

// updates is how many frames came of those that one a tick would be, in percent.
func (t *traffic) updates(s shape) float64 {
	return 100 * float64(t.frames) / (t.period.Seconds() * float64(s.hz*s.players()))
}

// quantile is the first index up to which there are a share of the counts.
func quantile(counts []int32, q float64) int {
	sum := 0
	for _, n := range counts {
		sum += int(n)
	}
	want, seen := int(math.Ceil(float64(sum)*q)), 0
	for i, n := range counts {
		if seen += int(n); seen >= want && seen > 0 {
			return i
		}
	}
	return 0
}
