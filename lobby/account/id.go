package account

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/musterhq/muster/protocol"
)

// A Game names one of the games that a server hosts: 1 to 32 small letters,
// digits and dashes.
type Game string

// A Ref names an account.
type Ref struct {
	Game   Game
	Player protocol.PlayerID
}

// key is under which an account is kept. A player id of another form than ours
// becomes the key of nobody.
func (r Ref) key() string {
	if !protocol.ValidID(r.Player) || !r.Game.valid() {
		return "nobody"
	}
	return string(r.Game) + "/" + string(r.Player)
}

func (g Game) valid() bool {
	for _, c := range []byte(g) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return len(g) >= 1 && len(g) <= 32
}

// secretText spells random bytes in tokens.
var secretText = base64.RawURLEncoding.Strict()

// random returns n bytes that nobody can guess.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}

func randomText(n int) string { return secretText.EncodeToString(random(n)) }
