//go:build unix

package match

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/socket"
	"github.com/musterhq/muster/protocol/socket/sockettest"
)

// TestAFloodTouchesNoOther: whatever one client pours in, over real TCP and as
// fast as it is taken, ends it by name. The other meanwhile is sent each tick, and
// each of its inputs is used in the tick after it came.
func TestAFloodTouchesNoOther(t *testing.T) {
	message := func(b []byte) []byte { return sockettest.Frame(sockettest.Binary, b) }
	many := []byte{}
	for seq := range 128 {
		in := protocol.Input{Seq: uint8(seq)}
		in.Values[0], in.Values[1] = 5, 1
		many = append(many, message(protocol.AppendInput(nil, &in, dotsSchema.Inputs))...)
	}
	for name, flood := range map[string][]byte{
		"inputs":          many,
		"one input":       message(protocol.AppendInput(nil, &protocol.Input{Seq: 1}, dotsSchema.Inputs)),
		"acks":            message(protocol.Append(nil, protocol.Ack{})),
		"pings":           message(protocol.Append(nil, protocol.Ping{})),
		"WebSocket pings": sockettest.Frame(sockettest.Ping, "ping"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustStage(t, 2, nil)
			strict := socket.NewUpgrader(socket.Config{Linger: time.Millisecond})
			t.Cleanup(strict.Close)
			well := s.up
			s.up = strict
			b := s.join(1, s.dial(), &protocol.Join{})
			s.up = well
			s.beats(3)
			s.a.see(func() { s.a.watch = s.a.playNow })
			s.beats(10)
			c, pour := s.m.seats[1].client, bytes.Repeat(flood, 100)
			go func() {
				for !b.ended() {
					if _, err := b.nc.Write(pour); err != nil {
						return
					}
				}
			}()
			s.beatsUntil("the flood ends", func() bool {
				before, used := s.m.sim.Now().Col(0, 0)[1], s.m.seats[0].inputs.newest
				s.beat()
				if moved := s.m.sim.Now().Col(0, 0)[1] - before; moved > 5 || moved < -5 {
					t.Fatalf("tick %d: the flood counted as %d", s.m.tick, moved)
				}
				if got := s.m.seats[0].inputs.taken; got != used {
					t.Fatalf("tick %d: input %d was used of who plays well, want %d", s.m.tick, got, used)
				}
				return s.m.seats[1].client == nil
			})
			if !errors.Is(c.conn.Ended(), protocol.Flood) {
				t.Errorf("ended: %v", c.conn.Ended())
			}
			s.sound(b)
		})
	}
}

// playNow acks the newest frame with an input.
func (p *peer) playNow() {
	p.seq = (p.seq + 1) & 127
	in := protocol.Input{Seq: p.seq, Ack: uint8(p.mirror.Now().Tick & 127)}
	in.Values[0] = 1
	p.send(protocol.AppendInput(nil, &in, dotsSchema.Inputs))
}

// TestSlackIsFedBack with each frame: more than nothing to who is early, less to
// who is late.
func TestSlackIsFedBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := mustNode(t, mustMode(t, dotsMode(endless)))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(time.Second)
		slack := func() (s int8) {
			a.see(func() { s = a.lastHead.Slack })
			return s
		}
		a.input(1)
		a.input(1)
		for range 60 {
			a.input(1)
			play(time.Second / 30)
		}
		if got := slack(); got < 8 {
			t.Errorf("slack %d eighths for two inputs more than are needed", got)
		}
		for range 60 {
			a.input(1)
			play(time.Second / 15)
		}
		if got := slack(); got >= 0 {
			t.Errorf("slack %d eighths for an input each second tick", got)
		}
	})
}

// TestInputsAreHeldToTheirBounds field by field: what lies on them is taken, and
// what lies beyond ends the connection, and comes to nothing.
func TestInputsAreHeldToTheirBounds(t *testing.T) {
	fields := dotsSchema.Inputs
	for i, f := range fields {
		for value, good := range map[int32]bool{f.Min: true, f.Max: true, f.Min - 1: false, f.Max + 1: false} {
			cl := clientAt(30, 300, 299)
			cl.m.fields, cl.tokens, cl.seat = fields, 1, &seat{}
			in := protocol.Input{Seq: 1}
			for k, f := range fields {
				in.Values[k] = f.Neutral()
			}
			in.Values[i] = value
			err := protocol.ParseInput(protocol.AppendInput(nil, &in, fields), fields, &cl.m.scratch.input)
			if (err == nil) != good {
				t.Errorf("%s = %d: %v", f.Name, value, err)
			}
			if !good {
				continue
			}
			cl.Message(nil, protocol.AppendInput(nil, &in, fields))
			if x, ok := cl.seat.inputs.take(fields); !ok || x.values[i] != value {
				t.Errorf("%s = %d: used as %d", f.Name, value, x.values[i])
			}
		}
	}
}
