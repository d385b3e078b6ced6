package protocol

import (
	"crypto/rand"
	"encoding/base32"
)

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

// IDText spells ids: lower case, no padding.
var IDText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// idLength is how many characters spell 128 bits.
const idLength = 26

// NewID returns an id that nobody can guess.
func NewID[S ~string]() S {
	var bits [16]byte
	rand.Read(bits[:]) // never fails
	return S(IDText.EncodeToString(bits[:]))
}

// ValidID says whether s has the form of an id.
func ValidID[S ~string](s S) bool {
	if len(s) != idLength {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
