// Package rooms has the rooms that players make: they gather, choose what to
// play, and play it, again and again, with the same people.
//
//	hall ── RoomCreate, RoomJoin ─► hub ─► room: a goroutine that owns the
//	  ▲                                    connections of its members
//	  │                                      │ all ready, the host starts, it counts down
//	  │                                      ▼
//	  └───── the match is over ◄── match ◄── Launch: each has a pass
//
// A member stays one while the connection is in a match, and for a while after
// it was lost: the hub knows where a player belongs, and the hall sends whoever
// comes back there. What a room is, and what its members may do, is a [table],
// which knows no connection. The list of public rooms is kept by one goroutine,
// which sends those who watch what has changed.
package rooms
