// Package api is REST over the lobby and what belongs to it: login and accounts,
// tickets and matches, players among themselves, standing, what back ends do,
// health, and the door to the socket. gin is at home here and nowhere else.
//
// Everything is checked before it is used: how often an address may ask, and an
// account, how long a body is, that it is the JSON expected and nothing more,
// whose token it carries, and for the socket from which page it comes. Errors
// are application/problem+json with a stable code.
//
// What is answered is in openapi.yaml and the folder openapi, given out at
// /v1/openapi.json and as a page at /v1/docs. A new route is
//
//   - a line in routes, with the steps that a request passes first,
//   - a path in openapi.yaml, made mostly of the responses that are there,
//   - for what it alone refuses, a line in problem.go,
//   - a test that gets each of its answers.
//
// The tests say what of it is missing: they compare the routes with the document
// both ways, hold every answer they get to it, and want each answer that it
// lists to be got by one of them. Operations with a body or a path parameter
// meet odd input and the fuzzer without further ado.
package api
