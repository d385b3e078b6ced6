package lobby

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"

	"github.com/musterhq/muster/lobby/store"
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

// newTicketID is newID, but for the first 48 bits, which are the time in ms:
// tickets that come together lie together in the store, where each then costs
// half as much. Nothing is opened by knowing it.
func newTicketID(now time.Time) store.TicketID {
	var bits [16]byte
	rand.Read(bits[:])
	ms := uint64(now.UnixMilli())<<16 | uint64(bits[6])<<8 | uint64(bits[7])
	binary.BigEndian.PutUint64(bits[:], ms)
	return store.TicketID(idText.EncodeToString(bits[:]))
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
