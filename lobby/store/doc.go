// Package store holds what is live: players, tickets, rooms and matches, in
// typed tables round go-memdb, which no other package imports.
//
// A public verb opens its transaction; the twin whose name ends in Txn takes
// one, so that a verb can be made of several. Rows are copied in and out and
// never changed in place. Reads see one snapshot and take no lock; writers
// wait for each other, some 30 µs each, so nothing here belongs on a tick.
package store
