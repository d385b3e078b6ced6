package match

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/musterhq/muster/game"
	"github.com/musterhq/muster/protocol"
)

// TestResumeLosesNothingSilently cuts connections at any moment, for times
// around that for which events are kept: every tick is told of once and in
// order, or the first frame says that there is a gap, and only then.
func TestResumeLosesNothingSilently(t *testing.T) {
	for name, c := range map[string]struct {
		watch bool
		delay time.Duration
	}{"who plays": {}, "who watches": {watch: true}, "who watches later": {true, 3 * time.Second}} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := mustNode(t, watchedMode(t, 0, game.Spectators{Delay: c.delay}))
					join := protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]}
					i := 0
					if c.watch {
						n.connect(0, join)
						play(time.Second)
						join.Pass, i = n.watchPass("m1", 5), 5
					}
					n.cutAndResume(t, i, join, rand.New(rand.NewPCG(seed, 1)))
				})
			})
		}
	}
}

// cutAndResume has player i come back a dozen times.
func (n *node) cutAndResume(t *testing.T, i int, join protocol.Join, rnd *rand.Rand) {
	last, whole, gaps := game.Tick(0), 0, 0
	first := true
	for range 12 {
		var firstFrame game.Tick
		p := n.connect(i, join, func(p *peer) {
			p.watch = func() {
				if p.frames == 1 {
					firstFrame = p.mirror.Now().Tick
				}
			}
		})
		play(time.Duration(rnd.IntN(2000)) * time.Millisecond)
		p.nc.Close()
		<-p.closed
		p.sound()
		if p.frames > 0 {
			gap := p.wantTold(t, first, last)
			if want := !first && last+eventRing < firstFrame; gap != want {
				t.Errorf("back in tick %d, after tick %d: a gap %v, want %v", firstFrame, last, gap, want)
			}
			last, first = p.mirror.Now().Tick, false
			if gap {
				gaps++
			} else {
				whole++
			}
		}
		play([]time.Duration{0, time.Second, 4 * time.Second, 9 * time.Second}[rnd.IntN(4)] + time.Duration(rnd.IntN(500))*time.Millisecond)
		join = protocol.Join{Match: "m1", Epoch: epoch, LastTick: last}
		if i != 0 {
			join.Pass = n.watchPass("m1", i)
		}
		if i != 0 && first {
			join.Epoch = 0 // it has seen nothing
		}
	}
	if whole < 2 {
		t.Errorf("%d times nothing was lost, %d times something: the test says little", whole, gaps)
	}
}

// wantTold checks what a connection was told of that last knew a tick, and
// reports whether it was told of a gap.
func (p *peer) wantTold(t *testing.T, first bool, last game.Tick) (gap bool) {
	gap = p.gaps > 0
	if p.gaps > 1 {
		t.Errorf("%d frames tell of a gap, want one at most", p.gaps)
	}
	if len(p.events) == 0 {
		if p.mirror.Now().Tick > last && !first {
			t.Errorf("told of nothing from tick %d to %d", last, p.mirror.Now().Tick)
		}
		return gap
	}
	from := p.events[0].Tick
	switch {
	case first:
	case gap && from <= last+1:
		t.Errorf("a gap behind tick %d, and then tick %d", last, from)
	case !gap && from != last+1:
		t.Errorf("tick %d comes behind tick %d, and no word of a gap", from, last)
	}
	wantEvents(t, p, int32(from), int32(p.mirror.Now().Tick))
	return gap
}

// TestAPlayerTakesOverFromABot: a late one finds the seat as the bot has left
// it, since the rules were not asked to empty it, and the record tells the
// same. Afterwards it is the player's alone.
func TestAPlayerTakesOverFromABot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		joins := 0
		mode := open(true)
		mode.New = func() game.Rules {
			return &dots{end: 600, hook: func(where string, _ *game.World) {
				if where == "join" {
					joins++
				}
			}}
		}
		n := mustNode(t, mustMode(t, mode))
		a := n.connect(0, protocol.Join{Match: "m1", Pass: n.lease("m1", "dots", 1)[0]})
		play(8 * time.Second)
		placed, err := n.seat("m1", on(2, 5))
		if err != nil || placed.Refuse != "" {
			t.Fatal(placed, err)
		}
		play(3 * time.Second)
		score := func() (presses int32) {
			a.see(func() { presses = a.mirror.Now().Col(0, 2)[2] })
			return presses
		}
		bots := score()
		late := n.connect(5, protocol.Join{Match: "m1", Pass: placed.Passes[0]})
		play(100 * time.Millisecond)
		if got := score(); bots == 0 || got < bots || joins != 4 {
			t.Errorf("the bot had %d points when a player came, who has %d; the rules were asked to seat %d, want 4", bots, got, joins)
		}
		mine := score()
		play(2 * time.Second)
		if got := score(); got != mine {
			t.Errorf("the player did nothing and has %d points more", got-mine)
		}
		late.see(func() {
			if late.joined.Seat != 2 || late.mirror.Now().Hash(game.Whole) != a.mirror.Now().Hash(game.Whole) {
				t.Error("who comes late sees another world")
			}
		})
		for range 30 {
			late.input(0, 1)
			play(time.Second / 30)
		}
		if got := score(); got < mine+25 {
			t.Errorf("30 presses are %d points", got-mine)
		}
		play(10 * time.Second)
		late.sound()
		joins = 0 // the replays'
		replays(t, n, 600)
	})
}
