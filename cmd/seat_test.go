package cmd

import (
	"slices"
	"sync"
	"testing"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
	"github.com/musterhq/muster/protocol/client"
)

// The tally is a game in which a seat's inputs add up, and nothing else
// happens: whose input it was is plain to see.
func tally() game.Mode {
	schema := &game.Schema{
		Tables: []game.Table{{Name: "sums", Capacity: 3, Columns: []game.Column{{Name: "sum"}}}},
		Inputs: []game.Field{{Name: "add", Max: 1}},
	}
	return game.Mode{Name: "tally", Schema: schema, Hz: 30, Seats: 3, MinPlayers: 3, New: func() game.Rules { return adder{} }}
}

type adder struct{}

func (adder) Start(*game.World)                      {}
func (adder) Join(w *game.World, s game.Seat)        { w.Table(0).SpawnAt(int(s)) }
func (adder) Leave(w *game.World, s game.Seat)       { w.Table(0).Despawn(int(s)) }
func (adder) Save(b []byte) []byte                   { return b }
func (adder) Load([]byte) error                      { return nil }
func (adder) Result(*game.World) (game.Result, bool) { return nil, false }

func (adder) Step(w *game.World, inputs []game.Input) {
	for _, in := range inputs {
		w.Table(0).Col(0)[in.Seat] += in.Values[0]
	}
}

// anothersSeat has a villain say whatever could be taken for an input of
// another's seat. There is no such message: an input is its sender's, and what
// stands behind its values is skipped.
func anothersSeat(t *testing.T, sc *scene) {
	sessions, tickets := sc.place(t, "tally", 3)
	villain := sc.enter(t, sessions[0])
	villain.send(protocol.Join{Match: tickets[0].Assignment.Match, Pass: tickets[0].Assignment.Pass})
	var victims [2]*client.Game
	var joining sync.WaitGroup
	for i := range victims {
		joining.Go(func() {
			var err error
			if victims[i], err = sessions[i+1].Join(sc.ctx, tickets[i+1].Assignment, client.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	villain.awaitFrame(t)
	joining.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for seq := range uint8(60) {
		_, _ = villain.Write(message(addFor(seq, int32(seq)%3)))
	}
	its := 3 - victims[0].Joined().Seat - victims[1].Joined().Seat
	for _, v := range victims {
		got := settledSums(sc, t, v, its)
		for seat, sum := range got {
			if moved := sum > 0; moved != (game.Seat(seat) == its) {
				t.Errorf("of seat %d's inputs came %v", its, got)
			}
		}
		awaitTicks(sc.ctx, t, v, 3)
		v.Cut()
		<-v.Done()
	}
}

// addFor is the input "add 1", with a seat behind it in all manners.
func addFor(seq uint8, seat int32) []byte {
	in := protocol.Input{Seq: seq, Values: [game.MaxInputs]int32{1, seat, 1, seat, 1}}
	return protocol.AppendInput(nil, &in, make([]game.Field, 1+seq%5))
}

// settledSums waits until a seat has moved and stands still again, and returns
// what a player sees then.
func settledSums(sc *scene, t *testing.T, g *client.Game, seat game.Seat) (now []int32) {
	t.Helper()
	for last := int32(0); now == nil || now[seat] == 0 || now[seat] != last; awaitTicks(sc.ctx, t, g, 10) {
		if now != nil {
			last = now[seat]
		}
		g.With(func(m *protocol.Mirror) { now = slices.Clone(m.Now().Col(0, 0)) })
	}
	return now
}
