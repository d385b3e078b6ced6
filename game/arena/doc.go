// Package arena is the reference game: a fast top-down shooter for 1 to 16
// players, in bench modes for any number. Run, dash, lead with the blaster,
// strike with the rail, hold the mega health in the middle; most frags when
// the round ends wins.
//
// # Units
//
// A position is in 1/128 m, x to the right and y down; a map cell is 1 m, 128
// units. A velocity is in units per tick, whole numbers, so that whoever moves
// steadily costs nothing on the wire. Directions are in 256ths of a turn: 0 is
// right, 64 down, 128 left. Deadlines are ticks. The numbers of [PaceAt] scale
// with the rate; at 30 Hz:
//
//	run      34 units a tick (8 m/s) at most, +10 a tick on each axis, -8
//	         without a wish to run; radius 48
//	dash     begins at 100 units a tick and falls by 8 to a run; every 75 ticks
//	blaster  115 units a tick for 36 ticks, every 7 ticks, 20 damage, 1 ammo
//	rail     at once and through players, 64 m, every 60 ticks, 55 damage
//	death    45 ticks, then 45 ticks of protection, 100 hp and 40 ammo
//	pickups  health +35 to 100, ammo +25 to 80, mega +75 to 150
//
// # Tables
//
//	players  to all; row = seat while it is taken
//	         x y       position
//	         aim       about where it looks, within AimSlack, to draw it by;
//	                   unwrapped, so that a turn past 0 is small: use aim & 255
//	         hp        0 dead, else 1..MaxHealth
//	         frags deaths
//	         until     dead: comes back at this tick; alive: cannot be hurt
//	                   before this tick (firing ends that)
//	match    to all; one row
//	         end       last tick of the round
//	         limit     frags that end it early, 0 none
//	         map       number of the map in maps.txt, from 0
//	         across down   how many copies of it lie side by side
//	pickups  to all; rows in reading order of the map
//	         back      there to be taken from this tick on
//	         x y kind  see the Kind constants
//	shots    to all; written once, at spawn
//	         x y       where it was at tick born
//	         aim       its direction, 0..255
//	         owner     seat
//	         kind      WeaponBlaster
//	         born      tick; may lie some ticks before it appeared, which makes
//	                   up for a part of its owner's lag
//	own      to its seat alone; all a client needs to predict itself
//	         vx vy     velocity
//	         dash fire rail   the tick from which each can be used again
//	         ammo      blaster bolts left
//	scores   to nobody; frags and deaths of seats that were left
//
// Where there are teams, also
//
//	teams    to all; a row a team
//	         frags     of all who play or played in it
//	mates    to the team alone; row = seat while it is taken
//	         ammo rail of that player's own
//	         mark      until this tick the player shows its mates
//	         x y on    a place, and the seat + 1 of the enemy there, or 0
//
// A shot is at x + (Cos(aim)*Pace.Bolt*age + 8192)>>14 at age = tick - born,
// y likewise with Sin, until a wall ends it. A row that vanishes has hit
// something, or is out of reach.
//
// # Modes
//
// A round takes five minutes. The duel is shorter: it ends at ten frags, or
// after three minutes.
//
// Whoever makes a match chooses its map, how many seconds
// its round takes, and how many frags end it: the options map, round and frags.
//
// With [Options.Teams] the seats are in teams of equal size, the first of them
// in team 1, which comes in on the left of the map. Bolts and beams go through
// mates and do them no harm. The team with most frags wins, and the option frags
// is about the team's.
//
// See [Modes] and [NewMode]. A mode of more than 16 seats plays on several
// copies of its map, side by side: cell x, y is that at x%width, y%height of the
// text, and a gate (+) is a wall only at the outer rim.
//
// # Inputs
//
//	move     0 stand; 1..16 run in direction (move-1)*16
//	aim      0..255
//	buttons  ButtonFire | ButtonRail | ButtonDash, each as long as it is held;
//	         with teams ButtonMark shows mates what lies ahead
//
// # Events
//
//	hit      by on damage
//	kill     by on weapon
//	rail     by x y ray     a beam from x, y; ray & 255 is its direction and
//	                        ray >> 8 its length
//	pickup   by slot        slot is a row of pickups
//	dash     by
//	spawn    seat           came in, or back
//
// # Prediction
//
// [Move] is the whole of a player's own movement. A client repeats it bit for
// bit: it uses + - * / % >> & on int32 that do not overflow and divides only
// what is not negative; testdata/move.json holds runs to compare with. At each
// tick a player moves by its input first; shots and fire come after.
package arena
