// Package career is what becomes of players by the results of their matches:
// ratings, leaderboards and histories.
//
// The results stream is the truth, and everything else is a fold of it: the
// same results in the same order give the same ratings and boards. So a result
// is one write, which has happened or has not; and a [Career] is made anew at
// each start, of the stream, or of a snapshot of the fold and what came after
// (BenchmarkOpen).
//
//	match host ─► Finish ─► results stream ─► fold ─┬► ratings (lobby/rating)
//	                 ▲                              ├► boards and histories (lobby/board)
//	                 └── answers when applied ──────┘
//
// Who was told of a result finds it in every answer from then on.
package career
