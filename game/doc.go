// Package game is what a game is to Muster: the [Rules] a studio writes, the
// [Schema] of what players are shown, the [World] the rules act in, and
// immutable snapshots of it with the deltas between them.
//
// A match is a pure function of its record. The rules get nothing but a seed,
// who joins and leaves, and each tick's inputs; all state is int32 columns
// and whatever the rules save beside them; a [Sim] steps it. So the same
// record gives the same match, bit for bit, on any machine: to replay it, to
// check it, to finish it elsewhere. Nothing here, nor in any package below,
// may use a float, a clock, I/O, a goroutine or the order of a map; chance
// comes from [World.Rand] only.
//
// What the rules write into the tables is what is sent, what a client
// predicts and what a replay holds. See [Delta] for how little of it is sent.
package game
