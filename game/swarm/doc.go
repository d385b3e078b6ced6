// Package swarm is the game for many: up to a thousand players in one world,
// each of whom sees its surroundings. Eat pellets to grow, eat those who are
// smaller, flee from those who are larger; split to catch, boost to get away.
// Who has had the most mass when the round ends wins. Players come and go all
// the time, and the world is as large as they are many.
//
// # Units
//
// A position is in units, x to the right and y down, on a plane of [World] by
// World. A player sees what lies within [Sight] of its eye; a screen of 2400 by
// 1350 units has all that is on it. Directions are in 256ths of a
// turn: 0 is right, 64 down, 128 left. Deadlines are ticks. The numbers of
// [PaceAt] scale with the rate; at 20 Hz:
//
//	blob     of mass 225 to begin with and 16384 at most; its radius is 4 times
//	         the root of its mass: 60 to 512
//	run      30 units a tick (600 a second) at radius 60, less the larger:
//	         30 * 320 / (260 + r); nothing moves more than 63 a tick
//	boost    7/4 of the speed, for a 400th of the mass a tick, down to 140
//	eat      whom one has 5/4 of the mass of, and covers but for a third of its
//	         radius
//	split    each blob of 450 or more shoots half of it ahead, up to 4 blobs;
//	         12 s later those that touch may become one again
//	pellet   14 mass; those that were eaten come back elsewhere
//	spike    bursts a blob of 1000 or more that comes over its middle into as
//	         many as its player can have; smaller ones hide under it
//	decay    0.6 % a second, the largest 3.7 %
//	death    2 s, then 2 s in which one neither eats players nor is eaten
//
// # The zone
//
// The game is in a square in the middle of the plane, for each player of an
// area of 1,141,899, that is some 1069 by 1069, but at least 6144 wide. It widens as
// players come; when they go, its walls come closer, 16 units each 4 ticks.
//
// # Tables
//
//	blobs    to those who see them; seat s has the rows 4s to 4s+3
//	         x y r     middle and radius
//	pellets  to those who see them
//	         x y
//	spikes   to those who see them; of radius SpikeRadius
//	         x y
//	zone     to all; one row
//	         side      of the zone; its left and upper edges are (World-side)/2
//	         end       last tick of the round
//	leaders  to all; those with the most mass, once a second, best first
//	         seat mass
//	own      to its seat alone
//	         x y       its eye: follows the middle of its blobs to within 96
//	         rank      from 1, once a second
//	         back      it was eaten, and comes back at this tick; else 0
//	         killer    1 + the seat that ate it, while it is gone
//	         merge     its blobs may become one from this tick on
//	bodies   to nobody; mass, and the speed that a blob was pushed with
//	players  to nobody; by seat: blobs, buttons held, deadline of the shield, and
//	         the most mass it has had
//
// # Inputs
//
//	aim       0..255, where to go
//	throttle  0..8 eighths of the speed
//	buttons   ButtonSplit (when it is pressed) | ButtonBoost (as long as it is)
//
// # Events
//
//	fell     by who           one of the ten leaders was eaten
//
// # Modes
//
// See [Modes]. In mode swarm bots play as many of the first seats as have no
// players, so that whoever comes first is not alone; players who come later take
// those seats, then free ones. Whoever makes a match chooses how many seconds
// its round takes: the option round.
package swarm
