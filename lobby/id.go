package lobby

import (
	"crypto/rand"
	"encoding/base32"
)

// idText spells ids: lower case, no padding.
var idText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const idLength = 26

// newID returns 128 random bits as 26 characters.
func newID[S ~string]() S {
	var bits [16]byte
	rand.Read(bits[:]) // never fails
	return S(idText.EncodeToString(bits[:]))
}

// validID says whether s could have come from newID.
func validID[S ~string](s S) bool {
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
