package socket

import (
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/musterhq/muster/protocol"
)

// pipes is a listener on which net.Pipes come: a kernel's queue.
type pipes struct {
	queue  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case <-p.closed:
		return nil, net.ErrClosed
	default:
	}
	select {
	case nc := <-p.queue:
		return nc, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return nil }

// A doorway is a listener with a crowd in its queue, and a server that accepts
// and has not come to see to anybody yet, as where matches' ticks are late.
type doorway struct {
	net.Listener
	far      []net.Conn    // the crowd's ends
	accepted chan net.Conn // in their order
	ended    chan error    // what Accept said last
}

func newDoorway(crowd int) *doorway {
	inner := &pipes{make(chan net.Conn, crowd), make(chan struct{})}
	d := &doorway{NewListener(inner, nil), nil, make(chan net.Conn, crowd), make(chan error, 1)}
	for range crowd {
		near, far := net.Pipe()
		inner.queue <- near
		d.far = append(d.far, far)
	}
	go func() {
		for {
			nc, err := d.Accept()
			if err != nil {
				d.ended <- err
				return
			}
			d.accepted <- nc
		}
	}()
	return d
}

// TestNobodyIsAcceptedFarAhead: while nobody sees to those who are accepted no
// more are, and for each whom somebody begins to see to, in whatever way, one
// more is.
func TestNobodyIsAcceptedFarAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoorway(100)
		places := cap(d.Listener.(listener).ahead)
		waiting := func(when string) {
			t.Helper()
			synctest.Wait()
			equal(t, "accepted and not seen to "+when, len(d.accepted), places)
		}
		waiting("at first")
		var reads sync.WaitGroup
		silent := <-d.accepted
		reads.Go(func() { silent.Read(make([]byte, 1)) })
		waiting("beside one that says nothing")
		must(t, (<-d.accepted).Close())
		waiting("beside one that was closed unread")
		up := NewUpgrader(Config{})
		adopted, err := up.Adopt(<-d.accepted, nil, protocol.Player{ID: "p"})
		must(t, err)
		waiting("beside one that was adopted")

		must(t, silent.Close()) // a second time leaves no place
		reads.Wait()
		waiting("after the silent one has gone")

		must(t, d.Close())
		must(t, (<-d.accepted).Close())
		if err := <-d.ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accepted: %v", err)
		}
		for _, nc := range d.far {
			nc.Close()
		}
		adopted.Goodbye(protocol.Draining)
		up.Close()
	})
}

// TestACrowdIsServed: the whole crowd is, whoever of it says nothing, as soon
// as there is time to see to it.
func TestACrowdIsServed(t *testing.T) {
	const crowd = 1000
	synctest.Test(t, func(t *testing.T) {
		d := newDoorway(crowd)
		var all sync.WaitGroup
		for i, far := range d.far {
			if i%3 > 0 {
				all.Go(func() { far.Write([]byte{1}) })
			}
		}
		served := make(chan byte, crowd)
		for range crowd {
			nc := <-d.accepted
			all.Go(func() {
				b := make([]byte, 1)
				nc.Read(b)
				served <- b[0]
			})
		}
		synctest.Wait()
		equal(t, "served", len(served), crowd-(crowd+2)/3)
		for _, far := range d.far {
			far.Close()
		}
		all.Wait()
		must(t, d.Close())
		<-d.ended
		equal(t, "served or gone", len(served), crowd)
	})
}
