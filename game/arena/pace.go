package arena

// A Pace is how fast things go, in units and ticks of a match's rate.
type Pace struct {
	Top      int32 // a runner's speed, units per tick
	Accel    int32 // gain of speed on each axis, units per tick per tick
	Friction int32 // loss of speed without a wish to run, or beyond Top
	Dash     int32 // speed that a dash begins with
	DashWait int32 // ticks from one dash to the next
	Bolt     int32 // speed of a blaster bolt
	BoltLife int32 // ticks that one flies
	BoltHead int32 // ticks that one may be ahead, to make up for lag
	FireWait int32 // ticks from one bolt to the next
	RailWait int32 // ticks from one rail shot to the next
	Dead     int32 // ticks from death to return
	Shield   int32 // ticks of protection after return
	Second   int32 // ticks
}

// PaceAt returns the pace of a match of so many ticks per second. Rates much
// above 60 lose precision, whole units per tick being coarse there.
func PaceAt(hz int32) Pace {
	return Pace{
		Top:      perTick(1020, hz),
		Accel:    perTick(perTick(9000*16, hz), 16*hz),
		Friction: perTick(perTick(7200*16, hz), 16*hz),
		Dash:     perTick(3000, hz),
		DashWait: ticks(2500, hz),
		Bolt:     perTick(3450, hz),
		BoltLife: ticks(1200, hz),
		BoltHead: 100 * hz / 1000,
		FireWait: ticks(233, hz),
		RailWait: ticks(2000, hz),
		Dead:     ticks(1500, hz),
		Shield:   ticks(1500, hz),
		Second:   hz,
	}
}

// perTick returns what a rate per second comes to in a tick, at least 1.
func perTick(perSecond, hz int32) int32 { return max(1, (perSecond+hz>>1)/hz) }

// ticks returns how many ticks some milliseconds are, at least 1.
func ticks(ms, hz int32) int32 { return max(1, (ms*hz+500)/1000) }

// Sizes and strengths that do not depend on the rate.
const (
	Cell         = 128 // units; 1 m
	PlayerRadius = 48
	AimSlack     = 3 // 256ths that the shown aim may be off
	BoltRadius   = 14
	RailRadius   = 6
	RailReach    = 64 * Cell
	PickupReach  = 72 // between the centres of player and pickup
	MarkSeconds  = 4  // that a mark is shown to mates

	FullHealth    = 100 // on return, and as far as a health pack heals
	MaxHealth     = 150
	HealthPack    = 35
	MegaHealth    = 75
	StartAmmo     = 40
	MaxAmmo       = 80
	AmmoBox       = 25
	BlasterDamage = 20
	RailDamage    = 55
)

// backAfter is how many seconds a pickup is gone, by kind.
var backAfter = [...]int32{KindHealth: 12, KindAmmo: 10, KindMega: 30}
