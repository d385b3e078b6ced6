// Package account knows who players are: accounts, the ways to log in to them,
// sessions and their tokens, roles, bans, and keys of back ends. It knows
// nothing of tickets, rooms or HTTP.
//
// One [Registry] serves several games, whose players never meet: every account,
// name, credential, token and signing key belongs to one [Game], and every verb
// names the game it is for.
//
// What is kept, each in a bucket of its own:
//
//	accounts   game/player       the account, its credentials among it: the truth
//	claims     hash of what      whose a username, a device or an identity is
//	families   game/player/slot  one login: hashes of its refresh tokens
//	intents    random            what is being done in several writes
//	notes      random            accounts and sessions to look at after a restart,
//	                             for access tokens of theirs were taken back
//	keys       game/number       keys that sign access tokens, sealed
//	services   game/id           hashes of the keys of back ends
//
// A bucket writes one key at a time, so each verb has one write that decides,
// that of the account or of the family; what was written before it counts for
// nothing without it, and is cleared away by [Registry.Sweep] and by [Open].
// A verb that fails half way has either happened or not.
//
// No secret is kept as it is: passwords as argon2id, random tokens as SHA-256
// (256 random bits need no slow hash), and what has to be read again, signing
// keys and device keys, sealed under Config.Secrets.
package account
