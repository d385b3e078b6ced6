// Package match runs matches. One goroutine owns one match and every
// connection in it. On each tick, in this order, it reads what the clients
// have sent, lets the rules step, freezes the snapshot, encodes what changed
// once for all who stand at the same base, keeps the record, and writes to
// each client once. In steady state that allocates nothing and takes no lock.
//
//	host.go     takes leases from the bus and watches over the matches
//	match.go    the match and its beat
//	pace.go     when the next beat is due
//	seat.go     a place in the match, and the inputs that wait there
//	roster.go   who sits where, and who is told
//	client.go   a connection at its seat: what it was sent, what it has seen
//	ladder.go   how often a client is written to that cannot keep up
//	admit.go    coming and going
//	backfill.go seats for those who join a match that runs
//	order.go    what others want of a match: to know of it, to kick, to end it
//	frames.go   the bytes of a tick, shared by all at the same base
//	interest.go what a client is told of what lies near its eye
//	spectate.go who watches without a seat
//	stands.go   the match as it was a while ago, for those who watch it then
//	record.go   what Step was given, and how to run it again
//	watchdog.go for rules that never return
package match
