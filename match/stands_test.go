package match

import (
	"fmt"
	"testing"
	"time"
	"unsafe"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/game/arena"
)

// BenchmarkWatched is one beat of a match of 16 with so many who watch, at once
// and 10 s later: what the first of them costs, and what one more. It reports
// what is kept for the delay.
func BenchmarkWatched(b *testing.B) {
	for _, delay := range []time.Duration{0, 10 * time.Second} {
		for _, crowd := range []int{0, 1, 200} {
			b.Run(fmt.Sprintf("delay=%v/crowd=%d", delay, crowd), func(b *testing.B) {
				m := arena.NewMode(arena.Options{Name: "arena", Seats: 16, RoundSeconds: 3600})
				m.Spectators.Delay = delay
				mode := mustMode(b, m)
				s := newSteady(b, mode, mode.Seats)
				s.fill(b, crowd)
				for range int(mode.DelayTicks()) + 300 {
					s.beat(true)
				}
				b.ReportAllocs()
				for b.Loop() {
					s.beat(true)
				}
				s.sound(b)
				if s.m.stands != nil {
					b.ReportMetric(float64(s.m.stands.bytes())/1024, "KiB-kept")
				}
			})
		}
	}
}

// bytes are what the stands hold of the match: the moments, and the copies.
func (s *stands) bytes() (n int) {
	for _, m := range s.kept {
		n += int(unsafe.Sizeof(m)) + cap(m.body) + cap(m.events)*int(unsafe.Sizeof(game.Event{}))
	}
	l := s.copies[0].Layout()
	for _, t := range l.Schema.Tables {
		n += len(s.copies) * t.Capacity * (4*len(t.Columns) + 3) // values, generation and owner
	}
	return n
}
