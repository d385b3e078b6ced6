// Package api is REST over the lobby: login, modes, tickets, health, and the
// door to the socket. gin is at home here and nowhere else.
//
// Everything is checked before it is used: how often an address may ask, how
// long a body is, that it is the JSON expected and nothing more, whose token
// it carries, and for the socket from which page it comes. Errors are
// application/problem+json with a stable code.
package api
