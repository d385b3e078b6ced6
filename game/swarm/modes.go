package swarm

import (
	"time"

	"github.com/musterhq/muster/game"
)

// Options make a mode of the swarm. What is zero takes the default.
type Options struct {
	Name  string // required
	Title string
	About string

	Seats        int // default 1000
	MinPlayers   int // default 1
	Bots         int // seats that bots play while no player does; default 60
	Hz           int // ticks per second, 1..128; default 20
	RoundSeconds int // default 1200
	FillAfter    time.Duration
	Hidden       bool
}

func (o Options) withDefaults() Options {
	orElse(&o.Seats, 1000)
	orElse(&o.Bots, min(60, o.Seats))
	orElse(&o.Hz, 20)
	orElse(&o.RoundSeconds, 1200)
	return o
}

func orElse(field *int, byDefault int) {
	if *field == 0 {
		*field = byDefault
	}
}

// Modes returns the swarm, and a hidden one of exactly a thousand players for
// benchmarks.
func Modes() []game.Mode {
	swarm := NewMode(Options{Name: "swarm", Title: "Swarm", FillAfter: 500 * time.Millisecond,
		About: "Eat what is smaller, flee what is larger. Everybody is in one world."})
	swarm.Open, swarm.Matchmaking.Backfill = true, true // people come as they come
	return []game.Mode{
		swarm,
		NewMode(Options{Name: "bench-swarm", MinPlayers: 1000, RoundSeconds: 3600, Hidden: true}),
	}
}

const optionRound = "round"

// NewMode returns a mode as opt describes it.
func NewMode(opt Options) game.Mode {
	opt = opt.withDefaults()
	pace := PaceAt(int32(opt.Hz))
	return game.Mode{
		Name: opt.Name, Title: opt.Title, About: opt.About,
		New:    func() game.Rules { return &rules{pace: pace} },
		Schema: schema(opt.Seats),
		Hz:     opt.Hz, Seats: opt.Seats, MinPlayers: opt.MinPlayers, FillAfter: opt.FillAfter,
		Bot:      func(seat game.Seat, seed uint64) game.Bot { return newBot(&pace, seat, seed) },
		BotSeats: opt.Bots,
		Hidden:   opt.Hidden,
		Options: []game.Option{{Name: optionRound, Title: "Seconds of the round", Min: int32(min(60, opt.RoundSeconds)),
			Max: int32(max(3600, opt.RoundSeconds)), Default: int32(opt.RoundSeconds)}},
	}
}
