// Package board ranks players and remembers their matches: leaderboards for
// each mode and season, and each player's latest matches.
//
// It is a fold of the results stream and nothing else: it reads no clock, no
// file and no network, so the same entries in the same order give the same
// boards, to the byte of their snapshot. One goroutine feeds it ([Boards.Apply]
// makes several wait for each other); any number read beside it.
//
//	Boards ── Ladder (game, mode) ── Board (season 7, open)
//	   │                         └── Board (season 6, frozen)
//	   └───── history: the latest matches of each player, all modes together
//
// A board is an order-statistic B+tree (see tree) below a read-write lock, and
// a map from players to their rows. Locks are held for microseconds. A
// snapshot freezes the trees in no time and is written while the feed goes on,
// which copies a node when it first changes it. Were the tree immutable, so
// that readers need no lock, each change would copy its path: among a million
// players that is 28 KB and twenty times the time (BenchmarkLeaderboard, Set
// and SetCopied).
package board
