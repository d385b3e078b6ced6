package cmd

import (
	"fmt"
	"testing"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// heard reads on to the next message of a kind that is as wanted.
func heard[M protocol.Control](t *testing.T, p *peer, wanted func(M) bool) M {
	t.Helper()
	for {
		m, err := p.next()
		if err != nil {
			t.Fatalf("waiting for %T: %v", *new(M), err)
		}
		if m, ok := m.(M); ok && wanted(m) {
			return m
		}
	}
}

func whatever[M protocol.Control](M) bool { return true }

// play joins the assigned match and reads on to its end.
func (p *peer) play(t *testing.T) {
	t.Helper()
	a := heard(t, p, whatever[protocol.Assignment])
	p.send(protocol.Join{Match: a.Match, Pass: a.Pass})
	for {
		m, err := p.next()
		if err != nil {
			t.Fatal(err)
		}
		if over, ok := m.(protocol.Over); ok {
			if over.Why != "finished" || len(over.Result) != 3 {
				t.Fatalf("over: %+v", over)
			}
			return
		}
		if m == nil {
			p.send(protocol.Ack{}) // the server need only see that we live
		}
	}
}

// TestARoomsWay: create, join by code, be ready, play, come back, play again.
func TestARoomsWay(t *testing.T) {
	t.Parallel()
	s := mustServer(t, Config{Beat: true, Countdown: 100 * time.Millisecond}, short(1))
	var peers []*peer
	for i := range 2 {
		api := client.New(s.URL())
		t.Cleanup(api.Close)
		session, err := api.LoginGuest(t.Context(), fmt.Sprint("Player ", i))
		if err != nil {
			t.Fatal(err)
		}
		p, err := dial(s.players.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		if err := p.upgrade(session); err != nil {
			t.Fatal(err)
		}
		peers = append(peers, p)
	}
	host, guest := peers[0], peers[1]
	host.send(protocol.RoomCreate{Stamp: 1, Mode: "short", Size: 3, Options: []int32{1}})
	code := heard(t, host, whatever[protocol.RoomReply]).Code
	guest.send(protocol.RoomJoin{Stamp: 2, Code: code})
	if r := heard(t, guest, whatever[protocol.RoomReply]); r.Refused != "" || r.Code != code {
		t.Fatalf("join: %+v", r)
	}
	host.send(protocol.RoomDo{Stamp: 3, Verb: protocol.RoomBot, Number: 2})
	for range 2 {
		guest.send(protocol.RoomDo{Stamp: 4, Verb: protocol.RoomReady, Number: 1})
		heard(t, guest, func(r protocol.RoomReply) bool { return r.Stamp == 4 && r.Refused == "" })
		startWhenReady(t, host)
		done := make(chan bool)
		go func() { defer close(done); guest.play(t) }()
		host.play(t)
		<-done
		heard(t, host, func(r protocol.RoomState) bool { return r.Base == 0 && r.Code == code })
		heard(t, guest, func(r protocol.RoomState) bool { return r.Base == 0 && r.Code == code })
	}
	guest.send(protocol.Leave{})
	if left := heard(t, guest, whatever[protocol.RoomLeft]); left.Why != "left" {
		t.Errorf("left: %+v", left)
	}
}

// startWhenReady asks again until everybody is there and the last match is over.
func startWhenReady(t *testing.T, host *peer) {
	t.Helper()
	for {
		host.send(protocol.RoomDo{Stamp: 5, Verb: protocol.RoomStart, Number: 1})
		r := heard(t, host, func(r protocol.RoomReply) bool { return r.Stamp == 5 })
		switch r.Refused {
		case "":
			return
		case "not_ready", "playing":
		default:
			t.Fatalf("start: %s", r.Refused)
		}
	}
}
