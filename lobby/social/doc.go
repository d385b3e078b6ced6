// Package social is what players are to each other outside of rooms and
// matches: parties, friends, presence, blocks, and what they say.
//
//	a verb (REST) ─► commit: store (parties) or bucket (ties, blocks, mutes)
//	                   │
//	                   ├─► circle: who is here, with their rows ─► once a beat: Presence
//	                   └─► Party, whole, to everyone whom the change concerns
//	Say, SetPresence, Enter (the hall) ─► desk ─► one worker, in the order of each player
//
// Nothing that is told is needed: [Social.Greet] gives whoever comes into the
// hall the whole of it. Every verb is told of whom it is, with the game, and
// never finds anybody of another game.
//
// # Two rows, one truth
//
// A tie between two players stands in the row of each, and a bucket writes one
// row at a time. So each verb
//
//  1. decides, in the row of who does it, where the tie is marked as owed,
//  2. has the other's row follow,
//  3. settles: writes down in its own row what has come of it, and that nothing
//     is owed any more.
//
// A crash before 1 has done nothing; one between 1 and 3 leaves an owed tie,
// which is paid, 2 and 3 again, by the next verb between the two, when its
// player comes, and when [Social.Run] begins. Step 2 done twice is as done once.
//
// # Who is blocked
//
// He gets the answers that he would get of somebody who does not answer: his
// request stays open, his invitation is seen by his own party alone, his
// whispers are not refused. The one who blocks is not his friend any more, so
// that he sees nothing of his presence.
package social
