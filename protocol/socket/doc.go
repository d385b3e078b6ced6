// Package socket is a player's WebSocket connection, read and written on the
// beat of whoever owns it.
//
// A [Conn] belongs to exactly one goroutine at a time: the [Hall], a lobby
// room or a match. On each of its ticks the owner calls [Conn.Read], which
// hands it what has come since the last one, and [Conn.Flush], which writes
// what it has gathered, with one system call each. No goroutine waits for a
// connection and none of its methods blocks or locks, so whatever one client
// does, or fails to do, costs its owner no time.
//
//	owner      Read ─► Message…        Frame, Send ─► Flush
//	             │        ▲                              │
//	gws          │     parses, a coroutine               │  headers are ours
//	tls.Conn     ▼        │ (under TLS)                  ▼
//	link       one read when the parser wants    one write of all there is
//	line       a raw descriptor, or the pump: an ordinary net.Conn
//
// gws parses what is not a short frame, whole: its ReadLoop is a coroutine that
// is resumed when bytes have come and parks when it wants more. gws writes
// nothing after the handshake; frames, pongs and close frames are made here, so
// that nothing of its can block.
//
// Where no raw descriptor is to be had (other systems, net.Pipe in tests, TLS
// that did not come through [Listen]) the same Conn runs over the pump, which
// is slower and has two goroutines; its owner sees no difference.
package socket
