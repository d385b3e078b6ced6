package socket

import (
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
)

// TestEndedByTheNextBeat: whoever is to go has heard the goodbye by the hall's
// next beat, at the door, inside and on the way to another owner, and whenever
// between two beats it is said. The others stay.
func TestEndedByTheNextBeat(t *testing.T) {
	const beat = 100 * time.Millisecond // of the hall
	inHall(t, HallConfig{}, func(l *lodge) {
		bob, _, _ := l.come("bob")
		l.Take(bob, nil)
		l.beats(1)
		next := NewInbox(1)
		for _, where := range []string{"at the door", "inside", "on the way out"} {
			for phase := time.Duration(0); phase < beat; phase += 7 * time.Millisecond {
				c, _, heard := l.come("alice")
				l.Take(c, nil)
				if where != "at the door" {
					l.beats(2)
				}
				if where == "on the way out" {
					l.Move("alice", next, nil)
					l.beats(1)
				}
				<-time.After(phase)
				said := time.Now()
				n := l.up.End("alice", "", protocol.Banned)
				if phase > 0 && where == "at the door" {
					said = said.Add(-phase) // it may have come in meanwhile
				}
				if where == "on the way out" {
					a := <-next.Arrivals()
					equal(t, "the next owner's beat", a.Conn.Read(l), error(protocol.Banned))
				}
				if got := <-heard; n != 1 || got != protocol.Banned.Text && got != "welcome, "+protocol.Banned.Text {
					t.Fatalf("%s, %v after a beat: %d ended, heard %q", where, phase, n, got)
				}
				if took := time.Since(said); took > beat {
					t.Errorf("%s, %v after a beat: it took %v", where, phase, took)
				}
			}
		}
		equal(t, "still here", l.Here("bob"), true)
	})
}
