package mail

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/bus"
)

// A dropPoint is where in the delivery a client's connection is cut: after so
// many messages, and what became of the last one.
type dropPoint struct {
	messages int
	last     fate
}

type fate int

const (
	onTheWay  fate = iota // it never arrived
	unread                // it arrived, and its acknowledgement was never sent
	unwritten             // it was acknowledged, and the connection gone before the server took note
	settled               // it was acknowledged, and that is written
)

var fates = map[fate]string{onTheWay: "on the way", unread: "unread", unwritten: "unwritten", settled: "settled"}

// small pieces of two notices, of which two are under way at a time.
var small = Config{Piece: 100, Window: 200}

// deliver reads up to the drop, and says whether there was anything to read.
func (p *post) deliver(r *reader, at dropPoint) (reached bool) {
	for i := 0; ; i++ {
		synctest.Wait()
		msg := p.wire.next(ada)
		switch {
		case msg == nil:
			return false
		case i == at.messages && at.last == onTheWay:
			return true
		}
		ack := r.read(p.t, msg)
		switch {
		case i < at.messages:
			p.Acked(game, ada, ack.ID)
		case at.last == unread:
			return true
		case at.last == unwritten:
			p.Acked(game, ada, ack.ID) // and at once it is gone
			return true
		default:
			p.Acked(game, ada, ack.ID)
			synctest.Wait()
			return true
		}
	}
}

// hangUp is the end of ada's connection.
func (p *post) hangUp(r *reader) {
	p.Detach(game, ada)
	p.wire.cut(ada)
	r.Connected()
}

// TestADropAtEveryPoint cuts the connection at each point of a delivery, with
// letters before, during and after, and at each second point once more.
func TestADropAtEveryPoint(t *testing.T) {
	const letters = 12
	for first := range 8 {
		for last, name := range fates {
			for second := range 4 {
				t.Run(fmt.Sprint(first, name, second), func(t *testing.T) {
					inPost(t, small, func(t *testing.T, p *post) {
						var r reader
						p.sendFrom(0, letters/2)
						p.Attach(game, ada)
						p.deliver(&r, dropPoint{first, last})
						p.sendFrom(letters/2, letters)
						p.hangUp(&r)
						p.Attach(game, ada)
						p.deliver(&r, dropPoint{second, fate(second) % 4})
						p.sendFrom(letters, letters+2)
						p.hangUp(&r)
						p.Attach(game, ada)
						time.Sleep(2 * time.Second)
						p.drain(&r, ada)
						check(t, "shown", r.texts(), numbered(0, letters+2))
						check(t, "left", len(p.mustUnread(ada)), 0)
					})
				})
			}
		}
	}
}

func (p *post) sendFrom(from, to int) {
	for i := from; i < to; i++ {
		p.mustSend(ada, fmt.Sprint(i))
	}
}

// TestADropAndARestartAtEveryPoint does the same with a data folder and the
// process ending at the drop: another one opens the folder.
func TestADropAndARestartAtEveryPoint(t *testing.T) {
	const letters = 6
	for at := range 4 {
		for last, name := range fates {
			t.Run(fmt.Sprint(at, name), func(t *testing.T) {
				dir := t.TempDir()
				var r reader
				inFolder(t, dir, func(p *post) {
					p.sendFrom(0, letters)
					p.Attach(game, ada)
					p.deliver(&r, dropPoint{at, last})
				})
				r.Connected()
				inFolder(t, dir, func(p *post) {
					p.sendFrom(0, letters) // the sender does not know whether it had done it
					p.sendFrom(letters, letters+2)
					p.Attach(game, ada)
					p.drain(&r, ada)
					check(t, "shown", r.texts(), numbered(0, letters+2))
					check(t, "left", len(p.mustUnread(ada)), 0)
				})
			})
		}
	}
}

// inFolder runs one life of a process.
func inFolder(t *testing.T, dir string, life func(p *post)) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, dir)
		defer n.Close()
		p := mustPost(t, n, small)
		defer p.stop()
		life(p)
	})
}

// TestACommitThatWasNeverTold is a process that died between the two.
func TestACommitThatWasNeverTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, bus.Memory)
		defer n.Close()
		o, err := Open(n, &wire{lossy: true}, Config{Log: quiet}) // never runs
		if err != nil {
			t.Fatal(err)
		}
		l := Letter{Kind: KindResult, Text: "0", Key: "m"}
		first, _ := o.Send(t.Context(), game, ada, l)
		p := mustPost(t, n, Config{})
		defer p.stop()
		p.Attach(game, ada)
		if again, err := p.Send(t.Context(), game, ada, l); err != nil || again != first {
			t.Errorf("again: %d, %v, want %d", again, err, first)
		}
		var r reader
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 1))
	})
}

// TestAStaleMessageIsNotTakenIn: a hall may tell a connection of what was meant for
// the one before. Whoever reads by the rules asks instead of losing something.
func TestAStaleMessageIsNotTakenIn(t *testing.T) {
	inPost(t, small, func(t *testing.T, p *post) {
		p.sendFrom(0, 6)
		p.Attach(game, ada)
		synctest.Wait()
		var r reader
		p.Acked(game, ada, r.read(t, p.wire.next(ada)).ID)
		p.Detach(game, ada)
		r.Connected()
		stale := p.wire.next(ada)
		if ack := r.read(t, stale); ack != (protocol.MailAck{}) {
			t.Errorf("taken in: %v", ack)
		}
		p.wire.cut(ada)
		p.Attach(game, ada)
		time.Sleep(2 * time.Second)
		p.drain(&r, ada)
		check(t, "shown", r.texts(), numbered(0, 6))
	})
}
