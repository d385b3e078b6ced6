package socket

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
)

// tracks is a Follower that keeps a diary.
type tracks struct {
	mu    sync.Mutex
	diary []string
}

func (d *tracks) note(c *Conn, format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.diary = append(d.diary, string(c.Player().ID)+fmt.Sprintf(format, args...))
}

func (d *tracks) Stands(c *Conn, at Place)         { d.note(c, " stands %d %s", at.State, at.Where) }
func (d *tracks) Said(c *Conn, m protocol.Control) { d.note(c, " said %v", m) }
func (d *tracks) Gone(c *Conn)                     { d.note(c, " is gone") }

func (d *tracks) read() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.diary, "; ")
}

// TestAFollowerHearsOfOwners: of the hall by itself, of others as they say, and
// once of the end.
func TestAFollowerHearsOfOwners(t *testing.T) {
	d := &tracks{}
	inHall(t, HallConfig{}, func(l *lodge) {
		l.up.cfg.Follower = d
		c, p, heard := l.come("ada")
		l.Take(c, nil)
		time.Sleep(time.Second)
		in := NewInbox(1)
		l.Move("ada", in, nil)
		a := <-in.Arrivals()
		a.Conn.Stands(Place{State: protocol.InMatch, Where: "m1"})
		l.Take(a.Conn, nil)
		time.Sleep(time.Second)
		p.Close()
		<-heard
		synctest.Wait()
		time.Sleep(time.Second)
	})
	if got, want := d.read(), "ada stands 1 ; ada stands 3 m1; ada stands 1 ; ada is gone"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// usher is the Usher of a connection that wants nothing of its owner.
type usher struct{}

func (usher) Join(*Conn, protocol.Join) Verdict     { return Continue }
func (usher) Accept(*Conn, protocol.Accept) Verdict { return Continue }
func (usher) Leave(*Conn) Verdict                   { return Continue }
func (usher) Room(*Conn, protocol.Control) Verdict  { return Continue }
func (u usher) Message(c *Conn, b []byte) Verdict   { return Outside(u, c, b) }

// TestAFollowerHearsWhatIsForNoOwner, and nobody does where there is none.
func TestAFollowerHearsWhatIsForNoOwner(t *testing.T) {
	say := protocol.Say{Channel: protocol.ChannelParty, Stamp: 7, Text: "hi"}
	for _, f := range []*tracks{{}, nil} {
		cfg := Config{}
		if f != nil {
			cfg.Follower = f
		}
		w := newWorld(t, "beat", cfg)
		c, p := w.join("ada")
		var sent int
		for _, m := range []protocol.Control{say, protocol.MailAck{ID: 9}, protocol.Ping{Stamp: 3}} {
			n, err := p.Write(binFrame(string(protocol.Append(nil, m))))
			must(t, err)
			sent += n
		}
		until(t, c, usher{}, func() bool { return c.BytesIn() == uint64(sent) })
		must(t, c.Flush())
		_, pong, err := p.read()
		must(t, err)
		equal(t, "answer", pong, string(protocol.Append(nil, protocol.Pong{Stamp: 3})))
		if f != nil {
			equal(t, "said", f.read(), fmt.Sprintf("ada said %v; ada said %v", say, protocol.MailAck{ID: 9}))
		}
		c.Goodbye(lastWords)
		if f != nil && !slices.Equal(strings.Split(f.read(), "; ")[2:], []string{"ada is gone"}) {
			t.Errorf("in the end: %s", f.read())
		}
	}
}
