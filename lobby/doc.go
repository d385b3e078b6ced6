// Package lobby brings players together: tickets, grouping, lobby rooms, and the
// lease of a group to a match host. Who the players are is lobby/account's.
//
//	Enqueue ─► ticket waiting ─► group ─► forming: a room counts down
//	              ▲                          │ lease over the bus
//	              └── refused, unanswered ───┤
//	                                         ▼
//	                   placed: url, match, pass   ─► poll and socket are told
//
// The matchmaker goroutine alone groups; each room is a goroutine that owns
// the connections the hall hands it; everything they share is in the store.
// Lobby and match never know each other: they speak protocol messages over
// the bus.
package lobby
