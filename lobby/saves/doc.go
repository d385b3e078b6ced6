// Package saves keeps a player's save data: small values under keys, each with
// a version, all of them within a quota.
//
// One index for each player says what there is; the values are beside it, as
// blobs that are written once and never changed. So a save is
//
//	index: a blob is coming ─► the blob ─► index: the key has the blob, quota checked
//
// and it has happened with the last of these writes or not at all. Every blob
// there is stands in its index, as coming, in use or gone: what a crash leaves
// behind is found there by who writes next.
package saves
