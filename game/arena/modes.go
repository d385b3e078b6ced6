package arena

import (
	"fmt"
	"slices"
	"time"

	"github.com/musterhq/muster/game"
)

// Options make a mode of the arena. What is zero takes the default. Map,
// RoundSeconds and FragLimit are what its matches have where nobody chooses.
type Options struct {
	Name  string // required
	Title string
	About string
	Map   string // in maps.txt; default "forge"

	Seats        int // default 16
	Teams        int // of equal size, at most maxTeams; default none, all against all
	MinPlayers   int // default 1: bots take the other seats; on a server without bots 2
	Hz           int // ticks per second, 1..128; default 30
	RoundSeconds int // default 300
	FragLimit    int // frags that end the round early; default none
	FillAfter    time.Duration
	Hidden       bool
}

func (o Options) withDefaults() Options {
	if o.Map == "" {
		o.Map = "forge"
	}
	if o.Seats == 0 {
		o.Seats = 16
	}
	if o.Hz == 0 {
		o.Hz = 30
	}
	if o.RoundSeconds == 0 {
		o.RoundSeconds = 300
	}
	return o
}

// Modes returns the modes of the reference game: a free-for-all, a duel and
// teams of four, and hidden ones that benchmarks use.
func Modes() []game.Mode {
	ffa := NewMode(Options{Name: "arena-ffa", Title: "Free for all",
		About: "Everyone against everyone. Hold the mega health, lead your shots."})
	ffa.Matchmaking = game.Matchmaking{Backfill: true} // people before bots
	duel := NewMode(Options{Name: "arena-duel", Title: "Duel", Map: "pit", Seats: 2, RoundSeconds: 180, FragLimit: 10,
		FillAfter: 10 * time.Second, About: "One against one, first to ten frags. No place to hide."})
	duel.Matchmaking = game.Matchmaking{Widen: []game.Window{{Gap: 200}, {After: 6 * time.Second}}} // anybody before a bot
	teams := NewMode(Options{Name: "arena-teams", Title: "Teams", Map: "twin", Seats: 8, Teams: 2, FragLimit: 50,
		FillAfter: 6 * time.Second, About: "Four against four, first to fifty frags. Mark foes for your mates."})
	teams.Matchmaking.Widen = []game.Window{{Gap: 250}, {After: 5 * time.Second}}
	teams.Matchmaking.PartyBonus = 30
	teams.Matchmaking.Backfill = true
	return []game.Mode{
		ffa,
		duel,
		teams,
		NewMode(Options{Name: "bench-10", Seats: 10, RoundSeconds: 3600, Hidden: true}),
		NewMode(Options{Name: "bench-10-60", Seats: 10, Hz: 60, RoundSeconds: 3600, Hidden: true}),
		NewMode(Options{Name: "bench-100", Seats: 100, RoundSeconds: 3600, Hidden: true}),
	}
}

// seatsPerMap is how many players one copy of a map has room for.
const seatsPerMap = 16

// maxLagMs is how far back the rail looks for what its shooter saw.
const maxLagMs = 200

// NewMode returns a mode as opt describes it. It panics if there is no such
// map.
func NewMode(opt Options) game.Mode { return newMode(opt, MapsText) }

func newMode(opt Options, maps string) game.Mode {
	opt = opt.withDefaults()
	names := mapsFor(opt, maps)
	arenas := newArenas(opt, maps, names)
	return game.Mode{
		Name: opt.Name, Title: opt.Title, About: opt.About,
		New:    func() game.Rules { return &rules{arenas: arenas} },
		Schema: schema(opt.Seats, opt.Teams, mostPickups(arenas)),
		Hz:     opt.Hz, Seats: opt.Seats, MinPlayers: opt.MinPlayers, FillAfter: opt.FillAfter,
		Lag:     min(int(ticks(maxLagMs, int32(opt.Hz))), game.MaxLag),
		Bot:     func(seat game.Seat, seed uint64) game.Bot { return newBot(arenas, seat, seed) },
		Hidden:  opt.Hidden,
		Options: options(opt, names),

		Matchmaking: game.Matchmaking{Teams: opt.Teams},
	}
}

// The names of the options that matches have.
const (
	optionMap   = "map"
	optionRound = "round"
	optionFrags = "frags"
)

func options(opt Options, maps []string) []game.Option {
	return []game.Option{
		{Name: optionMap, Title: "Map", Values: maps, Default: int32(slices.Index(maps, opt.Map))},
		{Name: optionRound, Title: "Seconds of the round", Min: int32(min(60, opt.RoundSeconds)),
			Max: int32(max(1800, opt.RoundSeconds)), Default: int32(opt.RoundSeconds)},
		{Name: optionFrags, Title: "Frags that end it early, 0 for none", Max: int32(max(100, opt.FragLimit)), Default: int32(opt.FragLimit)},
	}
}

// maxTeams is how many teams find a side of their own on a map.
const maxTeams = 2

// mapsFor are those that can be chosen. Not all have gates by which copies of
// them adjoin, so a mode that needs copies has its own map alone.
func mapsFor(opt Options, text string) []string {
	if opt.Seats > seatsPerMap {
		return []string{opt.Map}
	}
	return mapNames(text)
}

// An arena is what all matches of a mode on one map share. It is immutable.
type arena struct {
	m        *Map
	pace     Pace
	teamSize int       // seats; 0 where all are against all
	entries  [][]Point // where players come in, by team; one list for all without
}

// newArenas are those of a mode, one for each map.
func newArenas(opt Options, text string, maps []string) []*arena {
	if !slices.Contains(maps, opt.Map) {
		panic("arena: no map " + opt.Map)
	}
	if opt.Teams > maxTeams || opt.Teams > 0 && opt.Seats%opt.Teams != 0 {
		panic(fmt.Sprintf("arena: %d teams on %d seats", opt.Teams, opt.Seats))
	}
	across, down := tiles((opt.Seats + seatsPerMap - 1) / seatsPerMap)
	all := make([]*arena, len(maps))
	for i, name := range maps {
		m, err := ReadMap(text, name, across, down)
		if err != nil {
			panic("arena: " + err.Error())
		}
		all[i] = newArena(m, opt)
	}
	return all
}

func mostPickups(arenas []*arena) (most int) {
	for _, a := range arenas {
		most = max(most, len(a.m.Pickups))
	}
	return most
}

// tiles returns how to lay out so many copies of a map about squarely.
func tiles(n int) (across, down int) {
	across, down = 1, 1
	for across*down < n {
		if across <= down {
			across++
		} else {
			down++
		}
	}
	return across, down
}
