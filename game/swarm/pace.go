package swarm

import "github.com/musterhq/muster/game"

// Sizes and masses, in units.
const (
	World = 22 * cell // side of the plane
	cell  = 1536      // side of the squares it is sent by
	Sight = 1200      // as far as a player sees, in x and in y

	StartMass  = 225   // radius 60
	MaxMass    = 16384 // of one blob; radius 512
	PelletMass = 14
	SpikeMass  = 150 // gained by who bursts on one
	BoostLeast = 140 // what a blob keeps from boosting
	splitLeast = 2 * StartMass
	burstLeast = 1000 // who has less hides under spikes

	SpikeRadius  = 96
	FullThrottle = 8
)

// Ratio of masses from which one blob eats another.
const (
	eatMore = 5
	eatLess = 4
)

// Radius is that of a blob of some mass.
func Radius(mass int32) int32 { return game.Root(mass << 4) }

// eats reports whether a blob of some mass is large enough to eat another.
func eats(mass, other int32) bool { return mass*eatLess >= other*eatMore }

// A Pace is how fast things go, in units and ticks of a match's rate.
type Pace struct {
	Top    int32 // what nothing exceeds along an axis, units per tick
	Launch int32 // speed beyond its own with which a part is shot out
	Push   int32 // at most, by which parts that touch gain speed in a tick
	Second int32 // ticks
	Dead   int32 // ticks from being eaten to the return
	Shield int32 // ticks in which who has come can neither eat players nor be eaten
	Merge  int32 // ticks until parts may merge again
	start  int32 // units per tick of a blob of StartMass
}

// PaceAt returns the pace of a match of so many ticks per second. At rates far
// above 20 speeds lose precision, whole units per tick being coarse there.
func PaceAt(hz int32) Pace {
	return Pace{
		Top:    perTick(1260, hz),
		Launch: perTick(1100, hz),
		Push:   perTick(160, hz),
		Second: hz,
		Dead:   2 * hz,
		Shield: 2 * hz,
		Merge:  12 * hz,
		start:  perTick(600, hz),
	}
}

// perTick returns what a rate per second comes to in a tick, at least 1.
func perTick(perSecond, hz int32) int32 { return max(1, (perSecond+hz/2)/hz) }

// Speed is how fast a blob of some radius goes, in units per tick.
func (p *Pace) Speed(r int32) int32 { return max(1, p.start*320/(260+r)) }

// boosted is a speed while its blob boosts.
func boosted(speed int32) int32 { return speed * 7 / 4 }

// slower is what is left after a tick of the speed that a blob was pushed
// with: it lasts for some 0.4 s, and ends at 0.
func (p *Pace) slower(v int32) int32 { return v * max(0, 2*p.Second-5) / (2 * p.Second) }

// decay is what a blob loses in a second, the more the larger it is.
func decay(mass int32) int32 { return mass * (6 + mass>>9) >> 10 }

// boostCost is what a blob loses in a tick of boosting.
func (p *Pace) boostCost(mass int32) int32 { return max(1, mass/(20*p.Second)) }
