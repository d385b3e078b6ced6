// Package protocol is what goes over the wire: every message and its bytes.
//
// One WebSocket binary message is either hot or control. A hot message is
// made of consecutive msgpack values: from the server a [Head], a body (see
// [AppendBody]) and event segments; from a client one [Input]. A control
// message is one msgpack array whose first element, its [Type], is negative;
// the first element of a hot message never is. PROTOCOL.md in this folder is
// the whole contract, for writers of clients in other languages; the golden
// vectors in testdata are its promise.
//
// The hot path is written by append functions and read by hand: it allocates
// nothing and checks every length, range and count before it is used. Control
// messages go through msgpack's encoder.
package protocol
