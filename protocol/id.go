package protocol

// PlayerID names an account for as long as it lives: 26 characters of
// lower-case base32, made from 128 random bits. The zero value is nobody.
type PlayerID string

// MatchID names a match, in the same form as a [PlayerID].
type MatchID string

// A Player is who stands behind a connection, as login has established it.
type Player struct {
	ID   PlayerID
	Name string // for display: 1 to 24 characters, no control characters
	Game string // of those that a server hosts: players of different games never meet
}
