// Package hooks tells a studio's servers what has happened: signed webhooks,
// in order for each endpoint, again and again until they are taken.
//
//	Emit ─► the game's stream ─► one courier for each endpoint ─► POST
//	                                  │ 2xx                │ anything else
//	                                  ▼                    ▼
//	                       its position is kept    waits longer and longer
//
// An event is delivered at least once and has the same id and the same bytes
// each time. A courier has one request under way at most and shares nothing
// with the others, so that an endpoint that hangs delays itself alone; how many
// endpoints there are bounds how many requests there are. WEBHOOKS.md in this
// folder is the studio's side of it.
package hooks
