package rooms

import (
	"crypto/rand"
	"strings"
)

// codeLetters leave out what is mistaken for another when read or said: there
// are 31 of them, so that six make 887 million codes.
const codeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

const codeLength = 6

// newCode returns a random code.
func newCode() string {
	code := make([]byte, 0, codeLength)
	var b [1]byte
	for len(code) < codeLength {
		rand.Read(b[:]) // never fails
		if i := int(b[0]) % 32; i < len(codeLetters) {
			code = append(code, codeLetters[i])
		}
	}
	return string(code)
}

// cleanCode is a code as somebody may have typed it.
func cleanCode(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
