//go:build unix

package match

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/link"
)

// BenchmarkSlowClient has eight clients play over real TCP, at 30 Hz in real
// time: all of them well, and with one of them on a line of 2 KB a second that
// stands still for a second in three: a third of what its frames would weigh.
// Both take turns, so that what the machine does besides hits both. Printed are
// the 99th percentile of the gaps between frames at the seven others, and how
// much memory the slow one's connection kept for writing at the most, in bytes.
func BenchmarkSlowClient(b *testing.B) {
	const turns = 3
	for b.Loop() {
		gaps, kept := map[bool][]time.Duration{}, 0
		for range turns {
			for _, slow := range []bool{false, true} {
				g, most := besideOne(b, slow)
				gaps[slow] = append(gaps[slow], g...)
				if slow {
					kept = max(kept, most)
				}
			}
		}
		for slow, name := range map[bool]string{false: "ms-p99-without", true: "ms-p99-beside"} {
			slices.Sort(gaps[slow])
			p99 := gaps[slow][len(gaps[slow])*99/100]
			b.ReportMetric(float64(p99.Microseconds())/1000, name)
		}
		b.ReportMetric(float64(kept), "B-kept")
	}
}

// besideOne plays three seconds and returns the gaps between the frames of
// those who are well, and what the connection of the last client kept.
func besideOne(b *testing.B, slow bool) (gaps []time.Duration, kept int) {
	const players = 8
	s := mustStage(b, players, stir)
	defer s.close()
	var conditions link.Conditions
	if slow {
		conditions.Rate = 2000
	}
	l := link.New(conditions, 1)
	defer l.Reset()
	all := []*peer{s.a}
	for seat := 1; seat < players; seat++ {
		var nc net.Conn = s.dial()
		if seat == players-1 {
			nc = l.Over(nc)
		}
		all = append(all, s.join(seat, nc, &protocol.Join{}))
	}
	times := make([][]time.Time, players-1)
	for i := range times {
		p := all[i]
		p.see(func() { p.watch = func() { times[i] = append(times[i], time.Now()) }; p.mute = false })
	}
	c := s.m.seats[players-1].client
	tick := time.NewTicker(s.m.pace.interval)
	defer tick.Stop()
	for n := range 3 * s.m.mode.Hz {
		s.m.beat(<-tick.C)
		kept = max(kept, c.conn.Holds())
		if slow && n == s.m.mode.Hz {
			l.Stall()
		}
		if n == 2*s.m.mode.Hz {
			l.Resume()
		}
	}
	if s.m.seats[players-1].client != c || slow == (c.ladder.caught == 0) {
		b.Fatal(fmt.Sprint("the client that should be slow: ", slow, ", and fell behind in tick ", c.ladder.caught))
	}
	for i := range times {
		all[i].see(func() {
			for k := range times[i][1:] {
				gaps = append(gaps, times[i][k+1].Sub(times[i][k]))
			}
		})
	}
	return gaps, kept
}
